"""Records gathered in Python, written in batches to Parquet, so that memory stays flat."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from workbench.door.reading.raw import LINE

BATCH = 50_000


@dataclass
class Spool:
    """A folder that takes records one by one: the line, and text by column; empty text is null."""

    folder: Path
    columns: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    _held: list[dict[str, Any]] = field(default_factory=list)
    _parts: list[Path] = field(default_factory=list)

    def add(self, line: int, record: dict[str, Any]) -> None:
        """Take over one record; columns not seen before are added on the right."""
        if not record.keys() <= self.columns.keys():
            self.columns |= dict.fromkeys(record)
        record[LINE] = line
        self._held.append(record)
        self.rows += 1
        if len(self._held) == BATCH:
            self._write()

    def frame(self) -> pl.LazyFrame:
        """Return all records in order, with every column that any of them has."""
        if self._held or not self._parts:
            self._write()
        return pl.scan_parquet(
            self._parts, schema=self._schema(), missing_columns="insert", glob=False
        )

    def _schema(self) -> pl.Schema:
        return pl.Schema({LINE: pl.Int64(), **dict.fromkeys(self.columns, pl.String())})

    def _write(self) -> None:
        self.folder.mkdir(exist_ok=True)
        part = self.folder / f"{len(self._parts):06}.parquet"
        columns = {
            name: pl.Series([record.get(name) for record in self._held], dtype=dtype)
            for name, dtype in self._schema().items()
        }
        texts = pl.col(pl.String)
        pl.DataFrame(columns).with_columns(pl.when(texts != "").then(texts)).write_parquet(part)
        self._parts.append(part)
        self._held.clear()
