"""Forecasts: what the model is told of each customer, and what it does without enough of them."""

import datetime as dt

import polars as pl
import pytest

from workbench.data import Period
from workbench.segments._forecast import BOTH, LAST, LONG, METHODS, MODEL, forecasts, summary

FIRST, LAST_DAY = dt.date(2026, 1, 5), dt.date(2026, 3, 1)
KNOWN = Period(FIRST, LAST_DAY)


def days(*rows: tuple[int, str, int, int]) -> pl.DataFrame:
    """Return customer, day, receipts with a purchase and cents."""
    schema = {"customer_id": pl.Int64, "day": pl.Date, "receipts": pl.Int64, "sales": pl.Int64}
    dated = [(who, dt.date.fromisoformat(day), *rest) for who, day, *rest in rows]
    return pl.DataFrame(dated, schema, orient="row")


def test_repeats_are_purchases_after_the_first_in_weeks() -> None:
    """Three days, two weeks apart: two repeats, recency four weeks, age eight less a day."""
    seen = days((1, "2026-01-05", 1, 900), (1, "2026-01-19", 2, 300), (1, "2026-02-02", 1, 500))
    assert summary(seen, LAST_DAY).rows() == [(1, 2.0, 4.0, pytest.approx(55 / 7), 400.0)]


def test_spend_leaves_out_the_first_purchase() -> None:
    """Nine euros on the first day say nothing; who came once has no spend to learn from."""
    seen = days((1, "2026-01-05", 1, 900), (1, "2026-01-12", 1, 100), (2, "2026-01-05", 1, 900))
    assert summary(seen, LAST_DAY)["spend"].to_list() == [100.0, None]


def test_a_day_on_which_something_was_only_brought_back_is_no_purchase() -> None:
    """A return neither repeats nor renews a visit."""
    seen = days((1, "2026-01-05", 1, 900), (1, "2026-02-09", 0, -900))
    assert summary(seen, LAST_DAY).select("repeats", "recency").rows() == [(0.0, 0.0)]


def test_the_plain_rates_by_hand() -> None:
    """Of 8.00 in eight weeks 2.00 fell into the last two: 2.00, 2.00 a fortnight, and the mean."""
    seen = days((1, "2026-01-05", 1, 600), (1, "2026-02-20", 1, 200))
    told = forecasts(seen, KNOWN, 14).row(0, named=True)
    assert (told[LAST], told[LONG], told[BOTH]) == pytest.approx((200, 200, 200))
    week = forecasts(seen, KNOWN, 7).row(0, named=True)
    assert (week[LAST], week[LONG], week[BOTH]) == pytest.approx((0, 100, 50))


def test_with_few_customers_the_model_says_what_the_mean_says() -> None:
    """One customer teaches nothing about customers."""
    told = forecasts(days((1, "2026-01-05", 1, 600), (1, "2026-02-20", 1, 200)), KNOWN, 7)
    assert told[MODEL].to_list() == told[BOTH].to_list()


def test_with_many_customers_the_model_expects_more_of_those_who_come_more() -> None:
    """Sixty come weekly, sixty came three times in January: the model knows who left."""
    weekly = [FIRST + dt.timedelta(days=7 * n) for n in range(8)]
    rows = [(who, str(day), 1, 1000 + who) for who in range(60) for day in weekly]
    rows += [(who, str(day), 1, 1000 + who) for who in range(60, 120) for day in weekly[:3]]
    told = forecasts(days(*rows), KNOWN, 28)
    often, once = told[MODEL][:60].mean(), told[MODEL][60:].mean()
    assert 2400 < often < 4000  # type: ignore[operator]
    assert 0 < once < often / 4  # type: ignore[operator]


def test_every_method_is_explained() -> None:
    """The ledger of the page names each way to predict."""
    assert list(METHODS) == [LAST, LONG, BOTH, MODEL]
    assert all(METHODS.values())
