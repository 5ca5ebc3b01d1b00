"""Windows: what each customer bought in each of several stretches of days, in one look."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, UNCOSTED, fetch, marked, only
from workbench.data.period import Period
from workbench.data.shop import APART, Shop
from workbench.data.spans import by_span

OUTCOMES = {
    "sales": "everything bought, net of returns",
    "margin": "sales less costs",
    "visits": "receipts on which something was bought",
    "promoted": "sales of the promoted products",
    "category": "sales of other products of their categories: what falls here was only swapped",
    "rest": "sales of everything else: the rest of the basket",
}
_WHOLE = {name: name for name in ("sales", "margin", "new_basket", "uncosted")}
_PARTS = {name: name for name in ("promoted", "category")}


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
    places = {str(place): span for place, span in enumerate(spans)}
    found = _bought(looked_at, places, products)
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


def _bought(shop: Shop, spans: Mapping[str, Period], products: Collection[int]) -> pl.DataFrame:
    """Return one row per customer: the sums of all they bought and of its parts, by span.

    The lines of a few categories lie apart, to be read beside the receipts; for many categories
    all lines are read, once, and also where a product has none.
    """
    if not products:
        return by_span(shop, shop.receipts, spans, **_WHOLE)
    promoted = fetch(only(shop.products, "product_id", products), by=["product_id"])
    categories = promoted["category_id"].unique()
    if len(categories) > APART or categories.has_nulls():
        lines = shop.lines.with_columns(uncosted=UNCOSTED)
        return by_span(shop, _in_parts(lines, products, categories), spans, **_WHOLE, **_PARTS)
    whole = by_span(shop, shop.receipts, spans, **_WHOLE)
    near = _in_parts(shop.within(categories), products, categories)
    parts = by_span(shop, near, spans, **_PARTS)
    both = whole.join(parts, on="customer_id", how="left", maintain_order="left")
    return both.with_columns(pl.col("^(promoted|category)_.*$").fill_null(0))


def _in_parts(
    lines: nw.LazyFrame[Any], products: Collection[int], categories: pl.Series
) -> nw.LazyFrame[Any]:
    """Return lines with sales of promoted products and of others of their categories."""
    near = marked(lines, "category_id", categories.drop_nulls().to_list(), "near")
    both = marked(near, "product_id", products, "theirs")
    theirs = nw.col("theirs")
    parts = {"promoted": theirs, "category": nw.col("near") & ~theirs}
    return both.with_columns(
        **{name: nw.when(part).then(nw.col("sales")).otherwise(0) for name, part in parts.items()}
    )


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
