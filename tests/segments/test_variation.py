"""Frequency and basket variation: ratios of two equal windows, with their traps."""

from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.segments import basket_variation, before_and_after, frequency_variation

FOUR, WEEKS = "2026-02-02/2026-03-01", "last 12 weeks"
START = "- 2026-01-05 milk 1.50"


def visits(card: str, before: int, now: int, amount: str = "2.00") -> list[str]:
    """Return so many visits in the four weeks before and in the last four."""
    then = [f"{card} 2026-01-{day:02} bread {amount}" for day in range(6, 6 + before)]
    return then + [f"{card} 2026-02-{day:02} bread {amount}" for day in range(3, 3 + now)]


def states(labels: pl.DataFrame) -> list[str]:
    """Return the states in the order of the customers."""
    return labels.sort("customer_id")["segment"].to_list()


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (5, 6, "Stable"), (10, 13, "Up"), (5, 4, "Stable"), (10, 7, "Down"), (3, 3, "Stable"),
        (2, 4, "Too few visits"), (3, 0, "Gone"), (0, 3, "Newcomers"),
    ],
)  # fmt: skip
def test_frequency_changes_by_more_than_a_fifth(
    tmp_path: Path, before: int, now: int, expected: str
) -> None:
    """Exactly 1.2 and 0.8 are stable; two visits before are no base; presence comes first."""
    shop = open_till(tmp_path, START, *visits("ann", before, now))
    assert states(frequency_variation.label(shop, FOUR)) == [expected]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("12.00", "Stable"), ("12.01", "Up"), ("8.00", "Stable"), ("7.99", "Down")],
)
def test_a_basket_changes_by_more_than_a_fifth(tmp_path: Path, amount: str, expected: str) -> None:
    """Baskets of 10.00 before: 12.00 and 8.00 are stable, a cent further is not."""
    now = visits("ann", 0, 3, amount)
    shop = open_till(tmp_path, START, *visits("ann", 3, 0, "10.00"), *now)
    assert states(basket_variation.label(shop, FOUR)) == [expected]


def test_the_average_of_few_baskets_is_no_average(tmp_path: Path) -> None:
    """Two visits now are too few for a basket, though enough for a frequency that fell."""
    shop = open_till(tmp_path, START, *visits("ann", 5, 2))
    assert states(basket_variation.label(shop, FOUR)) == ["Too few visits"]
    assert states(frequency_variation.label(shop, FOUR)) == ["Down"]


def test_nothing_spent_before_is_no_base_for_a_ratio(tmp_path: Path) -> None:
    """Everything bought before was brought back: no division by nothing."""
    back = [f"ann 2026-01-2{day} bread -2.00" for day in range(3)]
    shop = open_till(tmp_path, START, *visits("ann", 3, 3), *back)
    labels = basket_variation.label(shop, FOUR)
    assert labels.select("segment", "change").rows() == [("Too few visits", None)]


def test_whoever_came_long_ago_is_revived_and_not_new(tmp_path: Path) -> None:
    """Ann came in the first weeks, not in the two before the period: she is no newcomer."""
    shop = open_till(tmp_path, "ann 2026-01-05 milk 1.50", "ann 2026-02-20 milk 1.50")
    assert states(frequency_variation.label(shop, "last 2 weeks")) == ["Revived"]


def test_whoever_came_in_neither_period_is_not_compared(tmp_path: Path) -> None:
    """One who came in January only is nothing in the last two weeks."""
    shop = open_till(tmp_path, "ann 2026-01-05 milk 1.50", "bob 2026-02-20 milk 1.50")
    assert frequency_variation.label(shop, "last 2 weeks").height == 1


def test_a_return_is_no_visit(corner_shop: Shop) -> None:
    """Card 12 came twice before and now only brought a bottle back: gone."""
    labels = frequency_variation.label(corner_shop, FOUR)
    assert states(labels) == ["Too few visits", "Gone", "Gone", "Newcomers"]


def test_against_all_a_change_is_more_than_the_season(tmp_path: Path) -> None:
    """Everybody doubles before a feast: nobody is Up against all; who did not double is Down."""
    crowd = [sale for n in range(9) for sale in visits(f"c{n}", 4, 8)]
    shop = open_till(tmp_path, START, *crowd, *visits("ann", 4, 4))
    plain = frequency_variation.label(shop, FOUR)
    indexed = frequency_variation.label(shop, FOUR, against_all=True)
    assert states(plain) == ["Stable"] + ["Up"] * 9
    assert states(indexed) == ["Down"] + ["Stable"] * 9
    assert indexed["change"].to_list()[0] == pytest.approx(1 / (76 / 40))


def test_without_the_period_before_there_is_no_comparison(corner_shop: Shop) -> None:
    """The period that lacks is named."""
    with pytest.raises(NotCovered, match="10 Nov 2025 to 4 Jan 2026"):
        frequency_variation.label(corner_shop, "last 8 weeks")


def rebound_shop(home: Path) -> Shop:
    """Ann came ten, then five, then eight times in three times two weeks."""
    days = [f"01-{day:02}" for day in range(19, 29)] + [f"02-{day:02}" for day in range(2, 7)]
    days += [f"02-{day:02}" for day in range(16, 24)]
    return open_till(home, START, *(f"ann 2026-{day} bread 2.00" for day in days))


def test_the_rebound_follows_those_of_one_period_earlier(tmp_path: Path) -> None:
    """Down from ten to five visits, then eight: 60 % more is to be expected by itself."""
    shop = rebound_shop(tmp_path)
    before, _ = before_and_after(shop, "last 2 weeks", frequency_variation.label)
    table = frequency_variation.rebound(shop, "last 2 weeks", before)
    assert table.filter(pl.col("segment") == "Down").rows() == [
        ("Down", 1, 10.0, 5.0, 8.0, pytest.approx(0.6))
    ]
    up = table.filter(pl.col("segment") == "Up")
    assert up.rows() == [("Up", 0, None, None, None, None)]
    assert frequency_variation.say_rebound(table).startswith("Nobody was Up one period earlier")


def test_whoever_stayed_away_next_is_not_nobody(tmp_path: Path) -> None:
    """Ann's baskets halved and she came no more; Bob's doubled, and then fell by a fifth."""
    baskets = [("ann", "01-19", 10), ("ann", "02-02", 5)]
    baskets += [("bob", "01-19", 5), ("bob", "02-02", 10), ("bob", "02-16", 8)]
    sales = [f"{who} 2026-{day} bread {amount}.00" for who, day, amount in baskets * 3]
    shop = open_till(tmp_path, START, *sales)
    before, _ = before_and_after(shop, "last 2 weeks", basket_variation.label)
    table = basket_variation.rebound(shop, "last 2 weeks", before)
    assert dict(table.select("segment", "expected_change_share").head(3).rows()) == {
        "Up": pytest.approx(-0.2), "Stable": None, "Down": None,
    }  # fmt: skip
    assert basket_variation.say_rebound(table) == (
        "Those who were Down one period earlier bought nothing to compare, before or next, so no "
        "rebound can be told."
    )


def test_a_groups_basket_is_a_ratio_of_sums(tmp_path: Path) -> None:
    """All of Ann's baskets are 2.00 in all three periods, in money, not in cents."""
    shop = rebound_shop(tmp_path)
    before, _ = before_and_after(shop, "last 2 weeks", basket_variation.label)
    stable = basket_variation.rebound(shop, "last 2 weeks", before).row(1)
    assert stable == ("Stable", 1, 2.0, 2.0, 2.0, 0.0)


def test_the_states_hold_everybody_and_all_sales(corner_shop: Shop) -> None:
    """Four customers, two gone; empty states count 0."""
    labels = frequency_variation.label(corner_shop, FOUR)
    table = frequency_variation.states(labels)
    assert table["customers"].to_list() == [0, 0, 0, 1, 0, 1, 2]
    assert float(table["sales_now"].sum()) == 7.5 + 29.0 - 8.0
    assert frequency_variation.say_states(table) == "0 went up and 0 down; 2 stayed away"


def test_the_states_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: Up, Stable, Down, Newcomers, Revived, Too few visits, Gone in twelve weeks."""
    frequency = frequency_variation.label(sample_shop, WEEKS)
    basket = basket_variation.label(sample_shop, WEEKS)
    assert frequency_variation.states(frequency)["customers"].to_list() == [
        632, 713, 631, 20, 76, 247, 84,
    ]  # fmt: skip
    assert basket_variation.states(basket)["customers"].to_list() == [
        619, 800, 427, 20, 76, 377, 84,
    ]  # fmt: skip


def test_the_sample_falls_back_to_its_mean(sample_shop: Shop) -> None:
    """Frozen: whoever was Down in the basket rose by 24 % next, whoever was Up fell by 10 %."""
    before, _ = before_and_after(sample_shop, WEEKS, basket_variation.label)
    table = basket_variation.rebound(sample_shop, WEEKS, before)
    assert basket_variation.say_rebound(table) == (
        "Customers who were Down one period earlier changed by +24% in the next, "
        "those who were Up by -10%: expect as much from doing no more than usual."
    )
