"""Attacks by what a notebook shows or a folder holds: a report stays text, and runs nothing.

What is personal in a retailer's files is in nothing that is shown, sent or logged.

The labels a13 and a14 are those of the attacks that were tried on the bare stack.
"""

import datetime as dt
import json
import os
import pickle
import re
import shutil
import zlib
from base64 import b64encode
from email import message_from_bytes
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl
import pytest
from finished import report as finished
from mailserver import receiving
from nbformat import v4
from tiny import Write

from workbench.door import corner
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.run import html, index, pack, report
from workbench.run.changes import changes
from workbench.run.deliver import deliver, write_formats

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


MAIL, PHONE, CARD = "ann.oneil@mail.example", "+33 1 99 00 11 22", "4111 1111 1111 1111"
PLANTED = (MAIL, PHONE, CARD)
REFUSED = f"""13,12,{MAIL},N,2026-02-30 09:00:00,1,2.00,0.00
14,12,milk,N,2026-02-20 09:00:00,1,{MAIL},0.00
15,12,milk,N,2026-02-20 09:00:00,1,{PHONE},0.00
16,12,milk,N,{CARD},1,2.00,0.00
17,12,{CARD},{PHONE}
"""
PEOPLE = f"card,name,mail,tel\n12,{CARD},{MAIL},{PHONE}\n31,Bob,bob@mail.example,\nx,{MAIL}\n"
TABLES = """\
  people:
    file: people.csv
    reject: 1
    columns: {customer: card, first_name: name, email: mail, phone: tel}
"""
SHARED = """
notebooks: [data_health]
formats: [html, pdf, xlsx, pptx]
to: {folder: shared, mail: [eve@shop.example]}
owner: crm@shop.example
"""


def printed(pdf: bytes) -> str:
    """Return the text of a PDF by Chromium, read once with the letters of each of its fonts."""
    packed = re.findall(rb"stream\r?\n(x.*?)endstream", pdf, re.DOTALL)
    parts = [zlib.decompressobj().decompress(one).decode("latin-1") for one in packed]
    drawn = "".join(re.findall(r"<([0-9A-F]+)> Tj", "".join(parts)))
    codes = [drawn[at : at + 4] for at in range(0, len(drawn), 4)]
    fonts = [letters(part) for part in parts if "begincmap" in part]
    return "\n".join("".join(font.get(code, "") for code in codes) for font in fonts)


def letters(font: str) -> dict[str, str]:
    """Return which letter each code of a PDF's font is, told one by one or as a run of them."""
    found = {}
    told = r"^<(\w{4})> <(\w{4})>(?: <(\w{4})>)?$"
    for first, last, letter in re.findall(told, font, re.MULTILINE):
        start, end = int(first, 16), int(last if letter else first, 16)
        for code in range(start, end + 1):
            found[f"{code:04X}"] = chr(int(letter or last, 16) + code - start)
    return found


def text_of(path: Path) -> str:
    """Return all text in a file: unpacked, decoded, printed or from its columns."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        return pl.read_parquet(path).select(pl.all().cast(pl.String, strict=False)).write_csv()
    if path.suffix == ".pdf":
        return printed(content)
    if path.suffix in (".xlsx", ".pptx"):
        with ZipFile(path) as book:
            inside = b"".join(map(book.read, book.namelist()))
        return unescape(inside.decode("utf-8", "replace"))
    return unescape(content.decode("utf-8", "replace"))


def holds(text: str, planted: str) -> bool:
    """Say whether a text holds what was planted, however its words are set apart."""
    return "".join(planted.split()).lower() in re.sub(r"\s|%20|\\+u0020", "", text).lower()


def test_what_is_personal_is_in_no_report_export_mail_log_or_journal(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An address, a telephone and a card number, among people and in refused receipt lines.

    They are in the table of people alone; the same search finds them there.
    """
    home = project / "home"
    mapping = corner.deliver(
        project / "delivery",
        receipts=corner.RECEIPTS + REFUSED,
        mapping=corner.MAPPING.replace("receipts.csv", "receipts.csv\n    reject: 1") + TABLES,
    )
    (mapping.parent / "people.csv").write_text(PEOPLE, encoding="utf-8")
    ingest([mapping.parent], Mapping.read(mapping), home)
    notebook = Path(__file__).parents[2] / "notebooks" / "data_health.ipynb"
    shutil.copy(notebook, project / "notebooks")
    (project / "reports" / "shared.yaml").write_text(SHARED, encoding="utf-8")
    with receiving() as inbox:
        told = {"host": "127.0.0.1", "port": inbox.port, "security": "none", "sender": "c@x.test"}
        (home / "mail.yaml").write_text(json.dumps(told), encoding="utf-8")
        made = pack.run_pack("shared", jobs=1)
        assert made.good, str(made)
        assert deliver(made, dt.date(2026, 3, 2)) == []
    index.write_history(home)

    parts = message_from_bytes(inbox.messages[0].encode()).walk()
    mail = "".join((one.get_payload(decode=True) or b"").decode("latin-1") for one in parts)
    texts = {path: text_of(path) for path in home.rglob("*") if path.is_file()}
    people = {path for path in texts if "people" in path.parts and path.suffix == ".parquet"}
    assert all(any(holds(texts[path], one) for path in people) for one in PLANTED)
    shown = {**texts, Path("mail"): mail, Path("log"): "".join(capfd.readouterr())}
    held = [(path, one) for path, text in shown.items() for one in PLANTED if holds(text, one)]
    assert [one for one in held if one[0] not in people] == []
    for kind in ("html", "pdf", "xlsx"):
        assert "•••" in texts[made.index.parent / "data_health" / f"report.{kind}"]
