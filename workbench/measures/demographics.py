"""Demographics: who the customers of a segment are, as far as the retailer knows."""

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import wilson
from workbench.measures.rows import told

TRAITS = (
    "age",
    "income",
    "home",
    "marital_status",
    "household_size",
    "household_type",
    "children",
)
COLUMNS = (
    "customers",
    "penetration",
    "sales",
    "sales_share",
    "total_share",
    "index",
    "index_low",
    "penetration_index",
)


def demographics(
    shop: Shop,
    period: str | Period | Latest,
    labels: pl.DataFrame,
    *,
    by: str = "age",
    base: int = 30,
) -> pl.DataFrame:
    """Return one row per segment and value of a trait that its customers have.

    The columns are those of `workbench.measures.profile`, in customers instead of money: only
    customers with a value who bought in the period are counted, in the segment and in the
    whole, since who has none is a matter of selection and not of chance. So penetration is the
    share of the segment's customers with a value, total_share that of all, index = 100 x
    penetration / total_share, and index_low from the lower end of the Wilson 95 % interval of
    penetration, null where fewer than `base` of the segment's customers have the value.
    """
    known = _known(shop, period, by)
    named = known.join(told(labels), on="customer_id", validate="1:1")
    whole = known.group_by(by).agg(pl.len()).select(by, total_share=pl.col("len") / pl.sum("len"))
    share, enough = pl.col("penetration"), pl.col("customers") >= base
    low, _ = wilson(pl.col("customers"), pl.col("size"))
    return (
        _counted(named, by)
        .join(whole, on=by, validate="m:1")
        .with_columns(
            index=100 * share / pl.col("total_share"),
            index_low=pl.when(enough).then(100 * low / pl.col("total_share")),
        )
        .with_columns(money("sales"), penetration_index=pl.col("index"))
        .select("segment", by, *COLUMNS)
        .sort("segment", by)
    )


def _known(shop: Shop, period: str | Period | Latest, by: str) -> pl.DataFrame:
    """Return one row per customer who bought and has a value: the value and cents spent."""
    described = fetch(shop.customers.select("customer_id", by), by=["customer_id"])
    return (
        shoppers(shop, period)
        .select("customer_id", "sales")
        .join(described.drop_nulls(by), on="customer_id", validate="1:1")
    )


def _counted(named: pl.DataFrame, by: str) -> pl.DataFrame:
    counted = named.group_by("segment", by).agg(
        customers=pl.len().cast(pl.Int64), sales=pl.col("sales").sum()
    )
    spent = pl.col("sales").sum().over("segment")
    size = pl.col("customers").sum().over("segment")
    return counted.with_columns(
        size=size,
        penetration=pl.col("customers") / size,
        sales_share=pl.when(spent > 0).then(pl.col("sales") / spent),
    )
