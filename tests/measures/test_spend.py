"""Spend per customer: a mean, and how surely it is known."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from shops import open_till

from workbench.measures import say_spend, spend

NOW = "2026-02-02/2026-03-01"


def labels(**told: list[int]) -> pl.DataFrame:
    """Return labels, segment by segment."""
    rows = [(who, name) for name, ids in told.items() for who in ids]
    kinds = {"customer_id": pl.Int64, "segment": pl.Enum([*told, "none"])}
    return pl.DataFrame(rows, kinds, orient="row")


def test_the_interval_is_that_of_a_mean(tmp_path: Path) -> None:
    """Spends of 2, 4 and 6: mean 4, standard deviation 2, so 1.96 x 2 / sqrt(3) either way."""
    sales = [f"c{n} 2026-02-10 milk {amount}.00" for n, amount in enumerate((2, 4, 6, 9))]
    shop = open_till(tmp_path, "c0 2026-01-05 milk 1.00", *sales)
    told = labels(a=[1, 2, 3], b=[4])
    found = spend(shop, NOW, told)
    assert found.rows() == [
        ("a", 3, Decimal("4.00"), Decimal("1.74"), Decimal("6.26")),
        ("b", 1, None, None, None),
        ("none", 0, None, None, None),
    ]
    assert spend(on_duckdb(shop), NOW, told).equals(found)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ([(9, 8, 10), (5, 4, 6)], "Highest spend: a, surely above every other segment"),
        ([(9, 8, 10), (8, 7, 9)], "Highest spend: a; 1 other may be as high"),
        ([(9, 8, 10), (8, 7, 9), (7, 3, 11)], "Highest spend: a; 2 others may be as high"),
        ([(9, 8, 10)], "Only a has customers enough to say what they spend"),
        (
            [(9, 8, 10), (5, 4, 6), (None, None, None)],
            "Highest spend: a, surely above every other segment of two customers or more",
        ),
        ([], "No segment has customers enough to compare what they spend"),
    ],
)
def test_the_highest_is_named_with_those_that_may_be_as_high(
    bounds: list[tuple[int | None, ...]], said: str
) -> None:
    """Where intervals meet, nothing is sure."""
    names = ["spend_per_customer", "spend_low", "spend_high"]
    frame = pl.DataFrame(bounds, dict.fromkeys(names, pl.Int64), orient="row")
    segments = pl.Series("segment", list("abc")[: len(bounds)], dtype=pl.String)
    size = pl.when(pl.col("spend_low").is_null()).then(1).otherwise(2)
    assert say_spend(frame.with_columns(segments, customers=size)) == said
