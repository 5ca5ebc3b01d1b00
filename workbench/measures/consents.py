"""Consents: how many customers agreed to what, for the people who ask before they write."""

import polars as pl

from workbench.data.privacy import consents_of
from workbench.data.shop import Shop


def decided(shop: Shop) -> pl.DataFrame:
    """Return one row per purpose: how the customers have decided by the last day.

    Columns: purpose, customers (all), granted, refused, ended (a yes revoked or expired), unknown
    (no decision yet), granted_share (of all customers). The four add up to customers. Without
    rows where no consents were delivered.
    """
    if not shop.has("consents"):
        return pl.DataFrame(schema=_SCHEMA)
    share = pl.when(pl.col("customers") > 0).then(pl.col("granted") / pl.col("customers"))
    return consents_of(shop).with_columns(granted_share=share).select(*_SCHEMA)


_SCHEMA: dict[str, type[pl.DataType]] = {
    "purpose": pl.String,
    **dict.fromkeys(("customers", "granted", "refused", "ended", "unknown"), pl.Int64),
    "granted_share": pl.Float64,
}


def say(decided: pl.DataFrame) -> str:
    """Return the sentence on how many agreed to what."""
    if decided.is_empty():
        return "No consents were delivered, so nobody counts as having agreed to anything"
    (purpose, first), *rest = decided.select("purpose", "granted").rows()
    others = " and ".join(f"{granted:,} to {name}" for name, granted in rest)
    said = f"{first:,} of {decided['customers'][0]:,} customers agreed to {purpose}, {others}"
    return f"{said}; no decision counts as a no"
