"""How far a forecast can be trusted: the last weeks held out, beside the plainest guesses."""

import datetime as dt
from typing import Any, NamedTuple

import polars as pl

from workbench.campaigns.forecasts import methods as methods
from workbench.campaigns.forecasts.forecast import Forecaster

BEST = 1500
GROUPS = (f"The {BEST:,} best sellers", "All other regular products")
SIZES = ("Small", "Middle", "Large")
HEADINGS = {
    "product_weeks": "Product weeks",
    "wape_share": "Average miss",
    "bias_share": "Bias",
    "better_share": "Below best plain guess",
    "covered_share": "Inside the interval",
    "group": "Products",
    "size": "Forecast",
    "units": "Sold on average",
}
DEFINITION = {
    **methods.METHODS,
    "Two weeks ahead": "a week's forecast knows the sales up to two weeks before it, and the "
    "discounts, displays and leaflets that are planned",
    "Regular products": "merchandise sold in at least half of the last 26 weeks",
    "Discount": "of the shelf price; in a week without a sale, that of the week before it",
    "Display, leaflet": "shown in at least a quarter of the stores of the promotions table",
    "Interval": "90 %, conformal: how far sales were from the forecast in 8 weeks that were not "
    "learnt from, by size of the forecast: small, middle and large are thirds of those weeks",
    "Average miss": "the sum of misses, whatever their direction, over units sold (WAPE)",
    "Bias": "forecast units over units sold, less 1",
    "The test": "the last 8 weeks were held out from learning and intervals. It is told the "
    "discounts and displays that took place, as a planner knows them",
    "What it does not say": "promotions were not drawn by lot, so that a factor is what went with "
    "a discount or display, not surely what it caused",
}


class Backtest(NamedTuple):
    """What `forecast_test` returns: two frames, each described there."""

    methods: pl.DataFrame
    sizes: pl.DataFrame


def forecast_test(forecaster: Forecaster, *, weeks: int = 8) -> Backtest:
    """Return how the last weeks known would have been forecast from the weeks before them.

    `methods`: one row per group of products and method: group, method, product_weeks, wape_share
    (of the units sold), bias_share, better_share (how much less was missed than by the best
    plain guess). `sizes`: one row per size of the forecast: size, product_weeks,
    units (the mean sold), covered_share (within the 90 % interval). Best sellers are those by
    sales up to the weeks held out. Raises ValueError for too few weeks to learn from.
    """
    until = forecaster.until - dt.timedelta(weeks=weeks)
    known, held = (forecaster.rows.filter(where) for where in _split(until))
    said = methods.fit(known, forecaster.seed).said(held)
    top = known.group_by("product_id").agg(pl.col("sales").sum())
    top = top.sort("sales", "product_id", descending=[True, False]).head(BEST)
    best = pl.col("product_id").is_in(top["product_id"].implode())
    kinds = pl.Enum(GROUPS)
    group = pl.when(best).then(pl.lit(GROUPS[0], kinds)).otherwise(pl.lit(GROUPS[1], kinds))
    guesses = {name: pl.col(column) for name, column in methods.NAIVE.items()}
    named = {methods.BOOSTED: pl.col("said"), methods.FORMULA: pl.col("formula"), **guesses}
    both = pl.concat([held, said.rename({"units": "said"})], how="horizontal")
    told = both.select("units", "units_low", "units_high", "third", group=group, **named)
    return Backtest(_methods(told), _sizes(told))


def say_tested(tested: Backtest) -> str:
    """Return the sentence that says how well the best sellers would have been forecast."""
    rows = tested.methods.filter(pl.col("group").cast(pl.String) == GROUPS[0])
    used = rows.row(0, named=True)
    plain = rows.filter(pl.col("method").cast(pl.String).is_in(list(methods.NAIVE)))
    least = plain.sort("wape_share", maintain_order=True).row(0, named=True)
    covered = tested.sizes.select((pl.col("covered_share") * pl.col("product_weeks")).sum()).item()
    inside = covered / tested.sizes["product_weeks"].sum()
    return (
        f"Held-out weeks of the best sellers were missed by {used['wape_share']:.0%} of the units "
        f"sold, and by {least['wape_share']:.0%} with the best plain guess, the "
        f"{str(least['method']).lower()}; {inside:.0%} of all weeks fell inside their 90% interval"
    )


def _split(until: dt.date) -> tuple[pl.Expr, pl.Expr]:
    return pl.col("week") <= until, pl.col("week") > until


def _methods(told: pl.DataFrame) -> pl.DataFrame:
    order = pl.Enum(list(methods.METHODS))
    long = told.unpivot(
        list(methods.METHODS), index=["group", "units"], variable_name="method", value_name="said"
    ).with_columns(pl.col("method").cast(order))
    units, said = pl.col("units").sum(), pl.col("said")
    found = long.group_by("group", "method", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("product_weeks"),
        wape_share=(said - pl.col("units")).abs().sum() / units,
        bias_share=said.sum() / units - 1,
    )
    plain = pl.col("method").cast(pl.String).is_in(list(methods.NAIVE))
    least = pl.col("wape_share").filter(plain).min().over("group")
    better = 1 - pl.col("wape_share") / least
    return found.with_columns(better_share=better).sort("group", "method")


def _sizes(told: pl.DataFrame) -> pl.DataFrame:
    names: dict[Any, str] = dict(enumerate(SIZES))
    inside = pl.col("units").is_between("units_low", "units_high")
    return (
        told.group_by(
            pl.col("third").replace_strict(names, return_dtype=pl.Enum(SIZES)).alias("size"),
            maintain_order=True,
        )
        .agg(
            pl.len().cast(pl.Int64).alias("product_weeks"),
            pl.col("units").mean(),
            covered_share=inside.mean(),
        )
        .sort("size")
    )
