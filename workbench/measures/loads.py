"""Loads: which files were taken in, which rows were refused, which days were changed."""

import polars as pl

from workbench.data.engine import fetch, money
from workbench.data.privacy import masked
from workbench.data.shop import Shop

_FILES = {"edition": pl.Int64, "file": pl.String, "table": pl.String, "rows": pl.Int64} | {
    "kept": pl.Int64,
    "quarantined": pl.Int64,
    "notes": pl.String,
}
_QUARANTINE = {"edition": pl.Int64, "table": pl.String, "file": pl.String, "line": pl.Int64} | {
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "sales": pl.Int64,
}
_RESTATED = {"edition": pl.Int64, "day": pl.Date, "lines_before": pl.Int64} | {
    "lines_after": pl.Int64,
    "sales_before": pl.Int64,
    "sales_after": pl.Int64,
}


def files(shop: Shop) -> pl.DataFrame:
    """Return one row per file and table taken in, the newest load first.

    Columns: data (the version that the load made), file, table, rows (delivered), kept,
    quarantined, notes (what was found out about the file).
    """
    return _versioned(_read(shop, "files", _FILES), "file", "table")


def quarantined(shop: Shop) -> pl.DataFrame:
    """Return one row per file, table, column and reason for which rows were refused.

    Columns: data (the version that the load made), file, table, column, reason, rows, sales
    (money of the rows, as far as it could be read, or null), first_line and its value, in which
    what may be personal is masked.
    """
    rows = _read(shop, "quarantine", _QUARANTINE).sort("line")
    keys = ["edition", "file", "table", "column", "reason"]
    grouped = rows.group_by(keys).agg(
        rows=pl.len().cast(pl.Int64),
        sales=pl.when(pl.col("sales").count() > 0).then(pl.col("sales").sum()),
        first_line=pl.col("line").first(),
        value=pl.col("value").first().map_elements(masked, return_dtype=pl.String),
    )
    order = ["file", "table", "column", "reason"]
    return _versioned(grouped, *order).with_columns(money("sales"))


def restated(shop: Shop) -> pl.DataFrame:
    """Return one row per load and day whose receipts it changed, the newest load first.

    Columns: data (the version that the load made), day, lines_before, lines_after,
    sales_before, sales_after and sales_change (money).
    """
    rows = _versioned(_read(shop, "restated", _RESTATED), "day")
    changed = rows.with_columns(sales_change=pl.col("sales_after") - pl.col("sales_before"))
    return changed.with_columns(money("sales_before", "sales_after", "sales_change"))


def say(refused: pl.DataFrame, changed: pl.DataFrame) -> str:
    """Return the sentence on what is in quarantine and which days were changed."""
    rows, days = int(refused["rows"].sum()), changed.height
    quarantine = f"In quarantine: {rows:,} rows." if rows else "No row is in quarantine."
    if not days:
        return f"{quarantine} No stored day was changed by a later file."
    return f"{quarantine} Days changed by a later file: {days:,}."


def _read(shop: Shop, table: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Return a table that tells of the loads; without rows where the data is older than it."""
    if not shop.has(table):
        return pl.DataFrame(schema=schema)
    return fetch(shop.table(table).select(*schema), by=["edition"])


def _versioned(rows: pl.DataFrame, *order: str) -> pl.DataFrame:
    newest = [True, *[False] * len(order)]
    sorted_rows = rows.sort("edition", *order, descending=newest, nulls_last=True)
    version = pl.format("v{}", "edition").alias("data")
    return sorted_rows.select(version, pl.all().exclude("edition"))
