"""Headings and formats chosen from a column's name and type."""

import polars as pl
import pytest

from workbench.show import columns


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("sales_share", "Share of sales"),
        ("spend_per_customer", "Spend per customer"),
        ("index_low", "Index, at least"),
        ("low_share", "At least"),
        ("segment", "Segment"),
    ],
)
def test_heading(name: str, heading: str) -> None:
    """A column's name becomes a heading."""
    assert columns.heading(name) == heading


@pytest.mark.parametrize(
    ("name", "kind", "value", "text"),
    [
        ("sales", pl.Decimal(12, 2), 12.5, "12.50"),
        ("basket_value", pl.Float64(), 1200.0, "1,200"),
        ("sales_share", pl.Float64(), 0.25, "25%"),
        ("index", pl.Float64(), 120.6, "121"),
        ("customers", pl.Int64(), 1234, "1,234"),
        ("customer_id", pl.Int64(), 1234, "1234"),
        ("baskets_per_customer", pl.Float64(), 6.25, "6.2"),
        ("department", pl.String(), "Meat", "Meat"),
        ("department", pl.String(), "cold_meat", "cold_meat"),
        ("segmentation", pl.String(), "frequency_cohort", "Frequency cohort"),
        ("segmentation", pl.String(), "saved/slipping-away", "saved/slipping-away"),
        ("measure", pl.String(), "sales, 1 window before", "sales, 1 window before"),
        ("alike", pl.Boolean(), True, "yes"),
    ],
)
def test_figure(name: str, kind: pl.DataType, value: object, text: str) -> None:
    """A value is said as its column's name and type ask."""
    assert columns.figure(name, kind)(value) == text


def test_aligned_keeps_decimals_in_a_column() -> None:
    """Rows of one column have the same decimals, so that they can be compared down the page."""
    amounts = pl.Series("sales", [2205.4, 369.7])
    assert [columns.aligned(amounts)(value) for value in amounts] == ["2,205", "370"]
