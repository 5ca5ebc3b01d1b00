"""Disagreement: the same customers, two expectations."""

from decimal import Decimal

import polars as pl

from workbench.measures import disagreements, expected_by, say_disagreements

A = pl.DataFrame({"customer_id": [1, 2, 3, 4, 5], "segment": ["x", "x", "y", "y", "y"]})
B = pl.DataFrame({"customer_id": [1, 2, 3, 4, 6], "segment": ["p", "q", "p", "q", "q"]})


def outcomes(*values: float) -> pl.DataFrame:
    """Return outcomes of customers 1, 2, 3 ..."""
    ids = pl.Series("customer_id", range(1, len(values) + 1), dtype=pl.Int64)
    return pl.DataFrame({"customer_id": ids, "outcome": values})


def test_each_customer_has_the_expectation_of_both_segments() -> None:
    """Means over the segment's customers; 5 and 6 have one label only. Most disputed first."""
    each = expected_by(outcomes(10.0, 20.0, 0.0, 2.0), A, B)
    assert each.rows() == [
        (1, "x", "p", 15.0, 5.0, 10.0),
        (4, "y", "q", 1.0, 11.0, 2.0),
        (2, "x", "q", 15.0, 11.0, 20.0),
        (3, "y", "p", 1.0, 5.0, 0.0),
    ]


def test_pairs_of_segments_are_ranked_by_the_gap() -> None:
    """Amounts are money; small groups are left out; the sentence says who was nearer."""
    each = expected_by(outcomes(10.0, 20.0, 0.0, 2.0), A, B)
    pairs = disagreements(each, base=1, top=2)
    assert pairs.rows() == [
        ("x", "p", 1, Decimal("15.00"), Decimal("5.00"), Decimal("10.00")),
        ("y", "q", 1, Decimal("1.00"), Decimal("11.00"), Decimal("2.00")),
    ]
    assert say_disagreements(pairs.tail(1), "a", "b") == (
        "1 customers are y by a and q by b: a was nearer to what they did"
    )
    assert disagreements(each, base=2).is_empty()
    assert say_disagreements(pairs.clear(), "a", "b").startswith("No group of customers is large")


def test_yes_or_no_is_counted_in_a_hundred() -> None:
    """One of two is 50 of 100."""
    pairs = disagreements(expected_by(outcomes(1.0, 0.0, 0.0, 0.0), A, B), base=1)
    assert pairs.filter(first="x", second="q").rows() == [("x", "q", 1, 50.0, 0.0, 0.0)]
