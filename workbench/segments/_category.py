"""What segmentations of one category share: what each customer bought in it, and in all."""

import narwhals as nw
import polars as pl

from workbench.data.choices import category_of, ids_of
from workbench.data.engine import fetch, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

_HERE = ("category_sales", "category_visits", "apart")
_BOUGHT = (nw.col("category_sales") > 0) | (nw.col("category_quantity") > 0)


def in_category(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per customer with a visit in the period: what it bought, in all and here.

    Columns: customer_id, visits (receipts on which something was bought), sales, goods (sales
    of merchandise, and of the category whatever it is) and category_sales, all net and in
    cents, category_visits (receipts with a purchase in the category), buys (whether more of the
    category was bought than brought back).
    """
    window = shop.during(period)
    ids = ids_of(shop, category_of(shop, category))
    whole = (
        window.receipts.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id")
        .agg(visits=total("new_basket"), sales=total("sales"), goods=total("goods"))
        .filter(nw.col("visits") > 0)
    )
    here = (
        window.within(ids)
        .filter(~nw.col("customer_id").is_null())
        .with_columns(apart=_sales_of(_no_goods(shop, ids)))
        .group_by("customer_id", "basket_id")
        .agg(
            category_sales=total("sales"),
            category_quantity=total("quantity"),
            apart=total("apart"),
        )
        .with_columns(category_visits=_BOUGHT.cast(nw.Int64))
        .group_by("customer_id")
        .agg(*(nw.col(name).sum() for name in (*_HERE, "category_quantity")))
        .with_columns(buys=_BOUGHT)
    )
    found = fetch(here, by=["customer_id"]).select("customer_id", *_HERE, "buys")
    return (
        fetch(whole, by=["customer_id"])
        .join(found, on="customer_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col(_HERE).fill_null(0), pl.col("buys").fill_null(False))
        .with_columns(goods=pl.col("goods") + pl.col("apart"))
        .drop("apart")
    )


def _no_goods(shop: Shop, ids: list[int]) -> list[int]:
    """Return the products of some categories that are no merchandise."""
    apart = ~nw.col("merchandise").fill_null(True) & nw.col("category_id").is_in(ids)
    return fetch(shop.products.filter(apart).select("product_id"), by=["product_id"])[
        "product_id"
    ].to_list()


def _sales_of(products: list[int]) -> nw.Expr:
    theirs = nw.col("product_id").is_in(products)
    return nw.when(theirs).then(nw.col("sales").cast(nw.Int64)).otherwise(0)
