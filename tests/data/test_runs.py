"""Sums of rows whose keys mostly follow one another."""

import polars as pl
import pytest

from workbench.data.runs import sums_of_runs

KEYS = [3, 3, 3, 1, 1, 3, 2, 1]
SALES = [10, -4, 1, 5, None, 100, 7, 20]
LINES = [1, 1, 1, 1, 1, 1, 1, 1]
FOUND = [(1, 25, 3), (2, 7, 1), (3, 107, 4)]


@pytest.fixture
def rows() -> pl.LazyFrame:
    """Return rows of which three and one come twice, apart; one amount is not known."""
    narrow = {"key": pl.Int64, "sales": pl.Int32, "lines": pl.Int8}
    return pl.LazyFrame({"key": KEYS, "sales": SALES, "lines": LINES}, narrow)


def test_runs_of_one_key_that_are_apart_are_one_row(rows: pl.LazyFrame) -> None:
    """In the order of the key."""
    found = sums_of_runs(rows, "key", "sales", "lines")
    assert found.columns == ["key", "sales", "lines"]
    assert found.rows() == FOUND


def test_the_order_of_rows_does_not_matter(rows: pl.LazyFrame) -> None:
    """Only how quick it is."""
    shuffled = rows.collect().sample(fraction=1, shuffle=True, seed=3).lazy()
    assert sums_of_runs(shuffled, "key", "sales", "lines").rows() == FOUND


def test_sums_are_wider_than_what_they_are_made_of(rows: pl.LazyFrame) -> None:
    """Three hundred times the largest number of eight bits, and of thirty-two."""
    many = pl.LazyFrame(
        {"key": [1] * 300, "sales": [2**31 - 1] * 300, "lines": [127] * 300},
        rows.collect_schema(),
    )
    assert sums_of_runs(many, "key", "sales", "lines").rows() == [(1, 300 * (2**31 - 1), 38_100)]


def test_no_rows_have_no_sums(rows: pl.LazyFrame) -> None:
    """But the columns."""
    found = sums_of_runs(rows.filter(pl.lit(value=False)), "key", "sales", "lines")
    assert found.schema == dict.fromkeys(["key", "sales", "lines"], pl.Int64())
    assert found.is_empty()
