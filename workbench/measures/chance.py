"""Intervals: how far a figure of a few customers can be trusted."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Z90, Z95 = 1.645, 1.96
Numbers = NDArray[np.float64]


def wilson(part: pl.Expr, whole: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the ends of Wilson's 95 % interval of the share `part` of `whole` customers.

    >>> low, high = wilson(pl.col("yes"), pl.col("all"))
    >>> frame = pl.DataFrame({"yes": [5, 0], "all": [10, 0]})
    >>> frame.select(low.round(3).alias("low"), high.round(3).alias("high")).rows()
    [(0.237, 0.763), (None, None)]
    """
    size = pl.when(whole > 0).then(whole)
    share = part / size
    middle = share + Z95**2 / (2 * size)
    reach = Z95 * (share * (1 - share) / size + (Z95 / (2 * size)) ** 2).sqrt()
    widened = 1 + Z95**2 / size
    return (middle - reach) / widened, (middle + reach) / widened


def ratio_of_sums(part: pl.Expr, whole: pl.Expr, name: str, low: str, high: str) -> list[pl.Expr]:
    """Return a ratio of sums over the rows of a group, with its 95 % interval (delta method).

    Nulls for fewer than two rows or a whole of zero.
    """
    known = pl.when((pl.len() > 1) & (whole.sum() != 0))
    ratio = part.sum() / whole.sum()
    spread = ((part - ratio * whole) ** 2).sum() * pl.len() / (pl.len() - 1)
    reach = Z95 * spread.sqrt() / whole.sum()
    return [
        known.then(ratio).alias(name),
        known.then(ratio - reach).alias(low),
        known.then(ratio + reach).alias(high),
    ]


def summed_for(part: str, whole: str) -> list[pl.Expr]:
    """Return the sums of integer columns that `ratio_of_summed` needs; those of parts add up."""
    one, other = pl.col(part).cast(pl.Int128), pl.col(whole).cast(pl.Int128)
    return [
        pl.len().cast(pl.Int64).alias("rows"),
        pl.col(part).sum().alias("part"),
        pl.col(whole).sum().alias("whole"),
        (one * one).sum().alias("part_part"),
        (one * other).sum().alias("part_whole"),
        (other * other).sum().alias("whole_whole"),
    ]


def ratio_of_summed(name: str, low: str, high: str) -> list[pl.Expr]:
    """Return what `ratio_of_sums` does, from the sums of `summed_for` of many rows.

    >>> spent = pl.DataFrame({"after": [2, 1], "before": [2, 4]})
    >>> ends = ratio_of_summed("kept", "low", "high")
    >>> summed = spent.select(summed_for("after", "before"))
    >>> summed.select(end.round(3) for end in ends).row(0)
    (0.5, -0.153, 1.153)
    """
    rows, whole = pl.col("rows"), pl.col("whole")
    squares = (pl.col(pair).cast(pl.Float64) for pair in ("part_part", "part_whole", "whole_whole"))
    part_part, part_whole, whole_whole = squares
    known, ratio = pl.when((rows > 1) & (whole != 0)), pl.col("part") / whole
    spread = (part_part - 2 * ratio * part_whole + ratio**2 * whole_whole).clip(0)
    reach = Z95 * (spread * rows / (rows - 1)).sqrt() / whole
    return [
        known.then(ratio).alias(name),
        known.then(ratio - reach).alias(low),
        known.then(ratio + reach).alias(high),
    ]


def resamples(size: int, draws: int, seed: int) -> Any:
    """Return how often each of `size` cases is drawn in each of `draws` resamples."""
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=draws)
