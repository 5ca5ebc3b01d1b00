"""A new segmentation: one module and one notebook, made from the templates, ready to run."""

import re
from pathlib import Path

import workbench
from workbench import paths
from workbench.files import write_whole
from workbench.run import WrongUsage

TEMPLATE, TITLE = "my_segmentation", "My segmentation"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


def new(name: str) -> list[Path]:
    """Write module and notebook of a new segmentation and return their paths.

    Nothing is registered: both are found by being there. Raises WrongUsage for a name that is
    none, or that is taken.
    """
    if not _NAME.fullmatch(name):
        raise WrongUsage(
            f"{name!r} cannot name a segmentation; use small letters, digits and _, such as "
            "store_loyalty"
        )
    made = {
        Path(workbench.__file__).parent / "segments" / f"{name}.py": "segment.py",
        paths.notebooks() / "segments" / f"{name}.ipynb": "segment.ipynb",
    }
    taken = [path for path in made if path.exists()]
    if taken:
        raise WrongUsage(f"{taken[0]} is there already; choose another name, or remove it")
    for path, template in made.items():
        text = (paths.templates() / template).read_text(encoding="utf-8")
        title = name.replace("_", " ").capitalize()
        write_whole(path, text.replace(TEMPLATE, name).replace(TITLE, title))
    return list(made)
