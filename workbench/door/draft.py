"""A draft: the next edition in the making, built on the tables of the last one.

A table that is not written stays as the last edition has it. Before the first write to a table
whatever a killed load left in it unpublished is taken back, so a draft always grows from what
was published.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import (
    DeltaTable,
    PostCommitHookProperties,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError

from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition, Lake

ROW_GROUP = 500_000
SMALLER = {"category_lines": 50_000}  # a question about one category passes over the others
PERSONAL = ("people", "customers", "quarantine")
_KEEP_LOGS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_NO_STATISTICS = {"delta.dataSkippingNumIndexedCols": "0"}


@dataclass
class Draft:
    """Tables of one retailer as its next edition will have them; Delta versions by table.

    A table is opened once: each time takes nearly half as long as to write a small month.
    """

    lake: Lake
    place: str
    last: Edition | None
    tables: dict[str, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    opened: dict[str, DeltaTable] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.tables = dict(self.last.tables) if self.last else {}

    def path(self, table: str) -> Path:
        """Return the folder of a table."""
        return self.lake.path(self.place, table)

    def has(self, table: str) -> bool:
        """Return whether the draft holds a table."""
        return table in self.tables

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table as the draft has it."""
        return self.lake.at(self.place, table, self.tables[table])

    def read(self, table: str) -> pl.DataFrame:
        """Return a small table whole; one that is not there has no rows."""
        if self.has(table):
            return self.scan(table).collect()
        return pl.DataFrame(schema=CONTRACTS[table].schema)

    def months(self, table: str) -> list[int]:
        """Return the months a table has rows of, in order."""
        if not self.has(table):
            return []
        found = self.scan(table).select(pl.col("month").unique()).collect()
        return found["month"].sort().to_list()

    def replace(self, table: str, rows: pl.DataFrame) -> None:
        """Write a table anew, with these rows only."""
        self._prepare(table)
        self._write(table, rows, mode="overwrite", schema_mode="overwrite")

    def clear(self, table: str) -> None:
        """Empty a table that is kept by months, to be written month by month."""
        self.replace(table, pl.DataFrame(schema=CONTRACTS[table].schema))

    def keep(self, table: str, which: pl.Expr) -> None:
        """Keep some rows of a small table; where none are left the table is there no more."""
        rows = self.read(table).filter(which)
        if rows.is_empty():
            self.tables.pop(table, None)
        else:
            self.replace(table, rows)

    def put(self, table: str, month: int, rows: pl.DataFrame, *, more: bool = False) -> None:
        """Write a month of a table in place of its rows so far, or `more` rows to them."""
        if not self.has(table):
            self.clear(table)
        self._prepare(table)
        how = {"mode": "append"} if more else {"mode": "overwrite", "predicate": f"month = {month}"}
        self._write(table, rows, **how)

    def _prepare(self, table: str) -> None:
        """Take back what was written but never published."""
        if table in self.written:
            return
        self.written.add(table)
        if table in self.tables and DeltaTable.is_deltatable(str(self.path(table))):
            delta = self.opened[table] = DeltaTable(self.path(table))
            if delta.version() != self.tables[table]:
                delta.restore(self.tables[table])

    def _write(self, table: str, rows: pl.DataFrame, **how: Any) -> None:
        try:
            self._commit(table, rows, **how)
        except (DeltaError, OSError) as error:
            first = str(error).partition("\n")[0]
            raise OSError(
                f"the table {table} could not be written: {first}; make room and load again, "
                "nothing has changed"
            ) from None
        if table not in self.opened:
            self.opened[table] = DeltaTable(self.path(table))
        self.tables[table] = self.opened[table].version()

    def _commit(self, table: str, rows: pl.DataFrame, **how: Any) -> None:
        write_deltalake(
            self.opened.get(table, self.path(table)),
            rows,
            partition_by=["month"] if CONTRACTS[table].dated else None,
            writer_properties=WriterProperties(
                compression="ZSTD",
                compression_level=3,
                max_row_group_size=SMALLER.get(table, ROW_GROUP),
            ),
            configuration=_NO_STATISTICS if table in PERSONAL else None,
            post_commithook_properties=_KEEP_LOGS,
            **how,
        )


def new_place(lake: Lake, retailer: str, number: int) -> str:
    """Return the folder of a retailer's tables from an edition on, which no edition had before.

    It is the retailer's name, with the number of the edition unless that is the lake's first.
    """
    place, taken = place_of(retailer), {"editions", *(each.place for each in lake.editions())}
    if number > 1:
        place = f"{place}-{number}"
    while place in taken:
        place = f"{place}-{number}"
    return place


def place_of(retailer: str) -> str:
    """Return a retailer's name in plain letters.

    >>> place_of("Café du Port, Nice")
    'caf-du-port-nice'
    """
    return re.sub(r"[^a-z0-9]+", "-", retailer.lower()).strip("-") or "retailer"
