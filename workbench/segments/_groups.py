"""Groups of like customers: k-means on standardised figures, and how far to trust it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
CLEARLY = 0.25


def scale(figures: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean and the standard deviation of each column; 1 where a column is constant."""
    spread = figures.std(axis=0)
    return figures.mean(axis=0), np.where(spread > 0, spread, 1.0)


def centres(points: Numbers, k: int, seed: int, *, starts: int = 10) -> Numbers:
    """Return the centres of `k` groups, or of fewer where there are fewer different points."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    groups = min(k, len(np.unique(points, axis=0)))
    with threadpool_limits(1):  # small problems: threads only wait for each other
        model: Any = KMeans(groups, n_init=starts, random_state=seed).fit(points)
    return np.asarray(model.cluster_centers_)


def nearest(points: Numbers, middles: Numbers) -> tuple[Places, Numbers]:
    """Return each point's nearest centre, and by which share it is nearer than the next one."""
    away = np.sqrt(((points[:, None, :] - middles[None, :, :]) ** 2).sum(axis=2))
    own = away.argmin(axis=1)
    if len(middles) < 2:
        return own, np.ones(len(points))
    first, second = np.sort(away, axis=1)[:, :2].T
    return own, 1 - first / np.where(second > 0, second, 1.0)


def jaccards(points: Numbers, own: Places, k: int, *, draws: int, seed: int) -> Numbers:
    """Return how well each group is found again in resamples: mean best Jaccard, 0 to 1.

    Each draw takes as many points with replacement, groups them anew and puts all points into
    the new groups; the best match of an old group is the share of common members in all members.
    """
    rng = np.random.default_rng(seed)
    groups = int(own.max()) + 1
    found = np.empty((draws, groups))
    for draw in range(draws):
        sample = points[rng.integers(0, len(points), len(points))]
        again, _ = nearest(points, centres(sample, k, int(rng.integers(2**31)), starts=3))
        both = np.zeros((groups, int(again.max()) + 1))
        np.add.at(both, (own, again), 1)
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
        found[draw] = (both / either).max(axis=1)
    return np.asarray(found.mean(axis=0))


def silhouette(points: Numbers, own: Places, *, seed: int, most: int = 1000) -> float:
    """Return the mean silhouette of a sample of at most `most` points; -1 bad, 1 good."""
    from sklearn.metrics import silhouette_score

    chosen = np.random.default_rng(seed).permutation(len(points))[:most]
    return float(silhouette_score(points[chosen], own[chosen]))


def chance(points: Numbers, k: int, *, draws: int, seed: int) -> float:
    """Return the best silhouette where each column is shuffled on its own: no groups at all."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        mixed = rng.permuted(points, axis=0)
        own, _ = nearest(mixed, centres(mixed, k, int(rng.integers(2**31)), starts=3))
        found.append(silhouette(mixed, own, seed=seed))
    return max(found)
