"""Next best purchase: two lists, each with its reason, tested on weeks that were held out."""

from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.measures import most_offered, next_best, next_best_test, say_next_best
from workbench.measures.customers.next_best import AGAIN, ALIKE, DUE, FADED, HABIT, POPULAR, TRY
from workbench.measures.customers.purchases import purchases

SALES = (
    "ann 2026-01-05 bread 2.00",
    "ann 2026-01-12 bread 2.00",
    "ann 2026-01-12 milk 1.50",
    "ann 2026-01-20 wine 8.00",
    "ann 2026-01-20 wine -8.00",
    "bob 2026-01-06 bread 2.00",
    "bob 2026-01-06 milk 1.50",
    "cid 2026-01-07 bread 2.00",
    "dan 2026-01-08 wine 8.00",
    "- 2026-01-08 wine 8.00",
)
PERIOD = "2026-01-05/2026-03-01"


def test_what_was_brought_back_was_not_bought(tmp_path: Path) -> None:
    """Ann bought bread twice and milk once; her wine came back the same day."""
    bought = purchases(open_till(tmp_path, *SALES), PERIOD, "product")
    found = bought.filter(pl.col("customer_id") == 1)
    assert sorted(found["days"].to_list()) == [1, 2]
    fades = sorted(found["weight"].to_list())
    assert fades == pytest.approx([0.75**6, 0.75**7 + 0.75**6])


def test_offers_come_with_their_reasons(tmp_path: Path) -> None:
    """Cid, who bought bread only, is to try milk, as two of the three buyers of bread do."""
    offers = next_best(open_till(tmp_path, *SALES), PERIOD, level="category", support=1)
    told = offers.drop("score").cast({"list": pl.String})
    assert told.filter(pl.col("customer_id") == 1).rows() == [
        (1, AGAIN, 1, "Bakery", "bought on 2 days, about every 7 days; last 48 days before the "
         "period's end"),
        (1, AGAIN, 2, "Dairy", "bought once, 48 days before the period's end"),
    ]  # fmt: skip
    assert told.filter(pl.col("customer_id") == 3).rows() == [
        (3, AGAIN, 1, "Bakery", "bought once, 53 days before the period's end"),
        (3, TRY, 1, "Dairy", "67 % of those who buy Bakery buy it too"),
    ]


def test_lists_of_some_are_those_that_they_have_among_all(tmp_path: Path) -> None:
    """What goes together is learnt from everybody, whoever is asked about."""
    shop = open_till(tmp_path, *SALES)
    every = next_best(shop, PERIOD, level="category", support=1)
    some = next_best(shop, PERIOD, level="category", support=1, among=[1, 3])
    assert_frame_equal(some, every.filter(pl.col("customer_id").is_in([1, 3])))
    assert some.height == 4


def test_nobody_is_told_to_try_what_they_own(sample_shop: Shop) -> None:
    """No item is on both lists of a customer, and ranks run from 1 without a gap."""
    offers = next_best(sample_shop, "last 8 weeks", level="product", top=4)
    assert not offers.select("customer_id", "item").is_duplicated().any()
    counted = offers.group_by("customer_id", "list").agg(
        pl.len().alias("size"), pl.col("rank").max()
    )
    assert (counted["size"] == counted["rank"]).all()
    assert set(offers["list"].unique()) == {AGAIN, TRY}


def test_what_is_bought_later_is_found(tmp_path: Path) -> None:
    """Ann buys bread and dan wine again, as listed, bob and cid nothing that was; the best seller,
    bread, finds half of it, in a quarter of the lists.
    """
    later = ("ann 2026-02-20 bread 2.00", "cid 2026-02-21 milk 1.50", "dan 2026-02-22 wine 8.00")
    shop = open_till(tmp_path, *SALES, *later)
    tested = next_best_test(shop, PERIOD, weeks=2, k=1, support=1)
    told = {(row["list"], row["method"]): row for row in tested.rows(named=True)}
    names = ("customers", "recall_share", "precision_share", "repeat_share")
    assert [told[AGAIN, FADED][name] for name in names] == [2, 1.0, 0.5, 1.0]
    assert [told[AGAIN, POPULAR][name] for name in names] == [2, 0.5, 0.25, 0.75]
    assert [told[TRY, ALIKE][name] for name in names] == [1, None, None, 0.0]


def test_the_bars_are_met_on_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: products bought again at 3.3 times popularity, new ones surely above it."""
    tested = next_best_test(sample_shop, "last 26 weeks", level="product")
    told = {(row["list"], row["method"]): row for row in tested.rows(named=True)}
    recalls = {name: round(row["recall_share"], 3) for name, row in told.items()}
    assert recalls == {
        (AGAIN, FADED): 0.199,
        (AGAIN, DUE): 0.189,
        (AGAIN, HABIT): 0.195,
        (AGAIN, POPULAR): 0.059,
        (TRY, ALIKE): 0.015,
        (TRY, POPULAR): 0.013,
    }
    assert told[TRY, ALIKE]["recall_low"] > told[TRY, POPULAR]["recall_high"]
    assert say_next_best(tested).startswith("Buy again foresaw 3.35 times what the best sellers")


def test_categories_are_foreseen_on_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: habits say more than the best sellers; new categories hardly more."""
    tested = next_best_test(sample_shop, "last 26 weeks", level="category")
    assert tested["recall_share"].round(3).to_list() == [0.255, 0.249, 0.257, 0.21, 0.215, 0.21]
    assert tested["customers"].to_list() == [1906] * 4 + [1880] * 2


def test_the_second_engine_gives_the_same_offers(sample_shop: Shop) -> None:
    """Without tolerance."""
    here, there = (
        next_best(shop, "last 8 weeks") for shop in (sample_shop, on_duckdb(sample_shop))
    )
    assert_frame_equal(there, here, check_exact=True)


def test_most_offered_counts_customers() -> None:
    """Ties by name."""
    offers = pl.DataFrame({"list": [TRY] * 4, "item": ["b", "a", "a", "c"]})
    assert most_offered(offers, top=2).rows() == [(TRY, "a", 2), (TRY, "b", 1)]


def test_what_cannot_be_asked_is_refused(corner_shop: Shop) -> None:
    """An unknown level, and a period too short to hold weeks out."""
    with pytest.raises(ValueError, match="cannot list by 'shelf'; allowed: category, product"):
        next_best(corner_shop, "last 2 weeks", level="shelf")
    with pytest.raises(ValueError, match="4 weeks cannot be held out of"):
        next_best_test(corner_shop, "last 2 weeks")
