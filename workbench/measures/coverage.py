"""Coverage: which days, hours and customers the receipts tell of."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.shop import Shop
from workbench.measures.rows import share_of

MEASURES = {"sales": "takings", "baskets": "receipts", "lines": "receipt lines"}


def extent(shop: Shop) -> pl.DataFrame:
    """Return one row: what the data holds, from which day to which."""
    sums = {"lines": total("lines"), "baskets": total("new_basket"), "sales": total("sales")}
    seen = fetch(shop.receipts.select(**sums), by=["lines"]).with_columns(money("sales"))
    return seen.with_columns(
        customers=pl.lit(_first_seen(shop).height, dtype=pl.Int64),
        products=_count(shop, "products"),
        stores=_count(shop, "stores"),
        first_day=pl.lit(shop.span.first),
        last_day=pl.lit(shop.span.last),
    ).select(
        "first_day", "last_day", "lines", "baskets", "customers", "products", "stores", "sales"
    )


def daily(shop: Shop) -> pl.DataFrame:
    """Return one row per calendar day looked at: lines, baskets, sales (money).

    A day without a receipt is there with nulls: nothing was observed, which is not zero.
    """
    question = shop.receipts.group_by("day").agg(
        lines=total("lines"), baskets=total("new_basket"), sales=total("sales")
    )
    days = pl.select(day=pl.date_range(shop.span.first, shop.span.last))
    seen = fetch(question, by=["day"])
    told = days.join(seen, on="day", how="left", maintain_order="left")
    return told.with_columns(money("sales"))


def over_time(days: pl.DataFrame, *, most: int = 400) -> pl.DataFrame:
    """Return daily figures for a chart of at most so many points: as days, weeks or months.

    `days` is what `daily` returns; the first column is day, week (its Monday) or month (its
    first day). Weeks and months that the days do not fill are left out; what no day of one
    tells is null.
    """
    figures = pl.col("lines", "baskets", "sales")
    known = pl.when(figures.is_not_null().any()).then(figures.sum())
    for name, every in (("week", "1w"), ("month", "1mo")):
        if days.height <= most:
            return days
        start = pl.col("day").dt.truncate(every)
        whole = (start.dt.offset_by(every) - start).dt.total_days()
        spans = days.group_by(start.alias(name), whole.alias("whole"), maintain_order=True)
        found = spans.agg(known, held=pl.len()).filter(pl.col("held") == pl.col("whole"))
        if found.height <= most:
            return found.drop("whole", "held")
    raise ValueError(f"{days.height:,} days are too many months for a chart of {most} points")


def hourly(shop: Shop) -> pl.DataFrame:
    """Return one row per hour of the shops' own clock: baskets and their share."""
    question = (
        shop.receipts.with_columns(hour=nw.col("minute") // 60)
        .group_by("hour")
        .agg(baskets=total("new_basket"))
    )
    every, seen = pl.select(hour=pl.int_range(24, dtype=pl.Int64)), fetch(question, by=["hour"])
    hours = every.join(seen, on="hour", how="left", maintain_order="left")
    hours = hours.with_columns(pl.col("baskets").fill_null(0))
    return hours.with_columns(share_of("baskets"))


def arrivals(shop: Shop) -> pl.DataFrame:
    """Return one row per week: customers first seen in it, and the share of all seen so far.

    The share is null where nobody is seen at all.
    """
    first = _first_seen(shop).select(week=pl.col("first").dt.truncate("1w"))
    found = first.group_by("week").agg(customers=pl.len().cast(pl.Int64))
    weeks = pl.select(week=pl.date_range(_monday(shop.span.first), shop.span.last, "1w"))
    counted = weeks.join(found, on="week", how="left", maintain_order="left").with_columns(
        pl.col("customers").fill_null(0)
    )
    every = pl.col("customers").sum()
    seen = pl.when(every > 0).then(pl.col("customers").cum_sum() / every)
    return counted.with_columns(seen_share=seen)


def _first_seen(shop: Shop) -> pl.DataFrame:
    """Return one row per customer: the first day with a receipt."""
    known = shop.receipts.filter(~nw.col("customer_id").is_null())
    question = known.group_by("customer_id").agg(first=nw.col("day").min())
    return fetch(question, by=["customer_id"])


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _count(shop: Shop, table: str) -> pl.Expr:
    return pl.lit(fetch(shop.table(table).select(rows=nw.len()), by=["rows"]).item(), pl.Int64)
