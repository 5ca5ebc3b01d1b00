"""Goods to choose options from: what some customers bought, and all products of a category."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.weeks import PIECE
from workbench.data.engine import fetch, only, total
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.customers.purchases import items
from workbench.measures.discounts import given


def goods_of(shop: Shop, window: Period, customers: pl.DataFrame, category: str) -> pl.DataFrame:
    """Return one row per product that the customers bought, or of the category.

    Columns: product_id, product, category_id, subcategory, inside (the category), buyers,
    penetration, price (mean shelf price in cents).
    """
    came, sums = zip(*(_bought(part, window, customers) for part in shop.parts()), strict=True)
    bought = pl.concat(sums).group_by("product_id").agg(pl.exclude("product_id").sum())
    counted = bought.select(
        *("product_id", "buyers"),
        price=pl.when(pl.col("quantity") > 0).then(pl.col("shelf") * PIECE / pl.col("quantity")),
        penetration=pl.col("buyers") / max(sum(came), 1),
    )
    named = ["product_id", "category_id", "category", "subcategory", "merchandise"]
    inside = (pl.col("category") == category).fill_null(value=False)
    merchandise = pl.col("merchandise").fill_null(value=True)
    return (
        fetch(shop.products.select(named), by=["product_id"])
        .with_columns(inside=inside)
        .filter(pl.col("inside") | merchandise)
        .join(counted, on="product_id", how="left")
        .filter(pl.col("inside") | pl.col("buyers").is_not_null())
        .join(_names(shop), on="product_id", how="left")
        .with_columns(pl.col("buyers", "penetration").fill_null(0))
        .drop("category", "merchandise")
        .sort("product_id")
    )


def _bought(shop: Shop, window: Period, customers: pl.DataFrame) -> tuple[int, pl.DataFrame]:
    """Return how many of the customers kept anything, and what of each product: sums of a part."""
    keys = ["customer_id", "product_id"]
    shelf = nw.col("sales").cast(nw.Int64) + given()
    asked = lines_of(shop, window, customers).with_columns(shelf=shelf).group_by(keys)
    bought = fetch(asked.agg(total("sales"), total("quantity"), total("shelf")), by=[])
    kept = bought.filter((pl.col("sales") > 0) | (pl.col("quantity") > 0))
    sums = kept.group_by("product_id").agg(
        pl.len().cast(pl.Int64).alias("buyers"), pl.col("shelf", "quantity").sum()
    )
    return kept["customer_id"].n_unique(), sums


def lines_of(shop: Shop, window: Period, customers: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return the receipt lines of some customers in a period."""
    ids = customers["customer_id"].unique().sort().to_list()
    return only(shop.during(window).lines, "customer_id", ids)


def _names(shop: Shop) -> pl.DataFrame:
    return items(shop, "product").select(product_id="item_id", product="item")
