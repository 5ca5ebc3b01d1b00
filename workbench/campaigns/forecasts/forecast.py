"""Forecast: what a product will sell in a week, at a discount, on display, in the leaflet.

Learnt across products on the weeks known, two weeks ahead. Discounts and displays were not
drawn by lot: what a forecast says of them is what went with them so far.
"""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.campaigns.forecasts import methods as methods
from workbench.campaigns.forecasts.weeks import cost_rates, product_weeks, whole_weeks
from workbench.data.engine import fetch, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z90

RARE = "Sold in fewer than half of the last 26 weeks known: too rarely for a forecast"
_OFFER = pl.Schema(
    {
        "product_id": pl.Int64,
        "week": pl.Date,
        "discount_share": pl.Float64,
        "display": pl.Boolean,
        "mailer": pl.Boolean,
    }
)


class Forecaster(NamedTuple):
    """What was learnt: the models, the state of each product, and the weeks learnt from."""

    fitted: methods.Fitted
    states: pl.DataFrame
    rows: pl.DataFrame
    until: dt.date
    seed: int


def learn_forecast(shop: Shop, *, until: dt.date | None = None, seed: int = 0) -> Forecaster:
    """Return what the weeks up to a day, by default the last, teach about promotions.

    Raises ValueError where there is too little to learn from.
    """
    window = Period(shop.first_day, until or shop.last_day)
    panel = product_weeks(shop, window, least=methods.RECENT // 2)
    known = methods.states(panel)
    last = whole_weeks(window)[-1]
    latest, costs = known.filter(pl.col("as_of") == last), cost_rates(shop)
    now = latest.join(costs, on="product_id", how="left", maintain_order="left")
    rows = methods.targets(panel, known)
    return Forecaster(methods.fit(rows, seed), now, rows, last, seed)


def next_week(forecaster: Forecaster, ahead: int = methods.AHEAD) -> dt.date:
    """Return the Monday of a week to come: by default the one forecasts are made for."""
    return forecaster.until + dt.timedelta(weeks=ahead)


def forecast(forecaster: Forecaster, offers: pl.DataFrame) -> pl.DataFrame:
    """Return one row per offer, in the order given: what it will sell.

    `offers`: product_id, week (a Monday after the weeks known), discount_share (of the shelf
    price, 0 to 0.9), display and mailer (bools); further columns are kept. Added: base_units
    (what the week would sell at the shelf price, not shown), units with units_low and units_high
    (the 90 % interval), sales and margin (money; margin is null without costs), explanation in
    words. A product that is sold too rarely has nulls, and the explanation says so. Raises
    ValueError for another week or discount.
    """
    asked = _checked(forecaster, offers)
    known = forecaster.states.filter("regular").drop("category_id", "as_of")
    clash = [name for name in known.columns if name in asked.columns and name != "product_id"]
    rows = asked.join(known.drop(clash), on="product_id", how="inner", maintain_order="left")
    plain = rows.with_columns(discount_share=pl.lit(0.0), display=False, mailer=False)
    base, said = forecaster.fitted.said(plain), forecaster.fitted.said(rows)
    price = pl.col("shelf") * (1 - pl.col("discount_share"))
    told = pl.concat([rows, said], how="horizontal").with_columns(
        base_units=base["units"],
        formula_base=base["formula"],
        sales=(pl.col("units") * price).round().cast(pl.Int64),
        margin=(pl.col("units") * (price - pl.col("shelf") * pl.col("cost_rate"))).round(),
    )
    told = told.with_columns(
        _explained(told, forecaster.fitted.factors()), pl.col("margin").cast(pl.Int64)
    )
    added = ["base_units", "units", "units_low", "units_high", "sales", "margin", "explanation"]
    whole = asked.join(told.select("place", *added), on="place", how="left", maintain_order="left")
    filled = whole.with_columns(pl.col("explanation").fill_null(RARE), money("sales", "margin"))
    return filled.drop("place")


def forecast_for(
    forecasts: pl.DataFrame, shop: Shop, period: str | Period | Latest, customers: pl.DataFrame
) -> pl.DataFrame:
    """Return forecasts narrowed to some customers: one row per forecast, the same columns.

    Units, sales and margin are the forecast's times share_of_units: the customers' part of the
    units of the product sold in the period (added; null where none was sold). The interval
    allows for the chance of who comes as well.
    """
    part = _parts(shop, period, customers, forecasts["product_id"].unique().sort().to_list())
    rows = forecasts.join(part, on="product_id", how="left", maintain_order="left")
    share, units = pl.col("share_of_units"), pl.col("units")
    chance = Z90**2 * units * share * (1 - share)
    low, high = (
        (((pl.col(end) - units) * share) ** 2 + chance).sqrt()
        for end in ("units_low", "units_high")
    )
    amounts = pl.col("sales", "margin").cast(pl.Float64) * share
    return rows.with_columns(
        *(pl.col(name) * share for name in ("base_units", "units")),
        units_low=(units * share - low).clip(0),
        units_high=units * share + high,
    ).with_columns(amounts.round(2).cast(pl.Decimal(38, 2)))


def _parts(
    shop: Shop, period: str | Period | Latest, customers: pl.DataFrame, products: list[int]
) -> pl.DataFrame:
    question = (
        only(shop.during(period).lines, "product_id", products)
        .filter(nw.col("quantity") > 0)
        .group_by("product_id", "customer_id")
        .agg(quantity=total("quantity"))
    )
    sold = fetch(question, by=["product_id", "customer_id"])
    theirs = pl.col("customer_id").is_in(customers["customer_id"].cast(pl.Int64).implode())
    return sold.group_by("product_id").agg(
        share_of_units=pl.col("quantity").filter(theirs).sum() / pl.col("quantity").sum()
    )


def _checked(forecaster: Forecaster, offers: pl.DataFrame) -> pl.DataFrame:
    asked = offers.cast(_OFFER).with_row_index("place")
    wrong = asked.filter(
        (pl.col("week") <= forecaster.until)
        | (pl.col("week").dt.weekday() != 1)
        | ~pl.col("discount_share").is_between(0, 0.9)
    )
    if not wrong.is_empty():
        row = wrong.row(0, named=True)
        raise ValueError(
            f"an offer in the week of {row['week']} at a discount of {row['discount_share']} "
            f"cannot be forecast; allowed: Mondays after {forecaster.until}, discounts of 0 to 0.9"
        )
    return asked


def _explained(rows: pl.DataFrame, factors: dict[str, float]) -> pl.Series:
    return pl.Series(
        "explanation", [_said(row, factors) for row in rows.rows(named=True)], pl.String
    )


def _said(row: dict[str, Any], factors: dict[str, float]) -> str:
    off = row["discount_share"]
    parts = {
        f"{off:.0%} off": (1 - off) ** -factors["discount_share"] if off else 0.0,
        "the display": np.exp(factors["display"]) * row["display"],
        "the leaflet": np.exp(factors["mailer"]) * row["mailer"],
    }
    times = [f"x {factor:.2f} for {name}" for name, factor in parts.items() if factor]
    first = f"{row['formula_base']:.1f} without promotion"
    if not times:
        return f"The plain formula expects {first}"
    return f"The plain formula expects {first}, {', '.join(times)}: {row['formula']:.1f}"
