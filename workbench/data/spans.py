"""Spans: the same sums in each of several stretches of days, in one look at the receipts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, total
from workbench.data.period import Period

_DAY = dt.timedelta(days=1)


def by_span(
    rows: nw.LazyFrame[Any], spans: Mapping[str, Period], **sums: str | nw.Expr
) -> pl.DataFrame:
    """Return one row per customer with a card who is in any span: each sum in each span.

    `sums` name columns of the rows, or whole numbers made of them. Columns: customer_id and
    <sum>_<span>, 0 where the customer is not in that span. Spans do not overlap. Customer and
    span are packed into one integer: grouping by one key takes two thirds of the time of two.
    """
    room = len(spans) + 1
    packed = nw.col("customer_id").cast(nw.Int64) * room + _place(spans)
    known = rows.filter(~nw.col("customer_id").is_null()).with_columns(packed=packed)
    totals = {name: _sum(column) for name, column in sums.items()}
    found = fetch(known.group_by("packed").agg(**totals), by=["packed"])
    place = pl.col("packed") % room
    wide = {
        f"{name}_{span}": pl.col(name).filter(place == number).sum()
        for name in sums
        for number, span in enumerate(spans, start=1)
    }
    inside = found.filter(place > 0)
    customer = (pl.col("packed") // room).alias("customer_id")
    return inside.group_by(customer, maintain_order=True).agg(**wide)


def _sum(column: str | nw.Expr) -> nw.Expr:
    return total(column) if isinstance(column, str) else column.cast(nw.Int64).sum()


def _place(spans: Mapping[str, Period]) -> nw.Expr:
    """Return the number of the span that a day lies in, 1 the first; 0 between and around them."""
    edges = {span.last + _DAY: 0 for span in spans.values()}
    edges |= {span.first: number for number, span in enumerate(spans.values(), start=1)}
    place = nw.lit(0)
    for edge, number in sorted(edges.items()):
        place = nw.when(nw.col("day") >= edge).then(nw.lit(number)).otherwise(place)
    return place
