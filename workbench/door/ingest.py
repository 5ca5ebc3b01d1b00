"""The door: a retailer's files become one new edition of the lake, whole or not at all.

A load replaces the tables that its mapping fills; other tables of the same retailer stay. The
same files with the same mapping change nothing. Readers keep the edition they opened; the new
one appears when everything is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from workbench.data.contracts import CONTRACTS, DIMENSIONS
from workbench.data.lake import Edition, Lake, WriteMode
from workbench.door import keys, parts, receipts
from workbench.door.delivery import Delivery
from workbench.door.mapping import Mapping

Progress = Callable[[str], None]
FACTS_OF_THEIR_OWN = ("lines", "costs", *DIMENSIONS.values())


@dataclass
class _Load:
    """What one load has written so far."""

    delivery: Delivery
    lake: Lake
    last: Edition | None
    versions: dict[str, int] = field(default_factory=dict)
    findings: list[tuple[str, str, int, int]] = field(default_factory=list)

    def append(self, table: str, rows: pl.DataFrame, *, by: str | None = None) -> None:
        """Write rows: the first of a load replace what the table held before."""
        mode: WriteMode = "append" if table in self.versions else "overwrite"
        self.versions[table] = self.lake.write(table, rows, mode=mode, by=by)

    def written(self, table: str) -> pl.LazyFrame:
        """Return what this load has written to a table, not yet published."""
        return pl.scan_delta(self.lake.folder / table, version=self.versions[table])

    def found(self, table: str, finding: str, rows: int, of_rows: int) -> None:
        self.findings.append((table, finding, rows, of_rows))

    def known(self, table: str) -> pl.DataFrame | None:
        if self.last is None or table not in self.last.tables:
            return None
        return self.lake.scan(self.last, table).collect()


def ingest(
    folders: Sequence[Path],
    mapping: Mapping,
    home: Path,
    *,
    synthetic: Sequence[str] = (),
    progress: Progress = print,
) -> Edition:
    """Load a delivery into the lake of `home` and return the edition that holds it.

    `synthetic` names tables that are declared stand-ins, to be labelled wherever they show.
    Raises MappingError, or DeliveryError for a file that is missing or cannot be read.
    """
    lake = Lake(home)
    with lake.writing(), lake.workplace() as work:
        delivery = Delivery(folders, mapping, work)
        newest = lake.edition() if lake.numbers() else None
        fingerprint = delivery.fingerprint()
        if newest and newest.fingerprint == fingerprint:
            return newest
        last = newest if newest and newest.retailer == mapping.retailer else None
        load = _Load(delivery, lake, last)
        _check(load, progress)
        dimensions = _dimensions(load, progress)
        first_day, last_day = _lines(load, dimensions, progress)
        _facts(load, dimensions, progress)
        _passport(load)
        edition = Edition(
            number=newest.number + 1 if newest else 1,
            retailer=mapping.retailer,
            currency=mapping.currency,
            zone=mapping.zone,
            first_day=first_day,
            last_day=mapping.last_day or last_day,
            fingerprint=fingerprint,
            tables=(last.tables if last else {}) | load.versions,
            synthetic=_synthetic(load, synthetic),
        )
        lake.publish(edition)
    return edition


def _synthetic(load: _Load, given: Sequence[str]) -> tuple[str, ...]:
    mapping = load.delivery.mapping
    declared = {"costs"} if mapping.cost_rates and "costs" not in mapping.tables else set()
    kept = set(load.last.synthetic) - load.versions.keys() if load.last else set()
    return tuple(sorted({*given, *declared, *kept}))


def _check(load: _Load, progress: Progress) -> None:
    for table in load.delivery.mapping.tables:
        progress(f"checking {table}")
        rows = load.delivery.check(table)
        load.found(table, "rows delivered", rows, rows)
        if table == "lines":
            shifted = load.delivery.shifted("lines", "sold_at")
            load.found("lines", "rows on another day by the shops' clock", shifted, rows)


def _dimensions(load: _Load, progress: Progress) -> dict[str, pl.DataFrame]:
    progress("naming customers, products and stores")
    mapping = load.delivery.mapping
    found = {
        table: keys.dimension(load.delivery, name, load.known(table))
        for name, table in DIMENSIONS.items()
        if keys.mentioning(load.delivery, name)
    }
    found["stores"] = found["stores"].with_columns(
        pl.col("retailer").fill_null(mapping.retailer),
        pl.col("currency").fill_null(mapping.currency),
        pl.col("channel").fill_null("store"),
    )
    tree = ["department", "category"]
    merchandise = pl.col("merchandise").fill_null(True)
    products = found["products"].drop("category_id", strict=False).with_columns(merchandise)
    categories = keys.numbered(
        products.select(tree).unique(), tree, "category_id", load.known("categories")
    )
    products = products.join(categories, on=tree, how="left", nulls_equal=True)
    found |= {"products": products, "categories": categories}
    for table, frame in found.items():
        load.append(table, frame.select(*CONTRACTS[table].schema))
    return found


def _costs(load: _Load, dimensions: dict[str, pl.DataFrame]) -> pl.DataFrame | None:
    mapping = load.delivery.mapping
    if "costs" in mapping.tables:
        frame = keys.resolve(load.delivery.scan("costs"), "costs", dimensions).collect()
    elif mapping.cost_rates:
        rates = {name: round(rate * 10_000) for name, rate in mapping.cost_rates.items()}
        rate = pl.col("department").replace_strict(
            rates, default=rates.get("default"), return_dtype=pl.Int32
        )
        frame = dimensions["products"].select(
            "product_id", cost_rate=rate, basis=pl.lit("declared")
        )
    else:
        return None
    load.append("costs", frame)
    return frame


def _lines(
    load: _Load, dimensions: dict[str, pl.DataFrame], progress: Progress
) -> tuple[date, date]:
    costs = _costs(load, dimensions)
    products = dimensions["products"].select("product_id", "category_id")
    if costs is None:
        products = products.with_columns(cost_rate=pl.lit(None, dtype=pl.Int32))
    else:
        products = products.join(costs, on="product_id", how="left", validate="1:1")
    lines = receipts.costed(
        keys.resolve(load.delivery.scan("lines"), "lines", dimensions), products
    )
    days: list[date] = []
    baskets = rows = late = 0
    last_day = load.delivery.mapping.last_day or date.max
    progress("sorting receipts by month")
    for part in parts.split(lines, "month", load.lake.folder):
        progress(f"writing receipts of {part['month'][0]}")
        month = receipts.ordered(part, baskets)
        load.append("lines", receipts.lines(month), by="month")
        load.append("baskets", receipts.baskets(month))
        baskets = month["basket_id"][-1]
        days += month["day"].unique().to_list()
        rows += month.height
        late += month.filter(pl.col("day") > last_day).height
    load.found("lines", "rows after the last complete day", late, rows)
    return min(days), max(days)


def _facts(load: _Load, dimensions: dict[str, pl.DataFrame], progress: Progress) -> None:
    for table in load.delivery.mapping.tables:
        if table in FACTS_OF_THEIR_OWN:
            continue
        progress(f"writing {table}")
        contract = CONTRACTS[table]
        frame = keys.resolve(load.delivery.scan(table), table, dimensions)
        if "week" in contract.schema:
            weeks = parts.split(frame, "week", load.lake.folder)
        else:
            weeks = iter([frame.collect()])
        for rows in weeks:
            load.append(table, parts.one_of_each(rows.select(*contract.schema), contract.key))


def _passport(load: _Load) -> None:
    ids = {table: name for name, table in DIMENSIONS.items()}
    for table in load.delivery.mapping.tables:
        if table in ids:
            kept = load.delivery.scan(table).select(pl.col(ids[table]).n_unique())
        else:
            kept = load.written(table).select(pl.len())
        delivered = next(rows for name, _, rows, _ in load.findings if name == table)
        merged = delivered - int(kept.collect().item())
        load.found(table, "rows merged with one of the same key", merged, delivered)
    schema = CONTRACTS["passport"].schema
    load.append("passport", pl.DataFrame(load.findings, schema=schema, orient="row"))
