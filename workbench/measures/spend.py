"""Spend per customer of each segment, with the chance that is in it."""

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z95
from workbench.measures.rows import segments_of, told


def spend(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment in its declared order: what a customer spends, and how surely.

    Only customers with a visit in the period are counted. Columns: segment, customers,
    spend_per_customer, spend_low and spend_high (money; the 95 % interval of the mean over
    customers). Nulls for fewer than two customers.
    """
    came = shoppers(shop, period)
    found = (
        came.join(told(labels), on="customer_id", validate="1:1")
        .sort("customer_id")
        .group_by("segment", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("customers"), *mean_spend(pl.col("sales")))
    )
    table = segments_of(labels).join(found, on="segment", how="left", maintain_order="left")
    amounts = ("spend_per_customer", "spend_low", "spend_high")
    whole = table.with_columns(pl.col("customers").fill_null(0), pl.col(amounts).round())
    return whole.with_columns(pl.col(amounts).cast(pl.Int64)).with_columns(money(*amounts))


def say_spend(table: pl.DataFrame) -> str:
    """Return the sentence that says which segment spends most, and whether that is sure."""
    known = table.drop_nulls("spend_low")
    if known.is_empty():
        return "No segment has customers enough to compare what they spend"
    best, *rest = known.sort("spend_per_customer", descending=True).rows(named=True)
    if not rest:
        return f"Only {best['segment']} has customers enough to say what they spend"
    if all(best["spend_low"] > other["spend_high"] for other in rest):
        alone = table.filter(pl.col("customers") == 1).height
        others = "segment of two customers or more" if alone else "segment"
        return f"Highest spend: {best['segment']}, surely above every other {others}"
    equal = sum(best["spend_low"] <= other["spend_high"] for other in rest)
    others = "1 other" if equal == 1 else f"{equal} others"
    return f"Highest spend: {best['segment']}; {others} may be as high"


def mean_spend(sales: pl.Expr) -> list[pl.Expr]:
    """Return the mean of sales and the ends of its 95 % interval; null for fewer than two."""
    mean, reach = sales.mean(), Z95 * sales.std() / pl.len().sqrt()
    known = pl.when(pl.len() > 1)
    return [
        known.then(mean).alias("spend_per_customer"),
        known.then(mean - reach).alias("spend_low"),
        known.then(mean + reach).alias("spend_high"),
    ]
