"""Packs: reports that belong together, none of which stops the others."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from tiny import PARAMETERS, TABLE, Write, page, refuse, waited

from workbench.run import catalogue, index, pack, params
from workbench.run.changes import Changes
from workbench.run.due import WEEKDAYS
from workbench.run.pack import Item, PackError

DEMO = """
title: Monday <pack>
question: How did it go?
for: everybody
notebooks:
  - tiny
  - notebook: segments/tiny
    parameters: {bands: 007, note: no}
  - notebook: broken
  - notebook: tiny
    parameters: {bands: 99}
"""


IMPORTS = (
    "import polars as pl\nfrom workbench.kinds import Choice, Int\n"
    "from workbench.run.due import WEEKDAYS\nfrom workbench.show import finding"
)
CHOICE = 'bands: Int[3, 10] = 5  # scores\nday: Choice[WEEKDAYS] = "Monday"  # which'
SAYS = "finding(f'Sold on {day}')"


def written(project: Path, text: str) -> str:
    """Write a pack into the project and return its name."""
    (project / "reports" / "monday.yaml").write_text(text, encoding="utf-8")
    return "monday"


def test_a_pack_reads_every_value_as_text(project: Path) -> None:
    """Zeros in front, times and the word no reach the notebook as written."""
    found = pack.find(written(project, DEMO))
    assert (found.title, found.audience) == ("Monday <pack>", "everybody")
    assert found.items[:2] == (
        Item("tiny", {}),
        Item("segments/tiny", {"bands": "007", "note": "no"}),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: x", "needs a title and a list"),
        ("- tiny", "needs a title and a list"),
        ("notebooks: [[tiny]]", "neither a notebook's name"),
        ("notebooks: [{notebook: tiny, params: {}}]", "neither a notebook's name"),
        (
            "notebooks: [tiny]\nmail: me",
            "'mail' is unknown; allowed: alerts, for",
        ),
        ("notebooks: [tiny]\nwhen: now", "monday.yaml: `when` says nothing; it needs at"),
        ("notebooks: [tiny]\nkeep: all", "monday.yaml: keep: 'all'; allowed: such as 12 runs"),
        ("notebooks: [tiny]\nformats: [doc]", "monday.yaml: formats: 'doc' is unknown"),
        ("notebooks: [{notebook: tiny, each: bands}]", "and `each:` one parameter"),
        ("notebooks: [", "not readable YAML"),
        ("!!python/object/apply:os.system [ls]", "needs a title and a list"),
    ],
)
def test_a_pack_that_cannot_be_used_says_why(project: Path, text: str, said: str) -> None:
    """A fault in the file is an error that names it, and no tag of YAML builds anything."""
    with pytest.raises(PackError, match=said):
        pack.find(written(project, text))


def test_an_unknown_pack_says_what_there_is(project: Path) -> None:
    """A wrong name gets the nearest one, and no name leads outside the folder."""
    written(project, DEMO)
    with pytest.raises(PackError, match="did you mean 'monday'"):
        pack.find("munday")
    with pytest.raises(PackError, match="there are: monday"):
        pack.find("../pyproject")


def test_a_pack_makes_what_it_can(project: Path, write: Write) -> None:
    """Good reports are made, bad ones listed with their reason, and all are on the page."""
    write("tiny", TABLE, parameters=PARAMETERS)
    write("segments/tiny", TABLE, parameters=PARAMETERS)
    write("broken", "raise ZeroDivisionError('<script>')")
    name, steps = written(project, DEMO), []
    cache = project / "home" / "cache"
    (cache / "answers-999999999").mkdir(parents=True)  # of a pack that was killed
    made = pack.run_pack(
        name, jobs=2, data_version="v1", export=page, progress=lambda *step: steps.append(step)
    )
    assert [(r.good, r.kept) for r in made.results] == [
        (True, False),
        (True, False),
        (False, False),
        (False, False),
    ]
    assert not made.good
    assert made.index == project / "home" / "packs" / "monday" / "index.html"
    assert "99 is out of range" in str(made.results[3].error)
    assert [done for done, _, _ in steps] == [0, 1, 2, 3, 4]
    assert not list(cache.glob("answers-*"))

    text = made.index.read_text(encoding="utf-8")
    links = re.findall(r'<h2><a href="([^"]+)"', text)
    assert len(links) == 2
    assert all((made.index.parent / link).exists() for link in links)
    assert "Monday &lt;pack&gt;" in text
    assert "<script>" not in text

    again = pack.run_pack(name, jobs=1, data_version="v1", export=refuse)
    assert [(r.good, r.kept) for r in again.results][:2] == [(True, True), (True, True)]
    assert "up to date" in pack.how(again.results[0])


def test_a_report_over_its_limits_is_listed_and_stops_no_other(project: Path, write: Write) -> None:
    """One that takes too much memory is told with the limit; the small one is made."""
    write("tiny", TABLE, parameters=PARAMETERS)
    write("greedy", "held = bytearray(900_000_000)\nimport time\ntime.sleep(20)")
    name = written(project, "title: Two\nnotebooks: [tiny, greedy]")
    made = pack.run_pack(name, jobs=1, data_version="v1", memory=600, export=page)
    assert [result.good for result in made.results] == [True, False]
    assert "limit of 600 MB" in str(made.results[1].error)


def test_a_pack_never_holds_the_card_of_a_single_customer(project: Path, write: Write) -> None:
    """A notebook that says it is private is refused by name, however the pack spells it."""
    path = write("customers/card", TABLE, parameters=PARAMETERS)
    node = nbformat.read(path, as_version=4)
    node.metadata["workbench"] = {"private": True}
    nbformat.write(node, path)
    write("tiny", TABLE, parameters=PARAMETERS)
    for spelling in ("customers/card", "card", "customers/card.ipynb"):
        name = written(project, f"title: x\nnotebooks: [tiny, {spelling}]")
        with pytest.raises(PackError, match="customers/card shows a single customer and is never"):
            pack.run_pack(name, data_version="v1", export=page)
    assert not (project / "home" / "packs").exists()


def test_a_report_for_each_value_of_a_parameter(project: Path, write: Write) -> None:
    """All options of a choice, or those of a list; what has no options needs a list."""
    write("tiny", parameters=CHOICE, imports=IMPORTS)
    text = """
notebooks:
  - {notebook: tiny, each: {day: all}}
  - {notebook: tiny, parameters: {day: Sunday}, each: {bands: [3, 04]}}
  - {notebook: nosuch, each: {day: all}}
"""
    reports = pack.find(written(project, text)).reports()
    assert [(item.label, dict(item.parameters)) for item in reports] == [
        *((day, {"day": day}) for day in WEEKDAYS),
        ("Sunday, 3", {"day": "Sunday", "bands": "3"}),
        ("Sunday, 04", {"day": "Sunday", "bands": "04"}),
        ("all", {"day": "all"}),
    ]
    name = written(project, "notebooks: [{notebook: tiny, each: {bands: all}}]")
    with pytest.raises(PackError, match="bands has no options; list its values instead of all"):
        pack.find(name).reports()


def test_a_page_has_the_reports_of_one_notebook_together(project: Path, write: Write) -> None:
    """Each under its value, said once, with the first that it alone says, or why there is none."""
    write(
        "tiny",
        "finding('All alike')",
        "finding(f'{day}: sold out')",
        parameters=CHOICE,
        imports=IMPORTS,
    )
    name = written(
        project, "notebooks: [{notebook: tiny, each: {day: [Sunday, Monday, Doomsday]}}]"
    )
    made = pack.run_pack(name, data_version="v1", export=page)
    text = made.index.read_text(encoding="utf-8")
    assert "<h2>Tiny baskets: 3 reports, 1 of them not made</h2>" in text
    assert text.index("Doomsday") < text.index("Sunday")
    assert "<script" not in text
    assert re.search(r'<a href="tiny[^"]*/report.html">Sunday</a>: sold out</li>', text)
    assert re.search(
        r"<li>Doomsday <b>Failed:</b> day: &#39;Doomsday&#39; is not one of: Monday", text
    )
    assert str(made).startswith("2 of 3 reports are done. tiny: Doomsday: day: 'Doomsday' is not")


POOL = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from workbench.run.pack import end_with_parent
if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_parent) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_the_processes_of_a_killed_pack_end(tmp_path: Path) -> None:
    """Nobody is left to use their work."""
    (tmp_path / "pool.py").write_text(POOL, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "pool.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as made:
        worker = psutil.Process(int(made.stdout.readline()))  # type: ignore[union-attr]
        made.kill()
    waited(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_many_reports_of_a_notebook_can_be_searched(project: Path) -> None:
    """The page runs one script, which its policy names; a pack of a few runs none."""
    name = written(project, "notebooks: [{notebook: tiny, each: {day: [x]}}]")
    items = [Item("tiny", {}, label=f"Maker {number}") for number in range(index.MANY)]
    changed = Changes(("Sales <fell>",))
    results = tuple(pack.Result(item, error="no data", changes=changed) for item in items)
    text = index.write(project, pack.find(name), results).read_text(encoding="utf-8")
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in text
    assert text.count("<li>Maker ") == index.MANY
    assert text.count("Sales &lt;fell&gt;") == index.MOST_CHANGES
    assert f"And {index.MANY - index.MOST_CHANGES} more changes" in text
    alone = index.write(project, pack.find(name), results[:1]).read_text(encoding="utf-8")
    assert ": 1 report, 1 of them not made</h2>" in alone


def test_a_page_tells_findings_files_and_what_was_said_before(
    project: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report's sentences, links to its other formats and its app, and what could not be."""
    monkeypatch.setenv("WORKBENCH_APPS", "https://apps.example")
    monkeypatch.setenv("WORKBENCH_CHROMIUM", "no-such-browser")
    write("tiny", SAYS, "table = pl.DataFrame({'a': [1]})", parameters=CHOICE, imports=IMPORTS)
    text = "formats: [html, xlsx, pdf]\nnotebooks: [{notebook: tiny, parameters: {day: Sunday}}]"
    name = written(project, text)
    first = pack.run_pack(name, out=project / "first", data_version="v1", export=page)
    write("tiny", SAYS.replace("Sold", "Bought"), parameters=CHOICE, imports=IMPORTS)
    second = pack.run_pack(name, out=project / "second", before=project / "first", export=page)
    told = [made.index.read_text(encoding="utf-8") for made in (first, second)]
    assert "<li>Sold on Sunday</li>" in told[0]
    assert re.search(r'href="tiny-\w+/report.xlsx">Excel</a>', told[0])
    assert 'href="https://apps.example/app/tiny?day=Sunday">Open live</a>' in told[0]
    assert "Before:" not in told[0]
    assert "<li>Bought on Sunday</li>" in told[1]
    assert "Before: Sold on Sunday" in told[1]
    assert "could not be made as pdf: a PDF is printed by Chromium" in told[1]
    assert not second.good


def test_a_pack_may_name_a_notebook_as_it_was(project: Path, write: Write) -> None:
    """A pinned notebook stays as it is while the other goes on; its app is the latest."""
    write("team/tiny", SAYS, parameters=CHOICE, imports=IMPORTS)
    kept = catalogue.pin("tiny")
    write("team/tiny", SAYS.replace("Sold", "Bought"), parameters=CHOICE, imports=IMPORTS)
    made = pack.run_pack(written(project, f"notebooks: [tiny, {kept}]"), jobs=1, export=page)
    assert re.fullmatch(r"team/tiny@[0-9a-f]{8}", kept)
    text = made.index.read_text(encoding="utf-8")
    assert re.findall(r"\w+ on Monday", text) == ["Bought on Monday", "Sold on Monday"]
    assert text.count('/app/team/tiny"') == 2
    assert catalogue.names() == ["team/tiny"]
    with pytest.raises(PackError, match="there are: monday"):
        pack.find(f"pinned/{kept}")


def test_every_pack_that_ships_can_be_made(
    monkeypatch: pytest.MonkeyPatch, corner_home: Path
) -> None:
    """Its notebooks are there and take the parameters it gives."""
    monkeypatch.setenv("WORKBENCH_HOME", str(corner_home))
    assert {"demo", "weekly", "campaigns", "segments", "churn"} <= set(pack.names())
    for name in pack.names():
        for item in pack.find(name).reports():
            params.parse(catalogue.find(item.notebook).parameters, item.parameters)
