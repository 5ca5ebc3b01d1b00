"""What the gallery and the frame of an app show before any kernel runs."""

import ast
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from workbench.run import catalogue, charts, made, report
from workbench.run.access import Rights
from workbench.run.catalogue import BadNotebook, Notebook
from workbench.run.outputs import SILENT, WIDTHS, markdown
from workbench.run.params import ParameterError
from workbench.run.record import Record

REPORT = "report.html"


@dataclass(frozen=True)
class Card:
    """A notebook in the gallery; `search` is the text its search box looks through.

    `run` is its last run, with what the report rests on that lies at `link`, if one does.
    """

    name: str
    title: str
    question: str
    parameters: tuple[str, ...]
    problem: str = ""
    run: Record | None = None
    link: str = ""

    @property
    def said(self) -> str:
        """Return the question as HTML."""
        return markdown(self.question, trusted=False)

    @property
    def search(self) -> str:
        """Return all words of the card, in lower case."""
        words = (self.name, self.title, self.question, *self.parameters)
        return " ".join(words).lower()


@dataclass(frozen=True)
class Team:
    """The notebooks of one folder."""

    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Block:
    """A place on the page of an app.

    `kind` is text for a markdown cell, cell for code that most likely shows something, quiet
    for code that most likely does not, and silent for what is shown only when it fails.
    """

    position: int
    kind: str
    width: str
    html: str = ""


def gallery(rights: Rights) -> list[Team]:
    """Return the teams with the notebooks that somebody may open, in the order of their names."""
    runs = made.newest()
    cards = [card for name in sorted(catalogue.names(), key=_team) if (card := _card(name, rights))]
    ran = [_ran(card, *runs[card.name]) if card.name in runs else card for card in cards]
    by_team = groupby(ran, lambda card: _team(card.name))
    return [Team(team.replace("_", " "), tuple(cards)) for team, cards in by_team]


def frame(notebook: Notebook) -> dict[str, Any]:
    """Return what the template needs to draw an app's page, as plain data."""
    blocks = [asdict(block) for block in _blocks(notebook.node.cells)]
    question = markdown(notebook.summary, trusted=True)
    return {
        "name": notebook.name,
        "title": notebook.title,
        "question": question,
        "controls": [parameter.label for parameter in notebook.parameters],
        "blocks": blocks,
        "charts": charts.address(),
        "private": notebook.private,
        "glossary": report.GLOSSARY in catalogue.names() and notebook.name != report.GLOSSARY,
    }


def _team(name: str) -> str:
    return name.split("/")[0] if "/" in name else "data"


def _card(name: str, rights: Rights) -> Card | None:
    """Return the card of a notebook, or None for who may not open it."""
    if not rights.opens(name, private=False):
        return None
    try:
        notebook = catalogue.find(name)
        labels = tuple(parameter.label for parameter in notebook.parameters)
        card = Card(name, notebook.title, notebook.summary, labels)
        return card if rights.opens(name, private=notebook.private) else None
    except (BadNotebook, ParameterError) as error:
        return Card(name, name, "", (), str(error))


def _ran(card: Card, run: Record, out: Path) -> Card:
    """Return a card with its last run; where that failed, a report may still stand."""
    good = run.last_good
    shown = (
        replace(run, data_version=good["data_version"], passport=good["passport"]) if good else run
    )
    return replace(card, run=shown, link=made.address(out) if (out / REPORT).exists() else "")


def _blocks(cells: list[Any]) -> Iterator[Block]:
    headed = False
    for position, cell in enumerate(cells):
        tags = cell.metadata.get("tags", [])
        width = next((tag for tag in tags if tag in WIDTHS), "full")
        if cell.cell_type == "code":
            yield Block(position, _kind(cell.source, set(tags)), width)
        elif cell.cell_type == "markdown":
            source = cell.source if headed else _without_heading(cell.source)
            headed = True
            if source.strip():
                yield Block(position, "text", width, markdown(source, trusted=True))


def _without_heading(source: str) -> str:
    """Return the first markdown cell without the title and question that head the page."""
    blocks = [block for block in source.split("\n\n") if block.strip()]
    return "\n\n".join(blocks[2:] if blocks and blocks[0].lstrip().startswith("# ") else blocks)


def _kind(source: str, tags: set[str]) -> str:
    if tags & SILENT:
        return "silent"
    return "cell" if _shows(source) else "quiet"


def _shows(source: str) -> bool:
    """Return whether a cell ends in an expression, and so most likely shows something."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return True
    return bool(body) and isinstance(body[-1], ast.Expr)
