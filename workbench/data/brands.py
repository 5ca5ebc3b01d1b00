"""Brands or items of one category: what each customer bought of each, in two periods.

A brand is the maker of a product, since that is the finest name that stands for one, or what
is delivered as its brand where the maker is not; the retailer's own label is one brand. An item
is a single product.
"""

from difflib import get_close_matches
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.choices import category_of, ids_of, sold_in
from workbench.data.engine import fetch, numbered, packed, unpacked
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

OWN_LABEL, UNKNOWN = "Own label", "(unknown)"
RIVALS = {"brand": "brands of the category", "item": "single products of the category"}


def brand_changes(
    shop: Shop,
    period: str | Period | Latest,
    category: str,
    between: str = "brand",
    before: Period | None = None,
) -> pl.DataFrame:
    """Return one row per customer and brand bought in the period or the one before.

    The period before, where none is given, is equally long and ends the day before. Columns:
    customer_id (null without a card), brand, before and after: net sales in cents, 0 where none
    was bought.
    With `between` as "item" a brand is a single product. Raises NotCovered where the data does
    not reach back, ValueError for an unknown category.
    """
    window = shop.window(period)
    sides = {"before": shop.window(before or window.before()), "after": window}
    ids = ids_of(shop, category_of(shop, category))
    span = Period(min(days.first for days in sides.values()), window.last)
    either = [nw.col("day").is_between(days.first, days.last) for days in sides.values()]
    lines = shop.during(span).within(ids).filter(nw.any_horizontal(*either, ignore_nulls=True))
    sums = {side: inside("sales", days) for side, days in sides.items()}
    named = numbered(brands(shop, between), "product_id", "brand", unknown=UNKNOWN)
    asked = lines.join(named.select("product_id", "number"), on="product_id", how="left")
    each = (
        asked.with_columns(nw.col("number").cast(nw.Int64).fill_null(0))
        .with_columns(packed=packed("customer_id", "number"))
        .group_by("packed")
        .agg(**sums)
    )
    names = fetch(named.select("number", "brand").unique(), by=["number"])
    return (
        fetch(each, by=["packed"])
        .with_columns(unpacked("customer_id", "number"))
        .join(names, on="number", how="left", maintain_order="left")
        .select("customer_id", pl.col("brand").fill_null(UNKNOWN), "before", "after")
    )


def brands(shop: Shop, between: str = "brand") -> nw.LazyFrame[Any]:
    """Return one row per product: product_id, merchandise, brand (its brand or, as item, itself).

    Raises ValueError for anything else to compare by.
    """
    if between not in RIVALS:
        raise ValueError(f"cannot compare by {between!r}; allowed: {', '.join(RIVALS)}")
    named = _brand() if between == "brand" else _item()
    return shop.products.select("product_id", "merchandise", brand=named)


def brand_of(shop: Shop, category: str, asked: str = "", between: str = "brand") -> str:
    """Return the brand asked for, or the category's largest for an empty text.

    Sales of all days decide, so that every period has the same brand. Raises ValueError for a
    brand that the category does not have.
    """
    sold = sold_in(shop, category_of(shop, category))
    named = fetch(brands(shop, between).select("product_id", "brand"), by=["product_id"])
    known = sold.join(named, on="product_id", how="left")
    each = known.group_by(pl.col("brand").fill_null(UNKNOWN)).agg(pl.col("sales").sum())
    names = each.sort("sales", "brand", descending=[True, False])["brand"].to_list()
    if not asked:
        return str(names[0])
    if asked not in names:
        near = get_close_matches(asked, names, n=1) or names[:5]
        raise ValueError(f"no {between} of the category is called {asked!r}; try {', '.join(near)}")
    return asked


def households(changes: pl.DataFrame, focus: str) -> pl.DataFrame:
    """Return one row per customer: category and focus sales of both periods, and the switch.

    Columns, in cents: customer_id, category_before, category_after, focus_before, focus_after,
    gains (of the brands that grew), losses (of those that shrank, as a positive amount), and
    switched: what moved between brands rather than into or out of the category, at most the
    smaller of both, and nothing for who was no buyer in one of the periods or has no card.
    """
    change, is_focus = pl.col("after") - pl.col("before"), pl.col("brand") == focus
    both = (pl.col("category_before") > 0) & (pl.col("category_after") > 0)
    followed = both & pl.col("customer_id").is_not_null()
    return (
        changes.group_by("customer_id")
        .agg(
            category_before=pl.col("before").sum(),
            category_after=pl.col("after").sum(),
            focus_before=pl.col("before").filter(is_focus).sum(),
            focus_after=pl.col("after").filter(is_focus).sum(),
            gains=change.clip(0).sum(),
            losses=(-change).clip(0).sum(),
        )
        .with_columns(
            switched=pl.when(followed).then(pl.min_horizontal("gains", "losses")).otherwise(0)
        )
        .sort("customer_id", nulls_last=True)
    )


def _brand() -> nw.Expr:
    maker = nw.concat_str(nw.lit("Maker "), nw.col("maker"))
    named = nw.coalesce(maker, nw.col("brand"), nw.lit(UNKNOWN))
    return nw.when(nw.col("own_label").fill_null(False)).then(nw.lit(OWN_LABEL)).otherwise(named)


def _item() -> nw.Expr:
    described = nw.concat_str(nw.col("description"), nw.lit(" ("), nw.col("product"), nw.lit(")"))
    return nw.coalesce(described, nw.col("product"), nw.lit(UNKNOWN))
