"""Churn: how likely each customer is to stay away in the weeks to come, and how surely said.

Everything is learnt from earlier days whose following weeks are known, and tested once on the
latest such day: what would have been said then, against what happened since.
"""

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures import judge
from workbench.measures.habits import HABITS, habits, visits
from workbench.measures.judge import Numbers

REGRESSION, BOOSTING = "Logistic regression", "Gradient boosting"
RECENCY, GAPS, FIXED = "Days since last visit", "3 x own mean gap", "42 days away"
METHODS = {
    REGRESSION: "a weighted sum of the habits, turned into a probability (scikit-learn, L2)",
    BOOSTING: "many small decision trees on the habits (scikit-learn)",
    RECENCY: "who has been away longest first",
    GAPS: "a list: away for more than three own mean gaps, with at least four visits",
    FIXED: "a list: away for more than 42 days, the same for everybody",
}
_MODELS = (REGRESSION, BOOSTING)
_STEP, _MOST, _LEAST = 4, 6, 10
_COLUMNS = [f"h_{name}" for name in HABITS]


class Churn(NamedTuple):
    """What `churn` returns: four frames, each described there."""

    customers: pl.DataFrame
    tested: pl.DataFrame
    reliable: pl.DataFrame
    drivers: pl.DataFrame


class _Learnt(NamedTuple):
    score: Any
    scale: Any
    name: str

    def said(self, known: pl.DataFrame) -> Numbers:
        return _probability(self.scale, _scored(self.score, self.name, known))


def churn(
    shop: Shop,
    period: str | Period | Latest,
    *,
    weeks: int = 4,
    budget: int = 100,
    seed: int = 0,
    draws: int = 300,
) -> Churn:
    """Return who is likely not to buy in the `weeks` after the period, and how surely.

    Habits are those of the period's length. Models are fitted on earlier days, calibrated on a
    later one (Platt), tested on the day `weeks` before the period's last; none of their weeks
    overlap. The model with the smaller Brier score in the test is used.

    `customers`: one row per customer who came in the period, most likely first: customer_id,
    last_day, away (days), visit_days, mean_gap (days), sales, usual_spend (in as many weeks),
    churn_share (the probability), at_stake (their product; money).
    `tested`: one row per method: auc with auc_low, auc_high (bootstrap over customers),
    customers (on its list: the budget, or all that a rule names), precision_share and
    recall_share (of `stayed_away`), same_size_share (precision of the model used on a list as
    long), brier (each method calibrated alike).
    `reliable`: see `reliability`, of the model used. `drivers`: one row per habit: auc_lost when
    it is shuffled among customers, with its range over shuffles (low, high).

    Raises NotCovered where the data does not reach back for one day to learn from.
    """
    window = shop.window(period)
    days = _days(shop, window, weeks)
    known = _outcomes(shop, habits(shop, days, window.days), window.last, weeks)
    _stop_at_too_few(known, weeks)
    test = known.filter(pl.col("as_of") == days[1])
    earlier = [_learnt(known, days[2:], name, weeks, seed) for name in METHODS]
    counts = judge.resamples(test.height, draws, seed)
    tested = _tested(test, earlier, counts, budget)
    best = _best(tested)
    used = next(learnt for learnt in earlier if learnt.name == best)
    now = known.filter(pl.col("as_of") == days[0])
    final = _learnt(known, days[1:], best, weeks, seed)
    happened = test["stayed_away"].to_numpy()
    return Churn(
        _customers(now, final.said(now), window, weeks),
        tested,
        judge.reliability(used.said(test), happened),
        _drivers(used, test, seed),
    )


def say_churn(told: Churn, weeks: int) -> str:
    """Return the sentence that says how well the model used ranks, and against what."""
    rows = {row["method"]: row for row in told.tested.rows(named=True)}
    used, plain = rows[_best(told.tested)], rows[RECENCY]
    surely = "surely " if used["auc_low"] > plain["auc_high"] else ""
    return (
        f"{used['method']} ranks {surely}better than days since the last visit: of two customers, "
        f"one who stayed away {weeks} weeks and one who came, it had the right one on top "
        f"{100 * used['auc']:.0f} times in 100, the days {100 * plain['auc']:.0f}"
    )


def _best(tested: pl.DataFrame) -> str:
    models = tested.filter(pl.col("method").cast(pl.String).is_in(_MODELS))
    return str(models.sort("brier", maintain_order=True)["method"][0])


def _days(shop: Shop, window: Period, weeks: int) -> list[dt.date]:
    """Return the period's last day, the day of the test, of calibration, and those to fit on."""
    ahead, step = dt.timedelta(weeks=weeks), dt.timedelta(weeks=_STEP)
    first = shop.first_day + dt.timedelta(days=window.days - 1)
    fitted = [window.last - 3 * ahead - place * step for place in range(_MOST)]
    if fitted[0] < first:
        raise NotCovered(
            f"churn in {weeks} weeks cannot be learnt for {window}: {3 * weeks} weeks of data are "
            f"wanted before it, and there are {(window.first - shop.first_day).days} days; choose "
            "a shorter period, or fewer weeks"
        )
    later = [window.last, window.last - ahead, window.last - 2 * ahead]
    return later + [day for day in fitted if day >= first]


def _outcomes(shop: Shop, known: pl.DataFrame, last: dt.date, weeks: int) -> pl.DataFrame:
    """Return the habits with stayed_away: 1 for no visit in the weeks after, null if unknown."""
    until = pl.col("as_of") + pl.duration(weeks=weeks)
    days = known.select(pl.col("as_of").unique())
    came = (
        visits(shop, Period(min(days["as_of"]), last))
        .join(days, how="cross")
        .filter(pl.col("visit") > pl.col("as_of"), pl.col("visit") <= until)
        .select("as_of", "customer_id", came=pl.lit(True))
        .unique()
    )
    found = known.join(came, on=["as_of", "customer_id"], how="left", maintain_order="left")
    away = pl.col("came").is_null().cast(pl.Float64)
    return found.with_columns(stayed_away=pl.when(until <= last).then(away)).drop("came")


def _learnt(
    known: pl.DataFrame, days: list[dt.date], name: str, weeks: int, seed: int
) -> _Learnt:
    """Return a method fitted on all days but the first, and calibrated on that."""
    later = known.filter(pl.col("as_of") == days[0])
    until = days[0] - dt.timedelta(weeks=weeks)
    earlier = known.filter(pl.col("as_of").is_in([day for day in days if day <= until]))
    score = _fitted(earlier, name, seed) if name in _MODELS else None
    return _Learnt(score, _scale(_scored(score, name, later), later), name)


def _fitted(known: pl.DataFrame, name: str, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    boosting = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=40, random_state=seed
    )
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model = boosting if name == BOOSTING else plain
    with threadpool_limits(1):
        return model.fit(known.select(_COLUMNS).to_numpy(), known["stayed_away"].to_numpy())


def _scored(score: Any, name: str, known: pl.DataFrame) -> Numbers:
    from threadpoolctl import threadpool_limits

    if score is not None:
        with threadpool_limits(1):
            return _logit(score.predict_proba(known.select(_COLUMNS).to_numpy())[:, 1])
    away = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
    listed = {
        RECENCY: pl.col("h_away"),
        GAPS: (away > 3 * pl.col("mean_gap")).fill_null(value=False) & (pl.col("visit_days") >= 4),
        FIXED: away > 42,
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


def _tested(
    test: pl.DataFrame, earlier: list[_Learnt], counts: Any, budget: int
) -> pl.DataFrame:
    happened = test["stayed_away"].to_numpy()
    said = {learnt.name: learnt.said(test) for learnt in earlier}
    errors = {name: judge.brier(said[name], happened) for name in METHODS}
    used = said[min(_MODELS, key=lambda name: errors[name])]
    lists = {name: min(budget, test.height) for name in METHODS}
    for learnt in earlier:
        if learnt.name in (GAPS, FIXED):
            lists[learnt.name] = int(_scored(None, learnt.name, test).sum())
    rows = []
    for name, size in lists.items():
        middle, low, high = judge.auc_interval(said[name], happened, counts)
        right = judge.hits(said[name], happened, size)
        same = judge.hits(used, happened, size)
        shares = [part / size if size else None for part in (right, same)]
        recall = right / happened.sum()
        rows.append([name, middle, low, high, size, shares[0], recall, shares[1], errors[name]])
    return pl.DataFrame(rows, _TESTED, orient="row")


_TESTED = {
    "method": pl.Enum(list(METHODS)),
    "auc": pl.Float64,
    "auc_low": pl.Float64,
    "auc_high": pl.Float64,
    "customers": pl.Int64,
    "precision_share": pl.Float64,
    "recall_share": pl.Float64,
    "same_size_share": pl.Float64,
    "brier": pl.Float64,
}


def _customers(
    now: pl.DataFrame, probability: Numbers, window: Period, weeks: int
) -> pl.DataFrame:
    usual = (pl.col("sales") * (7 * weeks) / window.days).clip(0)
    stake = (pl.col("churn_share") * usual).round(0).cast(pl.Int64)
    return (
        now.with_columns(churn_share=pl.Series(probability))
        .select(
            *("customer_id", "churn_share", "last_day"),
            (pl.col("as_of") - pl.col("last_day")).dt.total_days().alias("away"),
            *("mean_gap", "visit_days", "sales"),
            usual_spend=usual.round(0).cast(pl.Int64),
            at_stake=stake,
        )
        .sort("churn_share", "customer_id", descending=[True, False])
        .with_columns(money("sales", "usual_spend", "at_stake"))
    )


def _drivers(used: _Learnt, test: pl.DataFrame, seed: int, shuffles: int = 5) -> pl.DataFrame:
    happened = test["stayed_away"].to_numpy()
    whole = float(judge.auc(used.said(test), happened)[0])
    rows = []
    for place, name in enumerate(HABITS):
        drawn = np.random.default_rng([seed, place])
        column = test[f"h_{name}"].to_numpy()
        lost = [
            whole - float(judge.auc(used.said(_with(test, name, shuffled)), happened)[0])
            for shuffled in (drawn.permutation(column) for _ in range(shuffles))
        ]
        rows.append([name, HABITS[name], float(np.mean(lost)), min(lost), max(lost)])
    columns = ["habit", "meaning", "auc_lost", "low", "high"]
    return pl.DataFrame(rows, columns, orient="row").sort("auc_lost", descending=True)


def _with(test: pl.DataFrame, name: str, values: Numbers) -> pl.DataFrame:
    return test.with_columns(pl.Series(f"h_{name}", values))


def _stop_at_too_few(known: pl.DataFrame, weeks: int) -> None:
    counted = known.drop_nulls("stayed_away").group_by("as_of").agg(
        away=pl.col("stayed_away").sum(), came=(1 - pl.col("stayed_away")).sum()
    )
    least = counted.select(pl.min_horizontal(pl.col("away", "came").min())).item()
    if least < _LEAST:
        raise ValueError(
            f"churn in {weeks} weeks cannot be learnt: on one of the days to learn from only "
            f"{least:.0f} customers stayed away, or came; at least {_LEAST} of each are wanted, so "
            "choose other weeks or a longer period"
        )
