"""Attacks by what a notebook shows or a folder holds: a report stays text, and runs nothing.

The labels a13 and a14 are those of the attacks that were tried on the bare stack.
"""

import os
import pickle
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from finished import report as finished
from nbformat import v4
from tiny import Write

from workbench.run import html, report
from workbench.run.changes import changes
from workbench.run.deliver import write_formats

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"
RENDERERS = ("default", "html", "svg", "png", "json")
CHART = f"""
import altair as alt
chart = alt.Chart(alt.Data(values=[{{"who": {HOSTILE!r}, "n": 1}}]), title={HOSTILE!r})
chart = chart.mark_bar().encode(x="n:Q", y="who:N")
alt.renderers.enable(%r)
chart
"""


def page(*cells: Any) -> str:
    """Return the page of a notebook with these cells after its title."""
    node = v4.new_notebook(cells=[v4.new_markdown_cell("# Tiny"), *cells])
    return html.export(node, title="Tiny", facts={})


def shown(**data: Any) -> Any:
    """Return a code cell that showed this."""
    return v4.new_code_cell(outputs=[v4.new_output("display_data", data)])


def policy(text: str) -> str:
    """Return a page's own policy."""
    return unescape(text.partition('Content-Security-Policy" content="')[2].partition('"')[0])


def scripts(text: str) -> int:
    """Return how many scripts a page has beyond those that its policy names, which alone run."""
    allowed = policy(text).count("'sha256-")
    running = re.findall(r"<script(?![^>]*application/(?:json|gzip))[^>]*>", text)
    return len(running) - allowed


@pytest.mark.parametrize(
    "kind",
    [
        "application/javascript",
        "text/vnd.mermaid",
        "text/markdown",
        "text/plain",
        "text/latex",
        "application/vnd.jupyter.widget-view+json",
        "application/pdf",
        "image/svg+xml",
    ],
)
def test_a13_what_a_cell_shows_never_becomes_markup(kind: str) -> None:
    """Of whatever kind an output says it is: its text is escaped, or left out."""
    text = page(shown(**{kind: HOSTILE, "text/plain": "something"}))
    assert HOSTILE not in text
    assert "<img src=x" not in text
    assert scripts(text) == 0


def test_a13_markup_of_a_table_can_ask_for_nothing_and_run_nothing() -> None:
    """A library's own HTML stands in the page, whose policy lets no script of it run."""
    text = page(shown(**{"text/html": f"<p>Table</p>{HOSTILE}"}))
    assert "default-src 'none'; script-src 'sha256-" in policy(text)
    assert "img-src data:;" in policy(text)
    assert "unsafe" not in policy(text).partition("style-src")[0]


def test_a13_a_report_takes_in_no_file_of_the_machine(tmp_path: Path) -> None:
    """A picture by its path stays a link that the policy does not follow."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG secret of the machine")
    text = page(v4.new_markdown_cell(f"![here]({secret})\n\n![there](file://{secret})"))
    assert "iVBORw0KGgo" not in text
    assert "c2VjcmV0IG9mIHRoZSBtYWNoaW5l" not in text
    assert "secret of the machine" not in text


class Trap:
    """What leaves a file behind when it is read as a pickle."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        """Have a folder made by whoever reads this."""
        return os.mkdir, (str(self.mark),)


def test_a13_a_pickle_in_a_reports_folder_is_not_read(tmp_path: Path) -> None:
    """Put in the place of a table, it is a fault of that report, and does nothing."""
    mark = tmp_path / "taken"
    for name in ("now", "before"):
        made = finished(tmp_path / name, {"levels": pl.DataFrame({"a": [1]})})
        (tmp_path / name / "tables" / "levels.parquet").write_bytes(pickle.dumps(Trap(mark)))
    faults = write_formats(tmp_path / "now", made, ("xlsx",))
    assert faults[0].startswith("Tiny baskets could not be made as xlsx: ")
    with pytest.raises(Exception, match=r"parquet|magic|PAR1"):
        changes(tmp_path / "now", tmp_path / "before")
    assert not mark.exists()


@pytest.mark.usefixtures("project")
def test_a14_any_renderer_of_charts_makes_a_report_that_needs_no_network(write: Write) -> None:
    """Whichever a notebook chooses, the run ends well; what asks for a library or runs is shut off.

    Scripts that a renderer leaves, and those that a name in the data becomes in one of them, are
    not of those that the policy names; nothing may be requested.
    """
    write("tiny", *[CHART % name for name in RENDERERS])
    made = report.run("tiny")
    assert (made.status, made.error) == ("done", None)
    text = (report.place("tiny") / "report.html").read_text(encoding="utf-8")
    named = re.findall(r"'sha256-([\w+/=]+)'", policy(text))
    ran = [
        body
        for body in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        if b64encode(sha256(body.encode()).digest()).decode() in named
    ]
    assert len(ran) == len(named) == 1
    assert HOSTILE not in ran[0]
    assert "http" not in policy(text)
    assert text.count("data:image/") == 2  # of the two renderers that make pictures


@pytest.mark.usefixtures("project")
def test_a14_a_renderer_that_no_notebook_can_hold_is_told_of(write: Write) -> None:
    """The run has failed and says why in a sentence; whatever it was to show is in no page."""
    write("tiny", CHART % "mimetype")
    made = report.run("tiny")
    assert made.status == "failed"
    assert "such as a chart after alt.renderers.enable('mimetype')" in str(made.error)
    assert not (report.place("tiny") / "report.html").exists()
