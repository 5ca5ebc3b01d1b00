"""What segmentations by outside attributes share: surveys, geo-demographic codes, and their reach.

An attribute says something of a customer since a day, on somebody's word. A customer has the
value that was said last by the period's last day.
"""

from collections.abc import Iterable

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.attributes import values
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import ordered

OTHER, UNKNOWN = "Other", "Unknown"


def by_value(
    shop: Shop, period: str | Period | Latest, attribute: str, segments: Iterable[str]
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, labelled by an attribute's value.

    A value is a segment where it is written like its name, however capitalised; other values
    are Other, and customers without one Unknown. Columns: customer_id, segment, value and since
    (null without one), visits, sales (money). Raises ValueError where the shop has no attributes.
    """
    names = {name.casefold(): name for name in segments}
    segment = (
        pl.col("value")
        .str.strip_chars()
        .str.to_lowercase()
        .replace_strict(names, default=OTHER, return_dtype=pl.String)
    )
    came = shoppers(shop, period)
    told = pl.when(pl.col("value").is_null()).then(pl.lit(UNKNOWN)).otherwise(segment)
    return (
        came.join(values(shop, period, attribute), on="customer_id", how="left", validate="1:1")
        .with_columns(money("sales"), segment=told.cast(ordered(segments)))
        .select("customer_id", "segment", "value", "since", "visits", "sales")
        .sort("customer_id")
    )


def reach(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row: how many customers are not Unknown, of how many, and their share of sales."""
    told = pl.col("segment") != UNKNOWN
    sales = pl.col("sales").cast(pl.Float64)
    return labels.select(
        known=told.sum().cast(pl.Int64),
        customers=pl.len().cast(pl.Int64),
        known_customers_share=told.mean(),
        known_sales_share=sales.filter(told).sum() / sales.sum(),
    )


def say_reach(labels: pl.DataFrame, what: str) -> str:
    """Say of how many customers `what` is known, and which values have no segment of their own."""
    row = reach(labels).row(0, named=True)
    if not row["known"]:
        return f"The {what} is known of nobody; what follows says nothing about it."
    strange = labels.filter(pl.col("segment") == OTHER)["value"].unique().sort().to_list()
    others = f" Values without a segment of their own: {', '.join(strange[:5])}." if strange else ""
    return (
        f"The {what} is known of {row['known']:,} of {row['customers']:,} customers; they make "
        f"{row['known_sales_share']:.1%} of their sales.{others}"
    )
