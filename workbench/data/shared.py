"""Answers that the reports of a running pack share, each a file in the pack's own folder."""

import os
from collections.abc import Callable

import polars as pl

from workbench import paths

LARGEST, MOST = 256 << 20, 2 << 30  # bytes of one answer, and of all that are kept


def shared(name: str, ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Return the answer of that name that another report has kept, or ask for it and keep it."""
    folder = paths.answers()
    if not name or folder is None or not folder.is_dir():
        return ask()
    kept = folder / f"{name}.arrow"
    if kept.exists():
        return pl.read_ipc(kept)
    answer = ask()
    held = sum(file.stat().st_size for file in folder.glob("*.arrow"))
    if answer.estimated_size() <= min(LARGEST, MOST - held):
        aside = kept.with_suffix(f".{os.getpid()}")
        answer.write_ipc(aside)
        aside.replace(kept)
    return answer
