"""RFM: who came lately (recency), how often (frequency), and for how much (monetary value).

Definition: recency is days from the analysis date, the period's last day, to the customer's
last visit; frequency is receipts with a purchase; monetary value is net sales in the period.
Each is scored from 1 to `bands`, best last, at value-based quantiles (equal values, equal
scores), each on its own. Segments are named regions of recency and frequency that partition
the grid; monetary value is shown but names nothing, since it mostly repeats frequency.
"""

from collections.abc import Mapping

import polars as pl

from workbench.data.activity import activity
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import cut_points, ordered, score

SEGMENTS = {
    "Champions": "came lately and come often",
    "Loyal": "come often, though not in the very last days",
    "Promising": "came lately and come fairly often",
    "Occasional": "come rarely, but have not stayed away",
    "Needs attention": "middling in both: neither lately nor often",
    "At risk": "used to come often or fairly often, and have not come lately",
    "Asleep": "came rarely, and not lately",
}
DEFINITION = {
    "Recency": "days from the last day of the period to the customer's last visit in it",
    "Frequency": "receipts in the period on which something was bought; a return is no visit",
    "Monetary value": "net sales in the period, returns taken off; shown, but names no segment",
    "Scores": "1 to the number of bands, highest best; cut by value, so equal values always get "
    "equal scores and the bands are not forced to equal size",
    "Segments": "regions of recency and frequency; of five scores 4 and 5 are high, 1 and 2 low "
    "(from 70 % of the scale on, and up to 40 %)",
    "Movement": "the period before is scored first and its cut points are kept, so that a "
    "customer moves only by behaving differently",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}

_SCORED = {"recency": "recency_score", "visits": "frequency_score", "sales": "monetary_score"}
_LOW, _HIGH = 0.4, 0.7
_REGIONS = (
    ("Asleep", "At risk", "At risk"),
    ("Occasional", "Needs attention", "Loyal"),
    ("Occasional", "Promising", "Champions"),
)


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    bands: int = 5,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer who bought in the period, with its segment.

    Columns: customer_id, segment, recency_days, visits, sales (money), and the three scores.
    With `cuts_from`, scores use the cut points of that period.
    """
    measured = _measured(shop, period)
    basis = measured if cuts_from is None else _measured(shop, cuts_from)
    if basis.is_empty() and not measured.is_empty():
        raise ValueError(f"nobody bought in {cuts_from}, so it has no cut points; choose another")
    cuts = cuts_of(basis, bands)
    scores = [score(pl.col(name), cuts[name]).alias(as_) for name, as_ in _SCORED.items()]
    return measured.with_columns(scores).select(
        "customer_id",
        region(bands).alias("segment"),
        (-pl.col("recency")).alias("recency_days"),
        "visits",
        money("sales"),
        *_SCORED.values(),
    )


def cuts_of(measured: pl.DataFrame, bands: int) -> Mapping[str, list[float]]:
    """Return the cut points of each of the three measures."""
    return {name: cut_points(measured[name], bands) for name in _SCORED}


def region(bands: int) -> pl.Expr:
    """Return the segment of a recency score and a frequency score on a scale of `bands`."""
    code = _level("recency_score", bands) * 3 + _level("frequency_score", bands)
    names = dict(enumerate(name for row in _REGIONS for name in row))
    return code.replace_strict(names, return_dtype=ordered(SEGMENTS))


def grid(labels: pl.DataFrame, *, bands: int = 5) -> pl.DataFrame:
    """Return one row per recency and frequency score: its segment and its customers."""
    scale = pl.int_range(1, bands + 1, eager=True)
    cells = pl.DataFrame({"recency_score": scale}).join(
        pl.DataFrame({"frequency_score": scale}), how="cross"
    )
    pair = ["recency_score", "frequency_score"]
    counted = labels.group_by(pair).agg(customers=pl.len().cast(pl.Int64))
    return (
        cells.join(counted, on=pair, how="left")
        .with_columns(pl.col("customers").fill_null(0), segment=region(bands))
        .sort(pair)
    )


def sizes(labels: pl.DataFrame, *, bands: int = 5) -> pl.DataFrame:
    """Return one row per score, best first: for each measure, its lowest and highest value and
    its customers; null and 0 where ties leave a score without any.
    """
    table = pl.DataFrame({"score": range(bands, 0, -1)}, schema={"score": pl.Int64})
    for value, by in (("recency_days", "recency"), ("visits", "frequency"), ("sales", "monetary")):
        spans = labels.group_by(score=f"{by}_score").agg(
            pl.col(value).min().alias(f"{value}_from"),
            pl.col(value).max().alias(f"{value}_to"),
            pl.len().cast(pl.Int64).alias(f"{value}_customers"),
        )
        table = table.join(spans, on="score", how="left", maintain_order="left")
    return table.with_columns(pl.col("^.*_customers$").fill_null(0))


def _measured(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    last = shop.window(period).last
    active = activity(shop, period, last_day=True).drop_nulls(["customer_id", "last_day"])
    recency = -(pl.lit(last) - pl.col("last_day")).dt.total_days()
    return active.select("customer_id", "sales", recency=recency, visits=pl.col("baskets"))


def _level(name: str, bands: int) -> pl.Expr:
    place = pl.col(name) / bands
    return pl.when(place <= _LOW).then(0).when(place < _HIGH).then(1).otherwise(2)
