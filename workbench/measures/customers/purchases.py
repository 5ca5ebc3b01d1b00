"""Purchases: how often and how lately each customer bought each category or product."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, packed, total, unpacked
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import FINE, Shop

LEVELS = {"category": "category_id", "product": "product_id"}
_STRETCHES = 8


def purchases(shop: Shop, period: str | Period | Latest, level: str = "category") -> pl.DataFrame:
    """Return one row per customer and item bought in the period, returns netted by the day.

    Items are merchandise. Columns: customer_id, item_id, days (with a purchase), first_day,
    last_day, and weight: the days, those of each eighth of the period counting 0.75 times those
    of the eighth after it. Raises ValueError for a level that is not in `LEVELS`.
    """
    return pl.concat(in_parts(shop, period, level))


def in_parts(shop: Shop, period: str | Period | Latest, level: str) -> Iterator[pl.DataFrame]:
    """Yield the rows of `purchases` for some customers after the others, by number."""
    if level not in LEVELS:
        raise ValueError(f"cannot list by {level!r}; allowed: {', '.join(LEVELS)}")
    window = shop.window(period)
    for part in shop.during(window).parts(FINE):
        yield _of(part, window, LEVELS[level])


def _of(shop: Shop, window: Period, key: str) -> pl.DataFrame:
    """Return the rows of `purchases` of some customers; weights add up exactly as integers."""
    stretches = _parts(window)
    weight, whole = nw.lit(0), 4 ** (len(stretches) - 1)
    for age, part in enumerate(reversed(stretches)):
        inside = nw.col("day").is_between(part.first, part.last)
        weight = nw.when(inside).then(nw.lit(3**age * whole // 4**age)).otherwise(weight)
    question = (
        merchandise(shop.lines, shop.products)
        .filter(~nw.col(key).is_null())
        .with_columns(packed=packed("customer_id", key))
        .group_by("packed", "day")
        .agg(quantity=total("quantity"), sales=total("sales"))
        .filter((nw.col("quantity") > 0) | (nw.col("sales") > 0))
        .with_columns(weight=weight)
        .group_by("packed")
        .agg(
            first_day=nw.col("day").min(),
            last_day=nw.col("day").max(),
            days=nw.len(),
            weight=total("weight"),
        )
    )
    return fetch(question, by=["packed"]).select(
        *unpacked("customer_id", "item_id"),
        *("first_day", "last_day", "days"),
        pl.col("weight") / whole,
    )


def items(shop: Shop, level: str) -> pl.DataFrame:
    """Return one row per item of a level: item_id, item (its name; the number where shared)."""
    key = LEVELS[level]
    if level == "product":
        named = fetch(shop.products.select(key, "product", "description"), by=[key])
        said = pl.format("{} ({})", pl.col("description"), pl.col("product"))
        return named.select(item_id=key, item=pl.coalesce(said, pl.col("product")))
    named = fetch(shop.categories.select(key, "department", "category"), by=[key])
    shared = pl.len().over("category") > 1
    said = pl.when(shared).then(pl.format("{} ({})", "category", "department"))
    unnamed = pl.lit("(unknown)")
    return named.select(item_id=key, item=pl.coalesce(said, pl.col("category"), unnamed))


def _parts(window: Period) -> list[Period]:
    ends = [window.days * n // _STRETCHES for n in range(_STRETCHES + 1)]
    return [
        Period(window.first + dt.timedelta(days=a), window.first + dt.timedelta(days=b - 1))
        for a, b in pairwise(ends)
        if b > a
    ]
