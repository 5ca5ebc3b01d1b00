"""Lifecycle: who is new, who is active, who is slipping away and who has gone.

Definition, as of the period's last day: Gone is who was seen before and did not come in the
period at all; of those who came, Newcomers made their first visit in the last `new_weeks`,
Lapsing have not come for more than `lapsing_weeks`, and the others are Active. Everybody ever
seen is labelled, so Gone are customers without sales.
"""

import datetime as dt

import polars as pl

from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.segments._labels import in_order, ordered
from workbench.segments._visits import days_known, seen

SEGMENTS = {
    "Active": "known for longer, and came in the last weeks of the period",
    "Newcomers": "made their first visit in the last weeks of the period",
    "Lapsing": "came in the period, but not in its last weeks",
    "Gone": "came before the period, and not once in it",
}
DEFINITION = {
    "As of": "the last day of the period; later visits are not known yet",
    "Who is new": "first visit in the data at most the chosen number of weeks ago (8: a common "
    "rule). New in the data is not always new to the shop: the weeks of data before must be "
    "enough to have seen a returning customer, or the question is refused",
    "Who is active, who lapses": "last visit within the chosen number of weeks, or longer ago but "
    "inside the period (4: one trip in four weeks is a common mark of an active customer)",
    "Who has gone": "no visit in the period, so that its length is the patience: a longer "
    "period calls fewer customers gone",
    "Trap": "one patience for all: for who comes twice a week four weeks are long, for who comes "
    "every two months they are nothing; a customer's own rhythm tells more",
    "Visit": "a receipt on which something was bought; a return is no visit",
    "Movement": "all marks are fixed, so that a customer moves only by coming or staying away",
    "Whom it leaves out": "receipts without a card",
}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    new_weeks: int = 8,
    lapsing_weeks: int = 4,
    look_back: int = 26,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - the marks are fixed
) -> pl.DataFrame:
    """Return one row per customer seen up to the period's last day, with its stage.

    Columns: customer_id, segment, first_day and days_since (of the first and since the last
    visit, whenever it was), visits and sales (money) in the period. The marks are fixed:
    `cuts_from` changes nothing.

    Raises NotCovered where there are fewer than `look_back` weeks of data before the weeks of
    the newcomers, since all of its customers would look new.
    """
    window = shop.window(period)
    newest = window.last - dt.timedelta(weeks=new_weeks)
    _refuse_without_look_back(shop, window, newest, look_back)
    since = (pl.lit(window.last) - pl.col("last_day")).dt.total_days()
    stage = (
        pl.when(pl.col("last_day") < window.first)
        .then(pl.lit("Gone"))
        .when(pl.col("first_day") > newest)
        .then(pl.lit("Newcomers"))
        .when(since > 7 * lapsing_weeks)
        .then(pl.lit("Lapsing"))
        .otherwise(pl.lit("Active"))
    )
    known = seen(shop, now=window).rename({"visits_now": "visits", "sales_now": "sales"})
    return known.with_columns(segment=stage.cast(ordered(SEGMENTS)), days_since=since).select(
        "customer_id", "segment", "first_day", "days_since", "visits", money("sales")
    )


def stages(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per stage: all its customers, also those who did not come in the period.

    Columns: segment, customers, customers_share (of all ever seen), days_since_last_visit and
    visits_in_the_period (medians; null in an empty stage).
    """
    found = labels.group_by("segment").agg(
        customers=pl.len().cast(pl.Int64),
        customers_share=pl.len() / labels.height,
        days_since_last_visit=pl.col("days_since").median(),
        visits_in_the_period=pl.col("visits").median(),
    )
    return in_order(found, SEGMENTS).with_columns(
        pl.col("customers", "customers_share").fill_null(0)
    )


def say_stages(labels: pl.DataFrame) -> str:
    """Return the sentence that says how many of all customers ever seen have gone or slip away."""
    count = dict(stages(labels).select("segment", "customers").rows())
    return (
        f"Of {labels.height:,} customers ever seen, {count['Gone']:,} have gone and "
        f"{count['Lapsing']:,} are slipping away"
    )


def _refuse_without_look_back(shop: Shop, window: Period, newest: dt.date, weeks: int) -> None:
    known = (days_known(shop, newest) + 1) // 7
    if known < weeks:
        raise NotCovered(
            f"who is new by {window.last} cannot be told: before the newcomers' weeks there are "
            f"only {max(known, 0)} weeks of data, and {weeks} are wanted; choose a later or a "
            "shorter period, or a smaller look_back"
        )
