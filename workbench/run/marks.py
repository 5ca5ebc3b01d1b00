"""Fingerprints of result tables, each computed once for as long as its frame stays."""

from collections.abc import Mapping

import polars as pl

from workbench.run import results


class Marks:
    """Remembers the fingerprint of the frame last seen under each name."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[pl.DataFrame, str]] = {}

    def of(self, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
        """Return the fingerprint of every table."""
        self._seen = {name: self._mark(name, frame) for name, frame in tables.items()}
        return {name: mark for name, (_, mark) in self._seen.items()}

    def _mark(self, name: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
        seen = self._seen.get(name)
        return seen if seen and seen[0] is frame else (frame, results.fingerprint(frame))
