"""What segmentations of one category share: what each customer bought in it, and in all."""

import narwhals as nw
import polars as pl

from workbench.data.activity import shoppers
from workbench.data.choices import category_of, ids_of
from workbench.data.engine import fetch, total
from workbench.data.goods import is_merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import customer_weeks

_BOUGHT = (nw.col("sales") > 0) | (nw.col("quantity") > 0)


def in_category(
    shop: Shop,
    period: str | Period | Latest,
    category: str,
    *,
    receipts: bool = False,
    goods: bool = False,
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period: what it bought, in all and here.

    Columns: customer_id, visits (receipts on which something was bought), sales and
    category_sales, net and in cents, and buys (whether more of the category was bought than
    brought back). With `receipts` also category_visits (receipts with a purchase in the
    category); with `goods` also goods (sales of merchandise, and of the category whatever it is).
    """
    window = shop.during(period)
    ids = ids_of(shop, category_of(shop, category))
    here = _here(window, ids, receipts=receipts, goods=goods)
    found = (
        _whole(window, goods=goods)
        .join(here, on="customer_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("buys").fill_null(False))
        .with_columns(pl.exclude("buys").fill_null(0))
    )
    if not goods:
        return found
    return found.with_columns(pl.col("goods") + pl.col("apart")).drop("apart")


def _whole(window: Shop, *, goods: bool) -> pl.DataFrame:
    if not goods:
        return shoppers(window, window.span)
    sums = {name: total(name) for name in ("new_basket", "sales", "goods")}
    known = customer_weeks(window).filter(~nw.col("customer_id").is_null())
    found = known.group_by("customer_id").agg(**sums).filter(nw.col("new_basket") > 0)
    return fetch(found.rename({"new_basket": "visits"}), by=["customer_id"])


def _here(window: Shop, ids: list[int], *, receipts: bool, goods: bool) -> pl.DataFrame:
    sums = {"sales": total("sales"), "quantity": total("quantity")}
    rows = window.within(ids).filter(~nw.col("customer_id").is_null())
    if goods:
        inside = window.products.filter(nw.col("category_id").is_in(ids))
        apart = nw.when(is_merchandise(inside)).then(0).otherwise(nw.col("sales"))
        rows, sums = rows.with_columns(apart=apart), sums | {"apart": total("apart")}
    if receipts:
        each = rows.group_by("basket_id").agg(customer_id=nw.col("customer_id").max(), **sums)
        rows = each.with_columns(category_visits=_BOUGHT.cast(nw.Int64))
        sums["category_visits"] = total("category_visits")
    found = rows.group_by("customer_id").agg(**sums).with_columns(buys=_BOUGHT)
    return fetch(found, by=["customer_id"]).drop("quantity").rename({"sales": "category_sales"})
