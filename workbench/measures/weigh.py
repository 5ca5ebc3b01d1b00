"""The worth of each segment: customers, baskets, sales and margin, each with its share."""

import polars as pl

from workbench.data.activity import activity
from workbench.data.engine import known_sum, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.rows import share_of

UNLABELLED = "Unlabelled"
_COUNTED, _COSTED = ("customers", "baskets", "sales"), ("margin",)
_LABELLED = pl.when(pl.col("segment") != UNLABELLED).then(pl.col("customers"))


def weigh(
    shop: Shop, period: str | Period | Latest, labels: pl.DataFrame, *, margin: bool = True
) -> pl.DataFrame:
    """Return one row per segment in its declared order, Unlabelled last.

    `labels` holds one row per customer: customer_id, segment. Unlabelled is everything bought
    without a card or by a customer without a label, so that the parts are the whole.

    Columns: segment, customers (with a receipt, be it of returns only), baskets, sales, margin
    (money; null where costs are unknown, left out with its share where it is not wanted), the
    share of each in its total (fractions that sum to 1), spend_per_customer, baskets_per_customer,
    basket_value (null where there is nothing to divide by; the rates per customer are null for
    Unlabelled, which is partly nobody's).
    """
    segments = [*labels["segment"].dtype.categories, UNLABELLED]  # type: ignore[attr-defined]
    order = pl.Enum(segments)
    told = labels.select("customer_id", pl.col("segment").cast(order))
    costed = _COSTED if margin else ()
    summed = (
        activity(shop, period, margin=margin)
        .join(told, on="customer_id", how="left", validate="m:1")
        .group_by(pl.col("segment").fill_null(UNLABELLED))
        .agg(
            pl.col("customer_id").count().cast(pl.Int64).alias("customers"),
            pl.col("baskets", "sales").sum(),
            *known_sum(*costed),
        )
    )
    rows = pl.DataFrame({"segment": segments}, schema={"segment": order})
    worth = rows.join(summed, on="segment", how="left", maintain_order="left")
    return _finish(worth, costed, has_costs=shop.has("costs"))


def _finish(worth: pl.DataFrame, costed: tuple[str, ...], *, has_costs: bool) -> pl.DataFrame:
    nobody = pl.col("baskets").is_null()
    filled = _COUNTED + costed if has_costs else _COUNTED
    worth = worth.with_columns(pl.when(nobody).then(0).otherwise(pl.col(filled)).name.keep())
    return worth.with_columns(
        *(share_of(name) for name in _COUNTED + costed),
        spend_per_customer=_cents_each("sales", _LABELLED),
        baskets_per_customer=_each("baskets", _LABELLED),
        basket_value=_cents_each("sales", pl.col("baskets")),
    ).with_columns(money("sales", *costed, "spend_per_customer", "basket_value"))


def _each(what: str, per: pl.Expr) -> pl.Expr:
    return pl.when(per > 0).then(pl.col(what) / per)


def _cents_each(what: str, per: pl.Expr) -> pl.Expr:
    return _each(what, per).round(0).cast(pl.Int64)
