"""Categories and brands as items: what each customer bought of each, and at what price."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.activity import visitors
from workbench.data.brands import UNKNOWN, brands
from workbench.data.choices import ids_of
from workbench.data.engine import UNCOSTED, fetch, numbered, total
from workbench.data.goods import is_merchandise
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.discounts import EDGES, given

LEVELS = {"category": ["category"], "brand": ["category", "brand"]}
CAME = (nw.col("sales") >= 0) & (nw.col("quantity") >= 0)
SUMS = ("trips", "sales", "units", "margin", "bought", "promoted")
NAMES = {"category": "category_id", "brand": "product_id"}


def item_lines(shop: Shop, window: Period, category: str | None = None) -> nw.LazyFrame[Any]:
    """Return the lines of a period with their category and brand by name, and what they count.

    Added, in integer units: came (1 where something was bought), units (thousandths; 0 where no
    merchandise), bought (sales of purchases, returns left out), promoted (of them, what was
    discounted by at least 5 % of the shelf price), without_cost. A brand is named as gain and
    loss names it: by its maker, the own label being one.
    """
    named = _named(_lines(shop.during(window), category), brands(shop), _shelves(shop))
    return named.with_columns(units=units_of(shop), **counted())


def _lines(shop: Shop, category: str | None) -> nw.LazyFrame[Any]:
    return shop.lines if category is None else shop.within(ids_of(shop, category))


def _named(
    lines: nw.LazyFrame[Any], brands: nw.LazyFrame[Any], shelves: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    named = lines.join(brands, on="product_id", how="left")
    named = named.join(shelves, on="category_id", how="left")
    filled = [nw.col(name).fill_null(UNKNOWN) for name in ("category", "brand")]
    return named.with_columns(nw.col("merchandise").fill_null(True), *filled)


def _shelves(shop: Shop) -> nw.LazyFrame[Any]:
    return shop.categories.select("category_id", nw.col("category").fill_null(UNKNOWN))


def _numbered(shop: Shop, name: str) -> nw.LazyFrame[Any]:
    """Return brands or categories with a number; null where there is no name."""
    names = brands(shop) if name == "brand" else _shelves(shop)
    return numbered(names, NAMES[name], name, number=f"{name}_number", unknown=UNKNOWN)


def _filled(keys: Iterable[str]) -> list[nw.Expr]:
    return [nw.col(f"{key}_number").cast(nw.Int64).fill_null(-1) for key in keys]


def units_of(shop: Shop) -> nw.Expr:
    """Return the units of a line in thousandths, 0 where its product is no merchandise."""
    quantity = nw.col("quantity").cast(nw.Int64)
    return nw.when(is_merchandise(shop.products)).then(quantity).otherwise(nw.lit(0))


def counted() -> dict[str, nw.Expr]:
    """Return what lines count: came (1 where something was bought), bought, promoted, no cost.

    In cents: bought (sales of purchases, returns left out), promoted (of them, what was
    discounted by at least 5 % of the shelf price). without_cost tells a line without a cost.
    """
    sales, off, none = nw.col("sales").cast(nw.Int64), given(), nw.lit(0)
    cut = CAME & (off > 0) & (off * 100 >= (sales + off) * EDGES[0])
    return {
        "came": CAME.cast(nw.Int64),
        "bought": nw.when(CAME).then(sales).otherwise(none),
        "promoted": nw.when(cut).then(sales).otherwise(none),
        "without_cost": UNCOSTED,
    }


def by_customer(lines: nw.LazyFrame[Any], *keys: str) -> pl.DataFrame:
    """Return one row per item (its `keys`) and customer (null without a card).

    Columns: trips (receipts on which the item was bought), sales, margin (null where a cost is
    unknown), bought, promoted, in cents, and units in thousandths.
    """
    names = ("sales", "units", "margin", "bought", "promoted", "without_cost")
    receipts = lines.group_by(*keys, "customer_id", "basket_id").agg(
        trips=nw.col("came").max(), **{name: total(name) for name in names}
    )
    each = receipts.group_by(*keys, "customer_id").agg(
        **{name: total(name) for name in ("trips", *names)}
    )
    known = pl.when(pl.col("without_cost") == 0).then(pl.col("margin"))
    found = fetch(each, by=[*keys, "customer_id"])
    return found.with_columns(margin=known).select(*keys, "customer_id", *SUMS)


def by_product(lines: nw.LazyFrame[Any], *keys: str) -> pl.DataFrame:
    """Return one row per item and product: units in thousandths and sales in cents, net."""
    question = lines.filter(nw.col("merchandise")).group_by(*keys, "product_id")
    return fetch(question.agg(units=total("units"), sales=total("sales")), by=[*keys, "product_id"])


def sold(shop: Shop, window: Period, category: str | None = None) -> pl.DataFrame:
    """Return one row per product and category it was sold in: names, their numbers, and sums.

    Columns: product_id, merchandise, category, brand, category_number, brand_number, units
    (thousandths), sales, margin (of lines with a cost), bought and promoted, in cents, and
    without_cost (lines).
    """
    names, keys = ("sales", "margin", "bought", "promoted", "without_cost"), [*NAMES.values()]
    lines = _lines(shop.during(window), category).with_columns(**counted()).group_by(keys)
    sums = lines.agg(units=total("quantity"), **{name: total(name) for name in names})
    named = _named(sums, *(_numbered(shop, name) for name in ("brand", "category")))
    return fetch(named.with_columns(_filled(NAMES)), by=keys)


def buyers(shop: Shop, window: Period, keys: list[str], category: str | None) -> pl.DataFrame:
    """Return one row per item, by the numbers of its `keys`: what its buyers with a card did.

    Columns: customers, trips (their receipts with it), own (what they spent on it), theirs (what
    they spent in all; of a brand, on its category), in cents; all_trips counts the receipts
    without a card too. Customers are read part by part, others month by month: both add up.
    """
    looked_at = shop.during(window)
    cards = [_buyers(part, keys, category) for part in looked_at.parts()]
    nobody = replace(looked_at, whose=nw.col("customer_id").is_null())
    others = [_buyers(month, keys, category) for month in nobody.months()]
    numbers = pl.col("^.*_number$")
    trips = pl.concat(cards + others).select(numbers, all_trips="trips")
    found = pl.concat([*cards, trips], how="diagonal")
    return found.group_by(numbers).agg(pl.exclude("^.*_number$").sum())


def _buyers(shop: Shop, keys: list[str], category: str | None) -> pl.DataFrame:
    numbers = [f"{key}_number" for key in keys]
    lines = _lines(shop, category).with_columns(came=CAME.cast(nw.Int64))
    for key in keys:
        lines = lines.join(_numbered(shop, key).drop(key), on=NAMES[key], how="left")
    receipts = lines.with_columns(_filled(keys)).group_by(*numbers, "customer_id", "basket_id")
    each = receipts.agg(trips=nw.col("came").max(), sales=total("sales"))
    spent = each.group_by(*numbers, "customer_id").agg(trips=total("trips"), own=total("sales"))
    theirs = nw.col("own").sum().over(*numbers[:-1], "customer_id")
    bought = spent.with_columns(theirs=theirs).filter(nw.col("trips") > 0).group_by(numbers)
    sums = {name: total(name) for name in ("trips", "own", "theirs")}
    return fetch(bought.agg(customers=nw.len(), **sums), by=numbers)


def card_customers(shop: Shop, window: Period) -> int:
    """Return how many customers bought anything with a card in a period."""
    return visitors(shop, window).height
