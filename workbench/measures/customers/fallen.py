"""Fallen: which categories some customers cut back most, beyond the others and the season."""

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import category_weeks
from workbench.measures.chance import Z95, ratio_of_sums

ALL = "(everything)"


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
    spent = _spent(shop, window).join(
        customers.select("customer_id", own=pl.lit(value=True)), on="customer_id", how="left"
    )
    whole = spent.group_by("customer_id", "own").agg(pl.col("before", "after").sum())
    each = pl.concat([spent, whole.with_columns(category=pl.lit(ALL)).select(spent.columns)]).sort(
        "category", "customer_id"
    )
    own = _kept(each.filter(pl.col("own")))
    others = _kept(each.filter(pl.col("own").is_null()))
    kept, usual = pl.col("kept"), pl.col("kept_others")
    ratio = pl.when(usual > 0).then(kept / usual)
    error = (_error("kept") ** 2 + (ratio * _error("kept_others")) ** 2).sqrt() / usual
    return (
        own.join(others, on="category", how="left", suffix="_others", validate="1:1")
        .filter((pl.col("customers") >= base) | (pl.col("category") == ALL))
        .select(
            *("category", "customers", "sales_before", "sales_after"),
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
    everything = table.row(0, named=True)
    found = table.filter(pl.col("category") != ALL)
    first = found.filter(pl.col("missing_low") > everything["missing_share"])
    if first.is_empty():
        return "No category stands out: they came less, and bought less of everything"
    *most, last = first["category"].head(3)
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{names} fell first: even the lower bound is beyond all that these customers buy"


def _spent(shop: Shop, window: Period) -> pl.DataFrame:
    """Return one row per customer and named category: net sales of both halves, in cents."""
    before, after = window.halves()
    weeks = category_weeks(shop.during(Period(before.first, after.last)), before, after)
    question = (
        weeks.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id", "category_id")
        .agg(before=inside("sales", before), after=inside("sales", after))
        .join(shop.categories.select("category_id", "category"), on="category_id", how="left")
        .filter(~nw.col("category").is_null())
        .group_by("customer_id", "category")
        .agg(nw.col("before").sum(), nw.col("after").sum())
    )
    return fetch(question, by=["customer_id", "category"])


def _kept(each: pl.DataFrame) -> pl.DataFrame:
    ratio = ratio_of_sums(pl.col("after"), pl.col("before"), "kept", "kept_low", "kept_high")
    return each.group_by("category", maintain_order=True).agg(
        (pl.col("before") > 0).sum().cast(pl.Int64).alias("customers"),
        pl.col("before").sum().alias("sales_before"),
        pl.col("after").sum().alias("sales_after"),
        *ratio,
    )


def _error(name: str) -> pl.Expr:
    high, low = (name.replace("kept", f"kept_{end}") for end in ("high", "low"))
    return (pl.col(high) - pl.col(low)) / (2 * Z95)
