"""The receipt of an erasure: what was removed, what stays, and what is out of reach."""

from collections.abc import Iterable

import polars as pl

from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.lake import Edition, Lake
from workbench.door.erase.lake import Removed
from workbench.door.erase.mentions import Cleared

OUT_OF_REACH = (
    "the files the retailer delivered, listed above: they are the retailer's own; delivered again, "
    "they bring nobody back",
    "what was sent to others: audiences, exports, messages; reports copied or written elsewhere",
    "notebooks saved with their outputs, backups, and snapshots of the disk",
)


class Changed(RuntimeError):  # noqa: N818 - reads as the fact it states
    """An erasure would have changed the money; nothing was published."""


def told(
    lake: Lake,
    before: Edition,
    after: Edition,
    person: str,
    removed: Removed,
    cleared: Cleared,
    entries: int = 0,
) -> str:
    """Return the text of a receipt; `person` is the keyed hash that stands for the person.

    `entries` of the journal were removed. Raises Changed where the sales before and after are not
    the same to the cent.
    """
    sales = _sales(lake, before)
    if sales != _sales(lake, after):
        raise Changed("sales with and without the person differ; nothing was erased, tell us")
    older = [each.version for each in lake.editions() if each.retailer == before.retailer]
    rows = [f"{table}: {count:,}" for table, count in removed.rows.items() if count]
    lines = [
        "Receipt of an erasure",
        "",
        f"Person (keyed hash): {person}",
        f"Retailer: {before.retailer}",
        f"Data: {after.version}; no longer there: {', '.join(older)}",
        "",
        *_listed("Rows removed, by table", rows),
        f"Receipts that stay as sales without a card: {removed.lines:,} lines in "
        f"{removed.baskets:,} baskets",
        f"Sales before and after: {sales / CENTS_PER_UNIT:.2f} {before.currency}",
        "",
        f"Entries of the journal removed (alerts, groups of campaigns, what was sent): {entries:,}",
        "",
        *_listed("Reports and pages removed, to be made again", cleared.dropped),
        *_listed("Files that lost rows or lines", cleared.shortened),
        *_listed("Files left as they are, which name the person", cleared.left),
        *_listed("Files delivered to the tables concerned", _delivered(lake, before, removed)),
        *_listed("Out of reach", OUT_OF_REACH),
    ]
    return "\n".join(lines) + "\n"


def _sales(lake: Lake, edition: Edition) -> int:
    sales = lake.scan(edition, "lines").select(pl.col("sales").cast(pl.Int64).sum())
    return int(sales.collect().item())


def _listed(title: str, items: Iterable[str]) -> list[str]:
    return [f"{title}:", *(f"- {item}" for item in list(items) or ["none"]), ""]


def _delivered(lake: Lake, edition: Edition, removed: Removed) -> list[str]:
    """Return the files of the ledger that fed a table in which the person was."""
    if "files" not in edition.tables:
        return []
    tables = [table for table, count in removed.rows.items() if count]
    tables += ["lines"] if removed.lines else []
    files = lake.scan(edition, "files").filter(pl.col("table").is_in(tables))
    return files.select(pl.col("file").unique().sort()).collect()["file"].to_list()
