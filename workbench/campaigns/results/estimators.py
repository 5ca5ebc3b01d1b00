"""Estimators: the effect of a campaign, from what targets and controls bought after and before.

Each method takes the past off the outcome and gives every customer a weight; the effect is then
the difference between the targets' mean and the controls' weighted mean.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOLDS = 5
SURE_TO_SEE = 2.8
_RIDGE = 1e-3
Estimator = TypeVar("Estimator", bound=Callable[..., object])


def _alone(estimator: Estimator) -> Estimator:
    """Return an estimator on one thread: its problems are small, and threads only wait."""
    return cast(Estimator, threadpool_limits.wrap(limits=1)(estimator))


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


@_alone
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


@_alone
def aipw(outcome: Floats, treated: Flags, past: Floats, odds: Floats, *, seed: int = 0) -> Adjusted:
    """Return augmented inverse probability weighting for the effect on those treated.

    The outcome without treatment is foretold by a linear model of the controls of other folds;
    `odds` are the controls' weights, as `balancing` returns them.
    """
    if np.isnan(odds).any():
        return Adjusted(odds, odds)
    expected = np.empty(len(outcome))
    folds = _folds(treated, seed)
    known = [_squares(past[held & ~treated], outcome[held & ~treated]) for held in folds]
    for fold, held in enumerate(folds):
        others = np.vstack(known[:fold] + known[fold + 1 :])
        slope = np.linalg.lstsq(others[:, :-1], others[:, -1], rcond=None)[0]
        expected[held] = slope[0] + past[held] @ slope[1:]
    return Adjusted(outcome - expected, np.where(treated, 1.0, odds))


@_alone
def balancing(treated: Flags, traits: Floats) -> Floats:
    """Return each customer's odds of being treated, by which controls resemble the treated.

    A logistic model of the traits (scaled), fitted so that the controls' means weighted by the
    odds are those of the treated (entropy balancing), which keeps single weights from growing
    large. Not a number where either group has less than two customers a fold.
    """
    from scipy.optimize import minimize

    if min(treated.sum(), (~treated).sum()) < 2 * FOLDS:
        return np.full(len(treated), np.nan)
    apart = traits - traits[treated].mean(axis=0)
    others = apart[~treated]

    def loss(slope: Floats) -> tuple[float, Floats]:
        at = others @ slope
        odds = np.exp(at - at.max())
        gradient = odds @ others / odds.sum() + 2 * _RIDGE * slope
        return float(at.max() + np.log(odds.sum()) + _RIDGE * slope @ slope), gradient

    slope = minimize(loss, np.zeros(traits.shape[1]), jac=True, method="L-BFGS-B").x
    odds = np.exp(apart @ slope - (others @ slope).max())
    return np.asarray(odds * treated.sum() / odds[~treated].sum())


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
    """Return the weighted mean of a group and the variance of that mean.

    Added up by `sum`: a product of two vectors wakes threads that wait longer than they work.
    """
    weight = side.weight / side.weight.sum()
    mean = float((weight * side.outcome).sum())
    size = len(weight)
    return mean, float(((weight * (side.outcome - mean)) ** 2).sum()) * size / (size - 1)


def _folds(treated: Flags, seed: int) -> list[Flags]:
    """Return which customers each fold holds out, as many treated in each as can be."""
    order = np.random.default_rng(seed).permutation(len(treated))
    place = np.empty(len(treated), dtype=np.int64)
    for side in (True, False):
        mine = order[treated[order] == side]
        place[mine] = np.arange(len(mine)) % FOLDS
    return [place == fold for fold in range(FOLDS)]


def _squares(past: Floats, outcome: Floats) -> Floats:
    """Return all that least squares need to know of some customers: a row per column, and one.

    It is the triangle of a QR decomposition of a constant, the past and the outcome; triangles of
    several parts, one below the other, have the solution of all their customers.
    """
    ones = np.ones((len(past), 1))
    return np.asarray(np.linalg.qr(np.hstack([ones, past, outcome[:, None]]), mode="r"))
