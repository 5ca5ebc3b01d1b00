"""A load on its way: the files as they landed, the draft that is written, what was found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from workbench.data.period import Period
from workbench.door import keys, parts
from workbench.door.delivery import Landed
from workbench.door.draft import Draft
from workbench.door.erase import memory
from workbench.door.mapping import Mapping
from workbench.door.merging import Merged

Progress = Callable[[str], None]
ASTRAY, FEW = 366, 0.01


@dataclass
class Load:
    """One load on its way: what it reads, and the draft that it writes.

    `anew` are the tables that are loaded anew, `synthetic` those that are declared from now on.
    """

    home: Path
    mapping: Mapping
    draft: Draft
    work: Path
    number: int
    progress: Progress
    anew: set[str]
    synthetic: tuple[str, ...]
    landed: dict[str, list[Landed]] = field(default_factory=dict)
    findings: list[tuple[str, str, int, int, str]] = field(default_factory=list)
    dimensions: dict[str, pl.DataFrame] = field(default_factory=dict)

    def found(self, table: str, finding: str, rows: int, of_rows: int, examples: str = "") -> None:
        """Note a finding about a table's rows."""
        self.findings.append((table, finding, rows, of_rows, examples))

    @cached_property
    def frames(self) -> dict[str, list[pl.LazyFrame]]:
        """Return the landed rows by table, file by file in their order."""
        gone = self.gone
        return {
            table: [
                parts.numbered(memory.without(one.rows, table, gone), number)
                for number, one in enumerate(landed)
            ]
            for table, landed in self.landed.items()
        }

    @cached_property
    def gone(self) -> list[str]:
        """Return the customers of the files who were erased and must not come back."""
        rows = [one.rows for landed in self.landed.values() for one in landed]
        return memory.gone(self.home, self.mapping.retailer, rows)

    def resolved(self, table: str) -> pl.LazyFrame:
        """Return a table's landed rows with surrogates, and FILE, the number of their file."""
        frame = pl.concat(self.frames[table], how="vertical_relaxed")
        return keys.resolve(frame, table, self.dimensions)

    def delivered(self, table: str) -> int:
        """Return the rows delivered for a table."""
        return sum(one.delivered for one in self.landed.get(table, []))

    def merged(self, table: str, done: Merged) -> None:
        """Note what merging a table did."""
        rows = self.delivered(table)
        self.found(table, "rows merged with one of the same key", done.merged, rows)
        self.found(table, "rows replaced by a later file", done.replaced, rows)

    @cached_property
    def daily(self) -> pl.DataFrame:
        """Return one row per day with stored receipts and its lines; to be asked once written."""
        days = self.draft.scan("lines").group_by("day").len()
        return days.collect(engine="streaming").sort("day")

    def days(self) -> Period:
        """Return the first to the last day of the receipts, astray ones apart.

        A few lines more than a year from the rest are errors of a clock or a typist: of the
        stretches that such gaps leave, those count that have a share of the largest's lines.
        """
        apart = pl.col("day").diff() > timedelta(days=ASTRAY)
        stretches = self.daily.group_by(apart.fill_null(False).cum_sum().alias("stretch")).agg(
            first=pl.col("day").min(), last=pl.col("day").max(), lines=pl.col("len").sum()
        )
        main = stretches.filter(pl.col("lines") > FEW * pl.col("lines").max())
        return Period(*main.select(pl.col("first").min(), pl.col("last").max()).row(0))
