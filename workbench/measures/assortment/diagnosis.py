"""Diagnosis: why a category's or brand's sales changed, in parts that add up to the change."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from workbench.data.activity import visitors
from workbench.data.brands import brands
from workbench.data.choices import LARGEST, category_of, ids_of
from workbench.data.engine import CENTS_PER_UNIT, fetch, fetch_together, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.scorecard_items import CAME, units_of
from workbench.measures.business.comparison import WEEKS_BEFORE, Comparison, compared
from workbench.measures.business.drivers import (
    in_whole_cents,
    price_part,
    same_products,
    volume_parts,
)

PARTS = {
    "Customers of the shop": "more or fewer customers who bought anything with a card",
    "Penetration": "how many of them bought it",
    "Frequency": "how often its buyers bought it: receipts with it",
    "Units per trip": "how many units such a receipt brought",
    "Price": "what a unit of the same products cost, after discounts",
    "Mix": "dearer or cheaper products, new ones and those no longer sold",
    "Without a card": "sales to nobody known; they have no buyers to take apart",
}
DEFINITION = {
    "Sales with a card": "customers of the shop x penetration x frequency x units per trip x sales "
    "per unit. Parts are by Shapley's rule, so that no order of the factors is preferred, and add "
    "up to the change to the cent",
    **PARTS,
    "By segment": "customers by their segment in the period before, so that the change does not "
    "choose the segment; price and mix are one part, and who was in no segment is Unlabelled",
    "By stores": "the stores' region; where none is known, thirds of the stores by all their "
    "sales before. Stores that sold nothing before are new",
    "Checked": "each cause with the most it can account for, in money; causes overlap, so they do "
    "not add up. It explains most from half of the change on, in the same direction; a part from "
    "a fifth on, in the other direction it worked against it; between them it is ruled out. Dearer "
    "prices can be why fewer units were sold: read both parts together",
}
OTHERS, NONE_IN_BOTH = "Unlabelled", "no product in both"


class Case(NamedTuple):
    """What is known of a category or brand in two periods; `now` is 1 in the later one."""

    name: str
    category: str
    brand: str
    both: Comparison
    sold: pl.DataFrame
    products: pl.DataFrame
    customers: pl.DataFrame


def open_case(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    brand: str = "",
    against: str = WEEKS_BEFORE,
) -> Case:
    """Return what a diagnosis rests on: a period against one of `comparison.AGAINST`.

    An empty brand means the whole category. Frames, in cents and thousandths of units (0 where a
    product is no merchandise): sold by customer and store, with trips; products of the category,
    with or without a card (carded); and the customers who came with a card. Raises ValueError for
    an unknown category or brand, NotCovered where the data does not reach back.
    """
    both, name = compared(shop, period, against), category_of(shop, category)
    windows = both.before, both.now
    asked = [_asked(shop, days, name, brand) for days in windows]
    sold, products = (_stacked(frames) for frames in zip(*asked, strict=True))
    if sold.is_empty():
        raise ValueError(f"no brand called {brand!r} was sold in {name!r} in these days")
    named = products.join(_named(shop), on="product_id", how="left", maintain_order="left")
    customers = _stacked(visitors(shop, days) for days in windows)
    said = f"{brand} in {name}" if brand else name
    return Case(said, name, brand, both, sold, named, customers)


def _stacked(windows: Iterable[pl.DataFrame]) -> pl.DataFrame:
    parts = [found.with_columns(pl.lit(at).alias("now")) for at, found in enumerate(windows)]
    return pl.concat(parts)


def _named(shop: Shop) -> pl.DataFrame:
    return fetch(brands(shop).select("product_id", "brand"), by=["product_id"])


def case_lines(shop: Shop, days: Period, category: str, brand: str) -> nw.LazyFrame[Any]:
    """Return the receipt lines of a category, or of one of its brands, in some days."""
    lines = shop.during(days).within(ids_of(shop, category))
    if not brand:
        return lines
    return only(lines, "product_id", _named(shop).filter(brand=brand)["product_id"].to_list())


def _asked(shop: Shop, days: Period, category: str, brand: str) -> list[pl.DataFrame]:
    """Return what was sold in some days: by customer and store, and by product."""
    sold, all_brands = (
        case_lines(shop, days, category, name).with_columns(
            units=units_of(shop),
            came=CAME.cast(nw.Int64),
            carded=(~nw.col("customer_id").is_null()).cast(nw.Int64),
        )
        for name in (brand, "")
    )
    keys, items = ["customer_id", "store_id"], ["product_id", "carded"]
    sums = {name: total(name) for name in ("sales", "units")}
    theirs = {name: nw.col(name).max() for name in keys}  # a receipt has one of each
    receipts = sold.group_by("basket_id").agg(trips=nw.col("came").max(), **theirs, **sums)
    trips = receipts.group_by(keys).agg(trips=total("trips"), **sums)
    return fetch_together((trips, keys), (all_brands.group_by(items).agg(**sums), items))


def takings(shop: Shop, both: Comparison) -> pl.DataFrame:
    """Return one row per period and store: now (1 in the later), store_id, sales of all (cents)."""
    asked = (shop.during(days).receipts.group_by("store_id") for days in (both.before, both.now))
    return _stacked(fetch(each.agg(sales=total("sales")), by=["store_id"]) for each in asked)


def tree(case: Case) -> pl.DataFrame:
    """Return one row per part of the change of sales, in the order of `PARTS`.

    Columns: part, sales_change (money; the rows add up to the change exactly), growth_share (of
    all sales before; null where there were none), reading (what lies behind it, in figures).
    """
    before, now = (_levels(case.sold, case.customers, at) for at in (0, 1))
    cents = _cents(case.sold.filter(_CARDED))
    goods = products_of(case).filter(pl.col("carded") == 1)
    products = same_products(goods)
    volume = volume_parts(before, now, *cents)
    price = price_part(products)
    mix = cents[1] - cents[0] - sum(volume) - price
    nobody = _cents(case.sold.filter(~_CARDED))
    parts = in_whole_cents([*volume, price, mix, Fraction(nobody[1] - nobody[0])])
    was = _cents(case.sold)[0]
    growth = [part / was if was > 0 else None for part in parts]
    readings = _readings(before, now, products, cents, nobody)
    table = pl.DataFrame(
        {"part": list(PARTS), "sales_change": parts, "growth_share": growth, "reading": readings},
        schema_overrides={"part": pl.Enum(list(PARTS)), "growth_share": pl.Float64},
    )
    return table.with_columns(money("sales_change"))


_CARDED = pl.col("customer_id").is_not_null()


def products_of(case: Case) -> pl.DataFrame:
    """Return the products that the case is about."""
    return case.products.filter(pl.col("brand") == case.brand) if case.brand else case.products


def _levels(sold: pl.DataFrame, customers: pl.DataFrame, at: int) -> tuple[int, ...]:
    """Return customers of the shop, buyers, trips and units; of no unit, trips once more."""
    mine = sold.filter(pl.col("now") == at, _CARDED)
    buyers = mine.filter(pl.col("trips") > 0)
    trips, units = int(buyers["trips"].sum()), int(mine["units"].sum())
    counted = units if sold["units"].sum() > 0 else trips
    came = customers.filter(pl.col("now") == at)
    return came.height, buyers["customer_id"].n_unique(), trips, counted


def _cents(sold: pl.DataFrame) -> tuple[int, int]:
    before, now = (int(sold.filter(pl.col("now") == at)["sales"].sum()) for at in (0, 1))
    return before, now


def _readings(
    before: tuple[int, ...],
    now: tuple[int, ...],
    products: pl.DataFrame,
    cents: tuple[int, int],
    nobody: tuple[int, int],
) -> list[str]:
    spent = [
        products.select((pl.col(name) * pl.col("weight")).sum()).item()
        for name in ("price", "price_now")
    ]
    ratios = [_each(before, now, n, scale) for n, scale in ((0, 0.01), (1, 1), (2, 1000))]
    index = 100 * spent[1] / spent[0] if spent[0] else None
    return [
        f"{before[0]:,} to {now[0]:,}",
        f"{ratios[0]} of 100 customers",
        f"{ratios[1]} receipts each",
        f"{ratios[2]} units",
        f"index {index:.1f}" if index else NONE_IN_BOTH,
        _mix((before[-1], now[-1]), cents, index),
        " to ".join(f"{taken / CENTS_PER_UNIT:,.0f}" for taken in nobody),
    ]


def _each(before: tuple[int, ...], now: tuple[int, ...], n: int, scale: float) -> str:
    rates = [levels[n + 1] / levels[n] / scale if levels[n] else 0.0 for levels in (before, now)]
    return " to ".join(f"{rate:.2f}" for rate in rates)


def _mix(units: tuple[int, int], cents: tuple[int, int], index: float | None) -> str:
    if min(cents) <= 0:
        return "not sold in both"
    if not index or min(units) <= 0:
        return NONE_IN_BOTH
    mix = 100 * (cents[1] / units[1]) / (cents[0] / units[0]) / index * 100
    return f"index {mix:.1f}, price apart"


def by_segment(case: Case, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment, those of nobody last: what each did to the change of sales.

    `labels`: customer_id and segment, best of the period before. Columns, money: segment,
    sales_before, sales, sales_change (which add up to the case's), and its parts, which add up
    to it to the cent: from_customers, from_penetration, from_frequency, from_units and
    from_price (with mix). The parts of Unlabelled are null, since it holds sales without a card.
    """
    named = labels.select(pl.col("customer_id").cast(pl.Int64), pl.col("segment").cast(pl.String))
    sold, customers = (
        frame.join(named, on="customer_id", how="left").with_columns(
            pl.col("segment").fill_null(OTHERS)
        )
        for frame in (case.sold, case.customers)
    )
    names = [str(name) for name in labels.schema["segment"].categories]  # type: ignore[attr-defined]
    rows = [
        _segment(name, *(frame.filter(pl.col("segment") == name) for frame in (sold, customers)))
        for name in [*names, OTHERS]
    ]
    amounts = ["sales_before", "sales", "sales_change", *_FROM]
    schema = {"segment": pl.String} | dict.fromkeys(amounts, pl.Int64)
    return pl.DataFrame(rows, schema, orient="row").with_columns(money(*amounts))


_FROM = ["from_customers", "from_penetration", "from_frequency", "from_units", "from_price"]


def _segment(name: str, sold: pl.DataFrame, customers: pl.DataFrame) -> tuple[object, ...]:
    cents = _cents(sold)
    change = cents[1] - cents[0]
    if name == OTHERS:
        return name, *cents, change, *[None] * len(_FROM)
    volume = volume_parts(_levels(sold, customers, 0), _levels(sold, customers, 1), *cents)
    rest = Fraction(change) - sum(volume)
    return name, *cents, change, *in_whole_cents([*volume, rest])


def by_stores(shop: Shop, case: Case) -> pl.DataFrame:
    """Return one row per group of stores: the change of sales in each, which add up to it all.

    Groups are regions, or thirds of the stores by all sales before where no region is known.
    Columns: stores (the group), stores_before and stores_now (that sold it), sales_before,
    sales, sales_change (money), growth_share (of the group's sales before).
    """
    sold = case.sold.join(_groups(shop, case), on="store_id", how="left", nulls_equal=True)
    sells = pl.col("store_id").filter(pl.col("trips") > 0).n_unique().cast(pl.Int64)
    each = sold.group_by("stores", "now").agg(sells.alias("sells"), pl.col("sales").sum())
    before, now = (each.filter(pl.col("now") == at).drop("now") for at in (0, 1))
    joined = now.join(before, on="stores", how="full", coalesce=True, suffix="_before")
    filled = joined.with_columns(pl.exclude("stores").fill_null(0))
    change, was = pl.col("sales") - pl.col("sales_before"), pl.col("sales_before")
    return (
        filled.select(
            "stores",
            pl.col("sells_before").alias("stores_before"),
            pl.col("sells").alias("stores_now"),
            "sales_before",
            "sales",
            change.alias("sales_change"),
            pl.when(was > 0).then(change / was).alias("growth_share"),
        )
        .sort("sales", "stores", descending=[True, False])
        .with_columns(money("sales_before", "sales", "sales_change"))
    )


SIZES = ["Small stores", "Middling stores", "Large stores"]


def _groups(shop: Shop, case: Case) -> pl.DataFrame:
    taken = takings(shop, case.both)
    known = taken.select("store_id").unique()
    regions = fetch(shop.stores.select("store_id", "region"), by=["store_id"])
    if regions["region"].null_count() < regions.height:
        named = known.join(regions, on="store_id", how="left", nulls_equal=True)
        return named.select("store_id", stores=pl.col("region").fill_null("(unknown)"))
    sales = taken.filter(pl.col("now") == 0).select("store_id", "sales")
    size = (pl.col("sales").rank("max") * len(SIZES) / pl.len()).ceil().cast(pl.Int64) - 1
    ranked = sales.with_columns(stores=size.replace_strict(dict(enumerate(SIZES))))
    whole = known.join(ranked, on="store_id", how="left", nulls_equal=True)
    return whole.select("store_id", pl.col("stores").fill_null("New stores"))
