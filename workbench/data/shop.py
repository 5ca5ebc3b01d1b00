"""A shop: one retailer's tables as one edition of the lake has them, read lazily."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from workbench import paths
from workbench.data.lake import Edition, Lake
from workbench.data.period import Latest, Period

PINNED = "WORKBENCH_DATA_VERSION"


class NotCovered(ValueError):  # noqa: N818 - reads as the fact it states
    """A period that the data does not fully cover; the text names both."""


@dataclass(frozen=True)
class Shop:
    """Lazy tables of one data version; `during` narrows the receipts to a period.

    Tables are Narwhals lazy frames; `shop.lines.to_native()` is the Polars frame underneath.
    """

    edition: Edition
    tables: Mapping[str, nw.LazyFrame[Any]]
    period: Period | None = None
    asked: set[str] = field(default_factory=set, repr=False)

    @property
    def version(self) -> str:
        """Return the name of the data version, such as `v3`."""
        return self.edition.version

    @property
    def retailer(self) -> str:
        """Return the retailer's name."""
        return self.edition.retailer

    @property
    def currency(self) -> str:
        """Return the ISO code of the retailer's currency."""
        return self.edition.currency

    @property
    def first_day(self) -> date:
        """Return the first day with receipts."""
        return self.edition.first_day

    @property
    def last_day(self) -> date:
        """Return the last complete day: the analysis date where none is given."""
        return self.edition.last_day

    @property
    def synthetic(self) -> tuple[str, ...]:
        """Return the declared stand-ins among the tables that were asked for so far."""
        return tuple(name for name in self.edition.synthetic if name in self.asked)

    @property
    def span(self) -> Period:
        """Return the days looked at: the period, or all complete days of the data."""
        return self.period or Period(self.first_day, self.last_day)

    def table(self, name: str) -> nw.LazyFrame[Any]:
        """Return a whole table, or raise ValueError naming those there are."""
        try:
            table = self.tables[name]
        except KeyError:
            known = ", ".join(sorted(self.tables))
            raise ValueError(
                f"{self.retailer} has no table {name!r}; there are: {known}; "
                "`workbench ingest` adds one whose mapping names it"
            ) from None
        self.asked.add(name)
        return table

    def has(self, name: str) -> bool:
        """Return whether the retailer delivered a table."""
        return name in self.tables

    @property
    def lines(self) -> nw.LazyFrame[Any]:
        """Return the receipt lines of the period: one row per basket and product."""
        lines = self.table("lines")
        first, last = self.span.first, self.span.last
        months = nw.col("month").is_between(_month(first), _month(last))
        return lines.filter(months, nw.col("day").is_between(first, last))

    @property
    def products(self) -> nw.LazyFrame[Any]:
        """Return the products: one row per product."""
        return self.table("products")

    @property
    def categories(self) -> nw.LazyFrame[Any]:
        """Return the categories: one row per department and category."""
        return self.table("categories")

    @property
    def customers(self) -> nw.LazyFrame[Any]:
        """Return the customers: one row per card or household."""
        return self.table("customers")

    @property
    def stores(self) -> nw.LazyFrame[Any]:
        """Return the stores: one row per store."""
        return self.table("stores")

    def window(self, period: str | Period | Latest) -> Period:
        """Return the days a period means here, or raise NotCovered if the data lacks some."""
        wanted = Period.parse(period)
        window = wanted.until(self.last_day) if isinstance(wanted, Latest) else wanted
        if window.first < self.first_day or window.last > self.last_day:
            meant = f" ({window})" if isinstance(wanted, Latest) else ""
            raise NotCovered(
                f"the data does not cover the period {wanted}{meant}: it runs from "
                f"{self.first_day} to {self.last_day}; choose days inside it"
            )
        return window

    def during(self, period: str | Period | Latest) -> "Shop":
        """Return the shop with its receipt lines narrowed to a period."""
        return replace(self, period=self.window(period))

    def on(self, engine: Callable[[str, nw.LazyFrame[Any]], Any]) -> "Shop":
        """Return the shop on another engine; `engine(name, table)` gives its native frame."""
        tables = {name: nw.from_native(engine(name, table)) for name, table in self.tables.items()}
        return replace(self, tables=tables)


def open_shop(folder: Path | None = None, version: str | None = None) -> Shop:
    """Open the retailer's data: the newest version, or the one that is named or pinned.

    The folder is the workbench's home (`WORKBENCH_HOME`). A run pins its version through
    `WORKBENCH_DATA_VERSION`. Raises NoLake where there is no data or not that version.
    """
    lake = Lake(folder or paths.home())
    edition = lake.edition(version or os.environ.get(PINNED) or None)
    return Shop(
        edition, {name: nw.from_native(lake.scan(edition, name)) for name in edition.tables}
    )


def _month(day: date) -> int:
    return day.year * 100 + day.month
