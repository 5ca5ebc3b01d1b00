"""Findings as sentences."""

import polars as pl
import pytest
from looks import cells, checks, days, moves, profile, worth

from workbench import show
from workbench.show import sentences


def test_weight() -> None:
    """The segment with the most sales beyond its customers is named with both shares."""
    assert show.say_weight(worth()) == "Champions are 20% of customers and 50% of sales"


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
