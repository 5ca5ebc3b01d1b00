"""Big spenders: three standards, cut by value, by hand and frozen on the sample retailer."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.segments import before_and_after, big_spenders

YEAR = "2017-01-01/2017-12-31"
TEN = tuple(f"c{n} 2026-02-{n + 10} wine {n + 1}.00" for n in range(10))


def sizes(labels: pl.DataFrame) -> dict[str, int]:
    """Return the customers of each segment that has some."""
    return dict(labels.group_by("segment").len().sort("segment").rows())


@pytest.fixture
def ten(tmp_path: Path) -> Shop:
    """A shop whose ten customers spent 1.00 to 10.00."""
    return open_till(tmp_path, "- 2026-01-05 milk 1.50", *TEN)


@pytest.mark.parametrize(
    ("standard", "expected"),
    [
        ("20/30/50", {"Heavy": 2, "Medium": 3, "Light": 5}),
        ("1/19/30/50", {"Heavy": 2, "Medium": 3, "Light": 5}),
        ("30/40/30", {"Heavy": 3, "Medium": 4, "Light": 3}),
    ],
)
def test_each_standard_cuts_the_order_of_spend_where_it_says(
    ten: Shop, standard: str, expected: dict[str, int]
) -> None:
    """Of ten customers; the top hundredth of ten is nobody."""
    assert sizes(big_spenders.label(ten, "last 8 weeks", standard=standard)) == expected


def test_the_heaviest_are_those_who_spent_most(ten: Shop) -> None:
    """Whoever spent 9.00 and 10.00 are Heavy."""
    labels = big_spenders.label(ten, "last 8 weeks")
    heavy = labels.filter(pl.col("segment") == "Heavy")["sales"].sort()
    assert heavy.to_list() == [Decimal("9.00"), Decimal("10.00")]


def test_equal_spend_has_an_equal_label(tmp_path: Path) -> None:
    """Three share the spend at the mark of the top 20 %: none of them is Heavy."""
    alike = [f"c{n} 2026-02-10 wine 8.00" for n in range(3)]
    others = [f"d{n} 2026-02-11 milk 1.00" for n in range(7)]
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *alike, *others)
    assert sizes(big_spenders.label(shop, "last 8 weeks")) == {"Medium": 3, "Light": 7}


def test_what_was_brought_back_is_no_spend(corner_shop: Shop) -> None:
    """Card 12 bought for 16.00 and brought 8.00 back: two visits, 8.00, 4.00 a basket."""
    row = big_spenders.label(corner_shop, "last 8 weeks").row(
        by_predicate=pl.col("customer_id") == 2
    )
    assert row[2:] == (2, Decimal("8.00"), Decimal("4.00"))


def test_only_who_came_is_labelled(corner_shop: Shop) -> None:
    """Card 12 only brought a bottle back in these weeks, and cash has no card."""
    assert sorted(big_spenders.label(corner_shop, "last 4 weeks")["customer_id"]) == [1, 4]


def test_the_cuts_of_the_period_before_hold_for_both(tmp_path: Path) -> None:
    """Ann spends the same while big spenders arrive: she stays Heavy."""
    early = ("ann 2026-01-06 wine 8.00", *(f"d{n} 2026-01-07 milk 1.00" for n in range(4)))
    late = ("ann 2026-02-10 wine 8.00", *(f"e{n} 2026-02-11 wine 90.00" for n in range(4)))
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *early, *late)
    _, after = before_and_after(shop, "2026-02-02/2026-03-01", big_spenders.label)
    ann = pl.col("sales") == 8
    assert after.filter(ann)["segment"].to_list() == ["Heavy"]
    own_cuts = big_spenders.label(shop, "2026-02-02/2026-03-01")
    assert own_cuts.filter(ann)["segment"].to_list() == ["Light"]


def test_an_unknown_standard_is_refused_with_those_there_are(corner_shop: Shop) -> None:
    """The message names what was given and what is allowed."""
    with pytest.raises(ValueError, match=r"'80/20' .* 20/30/50, 1/19/30/50, 30/40/30"):
        big_spenders.label(corner_shop, "last 8 weeks", standard="80/20")


def test_a_period_in_which_nobody_came_is_empty_and_no_error(corner_shop: Shop) -> None:
    """Labels, classes, tiers and the sentence all say so."""
    nobody = big_spenders.label(corner_shop, "2026-01-08/2026-01-08")
    assert nobody.is_empty()
    assert big_spenders.classes(nobody)["customers"].to_list() == [0] * 5
    assert big_spenders.tiers(nobody)["sales_share"].to_list() == [None] * 5
    assert big_spenders.say_top(nobody) == "Nobody bought anything in this period."


def test_four_customers_have_no_top_fifth(ten: Shop) -> None:
    """A fifth of four is nobody, who does not bring in 0.0%."""
    few = big_spenders.label(ten, "last 8 weeks").head(4)
    assert big_spenders.say_top(few) == "4 customers are too few to have a top 20%."


def test_classes_part_customers_where_they_reach_each_fifth_of_sales(ten: Shop) -> None:
    """Of 55: 10 starts A, 9 is within it, 8 starts B at 19, 7 and 6 C and so on."""
    found = big_spenders.classes(big_spenders.label(ten, "last 8 weeks"))
    assert found["class"].to_list() == ["A", "B", "C", "D", "E"]
    assert found["customers"].to_list() == [2, 1, 1, 2, 4]
    assert found["sales"].sum() == Decimal("55.00")


def test_tiers_of_the_basket_have_a_fixed_width_and_an_open_end(ten: Shop) -> None:
    """Baskets of 1 to 10 in tiers of two: under two, then pairs, and 8 or more."""
    found = big_spenders.tiers(big_spenders.label(ten, "last 8 weeks"), width=2)
    assert found["tier"].to_list()[0] == "0 to under 2"
    assert found["tier"].to_list()[-1] == "8 or more"
    assert found["customers"].to_list() == [1, 2, 2, 2, 3]


def test_a_fifth_of_the_samples_households_make_less_than_the_proverb(sample_shop: Shop) -> None:
    """Frozen: top 20 % make 54.5 % of the year's card sales, top 30 % make 68.3 %."""
    labels = big_spenders.label(sample_shop, YEAR)
    shares = dict(big_spenders.concentration(labels).select("top_share", "sales_share").rows())
    assert shares[0.2] == pytest.approx(0.545, abs=0.0005)
    assert shares[0.3] == pytest.approx(0.683, abs=0.0005)
    assert "top 20% of customers by spend bring in 54.5%" in big_spenders.say_top(labels)
    assert big_spenders.classes(labels)["customers"].to_list() == [111, 190, 282, 448, 1438]
    assert big_spenders.tiers(labels)["customers"].to_list() == [779, 1047, 433, 137, 73]


@pytest.mark.parametrize(
    ("standard", "expected"),
    [
        ("20/30/50", {"Heavy": 482, "Medium": 724, "Light": 1207}),
        ("1/19/30/50", {"Outliers": 24, "Heavy": 458, "Medium": 724, "Light": 1207}),
        ("30/40/30", {"Heavy": 723, "Medium": 966, "Light": 724}),
    ],
)
def test_the_segments_of_the_sample_retailer(
    sample_shop: Shop, standard: str, expected: dict[str, int]
) -> None:
    """Frozen: customers per segment in the last 26 weeks, by each standard."""
    assert sizes(big_spenders.label(sample_shop, "last 26 weeks", standard=standard)) == expected
