"""Estimators: the effect of a campaign, from what targets and controls bought after and before.

Each method takes the past off the outcome and gives every customer a weight; the effect is then
the difference between the targets' mean and the controls' weighted mean.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOLDS = 5
SURE_TO_SEE = 2.8
MOST_CERTAIN = 0.95


@dataclass(frozen=True)
class Adjusted:
    """What is left of each customer's outcome once the past is taken off, and its weight."""

    outcome: Floats
    weight: Floats

    def only(self, some: Flags) -> "Adjusted":
        """Return the same for some of the customers."""
        return Adjusted(self.outcome[some], self.weight[some])


def plain(outcome: Floats) -> Adjusted:
    """Return the outcome as it is."""
    return Adjusted(outcome, np.ones(len(outcome)))


def cuped(outcome: Floats, past: Floats) -> Adjusted:
    """Return the outcome less what the past foretells of it, which is the same in both groups.

    `past` has one row per customer. Where it foretells nothing the outcome stays as it is.
    """
    centred = past - past.mean(axis=0)
    slope = np.linalg.lstsq(centred, outcome - outcome.mean(), rcond=None)[0]
    return plain(outcome - centred @ slope)


def change(outcome: Floats, before: Floats) -> Adjusted:
    """Return the change from the mean of the earlier windows: difference in differences."""
    return plain(outcome - before.mean(axis=1))


def aipw(
    outcome: Floats, treated: Flags, past: Floats, chance: Floats, *, seed: int = 0
) -> Adjusted:
    """Return augmented inverse probability weighting for the effect on those treated.

    The outcome without treatment is foretold by a linear model of the controls of other folds;
    `chance` is each customer's chance of being treated, as `chances` returns it.
    """
    if np.isnan(chance).any():
        return Adjusted(chance, chance)
    expected = np.empty(len(outcome))
    for held in _folds(treated, seed):
        learn = ~held & ~treated
        expected[held] = _linear(past[learn], outcome[learn], past[held])
    return Adjusted(outcome - expected, odds(treated, chance))


def chances(treated: Flags, past: Floats, *, seed: int = 0) -> Floats:
    """Return each customer's chance of being treated: a logistic model of the other folds.

    At most 95 %, so that no single control stands for more than nineteen targets; not a number
    where either group has less than two customers a fold.
    """
    if min(treated.sum(), (~treated).sum()) < 2 * FOLDS:
        return np.full(len(treated), np.nan)
    from sklearn.linear_model import LogisticRegression

    found = np.empty(len(treated))
    for held in _folds(treated, seed):
        model = LogisticRegression(max_iter=1000).fit(past[~held], treated[~held])
        found[held] = model.predict_proba(past[held])[:, 1]
    return np.minimum(found, MOST_CERTAIN)


def odds(treated: Flags, chance: Floats) -> Floats:
    """Return the weights that make controls resemble the treated: 1 for those, else the odds."""
    return np.where(treated, 1.0, chance / (1 - chance))


def contrast(adjusted: Adjusted, treated: Flags) -> tuple[float, float]:
    """Return the effect per treated customer and its standard error; NaN for less than two."""
    if min(treated.sum(), (~treated).sum()) < 2:
        return float("nan"), float("nan")
    (there, spread), (here, other) = (_mean(adjusted.only(treated == s)) for s in (True, False))
    return there - here, float(np.sqrt(spread + other))


def reach(treated: Flags) -> float:
    """Return within how many standard errors 95 % lie, by Student's t of the smaller group."""
    from scipy.special import stdtrit

    smaller = min(treated.sum(), (~treated).sum())
    return float(stdtrit(max(smaller - 1, 1), 0.975))


def winsorised(outcome: Floats, share: float = 0.99) -> Floats:
    """Return the outcome with what lies above a quantile of all customers cut to it."""
    return np.minimum(outcome, np.quantile(outcome, share, axis=0))


def _mean(side: Adjusted) -> tuple[float, float]:
    """Return the weighted mean of a group and the variance of that mean."""
    weight = side.weight / side.weight.sum()
    mean = float(weight @ side.outcome)
    size = len(weight)
    return mean, float(weight**2 @ (side.outcome - mean) ** 2) * size / (size - 1)


def _folds(treated: Flags, seed: int) -> list[Flags]:
    """Return which customers each fold holds out, as many treated in each as can be."""
    order = np.random.default_rng(seed).permutation(len(treated))
    place = np.empty(len(treated), dtype=np.int64)
    for side in (True, False):
        mine = order[treated[order] == side]
        place[mine] = np.arange(len(mine)) % FOLDS
    return [place == fold for fold in range(FOLDS)]


def _linear(past: Floats, outcome: Floats, wanted: Floats) -> Floats:
    ones = np.ones((len(past), 1))
    slope = np.linalg.lstsq(np.hstack([ones, past]), outcome, rcond=None)[0]
    return np.asarray(slope[0] + wanted @ slope[1:])
