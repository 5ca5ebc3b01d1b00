"""Checks of days and stores, all from one frame: the receipts of each store and day."""

from datetime import timedelta

import narwhals as nw
import polars as pl

from workbench.data.checks.check import WRITTEN, Checked, Found, some
from workbench.data.engine import CENTS_PER_UNIT, fetch, total
from workbench.data.shop import Shop

GAP, BUSY, BUSY_WEEKDAY = 7, 5, 20
SILENT = timedelta(days=28)
_DAY, _RECEIPTS = pl.col("day"), pl.col("receipts")


def of_days(shop: Shop) -> Checked:
    """Return what the checks of days, weeks and stores found, by name of the check."""
    everything = _store_days(shop)
    span = everything.filter(_DAY.is_between(shop.span.first, shop.span.last))
    late = everything.filter(shop.last_day < _DAY)
    own = shop.scope.stores if shop.scope else None
    ours = span if own is None else span.filter(pl.col("store_id").is_in(own))
    days = _calendar(shop, ours)
    return {
        "lines after the last day": Found(
            int(late["lines"].sum()), int(everything["lines"].sum()), _named(late)
        ),
        "other retailers or currencies": _others(shop, span, ours),
        "several channels": _channels(shop, ours),
        "store days missing": _missing(shop, ours),
        **_gaps(days),
        **_weeks(days),
        **_silent(shop, ours),
    }


def _store_days(shop: Shop) -> pl.DataFrame:
    question = (
        shop.table("lines")
        .group_by("store_id", "day")
        .agg(lines=nw.len(), receipts=total("new_basket"), sales=total("sales"))
    )
    return fetch(question, by=["store_id", "day"])


def _calendar(shop: Shop, ours: pl.DataFrame) -> pl.DataFrame:
    """Return one row per day of the data: its receipts, null where there are no lines."""
    seen = ours.group_by("day").agg(_RECEIPTS.sum())
    days = pl.select(day=pl.date_range(shop.span.first, shop.span.last))
    return days.join(seen, on="day", how="left").sort("day")


def _gaps(days: pl.DataFrame) -> Checked:
    closed = days.filter(_RECEIPTS.is_null())
    found = {"days without a receipt": Found(closed.height, days.height, _named(closed))}
    if (days["receipts"].median() or 0) < BUSY:  # type: ignore[operator]
        return found
    run = _RECEIPTS.is_null().rle_id()
    long = days.filter(_RECEIPTS.is_null() & (pl.len().over(run) >= GAP))
    usual = pl.when(_RECEIPTS.is_not_null()).then(_RECEIPTS).median().over(_DAY.dt.weekday())
    half = days.filter((usual >= BUSY_WEEKDAY) & (usual > 3 * _RECEIPTS))
    return found | {
        "days in a long gap": Found(long.height, days.height, _named(long)),
        "half days": Found(half.height, days.height, _named(half)),
    }


def _weeks(days: pl.DataFrame) -> Checked:
    week = _DAY.dt.truncate("1w").alias("week")
    weeks = days.group_by(week).agg(pl.len(), _RECEIPTS.sum()).filter(pl.col("len") == 7)
    weeks = weeks.sort("week")
    found = {"days in a part of a week": Found(days.height - 7 * weeks.height, days.height)}
    usual = weeks.filter(_RECEIPTS > 0)["receipts"].median() or 0
    if usual < 7 * BUSY:  # type: ignore[operator]
        return found
    thin = weeks.select(usual > 2 * _RECEIPTS).to_series()
    for name, run in (("thin first weeks", thin), ("thin last weeks", thin.reverse())):
        found[name] = Found(7 * int(run.cum_min().sum()), days.height)
    return found


def _others(shop: Shop, span: pl.DataFrame, ours: pl.DataFrame) -> Found:
    if shop.scope is None or shop.scope.stores is None:
        return Found(0, int(span["lines"].sum()))
    count = int(span["lines"].sum()) - int(ours["lines"].sum())
    return Found(count, int(span["lines"].sum()), shop.scope.left_out)


def _channels(shop: Shop, ours: pl.DataFrame) -> Found:
    stores = fetch(shop.stores.select("store_id", "channel"), by=["store_id"])
    each = ours.join(stores, on="store_id", how="left").group_by("channel")
    lines = each.agg(pl.col("lines").sum()).sort("lines", "channel", descending=[True, False])
    others = lines.slice(1)
    named = some(others.select(pl.format("{} ({})", "channel", "lines")).to_series())
    return Found(int(others["lines"].sum()), int(lines["lines"].sum()), named)


def _missing(shop: Shop, ours: pl.DataFrame) -> Found:
    """Return days a busy store misses on weekdays on which it has receipts three times in four."""
    usual = _RECEIPTS.median().over("store_id")
    open_days = ours.filter(usual >= BUSY).select("store_id", "day", open=pl.lit(value=True))
    lives = open_days.group_by("store_id").agg(day=pl.date_ranges(_DAY.min(), _DAY.max()).first())
    expected = lives.explode("day").join(open_days, on=["store_id", "day"], how="left")
    often = pl.col("open").count().over("store_id", _DAY.dt.weekday()) / pl.len().over(
        "store_id", _DAY.dt.weekday()
    )
    expected = expected.filter(often >= 0.75)
    missed = expected.filter(pl.col("open").is_null())
    names = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    told = missed.join(names, on="store_id").sort("day", "store", descending=[True, False])
    each = told.select(pl.format("{} on {}", "store", WRITTEN)).to_series()
    return Found(missed.height, expected.height, some(each))


def _silent(shop: Shop, ours: pl.DataFrame) -> Checked:
    if shop.span.days < 2 * SILENT.days:
        return {}
    stores = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    each = ours.group_by("store_id").agg(_DAY.max(), pl.col("sales").sum())
    each = each.join(stores, on="store_id").sort("sales", "store", descending=[True, False])
    silent = each.filter(shop.span.last - SILENT >= _DAY)
    lost, sales = (int(frame["sales"].sum()) // CENTS_PER_UNIT for frame in (silent, each))
    return {"stores that fell silent": Found(lost, sales, some(silent["store"]))}


def _named(days: pl.DataFrame) -> str:
    return some(days["day"].unique().sort(descending=True))
