"""Windows: what each customer bought in each of several stretches of days, in one look."""

import datetime as dt
from collections.abc import Collection, Sequence

import narwhals as nw
import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, fetch, total
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.customers.habits import inside

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
    inside_them = shop.during(days)
    sums = _sums(("sales", "margin", "new_basket"), spans)
    known = inside_them.receipts.filter(~nw.col("customer_id").is_null())
    question = known.group_by("customer_id").agg(**sums, unknown=total("uncosted"))
    found = fetch(question, by=["customer_id"])
    if products:
        parts = _parts(inside_them, spans, products)
        found = found.join(parts, on="customer_id", how="left", maintain_order="left")
        found = found.with_columns(pl.col("^(promoted|category)_.*$").fill_null(0))
    return _in_units(found, shop, len(spans), parts=bool(products))


def earlier(starts: dt.date, days: int, count: int) -> list[Period]:
    """Return windows of so many days one before the other, the latest first.

    >>> [str(span) for span in earlier(dt.date(2026, 2, 1), 7, 2)]
    ['2026-01-25/2026-01-31', '2026-01-18/2026-01-24']
    """
    day = dt.timedelta(days=1)
    firsts = [starts - place * days * day for place in range(1, count + 1)]
    return [Period(first, first + (days - 1) * day) for first in firsts]


def _sums(names: Sequence[str], spans: Sequence[Period]) -> dict[str, nw.Expr]:
    return {f"{name}_{k}": inside(name, span) for name in names for k, span in enumerate(spans)}


def _parts(shop: Shop, spans: Sequence[Period], products: Collection[int]) -> pl.DataFrame:
    """Return one row per customer: sales of promoted products and of others of their categories."""
    promoted = nw.col("product_id").is_in(list(products))
    held = fetch(shop.products.filter(promoted).select("category_id").unique(), by=["category_id"])
    lines = shop.within(held["category_id"].drop_nulls()).filter(~nw.col("customer_id").is_null())
    parts = lines.with_columns(
        promoted=nw.when(promoted).then(nw.col("sales")).otherwise(0),
        category=nw.when(~promoted).then(nw.col("sales")).otherwise(0),
    )
    question = parts.group_by("customer_id").agg(**_sums(("promoted", "category"), spans))
    return fetch(question, by=["customer_id"])


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
