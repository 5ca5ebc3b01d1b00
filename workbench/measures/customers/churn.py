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
from workbench.measures.chance import Z95, Numbers
from workbench.measures.customers import judge
from workbench.measures.customers.churn_methods import (
    FIXED,
    GAPS,
    LEARNT_FROM,
    METHODS,
    MODELS,
    RECENCY,
    STAKE,
    Learnt,
    learnt,
    scored,
)
from workbench.measures.customers.habits import HABITS, habits, visits

_STEP, _MOST, _LEAST = 4, 6, 10


class TooFew(ValueError):  # noqa: N818 - reads as the fact it states
    """Too few customers who stayed away, or who came, to learn from; the text says how many."""


class Churn(NamedTuple):
    """What `churn` returns: four frames, each described there."""

    customers: pl.DataFrame
    tested: pl.DataFrame
    reliable: pl.DataFrame
    drivers: pl.DataFrame


def churn(
    shop: Shop,
    period: str | Period | Latest,
    *,
    weeks: int = 4,
    budget: int = 100,
    seed: int = 0,
    shuffles: int = 5,
) -> Churn:
    """Return who is likely not to buy in the `weeks` after the period, and how surely.

    Habits are those of the period's length. Models are fitted on earlier days, calibrated on a
    later one (Platt), tested on the day `weeks` before the period's last; none of their weeks
    overlap. The model with the smaller Brier score in the test is used. Of more than `LEARNT_FROM`
    customers an even part of about as many is learnt from and tested on, with a list of that part
    of the budget; everybody is told of.

    `customers`: one row per customer who came in the period, most likely first: customer_id,
    last_day, away (days), visit_days, mean_gap (days), sales, usual_spend (in as many weeks),
    churn_share (the probability), at_stake (their product; money).
    `tested`: one row per method: auc_share with auc_low, auc_high (95 %, over customers),
    listed (how many: the budget, or all that a rule names), precision_share and
    recall_share (of `stayed_away`), same_size_share (precision of the model used on a list as
    long), lost_spend (usual spend of those on the list who stayed away), brier_share (each method
    calibrated alike).
    `reliable`: see `reliability`, of the model used. `drivers`: one row per habit: habit,
    meaning, auc_lost_share when it is shuffled among customers, the mean of `shuffles` (two or
    more) with its 95 % interval (auc_low, auc_high); none for 0 shuffles.

    Raises NotCovered where the data does not reach back for one day to learn from.
    """
    window = shop.window(period)
    days = _days(shop, window, weeks)
    some = shop.sample(LEARNT_FROM, seed)
    budget = max(1, budget // some.one_in)
    seen = visits(some, Period(days[-1] - dt.timedelta(days=window.days - 1), window.last))
    known = outcomes(seen, habits(seen, days[1:], window.days), window.last, weeks)
    stop_at_too_few(known, weeks)
    test = known.filter(pl.col("as_of") == days[1])
    earlier = [learnt(known, days[2:], name, weeks, seed) for name in METHODS if name != STAKE]
    tested = _tested(test, earlier, window, weeks, budget)
    best = _best(tested)
    used = next(method for method in earlier if method.name == best)
    now = habits(visits(shop, window), days[:1], window.days)
    final = learnt(known, days[1:], best, weeks, seed)
    happened = test["stayed_away"].to_numpy()
    return Churn(
        _customers(now, final.said(now), window, weeks),
        tested,
        judge.reliability(used.said(test), happened),
        _drivers(used, test, seed, shuffles),
    )


def say_churn(told: Churn, weeks: int) -> str:
    """Return the sentence that says how well the model used ranks, and against what."""
    rows = {row["method"]: row for row in told.tested.rows(named=True)}
    used, plain = rows[_best(told.tested)], rows[RECENCY]
    better = "not surely better"
    if used["auc_low"] > plain["auc_high"]:
        better = "surely better"
    elif used["auc_share"] <= plain["auc_share"]:
        better = "no better"
    return (
        f"{used['method']} ranks {better} than days since the last visit: of two customers, "
        f"one who stayed away {weeks} weeks and one who came, it had the right one on top "
        f"{100 * used['auc_share']:.0f} times in 100, the days {100 * plain['auc_share']:.0f}"
    )


def _best(tested: pl.DataFrame) -> str:
    models = tested.filter(pl.col("method").cast(pl.String).is_in(MODELS))
    return str(models.sort("brier_share", maintain_order=True)["method"][0])


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


def outcomes(seen: pl.DataFrame, known: pl.DataFrame, last: dt.date, weeks: int) -> pl.DataFrame:
    """Return rows of as_of and customer_id with stayed_away: 1 for no visit in the weeks after.

    `seen` are the visits up to the day `last`. Null where the weeks go beyond it.
    """
    ahead = dt.timedelta(weeks=weeks)
    came = [
        seen.lazy()
        .filter(pl.col("visit").is_between(day, day + ahead, closed="right"))
        .select(pl.lit(day).alias("as_of"), pl.col("customer_id").unique(), came=pl.lit(value=True))
        for day in known["as_of"].unique().sort()
    ]
    nobody = known.select("as_of", "customer_id", came=pl.lit(value=True)).clear()
    after = pl.concat([nobody, *pl.collect_all(came)])
    found = known.join(after, on=["as_of", "customer_id"], how="left", maintain_order="left")
    away = pl.when(pl.col("as_of") <= last - ahead).then(pl.col("came").is_null())
    return found.with_columns(stayed_away=away.cast(pl.Float64)).drop("came")


def _tested(
    test: pl.DataFrame, earlier: list[Learnt], window: Period, weeks: int, budget: int
) -> pl.DataFrame:
    happened = test["stayed_away"].to_numpy()
    said = {method.name: method.said(test) for method in earlier}
    used = min(MODELS, key=lambda name: judge.brier(said[name], happened))
    usual = test.select(_usual(window, weeks)).to_series().to_numpy()
    said[STAKE] = said[used] * usual
    ranks = said | {name: scored(None, name, test) for name in (RECENCY, GAPS, FIXED)}
    rows = []
    for name in METHODS:
        size = _size(test, name, budget)
        listed, alike = judge.listed(ranks[name], size), judge.listed(said[used], size)
        right = float(listed @ happened)
        precision = [float(on @ happened) / size if size else None for on in (listed, alike)]
        lost = round(float(listed @ (happened * usual)))
        error = None if name == STAKE else judge.brier(said[name], happened)
        ranked = judge.auc_interval(ranks[name], happened)
        told = (size, precision[0], right / happened.sum(), precision[1], lost, error)
        rows.append([name, *ranked, *told])
    return pl.DataFrame(rows, _TESTED, orient="row").with_columns(money("lost_spend"))


def _size(test: pl.DataFrame, name: str, budget: int) -> int:
    """Return how long a method's list is: what its rule names, or the budget."""
    if name in (GAPS, FIXED):
        return int(scored(None, name, test).sum())
    return min(budget, test.height)


_TESTED: dict[str, Any] = {
    "method": pl.Enum(list(METHODS)),
    "auc_share": pl.Float64,
    "auc_low": pl.Float64,
    "auc_high": pl.Float64,
    "listed": pl.Int64,
    "precision_share": pl.Float64,
    "recall_share": pl.Float64,
    "same_size_share": pl.Float64,
    "lost_spend": pl.Int64,
    "brier_share": pl.Float64,
}


def _usual(window: Period, weeks: int) -> pl.Expr:
    return (pl.col("sales") * (7 * weeks) / window.days).clip(0)


def _customers(now: pl.DataFrame, probability: Numbers, window: Period, weeks: int) -> pl.DataFrame:
    usual = _usual(window, weeks)
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


def _drivers(used: Learnt, test: pl.DataFrame, seed: int, shuffles: int) -> pl.DataFrame:
    columns = ["habit", "meaning", "auc_lost_share", "auc_low", "auc_high"]
    if not shuffles:
        return pl.DataFrame(schema=columns)
    happened = test["stayed_away"].to_numpy()
    whole = judge.auc(scored(used.score, used.name, test), happened)
    rows = []
    for place, name in enumerate(HABITS):
        drawn = np.random.default_rng([seed, place])
        shuffled = np.tile(test[name].to_numpy(), (shuffles, 1))
        drawn.permuted(shuffled, axis=1, out=shuffled)
        known = pl.concat([test] * shuffles).with_columns(pl.Series(name, shuffled.ravel()))
        scores = scored(used.score, used.name, known).reshape(shuffles, -1)
        lost = [whole - judge.auc(score, happened) for score in scores]
        mean, reach = float(np.mean(lost)), Z95 * float(np.std(lost, ddof=1)) / shuffles**0.5
        rows.append([name, HABITS[name], mean, mean - reach, mean + reach])
    return pl.DataFrame(rows, columns, orient="row").sort("auc_lost_share", descending=True)


def stop_at_too_few(known: pl.DataFrame, weeks: int) -> None:
    """Raise TooFew where hardly anybody stayed away, or came, on a day to learn from."""
    counted = (
        known.drop_nulls("stayed_away")
        .group_by("as_of")
        .agg(away=pl.col("stayed_away").sum(), came=(1 - pl.col("stayed_away")).sum())
    )
    least = counted.select(pl.min_horizontal(pl.col("away", "came").min())).item() or 0
    if least < _LEAST:
        raise TooFew(
            f"churn in {weeks} weeks cannot be learnt: on one of the days to learn from only "
            f"{least:.0f} customers stayed away, or came; at least {_LEAST} of each are wanted, so "
            "choose other weeks or a longer period"
        )
