"""Feedback: scores with their chance, silence that is no zero, and a fall that is not believed."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.measures import (
    after_contact,
    feedback,
    reasons,
    say_after,
    say_feedback,
    who_answered,
)
from workbench.segments import rfm

DAYS, FEBRUARY = "2026-02-10/2026-03-01", "2026-02-02/2026-03-01"
WEEKS = "last 26 weeks"
PEOPLE = [f"c{number:02d}" for number in range(1, 25)]
LABELS = pl.DataFrame(
    {"customer_id": range(1, 25), "segment": ["A"] * 12 + ["B"] * 12},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B"])},
)
SAID = [
    *(
        (who, "would recommend", "10" if who <= 8 else "7" if who == 9 else "3")
        for who in range(1, 11)
    ),
    (11, "would recommend", "11"),
    (13, "would recommend", "9"),
    *((who, "stars", "4" if who % 2 else "5") for who in range(13, 23)),
]
CALLS = [
    (1, "price", dt.date(2026, 2, 11)),
    (1, "price", dt.date(2026, 2, 12)),
    (14, "queue", dt.date(2026, 2, 20)),
]


def spoken(shop: Shop, calls: list[tuple[int, str, dt.date]] = CALLS) -> Shop:
    """Return the shop with a survey, reviews, a newsletter and contacts of the service."""
    names = {"customer_id": pl.Int32, "attribute": pl.String, "value": pl.String}
    attributes = pl.LazyFrame(SAID, names, orient="row").with_columns(
        source=pl.lit("survey"), since=pl.lit(None, pl.Date)
    )
    names = {"customer_id": pl.Int32, "subject": pl.String, "sent": pl.Date}
    never = pl.lit(None, pl.Date)
    service = pl.LazyFrame(calls, names, orient="row").with_columns(channel=pl.lit("service"))
    news = service.with_columns(channel=pl.lit("email"))
    contacts = pl.concat([service, news]).with_columns(opened=never, clicked=never)
    more = {"attributes": nw.from_native(attributes), "contacts": nw.from_native(contacts)}
    return replace(shop, tables={**shop.tables, **more})


@pytest.fixture(name="plain", scope="module")
def open_plain(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop where 24 customers spend 10.00 or 20.00 each, and nobody is asked anything."""
    sales = [f"{who} 2026-02-1{n % 7} bread {10 + 10 * (n % 2)}.00" for n, who in enumerate(PEOPLE)]
    return open_till(tmp_path_factory.mktemp("plain"), *sales)


def test_scores_by_hand(plain: Shop) -> None:
    """Of ten in A eight promote and one detracts: 70; one answer in B is too few to be told."""
    ours, others = feedback(spoken(plain), DAYS, LABELS).rows(named=True)
    assert (ours["customers"], ours["answers"], ours["promoters"], ours["detractors"]) == (
        12,
        10,
        8,
        1,
    )
    assert ours["answered_share"] == pytest.approx(10 / 12)
    assert ours["net"] == pytest.approx(70.0)
    assert ours["net_low"] == pytest.approx(70 - 196 * (0.41 * 10 / 9 / 10) ** 0.5)
    assert (others["answers"], others["net"], others["net_low"]) == (1, None, None)
    assert (others["reviews"], others["stars"], ours["stars"]) == (10, 4.5, None)


def test_only_the_service_is_counted_as_contact(plain: Shop) -> None:
    """Two contacts of twelve customers are 16.7 in 100; newsletters are none."""
    ours, others = feedback(spoken(plain), DAYS, LABELS).rows(named=True)
    assert (ours["contacts"], others["contacts"]) == (2, 1)
    assert ours["per_hundred"] == pytest.approx(200 / 12)
    found = reasons(spoken(plain), DAYS)
    assert found.rows() == [
        ("price", 2, 1, pytest.approx(2 / 3)),
        ("queue", 1, 1, pytest.approx(1 / 3)),
    ]


def test_who_speaks_is_set_beside_who_does_not(plain: Shop) -> None:
    """Eleven answered, ten reviewed, two called, four said nothing; some did two of these."""
    found = who_answered(spoken(plain), DAYS)
    assert found["customers"].to_list() == [11, 10, 2, 4]
    assert found["spend_per_customer"].to_list()[2] == Decimal("15.00")


def test_a_shop_that_asks_nobody_knows_nothing(plain: Shop) -> None:
    """No score, no contact: nulls, no zeros."""
    ours = feedback(plain, DAYS, LABELS).row(0, named=True)
    assert (ours["answers"], ours["net"]) == (0, None)
    assert (ours["contacts"], ours["per_hundred"]) == (None, None)
    assert reasons(plain, DAYS).is_empty()
    said = say_feedback(feedback(plain, DAYS, LABELS), who_answered(plain, DAYS))
    assert said == "Too few customers answered to say whether they would recommend the shop"


def bought(who: int, *weekly: int) -> list[str]:
    """Return a customer's purchases, one a week from 2 February on."""
    first = dt.date(2026, 2, 2)
    return [
        f"{PEOPLE[who - 1]} {first + dt.timedelta(weeks=week)} bread {spent}.00"
        for week, spent in enumerate(weekly)
        if spent
    ]


def test_a_fall_that_others_had_too_is_no_effect(tmp_path: Path) -> None:
    """1 and 2 fall from 30 to 10 and 20 after their contact, and so do 3 to 6, who had none."""
    falls = [(1, 30, 5, 10), (2, 30, 5, 20), *((who, 30, 0, 15) for who in range(3, 7))]
    sales = [line for who, *weekly in falls for line in bought(who, *weekly, 1)]
    calls = [(who, "price", dt.date(2026, 2, 11)) for who in (1, 2)]
    shop = spoken(open_till(tmp_path, *sales), calls)
    turned, alike, difference = after_contact(shop, FEBRUARY, weeks=1).rows(named=True)
    assert (turned["before_amount"], turned["after_amount"]) == (Decimal("30.00"), Decimal("15.00"))
    assert turned["change_amount"] == alike["change_amount"] == Decimal("-15.00")
    assert difference["change_amount"] == Decimal("0.00")
    assert say_after(after_contact(shop, FEBRUARY, weeks=1)) == (
        "Who turned to the service spends 50% less afterwards, others alike before 50% less: "
        "no more than chance could make"
    )


def test_a_contact_without_weeks_on_both_sides_is_left_out(tmp_path: Path) -> None:
    """The data ends too soon after it: nothing is said, in words either, of 1 and 2 beside 3."""
    sales = [line for who in (1, 2, 3) for line in bought(who, 5, 5, 5, 5)]
    calls = [(who, "late", dt.date(2026, 2, 25)) for who in (1, 2)]
    shop = spoken(open_till(tmp_path, *sales), calls)
    found = after_contact(shop, FEBRUARY, weeks=1)
    assert found["customers"].to_list() == [0, 0, 0]
    assert found["change_amount"].null_count() == 3
    assert say_after(found).startswith("Too few customers")


def test_the_samples_feedback(sample_shop: Shop) -> None:
    """Frozen: synthetic answers, more of them by frequent customers, no change after a contact."""
    found = feedback(sample_shop, WEEKS, rfm.label(sample_shop, WEEKS))
    assert found.select("answers", "reviews", "contacts").sum().row(0) == (477, 305, 257)
    who = who_answered(sample_shop, WEEKS)
    assert who["spend_low"][1] > who["spend_high"][3]
    assert say_after(after_contact(sample_shop, WEEKS)).endswith("no more than chance could make")


def test_duckdb_says_the_same(plain: Shop) -> None:
    """Segments, speakers and reasons, equal to the bit."""
    ours, theirs = spoken(plain), on_duckdb(spoken(plain))
    assert_frame_equal(
        feedback(theirs, DAYS, LABELS), feedback(ours, DAYS, LABELS), check_exact=True
    )
    assert_frame_equal(who_answered(theirs, DAYS), who_answered(ours, DAYS), check_exact=True)
    assert_frame_equal(reasons(theirs, DAYS), reasons(ours, DAYS), check_exact=True)


def test_the_only_segment_that_answers_is_set_beside_no_other() -> None:
    """It would not recommend more than itself."""
    rows = {"segment": ["A", "B"], "net": [20.0, None], "net_low": [10.0, None]}
    table = pl.DataFrame(rows).with_columns(net_high=pl.col("net") + 10)
    nobody = pl.DataFrame(schema={"group": pl.String, "spend_low": pl.Float64})
    assert say_feedback(table, nobody) == (
        "Only A answered often enough to say what they think (net +20)"
    )


def test_a_change_from_nothing_is_told_in_money() -> None:
    """Of 0.00 before there is no percentage."""
    rows = {"group": ["turned", "alike", "difference"], "before_amount": [0.0, 10.0, -10.0]}
    rows |= {"change_amount": [12.5, -5.0, 17.5], "low_amount": [1.0, None, 2.0]}
    table = pl.DataFrame(rows).with_columns(high_amount=pl.lit(30.0))
    assert say_after(table) == (
        "Who turned to the service spends 12.50 more per customer afterwards, others alike before "
        "50% less: more than chance could make"
    )
