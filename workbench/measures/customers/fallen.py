"""Fallen: which categories some customers cut back most, beyond the others and the season."""

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.engine import fetch, money, packed, unpacked
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import category_weeks
from workbench.measures.categories import category_names, category_numbers
from workbench.measures.chance import Z95, ratio_of_summed, summed_for

ALL, _EVERYTHING = "(everything)", -1


def fallen(
    shop: Shop, period: str | Period | Latest, customers: pl.DataFrame, *, base: int = 30
) -> pl.DataFrame:
    """Return one row per category and one for everything, what fell most first.

    `customers` (customer_id) are compared with all others with a card, and each category's
    latest half of the period with the half before.

    Columns: category, customers (of them, who bought it in the half before), sales_before,
    sales_after (money), change_share (after over before, less 1), others_share (the same of the
    others, which holds the season) and missing_share: what is missing from what they would have
    bought had they changed as the others did, with missing_low and missing_high (95 %, over
    customers).
    Ranked by missing_low; categories that fewer than `base` of them bought are left out.
    Everything comes first.
    """
    window = shop.window(period)
    before, after = window.halves()
    whole = shop.during(Period(before.first, after.last))
    who = customers.select(pl.col("customer_id").cast(pl.Int64), own=pl.lit(value=True)).unique()
    sums = pl.concat(_sums(_spent(part, before, after), who) for part in whole.parts())
    summed = sums.group_by("own", "number").agg(pl.exclude("own", "number").sum())
    everything = pl.DataFrame({"number": [_EVERYTHING], "category": [ALL]})
    names = pl.concat([category_names(shop), everything])
    ratios = ratio_of_summed("kept", "kept_low", "kept_high")
    each = summed.join(names, on="number").with_columns(ratios)
    own, others = each.filter("own"), each.filter(~pl.col("own"))
    kept, usual = pl.col("kept"), pl.col("kept_others")
    ratio = pl.when(usual > 0).then(kept / usual)
    error = (_error("kept") ** 2 + (ratio * _error("kept_others")) ** 2).sqrt() / usual
    return (
        own.join(others, on="category", how="left", suffix="_others", validate="1:1")
        .filter((pl.col("customers") >= base) | (pl.col("category") == ALL))
        .select(
            *("category", "customers", pl.col("whole").alias("sales_before")),
            pl.col("part").alias("sales_after"),
            change_share=kept - 1,
            others_share=usual - 1,
            missing_share=1 - ratio,
            missing_low=1 - ratio - Z95 * error,
            missing_high=(1 - ratio + Z95 * error).clip(upper_bound=1),
        )
        .sort(
            *(pl.col("category") == ALL, "missing_low", "category"),
            descending=[True, True, False],
            nulls_last=True,
        )
        .with_columns(money("sales_before", "sales_after"))
    )


def say_fallen(table: pl.DataFrame) -> str:
    """Return the sentence that says which categories fell more than everything did."""
    everything, found = table.row(0, named=True), table.filter(pl.col("category") != ALL)
    first = found.filter(pl.col("missing_low") > max(everything["missing_share"] or 0, 0))
    if first.is_empty():
        surely = "surely" if (everything["missing_low"] or 0) > 0 else "not surely"
        return (
            f"No category stands out; all in all they bought {surely} less than they would have "
            "had they changed as the others did"
        )
    *most, last = first["category"].head(3)
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{names} fell first: even the lower bound is beyond all that these customers buy"


def _spent(shop: Shop, before: Period, after: Period) -> pl.DataFrame:
    """Return one row per customer and category, 0 without a name, and for all: sales of halves."""
    names = category_numbers(shop).filter(~nw.col("number").is_null()).drop("category")
    question = (
        category_weeks(shop, before, after)
        .join(names, on="category_id", how="left")
        .with_columns(number=nw.col("number").fill_null(0))
        .with_columns(packed=packed("customer_id", "number"))
        .group_by("packed")
        .agg(before=inside("sales", before), after=inside("sales", after))
    )
    found = fetch(question, by=[])
    spent = found.select(*unpacked("customer_id", "number"), "before", "after")
    every = spent.group_by("customer_id").agg(pl.col("before", "after").sum())
    return pl.concat(
        [spent, every.with_columns(number=pl.lit(_EVERYTHING, pl.Int64)).select(spent.columns)]
    )


def _sums(spent: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of some customers, of those looked at and of the others, by number."""
    marked = spent.join(who, on="customer_id", how="left", validate="m:1")
    return (
        marked.with_columns(pl.col("own").fill_null(value=False))
        .group_by("own", "number")
        .agg(
            (pl.col("before") > 0).sum().cast(pl.Int64).alias("customers"),
            *summed_for("after", "before"),
        )
    )


def _error(name: str) -> pl.Expr:
    high, low = (name.replace("kept", f"kept_{end}") for end in ("high", "low"))
    return (pl.col(high) - pl.col(low)) / (2 * Z95)
