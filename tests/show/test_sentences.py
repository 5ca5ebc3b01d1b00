"""Findings as sentences."""

import polars as pl
import pytest
from looks import Dollars, cells, checks, days, moves, profile, worth

from workbench import show
from workbench.show import sentences


def test_weight() -> None:
    """The segment with the most sales beyond its customers is named with both shares."""
    assert show.say_weight(worth()) == "Champions are 20% of customers and 50% of sales"


def test_weight_names_no_group_without_customers() -> None:
    """Sales without a card are nobody's: they have no weight beyond their customers."""
    groups = pl.DataFrame(
        {
            "segment": ["Loyal", "Other", "Without a card"],
            "customers_share": [0.4, 0.6, 0.0],
            "sales_share": [0.45, 0.15, 0.4],
        }
    )
    assert show.say_weight(groups) == "Loyal are 40% of customers and 45% of sales"


def test_weight_without_customers() -> None:
    """Nothing is claimed where no segment has customers."""
    assert show.say_weight(worth().head(0)) == "No segment has customers in this period"


def test_grid() -> None:
    """The largest named region is told with its customers and share."""
    assert show.say_grid(cells()) == "Champions is the largest group: 70 customers, 70% of all"


def test_flow() -> None:
    """Those who stayed are a share of the customers before; newcomers are in neither figure."""
    assert show.say_flow(moves()) == "60% stayed in their segment; 10 customers were lost"


def test_flow_without_losses() -> None:
    """Where nobody can be lost, since the absent have a segment, nothing is said of losses."""
    kept = moves().filter(pl.col("after") != "Lost")
    assert show.say_flow(kept) == "67% stayed in their segment"


def test_index() -> None:
    """The item with the highest sure index is named, not the one with the highest index."""
    said = show.say_index(profile(), "At risk")
    assert said == "Meat stands out for At risk: index 140, at least 121"


def test_index_without_finding() -> None:
    """Nothing stands out where no lower bound is above average."""
    said = show.say_index(profile().filter(pl.col("index_low") < 100), "At risk")
    assert said == "No department stands out for At risk"


def test_peak() -> None:
    """The highest value is told with its day."""
    assert show.say_peak(days(), x="day", y="sales") == "Highest sales on 2 Jan 2024: 120.00"


def test_checks() -> None:
    """Faults and notes are counted apart, and all fine is said so."""
    assert show.say_checks(checks()) == "1 fault and 1 note in 3 checks"
    fine = checks().filter(pl.col("status") == "green")
    assert show.say_checks(fine) == "All checks passed"


def test_item_column_is_required() -> None:
    """A profile without a column of items is refused in words."""
    with pytest.raises(ValueError, match="a profile needs a column of items"):
        sentences.item_column(profile().drop("department"))


def of_the_loyal(customers: int) -> pl.DataFrame:
    """Return what loyal customers brought, as the first row of groups."""
    return pl.DataFrame(
        {"customers": [customers, 8], "customers_share": [0.36, 0.64], "sales_share": [0.64, 0.36]}
    )


def naive_and_matched(found: float | None, low: float | None, high: float | None) -> pl.DataFrame:
    """Return a naive difference of 1,132 and a matched one, in sales."""
    return pl.DataFrame(
        {
            "measure": ["Sales", "Sales"],
            "amount_per_customer": [1132.4, found],
            "low_amount": [1000.0, low],
            "high_amount": [1264.8, high],
        }
    )


def test_loyalty() -> None:
    """The naive difference and the matched one with its interval, in the shop's currency."""
    show.house(Dollars())
    said = show.say_loyalty(of_the_loyal(4), naive_and_matched(-71.2, -151.0, 10.4))
    assert said == (
        "36% of customers are loyal and bring 64% of sales. On average one of them spends $1,132 "
        "more than another customer, and neither surely more nor less than one who had spent as "
        "much before: −$71 (−$151 to +$10)"
    )


def test_loyalty_is_more_only_where_the_whole_interval_is() -> None:
    """An interval above zero is more, one below is less."""
    more = show.say_loyalty(of_the_loyal(4), naive_and_matched(20.0, 5.0, 35.0))
    less = show.say_loyalty(of_the_loyal(4), naive_and_matched(-20.0, -35.0, -5.0))
    assert "and more than one who had spent as much before" in more
    assert "and less than one who had spent as much before" in less


def test_loyalty_without_anybody_to_compare() -> None:
    """Nothing is claimed where nobody loyal came, or nobody is alike."""
    alone = show.say_loyalty(of_the_loyal(1), naive_and_matched(None, None, None))
    assert alone.endswith("64% of sales; there is nobody alike to compare them with")
    nobody = show.say_loyalty(of_the_loyal(0), naive_and_matched(None, None, None))
    assert nobody == "Nobody who was loyal came in this period"


def test_stakes() -> None:
    """How many will stay away, what they spend, and what part of it the list holds."""
    show.house(Dollars())
    customers = pl.DataFrame({"churn_share": [0.9, 0.6, 0.5], "at_stake": [900.0, 700.0, 400.0]})
    assert show.say_stakes(customers, customers.head(2), 4) == (
        "About 2 of 3 customers will buy nothing for 4 weeks, and $2,000 of usual spend is at "
        "stake; the 2 on the list hold 80% of it"
    )


def test_a_proposal_is_told_with_what_was_measured_of_it() -> None:
    """What was predicted stands beside it; a proposal of nothing, or unmeasured, says so."""
    show.house(Dollars())
    names = ["move", "items", "places", "predicted", "measured", "at_least", "at_most"]
    rows = [["Take out", 2, 30, 83.0, 161.0, 8.0, 499.0], ["List", 0, 0, 0.0, None, None, None]]
    effect = pl.DataFrame(rows, names, orient="row")
    assert show.say_proposal(effect) == (
        "Take out 2 items in 30 of their places: $83 lost by the first half, $161 lost by the "
        "second ($8 to $499). List: nothing is sure enough"
    )
    unknown = effect.head(1).with_columns(measured=pl.lit(None, pl.Float64))
    assert show.say_proposal(unknown).endswith("places: what it is worth cannot be measured")


def test_a_proposal_says_in_words_what_came_out_against_it() -> None:
    """What lost although it was to win is lost; a place that never was is new."""
    show.house(Dollars())
    names = ["move", "items", "places", "predicted", "measured", "at_least", "at_most"]
    rows = [["Take out", 1, 3, 9.0, -4.0, -7.0, -2.0], ["List", 2, 12, 40.0, -5.0, -20.0, 10.0]]
    assert show.say_proposal(pl.DataFrame(rows, names, orient="row")) == (
        "Take out 1 item in 3 of its places: $9 lost by the first half, $4 won by the second "
        "($7 to $2). List 2 items in 12 new places: $40 won by the first half, $5 lost by the "
        "second ($20 lost to $10 won)"
    )
