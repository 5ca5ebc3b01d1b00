"""The words of the page of product options: headings, meanings and computed sentences."""

import polars as pl

from workbench.campaigns.offers.options import OPTIONS
from workbench.campaigns.offers.promotions import DEFINITION as PROMOTIONS

HEADINGS = {
    "penetration": "Buy it",
    "basket_share": "Part of its receipts",
    "promotions": "Past promotions",
    "uplift_share": "Uplift",
    "after_share": "Weeks after",
    "category_change": "Rest of category",
    "category_change_low": "Rest, at least",
    "category_change_high": "Rest, at most",
    "maker_share": "Paid by makers",
    "unit_margin": "Margin of one",
    "units_low": "Units, at least",
    "units_high": "Units, at most",
    "shop_units": "Units, all shoppers",
}
DEFINITION = {
    **OPTIONS,
    **PROMOTIONS,
    "Direct, indirect": "a direct match is bought already, an indirect one is not yet, or dearer, "
    "or beside it",
    "Price": "the mean shelf price these customers met in the period",
    "Forecast": "everybody's forecast of the page of forecasts, times these customers' share of "
    "the product's units; the 90 % interval allows for who comes as well",
}
WHY = [
    *("product", "option", "reason", "penetration", "basket_share"),
    *("price", "promo_price", "unit_margin"),
]
PAST = [
    *("product", "promotions", "uplift_share", "after_share", "category_change"),
    *("category_change_low", "category_change_high"),
]
SAID = [
    *("product", "units", "units_low", "units_high", "sales", "margin", "shop_units"),
    "explanation",
]


def say_options(options: pl.DataFrame) -> str:
    """Return the sentence that says which product of which option is expected to sell most."""
    if options.is_empty():
        return "These customers bought nothing of the category; choose another"
    known = options.drop_nulls("units").sort("units", descending=True, maintain_order=True)
    if known.is_empty():
        return "No product is sold regularly enough for a forecast"
    row = known.row(0, named=True)
    return (
        f"Most units are expected of {row['product']}, option {row['option']}: "
        f"{row['units']:.1f} in the week ({row['units_low']:.1f} to {row['units_high']:.1f})"
    )


def say_uplift(options: pl.DataFrame) -> str:
    """Return the sentence that says how many products' promotions surely went with an uplift."""
    known = options.unique("product_id").drop_nulls("uplift_share_low")
    if known.is_empty():
        return "No past promotion of these products can be measured"
    sure = known.filter(pl.col("uplift_share_low") > 0).height
    return f"Past promotions went with surely more sales for {sure:,} of {known.height:,} products"
