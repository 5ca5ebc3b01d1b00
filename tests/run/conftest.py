"""A tiny project of its own for each test of the lives, with notebooks made on the spot."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from tiny import Write, notebook

from workbench import paths


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project and home, named by the environment."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def write(project: Path) -> Write:
    """A function that writes a notebook of that name into the project."""

    def written(name: str, *cells: str, **options: Any) -> Path:
        path = project / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(*cells, **options), path)
        return path

    return written
