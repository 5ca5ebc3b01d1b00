"""The card of one customer: only with consent, and nothing on it that may not be shown."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import next_visit, next_visit_test, say_visit
from workbench.measures.customers.card import (
    NoConsent,
    about,
    against_peers,
    customer_of,
    promotions_answered,
    segment_history,
    timeline,
)
from workbench.segments import rfm

PERIOD = "2026-01-05/2026-03-01"
MAPPING = (
    corner.MAPPING
    + """\
  consents:
    file: consents.csv
    columns: {customer: card, purpose: purpose, granted: granted, since: since}
  people:
    file: people.csv
    columns: {customer: card, first_name: name, email: email, birthday: born}
"""
)
CONSENTS = """\
card,purpose,granted,since
ann,profiling,yes,2026-01-01
ann,profiling,no,2026-02-01
bob,profiling,yes,2026-01-01
cid,marketing,yes,2026-01-01
dan,profiling,yes,2026-01-01
"""
PEOPLE = """\
card,name,email,born
bob,Robert,bob@example.org,1980-01-01
ann,Anna,ann@example.org,1981-01-01
"""
SALES = (
    *(f"ann 2026-01-{day:02d} bread 2.00" for day in range(5, 15)),
    *(f"bob 2026-01-{day:02d} milk 1.50" for day in (5, 9, 13, 17)),
    *(f"bob 2026-02-{day:02d} wine 8.00" for day in (2, 8)),
    "cid 2026-01-06 bread 2.00",
    "dan 2026-01-06 bread 2.00",
    "dan 2026-01-13 milk 6.00",
)


@pytest.fixture(name="shop")
def shop_with_consents(tmp_path: Path) -> Shop:
    """Ann took her consent back, cid gave one for marketing only, bob and dan consented."""
    deliver(tmp_path, receipts=till(*SALES), mapping=MAPPING, consents=CONSENTS, people=PEOPLE)
    return open_shop(tmp_path)


def number(shop: Shop, name: str) -> int:
    """Return a customer's number."""
    return customer_of(shop, PERIOD, name)


def test_the_best_is_the_one_with_most_visits_among_those_who_consented(shop: Shop) -> None:
    """Ann came more often than bob, and is not shown."""
    assert customer_of(shop, PERIOD) == number(shop, "bob")


@pytest.mark.parametrize("name", ["ann", "cid"])
def test_without_consent_there_is_no_card(shop: Shop, name: str) -> None:
    """A consent taken back, or given for another purpose, is none."""
    with pytest.raises(NoConsent, match=f"customer '{name}' has not consented to profiling"):
        customer_of(shop, PERIOD, name)


def test_an_unknown_customer_is_refused(shop: Shop, corner_shop: Shop) -> None:
    """With the nearest id; a shop without consents has no cards at all."""
    with pytest.raises(ValueError, match="no customer has the id 'bobb'; did you mean 'bob'"):
        customer_of(shop, PERIOD, "bobb")
    with pytest.raises(ValueError, match="no table 'consents'"):
        customer_of(corner_shop, PERIOD)


def test_of_personal_data_only_the_first_name_is_shown(shop: Shop) -> None:
    """No address, no birthday."""
    assert about(shop, PERIOD, number(shop, "bob")).rows(named=True) == [
        {
            "customer": "bob",
            "first_name": "Robert",
            "baskets": 6,
            "sales": Decimal("22.00"),
            "last_visit": dt.date(2026, 2, 8),
        }
    ]


def test_weeks_without_a_visit_are_zero(shop: Shop) -> None:
    """Bob: two visits, two, none, none, one (2 Feb and 8 Feb are one week), and none after."""
    weeks = timeline(shop, PERIOD, number(shop, "bob"))
    assert weeks["visit_days"].to_list() == [2, 2, 0, 0, 2, 0, 0, 0]
    assert weeks["sales"].sum() == Decimal("22.00")


def test_segments_go_back_as_far_as_the_data(shop: Shop) -> None:
    """Eight weeks hold two stretches of four."""
    history = segment_history(shop, PERIOD, number(shop, "bob"), rfm.label, weeks=4)
    assert history["first_day"].to_list() == [dt.date(2026, 1, 5), dt.date(2026, 2, 2)]
    assert history["visits"].to_list() == [4, 2]


def test_categories_are_compared_by_their_share_of_the_money(shop: Shop) -> None:
    """Bob spent 6 of 22 on milk, his peers with him 12 of 30: index 68."""
    peers = pl.DataFrame({"customer_id": [number(shop, "bob"), number(shop, "dan")]})
    found = against_peers(shop, PERIOD, number(shop, "bob"), peers)
    milk = found.row(by_predicate=pl.col("category") == "Dairy", named=True)
    assert (milk["customers"], milk["sales_share"]) == (4, pytest.approx(6 / 22))
    assert milk["total_share"] == pytest.approx(12 / 30)
    assert milk["index"] == pytest.approx(100 * (6 / 22) / (12 / 30))
    assert milk["index_low"] < milk["index"]
    assert found.filter(category="Wine")["index_low"].to_list() == [None]


def test_the_next_visit_follows_from_own_gaps(shop: Shop) -> None:
    """Bob's gaps are 4, 4, 4, 16 and 6; on the day of his last visit all are longer than 0."""
    expected = next_visit(shop, "2026-01-05/2026-02-08").filter(customer_id=number(shop, "bob"))
    told = expected.select("gaps", "usual_gap", "expected_day", "from_day", "to_day").row(0)
    soon, late = dt.date(2026, 2, 12), dt.date(2026, 2, 24)
    assert told == (5, 4.0, soon, soon, late)


def test_who_was_hardly_ever_away_so_long_is_overdue(shop: Shop) -> None:
    """Bob, three weeks later; dan came too seldom to say."""
    expected = next_visit(shop, PERIOD)
    bob = expected.filter(customer_id=number(shop, "bob"))
    assert bob.select("expected_day", "overdue").rows() == [(None, True)]
    assert expected.filter(customer_id=number(shop, "dan"))["overdue"].to_list() == [None]
    assert say_visit(bob, bob).startswith("Overdue: hardly ever away as long as since")


def test_a_shop_without_campaigns_has_none_to_answer(shop: Shop) -> None:
    """An empty table."""
    assert promotions_answered(shop, 1, shop.last_day).is_empty()


def test_the_sample_retailers_best_customer(sample_shop: Shop) -> None:
    """Frozen: id 1467, 377 baskets, two campaigns without a coupon redeemed, always Champions."""
    one = customer_of(sample_shop, "last 26 weeks")
    told = about(sample_shop, "last 26 weeks", one).select("customer", "baskets", "sales").row(0)
    assert told == ("1467", 377, Decimal("1337.78"))
    campaigns = promotions_answered(sample_shop, one, sample_shop.last_day)
    assert campaigns.select("campaign", "coupons").rows() == [("18", 0), ("13", 0)]
    history = segment_history(sample_shop, "last 26 weeks", one, rfm.label)
    assert history["segment"].to_list() == ["Champions"] * 4


def test_ranges_hold_about_as_often_as_claimed(sample_shop: Shop) -> None:
    """Frozen: 79 % of 1,646 customers came within the range meant for 80 %."""
    held = next_visit_test(sample_shop, "last 26 weeks").row(0, named=True)
    assert (held["customers"], round(held["inside_share"], 3)) == (1646, 0.786)


def test_the_second_engine_gives_the_same_card(sample_shop: Shop) -> None:
    """Without tolerance."""
    there, period = on_duckdb(sample_shop), "last 8 weeks"
    peers = pl.DataFrame({"customer_id": range(500, 600)})
    one = customer_of(sample_shop, period)
    assert customer_of(there, period) == one
    asked = [
        lambda shop: about(shop, period, one),
        lambda shop: timeline(shop, period, one),
        lambda shop: against_peers(shop, period, one, peers),
        lambda shop: next_visit(shop, period),
        lambda shop: promotions_answered(shop, one, shop.last_day),
    ]
    for ask in asked:
        assert_frame_equal(ask(there), ask(sample_shop), check_exact=True)
