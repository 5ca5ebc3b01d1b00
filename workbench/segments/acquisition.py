"""Acquisition: customers by how long ago they were first seen.

Definition: weeks from the day of the first visit in the data to the period's last day. Whoever
was first seen in the first `start_weeks` of the data was there when it began: when they joined is
not known, and they are apart from those whose first visit really was observed.
"""

import datetime as dt

import polars as pl

from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import ordered
from workbench.segments._visits import seen

SEGMENTS = {
    "There from the start": "first seen when the data begins: joined before, nobody knows when",
    "Over a year": "first seen more than 52 weeks before the period's last day",
    "Up to a year": "first seen 27 to 52 weeks before it",
    "Up to half a year": "first seen 14 to 26 weeks before it",
    "Up to a quarter": "first seen in its last 13 weeks",
}
DEFINITION = {
    "First seen": "the day of the first receipt with the card on which something was bought, in "
    "the whole data up to the period's last day",
    "Who was there from the start": "first seen in the first weeks of the data. The till knew them "
    "before the data did, so that their first visit is not when they joined (left truncation)",
    "Age": "weeks from the day first seen to the last day of the period, both counted",
    "Retention": "of the customers first seen in a month, the share who came in a later month, "
    "whatever they did between; a month that is not over, or not in the data, is left empty and "
    "is not zero",
    "Movement": "cohorts only age, so a migration between them would say nothing; what moves is "
    "how many of a cohort still come, which is the retention",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}
_WEEKS = {"Up to a quarter": 13, "Up to half a year": 26, "Up to a year": 52}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    start_weeks: int = 13,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - ages are fixed
) -> pl.DataFrame:
    """Return one row per customer who came in the period, with its cohort.

    Columns: customer_id, segment, first_day (of a visit in the data), age_days, visits, sales
    (money). Ages are fixed: `cuts_from` changes nothing.
    """
    window = shop.window(period)
    settled = shop.first_day + dt.timedelta(weeks=start_weeks)
    age = (pl.lit(window.last) - pl.col("first_day")).dt.total_days() + 1
    cohort = pl.lit("Over a year")
    for name, weeks in reversed(_WEEKS.items()):
        cohort = pl.when(age <= 7 * weeks).then(pl.lit(name)).otherwise(cohort)
    there = pl.when(pl.col("first_day") < settled).then(pl.lit("There from the start"))
    segment = there.otherwise(cohort).cast(ordered(SEGMENTS))
    came = seen(shop, now=window).filter(pl.col("visits_now") > 0)
    return came.with_columns(segment=segment, age_days=age).select(
        "customer_id",
        "segment",
        "first_day",
        "age_days",
        pl.col("visits_now").alias("visits"),
        money("sales_now").alias("sales"),
    )
