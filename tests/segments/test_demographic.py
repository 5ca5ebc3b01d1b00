"""Stages of life: a partition of what customers told, with those who did not tell shown."""

from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.segments import demographic

TOLD = """\
card,age,persons,children
a,25-34,4,2
b,45-54,3,3+
c,19-24,1,0
d,35-44,2,0
e,45-54,1,0
f,65+,2,0
g,55-64,1,0
h,45-54,1,
"""
MAPPING = f"""{corner.MAPPING}\
  customers:
    file: told.csv
    columns: {{customer: card, age: age, household_size: persons, children: children}}
"""
YEAR = "2017-01-01/2017-12-31"


@pytest.fixture(name="shop")
def told_shop(tmp_path: Path) -> Shop:
    """Return a shop where nine cards buy for as many euros as their place in the alphabet."""
    sales = [f"{card} 2026-01-05 bread {euros}.00" for euros, card in enumerate("abcdefghi", 1)]
    deliver(tmp_path, receipts=till(*sales), mapping=MAPPING, told=TOLD)
    return open_shop(tmp_path)


def test_every_stage_of_life_by_hand(shop: Shop) -> None:
    """H did not tell the children, and i told nothing: both are unknown."""
    labels = demographic.label(shop, "last 8 weeks").sort("sales")
    assert labels["segment"].to_list() == [
        "Young families",
        "Older families",
        "Young without children",
        "Middle-aged couples",
        "Middle-aged singles",
        "Empty nesters",
        "Older singles",
        "Unknown",
        "Unknown",
    ]


def test_what_was_told_is_kept_as_numbers(shop: Shop) -> None:
    """The lower end of a band, and three for three or more."""
    second = demographic.label(shop, "last 8 weeks").sort("sales").row(1, named=True)
    assert (second["age_from"], second["persons"], second["children"]) == (45, 3, 3)


def test_who_told_and_what_they_buy(shop: Shop) -> None:
    """Seven of nine told, and spent 28 of 45."""
    labels = demographic.label(shop, "last 8 weeks")
    assert demographic.selection(labels).row(0) == pytest.approx((7, 9, 7 / 9, 28 / 45))


def test_values_stand_in_their_order_and_the_unknown_last(shop: Shop) -> None:
    """Ages go up; the index is over those who told, who spent 36 among eight."""
    found = demographic.breakdown(shop, "last 8 weeks", by="age", base=1)
    ages = ["19-24", "25-34", "35-44", "45-54", "55-64", "65+", "(unknown)"]
    assert found["age"].to_list() == ages
    assert found["index"].to_list()[0] == pytest.approx(100 * 3 / 4.5)
    assert found["customers_share"].sum() == pytest.approx(1)


def test_few_customers_give_no_average(shop: Shop) -> None:
    """Three are 45 to 54, everybody else is one or unknown: under three nothing is averaged."""
    found = demographic.breakdown(shop, "last 8 weeks", by="age", base=3)
    averaged = found.drop_nulls("spend_per_customer")
    assert averaged["age"].to_list() == ["45-54"]
    assert found["index"].null_count() == found.height - 1


def test_where_nobody_told_there_is_no_average(corner_shop: Shop) -> None:
    """The corner shop asked nobody: unknown is no index of an average of nobody."""
    found = demographic.breakdown(corner_shop, "last 8 weeks", by="income", base=1)
    assert found["index"].to_list() == [None]


def test_another_column_is_refused_with_those_there_are(shop: Shop) -> None:
    """The message names what was asked and what is allowed."""
    with pytest.raises(ValueError, match="cannot break down by 'shoe'; allowed: age, income"):
        demographic.breakdown(shop, "last 8 weeks", by="shoe")


def test_a_shop_that_asked_nobody_says_so(corner_shop: Shop) -> None:
    """Everybody is unknown, and the sentence claims nothing."""
    labels = demographic.label(corner_shop, "last 8 weeks")
    assert set(labels["segment"]) == {"Unknown"}
    assert demographic.say_selection(labels).startswith("The stage of life is known of nobody")


def test_the_selection_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: a third of the customers told, and they make 57.1 % of the year's sales."""
    labels = demographic.label(sample_shop, YEAR)
    row = demographic.selection(labels).row(0)
    assert row[:2] == (801, 2469)
    assert row[3] == pytest.approx(0.571, abs=0.0005)
    assert "801 of 2,469 customers; they make 57.1%" in demographic.say_selection(labels)


def test_the_stages_of_life_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: customers by stage of life in the last 26 weeks, and incomes in their order."""
    labels = demographic.label(sample_shop, "last 26 weeks")
    counts = labels.group_by("segment").len().sort("segment")["len"].to_list()
    assert counts == [166, 122, 108, 150, 158, 60, 37, 1612]
    incomes = demographic.breakdown(sample_shop, "last 26 weeks", by="income")["income"]
    assert incomes.to_list()[:2] == ["Under 15K", "15-24K"]
    assert incomes.to_list()[-2:] == ["250K+", "(unknown)"]


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    shops = (on_duckdb(sample_shop), sample_shop)
    frames = [demographic.label(shop, "last 8 weeks") for shop in shops]
    assert_frame_equal(*frames, check_exact=True)
    assert frames[0].schema["age_from"] == pl.Int64
