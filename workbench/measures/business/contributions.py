"""Contributions: what each channel, region or department added to the change of sales."""

import polars as pl

from workbench.data.engine import fetch, known_sum, money
from workbench.data.shop import Shop
from workbench.measures.business.comparison import Comparison, by_window

PLACES = {
    "channel": ("stores", "store_id"),
    "region": ("stores", "store_id"),
    "store": ("stores", "store_id"),
    "department": ("categories", "category_id"),
    "category": ("categories", "category_id"),
}
UNKNOWN = "(unknown)"


def contributions(shop: Shop, both: Comparison, *, by: str = "department") -> pl.DataFrame:
    """Return one row per channel, region, store, department or category, largest sales first.

    Columns: the part's name, sales_before, sales, sales_share (of all sales now), sales_change
    (money; the rows add up to the change of all sales), growth_share (of the part's own sales
    before), margin and margin_change (money; null where a cost is unknown). Parts without a
    name are kept as "(unknown)". Raises ValueError for another `by`.
    """
    if by not in PLACES:
        raise ValueError(f"cannot take sales apart by {by!r}; allowed: {', '.join(PLACES)}")
    return _named(shop, by_window(shop, both, PLACES[by][1], "sales", "margin"), by)


def channels_and_regions(shop: Shop, both: Comparison) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the contributions by channel and those by region, from one look at the lines."""
    found = by_window(shop, both, "store_id", "sales", "margin")
    return _named(shop, found, "channel"), _named(shop, found, "region")


def _named(shop: Shop, found: pl.DataFrame, by: str) -> pl.DataFrame:
    table, key = PLACES[by]
    names = fetch(shop.table(table).select(key, by), by=[key])
    named = found.join(names, on=key, how="left").with_columns(
        pl.col(by).cast(pl.String).fill_null(UNKNOWN)
    )
    return _finish(named, by, has_costs=shop.has("costs"))


def say_contributions(parts: pl.DataFrame) -> str:
    """Return the sentence that says which part moved sales most, or why none can."""
    name = parts.columns[0]
    if parts.is_empty():
        return "Nothing was sold"
    if parts.height == 1:
        only = parts[name][0]
        said = f"every store has the same {name}: {only}"
        return f"The {name} is not known" if only == UNKNOWN else said[:1].upper() + said[1:]
    most = parts.sort(pl.col("sales_change").abs(), descending=True).row(0, named=True)
    went = "rose" if most["sales_change"] >= 0 else "fell"
    growth = most["growth_share"]
    by = "" if growth is None else f" by {abs(growth):.1%}"
    return f"{most[name]} {went}{by}, the largest change by {name}"


def _finish(named: pl.DataFrame, by: str, *, has_costs: bool) -> pl.DataFrame:
    windows = [
        named.filter(pl.col("now") == window)
        .group_by(by)
        .agg(pl.col("sales").sum(), *known_sum("margin"))
        for window in (0, 1)
    ]
    joined = windows[1].join(windows[0], on=by, how="full", coalesce=True, suffix="_before")
    absent = pl.col("sales").is_null(), pl.col("sales_before").is_null()
    filled = joined.with_columns(
        pl.when(absent[0]).then(0).otherwise(pl.col("margin")).alias("margin"),
        pl.when(absent[1]).then(0).otherwise(pl.col("margin_before")).alias("margin_before"),
        pl.col("sales", "sales_before").fill_null(0),
    )
    change = pl.col("sales") - pl.col("sales_before")
    margin = pl.when(pl.lit(has_costs)).then(pl.col("margin"))
    whole, was = pl.col("sales").sum(), pl.col("sales_before")
    return (
        filled.sort(["sales", by], descending=[True, False])
        .select(
            by,
            "sales_before",
            "sales",
            pl.when(whole != 0).then(pl.col("sales") / whole).alias("sales_share"),
            change.alias("sales_change"),
            pl.when(was > 0).then(change / was).alias("growth_share"),
            margin.alias("margin"),
            (margin - pl.col("margin_before")).alias("margin_change"),
        )
        .with_columns(money("sales_before", "sales", "sales_change", "margin", "margin_change"))
    )
