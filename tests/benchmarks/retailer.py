"""Retailers of any size, made from the sample retailer: a lake, and a plain copy of it.

`python tests/benchmarks/retailer.py 10 100 --folder DIR` makes retailers of 10 and 100 million
lines. The sample's households are repeated under new numbers until there are lines enough; the
last time only some of them. A seed says, for each time:

- which receipts fall a week earlier or later, on the same weekday and in the same month;
- which are from the store that is next by sales (one in eight);
- which lines are of the product that is next by sales in its category (one in eight);
- what each line cost: up to a tenth more or less than in the sample.

Products, stores, prices, promotions and campaigns are the sample's. Receipts are written month by
month through the door's own merging, so the layout is the product's; then the passport is made
and the edition sealed. The plain copy is what a till exports: a Parquet file of text ids and
amounts with fractions per run of days, in order of time.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from workbench.data import seals
from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition, Lake
from workbench.data.scope import COLUMNS as STORE
from workbench.door import merging, parts, receipts, sample
from workbench.door.draft import Draft
from workbench.door.examine import examined

FOLDER = Path(".workbench-bench")
MILLION = 1_000_000
MOVED = 1 / 8
DEARER = 0.1
OF_CUSTOMERS = (
    *("customers", "targets", "redemptions", "consents", "attributes"),
    *("contacts", "web_events"),
)
MADE_HERE = ("passport", *receipts.MADE, *OF_CUSTOMERS)


def home(millions: float, folder: Path = FOLDER) -> Path:
    """Return the home of the retailer with so many million lines."""
    return folder.resolve() / f"{millions:g}m"


def made(millions: float, folder: Path = FOLDER, *, seed: int = 0) -> Path:
    """Return the home of a retailer, which is made if it is not there: lake and plain copy.

    `made.json` in it tells seed, lines, customers and a digest of the receipts' files.
    """
    target = home(millions, folder)
    if not (target / "made.json").exists():
        shutil.rmtree(target, ignore_errors=True)
        _make(_sample(folder), target, round(millions * MILLION), seed)
    return target


def plain(home: Path) -> list[Path]:
    """Return the files of a retailer's plain copy."""
    return sorted((home / "plain").glob("*.parquet"))


def _quiet(_: str) -> None:
    """Say nothing about progress."""


def _sample(folder: Path) -> Path:
    home = folder / "sample"
    if not Lake(home).numbers():
        sample.load(home, progress=_quiet)
    return home


def _make(source: Path, target: Path, lines: int, seed: int) -> None:
    old, lake = Lake(source), Lake(target)
    edition = old.edition()
    with lake.writing(), lake.workplace() as work:
        draft = Draft(lake, edition.place, None)
        for table in sorted({*edition.tables} - {*MADE_HERE}):
            shutil.copytree(old.path(edition.place, table), draft.path(table))
            draft.tables[table] = edition.tables[table]
        stock = Stock(old, edition, lines, seed)
        for table in OF_CUSTOMERS:
            _put(draft, table, stock.repeated(table))
        for month in stock.months:
            _write_month(draft, stock, month, work)
        new = dataclasses.replace(edition, number=1, tables=dict(draft.tables))
        new = examined(draft, new)
        seals.seal(lake, new, None)
        lake.publish(new)
    (target / "plain").mkdir()
    for month in stock.months:
        _export(lake, new, month, target / "plain")
    told = {"seed": seed, **_told(lake, new)}
    (target / "made.json").write_text(json.dumps(told, indent=2), encoding="utf-8")


class Stock:
    """The sample's receipts and customers, to be repeated until there are lines enough."""

    def __init__(self, lake: Lake, edition: Edition, lines: int, seed: int) -> None:
        self.lake, self.edition, self.seed = lake, edition, seed
        stored = self.scan("lines")
        counts = stored.group_by("customer_id").len().sort("customer_id").collect()
        whole, rest = divmod(lines, int(counts["len"].sum()))
        within = counts.filter(pl.col("len").cum_sum() <= rest)["customer_id"]
        self.customers = self.scan("customers").select(pl.col("customer_id").max()).collect().item()
        self.last = 0 if within.is_empty() else within.last()
        self.copies = whole + bool(self.last)
        self.whole = whole
        self.months = stored.select(pl.col("month").unique().sort()).collect()["month"].to_list()
        self.next_product = self._next("product_id", "category_id")
        self.next_store = self._next("store_id")

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table of the sample."""
        return self.lake.scan(self.edition, table)

    def repeated(self, table: str) -> pl.DataFrame:
        """Return a table of customers with the rows of all copies, sorted by its key."""
        rows = self.scan(table).collect()
        copies = pl.concat(self._renumbered(rows, copy) for copy in range(self.copies))
        return copies.sort(CONTRACTS[table].key)

    def receipts(self, month: int) -> Iterator[pl.DataFrame]:
        """Give the month's receipt lines of one copy after the other, as they are merged."""
        rows = self.scan("lines").filter(pl.col("month") == month).collect()
        rows = rows.sort("basket_id", "product_id")
        for copy in range(self.copies):
            drawn = np.random.default_rng([self.seed, month, copy])
            yield self._varied(self._renumbered(rows, copy), copy, drawn)

    def _renumbered(self, rows: pl.DataFrame, copy: int) -> pl.DataFrame:
        if copy == self.whole:
            rows = rows.filter(pl.col("customer_id") <= self.last)
        texts = [pl.format("{}-{}", pl.lit(copy), "customer").alias("customer")]
        number = pl.col("customer_id") + copy * self.customers
        return rows.with_columns(number, *(texts if "customer" in rows.columns else ()))

    def _varied(self, rows: pl.DataFrame, copy: int, drawn: np.random.Generator) -> pl.DataFrame:
        receipt = rows["basket_id"].rle_id().to_numpy()
        count = int(receipt[-1]) + 1 if len(receipt) else 0
        weeks = pl.lit(pl.Series(drawn.integers(-1, 2, count)[receipt], dtype=pl.Int64))
        elsewhere = pl.Series((drawn.random(count) < MOVED)[receipt])
        other = pl.Series(drawn.random(rows.height) < MOVED)
        price = pl.Series(drawn.uniform(1 - DEARER, 1 + DEARER, rows.height))
        day = pl.col("day") + pl.duration(weeks=weeks)
        stays = day.dt.month() == pl.col("day").dt.month()
        next_store = pl.col("store_id").replace_strict(self.next_store)
        next_product = pl.col("product_id").replace_strict(self.next_product)
        number = pl.col("basket_id") % receipts.MOST_BASKETS + copy * MILLION
        return rows.with_columns(
            day=pl.when(stays).then(day).otherwise("day"),
            store_id=pl.when(elsewhere).then(next_store).otherwise("store_id"),
            product_id=pl.when(other).then(next_product).otherwise("product_id"),
            sales=(pl.col("sales") * price).round().cast(pl.Int32),
            basket=number.cast(pl.String).str.zfill(10),
        ).select(*receipts.COLUMNS, pl.lit(0, dtype=pl.Int32).alias(parts.FILE))

    def _next(self, column: str, within: str | None = None) -> dict[int, int]:
        """Return what follows each product or store by sales; after the last comes the first."""
        keys = [column] if within is None else [within, column]
        sold = self.scan("lines").group_by(keys).agg(pl.col("sales").cast(pl.Int64).sum())
        ranked = sold.collect().sort("sales", column, descending=[True, False])
        follows = pl.col(column).shift(-1, fill_value=pl.col(column).first())
        new = follows if within is None else follows.over(within)
        pairs = ranked.select(column, new=new)
        return dict(pairs.rows())


def _put(draft: Draft, table: str, rows: pl.DataFrame) -> None:
    if not CONTRACTS[table].dated:
        draft.replace(table, rows)
        return
    for (month,), some in sorted(rows.partition_by("month", as_dict=True).items()):
        draft.put(table, month, some)


def _write_month(draft: Draft, stock: Stock, month: int, work: Path) -> None:
    place = work / "copies"
    place.mkdir()
    for number, rows in enumerate(stock.receipts(month)):
        rows.write_parquet(place / f"{number:06d}.parquet")
    new, prices = pl.scan_parquet(place / "*.parquet"), merging.prices(draft)
    merging.merge_lines(draft, new, prices, once=False, near=work, progress=_quiet)
    shutil.rmtree(place)


def _export(lake: Lake, edition: Edition, month: int, folder: Path) -> None:
    """Write a month as a till would, with the names that openretailscience looks for."""
    table = {name: lake.scan(edition, name) for name in ("lines", "baskets", "products", "stores")}
    customers = lake.scan(edition, "customers").select("customer_id", "customer")
    lines = table["lines"].filter(pl.col("month") == month)
    for number, days in enumerate(parts.runs_of(lines, "day", merging.MOST_ROWS)):
        full = (
            lines.filter(days)
            .join(table["baskets"].select("basket_id", "basket"), on="basket_id", how="left")
            .join(table["products"].drop("category_id"), on="product_id", how="left")
            .join(table["stores"].select(STORE[0], "store"), on="store_id", how="left")
            .join(customers, on="customer_id", how="left")
        )
        minutes = pl.duration(minutes=pl.col("minute").cast(pl.Int64))
        bought = full.select(
            customer_id="customer",
            transaction_id=pl.format("{}-{}-{}", "day", "store", "basket"),
            transaction_date=pl.col("day").cast(pl.Datetime("us")) + minutes,
            store_id="store",
            product_id="product",
            product="description",
            category="category",
            department="department",
            brand="brand",
            unit_quantity=pl.col("quantity") / 1000,
            unit_spend=pl.col("sales") / 100,
            unit_cost=(pl.col("sales") - pl.col("margin")) / 100,
            discount=pl.sum_horizontal(*receipts.DISCOUNTS) / 100,
        )
        ordered = bought.sort("transaction_date", "store_id", "transaction_id", "product_id")
        ordered.collect().write_parquet(folder / f"{month}-{number:02d}.parquet")


def _told(lake: Lake, edition: Edition) -> dict[str, object]:
    lines = lake.scan(edition, "lines").select(
        lines=pl.len(), customers=pl.col("customer_id").max()
    )
    sealed = seals.read(lake, edition)
    files = sorted(sealed[name] for name in sealed if "/lines/month=" in name)
    told = lines.collect().row(0, named=True)
    return told | {"digest": hashlib.sha256("".join(files).encode()).hexdigest()}


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("millions", type=float, nargs="+")
    asked.add_argument("--folder", type=Path, default=FOLDER)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    for size in given.millions:
        place = made(size, given.folder, seed=given.seed)
        print(place, (place / "made.json").read_text(encoding="utf-8"))
