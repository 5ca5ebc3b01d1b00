"""What segmentations share: labels in a declared order, and scores cut by value."""

from collections.abc import Iterable

import polars as pl

RESERVED = ("Unlabelled", "New", "Lost")  # the measures' own words for who has no label


def ordered(segments: Iterable[str]) -> pl.Enum:
    """Return the type of a segment column: the labels in their declared order, best first."""
    return pl.Enum(list(segments))


def in_order(found: pl.DataFrame, segments: Iterable[str]) -> pl.DataFrame:
    """Return one row per segment in the declared order: what was found, nulls where nothing."""
    order = ordered(segments)
    rows = pl.DataFrame({"segment": order.categories}, schema={"segment": order})
    return rows.join(found, on="segment", how="left", maintain_order="left")


def cut_points(values: pl.Series, bands: int) -> list[float]:
    """Return the values that split a distribution into `bands` parts, ties kept together.

    >>> cut_points(pl.Series([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), 5)
    [2.0, 4.0, 6.0, 8.0]
    """
    if values.is_empty():
        return []
    ordered_values = values.sort()
    size = len(ordered_values)
    return [float(ordered_values[-(-size * band // bands) - 1]) for band in range(1, bands)]


def score(values: pl.Expr, cuts: list[float]) -> pl.Expr:
    """Return scores from 1, the lowest: one more than the cut points a value exceeds.

    Equal values get equal scores. Where many customers share a value, fewer scores occur, and
    a score keeps its meaning: it still says how much of the base lies below.

    >>> frame = pl.DataFrame({"visits": [1, 1, 1, 2, 9]})
    >>> cuts = cut_points(frame["visits"], 5)
    >>> frame.select(score(pl.col("visits"), cuts))["visits"].to_list()
    [1, 1, 1, 4, 5]
    """
    above = [(values > cut).cast(pl.Int64) for cut in cuts]
    return pl.sum_horizontal(pl.lit(1, dtype=pl.Int64), *above).alias(values.meta.output_name())
