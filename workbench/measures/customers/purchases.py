"""Purchases: how often and how lately each customer bought each category or product."""

import datetime as dt
from itertools import pairwise

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

LEVELS = {"category": "category_id", "product": "product_id"}
_STRETCHES = 8
_FADE = 0.75


def purchases(shop: Shop, period: str | Period | Latest, level: str = "category") -> pl.DataFrame:
    """Return one row per customer and item bought in the period, returns netted by the day.

    Items are merchandise. Columns: customer_id, item_id, days (with a purchase), first_day,
    last_day, and weight: the days, those of each eighth of the period counting 0.75 times those
    of the eighth after it. Raises ValueError for a level that is not in `LEVELS`.
    """
    if level not in LEVELS:
        raise ValueError(f"cannot list by {level!r}; allowed: {', '.join(LEVELS)}")
    window = shop.window(period)
    return pl.concat(_of(part, window, LEVELS[level]) for part in shop.during(window).parts())


def _of(shop: Shop, window: Period, key: str) -> pl.DataFrame:
    """Return the rows of `purchases` of some customers."""
    counts = {f"part_{n}": _within(part) for n, part in enumerate(_parts(window))}
    question = (
        shop.lines.filter(~nw.col(key).is_null())
        .join(shop.products.select("product_id", "merchandise"), on="product_id", how="left")
        .filter(nw.col("merchandise").fill_null(True))
        .group_by("customer_id", key, "day")
        .agg(quantity=total("quantity"), sales=total("sales"))
        .filter((nw.col("quantity") > 0) | (nw.col("sales") > 0))
        .group_by("customer_id", key)
        .agg(first_day=nw.col("day").min(), last_day=nw.col("day").max(), **counts)
    )
    found = fetch(question, by=["customer_id", key])
    faded = [pl.col(name) * _FADE**age for age, name in enumerate(reversed(counts))]
    return found.select(
        *("customer_id", pl.col(key).alias("item_id"), "first_day", "last_day"),
        days=pl.sum_horizontal(*counts),
        weight=pl.sum_horizontal(faded),
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


def _within(part: Period) -> nw.Expr:
    return nw.col("day").is_between(part.first, part.last).cast(nw.Int64).sum()
