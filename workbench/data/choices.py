"""What a notebook lets people choose from the open shop's own data: its categories.

The options depend on the retailer, so a notebook's default is a word that every shop
understands: the largest category, or none at all. Names are offered whatever the passport says;
it stops the analysis of a choice, not the choice.
"""

from difflib import get_close_matches
from functools import lru_cache
from typing import NoReturn

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, total
from workbench.data.lake import NoLake
from workbench.data.shop import Shop, open_shop
from workbench.data.weeks import category_weeks

LARGEST, NONE = "(largest)", "(none)"


def categories() -> list[str]:
    """Return the open shop's categories with sales, sorted, after the word for its largest."""
    return [LARGEST, *_names()]


def anchors() -> list[str]:
    """Return the open shop's categories with sales, sorted, after the word for none."""
    return [NONE, *_names()]


def category_of(shop: Shop, asked: str = LARGEST) -> str:
    """Return the name of a category that was sold, or of the largest one that is merchandise.

    A name that several departments share is one category. Raises ValueError for a name that was
    never sold.
    """
    if asked != LARGEST and _is_sold(shop, asked):
        return asked
    sold = _sold(shop)
    if asked != LARGEST:
        _refuse(asked, sold["category"].to_list())
    goods = sold.filter("merchandise").sort("sales", descending=True, maintain_order=True)
    if goods.is_empty():
        raise ValueError(f"{shop.retailer} has no category with sales; name none, or map one")
    return str(goods["category"][0])


def _is_sold(shop: Shop, category: str) -> bool:
    """Return whether a single line of a category has sales; the first that is found is enough."""
    lines = shop.within(ids_of(shop, category)).filter(nw.col("sales") > 0)
    return not fetch(lines.select("category_id").head(1), by=["category_id"]).is_empty()


def ids_of(shop: Shop, category: str) -> list[int]:
    """Return the ids of a category by its name, which several departments may share."""
    named = shop.categories.filter(nw.col("category") == category).select("category_id")
    return fetch(named, by=["category_id"])["category_id"].to_list()


def sold_in(shop: Shop, category: str) -> pl.DataFrame:
    """Return one row per product of a category, by its name: product_id and net sales, in cents.

    Sales are of the days that the shop looks at, all of them where it was not narrowed.
    """
    lines = shop.within(ids_of(shop, category)).group_by("product_id")
    return fetch(lines.agg(sales=total("sales")), by=["product_id"])


def _names() -> list[str]:
    try:
        shop = open_shop(accept=(), reviewing=True)
    except NoLake:
        return []
    return list(_names_of(str(shop.edition), shop.version))


@lru_cache(maxsize=8)
def _names_of(_: str, version: str) -> tuple[str, ...]:
    return tuple(_sold(open_shop(version=version, accept=(), reviewing=True))["category"])


def _sold(shop: Shop) -> pl.DataFrame:
    """Return one row per category with sales: its name, net sales in cents, merchandise."""
    goods = nw.col("merchandise").cast(nw.Int64)
    kinds = shop.products.group_by("category_id").agg(merchandise=goods.max())
    question = (
        category_weeks(shop)
        .group_by("category_id")
        .agg(sales=total("sales"))
        .join(kinds, on="category_id", how="left")
        .join(shop.categories.select("category_id", "category"), on="category_id", how="left")
        .filter(~nw.col("category").is_null())
        .group_by("category")
        .agg(sales=total("sales"), merchandise=nw.col("merchandise").max())
        .filter(nw.col("sales") > 0)
    )
    return fetch(question, by=["category"]).with_columns(pl.col("merchandise") == 1)


def _refuse(asked: str, names: list[str]) -> NoReturn:
    near = get_close_matches(asked, names, n=3) or names[:3]
    meant = " or ".join(map(repr, near))
    raise ValueError(f"no category with sales is called {asked!r}; did you mean {meant}?")
