"""Windows: what each customer bought in each of several stretches of days, in one look."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import narwhals as nw
import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, fetch, marked, only
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.data.spans import by_span

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
    places = {str(place): span for place, span in enumerate(spans)}
    names = ["sales", "margin", "new_basket", "uncosted"]
    found = by_span(looked_at, looked_at.receipts, places, **{name: name for name in names})
    if products:
        parts = _parts(looked_at, places, products)
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


def _parts(shop: Shop, spans: Mapping[str, Period], products: Collection[int]) -> pl.DataFrame:
    """Return one row per customer: sales of promoted products and of others of their categories."""
    promoted = fetch(only(shop.products, "product_id", products), by=["product_id"])
    near = shop.within(promoted["category_id"].drop_nulls().unique())
    near = marked(near, "product_id", products, "theirs")
    promoted_sales = nw.col("sales").cast(nw.Int64) * nw.col("theirs")
    both = by_span(shop, near, spans, promoted=promoted_sales, near="sales")
    rest = {f"category_{k}": pl.col(f"near_{k}") - pl.col(f"promoted_{k}") for k in spans}
    return both.with_columns(**rest).select(pl.exclude("^near_.*$"))


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
