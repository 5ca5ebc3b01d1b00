"""What segmentations share: labels in a declared order, and scores cut by value (data.cuts)."""

from collections.abc import Iterable

import polars as pl

from workbench.data.cuts import cut_points, score

__all__ = ["RESERVED", "cut_points", "in_order", "ordered", "score"]

RESERVED = ("Unlabelled", "New", "Lost")  # the measures' own words for who has no label


def ordered(segments: Iterable[str]) -> pl.Enum:
    """Return the type of a segment column: the labels in their declared order, best first."""
    return pl.Enum(list(segments))


def in_order(found: pl.DataFrame, segments: Iterable[str]) -> pl.DataFrame:
    """Return one row per segment in the declared order: what was found, nulls where nothing."""
    order = ordered(segments)
    rows = pl.DataFrame({"segment": order.categories}, schema={"segment": order})
    return rows.join(found, on="segment", how="left", maintain_order="left")
