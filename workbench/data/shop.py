"""A shop: one retailer's tables as one edition of the lake has them, read lazily."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.data.answers import ANSWERS
from workbench.data.checks.check import AMBER, RED
from workbench.data.engine import UNCOSTED, fetch, height
from workbench.data.engines import Tables
from workbench.data.goods import is_merchandise
from workbench.data.lake import Edition, Lake
from workbench.data.months import rows_in
from workbench.data.period import Latest, Period
from workbench.data.receipts import MADE_OF_LINES
from workbench.data.scope import Scope, scope_of
from workbench.data.verdict import Verdict, accepted, stop

PINNED = "WORKBENCH_DATA_VERSION"
PART, FINE, APART = 25_000, 10_000, 50  # customers held at a time, of many rows; categories apart


class NotCovered(ValueError):  # noqa: N818 - reads as the fact it states
    """A period that the data does not fully cover; the text names both."""


@dataclass(frozen=True)
class Shop:
    """Lazy tables of one data version; `during` and `only` narrow the receipts.

    Tables are Narwhals lazy frames; `shop.lines.to_native()` is the Polars frame underneath.
    A table that a red check of the passport concerns is refused with RedPassport unless the
    check is among the `accepted`, or the passport itself is being reviewed.
    """

    edition: Edition
    tables: Mapping[str, nw.LazyFrame[Any]]
    period: Period | None = None
    asked: set[str] = field(default_factory=set, repr=False)
    scope: Scope | None = None
    whose: nw.Expr | None = None
    one_in: int = 1
    accepted: frozenset[str] = frozenset()
    reviewing: bool = False

    @property
    def version(self) -> str:
        """Return the name of the data version, such as `v3`."""
        return self.edition.version

    @property
    def retailer(self) -> str:
        """Return the retailer's name."""
        return self.scope.retailer if self.scope else self.edition.retailer

    @property
    def currency(self) -> str:
        """Return the ISO code of the currency of the stores looked at."""
        return self.scope.currency if self.scope else self.edition.currency

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
        self._stop_at_red(name)
        self.asked.add(name)
        return table

    def has(self, name: str) -> bool:
        """Return whether the retailer delivered a table."""
        return name in self.tables

    @property
    def lines(self) -> nw.LazyFrame[Any]:
        """Return the receipt lines of the period and the stores: one per basket and product."""
        return self.looked_at("lines")

    @property
    def receipts(self) -> nw.LazyFrame[Any]:
        """Return what each receipt of the period and the stores comes to, to be added up.

        Columns: basket_id, customer_id, store_id, day, minute, month, new_basket, lines, quantity,
        sales, goods (sales of merchandise), margin (of lines with a known cost), uncosted (lines
        without one) and the discounts. Ask for sums, the least and the most only: a lake that was
        loaded before it had this table gives single lines with the same columns.
        """
        if self.has("receipts"):
            return self.looked_at("receipts")
        return self.lines.with_columns(
            lines=nw.lit(1),
            goods=nw.when(is_merchandise(self.products)).then(nw.col("sales")).otherwise(0),
            uncosted=UNCOSTED,
        )

    def within(self, categories: Iterable[int]) -> nw.LazyFrame[Any]:
        """Return the receipt lines of some categories (ids), passing over the others' if it can."""
        ids = list(categories)
        apart = len(ids) <= APART and self.has("category_lines")
        lines = self.looked_at("category_lines" if apart else "lines")
        return lines.filter(nw.col("category_id").is_in(ids))

    def looked_at(self, table: str) -> nw.LazyFrame[Any]:
        """Return the rows of the period and the stores of the lines, or of a table made of them."""
        lines = self.table("lines")
        rows = lines if table == "lines" else self.tables[table]
        rows = rows_in(rows, self.span)
        if self.whose is not None:
            rows = rows.filter(self.whose)
        if self.scope is None or self.scope.stores is None:
            return rows
        return rows.filter(nw.col("store_id").is_in(self.scope.stores))

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
            meant = f"{wanted} ({window.written})" if isinstance(wanted, Latest) else window.written
            whole = Period(self.first_day, self.last_day).written
            raise NotCovered(
                f"the data does not cover the period {meant}: it runs from {whole}; choose days "
                "inside it"
            )
        return window

    def during(self, period: str | Period | Latest) -> "Shop":
        """Return the shop with its receipt lines narrowed to a period."""
        return replace(self, period=self.window(period))

    def months(self) -> "list[Shop]":
        """Return the shop month by month, for questions whose groups lie within a month."""
        days = pl.select(day=pl.date_range(self.span.first, self.span.last))
        months = days.group_by(pl.col("day").dt.month_start().alias("month")).agg(
            first=pl.col("day").min(), last=pl.col("day").max()
        )
        ends = months.sort("month").select("first", "last").rows()
        return [replace(self, period=Period(first, last)) for first, last in ends]

    def parts(self, most: int = PART) -> "list[Shop]":
        """Return the shop in parts of so many customers, by number; a customer is in one of them.

        Parts hold receipts with a card; lines lie in customers' order, so each is read by itself.
        """
        known = fetch(self.customers.select("customer_id"), by=["customer_id"])["customer_id"]
        starts = known.gather_every(most).to_list() or [0]
        firsts = [*starts, (known.tail(1).to_list() or starts)[0] + 1]
        who = nw.col("customer_id")
        parts = [who.is_between(first, after - 1) for first, after in pairwise(firsts)]
        chosen = [part if self.whose is None else self.whose & part for part in parts]
        return [replace(self, whose=whose) for whose in chosen]

    def sample(self, most: int, seed: int = 0) -> "Shop":
        """Return the shop with the receipts of at most so many of its customers, evenly chosen.

        That is every n-th by number (`one_in`); a shop with no more customers stays whole.
        """
        every = -(-height(self.customers) // most)
        if every <= 1:
            return self
        return replace(self, whose=nw.col("customer_id") % every == seed % every, one_in=every)

    def only(
        self,
        *,
        channel: str | None = None,
        currency: str | None = None,
        retailer: str | None = None,
    ) -> "Shop":
        """Return the shop with its receipt lines narrowed to some of all its stores.

        Raises OutOfScope for a channel, currency or retailer that no store has.
        """
        return replace(self, scope=scope_of(self.edition, self.tables, retailer, currency, channel))

    def with_lines(self, lines: nw.LazyFrame[Any]) -> "Shop":
        """Return the shop with other receipt lines, without the tables made of its own."""
        kept = {name: table for name, table in self.tables.items() if name not in MADE_OF_LINES}
        return replace(self, tables={**kept, "lines": lines})

    def on(self, engine: Callable[[str, nw.LazyFrame[Any]], Any]) -> "Shop":
        """Return the shop on another engine; `engine(name, table)` gives its native frame."""
        tables = {name: nw.from_native(engine(name, table)) for name, table in self.tables.items()}
        return replace(self, tables=tables)

    @cached_property
    def verdict(self) -> Verdict:
        """Return what the passport of the data comes to, with the checks that were accepted."""
        found = self._checks()["status"].to_list()
        colour = self.edition.colour if found else ""
        counts = found.count(AMBER), found.count(RED)
        return Verdict(self.version, colour, *counts, accepted=tuple(sorted(self.accepted)))

    def _stop_at_red(self, table: str) -> None:
        concerned = [check for check, tables in self.edition.passport.items() if table in tables]
        red = sorted(set(concerned) - self.accepted)
        if red and not self.reviewing:
            found = {check: f"{count:,} of {of:,}" for check, _, count, of in self._checks().rows()}
            stop(table, self.version, {check: found.get(check, "") for check in red})

    def _checks(self) -> pl.DataFrame:
        """Return what each check came to; nothing where the edition has no passport yet."""
        columns = ["check", "status", "count", "out_of"]
        stored = self.tables.get("passport")
        if stored is None or not set(columns) <= set(stored.collect_schema().names()):
            return pl.DataFrame(schema=columns)
        return fetch(stored.select(columns), by=["check"])


def open_shop(
    folder: Path | None = None,
    version: str | None = None,
    *,
    retailer: str | None = None,
    currency: str | None = None,
    accept: Iterable[str] | None = None,
    reviewing: bool = False,
) -> Shop:
    """Open a retailer's data: the newest version, or the one that is named or pinned.

    The folder is the workbench's home (`WORKBENCH_HOME`). A run pins its version through
    `WORKBENCH_DATA_VERSION`. Only stores of one retailer and currency are looked at: those of
    the data version, or those named. `accept` names red checks to go on in spite of, by default
    those in `WORKBENCH_ACCEPT`; `reviewing` opens every table, to look into a red check.
    `WORKBENCH_ENGINE` names the engine that reads the tables. Raises NoLake where there is no
    data or not that version, OutOfScope for a retailer or currency that no store has,
    UnknownCheck for a name that is no check, NoEngine for an engine that is not there.
    """
    lake = Lake(folder or paths.home())
    edition = lake.edition_of(version or os.environ.get(PINNED) or None, retailer)
    ANSWERS.of(f"{lake.folder} {edition.to_json()}")
    tables = Tables(lake, edition)
    return Shop(
        edition,
        tables,
        scope=scope_of(edition, tables, retailer, currency),
        accepted=accepted(accept),
        reviewing=reviewing,
    )
