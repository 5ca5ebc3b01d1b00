"""Forecasts of what each customer will spend: plain rates, their mean, and a model."""

import datetime as dt

import polars as pl

from workbench.data.period import Period
from workbench.segments import _btyd

LAST = "Last weeks"
LONG = "Long rate"
BOTH = "Mean of both"
MODEL = "BG/NBD and Gamma-Gamma"
METHODS = {
    LAST: "what the customer spent in the latest stretch as long as the one to predict",
    LONG: "what the customer spent per day in all days known, times the days to predict",
    BOTH: "the mean of the two above, which forgets neither habit nor change",
    MODEL: "visits expected by BG/NBD (Fader, Hardie, Lee 2005), which allows for customers who "
    "left for good, times the spend per visit expected by Gamma-Gamma; fitted here, visits on "
    "all customers, spend on those who came again; of more than 20,000 on an even part of them",
}
LEAST, LEARNT_FROM = 50, 20_000


def forecasts(days: pl.DataFrame, known: Period, ahead: int, *, only: str = "") -> pl.DataFrame:
    """Return one row per customer: customer_id and the cents predicted by each method.

    `days`: one row per customer and day (customer_id, day, receipts, sales in cents) within the
    period `known`; `ahead` is the number of days to predict. Nobody is predicted to spend less
    than nothing. With fewer than 50 customers who came again the model has too little to learn
    from, and says what the mean of both says; so it does where its arithmetic overflows.
    """
    recent = pl.col("day") > known.last - dt.timedelta(days=ahead)
    stretch = min(ahead, known.days)
    spent = days.group_by("customer_id").agg(
        last=pl.col("sales").filter(recent).sum() * (ahead / stretch),
        long=pl.col("sales").sum() * (ahead / known.days),
    )
    both = (pl.col("last") + pl.col("long")) / 2
    plain = spent.sort("customer_id").select(
        "customer_id",
        pl.col("last").clip(0).alias(LAST),
        pl.col("long").clip(0).alias(LONG),
        both.clip(0).alias(BOTH),
    )
    if only and only != MODEL:
        return plain
    modelled = _modelled(days, known, ahead)
    told = plain.join(modelled, on="customer_id", how="left", maintain_order="left")
    learnt = pl.col(MODEL).fill_null(0).fill_nan(pl.col(BOTH))
    return told.with_columns(learnt if _enough(days) else pl.col(BOTH).alias(MODEL))


def summary(days: pl.DataFrame, last: dt.date) -> pl.DataFrame:
    """Return one row per customer who bought: repeats, recency and age in weeks, spend in cents.

    Spend is the mean of the days after the first; null for who came once.
    """
    bought = days.filter(pl.col("receipts") > 0)
    first = pl.col("day").min()
    again = pl.col("sales").filter(pl.col("day") > first)
    return (
        bought.group_by("customer_id")
        .agg(
            repeats=(pl.len() - 1).cast(pl.Float64),
            recency=(pl.col("day").max() - first).dt.total_days() / 7,
            age=(pl.lit(last) - first).dt.total_days() / 7,
            spend=again.mean(),
        )
        .sort("customer_id")
    )


def _enough(days: pl.DataFrame) -> bool:
    visits = days.filter(pl.col("receipts") > 0).group_by("customer_id").len()
    return visits.filter(pl.col("len") > 1).height >= LEAST


def _modelled(days: pl.DataFrame, known: Period, ahead: int) -> pl.DataFrame:
    if not _enough(days):
        return pl.DataFrame(schema={"customer_id": pl.Int64, MODEL: pl.Float64})
    seen = summary(days, known.last)
    repeats, recency, age = (seen[name].to_numpy() for name in ("repeats", "recency", "age"))
    some = seen.gather_every(max(1, -(-seen.height // LEARNT_FROM)))
    visits = _btyd.fit_visits(*(some[name].to_numpy() for name in ("repeats", "recency", "age")))
    expected = _btyd.expected_visits(visits, repeats, recency, age, ahead / 7)
    positive = some.filter(pl.col("spend") > 0)
    spend = _btyd.fit_spend(positive["repeats"].to_numpy(), positive["spend"].to_numpy())
    own = seen["spend"].fill_null(0).clip(0).to_numpy()
    each = _btyd.expected_spend(spend, repeats, own)
    return seen.select("customer_id", pl.Series(MODEL, expected * each).clip(0).alias(MODEL))
