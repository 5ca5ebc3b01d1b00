"""Item distribution: in what share of the stores each item of a category sells."""

import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import category_lines, item_facts

DEFINITION = {
    "Stores": "those that sold the item in the period; what lies unsold on a shelf is not seen",
    "Numeric distribution": "of the stores that sold any item of the category",
    "Weighted distribution": "what these stores sell of the category, of what all stores do: an "
    "item that only large stores have reaches more of the sales than of the stores",
}
HEADINGS = {"stores_share": "Numeric", "weighted_share": "Weighted"}


def item_distribution(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per item sold, the largest first: how many of the stores sell it.

    Columns: item, stores (that sold it), stores_share (of the stores that sold the category),
    weighted_share (of the category's sales, made in the stores that sold the item), sales
    (money). Returns are left out. Raises ValueError for an unknown category.
    """
    keys = ["product_id", "store_id"]
    lines = category_lines(shop, period, category)
    sold = fetch(lines.group_by(keys).agg(sales=total("sales")), by=keys)
    theirs = pl.col("sales").sum().over("store_id")
    items = (
        sold.with_columns(theirs=theirs)
        .group_by("product_id")
        .agg(stores=pl.len().cast(pl.Int64), of=pl.col("theirs").sum(), sales=pl.col("sales").sum())
    )
    everywhere, taken = sold["store_id"].n_unique(), int(sold["sales"].sum())
    weighted = pl.when(pl.lit(taken) > 0).then(pl.col("of") / taken)
    facts = item_facts(shop, items["product_id"].to_list()).select("product_id", "item")
    return (
        items.join(facts, on="product_id")
        .with_columns(stores_share=pl.col("stores") / everywhere, weighted_share=weighted)
        .sort("sales", "item", descending=[True, False])
        .select("item", "stores", "stores_share", "weighted_share", money("sales"))
    )
