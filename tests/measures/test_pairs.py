"""Pairs: exact counts against brute force, sure lifts, and what else goes with an anchor."""

from collections import Counter
from itertools import combinations
from math import exp, sqrt
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from engines import on_duckdb
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.measures import pairs, say_anchor, say_pairs, surest, with_anchor
from workbench.measures.customers import co_counts
from workbench.measures.customers.co_counts import Held, count_pairs, measured

WEEKS = "last 8 weeks"
BASKETS = ("ann bread milk", "ann bread milk wine", "bob bread", "- milk wine", "bob milk")
held_baskets = st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=1, max_size=30)


def open_baskets(home: Path, *baskets: str, discount: str = "0.00", more: str = "") -> Shop:
    """Return the shop of receipts, each `card item item ...`, one piece of each at 2.00."""
    rows = [HEADER]
    for number, basket in enumerate(baskets, start=1):
        card, *items = basket.split()
        time = f"2026-02-{number % 28 + 1:02d} 12:00:00"
        card = "" if card == "-" else card
        rows += [f"{number},{card},{item},N,{time},1,2.00,{discount}" for item in items]
    rows += ["900,cat,candle,N,2026-01-05 12:00:00,1,1.00,0.00", *more.splitlines()]
    deliver(home, receipts="\n".join(rows) + "\n")
    return open_shop(home)


def counts(found: pl.DataFrame) -> dict[frozenset[str], int]:
    """Return how many have both, by pair."""
    rows = found.select("first", "second", "together").rows()
    return {frozenset((one, other)): both for one, other, both in rows}


def held(baskets: list[set[int]], full: int = 1) -> Held:
    """Return baskets of numbered items as what pairs are counted from.

    Items whose number `full` divides, in every basket, have no discount.
    """
    entries = [(place, item) for place, basket in enumerate(baskets) for item in sorted(basket)]
    unit, item = np.array(entries, dtype=np.int64).T
    sizes = np.array([len(basket) for basket in baskets], dtype=np.int64)
    names = [str(number) for number in range(50)]
    return Held(unit, item, item % full > 0, names, sizes)


def test_pairs_of_five_baskets_by_hand(tmp_path: Path) -> None:
    """Bread and milk are together in 2 of 6 receipts: 3 with bread, 4 with milk, lift 1."""
    shop = open_baskets(tmp_path, *BASKETS)
    found = pairs(shop, WEEKS, level="product", least=1)
    assert counts(found) == {
        frozenset({"bread", "milk"}): 2,
        frozenset({"bread", "wine"}): 1,
        frozenset({"milk", "wine"}): 2,
    }
    row = found.filter(pl.col("first") == "bread", pl.col("second") == "milk").row(0, named=True)
    assert (row["together"], row["first_units"], row["second_units"], row["units"]) == (2, 3, 4, 6)
    assert row["support_share"] == pytest.approx(2 / 6)
    assert row["confidence_share"] == pytest.approx(2 / 3)
    assert row["reverse_share"] == pytest.approx(2 / 4)
    assert row["lift"] == pytest.approx(2 * 6 / (3 * 4))
    spread = sqrt(1 / 2 - 1 / 3 - 1 / 4 - 1 / 6 + 2 / 6)
    assert row["lift_low"] == pytest.approx(exp(-1.96 * spread))
    assert row["lift_high"] == pytest.approx(exp(1.96 * spread))


def test_a_category_is_one_item_and_customers_are_those_with_a_card(tmp_path: Path) -> None:
    """Bob bought bread and milk on two receipts: one customer, no basket."""
    shop = open_baskets(tmp_path, *BASKETS)
    found = pairs(shop, WEEKS, level="category", unit="customer", least=1)
    assert counts(found)[frozenset({"Bakery", "Dairy"})] == 2
    assert found["units"].unique().to_list() == [3]
    assert found["discounted_share"].null_count() == found.height


def test_what_was_only_brought_back_is_not_bought(tmp_path: Path) -> None:
    """A receipt with bread bought and wine returned has no pair."""
    back = (
        "8,ann,bread,N,2026-02-20 12:00:00,1,2.00,0.00\n"
        "8,ann,wine,N,2026-02-20 12:00:00,-1,-2.00,0.00"
    )
    found = pairs(open_baskets(tmp_path, "ann milk", more=back), WEEKS, level="product", least=1)
    assert found.is_empty()
    assert say_pairs(found, "basket") == "No two items are in enough of the same baskets"
    assert with_anchor(found).is_empty()


def test_pairs_made_by_a_promotion_say_so(tmp_path: Path) -> None:
    """One of two baskets had a discount on both."""
    plain = (
        "8,ann,bread,N,2026-02-20 12:00:00,1,2.00,0.50\n"
        "8,ann,milk,N,2026-02-20 12:00:00,1,2.00,0.00"
    )
    shop = open_baskets(tmp_path, "bob bread milk", discount="0.50", more=plain)
    found = pairs(shop, WEEKS, level="product", least=2)
    assert found["discounted_share"].to_list() == [0.5]


def test_the_least_count_leaves_out_rare_pairs(tmp_path: Path) -> None:
    """Two is enough for two pairs, three for none."""
    shop = open_baskets(tmp_path, *BASKETS)
    assert pairs(shop, WEEKS, level="product", least=2).height == 2
    assert pairs(shop, WEEKS, level="product", least=3).is_empty()


@given(held_baskets)
def test_counts_are_those_of_brute_force(baskets: list[set[int]]) -> None:
    """Every pair of every basket counted one by one gives the same."""
    brute = Counter(
        frozenset(map(str, pair)) for basket in baskets for pair in combinations(sorted(basket), 2)
    )
    found = count_pairs([held(baskets)], least=2)
    assert counts(found) == {pair: count for pair, count in brute.items() if count >= 2}


@given(held_baskets)
def test_counts_of_few_units_at_a_time_are_those_of_all(baskets: list[set[int]]) -> None:
    """With room for three units in a product of matrices, all is counted as without."""
    apart = patch.multiple(co_counts, ROOM=8, MOST_UNITS=3)
    whole = count_pairs([held(baskets, full=3)], least=1)
    with apart:
        assert count_pairs([held(baskets, full=3)], least=1).equals(whole)
    plain = whole.with_columns(pl.col("first", "second").cast(pl.Int64) % 3 > 0)
    assert whole["discounted_share"].to_list() == [
        float(one and other) for one, other in plain.select("first", "second").rows()
    ]


def test_thirty_baskets_of_fifty_items_are_no_burden() -> None:
    """All 1,225 pairs are counted, and none is more than chance: every basket is the same."""
    found = count_pairs([held([set(range(50))] * 30)], least=2)
    assert found.height == 50 * 49 // 2
    assert found["together"].unique().to_list() == [30]
    assert found["lift"].unique().to_list() == [1.0]


def test_in_alike_baskets_size_alone_lifts_nothing() -> None:
    """Large baskets with both and small ones with neither: lift 2, and 1 among their like."""
    large, small = {0, 1, 2, 3}, {4}
    found = count_pairs([held([large] * 10 + [small] * 10)], least=2)
    both = found.filter(pl.col("first") == "0", pl.col("second") == "1").row(0, named=True)
    assert (both["lift"], both["alike_lift"]) == (2.0, 1.0)


@pytest.mark.parametrize(("lift", "seed"), [(1.0, 1), (3.0, 2)])
def test_the_interval_of_a_lift_covers_it_as_often_as_it_says(lift: float, seed: int) -> None:
    """Of 2,000 draws of 5,000 baskets, 95 % of the intervals hold the true lift."""
    one, other, units = 0.1, 0.05, 5000
    both = lift * one * other
    shares = [both, one - both, other - both, 1 - one - other + both]
    drawn = np.random.default_rng(seed).multinomial(units, shares, size=2000)
    frame = pl.DataFrame(
        {
            "first": "one",
            "second": "other",
            "together": drawn[:, 0],
            "first_units": drawn[:, 0] + drawn[:, 1],
            "second_units": drawn[:, 0] + drawn[:, 2],
            "units": units,
            "alike": 1.0,
            "discounted": 0,
        }
    )
    held_in = measured(frame).select(pl.lit(lift).is_between("lift_low", "lift_high").mean())
    assert 0.935 < held_in.item() < 0.965


@pytest.mark.parametrize("unit", ["basket", "customer"])
def test_the_sample_is_counted_as_a_join_counts_it(sample_shop: Shop, unit: str) -> None:
    """Four weeks of the sample, all pairs of categories, against a join of lines with lines."""
    window = sample_shop.during("last 4 weeks")
    names = sample_shop.categories.to_native().select("category_id", "category").collect()
    key = f"{unit}_id"
    lines = window.lines.to_native().filter(pl.col("quantity") > 0, pl.col("sales") >= 0)
    bought = lines.select(key, "category_id").collect().join(names, on="category_id")
    named = bought.drop_nulls().select(key, "category").unique()
    joined = named.join(named, on=key).filter(pl.col("category") < pl.col("category_right"))
    counted = joined.group_by("category", "category_right").len().filter(pl.col("len") >= 30)
    brute = {frozenset((one, other)): count for one, other, count in counted.rows()}
    assert counts(pairs(sample_shop, "last 4 weeks", unit=unit, least=30)) == brute
    assert len(brute) > 500


def test_the_sample_s_surest_pairs(sample_shop: Shop) -> None:
    """Diapers with baby care, cat food with litter: ranked by the lower end."""
    found = pairs(sample_shop, "last 26 weeks", least=200)
    assert found.height == 5203
    assert found["lift_low"].is_sorted(descending=True)
    best = surest(found, top=2)
    assert best["pair"].to_list() == [
        "BABY HBC + DIAPERS & DISPOSABLES",
        "CAT LITTER + CAT FOOD",
    ]
    assert best["together"].to_list() == [322, 386]
    assert say_pairs(found, "basket") == (
        "BABY HBC and DIAPERS & DISPOSABLES go together most surely: 29% of baskets with the "
        "first have the second, at least 16.0 times as many as by chance"
    )


def test_an_anchor_is_told_from_its_own_side(tmp_path: Path) -> None:
    """Of two baskets with wine both have milk; of three with bread, two."""
    shop = open_baskets(tmp_path, *BASKETS)
    found = pairs(shop, WEEKS, level="product", least=1)
    others = with_anchor(found, "wine")
    told = {row[1]: row[2:5] for row in others.rows()}
    assert told["milk"] == (2, 1.0, pytest.approx(4 / 6))
    assert told["bread"] == (1, 0.5, pytest.approx(3 / 6))
    assert with_anchor(found)["anchor"].unique().to_list() == ["milk"]
    assert (
        say_anchor(others, "basket") == "Of baskets with wine, 100% have milk; of all baskets, 67%"
    )


def test_an_unknown_anchor_names_those_like_it(tmp_path: Path) -> None:
    """A typing error is answered with the name that was meant."""
    found = pairs(open_baskets(tmp_path, *BASKETS), WEEKS, level="product", least=1)
    with pytest.raises(ValueError, match=r"'mlik' has no pair.*did you mean 'milk'"):
        with_anchor(found, "mlik")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"level": "aisle"}, "allowed: category, product"),
        ({"unit": "day"}, "allowed: basket, customer"),
        ({"least": 0}, "allowed: from 1"),
    ],
)
def test_what_cannot_be_paired_is_refused(
    corner_shop: Shop, choice: dict[str, object], message: str
) -> None:
    """The error lists what is allowed."""
    with pytest.raises(ValueError, match=message):
        pairs(corner_shop, WEEKS, **choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", ["category", "product"])
@pytest.mark.parametrize("unit", ["basket", "customer"])
def test_duckdb_counts_the_same(sample_shop: Shop, level: str, unit: str) -> None:
    """To the bit, at every level and in every unit."""
    ask = {"level": level, "unit": unit, "least": 50}
    other = pairs(on_duckdb(sample_shop), "last 4 weeks", **ask)  # type: ignore[arg-type]
    assert_frame_equal(other, pairs(sample_shop, "last 4 weeks", **ask), check_exact=True)  # type: ignore[arg-type]
