"""Answers that the reports of a running pack share, each a file in the pack's own folder."""

import os
from pathlib import Path

import polars as pl

from workbench import paths

LARGEST, MOST = 256 << 20, 2 << 30  # bytes of one answer, and of all that are kept


def kept(name: str) -> pl.DataFrame | None:
    """Return the answer of that name that another report has kept, or None."""
    file = _file(name)
    return pl.read_ipc(file) if file is not None and file.exists() else None


def keep(name: str, answer: pl.DataFrame) -> None:
    """Keep an answer for the other reports while a pack runs, if there is room."""
    file = _file(name)
    if file is None:
        return
    held = sum(other.stat().st_size for other in file.parent.glob("*.arrow"))
    if answer.estimated_size() <= min(LARGEST, MOST - held):
        aside = file.with_suffix(f".{os.getpid()}")
        answer.write_ipc(aside)
        aside.replace(file)


def _file(name: str) -> Path | None:
    folder = paths.answers()
    if not name or folder is None or not folder.is_dir():
        return None
    return folder / f"{name}.arrow"
