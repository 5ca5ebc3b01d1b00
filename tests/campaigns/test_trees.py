"""The forecast's trees, beside those that scikit-learn makes of the figures themselves."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from workbench.campaigns.forecasts.trees import STEPS, Trees


def test_numbered_steps_make_the_trees_that_the_figures_make() -> None:
    """Figures of many values, of few, and unknown ones; and values that were not learnt from."""
    chance = np.random.default_rng(0)
    many, few = chance.lognormal(size=3000), chance.integers(0, 9, size=3000) / 4
    unknown = np.where(chance.random(3000) < 0.3, np.nan, chance.normal(size=3000))
    figures = np.column_stack([many, few, unknown])
    weight = chance.lognormal(size=3000)
    outcome = chance.poisson(np.log1p(many) + few + np.nan_to_num(unknown > 0)).astype(float)
    known, new = slice(0, 2500), slice(2500, 3000)
    figures[new, 1] += 0.1

    plain = HistGradientBoostingRegressor(
        loss="poisson",
        max_bins=STEPS,
        max_iter=80,
        max_leaf_nodes=16,
        min_samples_leaf=40,
        monotonic_cst=[0, 1, 0],
        early_stopping=False,
        random_state=0,
    )
    plain.fit(figures[known], outcome[known], sample_weight=weight[known])
    trees = Trees.learn(
        figures[known], outcome[known], weight[known], never_lower=[0, 1, 0], seed=0
    )

    assert np.unique(plain.predict(figures[new])).size > 100
    assert trees.predict(figures[new]).tolist() == plain.predict(figures[new]).tolist()
