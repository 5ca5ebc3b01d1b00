"""Two segmentations at once: who is in both, what that is worth, and whether it is a surprise."""

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.weigh import weigh

_SIDES = ["first", "second"]


def crossing(shop: Shop, period: str | Period | Latest, both: pl.DataFrame) -> pl.DataFrame:
    """Return one row per combination that somebody has, in the order of both segmentations.

    `both` is what `workbench.segments.cross` returns. Columns: segment, first, second,
    customers (with a receipt in the period), customers_expected (if the two had nothing to do
    with each other), sales (money), sales_share (of all with both labels), spend_per_customer
    (money) and index (100 is the spend per customer of all with both labels).
    """
    pairs = both.select("segment", *_SIDES).unique()
    worth = weigh(shop, period, both, margin=False).cast({"segment": pl.String})
    told = worth.join(
        pairs.cast({"segment": pl.String}), on="segment", validate="1:1", maintain_order="left"
    )
    customers, sales = pl.col("customers"), pl.col("sales").cast(pl.Float64)
    by_first, by_second = (customers.sum().over(side) for side in _SIDES)
    all_customers, all_sales = customers.sum(), sales.sum()
    average = all_sales / all_customers
    return told.select(
        pl.col("segment").cast(both.schema["segment"]),
        *_SIDES,
        "customers",
        pl.when(all_customers > 0)
        .then(by_first * by_second / all_customers)
        .alias("customers_expected"),
        "sales",
        pl.when(all_sales != 0).then(sales / all_sales).alias("sales_share"),
        "spend_per_customer",
        pl.when((customers > 0) & (average > 0))
        .then(100 * sales / customers / average)
        .alias("index"),
    )


def say_crossing(table: pl.DataFrame) -> str:
    """Return the sentence that names the combination furthest from what the parts lead to expect.

    Furthest in customers, by the difference over the root of the expectation.
    """
    expected = pl.col("customers_expected")
    far = (pl.col("customers") - expected).abs() / expected.sqrt()
    known = table.filter(expected > 0).sort(far, descending=True, maintain_order=True)
    if known.is_empty():
        return "Nobody has both labels"
    row = known.row(0, named=True)
    return (
        f"{row['first']} and {row['second']}: {row['customers']:,} customers, "
        f"{row['customers_expected']:,.0f} if the two had nothing to do with each other"
    )
