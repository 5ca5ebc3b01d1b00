"""Times: when people shop, by weekday and hour, along the month, and on which odd days."""

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import ratio_of_sums
from workbench.measures.profile import WEEKDAYS

WEEKDAY = pl.Enum(WEEKDAYS)
STRETCHES = ("1 to 7", "8 to 14", "15 to 21", "22 to 28", "29 to 31")
ODD = 3.5
DEFINITION = {
    "Visits": "receipts on which something was bought, by the shops' own clock",
    "Along the month": "visits against what the same weekdays usually have in the period, 100: as "
    "usual; the interval is over days",
    "Odd days": "visits against the median of the same weekday, on a scale on which two thirds of "
    "days lie within 1; odd is beyond 3.5. The calendar of holidays is not in the data, so "
    "these days have no names, and days without a receipt are left out",
}


def by_hour(
    shop: Shop, period: str | Period | Latest, *, customers: pl.Series | None = None
) -> pl.DataFrame:
    """Return one row per weekday and hour, 168 of them: when people shop, all or some customers.

    Columns: weekday, hour (0 to 23, the shops' clock), visits, visits_share (of all), sales
    (money) and basket_value (null without a visit).
    """
    return _weekly(_hourly(shop, period, customers))


def _weekly(hourly: pl.DataFrame) -> pl.DataFrame:
    number = (pl.col("day").dt.weekday() - 1).cast(pl.Int64).alias("number")
    found = hourly.group_by(number, "hour").agg(pl.col("visits", "sales").sum())
    numbers, hours = (pl.select(pl.int_range(n, dtype=pl.Int64).alias("n")) for n in (7, 24))
    days = numbers.rename({"n": "number"})
    whole = days.join(hours.rename({"n": "hour"}), how="cross", maintain_order="left_right")
    filled = whole.join(found, on=["number", "hour"], how="left", maintain_order="left")
    visits = pl.col("visits")
    return (
        filled.with_columns(pl.col("visits", "sales").fill_null(0))
        .select(
            pl.col("number").replace_strict(dict(enumerate(WEEKDAYS)), return_dtype=WEEKDAY),
            "hour",
            "visits",
            pl.when(visits.sum() > 0).then(visits / visits.sum()).alias("visits_share"),
            "sales",
            pl.when(visits > 0)
            .then((pl.col("sales") / visits).round(0).cast(pl.Int64))
            .alias("basket_value"),
        )
        .rename({"number": "weekday"})
        .with_columns(money("sales", "basket_value"))
    )


def along_the_month(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per stretch of the month: is the start or the end the busier?

    Columns: days_of_month, days (with receipts in the period), visits, index (100 x visits over
    what the same weekdays have on average in the period) with index_low and index_high (95 %
    over days; null for fewer than two days).
    """
    return _along(_daily(_hourly(shop, period)))


def all_times(
    shop: Shop, period: str | Period | Latest, *, top: int = 10
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return `by_hour`, `along_the_month` and `odd_days` from one look at the lines."""
    hourly = _hourly(shop, period)
    days = _daily(hourly)
    return _weekly(hourly), _along(days), _odd(days, top)


def _along(days: pl.DataFrame) -> pl.DataFrame:
    usual = pl.col("visits").mean().over(pl.col("day").dt.weekday())
    stretch = ((pl.col("day").dt.day().cast(pl.Int64) - 1) // 7).replace_strict(
        dict(enumerate(STRETCHES)), return_dtype=pl.Enum(STRETCHES)
    )
    found = (
        days.with_columns(usual=usual, days_of_month=stretch)
        .group_by("days_of_month")
        .agg(
            pl.len().cast(pl.Int64).alias("days"),
            pl.col("visits").sum(),
            *ratio_of_sums(
                100 * pl.col("visits"), pl.col("usual"), "index", "index_low", "index_high"
            ),
        )
    )
    return found.sort("days_of_month")


def odd_days(shop: Shop, period: str | Period | Latest, *, top: int = 10) -> pl.DataFrame:
    """Return the days most unlike other days of their weekday, the oddest first.

    Columns: day, weekday, visits, usual (median of that weekday), index (100 x visits / usual),
    distance (from the median in robust standard deviations of all days' log ratio).
    """
    return _odd(_daily(_hourly(shop, period)), top)


def _odd(days: pl.DataFrame, top: int) -> pl.DataFrame:
    weekday = pl.col("day").dt.weekday() - 1
    usual = pl.col("visits").median().over(weekday)
    ratio = (pl.col("visits") / pl.col("usual")).log()
    spread = 1.4826 * (ratio - ratio.median()).abs().median()
    came = days.filter(pl.col("visits") > 0).with_columns(usual=usual)
    measured = came.select(
        "day",
        weekday.cast(pl.Int64)
        .replace_strict(dict(enumerate(WEEKDAYS)), return_dtype=WEEKDAY)
        .alias("weekday"),
        "visits",
        "usual",
        index=100 * pl.col("visits") / pl.col("usual"),
        distance=pl.when(spread > 0).then((ratio - ratio.median()) / spread),
    )
    odd = measured.filter(pl.col("distance").abs() > ODD)
    return odd.sort(pl.col("distance").abs(), descending=True, maintain_order=True).head(top)


def say_times(times: pl.DataFrame) -> str:
    """Return the sentence that names the busiest hour and weekday."""
    if times["visits"].sum() == 0:
        return "Nobody came in this period"
    best = times.sort("visits", descending=True, maintain_order=True).row(0, named=True)
    days = times.group_by("weekday", maintain_order=True).agg(pl.col("visits").sum())
    day = days.sort("visits", descending=True, maintain_order=True).row(0, named=True)
    share = day["visits"] / times["visits"].sum()
    return (
        f"{day['weekday']} is the busiest day ({share:.0%} of visits); the busiest hour is "
        f"{best['weekday']} from {best['hour']}:00"
    )


def say_month(month: pl.DataFrame) -> str:
    """Return the sentence that says whether any stretch of the month is surely unlike others."""
    sure = month.filter((pl.col("index_low") > 100) | (pl.col("index_high") < 100))
    if sure.is_empty():
        return "No stretch of the month is surely busier or quieter than its weekdays"
    best = sure.sort((pl.col("index") - 100).abs(), descending=True).row(0, named=True)
    side = "busier" if best["index"] > 100 else "quieter"
    return f"Days {best['days_of_month']} are {side}: {best['index']:.0f} where 100 is usual"


def _daily(hourly: pl.DataFrame) -> pl.DataFrame:
    return hourly.group_by("day").agg(pl.col("visits").sum()).sort("day")


def _hourly(
    shop: Shop, period: str | Period | Latest, customers: pl.Series | None = None
) -> pl.DataFrame:
    """Return one row per day and hour with a receipt: visits, sales in cents."""
    receipts = shop.during(period).receipts
    if customers is not None:
        receipts = only(receipts, "customer_id", customers.to_list())
    question = (
        receipts.with_columns(hour=nw.col("minute") // 60)
        .group_by("day", "hour")
        .agg(visits=total("new_basket"), sales=total("sales"))
    )
    return fetch(question, by=["day", "hour"])
