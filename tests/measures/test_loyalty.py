"""Loyal customers against others: shares, the programme's account, naive and matched figures."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, open_till

from workbench.data import Shop, open_shop
from workbench.data.shop import NotCovered
from workbench.door import corner
from workbench.measures import loyalty, loyalty_effect
from workbench.segments import frequency_cohort

HALF = "last 4 weeks"
COUPONS = corner.MAPPING.replace(
    "loyalty_discount: card_discount",
    "loyalty_discount: card_discount\n      match_discount: match\n      coupon_discount: coupon",
)


def ids(shop: Shop, *cards: str) -> list[int]:
    """Return the ids of customers by their cards."""
    customers = shop.customers.to_native().collect()
    return customers.filter(pl.col("customer").is_in(cards))["customer_id"].to_list()


def loyal_of(shop: Shop, period: str) -> pl.Series:
    """Return who came five times per four weeks in the period before."""
    before = frequency_cohort.label(shop, shop.window(period).before())
    return before.filter(pl.col("segment") == "5+ visits")["customer_id"]


def test_the_three_groups_are_the_whole(tmp_path: Path) -> None:
    """Loyal, others and nobody known, with what each brought and its share."""
    shop = open_till(
        tmp_path,
        "ann 2026-02-03 bread 6.00",
        "ann 2026-02-04 bread 2.00",
        "bob 2026-02-05 milk 4.00",
        "- 2026-02-06 milk 4.00",
        "bob 2026-01-05 bread 1.00",
    )
    groups = loyalty(shop, HALF, ids(shop, "ann"))
    told = groups.select("group", "customers", "baskets", "sales", "sales_share", "margin")
    assert told.rows() == [
        ("Loyal", 1, 2, Decimal("8.00"), 0.5, Decimal("4.00")),
        ("Other customers", 1, 1, Decimal("4.00"), 0.25, Decimal("2.00")),
        ("Without a card", 0, 1, Decimal("4.00"), 0.25, Decimal("2.00")),
    ]
    assert groups["spend_per_customer"].to_list() == [Decimal("8.00"), Decimal("4.00"), None]
    assert groups["customers_share"].sum() == groups["margin_share"].sum() == 1


def test_each_discount_is_paid_by_whom_it_is_paid(tmp_path: Path) -> None:
    """Card discount and match are the retailer's; a maker's coupon is no cost of his."""
    receipts = (
        "receipt,card,item,shop,time,quantity,amount,card_discount,match,coupon\n"
        "1,ann,bread,N,2026-02-03 12:00:00,1,8.00,1.50,0.50,0.70\n"
        "2,cat,bread,N,2026-01-05 12:00:00,1,1.00,0.00,0.00,0.00\n"
    )
    deliver(tmp_path, receipts=receipts, mapping=COUPONS)
    shop = open_shop(tmp_path)
    loyal = loyalty(shop, HALF, ids(shop, "ann")).row(0, named=True)
    assert (loyal["retailer_cost"], loyal["makers_amount"]) == (Decimal("2.00"), Decimal("0.70"))
    assert loyal["cost_share"] == pytest.approx(2 / 10)
    assert loyal["margin_at_shelf"] - loyal["margin"] == Decimal("2.00")


def test_the_naive_and_the_matched_difference_by_hand(tmp_path: Path) -> None:
    """Four spent 10 before and two 100; of those alike, the loyal spend 2 more, all in all 42.

    Loyal: 12 and 14 (of those who spent 10), 100 and 110 (of 100): mean 59. Others: 10 and 12
    of the first, mean 11; nobody of the second.
    """
    before = {"a": 10, "b": 10, "c": 10, "d": 10, "e": 100, "f": 100}
    after = {"a": 12, "b": 14, "c": 10, "d": 12, "e": 100, "f": 110}
    sales = [
        f"{card} {day} bread {amount}.00"
        for day, amounts in (("2026-01-05", before), ("2026-02-03", after))
        for card, amount in amounts.items()
    ]
    shop = open_till(tmp_path, *sales)
    effect = loyalty_effect(shop, HALF, ids(shop, "a", "b", "e", "f"), bands=2, least=2)
    found = {row["comparison"]: row for row in effect.iter_rows(named=True)}
    assert found["Sales, naive"]["amount_per_customer"] == pytest.approx(59 - 11)
    matched = found["Sales, matched"]
    assert matched["amount_per_customer"] == pytest.approx(13 - 11)
    assert (matched["loyal"], matched["others"], matched["compared_share"]) == (2, 2, 0.5)
    reach = 1.96 * (2 / 2 + 2 / 2) ** 0.5
    assert matched["high_amount"] == pytest.approx(2 + reach)
    assert found["Sales before, matched"]["amount_per_customer"] == 0


def test_who_stayed_away_brought_nothing(tmp_path: Path) -> None:
    """Two of the others came no more: they count as 0 and are not left out."""
    came = [f"{card} 2026-01-05 bread 10.00" for card in "abcd"]
    again = [f"{card} 2026-02-03 bread 10.00" for card in "ab"]
    shop = open_till(tmp_path, *came, *again)
    effect = loyalty_effect(shop, HALF, ids(shop, "a", "b"), least=2)
    assert effect["amount_per_customer"].to_list()[:2] == [10.0, 10.0]


def test_without_anybody_alike_there_is_no_figure(corner_shop: Shop) -> None:
    """A single loyal customer is no group."""
    loyal = ids(corner_shop, "0012")
    effect = loyalty_effect(corner_shop, HALF, loyal)
    assert effect["amount_per_customer"].null_count() == effect.height == 6


def test_a_period_without_one_before_is_refused(corner_shop: Shop) -> None:
    """Who was loyal before cannot be told where there is no before."""
    with pytest.raises(NotCovered, match="does not cover"):
        loyalty_effect(corner_shop, "last 8 weeks", [])


def test_the_sample_s_loyal_are_large_and_not_made_so_by_coming(sample_shop: Shop) -> None:
    """Naive +1,132 each; among those who had spent as much, nothing that is sure."""
    loyal = loyal_of(sample_shop, "last 26 weeks")
    groups = loyalty(sample_shop, "last 26 weeks", loyal)
    first = groups.row(0, named=True)
    assert (first["customers"], first["baskets"]) == (880, 52816)
    assert first["sales"] == Decimal("1474223.74")
    assert first["retailer_cost"] == Decimal("244770.23")
    assert groups["sales"].sum() == Decimal("2312946.07")
    effect = loyalty_effect(sample_shop, "last 26 weeks", loyal)
    naive, matched = effect.filter(pl.col("measure") == "Sales").rows(named=True)
    assert round(naive["amount_per_customer"]) == 1132
    ends = (matched["amount_per_customer"], matched["low_amount"], matched["high_amount"])
    assert [round(end) for end in ends] == [-71, -151, 10]
    assert abs(effect["amount_per_customer"][5]) < 2


def test_loyalty_by_lot_has_no_effect(sample_shop: Shop) -> None:
    """Customers drawn at random are no different, naive or matched: the intervals hold 0."""
    seen = frequency_cohort.label(sample_shop, "2017-01-02/2017-07-02")["customer_id"]
    drawn = seen.sample(800, seed=5)
    effect = loyalty_effect(sample_shop, "last 26 weeks", drawn)
    assert (effect["low_amount"] < 0).all()
    assert (effect["high_amount"] > 0).all()
    assert effect["compared_share"].min() > 0.95


def test_duckdb_gives_the_same_figures(sample_shop: Shop) -> None:
    """To the bit."""
    loyal, other = loyal_of(sample_shop, "last 13 weeks"), on_duckdb(sample_shop)
    for ask in (loyalty, loyalty_effect):
        here, there = (ask(shop, "last 13 weeks", loyal) for shop in (sample_shop, other))
        assert_frame_equal(there, here, check_exact=True)
