"""Offers to forecast: a product by its number, and the ways in which it could be promoted."""

import datetime as dt
from difflib import get_close_matches

import polars as pl

from workbench.data.choices import LARGEST, category_of
from workbench.data.engine import fetch, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.customers.purchases import items

HEADINGS = {
    "offer": "Offer",
    "base_units": "Without promotion",
    "units_low": "Units, at least",
    "units_high": "Units, at most",
}
SHOWN = [
    *("offer", "base_units", "units", "units_low", "units_high", "sales", "margin"),
    "explanation",
]


def product_of(
    shop: Shop, period: str | Period | Latest, *, category: str = LARGEST, product: str = ""
) -> tuple[int, str]:
    """Return a product's number here and its name: by the retailer's own number, or the best
    seller of a category in the period. Raises ValueError for an unknown number or category.
    """
    named = category_of(shop, category)
    goods = fetch(shop.products.select("product_id", "product", "category"), by=["product_id"])
    found = goods.filter(pl.col("product") == product)
    if product and found.is_empty():
        near = get_close_matches(product, goods["product"].to_list(), n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"{shop.retailer} has no product {product!r}{hint}")
    if not product:
        among = goods.filter(pl.col("category") == named)["product_id"].to_list()
        lines = only(shop.during(period).lines, "product_id", among)
        sold = fetch(lines.group_by("product_id").agg(sales=total("sales")), by=["product_id"])
        found = sold.sort("sales", "product_id", descending=[True, False]).head(1)
        if found.is_empty():
            raise ValueError(f"nothing of {named} was sold in {period}; choose another category")
    number = int(found["product_id"][0])
    return number, str(items(shop, "product").filter(item_id=number)["item"][0])


def scenarios(product_id: int, week: dt.date, discount: float) -> pl.DataFrame:
    """Return one row per way to promote a product in a week: offer, and what `forecast` asks."""
    cut = f"{discount:.0%} off"
    ways = [
        ("Shelf price, not shown", 0.0, False, False),
        (cut, discount, False, False),
        (f"{cut}, leaflet", discount, False, True),
        (f"{cut}, display", discount, True, False),
        (f"{cut}, display and leaflet", discount, True, True),
    ]
    columns = ["offer", "discount_share", "display", "mailer"]
    plans = pl.DataFrame(ways, columns, orient="row")
    return plans.with_columns(product_id=pl.lit(product_id, pl.Int64), week=pl.lit(week))


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def say_offers(offers: pl.DataFrame, name: str) -> str:
    """Return the sentence that says what the plainest and the strongest offer are expected to do.

    `offers`: one row per offer, forecast, the plainest first.
    """
    known = offers.drop_nulls("units")
    if known.is_empty():
        return f"{name}: {offers['explanation'][0]}"
    first, best = known.row(0, named=True), known.sort("units").row(-1, named=True)
    said = f"{name}: {first['units']:.0f} units are expected in the week of {_day(first['week'])}"
    if best["units"] <= first["units"]:
        return f"{said}, and no more with any of these offers"
    more = f"{best['units']:.0f} ({best['units_low']:.0f} to {best['units_high']:.0f})"
    return f"{said} without a promotion, and {more} with {best['offer']}"
