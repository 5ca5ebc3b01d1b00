"""Gaps: stretches without a sale of a product in a store, and how likely chance makes them."""

from typing import NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, total
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import item_facts

PAIR = ["product_id", "store_id"]
GAP = [*PAIR, "day", "until"]
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
    by = ["store_id", "day"]
    lines = shop.during(span).lines
    clock = fetch(lines.group_by(by).agg(receipts=total("new_basket")), by=by)
    other = shop.products.filter(~nw.col("merchandise").fill_null(True)).select("product_id")
    bought = lines.filter(nw.col("quantity") > 0).join(other, on="product_id", how="anti")
    daily = bought.group_by(*PAIR, "day").agg(sales=total("sales"))
    enough = daily.group_by(PAIR).agg(days=nw.len()).filter(nw.col("days") >= least)
    kept = daily.join(enough.select(PAIR), on=PAIR, how="semi")
    return Sold(fetch(kept, by=[*PAIR, "day"]), clock.filter(pl.col("receipts") > 0))


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
    """Return who bought the products of gaps when and where, in all stores.

    One row per product_id, store_id, day and customer_id (null: without a card), with receipts.
    """
    by = [*PAIR, "day", "customer_id"]
    wanted = nw.col("product_id").is_in(long["product_id"].unique().sort().to_list())
    lines = shop.lines.filter(wanted, nw.col("quantity") > 0)
    return fetch(lines.group_by(by).agg(receipts=nw.len()), by=by)


def labelled(shop: Shop, long: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    """Return gaps with what may explain each: buyers, promoted_share and kind (of `KINDS`)."""
    inside = pl.col("day_bought").is_between(pl.col("since"), pl.col("until"))
    theirs = bought.rename({"day": "day_bought", "receipts": "bought"})
    card = pl.col("customer_id")
    buyers = card.drop_nulls().n_unique() + pl.col("bought").filter(card.is_null()).sum()
    own = long.join(theirs, on=PAIR).filter(inside)
    own = own.group_by(GAP).agg(buyers.cast(pl.Int64).alias("buyers"))
    whole = long.join(own, on=GAP, how="left").join(_others(long, theirs, inside), on=GAP)
    whole = whole.join(_promoted(shop, long, theirs, inside), on=GAP, how="left")
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


def _others(long: pl.DataFrame, theirs: pl.DataFrame, inside: pl.Expr) -> pl.DataFrame:
    """Return on how many days other stores sold the product: in the window, and in the gap."""
    where = theirs.select("product_id", pl.col("store_id").alias("other"), "day_bought").unique()
    away = long.join(where, on="product_id").filter(pl.col("other") != pl.col("store_id"), inside)
    ends = pl.col("next_day").fill_null(pl.col("until") + pl.duration(days=1))
    silent = (pl.col("day_bought") > pl.col("day")) & (pl.col("day_bought") < ends)
    counted = away.group_by(GAP).agg(others=pl.len(), others_silent=silent.sum())
    found = long.select(GAP).join(counted, on=GAP, how="left")
    return found.with_columns(pl.col("others", "others_silent").fill_null(0).cast(pl.Int64))


def _promoted(
    shop: Shop, long: pl.DataFrame, theirs: pl.DataFrame, inside: pl.Expr
) -> pl.DataFrame:
    """Return the share of a product's days with a sale in weeks it was shown or advertised."""
    if not shop.has("promotions") or long.is_empty():
        return long.select(GAP, promoted_share=pl.lit(None, pl.Float64))
    there = (nw.col("display").fill_null("0") != "0") | (nw.col("mailer").fill_null("0") != "0")
    among = [nw.col(name).is_in(long[name].unique().sort().to_list()) for name in PAIR]
    keys = [*PAIR, "week"]
    shown = shop.table("promotions").filter(*among, there).select(keys).unique()
    weeks = fetch(shown, by=keys).with_columns(shown=pl.lit(value=True))
    days = theirs.select(*PAIR, "day_bought").unique()
    told = long.join(days, on=PAIR).filter(inside)
    told = told.with_columns(week=pl.col("day_bought").dt.truncate("1w"))
    share = pl.col("shown").is_not_null().mean()
    return told.join(weeks, on=keys, how="left").group_by(GAP).agg(promoted_share=share)


def named(shop: Shop, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame of products and stores with their item, category and store."""
    shelves = shop.products.join(shop.categories, on="category_id", how="left")
    category = fetch(shelves.select("product_id", "category"), by=["product_id"])
    stores = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    items = item_facts(shop, frame["product_id"].unique().sort().to_list())
    told = frame.join(items.select("product_id", "item"), on="product_id", how="left")
    told = told.join(category, on="product_id", how="left").join(stores, on="store_id", how="left")
    return told.with_columns(pl.col("category").fill_null("(unknown)"))
