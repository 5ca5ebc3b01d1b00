"""The house: imports go one way, and no module grows past what can be read at once."""

import ast
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import workbench
from workbench import paths

PACKAGE = Path(workbench.__file__).parent
GROUND = {
    "kinds",
    "paths",
    "files",
    "journal",
    "actions",
    "glossary",
    "post",
    "sheets",
    "__version__",
}
ROOF = {"door", "run"}
MAY_IMPORT = {
    "__init__": set(),
    "kinds": set(),
    "paths": set(),
    "files": set(),
    "journal": set(),
    "actions": {"journal", "paths"},
    "glossary": set(),
    "post": set(),
    "sheets": {"files"},
    "data": {"data", *GROUND},
    "door": {"door", "data", *GROUND},
    "segments": {"segments", "data", *GROUND},
    "measures": {"measures", "data", *GROUND},
    "campaigns": {"campaigns", "measures", "data", *GROUND},
    "show": {"show", *GROUND},
    "run": {"run", *GROUND},
    "cli": {"cli", *ROOF, "campaigns", "segments", "data", *GROUND},
}
NOTEBOOKS_MAY_IMPORT = {"glossary", "data", "segments", "measures", "campaigns", "show", "kinds"}

MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = [
    path for path in sorted(paths.notebooks().rglob("*.ipynb")) if ".ipynb" not in path.parent.name
]


def imported(source: str) -> Iterator[str]:
    """Yield what of the package a module imports, wherever in it: `data`, `show`, `kinds` ..."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            package, *parts = (node.module or "").split(".")
            if package == "workbench":
                yield from parts[:1] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                package, *parts = alias.name.split(".")
                if package == "workbench":
                    yield from parts[:1]


def tower(path: Path) -> str:
    """Return the part of the house a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


TOWERS = {
    name: {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in modules}
    for name, modules in groupby(sorted(MODULES, key=tower), tower)
}
every_tower = pytest.mark.parametrize("name", TOWERS)


@every_tower
def test_imports_go_one_way(name: str) -> None:
    """Facts, look and lives never import each other; all stand on the ground, under one roof."""
    assert name in MAY_IMPORT, "a new part of the house needs its place in MAY_IMPORT"
    found = {
        path: set(imported(source)) - MAY_IMPORT[name] for path, source in TOWERS[name].items()
    }
    assert {path: strange for path, strange in found.items() if strange} == {}


def test_the_reader_of_imports_sees_them_all() -> None:
    """Inside functions, of several names, with dots and without: none is missed."""
    source = (
        "import polars\nimport workbench.run.pack as p\nfrom workbench import show, __version__\n"
        "def late():\n    from workbench.data.lake import Lake\n"
    )
    assert sorted(imported(source)) == ["__version__", "data", "run", "show"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_facts_look_and_kinds(path: Path) -> None:
    """An analysis does not know which of its lives it is in."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert set(imported(code)) <= NOTEBOOKS_MAY_IMPORT


@every_tower
def test_no_module_is_longer_than_can_be_read_at_once(name: str) -> None:
    """Three hundred lines at most."""
    length = {path: len(source.splitlines()) for path, source in TOWERS[name].items()}
    assert {path: lines for path, lines in length.items() if lines > 300} == {}


RUNS_WHAT_IT_READS = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
RUN_IT = {"unsafe_load", "full_load", "read_pickle"}


def unsafe(source: str) -> set[str]:
    """Return the modules and functions a source names that run what they read."""
    nodes = [*ast.walk(ast.parse(source))]
    named = {
        name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    }
    called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return named & RUNS_WHAT_IT_READS | called & RUN_IT


@every_tower
def test_no_module_reads_what_runs_when_it_is_read(name: str) -> None:
    """No pickles, whose reading runs code, and of YAML only the plain part."""
    found = {path: unsafe(source) for path, source in TOWERS[name].items()}
    assert {path: what for path, what in found.items() if what} == {}
