"""The next visit: when a customer is likely to come again, by its own gaps between visits."""

import datetime as dt

import polars as pl

from workbench.data.period import Latest, Period, written
from workbench.data.shop import Shop
from workbench.measures.customers.habits import visits

LEAST_GAPS, _LONGER = 4, 3
_DAYS = ("expected_day", "from_day", "to_day")


def next_visit(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer who came in the period: when the next visit is likely.

    From the customer's own gaps between days with a visit, of those that were longer than the
    days since the last one. Columns: customer_id, last_visit, gaps (how many), usual_gap (their
    median, days), expected_day (median), from_day and to_day (the middle 80 %), overdue
    (whether fewer than three gaps were ever that long). Nulls under four gaps; no days for who
    is overdue.
    """
    last = shop.window(period).last
    came = visits(shop, shop.window(period))
    gap = pl.col("gap").drop_nulls()
    since = (pl.lit(last) - pl.col("visit").max()).dt.total_days()
    longer = pl.col("gap").filter(pl.col("gap") > since)
    each = (
        came.drop_nulls("visit")
        .group_by("customer_id")
        .agg(
            pl.col("visit").max().alias("last_visit"),
            gap.len().cast(pl.Int64).alias("gaps"),
            gap.median().alias("usual_gap"),
            longer.len().alias("longer"),
            longer.quantile(0.5, "nearest").alias("expected_day"),
            longer.quantile(0.1, "lower").alias("from_day"),
            longer.quantile(0.9, "higher").alias("to_day"),
        )
    )
    known = pl.when(pl.col("gaps") >= LEAST_GAPS)
    likely = pl.when((pl.col("gaps") >= LEAST_GAPS) & (pl.col("longer") >= _LONGER))
    days = (pl.col("last_visit") + pl.duration(days=pl.col(name)) for name in _DAYS)
    return each.select(
        *("customer_id", "last_visit", "gaps", known.then(pl.col("usual_gap")).alias("usual_gap")),
        *(likely.then(day).alias(name) for name, day in zip(_DAYS, days, strict=True)),
        known.then(pl.col("longer") < _LONGER).alias("overdue"),
    ).sort("customer_id")


def next_visit_test(shop: Shop, period: str | Period | Latest, *, weeks: int = 4) -> pl.DataFrame:
    """Return one row: how often the 80 % held for the visits of the last `weeks` of the period.

    Said from the days before, of customers not overdue then. Columns: customers,
    expected_share (what is claimed), inside_share (next visit from from_day to to_day) and
    later_share (after it, or not in these weeks).
    """
    window = shop.window(period)
    day = window.last - dt.timedelta(weeks=weeks)
    said = next_visit(shop, Period(window.first, day)).filter(~pl.col("overdue"))
    came = visits(shop, Period(day + dt.timedelta(days=1), window.last)).drop_nulls("visit")
    first = came.group_by("customer_id").agg(next_day=pl.col("visit").min())
    told = said.join(first, on="customer_id", how="left")
    inside = pl.col("next_day").is_between("from_day", "to_day").fill_null(value=False)
    later = (pl.col("next_day") > pl.col("to_day")).fill_null(value=True)
    return told.select(
        pl.len().cast(pl.Int64).alias("customers"),
        expected_share=pl.lit(0.8),
        inside_share=inside.mean(),
        later_share=later.mean(),
    )


def say_visit(expected: pl.DataFrame, held: pl.DataFrame) -> str:
    """Return the sentence that says when one customer is likely to come, and how surely."""
    if expected.is_empty():
        return "No visit in the period, so nothing can be said about the next"
    row, tested = expected.row(0, named=True), held.row(0, named=True)
    if row["overdue"] is None:
        return f"Too few visits to say when the next is likely: {row['gaps']} gaps between them"
    if row["overdue"]:
        return (
            "Overdue: hardly ever away as long as since the last visit on "
            f"{written(row['last_visit'])}; the usual gap is {row['usual_gap']:g} days"
        )
    likely, first, last = (written(row[name]) for name in _DAYS)
    when = f"The next visit is likely on {likely}, between {first} and {last}"
    if not tested["customers"]:
        return f"{when}; such a range is meant to hold for 80 % of customers, and is not tested"
    return (
        f"{when}; such a range, meant to hold for 80 % of customers, held for "
        f"{100 * tested['inside_share']:.0f} % of {tested['customers']:,} when tested"
    )
