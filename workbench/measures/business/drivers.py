"""Drivers: why sales changed, in parts that add up to the change, to the cent."""

import math
from fractions import Fraction
from itertools import permutations

import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, fetch, money
from workbench.data.shop import Shop
from workbench.measures.business.comparison import Comparison, by_window
from workbench.measures.business.headline import WITH_CARD, headline

PARTS = {
    "Customers": "more or fewer customers who bought with a card",
    "Visits per customer": "how often each of them came",
    "Units per visit": "how many units of merchandise a visit brought",
    "Price": "what a unit cost, after discounts, of products sold in both windows: the change of "
    "each price times the mean of the units sold before and now",
    "Mix": "dearer or cheaper products, new ones and those no longer sold",
    "Not merchandise": "sales with a card of fuel, postage and fees, which have no like units",
    "Without a card": "sales to nobody known; they have no customers to take apart",
}
DEFINITION = {
    "Sales with a card": "customers x visits per customer x units per visit x sales per unit",
    "How a change is divided": "customers, visits and units share the change of the units by "
    "Shapley's rule, at the mean of the sales per unit before and now: no order of the factors is "
    "preferred. The change of the sales per unit is price and mix (Bennet's indicator)",
    "To the cent": "parts are exact fractions, rounded so that they add up to the change",
    **PARTS,
}
Levels = tuple[int, ...]  # a chain of counts, such as customers, visits and units


def drivers(shop: Shop, both: Comparison, levels: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row per part of the change of sales, in the order of `PARTS`.

    `levels` is what `headline` returned for the same windows; it is asked for where not given.

    Columns: part, sales_change (money; the rows add up to the change exactly), growth_share (of
    all sales before; null where there were none), reading (what lies behind it, in figures).
    """
    sold = _sold(shop, both)
    levels = headline(shop, both) if levels is None else levels
    goods = sold.filter(pl.col("carded") == 1, "merchandise")
    before, now = (_levels(levels, goods, window) for window in (0, 1))
    money_before, money_now = (_taken(goods, window) for window in (0, 1))
    products = same_products(goods)
    volume = volume_parts(before, now, money_before, money_now)
    price = price_part(products)
    mix = money_now - money_before - sum(volume) - price
    other = sold.filter(pl.col("carded") == 1, ~pl.col("merchandise"))
    nobody = sold.filter(pl.col("carded") == 0)
    rest = [_taken(part, 1) - _taken(part, 0) for part in (other, nobody)]
    parts = in_whole_cents([*volume, price, mix, *map(Fraction, rest)])
    return _table(parts, _taken(sold, 0), _readings(before, now, products, goods, other, nobody))


def volume_parts(before: Levels, now: Levels, money_before: int, money_now: int) -> list[Fraction]:
    """Return what each count of a chain did to sales in cents, at the mean value of a unit.

    The chain ends in units: each count is the one before it times a rate, and the rates share
    the change of the units by Shapley's rule.

    >>> [int(part) for part in volume_parts((1, 2), (2, 6), 200, 600)]
    [250, 150]
    """
    mean = _mean_value((money_before, before[-1]), (money_now, now[-1]))
    return [part * mean for part in shapley(_factors(before, now), _factors(now, before))]


def price_part(products: pl.DataFrame) -> Fraction:
    """Return what prices did to sales in cents: `products` as `same_products` returns them."""
    change = (pl.col("price_now") - pl.col("price")) * pl.col("weight")
    return Fraction(round(float(products.select(change.sum()).item()), 6))


def shapley(before: list[Fraction], now: list[Fraction]) -> list[Fraction]:
    """Return how much each factor adds to the change of the product of all of them.

    Each part is the mean over all orders in which the factors could change one by one.

    >>> [int(part) for part in shapley([Fraction(10), Fraction(4)], [Fraction(12), Fraction(6)])]
    [10, 22]
    """
    orders = list(permutations(range(len(before))))
    parts = [Fraction(0)] * len(before)
    for order in orders:
        at = list(before)
        for factor in order:
            was = math.prod(at)
            at[factor] = now[factor]
            parts[factor] += math.prod(at) - was
    return [part / len(orders) for part in parts]


def in_whole_cents(parts: list[Fraction]) -> list[int]:
    """Return parts as whole cents that add up as the parts do (largest remainders go up).

    >>> in_whole_cents([Fraction(1, 3), Fraction(1, 3), Fraction(4, 3)])
    [1, 0, 1]
    """
    down = [math.floor(part) for part in parts]
    missing = round(sum(parts)) - sum(down)
    by_remainder = sorted(range(len(parts)), key=lambda n: down[n] - parts[n])
    up = set(by_remainder[:missing])
    return [cents + (n in up) for n, cents in enumerate(down)]


def _sold(shop: Shop, both: Comparison) -> pl.DataFrame:
    """Return one row per product, window and with or without a card: units and cents, net."""
    products = fetch(shop.products.select("product_id", "merchandise"), by=["product_id"])
    answer = by_window(shop, both, "product_id", "sales", "quantity", cards=True)
    answer = answer.rename({"quantity": "units"})
    return answer.join(products, on="product_id", how="left", maintain_order="left").with_columns(
        pl.col("merchandise").fill_null(value=True)
    )


def _levels(levels: pl.DataFrame, goods: pl.DataFrame, window: int) -> Levels:
    carded = levels.filter(pl.col("whose") == WITH_CARD).sort("first_day").row(window, named=True)
    units = goods.filter(pl.col("now") == window)["units"].sum()
    return carded["customers"], carded["visits"], int(units)


def _factors(levels: Levels, other: Levels) -> list[Fraction]:
    """Return the first count and the rates; a rate of nothing is that of the other window."""
    rates = [
        Fraction(levels[n + 1], levels[n]) if levels[n] else Fraction(other[n + 1], other[n] or 1)
        for n in range(len(levels) - 1)
    ]
    return [Fraction(levels[0]), *rates]


def _mean_value(*windows: tuple[int, int]) -> Fraction:
    values = [Fraction(cents, units) for cents, units in windows if units > 0]
    return sum(values, Fraction(0)) / max(len(values), 1)


def _taken(sold: pl.DataFrame, window: int) -> int:
    return int(sold.filter(pl.col("now") == window)["sales"].sum())


def same_products(goods: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product sold in both windows: units and price, before and now."""
    kept = goods.filter(pl.col("units") > 0, pl.col("sales") >= 0)
    before, after = (
        kept.filter(pl.col("now") == window).select("product_id", "units", "sales")
        for window in (0, 1)
    )
    joined = before.join(after, on="product_id", validate="1:1", suffix="_now").sort("product_id")
    return joined.select(
        weight=(pl.col("units") + pl.col("units_now")) / 2,
        price=pl.col("sales") / pl.col("units"),
        price_now=pl.col("sales_now") / pl.col("units_now"),
    )


def _table(parts: list[int], before: int, readings: list[str]) -> pl.DataFrame:
    growth = [part / before if before > 0 else None for part in parts]
    table = pl.DataFrame(
        {"part": list(PARTS), "sales_change": parts, "growth_share": growth, "reading": readings},
        schema={
            "part": pl.Enum(list(PARTS)),
            "sales_change": pl.Int64,
            "growth_share": pl.Float64,
            "reading": pl.String,
        },
    )
    return table.with_columns(money("sales_change"))


def _readings(
    before: Levels,
    now: Levels,
    products: pl.DataFrame,
    goods: pl.DataFrame,
    other: pl.DataFrame,
    nobody: pl.DataFrame,
) -> list[str]:
    weight = pl.col("weight")
    at_old, at_new = (products.select((pl.col(p) * weight).sum()).item() for p in _PRICES)
    index = f"index {100 * at_new / at_old:.1f}" if at_old else "no product in both"
    rates = [f"{_rate(before, n, scale)} to {_rate(now, n, scale)}" for n, scale in _RATES]
    unit = " to ".join(_unit(goods, levels, n) for n, levels in enumerate((before, now)))
    taken = [
        [_taken(part, window) / CENTS_PER_UNIT for window in (0, 1)] for part in (other, nobody)
    ]
    amounts = [f"{was:,.0f} to {now_taken:,.0f}" for was, now_taken in taken]
    return [f"{before[0]:,} to {now[0]:,}", *rates, index, f"{unit} a unit, price apart", *amounts]


def _unit(goods: pl.DataFrame, levels: Levels, window: int) -> str:
    return f"{10 * _taken(goods, window) / levels[2]:.2f}" if levels[2] > 0 else "none"


_PRICES = ("price", "price_now")
_RATES = ((0, 1), (1, 1000))


def _rate(levels: Levels, number: int, scale: int) -> str:
    base = levels[number]
    return f"{levels[number + 1] / base / scale:.2f}" if base else "none"
