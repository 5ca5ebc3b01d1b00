"""Habits: how each customer came and bought in the weeks up to a day, and nothing after it."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.engine import CENTS_PER_UNIT, fetch, total
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
    "categories": "categories bought in the half before",
    "categories lost": "share of these not bought in the latest half",
}
_LATELY = 8


def habits(shop: Shop, days: Sequence[dt.date], length: int) -> pl.DataFrame:
    """Return one row per day of `days` and customer who came in the `length` days up to it.

    Columns: as_of, customer_id, last_day, visit_days, sales (net, cents), mean_gap (days between
    visits; null for one visit), and the figures of `HABITS` under their names, times and amounts
    on logarithmic scales. Only receipts up to the day are read for it.
    """
    known = _categories(shop, days, length)
    both = came(shop, days, length).join(known, on=["as_of", "customer_id"], how="left")
    return _figures(both, length)


def came(shop: Shop, days: Sequence[dt.date], length: int) -> pl.DataFrame:
    """Return one row per day of `days` and customer who came in the `length` days up to it.

    Columns: as_of, customer_id, first_day, last_day (of a visit), visit_days, longest (gap, days),
    late_days (of the latest half), recent_days (of the latest eighth), sales and late_sales (net,
    cents). Only receipts up to the day are read for it.
    """
    spans = pl.DataFrame({"as_of": days}, schema={"as_of": pl.Date}).with_columns(
        begin=pl.col("as_of") - dt.timedelta(days=length - 1)
    )
    return _came(visits(shop, Period(spans["begin"].min(), max(days))), spans, length)  # type: ignore[arg-type]


def halves(day: dt.date, length: int) -> tuple[Period, Period]:
    """Return the half before and the latest half of the `length` days up to a day."""
    latest = Period(day - dt.timedelta(days=length // 2 - 1), day)
    return latest.before(), latest


def visits(shop: Shop, span: Period) -> pl.DataFrame:
    """Return one row per customer and day with a receipt in the span.

    Columns: customer_id, day, receipts, sales (net, cents), visit (the day, null where nothing
    was bought), gap (days since the visit before).
    """
    question = (
        shop.during(span)
        .receipts.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id", "day")
        .agg(receipts=total("new_basket"), sales=total("sales"))
    )
    found = fetch(question, by=["customer_id", "day"])
    day = pl.when(pl.col("receipts") > 0).then(pl.col("day"))
    before = day.forward_fill().shift(1).over("customer_id")
    return found.with_columns(visit=day, gap=(day - before).dt.total_days())


def _came(visits: pl.DataFrame, spans: pl.DataFrame, length: int) -> pl.DataFrame:
    latest = pl.col("day") > pl.col("as_of") - pl.duration(days=length // 2)
    lately = pl.col("day") > pl.col("as_of") - pl.duration(days=length // _LATELY)
    within = pl.col("gap") <= (pl.col("day") - pl.col("begin")).dt.total_days()
    return (
        visits.join(spans, how="cross")
        .filter(pl.col("day").is_between("begin", "as_of"))
        .group_by("as_of", "customer_id")
        .agg(
            first_day=pl.col("visit").min(),
            last_day=pl.col("visit").max(),
            visit_days=pl.col("visit").count().cast(pl.Int64),
            longest=pl.col("gap").filter(within).max(),
            late_days=pl.col("visit").filter(latest).count(),
            recent_days=pl.col("visit").filter(lately).count(),
            sales=pl.col("sales").sum(),
            late_sales=pl.col("sales").filter(latest).sum(),
        )
        .drop_nulls("last_day")
        .sort("as_of", "customer_id")
    )


def _categories(shop: Shop, days: Sequence[dt.date], length: int) -> pl.DataFrame:
    """Return one row per day and customer: categories bought in the half before, and lost."""
    sides = {place: halves(day, length) for place, day in enumerate(days)}
    first = min(before.first for before, _ in sides.values())
    sums = {
        f"{side}_{place}": inside("sales", window)
        for place, windows in sides.items()
        for side, window in zip(("before", "after"), windows, strict=True)
    }
    had = {place: nw.col(f"before_{place}") > 0 for place in sides}
    lost = {place: had[place] & (nw.col(f"after_{place}") <= 0) for place in sides}
    question = (
        shop.during(Period(first, max(days)))
        .lines.filter(~nw.col("customer_id").is_null(), ~nw.col("category_id").is_null())
        .group_by("customer_id", "category_id")
        .agg(**sums)
        .with_columns(
            **{f"had_{place}": flag.cast(nw.Int64) for place, flag in had.items()},
            **{f"lost_{place}": flag.cast(nw.Int64) for place, flag in lost.items()},
        )
        .group_by("customer_id")
        .agg(*(nw.col(f"{name}_{place}").sum() for place in sides for name in ("had", "lost")))
    )
    found = fetch(question, by=["customer_id"])
    return pl.concat(
        found.select("customer_id", as_of=pl.lit(day), had=f"had_{place}", lost=f"lost_{place}")
        for place, day in enumerate(days)
    )


def _figures(came: pl.DataFrame, length: int) -> pl.DataFrame:
    away = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
    span = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    gap = pl.when(pl.col("visit_days") > 1).then(span / (pl.col("visit_days") - 1))
    early_days = pl.col("visit_days") - pl.col("late_days")
    early_sales, late_sales = _units(pl.col("sales") - pl.col("late_sales")), _units("late_sales")
    had, lost = pl.col("had").fill_null(0), pl.col("lost").fill_null(0)
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
        "categories": had.log1p(),
        "categories lost": lost / (had + 3),
    }
    return came.select(
        *("as_of", "customer_id", "last_day", "visit_days", "sales"),
        gap.alias("mean_gap"),
        *(figures[name].cast(pl.Float64).alias(name) for name in HABITS),
    )


def _units(cents: str | pl.Expr) -> pl.Expr:
    amount = pl.col(cents) if isinstance(cents, str) else cents
    return (amount / CENTS_PER_UNIT).clip(0)
