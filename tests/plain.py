"""A plain shop: eight busy weeks in which every check of the passport is green."""

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from workbench.data import open_shop
from workbench.data.passport import passport
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping

FIRST = dt.date(2026, 1, 5)
DAYS, RECEIPTS, ITEMS = 56, 20, 101
MAPPING = """\
retailer: Plain shop
currency: EUR
zone: Europe/Paris
last_day: 2026-03-01
tables:
  lines:
    file: lines.csv
    reject: 0.5
    columns:
      basket: basket
      customer: customer
      product: product
      store: store
      sold_at: sold_at
      quantity: quantity
      sales: sales
      loyalty_discount: loyalty_discount
      coupon_discount: coupon_discount
"""
SPOKEN = {
    "products": "product description department category own_label merchandise",
    "customers": "customer age",
    "stores": "store channel region retailer currency",
    "costs": "product cost_rate basis",
    "consents": "customer purpose granted since until",
    "campaigns": "campaign starts ends",
    "targets": "campaign customer",
    "coupons": "campaign coupon product",
    "redemptions": "campaign coupon customer day",
    "promotions": "product store week display",
    "stock": "product store week units",
}
LINE = "basket customer product store sold_at quantity sales loyalty_discount coupon_discount"


def item(number: int) -> str:
    """Return the id of an item.

    >>> item(108)
    'i007'
    """
    return f"i{number % ITEMS:03d}"


def line(
    basket: str,
    day: dt.date | int,
    *,
    card: str = "1",
    product: str = "i000",
    store: str = "N",
    time: str = "20:00",
    quantity: str = "1",
    sales: str = "2.00",
    loyalty: str = "0.00",
    coupon: str = "0.00",
) -> str:
    """Return a receipt line; a day may be counted from the first."""
    when = day if isinstance(day, dt.date) else FIRST + dt.timedelta(days=day)
    return (
        f"{basket},{card},{product},{store},{when} {time}:00,{quantity},{sales},{loyalty},{coupon}"
    )


def card(day: int, receipt: int) -> str:
    """Return whose card it is: ten customers in the first 30 days, forty later."""
    return str(1 + receipt % 10 if day < 30 else 1 + (receipt + RECEIPTS * (day % 2)) % 40)


def sold(day: int, receipt: int) -> str:
    """Return one ordinary sale."""
    return line(
        f"{day}-{receipt}",
        day,
        card=card(day, receipt),
        product=item(day * RECEIPTS + receipt),
        store="NS"[receipt % 2],
        time=f"{9 + receipt // 2:02d}:30",
    )


def weeks(count: int = 8) -> list[dt.date]:
    """Return the Mondays of the first weeks."""
    return [FIRST + dt.timedelta(weeks=number) for number in range(count)]


def _tables() -> dict[str, list[str]]:
    cards = range(1, 41)
    return {
        "products": [
            f"{item(n)},Item {n},Food,Shelf {n % 10},{'yes' if n % 5 else 'no'},yes"
            for n in range(ITEMS)
        ],
        "customers": [f"{n},30-39" for n in cards],
        "stores": ["N,store,North,Plain shop,EUR", "S,store,South,Plain shop,EUR"],
        "costs": [f"{item(n)},0.5,recorded" for n in range(ITEMS)],
        "consents": [f"{n},marketing,yes,2026-01-01," for n in cards],
        "campaigns": ["7,2026-01-12,2026-01-18"],
        "targets": ["7,1"],
        "coupons": ["7,C1,i000"],
        "redemptions": ["7,C1,1,2026-01-13"],
        "promotions": [f"i000,N,{FIRST},1"],
        "stock": [f"i000,N,{week},5" for week in weeks()],
    }


@dataclass(frozen=True)
class Delivery:
    """The plain shop's files: lines by day, rows of the other tables, and the mapping."""

    days: dict[int, list[str]] = field(
        default_factory=lambda: {d: [sold(d, r) for r in range(RECEIPTS)] for d in range(DAYS)}
    )
    tables: dict[str, list[str]] = field(default_factory=_tables)
    mapping: str = MAPPING

    def sells(self, *lines: str) -> "Delivery":
        """Return the delivery with further lines."""
        return replace(self, days=self.days | {-1: [*self.days.get(-1, []), *lines]})

    def without_days(self, *days: int, receipts: int = 0) -> "Delivery":
        """Return the delivery with no more than a few receipts on some days."""
        return replace(self, days=self.days | {day: self.days[day][:receipts] for day in days})

    def has(self, table: str, *rows: str) -> "Delivery":
        """Return the delivery with other rows of a table, or without the table."""
        tables = {name: old for name, old in self.tables.items() if name != table}
        return replace(self, tables=tables | {table: list(rows)} if rows else tables)

    def adds(self, table: str, *rows: str) -> "Delivery":
        """Return the delivery with further rows of a table."""
        return self.has(table, *self.tables[table], *rows)

    def load(self, home: Path) -> pl.DataFrame:
        """Load the delivery into a home and return its passport."""
        folder = home / "delivery"
        folder.mkdir(parents=True, exist_ok=True)
        rows = [one for day in sorted(self.days) for one in self.days[day]]
        mapping = self.mapping
        _write(folder / "lines.csv", LINE, rows)
        for table, lines in self.tables.items():
            _write(folder / f"{table}.csv", SPOKEN[table], lines)
            columns = ", ".join(f"{name}: {name}" for name in SPOKEN[table].split())
            mapping += f"  {table}:\n    file: {table}.csv\n    columns: {{{columns}}}\n"
        (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
        ingest([folder], Mapping.read(folder / "mapping.yaml"), home, progress=_quiet)
        return passport(open_shop(home, reviewing=True))


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header.replace(" ", ","), *rows]) + "\n", encoding="utf-8")


def _quiet(_: str) -> None:
    """Say nothing about progress."""
