"""The project as files: locked, in step, free of outputs and of the machine it was made on."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;\\]+)")
NOTEBOOKS = [
    path for path in sorted((ROOT / "notebooks").rglob("*.ipynb")) if "." not in path.parent.name
]
LOOPS_AND_DEFINITIONS = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With),
)
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_lock = pytest.mark.parametrize("lock", ["run.txt", "test.txt"])


def lines(lock: str) -> list[str]:
    """Return the lines of a lock file, without comments and blanks."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock file pins each package to."""
    found: dict[str, set[str]] = {}
    for line in lines(lock):
        if pin := PIN.match(line):
            found.setdefault(canonicalize_name(pin[1]), set()).add(pin[2])
    return found


def wanted(lock: str) -> list[Requirement]:
    """Return what pyproject.toml asks for in an environment."""
    extras = PROJECT["optional-dependencies"]
    named = PROJECT["dependencies"] + (extras["test"] if lock == "test.txt" else [])
    return [Requirement(text) for text in named]


@every_lock
def test_every_dependency_is_locked_to_a_version_it_allows(lock: str) -> None:
    """What pyproject.toml names is pinned, to versions inside its bounds."""
    pinned = pins(lock)
    for requirement in wanted(lock):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in requirements/{lock}"
        assert all(requirement.specifier.contains(Version(version)) for version in versions)


@every_lock
def test_every_locked_version_has_its_hashes(lock: str) -> None:
    """A pin is followed by at least one hash, and there is nothing else in the file."""
    text = "\n".join(lines(lock))
    entries = re.split(r"\n(?=\S)", text)
    for entry in entries:
        assert PIN.match(entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


@every_lock
def test_a_lock_names_no_address(lock: str) -> None:
    """Which registry the packages come from is the business of the machine that installs them."""
    for line in lines(lock):
        assert "://" not in line
        assert "index" not in line.split("==")[0]
        assert line.lstrip().startswith("--hash=") or not line.lstrip().startswith("-")


def test_both_locks_agree() -> None:
    """What runs is what was tested."""
    run, test = pins("run.txt"), pins("test.txt")
    assert {name: test.get(name) for name in run} == run


def test_conda_users_get_the_same_environment() -> None:
    """environment.yml names the same Python, Java, every dependency as locked, and the project."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, java, pip, packages = environment["dependencies"]
    assert environment["name"] == PROJECT["name"]
    assert python.replace(" ", "") == f"python{PROJECT['requires-python']}"
    assert (java, pip) == ("openjdk >=17", "pip")
    *pinned, project = packages["pip"]
    assert project == "--editable ."
    locked = {name: max(versions) for name, versions in pins("test.txt").items()}
    names = sorted((canonicalize_name(each.name), each.extras) for each in wanted("test.txt"))
    extras = [(name, "".join(f"[{extra}]" for extra in sorted(also))) for name, also in names]
    assert pinned == [f"{name}{also}=={locked[name]}" for name, also in extras]


@pytest.fixture(name="notebook")
def read_notebook(path: Path) -> Any:
    """The notebook in question."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    """Return a notebook's code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@every_notebook
def test_a_notebook_is_committed_without_outputs(notebook: Any) -> None:
    """Results belong to runs: no output, no execution count, no run's tags."""
    nbformat.validate(notebook)
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert "papermill" not in cell.metadata
    assert "papermill" not in notebook.metadata


@every_notebook
def test_a_notebook_opens_with_its_title_and_its_question(notebook: Any) -> None:
    """The first cell is a heading and one paragraph, which make the card in the gallery."""
    title, question, *_ = notebook.cells[0].source.split("\n\n")
    assert notebook.cells[0].cell_type == "markdown"
    assert re.fullmatch(r"# \S.*", title)
    assert question.strip()


@every_notebook
def test_a_notebook_has_one_cell_of_parameters(notebook: Any) -> None:
    """One cell is tagged, after the imports, and declares only annotated variables with help."""
    tagged = [
        place
        for place, cell in enumerate(notebook.cells)
        if "parameters" in cell.metadata.get("tags", [])
    ]
    assert len(tagged) == 1
    source = notebook.cells[tagged[0]].source
    assert all(isinstance(statement, ast.AnnAssign) for statement in ast.parse(source).body)
    assert all("  # " in line for line in source.splitlines())


@every_notebook
def test_a_notebook_can_be_read_by_a_category_manager(notebook: Any) -> None:
    """At most ten code cells of at most six lines, with words between them."""
    cells = code_cells(notebook)
    assert len(cells) <= 10
    assert max(len(cell.source.strip().splitlines()) for cell in cells) <= 6
    headings = [cell for cell in notebook.cells if cell.source.startswith("## ")]
    assert len(headings) >= 2


@every_notebook
def test_a_notebook_says_what_and_the_package_knows_how(notebook: Any) -> None:
    """No functions, classes, loops or error handling in a notebook."""
    for cell in code_cells(notebook):
        strange = [
            type(node).__name__
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, LOOPS_AND_DEFINITIONS)
        ]
        assert strange == []


def test_there_are_notebooks() -> None:
    """The two analyses of the demo are found."""
    names = {path.relative_to(ROOT / "notebooks").as_posix() for path in NOTEBOOKS}
    assert {"segments/rfm.ipynb", "data_health.ipynb"} <= names


OURS = ("/wo" + "rk/", "/ro" + "ot/", r"\bhelp" + r"ers?\b", r"\bsub" + r"-?agents?\b")


def test_no_file_speaks_of_the_machine_it_was_made_on() -> None:
    """No committed text names a folder of somebody's machine, or those who wrote it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(files) > 50
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files
        if path.is_file()
        for match in re.finditer("|".join(OURS), path.read_text("utf-8", "replace"), re.IGNORECASE)
    ]
    assert found == []
