"""Boosted trees of the forecast, on figures numbered by the steps that the trees may part at.

scikit-learn finds the same steps of weighted rows by sorting each figure once for every step,
which takes half of the time of fitting.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
STEPS = 64  # of each figure: 255 take twice as long for no clear gain


class Trees(NamedTuple):
    """What was learnt, and where the steps of each figure end."""

    model: Any
    ends: list[Numbers]

    @classmethod
    def learn(
        cls,
        figures: Numbers,
        outcome: Numbers,
        weight: Numbers,
        *,
        never_lower: list[int],
        seed: int,
    ) -> "Trees":
        """Return trees with Poisson loss, learnt from rows of figures; one may be not a number.

        `never_lower` is 1 for each figure that never lowers the outcome, else 0.
        """
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

        model = HistGradientBoostingRegressor(
            loss="poisson",
            max_bins=STEPS,
            max_iter=80,
            learning_rate=0.1,
            max_leaf_nodes=16,
            min_samples_leaf=40,
            monotonic_cst=never_lower,
            early_stopping=False,
            random_state=seed,
        )
        ends = [_ends(figure, weight) for figure in figures.T]
        with threadpool_limits(1):
            model.fit(_numbered(figures, ends), outcome, sample_weight=weight)
        return cls(model, ends)

    def predict(self, figures: Numbers) -> Numbers:
        """Return the outcome expected of each row of figures."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

        with threadpool_limits(1):
            return np.asarray(self.model.predict(_numbered(figures, self.ends)))


def _ends(figure: Numbers, weight: Numbers) -> Numbers:
    """Return where steps of about the same weight end, or between all values where they are few."""
    known = ~np.isnan(figure)
    values = np.unique(figure[known])
    if len(values) <= STEPS:
        return np.asarray((values[1:] + values[:-1]) / 2)
    shares = np.arange(1, STEPS) / STEPS
    ends = np.quantile(figure[known], shares, weights=weight[known], method="inverted_cdf")
    return np.unique(ends)


def _numbered(figures: Numbers, ends: list[Numbers]) -> Numbers:
    """Return which step each figure is in, not a number where it is not known."""
    columns = zip(figures.T, ends, strict=True)
    steps = [np.where(np.isnan(each), np.nan, np.searchsorted(end, each)) for each, end in columns]
    return np.column_stack(steps)
