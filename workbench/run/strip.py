"""Notebooks without what runs leave in them, as git is to keep them: `python -m ...strip`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FILTER = "workbench-strip"


def stripped(text: str) -> str:
    """Return a notebook's text without outputs, counts and the marks of runs."""
    node: dict[str, Any] = json.loads(text)
    node["metadata"].pop("papermill", None)
    for cell in node["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(node, indent=1, ensure_ascii=False) + "\n"


def strip_on_commit(project: Path) -> None:
    """Let git strip notebooks in this checkout, as .gitattributes asks; nothing without git."""
    command = f'"{sys.executable}" -m {__name__}'
    for name, value in {"clean": command, "smudge": "cat"}.items():
        asked = ["git", "config", f"filter.{FILTER}.{name}", value]
        try:
            subprocess.run(asked, cwd=project, capture_output=True, check=False)
        except FileNotFoundError:
            return


if __name__ == "__main__":
    sys.stdout.write(stripped(sys.stdin.read()))
