"""Coverage: days, hours and weeks of the receipts, and what was not observed."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.measures import arrivals, daily, extent, hourly, over_time
from workbench.show import say_arrivals


def test_a_day_without_a_receipt_is_there_and_unknown(sample_shop: Shop) -> None:
    """The shops were closed on Christmas Day: no zero is invented for it."""
    days = daily(sample_shop)
    assert days.height == 365
    unseen = days.filter(pl.col("lines").is_null())
    assert unseen.rows() == [(dt.date(2017, 12, 25), None, None, None)]


def test_the_days_add_up_to_the_whole(sample_shop: Shop) -> None:
    """Lines, baskets and sales of all days are those of the shop, to the cent."""
    whole = daily(sample_shop).select("lines", "baskets", "sales").sum()
    assert whole.rows() == [(1_469_307, 155_848, Decimal("4596039.58"))]


def test_the_corner_shops_busiest_day_by_hand(corner_shop: Shop) -> None:
    """On the ninth of February one receipt of two lines made 21.00."""
    day = daily(corner_shop).filter(pl.col("day") == dt.date(2026, 2, 9))
    assert day.drop("day").rows() == [(2, 1, Decimal("21.00"))]


def test_hours_are_those_of_the_shops_clock(sample_shop: Shop) -> None:
    """The peak is at five in the afternoon in New York, not at ten in the evening in UTC."""
    hours = hourly(sample_shop)
    assert hours.sort("baskets")["hour"].to_list()[-1] == 17
    assert hours["baskets"].sum() == 155_848
    assert hours["baskets_share"].sum() == pytest.approx(1)


def test_the_corner_shops_hours_by_hand(corner_shop: Shop) -> None:
    """Four receipts at nine, two at half past six in the evening, two at seven."""
    hours = {hour: baskets for hour, baskets, _ in hourly(corner_shop).rows() if baskets}
    assert hours == {9: 4, 10: 1, 12: 1, 17: 1, 18: 2, 19: 2}


def test_the_corner_shops_new_customers_by_hand(corner_shop: Shop) -> None:
    """Two in the first week, one in the third, one in the sixth, none in the others."""
    weeks = arrivals(corner_shop)
    assert weeks["week"].to_list() == [
        dt.date(2026, 1, 5) + dt.timedelta(weeks=week) for week in range(8)
    ]
    assert weeks["customers"].to_list() == [2, 0, 1, 0, 0, 1, 0, 0]
    assert weeks["seen_share"].to_list() == [0.5, 0.5, 0.75, 0.75, 0.75, 1.0, 1.0, 1.0]


def test_where_nobody_has_a_card_nobody_is_seen(tmp_path: Path) -> None:
    """No share of nobody, in words either."""
    weeks = arrivals(open_till(tmp_path, "- 2026-01-05 milk 1.50"))
    assert weeks["seen_share"].null_count() == weeks.height
    assert say_arrivals(weeks) == "No customers have been seen"


def test_most_customers_of_the_sample_were_there_before_it_begins(sample_shop: Shop) -> None:
    """Frozen: four fifths are seen by the end of January, who are not new to the shop."""
    weeks = arrivals(sample_shop)
    by_january = weeks.filter(pl.col("week") == dt.date(2017, 1, 23))["seen_share"].item()
    assert by_january == pytest.approx(0.7963, abs=0.0001)
    assert weeks["customers"].sum() == 2_469


def test_what_the_sample_holds(sample_shop: Shop) -> None:
    """Frozen: days, lines, receipts, customers, products, stores and sales."""
    first, last = dt.date(2017, 1, 1), dt.date(2017, 12, 31)
    counts = (1_469_307, 155_848, 2_469, 92_351, 457, Decimal("4596039.58"))
    assert extent(sample_shop).rows() == [(first, last, *counts)]


def test_receipts_after_the_last_complete_day_are_counted_alike(tmp_path: Path) -> None:
    """A receipt dated years ahead is in both the extent and the days, or in neither."""
    shop = open_till(tmp_path, "ann 2026-01-05 bread 2.00", "ann 2062-01-05 bread 3.00")
    assert extent(shop)["sales"].item() == daily(shop)["sales"].sum()


def test_counts_are_wide_enough_for_any_retailer(corner_shop: Shop) -> None:
    """Every count of a result table is a 64-bit integer."""
    frames = [extent(corner_shop), daily(corner_shop), hourly(corner_shop), arrivals(corner_shop)]
    numbers = {
        name: dtype
        for frame in frames
        for name, dtype in frame.schema.items()
        if dtype.is_integer() and dtype != pl.Int64
    }
    assert numbers == {}


def test_many_days_are_drawn_as_weeks_or_months() -> None:
    """Sums of whole weeks and months; those that the days do not fill are left out."""
    first, last = dt.date(2025, 12, 31), dt.date(2026, 3, 9)
    days = pl.select(day=pl.date_range(first, last)).with_columns(
        lines=pl.when(pl.col("day") >= dt.date(2026, 1, 12)).then(1), baskets=2, sales=3
    )
    assert over_time(days).equals(days)
    weeks = over_time(days, most=60)
    assert weeks["week"].to_list()[:2] == [dt.date(2026, 1, 5), dt.date(2026, 1, 12)]
    assert weeks["lines"].to_list()[:2] == [None, 7]
    assert weeks["week"][-1] == dt.date(2026, 3, 2)
    months = over_time(days, most=8)
    assert months.rows() == [
        (dt.date(2026, 1, 1), 20, 62, 93),
        (dt.date(2026, 2, 1), 28, 56, 84),
    ]
