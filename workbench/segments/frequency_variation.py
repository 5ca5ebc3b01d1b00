"""Frequency variation: who comes more often than in the period before, and who less.

Definition: visits in the period over visits in the equally long period before; Up above 1.2,
Down below 0.8, Stable between. Absence in one of the two is a state of its own, and a ratio
needs `min_visits` in the period before.
"""

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments import _variation
from workbench.segments._variation import say_rebound, say_states, states

__all__ = ["DEFINITION", "SEGMENTS", "label", "rebound", "say_rebound", "say_states", "states"]

SEGMENTS = _variation.SEGMENTS
DEFINITION = {
    "Figure": "visits: receipts on which something was bought; the windows are equally long, so "
    "that the ratio of visits is the ratio of frequencies",
    "Least visits": "fewer than the least number of visits in the period before: from one visit "
    "to two is no doubling",
    **_variation.DEFINITION,
}
PER_CUSTOMER = pl.col("visits") / pl.col("customers")


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    min_visits: int = 3,
    against_all: bool = False,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - the bands are fixed
) -> pl.DataFrame:
    """Return one row per customer who came in the period or in the one before.

    Columns: customer_id, segment, change (visits over visits before; null without a ratio),
    visits_before, visits, sales_before, sales (money). With `against_all` the change is divided
    by that of all. The bands are fixed: `cuts_from` changes nothing.
    """
    return _variation.compare(
        shop,
        period,
        ratio=pl.col("visits_now") / pl.col("visits_before"),
        enough=pl.col("visits_before") >= min_visits,
        against_all=against_all,
    )


def rebound(shop: Shop, period: str | Period | Latest, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return what customers labelled one period earlier did next, in visits per customer."""
    return _variation.rebound(shop, period, earlier, "visits", PER_CUSTOMER)
