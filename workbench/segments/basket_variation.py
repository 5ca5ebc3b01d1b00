"""Basket variation: who buys more per visit than in the period before, and who less.

Definition: average basket (net sales over visits) in the period over that in the equally long
period before; Up above 1.2, Down below 0.8, Stable between. Absence in one of the two is a
state of its own, and an average needs `min_visits` in both.
"""

import polars as pl

from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments import _variation
from workbench.segments._variation import say_rebound, say_states, states

__all__ = ["DEFINITION", "SEGMENTS", "label", "rebound", "say_rebound", "say_states", "states"]

SEGMENTS = _variation.SEGMENTS
DEFINITION = {
    "Figure": "average basket: net sales over visits. A group's is the ratio of its sums, not "
    "the mean of its customers' ratios",
    "Least visits": "fewer than the least number of visits in either period, or nothing spent "
    "in the one before: the average of one basket says little about the next",
    **_variation.DEFINITION,
}
PER_VISIT = pl.when(pl.col("visits") > 0).then(pl.col("sales") / pl.col("visits") / CENTS_PER_UNIT)


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    min_visits: int = 3,
    against_all: bool = False,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - the bands are fixed
) -> pl.DataFrame:
    """Return one row per customer who came in the period or in the one before.

    Columns: customer_id, segment, change (average basket over the one before; null without a
    ratio), visits_before, visits, sales_before, sales (money). With `against_all` the change is
    divided by that of all. The bands are fixed: `cuts_from` changes nothing.
    """
    visits = pl.min_horizontal("visits_before", "visits_now")
    before = pl.col("sales_before") * pl.col("visits_now")
    return _variation.compare(
        shop,
        period,
        ratio=pl.col("sales_now") * pl.col("visits_before") / before,
        enough=(visits >= min_visits) & (pl.col("sales_before") > 0),
        against_all=against_all,
    )


def rebound(shop: Shop, period: str | Period | Latest, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return what customers labelled one period earlier did next, in money per visit."""
    return _variation.rebound(shop, period, earlier, "basket_value", PER_VISIT)
