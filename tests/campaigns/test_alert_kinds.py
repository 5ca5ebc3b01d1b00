"""Kinds of alerts: who is told of on a day from what was known then, and what came true."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from watched import FIRST, LAST, open_watched, rule, weekly

from workbench.campaigns.alerts.listed import NotHere, cases_of
from workbench.campaigns.alerts.rules import Rule
from workbench.data import Shop
from workbench.data.engine import fetch
from workbench.data.shop import NotCovered

DAY = dt.date(2026, 11, 22)
LATER = dt.date(2026, 11, 26)
AUTUMN = dt.date(2026, 10, 4)
WHOLE = [
    *weekly("ann", "wine", "50.00", FIRST, AUTUMN),
    *weekly("bob", "milk", "20.00", FIRST, LAST),
    *weekly("bob", "bread", "2.00", FIRST, AUTUMN),
    *weekly("cid", "bread", "1.00", FIRST, AUTUMN),
    *weekly("cid", "bread", "1.00", LATER, LAST),
    "eve 2026-11-18 wine 9.00",
    "eve 2026-11-30 wine 9.00",
    "fay 2026-11-19 wine 7.00",
    "fay 2026-11-22 milk 1.00",
]


@pytest.fixture(name="shop", scope="module")
def a_watched_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Ann stops coming in October; bob buys no bread any more; cid pauses; eve and fay are new."""
    return open_watched(tmp_path_factory.mktemp("watched"), *WHOLE, allowed="ann bob cid eve fay")


@pytest.fixture(name="early", scope="module")
def the_same_shop_on_the_day(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same sales as far as they were known on the day."""
    sales = [sale for sale in WHOLE if sale.split()[1] <= str(DAY)]
    return open_watched(tmp_path_factory.mktemp("early"), *sales, allowed="ann bob cid eve fay")


def told(shop: Shop, asked: Rule, day: dt.date = DAY) -> list[tuple[Any, ...]]:
    """Return who is told of: customer, reason, cents at stake, days away, whether it came true."""
    names = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    found = cases_of(shop, [day], asked).filter("fires")
    return (
        found.join(names, on="customer_id", how="left")
        .select("customer", "reason", "at_stake", "away", "happened")
        .sort("customer", "reason")
        .rows()
    )


def test_a_big_spender_is_told_of_after_three_own_gaps(shop: Shop) -> None:
    """Ann's last purchase is on 1 October, 52 days back, and the usual gap is a week.

    Of 19 weeks at 50 in half a year the four weeks usually bring 28/182 of 950.
    """
    since = "no visit since 1 Oct 2026"
    assert told(shop, rule("big spender silent")) == [("ann", since, 14615, 52, True)]
    assert told(shop, rule("big spender silent", when={"gaps": 8})) == []


def test_a_fall_is_told_with_its_tiers(shop: Shop) -> None:
    """Ann fell from 650 to 300, a tier of 286; bob from that tier to 272, without his bread.

    At stake is what is missing, in 4 of 13 weeks.
    """
    assert told(shop, rule("segment fall")) == [
        ("ann", "fell from Heavy to Medium in 2026", 10769, 52, True),
        ("bob", "fell from Medium to Light in 2026", 431, 3, True),
    ]
    assert told(shop, rule("segment fall", when={"steps": 2})) == []


def test_a_lost_category_needs_a_customer_who_still_comes(shop: Shop) -> None:
    """Bob comes for milk and buys no bread; ann and cid lost everything, which is another rule."""
    since = "Bakery not bought since 1 Oct 2026"
    assert told(shop, rule("category lost")) == [("bob", since, 585, 52, True)]
    assert told(shop, rule("category lost", when={"days": 20, "quiet": 6})) == []


def test_a_first_purchase_is_the_first_of_all(shop: Shop) -> None:
    """Eve came again within four weeks; fay's second day lies before the day asked."""
    assert told(shop, rule("first purchase")) == [
        ("eve", "first purchase on 18 Nov 2026", 900, 4, True),
        ("fay", "first purchase on 19 Nov 2026", 800, 0, False),
    ]


def test_a_basket_left_is_told_until_its_products_are_bought(shop: Shop) -> None:
    """Bob ordered the wine two hours later; a line of milk came to 19.64 so far."""
    found = told(shop, rule("cart abandoned"))
    assert [row[:2] for row in found] == [
        ("ann", "basket left on 20 Nov 2026"),
        ("cid", "basket left on 21 Nov 2026"),
    ]
    assert {row[4] for row in found} == {True}


def test_a_birthday_names_no_day(shop: Shop) -> None:
    """Ann's is on the 25th; cid, of a 29 February, is told of for 1 March."""
    assert told(shop, rule("birthday")) == [("ann", "birthday in 2026", 14615, 52, False)]
    tomorrow = rule("birthday", when={"days": 1})
    assert [row[:2] for row in told(shop, tomorrow, dt.date(2026, 2, 28))] == [
        ("cid", "birthday in 2026")
    ]


def test_late_data_is_no_customer_s(shop: Shop) -> None:
    """Receipts are complete to the last day, events end in November."""
    asked = rule("data late", channel="none")
    web = (None, "web events end on 21 Nov 2026", None, 36, None)
    assert told(shop, asked, LAST) == [web]
    late = told(shop, asked, LAST + dt.timedelta(days=3))
    assert [row[1] for row in late] == ["receipts end on 27 Dec 2026", web[1]]


@pytest.mark.parametrize(
    "kind",
    ["big spender silent", "segment fall", "category lost", "first purchase", "cart abandoned"],
)
def test_nothing_after_the_day_is_looked_at(shop: Shop, early: Shop, kind: str) -> None:
    """Without what was sold later the same customers are told of, with the same figures."""
    known = [cases_of(each, [DAY], rule(kind)).drop("happened") for each in (shop, early)]
    assert known[0]["fires"].any()
    assert_frame_equal(*known)


@pytest.mark.parametrize(
    "kind",
    [
        *("big spender silent", "segment fall", "category lost", "birthday"),
        *("first purchase", "cart abandoned", "data late"),
    ],
)
def test_cases_come_in_the_order_of_days_and_customers(
    shop: Shop, kind: str, request: pytest.FixtureRequest
) -> None:
    """Whatever order joins give."""
    days = [DAY - dt.timedelta(days=7), DAY]
    usual = cases_of(shop, days, rule(kind))
    assert usual.rows() == usual.sort("as_of", "customer_id", "reason").rows()
    request.getfixturevalue("unordered_joins")
    assert_frame_equal(cases_of(shop, days, rule(kind)), usual)


def test_nothing_to_tell_of_is_no_error(shop: Shop) -> None:
    """In the last week nobody came for the first time, and no basket was left."""
    for kind in ("first purchase", "cart abandoned"):
        assert told(shop, rule(kind), LAST) == []


def test_what_is_not_over_yet_is_not_known(shop: Shop) -> None:
    """Four weeks after the last days are not in the data."""
    for kind in ("big spender silent", "segment fall", "category lost", "cart abandoned"):
        found = cases_of(shop, [LAST - dt.timedelta(days=20)], rule(kind))
        assert found["happened"].null_count() == found.height


def test_without_consent_nobody_is_reached_by_a_channel(tmp_path: Path) -> None:
    """Where no channel is used, no consent is asked for."""
    shop = open_watched(tmp_path, *WHOLE, allowed="bob")
    written, looked = rule("big spender silent"), rule("big spender silent", channel="none")
    assert cases_of(shop, [DAY], written).filter("fires")["reached"].to_list() == [False]
    assert cases_of(shop, [DAY], looked).filter("fires")["reached"].to_list() == [True]


def test_a_table_that_is_not_there_is_named(corner_shop: Shop) -> None:
    """A rule on birthdays is of no use to a retailer without them."""
    with pytest.raises(NotHere, match="Corner shop has no table 'people', which 'Test' rests on"):
        cases_of(corner_shop, [corner_shop.last_day], rule("birthday"))


def test_another_engine_tells_the_same(shop: Shop) -> None:
    """Line-grain questions do not depend on Polars."""
    for kind in ("category lost", "cart abandoned", "big spender silent"):
        plain = cases_of(shop, [DAY], rule(kind))
        assert_frame_equal(cases_of(on_duckdb(shop), [DAY], rule(kind)), plain)


def test_who_stays_away_is_learnt_from_earlier_days(sample_shop: Shop) -> None:
    """The chances of the sample are as large as what happened, on each side of a threshold."""
    day = dt.date(2017, 12, 3)
    found = cases_of(sample_shop, [day], rule("churn"))
    over, under = found.filter("fires"), found.filter(~pl.col("fires"))
    assert 400 < over.height < 600
    assert abs(over["score"].mean() - over["happened"].mean()) < 0.06  # type: ignore[operator]
    assert abs(under["score"].mean() - under["happened"].mean()) < 0.03  # type: ignore[operator]
    with pytest.raises(NotCovered, match="cannot be learnt by 2017-07-02"):
        cases_of(sample_shop, [dt.date(2017, 7, 2)], rule("churn"))
