"""A project folder of its own for each test that writes saved segments or lists."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that writes a saved segment's file: its name and its text."""
    folder = tmp_path / "project" / "reports" / "segments"
    folder.mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path / "project"))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))

    def write(name: str, text: str) -> None:
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of own lists of a workbench home."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "segments"
    folder.mkdir(parents=True)
    return folder
