"""A new analysis or segmentation, made from the templates and ready to run."""

import re
from pathlib import Path

import workbench
from workbench import paths
from workbench.files import write_whole
from workbench.run import WrongUsage

FOLDER = "analyses"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


def new(name: str, *, analysis: bool = False) -> list[Path]:
    """Write the notebook of a new analysis, or module and notebook of a new segmentation.

    Returns their paths, the notebook's last. Nothing is registered: they are found by being
    there. Raises WrongUsage for a name that is none, or that is taken.
    """
    if not _NAME.fullmatch(name):
        raise WrongUsage(
            f"{name!r} is no name for it; use small letters, digits and _, such as store_loyalty"
        )
    made = _analysis(name) if analysis else _segmentation(name)
    taken = [path for path in made if path.exists()]
    if taken:
        raise WrongUsage(f"{taken[0]} is there already; choose another name, or remove it")
    title = name.replace("_", " ").capitalize()
    for path, template in made.items():
        text = (paths.templates() / template).read_text(encoding="utf-8")
        text = text.replace("my_segmentation", name).replace("My segmentation", title)
        write_whole(path, text.replace("My analysis", title))
    return list(made)


def _segmentation(name: str) -> dict[Path, str]:
    module = Path(workbench.__file__).parent / "segments" / f"{name}.py"
    notebook = paths.notebooks() / "segments" / f"{name}.ipynb"
    return {module: "segment.py", notebook: "segment.ipynb"}


def _analysis(name: str) -> dict[Path, str]:
    return {paths.notebooks() / FOLDER / f"{name}.ipynb": "analysis.ipynb"}
