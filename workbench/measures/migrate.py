"""Migration: who moved between segments, in customers, sales and margin."""

import polars as pl

from workbench.data.activity import activity
from workbench.data.engine import known_sum, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

NEW, LOST = "New", "Lost"
_AMOUNTS = ("sales_before", "sales_after", "margin_before", "margin_after")


def migrate(
    shop: Shop,
    period: str | Period | Latest,
    before: pl.DataFrame,
    after: pl.DataFrame,
) -> pl.DataFrame:
    """Return one row per segment before and segment after, with what moved.

    `before` holds the labels of the period before (equally long, ending the day before), `after`
    those of the period, made with the cut points of the first. A customer without a label before
    is New (in the data, not necessarily to the shop), one without a label after is Lost.

    Columns: before, after, customers, customers_share (of all who were in `before`; for New, of
    all new ones), sales and margin of those customers in each period (money). A pair nobody
    took is there with 0.
    """
    window = shop.window(period)
    followed = paired(before, after)
    moved = (
        followed.join(_spent(shop, window.before(), "before"), on="customer_id", how="left")
        .join(_spent(shop, window, "after"), on="customer_id", how="left")
        .with_columns(_absent_spent_nothing("before"), _absent_spent_nothing("after"))
        .group_by("before", "after")
        .agg(pl.len().cast(pl.Int64).alias("customers"), *known_sum(*_AMOUNTS))
    )
    every = pairs(followed.schema)
    whole = every.join(moved, on=["before", "after"], how="left", maintain_order="left")
    return _finish(whole, has_costs=shop.has("costs"))


def paired(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return one row per customer with a label before or after: customer_id, before, after.

    A customer without a label before is New, one without a label after is Lost.
    """
    segments = list(after["segment"].dtype.categories)  # type: ignore[attr-defined]
    sides = [
        labels.select("customer_id", pl.col("segment").cast(pl.String).alias(side))
        for labels, side in ((before, "before"), (after, "after"))
    ]
    joined = sides[0].join(sides[1], on="customer_id", how="full", coalesce=True, validate="1:1")
    return joined.with_columns(
        pl.col("before").fill_null(NEW).cast(pl.Enum([*segments, NEW])),
        pl.col("after").fill_null(LOST).cast(pl.Enum([*segments, LOST])),
    )


def pairs(schema: pl.Schema) -> pl.DataFrame:
    """Return one row per possible pair of the Enums `before` and `after`: not New and Lost."""
    before, after = (
        pl.DataFrame({side: schema[side].categories}, schema={side: schema[side]})  # type: ignore[attr-defined]
        for side in ("before", "after")
    )
    possible = (pl.col("before") != NEW) | (pl.col("after") != LOST)
    return before.join(after, how="cross", maintain_order="left_right").filter(possible)


def largest_moves(moves: pl.DataFrame, *, top: int = 8) -> pl.DataFrame:
    """Return the moves between different segments that changed sales most, largest first.

    `moves` is what `migrate` returns. Columns: before, after, customers, sales_before,
    sales_after, sales_change, margin_change (money, of those customers, period on period).
    """
    moved = moves.filter(
        pl.col("customers") > 0, pl.col("before").cast(pl.String) != pl.col("after").cast(pl.String)
    )
    return (
        moved.with_columns(
            sales_change=pl.col("sales_after") - pl.col("sales_before"),
            margin_change=pl.col("margin_after") - pl.col("margin_before"),
        )
        .sort(pl.col("sales_change").abs(), descending=True, maintain_order=True)
        .select(
            *("before", "after", "customers"),
            *("sales_before", "sales_after", "sales_change", "margin_change"),
        )
        .head(top)
    )


def _spent(shop: Shop, window: Period, side: str) -> pl.DataFrame:
    amounts = [pl.col(name).alias(f"{name}_{side}") for name in ("sales", "margin")]
    return activity(shop, window, margin=True).select("customer_id", *amounts)


def _absent_spent_nothing(side: str) -> pl.Expr:
    amounts = pl.col(f"sales_{side}", f"margin_{side}")
    return pl.when(pl.col(f"sales_{side}").is_null()).then(0).otherwise(amounts).name.keep()


def _finish(moves: pl.DataFrame, *, has_costs: bool) -> pl.DataFrame:
    nobody = pl.col("customers").is_null()
    base = pl.col("customers").sum().over("before")
    margins = pl.col("margin_before", "margin_after")
    return (
        moves.with_columns(
            pl.when(nobody).then(0).otherwise(pl.col("customers", *_AMOUNTS)).name.keep()
        )
        .with_columns(
            pl.when(has_costs).then(margins).name.keep(),
            customers_share=pl.when(base > 0).then(pl.col("customers") / base),
        )
        .with_columns(money(*_AMOUNTS))
        .select("before", "after", "customers", "customers_share", *_AMOUNTS)
    )
