"""Distribution: which items to list in more of an area's stores, and which to take out of some.

Chosen by the first half of the period, and held against the second, which chose nothing.
"""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, only
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import category_lines, item_facts
from workbench.measures.assortment.transfer import rate_of
from workbench.measures.chance import ratio_of_sums, wilson
from workbench.measures.discounts import given

OUT, IN = "Take out", "List"
RECENT, EXPECTED, STORES = 28, 3, 3
HEADINGS = {
    "move": "Proposal",
    "segment": "Area",
    "places": "Items x stores",
    "rate": "Per 100 lines",
    "sold": "Sold later",
    "counted": "With a count",
    "stock": "Stock at cost",
}
DEFINITION = {
    "Stores that have an item": "those of an area that sold it in as many days before the period: "
    "what the period sells does not choose them, so that a rate may be nothing",
    "Rate": "receipts with the item per receipt line of the category, in the first half of the "
    "period, over the area's stores that have it",
    "Cut": "the rate up to which the area's slowest items together make the tail of its lines",
    "Take out": "an item whose rate is surely below the cut (upper end of the 95 % interval), of "
    "the area's stores that have it, but not where it surely is above, nor where no other item of "
    "its type would stay; what is new in the period is not judged",
    "List": "an item of three stores or more whose rate surely is above the cut, in the area's "
    "stores that never sold it until then, though at the rate's lower end three times or more were "
    "to be expected: a chance of 5 % that they have it all the same",
    "Items": "those that any store sold in the last four weeks of the first half",
    "Predicted": "the effect on half a period, if the second half were like the first",
    "Measured": "take out: what these items sold in these stores in the second half. List: the "
    "prediction, times what the same items sold in the second half in the stores that have them "
    "over what the other stores' first half had promised for each of these; less what the stores "
    "to list them in sold of them all the same",
    "Effect": "what is not transferred: of a loss what leaves the category, of a gain what is not "
    "taken from its other items. The interval joins that of the transfer with that of measured "
    "over predicted, over stores (95 % each, so it is wider)",
    "Stock": "units on hand in the last week counted in the first half or before, at the shelf "
    "price times the rate of cost; a new place is taken to need what the item's stores hold on "
    "average. Null where nobody counted",
}
EFFECT: Any = {"move": pl.String} | dict.fromkeys(
    ("items", "stores", "places", "predicted", "measured", "at_least", "at_most", "counted"),
    pl.Int64,
)


class Distribution(NamedTuple):
    """What `distribution` returns.

    places: one row per item and store that changes: move (`Take out`, `List`), segment (area),
    item, store, rate and cut (of 100 lines), expected (sales of half a period, money), sold (in
    the second half, money; null for `List`), stock (money at cost, null if nobody counted).
    effect: one row per move: move, items, stores, places, predicted, measured, at_least, at_most
    (money of half a period, a loss as a positive amount), counted (places) and their stock.
    """

    places: pl.DataFrame
    effect: pl.DataFrame


def distribution(
    shop: Shop,
    period: str | Period | Latest,
    category: str,
    stores: pl.DataFrame,
    rates: pl.DataFrame,
    *,
    tail: float = 0.1,
) -> Distribution:
    """Return the proposal for a category: stores (store, segment: its area), rates of `transfer`.

    `tail`: the share of the category's lines that its slowest items make. Raises NotCovered
    where the data does not reach back as far again as the period is long.
    """
    window = shop.window(period)
    half = window.halves()[0]
    sold = _sold(shop, Period(window.before().first, window.last), category, half)
    named = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    pairs = _pairs(sold, named.join(stores.select("store", "segment"), on="store"))
    facts = item_facts(shop, pairs["product_id"].unique().sort().to_list())
    named_pairs = pairs.join(facts.select("product_id", "item", "type"), on="product_id")
    pairs = _moved(_rated(named_pairs, tail))
    chosen = pairs.drop_nulls("move")
    stock = _stock(shop, half, sold, chosen)
    places = chosen.join(stock, on=["product_id", "store_id"], how="left").with_columns(
        expected=pl.when(pl.col("move") == OUT).then("sales").otherwise(_promise())
    )
    effect = [_effect(move, places.filter(move=move), pairs, rates) for move in (OUT, IN)]
    return Distribution(_shown(places), pl.concat(effect))


def by_item(found: Distribution, move: str) -> pl.DataFrame:
    """Return one row per area and item of a move, the most expected sales first.

    Columns: segment, item, stores (that change), rate, cut (of 100 lines), expected, sold (money)
    and stock (money at cost, of the places with a count), as in `places`.
    """
    each = found.places.filter(move=move).group_by("segment", "item", "rate", "cut")
    sums = [pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n) for n in _AMOUNTS]
    told = each.agg(pl.len().cast(pl.Int64).alias("stores"), *sums)
    columns = ("segment", "item", "stores", "rate", "cut", *_AMOUNTS)
    order = ["expected", "segment", "item"]
    return told.sort(order, descending=[True, False, False]).select(columns)


_AMOUNTS = ("expected", "sold", "stock")


def _sold(shop: Shop, span: Period, category: str, half: Period) -> pl.DataFrame:
    """Return one row per store and item sold in the span: lines and sales, before, in and after.

    Columns: store_id, product_id, earlier and lines (receipts before the half and in it), recent
    (of them, in its last weeks), sales (in it) and after, in cents; of the half also quantity
    and shelf, what it would have cost without discounts.
    """
    day, sales = nw.col("day"), nw.col("sales").cast(nw.Int64)
    now, keys = day.is_between(half.first, half.last), ["store_id", "product_id"]
    recent = now & (day > half.last - dt.timedelta(days=RECENT))
    amounts = {
        "sales": sales,
        "shelf": sales + given(),
        "quantity": nw.col("quantity").cast(nw.Int64),
    }
    counts = {"earlier": day < half.first, "lines": now, "recent": recent}
    question = (
        category_lines(shop, span, category)
        .group_by(keys)
        .agg(
            **{name: when.cast(nw.Int64).sum() for name, when in counts.items()},
            **{name: nw.when(now).then(what).otherwise(0).sum() for name, what in amounts.items()},
            after=nw.when(day > half.last).then(sales).otherwise(0).sum(),
        )
    )
    return fetch(question, by=keys)


def _pairs(sold: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Return one row per store of an area and item there is today, sold there or not."""
    lines = pl.col("lines").sum()
    ever = lines + pl.col("earlier").sum()
    whole = sold.group_by("store_id").agg(of=lines, ever=ever)
    items = sold.filter(pl.col("recent") > 0).select("product_id").unique()
    pairs = placed.join(whole, on="store_id").join(items, how="cross")
    filled = pairs.join(sold, on=["store_id", "product_id"], how="left").fill_null(0)
    return filled.with_columns(has=pl.col("earlier") > 0).sort("store_id", "product_id")


def _rated(pairs: pl.DataFrame, tail: float) -> pl.DataFrame:
    """Return the pairs with their item's rate in the area, its interval, and the area's cut."""
    keys = ["segment", "product_id"]
    summed = {"n": "lines", "whole": "of", "own": "sales"}
    own = pairs.filter("has").group_by(keys)
    sums = own.agg(pl.len().alias("having"), **{n: pl.col(c).sum() for n, c in summed.items()})
    n, whole = pl.col("n"), pl.col("whole")
    low, high = wilson(n, whole)
    rated = sums.filter(whole > 0).with_columns(rate=n / whole, low=low, high=high)
    slowest = rated.sort("segment", "rate", "product_id")
    run = n.cum_sum().over("segment") / n.sum().over("segment")
    reached = slowest.filter(run >= tail).group_by("segment").agg(cut=pl.col("rate").first())
    return pairs.join(rated, on=keys).join(reached, on="segment").sort("store_id", "product_id")


def _moved(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with their move, null for most."""
    cut, (own_low, _) = pl.col("cut"), wilson(pl.col("lines"), pl.col("of"))
    fast = own_low.fill_null(0) >= cut
    slow = pl.col("has") & (pl.col("n") > 0) & (pl.col("high") < cut) & ~fast
    never = ~pl.col("has") & (pl.col("lines") == 0) & (pl.col("having") >= STORES)
    hole = never & (pl.col("low") > cut) & (pl.col("low") * pl.col("ever") >= EXPECTED)
    other = (pl.col("has") & ~pl.col("slow")).any().over("store_id", "type")
    move = pl.when(pl.col("slow") & other).then(pl.lit(OUT)).when(hole).then(pl.lit(IN))
    return pairs.with_columns(slow=slow).with_columns(move=move)


def _promise(*, but_itself: bool = False) -> pl.Expr:
    """Return what the rate promises a store, in cents, told from the other stores if so asked."""
    own, whole = pl.col("own"), pl.col("whole")
    if but_itself:
        own, whole = own - pl.col("sales"), whole - pl.col("of")
    return pl.when(whole > 0).then(own * pl.col("of") / whole)


def _effect(move: str, own: pl.DataFrame, pairs: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Return the row of a move: what was predicted, and what the second half measured."""
    held, anyway = own, 0.0
    if move == IN:
        alike = pairs.filter("has").join(own, on=["segment", "product_id"], how="semi")
        held = alike.with_columns(expected=_promise(but_itself=True)).drop_nulls("expected")
        anyway = float(own["after"].sum())
    by_store = held.group_by("store_id").agg(pl.col("after", "expected").sum()).sort("store_id")
    found = ratio_of_sums(pl.col("after"), pl.col("expected"), "ratio", "low", "high")
    ratio, low, high = by_store.select(found).row(0)
    (rate, least, most), expected = rate_of(rates), float(own["expected"].sum())
    predicted = measured = at_least = at_most = None
    if rate is not None:
        predicted = round(expected * (1 - rate))
    if ratio is not None:
        gross = [expected * times - anyway for times in (low, ratio, high)]
        measured = None if rate is None else round(gross[1] * (1 - rate))
        at_least = round(min(gross[0] * (1 - end) for end in (least, most)))
        at_most = round(max(gross[2] * (1 - end) for end in (least, most)))
    sizes = [own["product_id"].n_unique(), own["store_id"].n_unique(), own.height]
    row = [move, *sizes, predicted, measured, at_least, at_most, own["stock"].count()]
    stock = own.select(stock=pl.when(pl.col("stock").count() > 0).then(pl.col("stock").sum()))
    told = pl.DataFrame([row], EFFECT, orient="row").hstack(stock)
    return told.with_columns(money("predicted", "measured", "at_least", "at_most", "stock"))


def _shown(places: pl.DataFrame) -> pl.DataFrame:
    order = ["move", "segment", "item", "store"]
    return (
        places.sort(order, descending=[True, False, False, False])
        .with_columns(
            pl.col("rate", "cut") * 100,
            pl.col("expected").round(0).cast(pl.Int64),
            sold=pl.when(pl.col("move") == OUT).then("after"),
        )
        .select(*order, "rate", "cut", money(*_AMOUNTS))
    )


def _stock(shop: Shop, half: Period, sold: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return product_id, store_id and stock (cents at cost) of the places where it is known."""
    keys = ["product_id", "store_id"]
    if not (shop.has("stock") and shop.has("costs")):
        return chosen.select(*keys, stock=pl.lit(None, pl.Int64))
    ids = chosen["product_id"].unique().sort().to_list()
    until = only(shop.table("stock"), "product_id", ids).filter(nw.col("week") <= half.last)
    counted = fetch(until, by=[*keys, "week"]).filter(pl.col("week") == pl.col("week").max())
    price = pl.col("shelf").sum() / pl.col("quantity").sum()
    prices = sold.group_by("product_id").agg(price=price)
    costs = fetch(only(shop.table("costs"), "product_id", ids), by=["product_id"])
    each = counted.join(prices, on="product_id").join(costs, on="product_id")
    valued = each.select(
        *keys, value=pl.col("units") * pl.col("price") * pl.col("cost_rate") / 10_000
    )
    usual = valued.group_by("product_id").agg(usual=pl.col("value").mean())
    own = chosen.select(*keys, "move").join(valued, on=keys, how="left")
    stock = pl.when(pl.col("move") == OUT).then("value").otherwise("usual").round(0).cast(pl.Int64)
    return own.join(usual, on="product_id", how="left").select(*keys, stock=stock)
