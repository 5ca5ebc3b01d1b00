"""What outsiders say of customers: the value of an attribute that holds on a period's last day."""

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop


def values(shop: Shop, period: str | Period | Latest, attribute: str) -> pl.DataFrame:
    """Return one row per customer with the attribute: customer_id, value, since.

    Of several values the one said last by the period's last day counts; one without a day was
    always so. Raises ValueError where the shop has no attributes.
    """
    last = shop.window(period).last
    rows = shop.table("attributes").filter(nw.col("attribute") == attribute)
    said = fetch(rows.select("customer_id", "value", "since"), by=["customer_id", "since", "value"])
    begun = said.filter(pl.col("since").is_null() | (pl.col("since") <= last))
    latest = begun.sort("customer_id", "since", "value", nulls_last=False)
    return latest.unique("customer_id", keep="last", maintain_order=True)
