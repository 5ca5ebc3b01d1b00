"""Small frames as the measures return them, and cells as a notebook shows them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
from nbformat import v4

HOSTILE = """</script><script>window.hit=1</script><img src=x onerror="window.hit=1">'\u202eabc"""
SEGMENTS = ["Champions", "At risk", "Unlabelled"]
MONEY = pl.Decimal(12, 2)


class Euros:
    """A shop that counts in euros."""

    currency = "EUR"


class Dollars:
    """A shop that counts in dollars."""

    currency = "USD"


def worth(best: str = "Champions") -> pl.DataFrame:
    """One row per segment: the best has a fifth of the customers and half of the sales."""
    return pl.DataFrame(
        {
            "segment": [best, "At risk", "Unlabelled"],
            "customers": [20, 80, None],
            "baskets": [400, 500, 100],
            "sales": amounts(5000, 4000, 1000),
            "margin": amounts(900, 800, 100),
            "customers_share": [0.2, 0.8, None],
            "baskets_share": [0.4, 0.5, 0.1],
            "sales_share": [0.5, 0.4, 0.1],
            "margin_share": [0.5, 0.444, 0.056],
            "spend_per_customer": amounts(250, 50, None),
            "baskets_per_customer": [20.0, 6.25, None],
            "basket_value": amounts(12.5, 8, 10),
        },
        schema_overrides={"segment": pl.Enum([best, "At risk", "Unlabelled"])},
    )


def cells() -> pl.DataFrame:
    """One row per pair of two scores: 70 of 100 customers are Champions."""
    return pl.DataFrame(
        {
            "recency_score": [1, 1, 2, 2],
            "frequency_score": [1, 2, 1, 2],
            "segment": ["At risk", "At risk", "Champions", "Champions"],
            "customers": [30, 0, 20, 50],
        },
        schema_overrides={"segment": pl.Enum(SEGMENTS)},
    )


def moves() -> pl.DataFrame:
    """One row per observed pair: of 100 customers 60 stayed and 10 were lost, 5 are new."""
    return pl.DataFrame(
        {
            "before": ["Champions", "Champions", "At risk", "At risk", "New"],
            "after": ["Champions", "At risk", "At risk", "Lost", "Champions"],
            "customers": [40, 30, 20, 10, 5],
            "customers_share": [4 / 7, 3 / 7, 2 / 3, 1 / 3, 1.0],
            "sales_before": amounts(4000, 3000, 900, 400, None),
            "sales_after": amounts(4100, 1000, 800, None, 300),
            "margin_before": amounts(400, 300, 90, 40, None),
            "margin_after": amounts(410, 100, 80, None, 30),
        },
        schema_overrides={
            "before": pl.Enum(["Champions", "At risk", "New"]),
            "after": pl.Enum(["Champions", "At risk", "Lost"]),
        },
    )


def profile(item: str = "Meat") -> pl.DataFrame:
    """One row per item of one segment: one surely above average, one not, one too small."""
    return pl.DataFrame(
        {
            "segment": ["At risk"] * 3,
            "department": ["Bread", item, "Fish"],
            "customers": [90, 80, 3],
            "penetration": [0.9, 0.8, 0.03],
            "sales": amounts(900, 800, 30),
            "sales_share": [0.5, 0.45, 0.05],
            "index": [104.0, 140.4, 300.0],
            "index_low": [96.0, 121.2, None],
        },
        schema_overrides={"segment": pl.Enum(SEGMENTS)},
    )


def days() -> pl.DataFrame:
    """One row per open day: 3 January 2024 is missing."""
    at = [dt.date(2024, 1, day) for day in (1, 2, 4, 5)]
    return pl.DataFrame({"day": at, "sales": amounts(100, 120, 90, 80)})


def checks() -> pl.DataFrame:
    """One row per check, one of each status."""
    return pl.DataFrame(
        {
            "check": ["Zero quantity", "Twice", "Future"],
            "status": ["amber", "red", "green"],
            "count": [9, 3, 0],
            "out_of": [1000, 50, 1000],
            "share": [0.009, 0.06, 0.0],
            "meaning": ["Weighed", "Same key", "None"],
            "treatment": ["Kept", "First kept", "None"],
        }
    )


def amounts(*values: float | None) -> pl.Series:
    """Return amounts of money as the measures do, in exact decimals."""
    exact = [None if value is None else Decimal(f"{value:.2f}") for value in values]
    return pl.Series(exact, dtype=MONEY)


def shown(thing: Any, *tags: str) -> Any:
    """Return a code cell that shows a chart or a fragment, as an executed notebook holds it."""
    if hasattr(thing, "_repr_mimebundle_"):
        data, metadata = thing._repr_mimebundle_()
    else:
        data, metadata = {"text/html": thing._repr_html_(), "text/plain": repr(thing)}, {}
    output = v4.new_output("display_data", data=data, metadata=metadata)
    return v4.new_code_cell("secret_code()", outputs=[output], metadata={"tags": list(tags)})


def notebook(*cells: Any) -> Any:
    """Return an executed notebook: a title with one paragraph, then the cells."""
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Title\n\nThe *question*."), *cells])


def prose(text: str) -> Any:
    """Return a Markdown cell."""
    return v4.new_markdown_cell(text)
