"""What the gallery and the frame of an app show before any kernel runs."""

import ast
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from workbench.run import catalogue, charts
from workbench.run.catalogue import BadNotebook, Notebook
from workbench.run.outputs import SILENT, WIDTHS, markdown
from workbench.run.params import ParameterError


@dataclass(frozen=True)
class Card:
    """A notebook in the gallery; `search` is the text its search box looks through."""

    name: str
    title: str
    question: str
    parameters: tuple[str, ...]
    problem: str = ""

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


def gallery() -> list[Team]:
    """Return the teams with their notebooks, in the order of their names."""
    by_team = groupby(sorted(catalogue.names(), key=_team), key=_team)
    return [Team(team.replace("_", " "), tuple(map(_card, names))) for team, names in by_team]


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
    }


def _team(name: str) -> str:
    return name.split("/")[0] if "/" in name else "data"


def _card(name: str) -> Card:
    try:
        notebook = catalogue.find(name)
        labels = tuple(parameter.label for parameter in notebook.parameters)
        return Card(name, notebook.title, notebook.summary, labels)
    except (BadNotebook, ParameterError) as error:
        return Card(name, name, "", (), str(error))


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
