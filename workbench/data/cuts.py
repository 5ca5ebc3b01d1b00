"""Cuts: bands of a distribution by value, so that equal values land in the same band."""

import polars as pl


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
