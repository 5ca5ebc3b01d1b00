"""The data passport: what every check found in one state of the lake, and what that comes to.

The door examines what it is about to publish; every page names the result.
"""

from dataclasses import replace

import polars as pl

from workbench.data.checks import days, lines, receipts, tables
from workbench.data.checks.check import AMBER, GREEN, RED, Found
from workbench.data.checks.named import NAMED
from workbench.data.engine import fetch
from workbench.data.scope import COLUMNS, scope
from workbench.data.shop import Shop

STATUS = pl.Enum([RED, AMBER, GREEN])
SCHEMA = {
    "check": pl.String(),
    "status": STATUS,
    "tables": pl.String(),
    "count": pl.Int64(),
    "out_of": pl.Int64(),
    "share": pl.Float64(),
    "examples": pl.String(),
    "meaning": pl.String(),
    "treatment": pl.String(),
}
FINDINGS = ["table", "finding", "rows", "of_rows", "examples"]


def examine(shop: Shop, findings: pl.DataFrame) -> pl.DataFrame:
    """Return one row per check that applies to the whole data, worst first.

    `findings`: one row per table and finding of the door: table, finding, rows, of_rows, examples.
    Columns: check, status (red, amber, green), tables (whose use it endangers, with commas),
    count, out_of, share (null where out of nothing), examples (never of customers), meaning,
    treatment. A check of what was not delivered, or of nothing, is left out.
    """
    whole = _whole(shop)
    found = (
        tables.of_findings(findings)
        | lines.of_lines(whole)
        | receipts.of_receipts(whole)
        | receipts.of_customers(whole)
        | days.of_days(whole)
        | tables.of_tables(whole)
    )
    applying = {name: one for name, one in found.items() if one.out_of}
    rows = [_row(name, applying[name]) for name in NAMED if name in applying]
    return _worst_first(pl.DataFrame(rows, schema=SCHEMA))


def passport(shop: Shop) -> pl.DataFrame:
    """Return the passport of the open data version, in the columns of `examine`.

    Data that was loaded before there were passports is examined now.
    """
    if "check" not in shop.table("passport").collect_schema().names():
        return examine(shop, pl.DataFrame(schema=FINDINGS))
    stored = fetch(shop.table("passport"), by=["check"])
    order = {name: place for place, name in enumerate(NAMED)}
    place = pl.col("check").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    share = pl.col("count") / pl.when(pl.col("out_of") > 0).then("out_of")
    rows = stored.sort(place).with_columns(pl.col("status").cast(STATUS), share=share)
    return _worst_first(rows.select(*SCHEMA))


def reds(passport: pl.DataFrame) -> dict[str, list[str]]:
    """Return the red checks, each with the tables it concerns."""
    red = passport.filter(pl.col("status").cast(pl.String) == RED)
    return {
        check: [table for table in tables.split(", ") if table]
        for check, tables in red.select("check", "tables").rows()
    }


def colour(passport: pl.DataFrame) -> str:
    """Return the worst status of a passport: red, amber or green."""
    found = set(passport["status"].cast(pl.String))
    return next((status for status in (RED, AMBER) if status in found), GREEN)


def _whole(shop: Shop) -> Shop:
    stores = fetch(shop.tables["stores"].select(COLUMNS), by=["store_id"])
    return replace(shop, period=None, reviewing=True, scope=scope(shop.edition, stores))


def _row(name: str, found: Found) -> dict[str, object]:
    check = NAMED[name]
    return {
        "check": name,
        "status": check.status(found.count, found.out_of),
        "tables": check.tables if found.tables is None else found.tables,
        "count": found.count,
        "out_of": found.out_of,
        "share": found.count / found.out_of if found.out_of else None,
        "examples": found.examples,
        "meaning": check.meaning,
        "treatment": check.treatment,
    }


def _worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(
        "status", "share", descending=[False, True], nulls_last=True, maintain_order=True
    )
