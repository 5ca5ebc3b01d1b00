"""The lake without a person: a new edition in a new place, after which the old place goes whole.

The tables that speak of customers are written afresh, so that neither their files nor their logs
keep anything: no older version, no statistics, no deleted row. Until the new edition is published
the old one stands untouched; a kill leaves at most a folder that no edition names.
"""

import dataclasses
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition, Lake
from workbench.door import merging, receipts
from workbench.door.draft import Draft, new_place
from workbench.door.erase.mentions import Person
from workbench.door.examine import examined

FACTS = ("lines", "baskets")
SCRUBBED = {"quarantine": "value", "findings": "examples"}
KEPT = ("editions",)
IN_USE = "."


@dataclass
class Removed:
    """What was taken out of the lake: rows by table, and receipt lines that lost their card."""

    rows: dict[str, int] = field(default_factory=dict)
    lines: int = 0
    baskets: int = 0


def find(lake: Lake, edition: Edition, customer: str) -> Person | None:
    """Return the person of that id, or None where the retailer knows nobody of it."""
    known = lake.scan(edition, "customers").filter(pl.col("customer") == customer)
    numbers = known.select("customer_id").collect()["customer_id"]
    if numbers.is_empty():
        return None
    theirs = [each for each in lake.editions() if each.retailer == edition.retailer]
    words = [word for each in theirs for word in _words(lake, each, customer)]
    return Person(customer, numbers[0], tuple(dict.fromkeys(words)))


def _words(lake: Lake, edition: Edition, customer: str) -> list[str]:
    """Return what names the person of that id, as an edition has it."""
    if "people" not in edition.tables:
        return []
    known = lake.scan(edition, "customers").filter(pl.col("customer") == customer)
    person = lake.scan(edition, "people").join(known, on="customer_id", how="semi")
    texts = person.select("email", "phone", "first_name").collect()
    return [word for row in texts.iter_rows() for word in row if word]


def write_without(
    lake: Lake, edition: Edition, person: Person, progress: Callable[[str], None]
) -> tuple[Edition, Removed]:
    """Write the retailer's tables without the person and return their edition, unpublished."""
    number = lake.numbers()[-1] + 1
    draft = Draft(lake, new_place(lake, edition.retailer, number), None)
    removed = Removed()
    for table in edition.tables:
        if table not in (*receipts.MADE, "passport"):
            progress(f"writing {table}")
            _copy(lake, edition, draft, table, person, removed)
    _receipts(lake, edition, draft, person, removed, progress)
    new = dataclasses.replace(edition, number=number, place=draft.place, tables=dict(draft.tables))
    return examined(draft, new), removed


def sweep(lake: Lake) -> None:
    """Remove what no edition names: tables and seals that were replaced or that a kill left."""
    editions = lake.editions()
    named = {edition.place for edition in editions if edition.place}
    named |= {table for edition in editions if not edition.place for table in edition.tables}
    for folder in lake.folder.iterdir():
        stays = folder.name in {*named, *KEPT} or folder.name.startswith(IN_USE)
        if folder.is_dir() and not stays:
            shutil.rmtree(folder)
    numbers = lake.numbers()
    for seal in lake.folder.glob("editions/*.sha256"):
        if int(seal.stem) not in numbers:
            seal.unlink()


def forget_older(lake: Lake, edition: Edition) -> None:
    """Take the retailer's other editions out of the lake."""
    for other in lake.editions():
        if other.retailer == edition.retailer and other.number != edition.number:
            lake.forget(other)


def _copy(
    lake: Lake, edition: Edition, draft: Draft, table: str, person: Person, removed: Removed
) -> None:
    rows = lake.scan(edition, table)
    personal = "customer_id" in rows.collect_schema()
    if not personal and table not in SCRUBBED:
        _link(lake.path(edition.place, table), draft.path(table))
        draft.tables[table] = edition.tables[table]
        return
    if personal:
        theirs = pl.col("customer_id") == person.number
        removed.rows[table] = int(rows.select(theirs.sum()).collect().item())
        rows = rows.filter(~theirs.fill_null(False))
    if table in SCRUBBED:
        rows = _scrubbed(rows, SCRUBBED[table], person, table, removed)
    if not CONTRACTS[table].dated:
        draft.replace(table, rows.collect())
        return
    draft.clear(table)
    months = rows.select(pl.col("month").unique().sort()).collect()["month"]
    for month in months:
        part = rows.filter(pl.col("month") == month).collect()
        draft.put(table, month, part.sort(*CONTRACTS[table].key, nulls_last=True))


def _link(source: Path, target: Path) -> None:
    """Give a table that speaks of nobody a second place; its files are shared where they can be."""
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def _scrubbed(
    rows: pl.LazyFrame, column: str, person: Person, table: str, removed: Removed
) -> pl.LazyFrame:
    frame = rows.collect()
    named = [text is not None and person.named_in(text) for text in frame[column]]
    removed.rows[f"{table} ({column})"] = sum(named)
    return frame.with_columns(frame[column].set(pl.Series(named, dtype=pl.Boolean), None)).lazy()


def _receipts(
    lake: Lake,
    edition: Edition,
    draft: Draft,
    person: Person,
    removed: Removed,
    progress: Callable[[str], None],
) -> None:
    """Write the receipts month by month; the person's keep their money, without a card."""
    prices = merging.prices(draft)
    whole = lake.scan(edition, "lines")
    for table in receipts.MADE:
        draft.clear(table)
    for month in whole.select(pl.col("month").unique().sort()).collect()["month"]:
        progress(f"writing receipts of {month}")
        of_month = pl.col("month") == month
        lines, baskets = (lake.scan(edition, table).filter(of_month).collect() for table in FACTS)
        theirs = pl.col("customer_id") == person.number
        removed.lines += int(lines.select(theirs.sum()).item())
        removed.baskets += int(baskets.select(theirs.sum()).item())
        stored = receipts.stored(lines.lazy(), baskets.lazy()).collect()
        card = pl.when(~theirs.fill_null(False)).then(pl.col("customer_id")).alias("customer_id")
        amounts = pl.col(receipts.AMOUNTS).cast(pl.Int64)
        laid_out = receipts.laid_out(stored.with_columns(card, amounts), prices, month)
        for table, rows in receipts.MADE.items():
            draft.put(table, month, rows(laid_out))
