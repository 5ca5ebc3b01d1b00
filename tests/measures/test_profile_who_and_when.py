"""Profiles by time and by trait: when a segment buys, and who its customers are."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, open_till, till

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import profile, weigh
from workbench.measures.profile import TIMES, TRAITS
from workbench.segments import rfm

WEEKS = "last 4 weeks"
LABELS = pl.DataFrame(
    {"customer_id": [1, 2, 3], "segment": ["A", "A", "B"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B"])},
)
SALES = (
    "- 2026-01-05 wine 100.00",
    "ann 2026-02-02 bread 6.00",
    "ann 2026-02-08 wine 2.00",
    "bob 2026-02-09 bread 2.00",
    "cat 2026-02-15 wine 10.00",
)
DESCRIBED = (
    corner.MAPPING
    + """  customers:
    file: customers.csv
    columns: {customer: card, age: age}
"""
)
CUSTOMERS = "card,age\nann,65+\nbob,19-24\ncat,65+\ndan,65+\neve,\n"


@pytest.fixture(scope="module")
def duckdb_shop(sample_shop: Shop) -> Shop:
    """The sample retailer on DuckDB."""
    return on_duckdb(sample_shop)


def open_described(home: Path) -> Shop:
    """Return a shop whose customers have ages, but eve has none and dan never came."""
    sales = (*SALES, "eve 2026-02-10 milk 1.00")
    deliver(home, receipts=till(*sales), mapping=DESCRIBED, customers=CUSTOMERS)
    return open_shop(home)


def test_weekdays_by_hand(tmp_path: Path) -> None:
    """A spends 8 of 10 on Mondays, all spend 8 of 20; Mondays come before Sundays."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, by="weekday", base=1)
    assert found.select("segment", "weekday", "customers", "sales", "index").rows() == [
        ("A", "Monday", 2, Decimal("8.00"), 200.0),
        ("A", "Sunday", 1, Decimal("2.00"), pytest.approx(100 / 3)),
        ("B", "Sunday", 1, Decimal("10.00"), pytest.approx(500 / 3)),
    ]


def test_hours_are_those_of_the_shops_clock(corner_shop: Shop) -> None:
    """0012 comes at nine, 40 at seven in the evening."""
    labels = rfm.label(corner_shop, WEEKS)
    found = profile(corner_shop, WEEKS, labels, by="hour")
    sums = found.group_by("hour").agg(pl.col("sales").sum()).sort("hour")
    assert sums.rows() == [("09:00", Decimal("7.50")), ("19:00", Decimal("29.00"))]


@pytest.mark.parametrize("by", TIMES)
def test_the_times_of_a_segment_add_up_to_what_it_spends(sample_shop: Shop, by: str) -> None:
    """By weekday and by hour the sums are those of the worth."""
    labels = rfm.label(sample_shop, WEEKS)
    worth = weigh(sample_shop, WEEKS, labels).filter(pl.col("customers") > 0)
    sums = profile(sample_shop, WEEKS, labels, by=by).group_by("segment").agg(pl.col("sales").sum())
    name = pl.col("segment").cast(pl.String)
    assert set(sums.select(name, "sales").rows()) == set(worth.select(name, "sales").rows())


def test_traits_are_shares_of_the_customers_who_have_a_value(tmp_path: Path) -> None:
    """Half of A is 65 or over, two of the three known who came are; eve and dan do not count."""
    found = profile(open_described(tmp_path), WEEKS, LABELS, by="age", base=1)
    shown = ("segment", "age", "customers", "penetration", "sales", "total_share", "index")
    assert found.select(shown).rows() == [
        ("A", "19-24", 1, 0.5, Decimal("2.00"), pytest.approx(1 / 3), pytest.approx(150)),
        ("A", "65+", 1, 0.5, Decimal("8.00"), pytest.approx(2 / 3), pytest.approx(75)),
        ("B", "65+", 1, 1.0, Decimal("10.00"), pytest.approx(2 / 3), pytest.approx(150)),
    ]


def test_who_only_brought_something_back_has_not_bought(tmp_path: Path) -> None:
    """Dan, who is 65 or over, returns wine of another time: two of three known are, not three."""
    sales = (*SALES, "dan 2026-02-11 wine -8.00")
    deliver(tmp_path, receipts=till(*sales), mapping=DESCRIBED, customers=CUSTOMERS)
    found = profile(open_shop(tmp_path), WEEKS, LABELS, by="age", base=1)
    assert found["total_share"].to_list() == pytest.approx([1 / 3, 2 / 3, 2 / 3])


def test_the_lower_bound_of_a_trait_is_wilsons(tmp_path: Path) -> None:
    """One of one: 1 / (1 + 1.96^2) = 0.2065 against two thirds; one of two: 0.0945."""
    found = profile(open_described(tmp_path), WEEKS, LABELS, by="age", base=1)
    low = found["index_low"].to_list()
    assert low == pytest.approx([28.36, 14.18, 30.98], abs=0.01)


def test_under_the_base_a_trait_has_no_bound(tmp_path: Path) -> None:
    """One customer is not two."""
    found = profile(open_described(tmp_path), WEEKS, LABELS, by="age", base=2)
    assert found["index_low"].to_list() == [None] * 3
    assert found["index"].null_count() == 0


def test_where_nothing_is_known_of_anybody_there_is_no_row(corner_shop: Shop) -> None:
    """The corner shop asked nobody's age; the columns are those of any profile."""
    labels = rfm.label(corner_shop, WEEKS)
    found = profile(corner_shop, WEEKS, labels, by="age")
    assert found.height == 0
    assert found.columns[2:] == profile(corner_shop, WEEKS, labels).columns[2:]


@pytest.mark.parametrize("by", [*TIMES, *TRAITS])
def test_duckdb_gives_the_same_answer(sample_shop: Shop, duckdb_shop: Shop, by: str) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    labels = rfm.label(sample_shop, WEEKS)
    other = profile(duckdb_shop, WEEKS, labels, by=by)
    assert_frame_equal(other, profile(sample_shop, WEEKS, labels, by=by), check_exact=True)


def test_the_shares_of_a_trait_add_up(sample_shop: Shop) -> None:
    """Shares are of the champions whose household is known, who are not all of them."""
    labels = rfm.label(sample_shop, "last 26 weeks")
    found = profile(sample_shop, "last 26 weeks", labels, by="household_type")
    champions = found.filter(pl.col("segment") == "Champions")
    assert champions["penetration"].sum() == pytest.approx(1)
    assert champions["customers"].sum() < labels.filter(pl.col("segment") == "Champions").height
