"""Packs: reports that belong together, none of which stops the others."""

import re
from pathlib import Path

import nbformat
import pytest
from tiny import PARAMETERS, TABLE, Write, page, refuse

from workbench.run import pack
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
        ("notebooks: [tiny]\nwhen: now", "'when' is unknown; allowed: for, notebooks"),
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

    text = made.index.read_text(encoding="utf-8")
    links = re.findall(r'<h2><a href="([^"]+)"', text)
    assert len(links) == 2
    assert all((made.index.parent / link).exists() for link in links)
    assert "Monday &lt;pack&gt;" in text
    assert "<script>" not in text

    again = pack.run_pack(name, jobs=1, data_version="v1", export=refuse)
    assert [(r.good, r.kept) for r in again.results][:2] == [(True, True), (True, True)]
    assert "up to date" in pack.how(again.results[0])


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
