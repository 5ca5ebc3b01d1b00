"""Habits: how each customer came and bought in the weeks up to a day, and nothing after it."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from workbench.data.activity import customer_days
from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.period import Period
from workbench.data.shop import Shop

HABITS = {
    "away": "days since the last visit",
    "own rhythm": "days since the last visit, in own mean gaps between visits",
    "visit days": "days with a visit",
    "recent days": "days with a visit in the latest eighth of the time",
    "longest gap": "longest time between two visits",
    "known for": "days since the first visit",
    "frequency trend": "visits in the latest half over those in the half before",
    "spend trend": "spend in the latest half over that in the half before",
    "spend": "spend in all",
    "basket": "spend per day with a visit",
}
_LATELY = 8


def habits(seen: pl.DataFrame, days: Sequence[dt.date], length: int) -> pl.DataFrame:
    """Return one row per day of `days` and customer who came in the `length` days up to it.

    Columns: as_of, customer_id, last_day, visit_days, sales (net, cents), mean_gap (days between
    visits; null for one visit), and the figures of `HABITS` under their names, times and amounts
    on logarithmic scales. Of the `visits` seen only those up to a day tell its habits.
    """
    return _figures(came(seen, days, length), length)


def came(seen: pl.DataFrame, days: Sequence[dt.date], length: int) -> pl.DataFrame:
    """Return one row per day of `days` and customer who came in the `length` days up to it.

    Columns: as_of, customer_id, first_day, last_day (of a visit), visit_days, longest (gap, days),
    late_days (of the latest half), recent_days (of the latest eighth), sales and late_sales (net,
    cents). Of the `visits` seen only those up to a day count for it.
    """
    return pl.concat(_came(seen, day, length) for day in sorted(days))


def visits(shop: Shop, span: Period) -> pl.DataFrame:
    """Return one row per customer and day with a receipt in the span.

    Columns: customer_id, day, receipts, sales (net, cents), visit (the day, null where nothing
    was bought), gap (days since the visit before).
    """
    visit = pl.when(pl.col("receipts") > 0).then("day")
    owner = pl.when(pl.col("receipts") > 0).then("customer_id")
    before, whose = (known.forward_fill().shift(1) for known in (visit, owner))
    gap = pl.when(whose == pl.col("customer_id")).then(pl.col("day") - before)
    return customer_days(shop, span).with_columns(visit=visit, gap=gap.dt.total_days())


def _came(seen: pl.DataFrame, as_of: dt.date, length: int) -> pl.DataFrame:
    begin = as_of - dt.timedelta(days=length - 1)
    latest = pl.col("visit") > as_of - dt.timedelta(days=length // 2)
    lately = pl.col("visit") > as_of - dt.timedelta(days=length // _LATELY)
    late_sales = pl.when(pl.col("day") > as_of - dt.timedelta(days=length // 2)).then("sales")
    within = pl.col("gap") <= (pl.col("day") - begin).dt.total_days()
    return (
        seen.lazy()
        .filter(pl.col("day").is_between(begin, as_of))
        .group_by("customer_id")
        .agg(
            first_day=pl.col("visit").min(),
            last_day=pl.col("visit").max(),
            visit_days=pl.col("visit").count().cast(pl.Int64),
            longest=pl.when(within).then("gap").max(),
            late_days=latest.sum().cast(pl.Int64),
            recent_days=lately.sum().cast(pl.Int64),
            sales=pl.col("sales").sum(),
            late_sales=late_sales.sum(),
        )
        .drop_nulls("last_day")
        .sort("customer_id")
        .select(pl.lit(as_of).alias("as_of"), pl.all())
        .collect()
    )


def _figures(came: pl.DataFrame, length: int) -> pl.DataFrame:
    away = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
    span = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    gap = pl.when(pl.col("visit_days") > 1).then(span / (pl.col("visit_days") - 1))
    early_days = pl.col("visit_days") - pl.col("late_days")
    early_sales, late_sales = _units(pl.col("sales") - pl.col("late_sales")), _units("late_sales")
    figures = {
        "away": away.log1p(),
        "own rhythm": ((away + 1) / gap.fill_null(length / 2)).log(),
        "visit days": pl.col("visit_days").log1p(),
        "recent days": pl.col("recent_days").log1p(),
        "longest gap": pl.col("longest").fill_null(length / 2).log1p(),
        "known for": (pl.col("as_of") - pl.col("first_day")).dt.total_days().log1p(),
        "frequency trend": ((pl.col("late_days") + 1) / (early_days + 1)).log(),
        "spend trend": ((late_sales + 10) / (early_sales + 10)).log(),
        "spend": _units("sales").log1p(),
        "basket": (_units("sales") / pl.col("visit_days")).log1p(),
    }
    return came.select(
        *("as_of", "customer_id", "last_day", "visit_days", "sales"),
        gap.alias("mean_gap"),
        *(figures[name].cast(pl.Float64).alias(name) for name in HABITS),
    )


def _units(cents: str | pl.Expr) -> pl.Expr:
    amount = pl.col(cents) if isinstance(cents, str) else cents
    return (amount / CENTS_PER_UNIT).clip(0)
