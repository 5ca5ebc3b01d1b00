"""Demographic: customers by stage of life, from the age and household that they told.

Definition: the lower end of the age band, the number of persons and of children make the stage
of life; a customer of whom one of them is unknown is Unknown, which is a group of its own and
not left out.
"""

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._attributes import reach
from workbench.segments._labels import ordered

SEGMENTS = {
    "Young families": "with children, under 45",
    "Older families": "with children, 45 and over",
    "Young without children": "under 35, alone or with others",
    "Middle-aged couples": "35 to 54, two or more persons, no children",
    "Middle-aged singles": "35 to 54, alone, no children",
    "Empty nesters": "55 and over, two or more persons, no children",
    "Older singles": "55 and over, alone, no children",
    "Unknown": "age, persons or children are not known",
}
DEFINITION = {
    "Age": "the lower end of the delivered age band: 35-44 counts as 35",
    "Persons and children": "the first number of what was delivered: 3+ counts as 3",
    "Stage of life": "a partition of age, persons and children; the bounds are ours",
    "Those who did not tell": "shown as a group, Unknown: those who told are not like the "
    "others, so no finding about a stage of life holds for all customers",
    "Index of spend": "100 times the spend per customer over that of all customers whose value is "
    "known, since those who told are not like the others",
    "Movement": "the data holds one state of each household, so customers move only by coming or "
    "staying away",
    "Not for decisions about persons": "age and household describe groups; they are personal data "
    "and need consent where they choose whom to address",
}
BY = {
    "age": "age band",
    "income": "income band",
    "household_type": "adults and children",
    "household_size": "persons in the household",
    "children": "number of children",
    "marital_status": "marital status",
    "home": "home ownership",
}
UNKNOWN = "(unknown)"


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - the bounds are fixed
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its stage of life.

    Columns: customer_id, segment, age_from, persons, children (numbers, null where unknown),
    visits, sales (money). `cuts_from` is ignored: no bound depends on a distribution.
    """
    told = _told(shop).select(
        "customer_id",
        age_from=_number("age"),
        persons=_number("household_size"),
        children=_number("children"),
    )
    return (
        shoppers(shop, period)
        .join(told, on="customer_id", how="left", maintain_order="left")
        .with_columns(money("sales"), segment=_stage())
        .select("customer_id", "segment", "age_from", "persons", "children", "visits", "sales")
    )


def breakdown(
    shop: Shop, period: str | Period | Latest, *, by: str = "age", base: int = 30
) -> pl.DataFrame:
    """Return one row per value of a delivered column, the unknown last: who bought, and how much.

    Columns: `by` (an Enum in order), customers, customers_share, sales (money), sales_share,
    spend_per_customer (money), index (100 = spend per customer of all whose value is known); the
    last two are null under `base` customers. Raises ValueError for another `by`.
    """
    if by not in BY:
        raise ValueError(f"cannot break down by {by!r}; allowed: {', '.join(BY)}")
    told = _told(shop).select("customer_id", by)
    summed = (
        shoppers(shop, period)
        .join(told, on="customer_id", how="left")
        .group_by(pl.col(by).fill_null(UNKNOWN))
        .agg(customers=pl.len().cast(pl.Int64), sales=pl.col("sales").sum())
        .sort(*_in_order(by))
    )
    return _compared(summed, by, base).with_columns(
        pl.col(by).cast(pl.Enum(summed[by])), money("sales", "spend_per_customer")
    )


def _compared(summed: pl.DataFrame, by: str, base: int) -> pl.DataFrame:
    known = pl.col(by) != UNKNOWN
    told = pl.col("customers").filter(known).sum()
    average = pl.when(told > 0).then(pl.col("sales").filter(known).sum() / told)
    each = pl.when(pl.col("customers") >= base).then(pl.col("sales") / pl.col("customers"))
    return summed.select(
        by,
        "customers",
        customers_share=pl.col("customers") / pl.col("customers").sum(),
        sales="sales",
        sales_share=pl.col("sales") / pl.col("sales").sum(),
        spend_per_customer=each.round(0).cast(pl.Int64),
        index=pl.when(average > 0).then(100 * each / average),
    )


def selection(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row: how many customers told, of how many, and their share of sales."""
    return reach(labels)


def say_selection(labels: pl.DataFrame) -> str:
    """Say of how many customers the stage of life is known, and what they buy."""
    row = selection(labels).row(0, named=True)
    if not row["known"]:
        return "The stage of life is known of nobody; what follows says nothing about it."
    return (
        f"The stage of life is known of {row['known']:,} of {row['customers']:,} customers; they "
        f"make {row['known_sales_share']:.1%} of their sales. Those who told are not like the "
        "others: what follows holds for them."
    )


def _told(shop: Shop) -> pl.DataFrame:
    return fetch(shop.customers, by=["customer_id"])


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.extract(r"(\d+)").cast(pl.Int64)


def _in_order(by: str) -> list[pl.Expr]:
    under = pl.col(by).str.to_lowercase().str.starts_with("under")
    return [pl.col(by) == UNKNOWN, ~under, _number(by), pl.col(by)]


def _stage() -> pl.Expr:
    age, alone = pl.col("age_from"), pl.col("persons") == 1
    unknown = pl.any_horizontal(pl.col("age_from", "persons", "children").is_null())
    steps = (
        (unknown, "Unknown"),
        ((pl.col("children") > 0) & (age < 45), "Young families"),
        (pl.col("children") > 0, "Older families"),
        (age < 35, "Young without children"),
        ((age < 55) & alone, "Middle-aged singles"),
        (age < 55, "Middle-aged couples"),
        (alone, "Older singles"),
    )
    named = [pl.when(holds).then(pl.lit(name)) for holds, name in steps]
    return pl.coalesce(*named, pl.lit("Empty nesters")).cast(ordered(SEGMENTS))
