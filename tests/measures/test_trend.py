"""The trend of each segment over the last periods, and the list of who moved."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.measures import movers, segment_trend, weigh
from workbench.segments import before_and_after, frequency_variation, rfm

NOW = "2026-02-02/2026-03-01"


def test_the_corner_shops_two_periods_by_hand(corner_shop: Shop) -> None:
    """Four weeks and four before: who came, what was spent; 12 only brought wine back."""
    found = segment_trend(corner_shop, NOW, rfm.label, bands=3).filter(pl.col("customers") > 0)
    early, late = dt.date(2026, 1, 5), dt.date(2026, 2, 2)
    assert found.select("first_day", "segment", "customers", "sales").rows() == [
        (early, "Promising", 1, Decimal("16.00")),
        (early, "Occasional", 1, Decimal("6.00")),
        (early, "At risk", 1, Decimal("7.00")),
        (late, "Promising", 1, Decimal("29.00")),
        (late, "Needs attention", 1, Decimal("7.50")),
        (late, "Unlabelled", 1, Decimal("-6.50")),
    ]


def test_only_periods_that_the_data_covers_are_there(corner_shop: Shop) -> None:
    """Ten steps of two weeks are asked for, eight weeks give four."""
    found = segment_trend(corner_shop, "last 2 weeks", rfm.label, steps=10)
    days = found.select("first_day", "last_day").unique().sort("first_day").rows()
    assert days == [
        (dt.date(2026, 1, 5), dt.date(2026, 1, 18)),
        (dt.date(2026, 1, 19), dt.date(2026, 2, 1)),
        (dt.date(2026, 2, 2), dt.date(2026, 2, 15)),
        (dt.date(2026, 2, 16), dt.date(2026, 3, 1)),
    ]


def test_the_last_step_has_the_cut_points_of_the_first(sample_shop: Shop) -> None:
    """The two steps are those of before and after, segment by segment."""
    weeks = "last 26 weeks"
    found = segment_trend(sample_shop, weeks, rfm.label, steps=2)
    window = sample_shop.window(weeks)
    pair = before_and_after(sample_shop, weeks, rfm.label)
    for period, labels in zip((window.before(), window), pair, strict=True):
        step = found.filter(pl.col("first_day") == period.first)
        worth = weigh(sample_shop, period, labels)
        assert step.drop("first_day", "last_day").equals(worth.select(step.columns[2:]))


def test_a_trend_without_a_step_is_refused(corner_shop: Shop) -> None:
    """No period is no trend."""
    with pytest.raises(ValueError, match="steps=0 has no period"):
        segment_trend(corner_shop, NOW, rfm.label, steps=0)


def test_a_period_the_data_lacks_is_refused(corner_shop: Shop) -> None:
    """The last step must be whole."""
    with pytest.raises(NotCovered, match="2 Feb 2026 to 8 Mar 2026"):
        segment_trend(corner_shop, "2026-02-02/2026-03-08", rfm.label)


def test_periods_before_which_a_segmentation_cannot_look_are_left_out(corner_shop: Shop) -> None:
    """Frequency variation compares with the period before, which the first of four lacks."""
    found = segment_trend(corner_shop, "last 2 weeks", frequency_variation.label, steps=4)
    assert found["first_day"].unique().sort().to_list() == [
        dt.date(2026, 1, 19), dt.date(2026, 2, 2), dt.date(2026, 2, 16),
    ]  # fmt: skip


def test_who_moved_is_listed_with_where_from_and_where_to(corner_shop: Shop) -> None:
    """Who stayed is not in the list; who came is New, who did not is Lost; ids are the shop's."""
    kind = pl.Enum(["one", "two"])
    schema = {"customer_id": pl.Int64, "segment": kind}
    before = pl.DataFrame([(1, "one"), (2, "one"), (3, "two")], schema, orient="row")
    after = pl.DataFrame([(4, "two"), (2, "two"), (1, "one")], schema, orient="row")
    found = movers(corner_shop, before, after)
    assert found.rows() == [
        ("12", 2, "one", "two"), ("31", 3, "two", "Lost"), ("40", 4, "New", "two"),
    ]  # fmt: skip
    assert found["before"].dtype == pl.Enum(["one", "two", "New"])
    assert found["after"].dtype == pl.Enum(["one", "two", "Lost"])
