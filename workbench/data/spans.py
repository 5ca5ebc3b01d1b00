"""Spans: the same sums in each of several stretches of days, in one look at the receipts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.customer_sums import customer_sums
from workbench.data.period import Period
from workbench.data.shop import Shop

_DAY = dt.timedelta(days=1)


def by_span(
    shop: Shop, rows: nw.LazyFrame[Any], spans: Mapping[str, Period], **sums: str
) -> pl.DataFrame:
    """Return one row per customer with a card who is in any span: each sum in each span.

    `rows` are of the shop; `sums` name columns of them, of whole numbers. Columns:
    customer_id and <sum>_<span>, 0 where the customer is not in that span. Spans do not overlap.
    """
    columns = {name: nw.col(column) for name, column in sums.items()}
    placed = rows.with_columns(place=_place(spans), **columns)
    found = customer_sums(shop, placed, "place", len(spans) + 1, *sums).filter(pl.col("number") > 0)
    who = found["customer_id"].rle_id()
    wide = found.select(pl.col("customer_id").unique(maintain_order=True))
    cells = np.zeros((len(sums), len(spans) + 1, wide.height), dtype=np.int64)
    cells[:, found["number"].to_numpy(), who.to_numpy()] = found.select(*sums).to_numpy().T
    return wide.with_columns(
        pl.Series(f"{name}_{span}", cells[place, number])
        for place, name in enumerate(sums)
        for number, span in enumerate(spans, start=1)
    )


def _place(spans: Mapping[str, Period]) -> nw.Expr:
    """Return the number of the span that a day lies in, 1 the first; 0 between and around them."""
    edges = {span.last + _DAY: 0 for span in spans.values()}
    edges |= {span.first: number for number, span in enumerate(spans.values(), start=1)}
    place = nw.lit(0)
    for edge, number in sorted(edges.items()):
        place = nw.when(nw.col("day") >= edge).then(nw.lit(number)).otherwise(place)
    return place
