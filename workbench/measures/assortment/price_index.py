"""Price index: what the same basket costs now, against what it cost before."""

import polars as pl

from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.assortment.scorecard_items import LEVELS, by_product, item_lines
from workbench.measures.business.comparison import WEEKS_BEFORE, compared

DEFINITION = {
    "Price index": "100 is the period before. A basket of the products of merchandise sold in "
    "both periods, each at what a unit cost after discounts; new and discontinued products "
    "cannot be in it",
    "Laspeyres": "the basket of before, at the prices now over those before",
    "Paasche": "the basket of now, at the prices now over those before: lower where people turn "
    "to what became cheaper",
    "Fisher": "the geometric mean of both, which is the index shown where there is only one",
}

HEADINGS = {
    "sales": "Sales of merchandise",
    "products": "Products in the basket",
    "basket_share": "Their part of sales",
    "laspeyres_index": "Basket of before (Laspeyres)",
    "paasche_index": "Basket of now (Paasche)",
    "fisher_index": "Both (Fisher)",
}


def price_index(
    shop: Shop,
    period: str | Period | Latest,
    *,
    by: str = "category",
    against: str = WEEKS_BEFORE,
    category: str | None = None,
) -> pl.DataFrame:
    """Return one row per category or brand sold in either period, the largest sales now first.

    Columns: category (and brand), sales (money, of merchandise now), products (in the basket),
    basket_share (of sales now), laspeyres_index, paasche_index and fisher_index (100 is the
    period before; null without a product sold in both, and where the data does not reach back).
    Raises ValueError for another `by`.
    """
    if by not in LEVELS:
        raise ValueError(f"no price index by {by!r}; allowed: {', '.join(LEVELS)}")
    keys = LEVELS[by]
    now = by_product(item_lines(shop, shop.window(period), category), *keys)
    try:
        window = compared(shop, period, against).before
        before = by_product(item_lines(shop, window, category), *keys)
    except NotCovered:
        before = now.clear()
    found = price_indices(before, now, keys)
    ordered = found.sort("sales", *keys, descending=[True, *[False] * len(keys)])
    return ordered.with_columns(money("sales"))


def price_indices(before: pl.DataFrame, now: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return what `price_index` does, from units and sales by product of two periods."""
    both = before.join(now, on=[*keys, "product_id"], how="full", coalesce=True, suffix="_now")
    sold = pl.col("units", "sales", "units_now", "sales_now")
    kept = pl.all_horizontal(sold.fill_null(0) > 0)
    price, price_now = pl.col("sales") / pl.col("units"), pl.col("sales_now") / pl.col("units_now")
    taken = pl.col("sales_now").sum()
    old, new = pl.col("sales").filter(kept).sum(), pl.col("sales_now").filter(kept).sum()
    old_at_new = (price_now * pl.col("units")).filter(kept).sum()
    new_at_old = (price * pl.col("units_now")).filter(kept).sum()
    found = (
        both.sort(*keys, "product_id")
        .group_by(keys, maintain_order=True)
        .agg(
            taken.alias("sales"),
            kept.sum().cast(pl.Int64).alias("products"),
            pl.when(taken > 0).then(new / taken).alias("basket_share"),
            pl.when(old > 0).then(100 * old_at_new / old).alias("laspeyres_index"),
            pl.when(new_at_old > 0).then(100 * new / new_at_old).alias("paasche_index"),
        )
    )
    fisher = (pl.col("laspeyres_index") * pl.col("paasche_index")).sqrt()
    return found.with_columns(fisher_index=fisher)
