"""When people shop: weekdays and hours, the month, and days unlike the others."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.measures import all_times, along_the_month, by_hour, odd_days, say_month, say_times


def daily_sales(busy: dict[str, int], *, spread: int = 1) -> list[str]:
    """Return three or so sales on each of 56 days, and as many as given on some days."""
    start = dt.date(2026, 1, 5)
    days = [(start + dt.timedelta(days=n)).isoformat() for n in range(56)]
    usual = {day: 3 + spread * (number % 2) for number, day in enumerate(days)}
    return [f"ann {day} bread 2.00" for day in days for _ in range((usual | busy)[day])]


def test_visits_are_counted_by_weekday_and_hour(corner_shop: Shop) -> None:
    """Cash is counted, and a receipt that only brings back is no visit."""
    hours = by_hour(corner_shop, "last 8 weeks")
    assert hours.height == 168
    assert hours["visits"].sum() == 11
    came = {(row[0], row[1]): row[2] for row in hours.rows() if row[2]}
    assert came["Monday", 9] == 3
    assert came["Tuesday", 18] == 2
    assert came["Sunday", 12] == 1
    monday = hours.row(9, named=True)
    assert (monday["sales"], monday["basket_value"]) == (Decimal("12.50"), Decimal("4.17"))
    assert hours["basket_value"][0] is None


def test_the_busiest_hour_is_said(corner_shop: Shop) -> None:
    """Five of eleven visits were on a Monday."""
    hours = by_hour(corner_shop, "last 8 weeks")
    assert say_times(hours) == (
        "Monday is the busiest day (45% of visits); the busiest hour is Monday from 9:00"
    )
    nobody = by_hour(corner_shop, "2026-01-08/2026-01-09")
    assert say_times(nobody) == "Nobody came in this period"
    assert nobody["visits_share"].null_count() == 168


def test_a_stretch_of_the_month_is_set_against_its_weekdays(tmp_path: Path) -> None:
    """As many visits on every day of a weekday are 100 in every stretch."""
    shop = open_till(tmp_path, *(f"ann 2026-0{m} bread 2.00" for m in ("1-05", "1-31", "2-28")))
    month = along_the_month(shop, "last 8 weeks")
    assert month["days_of_month"].to_list() == ["1 to 7", "22 to 28", "29 to 31"]
    assert month["index"].to_list() == [None, None, None]
    steady = open_till(tmp_path / "steady", *daily_sales({}, spread=0))
    indices = along_the_month(steady, "last 8 weeks")["index"].to_list()
    assert indices == [100.0] * 5


def test_only_a_sure_difference_along_the_month_is_said(sample_shop: Shop) -> None:
    """In the sample the first week of the month is barely busier."""
    month = along_the_month(sample_shop, "last 26 weeks")
    assert month["index"].round(1).to_list() == [102.4, 98.9, 98.7, 100.0, 100.6]
    assert say_month(month) == "Days 1 to 7 are busier: 102 where 100 is usual"
    unsure = say_month(month.tail(2))
    assert unsure == "No stretch of the month is surely busier or quieter than its weekdays"


def test_an_odd_day_is_found_by_its_visits_alone(tmp_path: Path) -> None:
    """A Monday with thirty visits among Mondays with three or four."""
    shop = open_till(tmp_path, *daily_sales({"2026-02-16": 30}))
    odd = odd_days(shop, "last 8 weeks")
    assert odd["day"].to_list() == [dt.date(2026, 2, 16)]
    assert odd.select("weekday", "visits").row(0) == ("Monday", 30)


def test_the_sample_has_its_odd_days(sample_shop: Shop) -> None:
    """The day before Thanksgiving comes out first, without a calendar."""
    odd = odd_days(sample_shop, "last 26 weeks")
    assert odd["day"].to_list()[0] == dt.date(2017, 11, 22)
    assert odd["visits"].to_list()[0] == 643
    assert odd.height == 5


def test_duckdb_gives_the_same_times(sample_shop: Shop) -> None:
    """To the bit."""
    other, period = on_duckdb(sample_shop), "last 13 weeks"
    for ask in (by_hour, along_the_month, odd_days):
        assert_frame_equal(ask(other, period), ask(sample_shop, period), check_exact=True)


def test_one_look_gives_the_same_three(sample_shop: Shop) -> None:
    """What is asked together is what is asked one by one."""
    period = "last 8 weeks"
    together = all_times(sample_shop, period)
    asked = (by_hour, along_the_month, odd_days)
    for found, ask in zip(together, asked, strict=True):
        assert_frame_equal(found, ask(sample_shop, period), check_exact=True)


def test_the_hours_of_some_customers_are_theirs(corner_shop: Shop) -> None:
    """Each visit is somebody's: those of customers and of nobody add up to all."""
    customers = pl.Series([1, 2])
    own = by_hour(corner_shop, "last 8 weeks", customers=customers)
    others = by_hour(corner_shop, "last 8 weeks", customers=pl.Series([3, 4, 5, 6]))
    whole = by_hour(corner_shop, "last 8 weeks")
    assert 0 < own["visits"].sum() < whole["visits"].sum()
    assert (own["visits"] + others["visits"] <= whole["visits"]).all()
