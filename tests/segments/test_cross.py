"""Two segmentations at once: one row per customer, in the order of both."""

import polars as pl
import pytest

from workbench.segments import cross


def labels(order: list[str], told: dict[int, str]) -> pl.DataFrame:
    """Return a frame of labels."""
    frame = pl.DataFrame({"customer_id": list(told), "segment": list(told.values())})
    return frame.with_columns(pl.col("segment").cast(pl.Enum(order)))


VALUE = labels(["High", "Low"], {1: "Low", 2: "High", 3: "Low", 4: "High"})
STAGE = labels(["New", "Old"], {1: "Old", 2: "Old", 3: "New", 5: "New"})


def test_a_customer_with_both_labels_has_one_row() -> None:
    """Who has only one of them, 4 and 5, is in none of the combinations."""
    assert cross(VALUE, STAGE).rows() == [
        (1, "Low and Old", "Low", "Old"),
        (2, "High and Old", "High", "Old"),
        (3, "Low and New", "Low", "New"),
    ]


def test_combinations_are_in_the_order_of_the_first_and_then_the_second() -> None:
    """Combinations of nobody are dropped, or kept where asked."""
    assert cross(VALUE, STAGE)["segment"].dtype == pl.Enum(
        ["High and Old", "Low and New", "Low and Old"]
    )
    assert cross(VALUE, STAGE, empty=True)["segment"].dtype == pl.Enum(
        ["High and New", "High and Old", "Low and New", "Low and Old"]
    )


def test_nobody_is_counted_twice() -> None:
    """A frame with two rows of a customer is no segmentation."""
    with pytest.raises(pl.exceptions.ComputeError, match="1:1"):
        cross(pl.concat([VALUE, VALUE]), STAGE)


def test_nobody_crossed_with_somebody_is_nobody() -> None:
    """An empty frame has no combinations."""
    assert cross(VALUE.clear(), STAGE).is_empty()
