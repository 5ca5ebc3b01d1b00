"""How well a score told, before, what customers then did: ranking, lists, probabilities."""

import numpy as np
import polars as pl

from workbench.measures.chance import Z95, Numbers, wilson

BANDS = 10


def auc(score: Numbers, happened: Numbers) -> float:
    """Return the chance that one to whom it happened scores above one to whom it did not.

    Equal scores count half. It must have happened to some, and not to all.

    >>> auc(np.array([3.0, 2.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    0.875
    """
    return float(_above(score, happened).mean())


def auc_interval(score: Numbers, happened: Numbers) -> tuple[float, float, float]:
    """Return the AUC and its 95 % interval over customers (DeLong et al. 1988), in 0 to 1.

    It must have happened to two at least, and not to two.
    """
    sides = _above(score, happened), _above(-score, 1 - happened)
    found = float(sides[0].mean())
    reach = Z95 * sum(float(np.var(side, ddof=1)) / len(side) for side in sides) ** 0.5
    return found, max(0.0, found - reach), min(1.0, found + reach)


def _above(score: Numbers, happened: Numbers) -> Numbers:
    """Return, for each to whom it happened, the part of the others who score less."""
    those, others = score[happened == 1], np.sort(score[happened == 0])
    ends = [np.searchsorted(others, those, side) for side in ("left", "right")]
    return np.asarray((ends[0] + ends[1]) / (2 * len(others)))


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
