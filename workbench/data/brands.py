"""Brands or items of one category: what each customer bought of each, in two periods.

A brand is the maker of a product, since that is the finest name that stands for one, or what
is delivered as its brand where the maker is not; the retailer's own label is one brand. An item
is a single product.
"""

from difflib import get_close_matches

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.choices import category_of, ids_of, sold_in
from workbench.data.engine import fetch, packed, unpacked
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
    asked = (
        lines.with_columns(packed=packed("customer_id", "product_id"))
        .group_by("packed")
        .agg(**sums)
    )
    return (
        fetch(asked, by=["packed"])
        .with_columns(unpacked("customer_id", "product_id"))
        .join(_named(shop, between), on="product_id", how="left")
        .group_by("customer_id", pl.col("brand").fill_null(UNKNOWN))
        .agg(pl.col("before", "after").sum())
        .sort("customer_id", "brand", nulls_last=True)
    )


def brand_of(shop: Shop, category: str, asked: str = "", between: str = "brand") -> str:
    """Return the brand asked for, or the category's largest for an empty text.

    Sales of all days decide, so that every period has the same brand. Raises ValueError for a
    brand that the category does not have.
    """
    sold = sold_in(shop, category_of(shop, category))
    named = sold.join(_named(shop, between), on="product_id", how="left")
    each = named.group_by(pl.col("brand").fill_null(UNKNOWN)).agg(pl.col("sales").sum())
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


def _named(shop: Shop, between: str) -> pl.DataFrame:
    """Return one row per product: product_id, brand (its brand or the item itself)."""
    if between not in RIVALS:
        raise ValueError(f"cannot compare by {between!r}; allowed: {', '.join(RIVALS)}")
    names = ("own_label", "maker", "brand", "product", "description")
    goods = fetch(shop.products.select("product_id", *names), by=["product_id"])
    return goods.select("product_id", brand=_brand() if between == "brand" else _item())


def _brand() -> pl.Expr:
    maker = pl.format("Maker {}", pl.col("maker"))
    named = pl.coalesce(maker, pl.col("brand"), pl.lit(UNKNOWN))
    return pl.when("own_label").then(pl.lit(OWN_LABEL)).otherwise(named)


def _item() -> pl.Expr:
    described = pl.format("{} ({})", pl.col("description"), pl.col("product"))
    return pl.coalesce(described, pl.col("product"), pl.lit(UNKNOWN))
