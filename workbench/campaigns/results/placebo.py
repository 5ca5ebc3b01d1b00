"""Placebos: what the same method finds for the same customers where there was no campaign."""

from collections.abc import Iterable, Sequence

import polars as pl

from workbench.campaigns.results.estimators import SURE_TO_SEE
from workbench.campaigns.results.uplift import MATCHED, Study, finished

UNTOLD = "cannot be told: no placebo window"
NO_DIFFERENCE = "not distinguishable from placebo"
NO_EFFECT = "no effect seen"
MORE, LESS = "more than without it", "less than without it"
VERDICTS = {
    MORE: "the interval lies above 0 and, where there was no lot, above every placebo too",
    LESS: "the interval lies below 0 and, where there was no lot, below every placebo too",
    NO_EFFECT: "drawn by lot, and the interval holds 0",
    NO_DIFFERENCE: "not by lot, and the interval reaches 0 or what a placebo showed",
    UNTOLD: "not by lot, and the data has no earlier window to try the method on",
}


def placebo(study: Study, outcome: str = "sales") -> pl.DataFrame:
    """Return one row per offer and window: the campaign first, then its placebos, latest first.

    A placebo is as long as the campaign, ends before it, and has a window before it to learn
    from. Columns: offer, window (its name), placebo (whether it is one), starts, ends and those
    of `uplift`. The customers may have had other campaigns then. Where they were chosen for what
    they bought in such a window, it shows more than the method's own error: what placebos span
    is then wider than it need be.
    """
    rows = [
        {
            "offer": offer,
            "window": f"{'Placebo' if place else 'Campaign'}, from {span.first:%d %b}",
            "placebo": place > 0,
            "starts": span.first,
            "ends": span.last,
            **study.look(offer, place).row(outcome),
        }
        for offer in study.offers
        for place, span in enumerate(study.spans[:-1])
    ]
    return finished(rows).filter(pl.col("uplift").is_not_null() | ~pl.col("placebo"))


def judged(study: Study, outcomes: Iterable[str]) -> pl.DataFrame:
    """Return one row per offer and outcome: the figure to rest on, its placebos and the verdict.

    Columns: offer, outcome, those of `uplift`, placebos (how many windows) and placebos_found (of
    them, those whose interval leaves out 0), placebo_low and placebo_high (the lowest and highest
    figure found in them), placebo_mean and placebo_spread (standard deviation, at least their own
    standard error; all null without any), verdict (see `VERDICTS`).
    """
    return pl.concat(_judged(study, outcome) for outcome in outcomes)


def _judged(study: Study, outcome: str) -> pl.DataFrame:
    windows = placebo(study, outcome)
    out = (pl.col("low") > 0) | (pl.col("high") < 0)
    error = (pl.col("smallest") / SURE_TO_SEE).mean()
    tried = (
        windows.filter("placebo")
        .group_by("offer", maintain_order=True)
        .agg(
            found=pl.col("uplift"),
            placebos=pl.len().cast(pl.Int64),
            placebos_found=out.sum().cast(pl.Int64),
            placebo_low=pl.col("uplift").min(),
            placebo_high=pl.col("uplift").max(),
            placebo_mean=pl.col("uplift").mean(),
            placebo_spread=pl.max_horizontal(pl.col("uplift").std(), error),
        )
    )
    campaign = windows.filter(~pl.col("placebo")).drop("window", "placebo", "starts", "ends")
    told = campaign.join(tried, on="offer", how="left", maintain_order="left")
    ends = told.select("low", "high", "found").rows()
    said = [verdict(study.design, low, high, found or []) for low, high, found in ends]
    return told.select(
        "offer",
        pl.lit(outcome).alias("outcome"),
        pl.exclude("offer", "found", "placebos", "placebos_found"),
        pl.col("placebos", "placebos_found").fill_null(0),
        verdict=pl.Series(said, dtype=pl.String),
    )


def verdict(design: str, low: float | None, high: float | None, found: Sequence[float]) -> str:
    """Return in words whether an effect can be told from none, by its interval and the placebos.

    >>> verdict("matched", 5.0, 20.0, [3.0, -2.0]), verdict("matched", 5.0, 20.0, [8.0])
    ('more than without it', 'not distinguishable from placebo')
    """
    if low is None or high is None or (design == MATCHED and not found):
        return UNTOLD
    against = [0.0, *(found if design == MATCHED else [])]
    if low > max(against):
        return MORE
    if high < min(against):
        return LESS
    return NO_DIFFERENCE if design == MATCHED else NO_EFFECT
