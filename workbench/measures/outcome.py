"""What an objective is about: the figure of each customer that a segmentation should tell apart.

Labels come from the period before, outcomes from the period, so that nobody was labelled by
what is to be foreseen.
"""

import polars as pl

from workbench.data.activity import activity, shoppers
from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.conversion import addressed

OBJECTIVES = {
    "value": "what customers of the period before spend in the period",
    "retention": "whether customers of the period before come again in the period",
    "acquisition": "whether customers first seen in the period before come again in the period",
    "campaign response": "whether customers addressed by the period's campaigns redeem a coupon",
}
LOOK_BACK = 13


def outcome(shop: Shop, period: str | Period | Latest, objective: str) -> pl.DataFrame:
    """Return one row per customer whom the objective is about: customer_id, outcome.

    The outcome is an amount of money for value, and 1 or 0 for what happens or not. Newcomers
    are told from others by the `LOOK_BACK` weeks before the period before, at the least. Raises
    ValueError for another objective and NotCovered where the data does not reach back that far.
    """
    if objective not in OBJECTIVES:
        raise ValueError(f"no objective {objective!r}; there are: {', '.join(OBJECTIVES)}")
    window = shop.window(period)
    if objective == "campaign response":
        found = addressed(shop, window).select("customer_id", outcome="redeemed")
    else:
        found = _later(shop, window, value=objective == "value")
    if objective == "acquisition":
        found = found.join(_known_before(shop, window), on="customer_id", how="anti")
    return found.cast({"outcome": pl.Float64}).sort("customer_id")


def _later(shop: Shop, window: Period, *, value: bool) -> pl.DataFrame:
    earlier = shoppers(shop, window.before())
    later = activity(shop, window).select("customer_id", "baskets", "sales")
    spent, came = pl.col("sales") / CENTS_PER_UNIT, pl.col("baskets") > 0
    figure = (spent if value else came.cast(pl.Float64)).fill_null(0.0)
    return (
        earlier.select("customer_id")
        .join(later, on="customer_id", how="left", validate="1:1")
        .select("customer_id", outcome=figure)
    )


def _known_before(shop: Shop, window: Period) -> pl.DataFrame:
    began = window.before().first
    weeks = (began - shop.first_day).days // 7
    if weeks < LOOK_BACK:
        raise NotCovered(
            f"who is new on {began} cannot be told: there are only {weeks} weeks of data before, "
            f"and {LOOK_BACK} are wanted; choose a later or a shorter period"
        )
    known = Period(shop.first_day, window.before().before().last)
    return shoppers(shop, known).select("customer_id")
