"""My segmentation: customers in thirds by how many receipts they have.

Definition: replace this text, `SEGMENTS`, `DEFINITION` and `_measured` by your own. Receipts on
which something was bought are counted per customer; the cut points are those values that split
the customers into thirds, so that equal values always get equal labels.
"""

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import cut_points, ordered, score

SEGMENTS = {
    "Many": "the third of customers with the most receipts",
    "Some": "the third in the middle",
    "Few": "the third with the fewest receipts",
}
DEFINITION = {
    "Receipts": "receipts in the period on which something was bought; a return is none",
    "Thirds": "cut by value, so that equal customers get equal labels; thirds may differ in size",
    "Movement": "the period before is cut first and its cut points are kept, so that a customer "
    "moves only by behaving differently",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer who bought in the period, with its segment.

    Columns: customer_id, segment, receipts, sales (money). With `cuts_from`, the cut points are
    those of that period.
    """
    measured = _measured(shop, period)
    basis = measured if cuts_from is None else _measured(shop, cuts_from)
    third = score(pl.col("receipts"), cut_points(basis["receipts"], len(SEGMENTS)))
    named = third.replace_strict(dict(enumerate(reversed(SEGMENTS), 1)), return_dtype=pl.String)
    return measured.select(
        "customer_id", named.cast(ordered(SEGMENTS)).alias("segment"), "receipts", money("sales")
    )


def _measured(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer who bought in the period: receipts, and sales in cents."""
    return shoppers(shop, period).rename({"visits": "receipts"})
