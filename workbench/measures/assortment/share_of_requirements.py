"""Share of requirements: how much of the category its buyers buy of each brand."""

import polars as pl

from workbench.data.choices import LARGEST, category_of
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.scorecard_items import by_customer, item_lines
from workbench.measures.chance import ratio_of_sums

LEAST = 30
DEFINITION = {
    "Share of requirements": "what the brand's buyers spend on the brand, of all they spend on "
    "its category here: a ratio of sums over customers with a card, not a mean of ratios. What "
    "they buy of other retailers is not known",
    "Sole buyers": "buyers of the brand who bought no other brand of the category",
    "Double jeopardy": "small brands have fewer buyers, who are also less loyal: read loyalty "
    "beside the number of buyers",
}


def share_of_requirements(
    shop: Shop, period: str | Period | Latest, *, category: str = LARGEST
) -> pl.DataFrame:
    """Return one row per brand of a category with a buyer, the most loyal first by lower bound.

    Columns: brand, customers (buyers with a card), penetration (of the category's buyers),
    requirements_share with low_share and high_share (95 %, over buyers; null under two),
    sole_share (of the buyers). Returns are netted; who brought back all is no buyer. Raises
    ValueError for an unknown category.
    """
    window, name = shop.window(period), category_of(shop, category)
    found = by_customer(item_lines(shop, window, name), "brand")
    each = found.filter(pl.col("customer_id").is_not_null(), pl.col("sales") > 0)
    whole = pl.col("sales").sum().over("customer_id")
    brands = pl.len().over("customer_id")
    rated = each.with_columns(whole=whole, sole=(brands == 1).cast(pl.Int64))
    buyers = rated["customer_id"].n_unique()
    share = ratio_of_sums(
        pl.col("sales"), pl.col("whole"), "requirements_share", "low_share", "high_share"
    )
    return (
        rated.sort("brand", "customer_id")
        .group_by("brand", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("customers"),
            (pl.len() / buyers).alias("penetration"),
            *share,
            (pl.col("sole").sum() / pl.len()).alias("sole_share"),
        )
        .sort("low_share", "brand", descending=[True, False], nulls_last=True)
    )


def say_loyal(brands: pl.DataFrame, least: int = LEAST) -> str:
    """Say which brand with at least `least` buyers has the most loyal, and whether surely."""
    known = brands.filter(pl.col("customers") >= least).drop_nulls("low_share")
    if known.is_empty():
        return f"No brand has {least} buyers to judge their loyalty by"
    first, *rest = known.rows(named=True)
    said = f"Buyers of {first['brand']} are the most loyal: {first['requirements_share']:.0%} of "
    said += "what they spend on the category is on it"
    equal = sum(first["low_share"] <= other["high_share"] for other in rest)
    if not rest:
        return said
    if equal:
        return f"{said}; those of {equal} other{'s' if equal > 1 else ''} may be as loyal"
    return f"{said}, surely more than those of any other with {least} buyers"
