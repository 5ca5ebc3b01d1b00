"""How well a score told, before, what customers then did: ranking, lists, probabilities."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.measures.chance import wilson

Numbers = NDArray[np.float64]
BANDS = 10


def auc(score: Numbers, happened: Numbers, counts: Any = None) -> Numbers:
    """Return the chance that one to whom it happened scores above one to whom it did not.

    One value per row of `counts` (how often each customer is drawn; once, where not given);
    equal scores count half. NaN where it happened to all or to nobody.
    """
    order = np.argsort(score, kind="stable")
    begins = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    drawn = (np.ones((1, len(score))) if counts is None else counts)[:, order]
    yes = np.add.reduceat(drawn * happened[order], begins, axis=1)
    no = np.add.reduceat(drawn * (1 - happened[order]), begins, axis=1)
    below = np.cumsum(no, axis=1) - no / 2
    of = yes.sum(axis=1) * no.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((yes * below).sum(axis=1) / of)


def resamples(size: int, draws: int, seed: int) -> Any:
    """Return how often each of `size` customers is drawn in each of `draws` resamples."""
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=draws)


def auc_interval(score: Numbers, happened: Numbers, counts: Any) -> tuple[float, float, float]:
    """Return the AUC and its 95 % interval over resamples of customers."""
    low, high = np.nanquantile(auc(score, happened, counts), [0.025, 0.975])
    return float(auc(score, happened)[0]), float(low), float(high)


def listed(score: Numbers, size: int) -> Numbers:
    """Return 1 for each of the `size` highest scores, and of ties at the edge their part.

    >>> listed(np.array([3.0, 2.0, 2.0, 1.0]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if not size:
        return np.zeros(len(score))
    edge = np.sort(score)[-size]
    above, tied = score > edge, score == edge
    return np.asarray(above + tied * ((size - above.sum()) / tied.sum()))


def brier(probability: Numbers, happened: Numbers) -> float:
    """Return the mean squared distance of the probabilities from what happened (0 is best)."""
    return float(np.mean((probability - happened) ** 2))


def reliability(probability: Numbers, happened: Numbers) -> pl.DataFrame:
    """Return one row per tenth of customers, by probability: what was said and what happened.

    Columns: band (1 lowest; equal probabilities share one), customers, said_share (the mean
    probability), happened (customers), happened_share with its 95 % interval (Wilson).
    """
    place = pl.col("said").rank("average") / pl.len()
    size, yes = pl.col("customers"), pl.col("happened")
    low, high = wilson(yes, size)
    return (
        pl.DataFrame({"said": probability, "happened": happened})
        .with_columns(band=(place * BANDS).ceil().cast(pl.Int64))
        .group_by("band")
        .agg(
            pl.len().cast(pl.Int64).alias("customers"),
            said_share=pl.col("said").mean(),
            happened=pl.col("happened").sum().cast(pl.Int64),
        )
        .sort("band")
        .with_columns(happened_share=yes / size, low_share=low, high_share=high)
    )


def calibration_gap(reliable: pl.DataFrame) -> float:
    """Return the mean distance of what was said from what happened, over all customers."""
    size, distance = pl.col("customers"), (pl.col("said_share") - pl.col("happened_share")).abs()
    return float(reliable.select((distance * size).sum() / size.sum()).item())


def say_calibration(reliable: pl.DataFrame) -> str:
    """Return the sentence that says how far the probabilities were from what happened."""
    inside = reliable.filter(pl.col("said_share").is_between("low_share", "high_share")).height
    gap = 100 * calibration_gap(reliable)
    return (
        f"What was said and what happened lie {gap:.1f} points apart on average; "
        f"{inside} of {reliable.height} tenths agree within chance"
    )
