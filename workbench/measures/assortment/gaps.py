"""Gaps: stretches without a sale of a product in a store, and how likely chance makes them."""

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, only, packed, total, unpacked
from workbench.data.goods import merchandise
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import item_facts

PAIR = ["product_id", "store_id"]
GAP = [*PAIR, "day", "until"]
WINDOW = [*PAIR, "until"]
FEW, OTHERS, PROMOTED = 3, 0.05, 0.5
OUT, DOWN, OFFER, HABIT = "Out in this store", "Down everywhere", "Promotion over", "Habit of a few"
KINDS = {
    OUT: "none of the reasons below explains the gap: look at the shelf",
    DOWN: f"other stores sold too little of it meanwhile to set this one apart (chance above "
    f"{OTHERS:.0%}, by the same rule on the product's sales in all stores): delisted, out of "
    "season, or missing at the warehouse",
    OFFER: "half or more of its days with a sale lay in weeks of display or leaflet there; not "
    "told where promotions are not in the data",
    HABIT: f"fewer than {FEW} customers bought it there (each receipt without a card is one)",
}
KIND = pl.Enum(list(KINDS))


class Sold(NamedTuple):
    """days: one row per product, store and day with a sale, product_id, store_id, day, sales.

    clock: one row per store and day with a receipt, store_id, day, receipts; sales are in cents.
    """

    days: pl.DataFrame
    clock: pl.DataFrame


def sold(shop: Shop, span: Period, *, least: int) -> Sold:
    """Return the days on which merchandise sold, of products with `least` of them in a store."""
    inside, by = shop.during(span), ["store_id", "day"]
    clock = fetch(inside.lines.group_by(by).agg(receipts=total("new_basket")), by=by)
    counted = _bought(inside).group_by("packed").agg(lines=nw.len())
    frequent = counted.filter(nw.col("lines") >= least).select("packed")
    often = fetch(frequent, by=["packed"])["packed"].to_list()
    daily = pl.concat(_daily(month, often) for month in inside.months())
    kept = daily.filter(pl.len().over(PAIR) >= least).sort(*PAIR, "day")
    return Sold(kept, clock.filter(pl.col("receipts") > 0))


def _bought(shop: Shop) -> nw.LazyFrame[Any]:
    """Return the lines on which merchandise was bought, with product and store `packed`."""
    bought = shop.lines.filter(nw.col("quantity") > 0).with_columns(packed=packed(*PAIR))
    return merchandise(bought, shop.products)


def _daily(shop: Shop, pairs: list[int]) -> pl.DataFrame:
    by = ["packed", "day"]
    sums = only(_bought(shop), "packed", pairs).group_by(by).agg(sales=total("sales"))
    return fetch(sums, by=[]).select(*unpacked(*PAIR), "day", "sales")


def gaps(found: Sold, window: Period, *, least: int) -> pl.DataFrame:
    """Return one row per product, store and day with a sale: the gap that follows it.

    Columns: product_id, store_id, day (of the sale), next_day (null where none followed), since
    and until (the window), days (with a sale), receipts (of the store), silent (those of the
    gap), days_since (to the last day), value (cents of sales of a day with a sale) and chance (of
    so long a gap).
    """
    inside = pl.col("day").is_between(window.first, window.last)
    at, all_of = pl.col("receipts").cum_sum(), pl.col("receipts").sum()
    clock = found.clock.filter(inside).with_columns(
        at=at.over("store_id"), all=all_of.over("store_id")
    )
    days = found.days.filter(inside).join(clock, on=["store_id", "day"]).sort(*PAIR, "day")
    begins = (pl.col("at") - pl.col("receipts")).shift(-1).over(PAIR)
    told = days.select(
        *PAIR,
        "day",
        pl.col("day").shift(-1).over(PAIR).alias("next_day"),
        pl.lit(window.first).alias("since"),
        pl.lit(window.last).alias("until"),
        pl.len().over(PAIR).cast(pl.Int64).alias("days"),
        pl.col("all").alias("receipts"),
        (begins.fill_null(pl.col("all")) - pl.col("at")).alias("silent"),
        (pl.lit(window.last) - pl.col("day")).dt.total_days().alias("days_since"),
        pl.col("sales").mean().over(PAIR).alias("value"),
    ).filter(pl.col("days") >= least)
    return told.with_columns(chance(told["receipts"], told["silent"], told["days"]).alias("chance"))


def chance(whole: pl.Series, silent: pl.Series, days: pl.Series) -> pl.Series:
    """Return the chance that none of `days`, thrown among the whole, falls on the silent part.

    >>> chance(pl.Series([10]), pl.Series([5]), pl.Series([2])).round(4).to_list()
    [0.2222]
    """
    from scipy.special import gammaln

    n, g, d = (np.asarray(part, dtype=float) for part in (whole, silent, days))
    room = n - g >= d
    left = np.where(room, n - g, d)
    log = gammaln(left + 1) - gammaln(left - d + 1) - gammaln(n + 1) + gammaln(n - d + 1)
    return pl.Series("chance", np.where(room, np.exp(log), 0.0))


def buying(shop: Shop, long: pl.DataFrame) -> pl.DataFrame:
    """Return who bought the products of gaps in the gaps' stores, and when.

    One row per product_id, store_id, day and customer_id (null: without a card), with receipts.
    """
    pairs = _pairs(long)
    return pl.concat(_buying(month, pairs) for month in shop.months())


def _buying(shop: Shop, pairs: list[int]) -> pl.DataFrame:
    lines = only(_bought(shop), "packed", pairs)
    counted = lines.group_by("packed", "day", "customer_id").agg(receipts=nw.len())
    return fetch(counted, by=[]).select(*unpacked(*PAIR), "day", "customer_id", "receipts")


def labelled(shop: Shop, found: Sold, long: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    """Return gaps with what may explain each: buyers, promoted_share and kind (of `KINDS`)."""
    card = pl.col("customer_id")
    buyers = card.drop_nulls().n_unique() + pl.col("receipts").filter(card.is_null()).sum()
    own = _by_window(long, bought, buyers.cast(pl.Int64).alias("buyers"))
    whole = long.join(own, on=WINDOW, how="left").join(_others(shop, long), on=GAP)
    whole = whole.join(_promoted(shop, long, found.days), on=WINDOW, how="left")
    seen = chance(whole["days"] + whole["others"], whole["others_silent"], whole["days"])
    kind = (
        pl.when(pl.col("buyers") < FEW)
        .then(pl.lit(HABIT))
        .when(seen > OTHERS)
        .then(pl.lit(DOWN))
        .when(pl.col("promoted_share") >= PROMOTED)
        .then(pl.lit(OFFER))
        .otherwise(pl.lit(OUT))
    )
    return whole.with_columns(kind=kind.cast(KIND)).drop("others", "others_silent").sort(GAP)


def _pairs(long: pl.DataFrame) -> list[int]:
    """Return the products and stores of gaps, as `_bought` has them."""
    return nw.from_native(long).select(packed=packed(*PAIR))["packed"].unique().sort().to_list()


def _by_window(long: pl.DataFrame, bought: pl.DataFrame, figure: pl.Expr) -> pl.DataFrame:
    """Return a figure of what was bought of each product and store with a gap, by window."""
    none = bought.clear().group_by(PAIR).agg(figure)
    found = [none.with_columns(until=pl.lit(None, pl.Date))]
    for since, until in long.select("since", "until").unique().sort("until").rows():
        pairs = long.filter(until=until).select(PAIR).unique()
        inside = bought.filter(pl.col("day").is_between(since, until))
        theirs = inside.join(pairs, on=PAIR, how="semi").group_by(PAIR).agg(figure)
        found.append(theirs.with_columns(until=pl.lit(until)))
    return pl.concat(found)


def _others(shop: Shop, long: pl.DataFrame) -> pl.DataFrame:
    """Return on how many days other stores sold the product: in the window, and in the gap."""
    sold, before = _stores_until(shop, long), pl.duration(days=1)
    ends = pl.col("next_day").fill_null(pl.col("until") + before)
    until, since, end, start = (
        _at(sold, long.select("product_id", day=day))
        for day in (pl.col("until"), pl.col("since") - before, ends - before, pl.col("day"))
    )
    return long.select(GAP, others=until - since - long["days"], others_silent=end - start)


def _stores_until(shop: Shop, long: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product and day with a sale: the stores that sold it, of all days so far.

    Columns: product_id, day, stores.
    """
    by, wanted = ["product_id", "day"], long["product_id"].unique().sort().to_list()
    stores = nw.col("store_id").n_unique().cast(nw.Int64)
    bought = [only(_bought(month), "product_id", wanted) for month in shop.months()]
    daily = [fetch(lines.group_by(by).agg(stores=stores), by=by) for lines in bought]
    return pl.concat(daily).sort(by).with_columns(pl.col("stores").cum_sum().over("product_id"))


def _at(sold: pl.DataFrame, asked: pl.DataFrame) -> pl.Series:
    """Return the stores of `sold` until each product's day that is asked for."""
    placed = asked.with_row_index("place").sort("day")
    found = placed.join_asof(
        sold.sort("day"), on="day", by="product_id", check_sortedness=False
    ).sort("place")
    return found["stores"].fill_null(0)


def _promoted(shop: Shop, long: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return the share of a product's days with a sale in weeks it was shown or advertised."""
    if not shop.has("promotions") or long.is_empty():
        return long.select(WINDOW).unique().with_columns(promoted_share=pl.lit(None, pl.Float64))
    there = (nw.col("display").fill_null("0") != "0") | (nw.col("mailer").fill_null("0") != "0")
    keys, table = [*PAIR, "week"], shop.table("promotions").filter(there)
    shown = only(table.with_columns(packed=packed(*PAIR)), "packed", _pairs(long)).select(keys)
    weeks = fetch(shown.unique(), by=keys).with_columns(shown=pl.lit(value=True))
    theirs = days.join(long.select(PAIR), on=PAIR, how="semi")
    dated = theirs.with_columns(week=pl.col("day").dt.truncate("1w"))
    share = pl.col("shown").is_not_null().mean().alias("promoted_share")
    return _by_window(long, dated.join(weeks, on=keys, how="left"), share)


def named(shop: Shop, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame of products and stores with their item, category and store."""
    shelves = shop.products.join(shop.categories, on="category_id", how="left")
    category = fetch(shelves.select("product_id", "category"), by=["product_id"])
    stores = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    items = item_facts(shop, frame["product_id"].unique().sort().to_list())
    told = frame.join(items.select("product_id", "item"), on="product_id", how="left")
    told = told.join(category, on="product_id", how="left").join(stores, on="store_id", how="left")
    return told.with_columns(pl.col("category").fill_null("(unknown)"))
