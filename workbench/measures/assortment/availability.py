"""Availability: likely out-of-stocks from gaps in sales, what they cost and whom they hurt."""

import datetime as dt
from typing import NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, money, only
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment import gaps as by_gap
from workbench.measures.assortment.gaps import GAP, KINDS, OUT, PAIR, Sold
from workbench.measures.chance import ratio_of_sums

APART, PLACEBOS, SOON, LATER = 28, 4, 7, 28
REGULAR = 2
HEADINGS = {
    "sold_again_share": "Sold again within 4 weeks",
    "on_shelf_share": "On the shelf, at most",
    "out_of_stock_share": "Likely out of stock",
    "expected": "By chance, at most",
    "out": OUT,
    "kind": "What it may be",
    "days": "Days with a sale",
    "lost": "Lost, if out since",
}
DEFINITION = {
    "Tested": "merchandise that sold in a store on at least the least number of days of the "
    "period; each with the gap that runs up to its last day",
    "Too long for chance": "had the days with a sale been thrown among all receipts of the store, "
    "the chance that none falls on the last g of n is C(n - g, d) / C(n, d) for d days; below the "
    "threshold the gap is reported. Receipts are the clock, so quiet weekdays, seasons of traffic "
    "and closed days are accounted for; trends of the product itself are not",
    "By chance alone": "the threshold times the number tested: what as many products that are all "
    "on the shelf would give. For gaps that closed again, of which a product has many, the "
    "threshold is divided by its days with a sale",
    **KINDS,
    "Earlier dates": "the same rule asked as of earlier days, 4 weeks apart, of which the weeks "
    "after are known",
    "On the shelf, at most": "the sales days of the week after an earlier date, of the products "
    "reported, over those their pace before the gap would give; against the same of products not "
    "reported. A product that was on the shelf sells on at its pace; one that came back within "
    "that week does too, so this bounds the false alarms from above. The 95 % interval is over "
    "products",
    "Lost, if out since then": "the usual pace of the days before, times the store's receipts of "
    "the gap, times the sales of a day with a sale: as if it had been missing from the last sale "
    "on, and before what was bought instead. The 95 % interval is that of counts (negative "
    "binomial: the pace itself is an estimate)",
    "Regulars": f"customers who bought it there on at least {REGULAR} days of the period",
    "Likely out of stock": f"of a store's or category's products tested, the share of their "
    f"stores' receipts that fell on long gaps of the kind '{OUT}', past and present; the interval "
    "is over products",
}


class Availability(NamedTuple):
    """now: one row per product and store with a long gap up to the last day, costliest first.

    dates: one row per date the rule was tried at; kinds: one row per kind of gap over the earlier
    dates; stores, categories: one row per store or category, the worst first.
    """

    now: pl.DataFrame
    dates: pl.DataFrame
    kinds: pl.DataFrame
    stores: pl.DataFrame
    categories: pl.DataFrame


def availability(
    shop: Shop,
    period: str | Period | Latest,
    *,
    least: int = 13,
    one_in: int = 1000,
    base: int = 20,
) -> Availability:
    """Return products that stopped selling, and how far that rule could be trusted before.

    `least` days with a sale are needed in a store; a gap is long if chance makes one as long once
    in `one_in`. Stores and categories with `base` products tested are ranked. Raises NotCovered.
    """
    window = shop.window(period)
    earlier = _earlier(shop, window)
    whole = shop.during(Period(min([window, *earlier]).first, window.last))
    found = by_gap.sold(shop, whole.span, least=least)
    still, kept = pl.col("next_day").is_null(), pl.col("chance") <= pl.col("limit")
    limit = pl.when(still).then(1.0).otherwise(1 / pl.col("days")) / one_in
    now = by_gap.gaps(found, window, least=least).with_columns(limit=limit)
    tested = now.group_by(PAIR).agg(pl.col("receipts").first(), expected=pl.col("limit").sum())
    past = [by_gap.gaps(found, days, least=least).filter(still) for days in earlier]
    last = pl.concat([now.filter(still), *(gaps.with_columns(limit=limit) for gaps in past)])
    long = pl.concat([now.filter(~still, kept), last.filter(kept)])
    bought = by_gap.buying(whole, long)
    kinds = by_gap.labelled(whole, found, long, bought)
    last = last.join(kinds.select(*GAP, "kind"), on=GAP, how="left").sort(GAP)
    recent = kinds.filter(until=window.last)
    return Availability(
        _now(whole, recent.filter(still), bought),
        _dates(last, window),
        _kinds(found, last.filter(pl.col("until") < window.last)),
        _ranked(shop, tested, recent, "store", base),
        _ranked(shop, tested, recent, "category", base),
    )


def say_now(found: Availability) -> str:
    """Return how many products stopped selling, how many by chance alone, how many unexplained."""
    row = found.dates.row(0, named=True)
    if not row["tested"]:
        return "No product sold on enough days in any store to be tested"
    if not row["found"]:
        return f"None of {row['tested']:,} products in stores stopped selling for too long"
    out = found.now.filter(pl.col("kind") == OUT)
    return (
        f"{row['found']:,} of {row['tested']:,} products in stores have not sold for longer than "
        f"chance would have it (by chance alone: {row['expected']:,.1f} at most); for "
        f"{out.height:,} of them nothing but the shelf explains it"
    )


def say_trust(found: Availability) -> str:
    """Return what became of the gaps reported at earlier dates."""
    told = found.kinds.filter(pl.col("kind") == OUT).drop_nulls("on_shelf_share")
    if told.is_empty() and found.dates.height > 1:
        return f"Too few gaps of the kind '{OUT}' at earlier dates to try the rule by"
    if told.is_empty():
        return "The data does not reach back far enough to try the rule at earlier dates"
    row = told.row(0, named=True)
    return (
        f"Of {row['found']} gaps of the kind '{OUT}' at earlier dates, at most "
        f"{row['on_shelf_share']:.0%} were false alarms "
        f"(95 %: {row['low_share']:.0%} to {row['high_share']:.0%}); "
        f"{row['sold_again_share']:.0%} sold again within 4 weeks"
    )


def say_where(ranked: pl.DataFrame) -> str:
    """Return how many unexplained gaps stores or categories had, and how many chance would give."""
    found, expected, many = ranked["gaps"].sum(), ranked["expected"].sum(), ranked.height
    of = {"store": "stores", "category": "categories"}[ranked.columns[0]]
    return f"{many} {of} with {found:,} unexplained gaps; by chance alone {expected:,.1f} at most"


def _earlier(shop: Shop, window: Period) -> list[Period]:
    """Return the same window as of earlier days, as far as the data goes back."""
    shifts = [dt.timedelta(days=APART * place) for place in range(1, PLACEBOS + 1)]
    return [
        Period(window.first - shift, window.last - shift)
        for shift in shifts
        if window.first - shift >= shop.first_day
    ]


def _now(shop: Shop, long: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    named = by_gap.named(shop, _lost(long).join(_hurt(shop, long, bought), on=GAP, how="left"))
    order, people = ["kind", "lost", "item", "store"], pl.col("regulars", "came_meanwhile")
    ranked = named.sort(order, descending=[False, True, False, False]).rename({"day": "last_sold"})
    shown = ranked.with_columns(money("lost", "at_least", "at_most"), people.fill_null(0))
    return shown.select(
        *("item", "store", "category", "kind", "last_sold", "days_since", "days"),
        *("lost", "at_least", "at_most", "regulars", "came_meanwhile"),
    )


def _lost(long: pl.DataFrame) -> pl.DataFrame:
    """Return gaps with what would have sold, in cents, and its interval."""
    from scipy.stats import nbinom

    ratio = long["silent"] / (long["receipts"] - long["silent"])
    shape, sure = long["days"].to_numpy() + 0.5, 1 / (1 + ratio.to_numpy())
    low, high = (pl.Series(np.asarray(nbinom.ppf(end, shape, sure))) for end in (0.025, 0.975))
    counts = {"lost": long["days"] * ratio, "at_least": low, "at_most": high}
    cents = {name: (count * long["value"]).round(0) for name, count in counts.items()}
    return long.with_columns(**{name: amount.cast(pl.Int64) for name, amount in cents.items()})


def _hurt(shop: Shop, long: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    """Return per gap how many regulars it had, and how many of them came to the store meanwhile."""
    theirs = bought.drop_nulls("customer_id").drop("receipts").rename({"day": "on"})
    inside, days = pl.col("on").is_between("since", "until"), pl.col("on").n_unique()
    visits = long.select(*GAP, "since").join(theirs, on=PAIR).filter(inside)
    own = visits.group_by(*GAP, "customer_id").agg(days).filter(pl.col("on") >= REGULAR)
    who, by = own["customer_id"].unique().sort().to_list(), ["store_id", "customer_id"]
    lines = only(shop.lines, "customer_id", who).group_by(by)
    seen = fetch(lines.agg(seen=nw.col("day").max()), by=by)
    came = (pl.col("seen") > pl.col("day")).sum().cast(pl.Int64)
    each = own.join(seen, on=by, how="left").group_by(GAP)
    return each.agg(pl.len().cast(pl.Int64).alias("regulars"), came.alias("came_meanwhile"))


def _dates(last: pl.DataFrame, window: Period) -> pl.DataFrame:
    """Return one row per date the rule was tried at, the newest first."""
    by = last.group_by(pl.col("until").alias("day")).agg(
        tested=pl.len().cast(pl.Int64),
        found=pl.col("kind").count().cast(pl.Int64),
        expected=pl.col("limit").sum(),
        out=(pl.col("kind") == OUT).sum().cast(pl.Int64),
    )
    asked = pl.DataFrame({"day": [window.last]}).join(by, on="day", how="full", coalesce=True)
    return asked.fill_null(0).sort("day", descending=True)


def _kinds(found: Sold, last: pl.DataFrame) -> pl.DataFrame:
    """Return one row per kind of gap found at earlier dates: did it go on, did it come back?"""
    told = _afterwards(found, last)
    rest = told.filter(pl.col("kind").is_null())
    usual = float(rest["soon"].sum()) / (float(rest["due"].sum()) or 1)
    each = told.drop_nulls("kind").group_by("kind", *PAIR, maintain_order=True)
    pairs = each.agg(pl.col("soon", "due", "again").sum(), pl.col("days_since"), found=pl.len())
    ends = ("on_shelf_share", "low_share", "high_share")
    kinds = pairs.group_by("kind").agg(
        pl.col("found").sum().cast(pl.Int64),
        pl.col("days_since").explode().median().round(0).cast(pl.Int64),
        (pl.col("again").sum() / pl.col("found").sum()).alias("sold_again_share"),
        *ratio_of_sums(pl.col("soon"), pl.col("due") * usual, *ends),
    )
    return kinds.with_columns(pl.col("low_share").clip(0)).sort("kind")


def _afterwards(found: Sold, last: pl.DataFrame) -> pl.DataFrame:
    """Return gaps with the sales days of the week after, those due at its pace, and `again`."""
    on, ends = pl.col("day").alias("on"), ["store_id", "until"]
    after = (pl.col("on") - pl.col("until")).dt.total_days()
    later = last.lazy().select(GAP).join(found.days.lazy().select(*PAIR, on), on=PAIR)
    near = later.filter(after.is_between(1, LATER)).group_by(GAP).agg(soon=(after <= SOON).sum())
    seen = near.collect(engine="streaming")
    clock = found.clock.select("store_id", on, ahead="receipts")
    week = last.select(ends).unique().join(clock, on="store_id").filter(after.is_between(1, SOON))
    ahead = week.group_by(ends).agg(pl.col("ahead").sum())
    pace = pl.col("days") / (pl.col("receipts") - pl.col("silent"))
    told = last.join(seen, on=GAP, how="left").join(ahead, on=ends, how="left").sort(GAP)
    return told.with_columns(
        pl.col("soon").fill_null(0),
        due=(pace * pl.col("ahead")).fill_null(0),
        again=pl.col("soon").is_not_null(),
    )


def _ranked(
    shop: Shop, tested: pl.DataFrame, kinds: pl.DataFrame, by: str, base: int
) -> pl.DataFrame:
    """Return one row per store or category: products, gaps, expected, out_of_stock_share."""
    ends = ("out_of_stock_share", "low_share", "high_share")
    out = (
        kinds.filter(pl.col("kind") == OUT)
        .group_by(PAIR)
        .agg(pl.col("silent").sum(), gaps=pl.len())
    )
    pairs = tested.join(out, on=PAIR, how="left")
    pairs = pairs.with_columns(pl.col("silent", "gaps").fill_null(0))
    groups = by_gap.named(shop, pairs).sort(PAIR).group_by(by)
    whole = groups.agg(
        pl.len().cast(pl.Int64).alias("products"),
        pl.col("gaps").sum().cast(pl.Int64),
        pl.col("expected").sum(),
        *ratio_of_sums(pl.col("silent"), pl.col("receipts"), *ends),
    )
    known = whole.filter(pl.col("products") >= base).with_columns(pl.col("low_share").clip(0))
    return known.sort("low_share", "out_of_stock_share", by, descending=[True, True, False])
