"""Categories by number: lines are grouped by numbers faster, and in less memory, than by names."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, numbered
from workbench.data.shop import Shop


def category_numbers(shop: Shop) -> nw.LazyFrame[Any]:
    """Return one row per category id: category_id, category, number (of all ids with that name).

    The number is null where the category has no name.
    """
    return numbered(shop.categories.select("category_id", "category"), "category_id", "category")


def category_names(shop: Shop) -> pl.DataFrame:
    """Return one row per number: number, category."""
    named = category_numbers(shop).filter(~nw.col("number").is_null())
    return fetch(named.select("number", "category").unique(), by=["number"])
