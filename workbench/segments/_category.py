"""What segmentations of one category share: what each customer bought in it, and in all."""

import narwhals as nw
import polars as pl

from workbench.data.choices import category_of
from workbench.data.engine import fetch, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

_FIGURES = ("visits", "sales", "goods", "category_sales", "category_quantity")


def in_category(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per customer with a visit in the period: what it bought, in all and here.

    Columns: customer_id, visits (receipts on which something was bought), sales, goods (sales
    of merchandise, and of the category whatever it is) and category_sales, all net and in
    cents, category_visits (receipts with a purchase in the category), buys (whether more of the
    category was bought than brought back).
    """
    inside = nw.col("category_id").is_in(_ids(shop, category_of(shop, category)))
    question = (
        shop.during(period)
        .lines.filter(~nw.col("customer_id").is_null())
        .join(shop.products.select("product_id", "merchandise"), on="product_id", how="left")
        .group_by("customer_id", "basket_id")
        .agg(
            visits=total("new_basket"),
            sales=total("sales"),
            goods=_only(inside | nw.col("merchandise").fill_null(True), "sales"),
            category_sales=_only(inside, "sales"),
            category_quantity=_only(inside, "quantity"),
        )
        .with_columns(category_visits=_bought().cast(nw.Int64))
        .group_by("customer_id")
        .agg(*(nw.col(name).sum() for name in (*_FIGURES, "category_visits")))
        .with_columns(buys=_bought())
        .filter(nw.col("visits") > 0)
        .drop("category_quantity")
    )
    return fetch(question, by=["customer_id"])


def _ids(shop: Shop, category: str) -> list[int]:
    named = shop.categories.filter(nw.col("category") == category).select("category_id")
    return fetch(named, by=["category_id"])["category_id"].to_list()


def _only(where: nw.Expr, name: str) -> nw.Expr:
    return nw.when(where).then(nw.col(name).cast(nw.Int64)).otherwise(nw.lit(0)).sum()


def _bought() -> nw.Expr:
    return (nw.col("category_sales") > 0) | (nw.col("category_quantity") > 0)
