"""The state of the lake: which tables there are, of which days, and how they came."""

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition, Lake


def tables(lake: Lake, edition: Edition) -> pl.DataFrame:
    """Return one row per table: rows, first and last day where it has days, version, synthetic."""
    return pl.DataFrame([_table(lake, edition, name) for name in sorted(edition.tables)])


def _table(lake: Lake, edition: Edition, name: str) -> dict[str, object]:
    frame, day = lake.scan(edition, name), CONTRACTS[name].dated
    days = {"first": pl.col(day).min(), "last": pl.col(day).max()} if day else {}
    row = frame.select(rows=pl.len(), **days).collect().row(0, named=True)
    return {
        "table": name,
        "rows": row["rows"],
        "first day": row.get("first"),
        "last day": row.get("last"),
        "version": edition.tables[name],
        "synthetic": "yes" if name in edition.synthetic else "",
    }


def loads(lake: Lake, edition: Edition) -> pl.DataFrame:
    """Return one row per load, newest first: edition, files, rows delivered, kept, quarantined.

    Beside them how many stored days the load restated.
    """
    files = lake.scan(edition, "files").collect()
    restated = lake.scan(edition, "restated").group_by("edition").agg(restated=pl.len())
    summed = files.group_by("edition").agg(
        pl.len().alias("files"),
        pl.col("rows", "kept", "quarantined").sum(),
        pl.col("file").unique().sort().head(3).str.join(", ").alias("such as"),
    )
    both = summed.join(restated.collect(), on="edition", how="left")
    return both.with_columns(pl.col("restated").fill_null(0)).sort("edition", descending=True)
