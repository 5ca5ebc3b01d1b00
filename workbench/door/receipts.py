"""Receipt lines on their way into the lake: merged, costed, sorted, month by month.

The layout is made for measures: inside a month's partition the lines are sorted by customer,
day, basket and product, and the first line of each basket carries `new_basket` = 1, so that
baskets are counted by a sum. A receipt that only brings things back is no basket; a line
without a card on a receipt that has one belongs to that card. Only one month is ever in memory.
"""

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.door.cast import BASIS_POINTS

RECEIPT = ["day", "store_id", "basket"]
BASKET = ["customer_id", *RECEIPT]
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
    card = pl.col("customer_id").fill_null(pl.col("customer_id").max().over(RECEIPT))
    merged = (
        month.with_columns(card)
        .group_by(key)
        .agg(
            pl.col("month", "category_id").first(),
            pl.col("minute").max(),
            amounts.cast(pl.Int64).sum(),
            pl.when(pl.col("margin").is_not_null().all())
            .then(pl.col("margin").sum())
            .alias("margin"),
        )
    )
    merged = merged.sort(key, nulls_last=True)
    basket_id = pl.struct(BASKET).rle_id().cast(pl.Int64) + before + 1
    first = pl.col("basket_id") != pl.col("basket_id").shift(1, fill_value=before)
    bought = (pl.col("sales") >= 0) & (pl.col("quantity") >= 0)
    return merged.with_columns(basket_id=basket_id).with_columns(
        first=first,
        new_basket=(first & bought.any().over("basket_id")).cast(pl.Int8),
        minute=pl.col("minute").max().over("basket_id"),
    )


def lines(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `lines` of a month."""
    schema = CONTRACTS["lines"].schema
    return month.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def baskets(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `baskets` of a month."""
    schema = CONTRACTS["baskets"].schema
    return month.filter("first").select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _margin() -> pl.Expr:
    amounts = pl.col("sales", "loyalty_discount", "match_discount").cast(pl.Int64)
    shelf = pl.sum_horizontal(amounts)
    size = (shelf.abs() * pl.col("cost_rate") + BASIS_POINTS // 2) // BASIS_POINTS
    return (pl.col("sales").cast(pl.Int64) - size * shelf.sign()).cast(pl.Int32)
