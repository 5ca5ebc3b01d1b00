"""Shopping frequency: customers by their visits per four weeks.

Definition: rate = visits / days exposed x 28. A customer seen before the period is exposed for
all of it; one first seen inside it from that day on, and for four weeks at the least, so that a
single visit on the last day is not four weeks' habit. The band is the rate rounded down.
"""

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import in_order, ordered

SEGMENTS = {
    "5+ visits": "five visits or more per four weeks",
    "4 visits": "four, and fewer than five, per four weeks",
    "3 visits": "three, and fewer than four, per four weeks",
    "2 visits": "two, and fewer than three, per four weeks",
    "1 visit": "one, and fewer than two, per four weeks",
    "Under 1 visit": "fewer than one visit per four weeks",
}
COUNTED = {
    "receipts": "every receipt on which something was bought",
    "days": "every day with such a receipt, however many there were",
}
DEFINITION = {
    "Visits": "receipts in the period on which something was bought, or the days with one, as "
    "chosen; a return is no visit. Receipts give more visits than days: say which you quote",
    "Weeks exposed": "the whole period for who was seen before it; for who was first seen inside "
    "it, from that day to the last, and no less than four weeks (or the period, if shorter)",
    "Rate": "visits / days exposed x 28, over the receipts of one card; a household with two cards "
    "counts as two customers",
    "Bands": "the rate rounded down: 4 visits is from four to under five",
    "Trap": "the clock of a newcomer starts with a visit, which makes their rate look a little "
    "higher; a period that starts with the data makes everybody a newcomer",
    "Movement": "the bands are fixed, so that a customer moves only by coming more or less often",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}
_LEAST, _TOP = 28, 5


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    counted: str = "receipts",
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - the bands are fixed
) -> pl.DataFrame:
    """Return one row per customer who came in the period, with its band.

    Columns: customer_id, segment, visits (as counted), days_exposed, rate (visits per four
    weeks), receipts, days (with a visit), sales (money). The bands are fixed: `cuts_from`
    changes nothing. Raises ValueError for a `counted` that is not in `COUNTED`.
    """
    if counted not in COUNTED:
        raise ValueError(f"visits cannot be counted by {counted!r}; allowed: {', '.join(COUNTED)}")
    window = shop.window(period)
    exposed = (pl.lit(window.last) - pl.col("first_day")).dt.total_days() + 1
    fewest = min(_LEAST, window.days)
    names = dict(enumerate(reversed(SEGMENTS)))
    return (
        _days(shop, window)
        .with_columns(visits=pl.col(counted), days_exposed=exposed.clip(fewest, window.days))
        .with_columns(rate=pl.col("visits") * 28 / pl.col("days_exposed"))
        .with_columns(band=(pl.col("visits") * 28 // pl.col("days_exposed")).clip(0, _TOP))
        .select(
            "customer_id",
            pl.col("band").replace_strict(names, return_dtype=ordered(SEGMENTS)).alias("segment"),
            *("visits", "days_exposed", "rate", "receipts", "days"),
            money("sales"),
        )
    )


def rates(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per band: how often its customers come, counted both ways.

    Columns: segment, customers, weeks_exposed (mean), receipts_per_four_weeks and
    days_per_four_weeks (ratios of sums); null in an empty band.
    """
    exposed = pl.col("days_exposed")
    found = labels.group_by("segment").agg(
        customers=pl.len().cast(pl.Int64),
        weeks_exposed=exposed.mean() / 7,
        receipts_per_four_weeks=pl.col("receipts").sum() * 28 / exposed.sum(),
        days_per_four_weeks=pl.col("days").sum() * 28 / exposed.sum(),
    )
    return in_order(found, SEGMENTS).with_columns(pl.col("customers").fill_null(0))


def say_counts(labels: pl.DataFrame) -> str:
    """Return the sentence that tells visits counted by receipts from visits counted by days."""
    if labels.is_empty():
        return "Nobody came in this period."
    receipts, days = (labels[name].sum() / labels.height for name in ("receipts", "days"))
    return (
        f"A customer has {receipts:.1f} receipts on {days:.1f} different days on average: "
        "which of the two is called a visit changes every rate."
    )


def _days(shop: Shop, window: Period) -> pl.DataFrame:
    known = shop.during(Period(shop.first_day, window.last))
    return pl.concat(_days_of(part, window) for part in known.parts())


def _days_of(part: Shop, window: Period) -> pl.DataFrame:
    inside = nw.col("day") >= window.first
    each_day = (
        part.receipts.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id", "day")
        .agg(
            receipts=total("new_basket"),
            sales=total("sales"),
        )
    )
    came = inside & (nw.col("receipts") > 0)
    question = each_day.group_by("customer_id").agg(
        first_day=nw.when(nw.col("receipts") > 0).then(nw.col("day")).min(),
        receipts=nw.when(inside).then(nw.col("receipts")).otherwise(0).sum(),
        days=nw.when(came).then(nw.lit(1)).otherwise(0).sum(),
        sales=nw.when(inside).then(nw.col("sales")).otherwise(0).sum(),
    )
    return fetch(question, by=["customer_id"]).filter(pl.col("days") > 0)
