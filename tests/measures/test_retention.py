"""Retention: cohorts by hand, with what cannot be observed left empty."""

from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.door import corner
from workbench.measures import retention, say_retention

TO_APRIL = corner.MAPPING.replace("2026-03-01", "2026-04-30")
SALES = (
    "- 2026-01-01 milk 1.50",
    "ann 2026-01-10 milk 1.50", "ann 2026-03-10 milk 1.50",
    "bob 2026-02-10 milk 1.50", "bob 2026-03-10 milk 1.50", "bob 2026-03-11 milk 1.50",
    "cid 2026-02-20 milk 1.50", "cid 2026-04-20 wine 8.00",
    "dan 2026-03-05 wine 8.00", "dan 2026-04-05 wine -8.00",
)  # fmt: skip
ALL = "2026-01-01/2026-04-30"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop of four whole months in which Ann, Bob, Cid and Dan joined."""
    return open_till(tmp_path, *SALES, mapping=TO_APRIL)


def matrix(table: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return month, size and who came at each age, a row per cohort."""
    wide = table.pivot("age", index=["cohort", "customers"], values="active")
    return [(f"{day:%b}", *rest) for day, *rest in wide.iter_rows()]


def test_each_month_counts_who_came_of_those_who_joined(shop: Shop) -> None:
    """Twice in a month is once, staying away a month is no end, a return is no visit."""
    assert matrix(retention(shop, ALL)) == [
        ("Jan", 1, 1, 0, 1, 0),
        ("Feb", 2, 2, 1, 1, None),
        ("Mar", 1, 1, 0, None, None),
        ("Apr", 0, 0, None, None, None),
    ]


def test_shares_are_of_the_cohort_and_unknown_without_one(shop: Shop) -> None:
    """One of two is a half; what is not over is null, and so is the share of nobody."""
    table = retention(shop, ALL)
    shares = table.pivot("age", index="cohort", values="retention_share").drop("cohort")
    assert shares.row(1) == (1.0, 0.5, 0.5, None)
    assert shares.row(3) == (None, None, None, None)


def test_a_month_that_is_not_over_is_not_shown(shop: Shop) -> None:
    """To 29 April there are three months, and nobody's April counts as staying away."""
    assert matrix(retention(shop, "2026-02-01/2026-04-29")) == [
        ("Jan", 1, 1, 0, 1),
        ("Feb", 2, 2, 1, None),
        ("Mar", 1, 1, None, None),
    ]


def test_a_month_that_began_before_the_data_makes_no_cohort(corner_shop: Shop) -> None:
    """The corner shop's receipts begin on 5 January and end on 1 March: only February is whole."""
    assert matrix(retention(corner_shop, "last 8 weeks")) == [("Feb", 1, 1)]


def test_the_first_cohorts_are_those_of_whole_months(corner_shop: Shop) -> None:
    """In February come those of before the data too, whose January is not looked at."""
    assert retention(corner_shop, "last 8 weeks", settle=1)["truncated"].to_list() == [True]


def test_a_history_without_a_whole_month_has_no_cohorts(corner_shop: Shop) -> None:
    """Nothing to show, and no error."""
    assert retention(corner_shop, "2026-01-05/2026-01-25").is_empty()


def test_the_first_cohorts_are_marked_or_dropped(shop: Shop) -> None:
    """January and February hold those who were there before, with two months to settle."""
    table = retention(shop, ALL, settle=2)
    marked = table.filter("truncated")["cohort"].dt.month().unique().sort()
    assert marked.to_list() == [1, 2]
    dropped = retention(shop, ALL, settle=2, drop=True)
    assert dropped.equals(table.filter(~pl.col("truncated")))


def test_the_sentence_counts_only_who_was_seen_to_join(shop: Shop) -> None:
    """Of Bob, Cid and Dan one came a month later; at four months nobody can be known."""
    table = retention(shop, ALL, settle=1)
    assert say_retention(table, age=1) == "33% of 3 who joined came again 1 months later"
    assert say_retention(table, age=4).startswith("No cohort")


def test_the_retention_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: cohort sizes, and 55 % of those who joined from April on came three months later."""
    table = retention(sample_shop, "last 26 weeks")
    sizes = table.filter(pl.col("age") == 0)["customers"].to_list()
    assert sizes == [1983, 185, 112, 47, 46, 20, 21, 16, 16, 6, 11, 6]
    assert say_retention(table) == "55% of 166 who joined came again 3 months later"
    assert table["active"].null_count() == 11 * 12 // 2


def test_duckdb_gives_the_same_retention(shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    assert_frame_equal(retention(on_duckdb(shop), ALL), retention(shop, ALL), check_exact=True)
