"""Windows: what each customer bought in each of several stretches of days, in one look."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, fetch, only, total
from workbench.data.period import Period
from workbench.data.shop import Shop

OUTCOMES = {
    "sales": "everything bought, net of returns",
    "margin": "sales less costs",
    "visits": "receipts on which something was bought",
    "promoted": "sales of the promoted products",
    "category": "sales of other products of their categories: what falls here was only swapped",
    "rest": "sales of everything else: the rest of the basket",
}


def windows(shop: Shop, spans: Sequence[Period], products: Collection[int] = ()) -> pl.DataFrame:
    """Return one row per customer who bought in any span: what, by span.

    Columns: customer_id and, for the span in place k, `sales_k`, `margin_k` (units of money;
    null where a cost is unknown), `visits_k`; where promoted products are named, `promoted_k`,
    `category_k` and `rest_k` too, which add up to sales. Raises NotCovered.
    """
    if shop.has("costs"):
        shop.table("costs")  # margin rests on them, so the page that shows it says what they are
    days = shop.window(Period(min(span.first for span in spans), max(s.last for s in spans)))
    looked_at = shop.during(days)
    names = ["sales", "margin", "new_basket", "uncosted"]
    found = _by_span(looked_at.receipts, spans, *names)
    if products:
        parts = _parts(looked_at, spans, products)
        found = found.join(parts, on="customer_id", how="left", maintain_order="left")
        found = found.with_columns(pl.col("^(promoted|category)_.*$").fill_null(0))
    unknown = pl.sum_horizontal(pl.col("^uncosted_.*$"))
    return _in_units(found.with_columns(unknown=unknown), shop, len(spans), parts=bool(products))


def earlier(starts: dt.date, days: int, count: int) -> list[Period]:
    """Return windows of so many days one before the other, the latest first.

    >>> [str(span) for span in earlier(dt.date(2026, 2, 1), 7, 2)]
    ['2026-01-25/2026-01-31', '2026-01-18/2026-01-24']
    """
    day = dt.timedelta(days=1)
    firsts = [starts - place * days * day for place in range(1, count + 1)]
    return [Period(first, first + (days - 1) * day) for first in firsts]


def _by_span(rows: nw.LazyFrame[Any], spans: Sequence[Period], *names: str) -> pl.DataFrame:
    """Return one row per customer with a card: the sum of each column in each span.

    Spans do not overlap. Customer and span are one number, grouped by once, and spread out here.
    """
    room = len(spans) + 1
    place = nw.lit(0)
    for number, span in enumerate(spans, start=1):
        within = nw.col("day").is_between(span.first, span.last)
        place = nw.when(within).then(nw.lit(number)).otherwise(place)
    packed = nw.col("customer_id").cast(nw.Int64) * room + place
    known = rows.filter(~nw.col("customer_id").is_null()).with_columns(packed=packed)
    sums = {name: total(name) for name in names}
    found = fetch(known.group_by("packed").agg(**sums), by=["packed"])
    here = {number: pl.col("packed") % room == number for number in range(1, room)}
    wide = {
        f"{name}_{number - 1}": pl.col(name).filter(here[number]).sum()
        for name in names
        for number in here
    }
    inside = found.filter(pl.col("packed") % room > 0)
    customer = (pl.col("packed") // room).alias("customer_id")
    return inside.group_by(customer, maintain_order=True).agg(**wide)


def _parts(shop: Shop, spans: Sequence[Period], products: Collection[int]) -> pl.DataFrame:
    """Return one row per customer: sales of promoted products and of others of their categories."""
    promoted = fetch(only(shop.products, "product_id", products), by=["product_id"])
    near = shop.within(promoted["category_id"].drop_nulls().unique())
    whole = _by_span(near, spans, "sales")
    theirs = _by_span(only(near, "product_id", products), spans, "sales")
    both = whole.join(theirs, on="customer_id", how="left", suffix="_theirs").fill_null(0)
    columns = {}
    for k in range(len(spans)):
        columns[f"promoted_{k}"] = pl.col(f"sales_{k}_theirs")
        columns[f"category_{k}"] = pl.col(f"sales_{k}") - pl.col(f"sales_{k}_theirs")
    return both.select("customer_id", **columns)


def _in_units(found: pl.DataFrame, shop: Shop, count: int, *, parts: bool) -> pl.DataFrame:
    known = pl.lit(shop.has("costs")) & (pl.col("unknown") == 0)
    columns: dict[str, pl.Expr] = {}
    for k in range(count):
        columns[f"sales_{k}"] = pl.col(f"sales_{k}") / CENTS_PER_UNIT
        columns[f"margin_{k}"] = pl.when(known).then(pl.col(f"margin_{k}") / CENTS_PER_UNIT)
        columns[f"visits_{k}"] = pl.col(f"new_basket_{k}").cast(pl.Float64)
        if parts:
            both = pl.col(f"promoted_{k}") + pl.col(f"category_{k}")
            columns[f"promoted_{k}"] = pl.col(f"promoted_{k}") / CENTS_PER_UNIT
            columns[f"category_{k}"] = pl.col(f"category_{k}") / CENTS_PER_UNIT
            columns[f"rest_{k}"] = (pl.col(f"sales_{k}") - both) / CENTS_PER_UNIT
    return found.select("customer_id", **columns)
