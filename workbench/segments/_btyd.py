"""How often customers will come back and what they will spend: BG/NBD and Gamma-Gamma.

BG/NBD (Fader, Hardie and Lee 2005): purchases follow each customer's own rate, rates follow a
gamma distribution (r, alpha), and after each purchase a customer may leave for good with a
probability that follows a beta distribution (a, b). Gamma-Gamma (Fader and Hardie 2013): what a
customer spends per purchase varies around its own mean, and means vary between customers
(p, q, gamma). Per customer: `repeats` purchases after the first, `recency` the time from the
first to the last, `age` the time from the first to the end, all in one unit of time.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Visits(NamedTuple):
    """A fitted BG/NBD model."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


class Spend(NamedTuple):
    """A fitted Gamma-Gamma model."""

    p: float
    q: float
    gamma: float
    log_likelihood: float


def fit_visits(repeats: Numbers, recency: Numbers, age: Numbers) -> Visits:
    """Return the BG/NBD model most likely to give these purchases."""
    from scipy.special import betaln, gammaln, psi

    again = repeats > 0
    before_last = np.maximum(repeats, 1) - 1

    def log_likelihood(parameters: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = parameters
        rate = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
        to_end, to_last = np.log(alpha + age), np.log(alpha + recency)
        alive = betaln(a, b + repeats) - (r + repeats) * to_end
        left = betaln(a + 1, b + before_last) - (r + repeats) * to_last
        either = np.logaddexp(alive, np.where(again, left, -np.inf))
        here = np.exp(alive - either)
        gone, all_psi, ab_psi = 1 - here, psi(a + b + repeats), psi(a + b)
        slopes = [
            psi(r + repeats) - psi(r) + np.log(alpha) - here * to_end - gone * to_last,
            r / alpha - (r + repeats) * (here / (alpha + age) + gone / (alpha + recency)),
            gone / a - all_psi + ab_psi,
            here * psi(b + repeats) + gone * psi(b + before_last) - all_psi - psi(b) + ab_psi,
        ]
        value = np.sum(rate - betaln(a, b) + either)
        return float(value), np.array([slope.sum() for slope in slopes])

    return Visits(*_most_likely(log_likelihood, [1.0, float(age.mean()) / 8, 1.0, 2.0]))


def expected_visits(
    model: Visits, repeats: Numbers, recency: Numbers, age: Numbers, ahead: float
) -> Numbers:
    """Return the purchases each customer is expected to make in the time `ahead`."""
    from scipy.special import hyp2f1

    r, alpha, a, b, _ = model
    kept = ((alpha + age) / (alpha + age + ahead)) ** (r + repeats)
    reached = hyp2f1(r + repeats, b + repeats, a + b + repeats - 1, ahead / (alpha + age + ahead))
    left = (a / (b + np.maximum(repeats, 1) - 1)) * ((alpha + age) / (alpha + recency)) ** (
        r + repeats
    )
    expected = (a + b + repeats - 1) / (a - 1) * (1 - kept * reached)
    return np.asarray(expected / (1 + np.where(repeats > 0, left, 0)))


def fit_spend(repeats: Numbers, mean: Numbers) -> Spend:
    """Return the Gamma-Gamma model most likely to give these means over `repeats` purchases."""
    from scipy.special import gammaln, psi

    def log_likelihood(parameters: Numbers) -> tuple[float, Numbers]:
        p, q, gamma = parameters
        shape, whole = p * repeats, np.log(gamma + repeats * mean)
        drawn = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        seen = (shape - 1) * np.log(mean) + shape * np.log(repeats)
        both = psi(shape + q)
        slopes = [
            repeats * (both - psi(shape) + np.log(mean) + np.log(repeats) - whole),
            both - psi(q) + np.log(gamma) - whole,
            q / gamma - (shape + q) / (gamma + repeats * mean),
        ]
        value = np.sum(drawn + seen - (shape + q) * whole)
        return float(value), np.array([slope.sum() for slope in slopes])

    return Spend(*_most_likely(log_likelihood, [2.0, 3.0, float(mean.mean())]))


def expected_spend(model: Spend, repeats: Numbers, mean: Numbers) -> Numbers:
    """Return what each customer is expected to spend per purchase; the average where unseen."""
    p, q, gamma, _ = model
    return p * (gamma + repeats * mean) / (p * repeats + q - 1)


def _most_likely(
    log_likelihood: Callable[[Numbers], tuple[float, Numbers]], start: list[float]
) -> list[float]:
    """Return the positive parameters of greatest likelihood, and that likelihood.

    `log_likelihood` gives its value and its slope in each parameter.
    """
    from scipy.optimize import minimize

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        parameters = np.exp(logs)
        value, slopes = log_likelihood(parameters)
        return -value, -slopes * parameters

    middle = np.log(start)
    bounds = [(at - 9.0, at + 9.0) for at in middle]  # beyond, powers overflow
    options = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500}
    best = minimize(loss, middle, method="L-BFGS-B", jac=True, bounds=bounds, options=options)
    return [*np.exp(best.x).tolist(), -float(best.fun)]
