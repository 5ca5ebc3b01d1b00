"""Docstrings: everything public has one, and their examples run."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import workbench

PACKAGE = Path(workbench.__file__).parent
NAMES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
ROOMS = {
    room: [*names] for room, names in groupby(NAMES, lambda name: ".".join(name.split(".")[:2]))
}
every_room = pytest.mark.parametrize("room", ROOMS)
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@every_room
def test_examples_in_docstrings_run(room: str) -> None:
    """What a docstring shows is what happens."""
    failed = {name: doctest.testmod(importlib.import_module(name)).failed for name in ROOMS[room]}
    assert {name: count for name, count in failed.items() if count} == {}


def test_there_are_examples() -> None:
    """The search for examples finds some in the modules on disk."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [finder.find(importlib.import_module(name)) for name in NAMES]
    assert sum(1 for tests in found for test in tests if test.examples) >= 5


@every_room
def test_everything_public_says_what_it_is(room: str) -> None:
    """Modules, classes, functions and methods without an underscore have a docstring."""
    silent = [
        place
        for name in ROOMS[room]
        for place, node in public(ast.parse(source(name)), name)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def source(name: str) -> str:
    """Return the text of a module."""
    return importlib.util.find_spec(name).loader.get_source(name)  # type: ignore[union-attr,return-value]


def public(node: Documented, place: str) -> Iterator[tuple[str, Documented]]:
    """Yield what is public in a module or class, and itself."""
    yield place, node
    if isinstance(node, ast.Module | ast.ClassDef):
        for child in node.body:
            if isinstance(child, Documented) and not child.name.startswith("_"):  # type: ignore[union-attr]
                yield from public(child, f"{place}.{child.name}")  # type: ignore[union-attr]
