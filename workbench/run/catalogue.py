"""The catalogue of notebooks: the folder is the registry, nothing is registered."""

import hashlib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.files import write_whole
from workbench.run import WrongUsage, params
from workbench.run.params import Parameter


class UnknownNotebook(WrongUsage):
    """No notebook has the name asked for; the message lists those there are."""


class BadNotebook(ValueError):  # noqa: N818 - named for what is wrong
    """A file in the notebooks folder that cannot be read as a notebook."""


@dataclass(frozen=True)
class Notebook:
    """One notebook; `name` is its path below notebooks/ without .ipynb, `team` its folder."""

    name: str
    path: Path
    title: str
    summary: str
    team: str

    @property
    def node(self) -> Any:
        """Return the notebook's content, read afresh."""
        return _read(self.path)

    @cached_property
    def private(self) -> bool:
        """Return whether the notebook shows a single customer, as its metadata says."""
        return bool(self.node.metadata.get("workbench", {}).get("private", False))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the declared parameters; raises ParameterError naming the notebook."""
        try:
            return params.declared(self.node)
        except params.ParameterError as error:
            raise params.ParameterError(f"{self.name}: {error}", error.problems) from error


def names() -> list[str]:
    """Return the names of all notebooks, sorted."""
    return _names(paths.notebooks())


def pinned() -> list[str]:
    """Return the names of the notebooks kept as they were, such as segments/rfm@0f3b9c12."""
    return _names(_pins())


def pin(name: str) -> str:
    """Keep a copy of a notebook as it is now, for packs that name it; return its name.

    The copy lies in reports/pinned and is reviewed like the packs; the package it calls is not
    kept with it.
    """
    notebook = find(name)
    content = notebook.path.read_bytes()
    kept = f"{notebook.name.partition('@')[0]}@{hashlib.sha256(content).hexdigest()[:8]}"
    write_whole(_pins() / f"{kept}.ipynb", content.decode("utf-8"))
    return kept


def _pins() -> Path:
    return paths.packs() / "pinned"


def _names(folder: Path) -> list[str]:
    found = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.ipynb")]
    return sorted(name.as_posix() for name in found if not _hidden(name))


def find(name: str) -> Notebook:
    """Return the notebook of that name, of its file name, or of its unique last part.

    Raises UnknownNotebook with the nearest name and the list of all.
    """
    asked = name.removesuffix(".ipynb")
    if asked in pinned():
        return _notebook(asked, _pins())
    known = names()
    matches = [asked] if asked in known else [n for n in known if n.split("/")[-1] == asked]
    if len(matches) == 1:
        return _notebook(matches[0], paths.notebooks())
    raise UnknownNotebook(_not_found(name, known, matches))


def _notebook(name: str, folder: Path) -> Notebook:
    path = folder / f"{name}.ipynb"
    return _as_of(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=500)
def _as_of(name: str, path: Path, _: int) -> Notebook:
    """Return a notebook as it was at a moment, read once."""
    title, summary = _heading(_read(path))
    team = name.split("/")[0] if "/" in name else "data"
    return Notebook(name, path, title or _spoken(name), summary, team)


def _heading(node: Any) -> tuple[str, str]:
    """Return the title and the first paragraph of the first markdown cell."""
    first = next((cell.source for cell in node.cells if cell.cell_type == "markdown"), "")
    blocks = [" ".join(block.split()) for block in first.split("\n\n") if block.strip()]
    if not blocks or not blocks[0].startswith("# "):
        return "", ""
    return blocks[0].removeprefix("# "), blocks[1] if len(blocks) > 1 else ""


def _read(path: Path) -> Any:
    import nbformat

    try:
        text = path.read_text(encoding="utf-8")
        return nbformat.reads(text, as_version=4)
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        first = str(error).partition("\n")[0][:200]
        raise BadNotebook(f"{path} is not a readable notebook: {first}") from error


def _not_found(name: str, known: list[str], matches: list[str]) -> str:
    if matches:
        return f"{name!r} is the name of several notebooks: {', '.join(matches)}"
    if not known:
        return f"there is no notebook {name!r}: {paths.notebooks()} holds none"
    near = get_close_matches(name, [*known, *(n.split("/")[-1] for n in known)], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    shown = name if len(name) <= 60 else name[:57] + "..."
    return f"there is no notebook {shown!r}{hint or ';'} there are: {', '.join(known)}"


def _spoken(name: str) -> str:
    return name.split("/")[-1].replace("_", " ").capitalize()


def _hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)
