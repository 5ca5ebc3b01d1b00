"""Receipt lines on their way into the lake: merged, costed, sorted, month by month.

The layout is made for measures: inside a month's partition the lines are sorted by customer,
day, basket and product, and the first line of each basket carries `new_basket` = 1, so that
baskets are counted by a sum. Only one month is ever in memory.
"""

import polars as pl

from workbench.data.cast import BASIS_POINTS
from workbench.data.contracts import CONTRACTS

BASKET = ["customer_id", "day", "store_id", "basket"]
DISCOUNTS = ["loyalty_discount", "match_discount", "coupon_discount"]


def costed(lines: pl.LazyFrame, products: pl.DataFrame) -> pl.LazyFrame:
    """Return resolved lines with month, category and margin.

    `products` holds product_id, category_id and cost_rate (basis points, null where unknown).
    """
    month = pl.col("day").dt.year() * 100 + pl.col("day").dt.month()
    return (
        lines.with_columns(pl.col(DISCOUNTS).fill_null(0), month=month.cast(pl.Int32))
        .join(products.lazy(), on="product_id", how="left")
        .with_columns(margin=_margin())
        .drop("cost_rate")
    )


def ordered(month: pl.DataFrame, before: int) -> pl.DataFrame:
    """Return a month's lines in the lake's order, baskets numbered on from `before`."""
    key = [*BASKET, "product_id"]
    amounts = pl.col("quantity", "sales", *DISCOUNTS)
    merged = month.group_by(key).agg(
        pl.col("month", "category_id").first(),
        pl.col("minute").min(),
        amounts.cast(pl.Int64).sum(),
        pl.when(pl.col("margin").is_not_null().all()).then(pl.col("margin").sum()).alias("margin"),
    )
    merged = merged.sort(key, nulls_last=True)
    basket_id = pl.struct(BASKET).rle_id().cast(pl.Int64) + before + 1
    return merged.with_columns(basket_id=basket_id).with_columns(
        new_basket=(pl.col("basket_id") != pl.col("basket_id").shift(1, fill_value=before)).cast(
            pl.Int8
        )
    )


def lines(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `lines` of a month."""
    schema = CONTRACTS["lines"].schema
    return month.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def baskets(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `baskets` of a month."""
    schema = CONTRACTS["baskets"].schema
    first = month.filter(pl.col("new_basket") == 1)
    return first.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _margin() -> pl.Expr:
    shelf = pl.sum_horizontal("sales", "loyalty_discount", "match_discount").cast(pl.Int64)
    cost = (shelf * pl.col("cost_rate") + BASIS_POINTS // 2) // BASIS_POINTS
    return (pl.col("sales") - cost).cast(pl.Int32)
