"""Methods to tell who stays away: models of habits and plain rules, all calibrated alike."""

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from workbench.measures.chance import Numbers
from workbench.measures.customers.habits import HABITS

REGRESSION, BOOSTING = "Logistic regression", "Gradient boosting"
RECENCY, GAPS, FIXED = "Days since last visit", "3 x own mean gap", "42 days away"
STAKE = "Probability x usual spend"
METHODS = {
    REGRESSION: "a weighted sum of the habits, turned into a probability (scikit-learn, L2)",
    BOOSTING: "many small decision trees on the habits (scikit-learn)",
    STAKE: "the model used, times what the customer usually spends: where most money is at stake",
    RECENCY: "who has been away longest first",
    GAPS: "a list: away for more than three own mean gaps, with at least four visits",
    FIXED: "a list: away for more than 42 days, the same for everybody",
}
LEARNT_FROM = 10_000
LEDGER = METHODS | {
    "Learnt from": f"all customers, or of more than {LEARNT_FROM:,} an even part of about as many, "
    "who are those of the test too; the list to call upon is of all",
}
HEADINGS = {
    "churn_share": "Stays away",
    "away": "Days since last visit",
    "mean_gap": "Usual gap, days",
    "visit_days": "Days with a visit",
    "said_share": "Was said",
    "happened": "Stayed away, customers",
    "happened_share": "Stayed away",
    "listed": "On the list",
    "precision_share": "Precision",
    "recall_share": "Recall",
    "same_size_share": "Model, same length",
    "lost_spend": "Usual spend lost",
    "brier_share": "Brier score",
}
MODELS = (REGRESSION, BOOSTING)
_COLUMNS = list(HABITS)


class Learnt(NamedTuple):
    """A fitted and calibrated method."""

    score: Any
    scale: Any
    name: str

    def said(self, known: pl.DataFrame) -> Numbers:
        """Return the probability of each customer, in the frame's order."""
        return _probability(self.scale, scored(self.score, self.name, known))


def learnt(known: pl.DataFrame, days: list[dt.date], name: str, weeks: int, seed: int) -> Learnt:
    """Return a method fitted on all days but the first, and calibrated on that."""
    later = known.filter(pl.col("as_of") == days[0])
    until = days[0] - dt.timedelta(weeks=weeks)
    earlier = known.filter(pl.col("as_of").is_in([day for day in days if day <= until]))
    score = _fitted(earlier, name, seed) if name in MODELS else None
    return Learnt(score, _scale(scored(score, name, later), later), name)


def _fitted(known: pl.DataFrame, name: str, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    boosting = HistGradientBoostingClassifier(
        max_iter=30,
        learning_rate=0.12,
        max_leaf_nodes=4,
        min_samples_leaf=40,
        early_stopping=False,
        random_state=seed,
    )
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model = boosting if name == BOOSTING else plain
    with threadpool_limits(1):
        return model.fit(known.select(_COLUMNS).to_numpy(), known["stayed_away"].to_numpy())


def scored(score: Any, name: str, known: pl.DataFrame) -> Numbers:
    """Return a method's score of each customer; of a rule 1 or 0: on its list or not."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    if score is not None:
        with threadpool_limits(1):
            return _logit(score.predict_proba(known.select(_COLUMNS).to_numpy())[:, 1])
    days = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
    listed = {
        RECENCY: pl.col("away"),
        GAPS: (days > 3 * pl.col("mean_gap")).fill_null(value=False) & (pl.col("visit_days") >= 4),
        FIXED: days > 42,
    }
    return known.select(listed[name].cast(pl.Float64)).to_series().to_numpy()


def _scale(score: Numbers, known: pl.DataFrame) -> Any:
    """Return the logistic curve from a score to how often customers of it stayed away (Platt)."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1e4).fit(score.reshape(-1, 1), known["stayed_away"].to_numpy())


def _probability(scale: Any, score: Numbers) -> Numbers:
    return np.asarray(scale.predict_proba(score.reshape(-1, 1))[:, 1].round(9))


def _logit(probability: Numbers) -> Numbers:
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)))
