"""Transfer: how much of what an item sold stays in its category when the item goes.

Told from items that stopped selling in stores that go on, all of them taken together, beside
placebos: items of the same categories and days that stayed.
"""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, only, total
from workbench.data.goods import merchandise
from workbench.data.shop import Shop
from workbench.measures.chance import Numbers, resamples

WEEKS, LEAST, FEWEST, NEAREST, ALIKE, MOST_WEEKS = 13, 10, 20, 3, 5, 6
PART = 2_500  # customers at a time: each has a row per item and week, and per event
GONE, STAYED, TRANSFER = "Lost after a delisting", "Lost after none (placebo)", "Transferred"
DEFINITION = {
    "Delisting": "an item that sold in at least 10 of its last 13 weeks, and in none of the 13 "
    "or more weeks since, to the end of the data, in no store of those that still sell at that "
    "end; nobody says whether it was meant",
    "Its buyers": "customers with a card who bought it in those 13 weeks",
    "Spent less": "what they spend in the category in the next 13 weeks less than expected: than "
    "buyers of the category without the item, who spent about as much there (within twice) in as "
    "many weeks; at least five of them",
    "Would have spent": "what buyers of the placebos still spend on these, of what they did before",
    "Placebo": "per delisting, up to three items of the category that sold as regularly before "
    "the same week and after it, the nearest in sales; what is lost there, nothing has taken away",
    "Transferred": "1 less what was lost after a delisting, plus what was lost with a placebo, as "
    "shares of what would have been spent on the item",
    "Interval": "95 %, over resamples of the delistings and of the placebos",
    "One item's own transfer": "cannot be told from chance, as the placebos' own rates show: all "
    "items have the pooled rate, and the interval goes into every effect",
}
AISLE, ALIKE_BY = ["category_id", "week"], ["band", "weeks"]
EVENT = ["reading", "product_id", *AISLE[::-1]]
RATES: Any = {"reading": pl.String, "share": pl.Float64, "low_share": pl.Float64}
RATES |= {"high_share": pl.Float64, "items": pl.Int64, "buyers": pl.Int64}


class Transfer(NamedTuple):
    """What `transfer` returns: rates, one row per reading, and events, one row per item."""

    rates: pl.DataFrame
    events: pl.DataFrame


def transfer(shop: Shop, *, seed: int = 0, draws: int = 1000) -> Transfer:
    """Return what share of a delisted item's sales its buyers spend on the rest of the category.

    `rates`: lost after a delisting, lost after none, and transferred: reading, share (of what
    would have been spent on the items), low_share, high_share (95 %), items, buyers. With
    fewer than `FEWEST` of either, nothing can be said: null, and 0 to 1 for what is transferred.
    `events`: one row per item and reading: reading, product_id, category_id, week (the last with
    sales, a Monday), buyers, own and lost (cents, in `WEEKS` weeks before and after).
    """
    stores = _going_on(shop)
    sold = _by_week(pl.concat(_daily(month, stores) for month in shop.months()))
    gone = _delisted(sold, _last_week(shop))
    events = pl.concat([_read(gone, GONE), _read(_placebos(sold, gone), STAYED)])
    found = _lost(*_groups(shop, stores, events))
    return Transfer(_rates(found, seed, draws), found.drop("own_after"))


def rate_of(rates: pl.DataFrame) -> tuple[float | None, float, float]:
    """Return the transferred share with its ends, none of them below 0 or above 1."""
    row = rates.filter(pl.col("reading") == TRANSFER).row(0, named=True)
    low, high = (min(max(row[end], 0.0), 1.0) for end in ("low_share", "high_share"))
    return None if row["share"] is None else min(max(row["share"], 0.0), 1.0), low, high


def say_transfer(told: Transfer) -> str:
    """Return the sentence that says how much is transferred, and why not item by item."""
    row = told.rates.filter(pl.col("reading") == TRANSFER).row(0, named=True)
    if row["share"] is None:
        return "Too few items ever went to say how much is transferred: none of it, or all"
    single = told.events.filter(pl.col("reading") == STAYED, pl.col("own") > 0)
    low, high = (
        single.select((pl.col("lost") / pl.col("own")).quantile(q)).item() for q in (0.1, 0.9)
    )
    return (
        f"Of a delisted item's sales {row['share']:.0%} stay in the category "
        f"({row['low_share']:.0%} to {row['high_share']:.0%}). Item by item this cannot be told: "
        f"of single items that were not delisted, a tenth 'lost' over {high:.0%} of their "
        f"sales and a tenth 'won' over {-low:.0%}"
    )


def _last_week(shop: Shop) -> dt.date:
    """Return the Monday of the last whole week."""
    return shop.last_day - dt.timedelta(days=6 + (shop.last_day.weekday() + 1) % 7)


def _going_on(shop: Shop) -> list[int]:
    """Return the stores that still sell in the last weeks; one that closes delists nothing."""
    since = shop.last_day - dt.timedelta(weeks=WEEKS)
    late = shop.lines.filter(nw.col("day") > since).select("store_id").unique()
    return [int(store) for store in fetch(late, by=["store_id"])["store_id"]]


def _daily(shop: Shop, stores: list[int], *whose: str) -> pl.DataFrame:
    """Return one row per item and day with sales of merchandise, in cents, and per customer."""
    by = [*whose, "category_id", "product_id", "day"]
    bought = shop.lines.filter(nw.col("quantity") > 0, nw.col("sales") > 0)
    goods = merchandise(only(bought, "store_id", stores), shop.products)
    return fetch(goods.group_by(by).agg(sales=total("sales")), by=[])


def _by_week(daily: pl.DataFrame, *whose: str) -> pl.DataFrame:
    week = pl.col("day").dt.truncate("1w").alias("week")
    by = [*whose, "category_id", "product_id"]
    return daily.group_by(*by, week).agg(pl.col("sales").sum())


def _read(items: pl.DataFrame, reading: str) -> pl.DataFrame:
    return items.select(pl.lit(reading).alias("reading"), *AISLE, "product_id")


def _steady(sold: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Return of product_id, category_id, week those that sold steadily up to that week: and own."""
    span, at = pl.duration(weeks=WEEKS), pl.col("week_right")
    near = items.join(sold.drop("category_id"), on="product_id")
    near = near.filter(at <= pl.col("week"), at > pl.col("week") - span)
    keys = ["product_id", "category_id", "week"]
    found = near.group_by(keys).agg(weeks=pl.len(), own=pl.col("sales").sum())
    return found.filter(pl.col("weeks") >= LEAST).drop("weeks").sort(keys)


def _delisted(sold: pl.DataFrame, last: dt.date) -> pl.DataFrame:
    """Return the items that went: product_id, category_id, week (the last), own (cents before)."""
    after = dt.timedelta(weeks=WEEKS)
    first = sold["week"].min() or last
    ends = sold.group_by("product_id", "category_id").agg(pl.col("week").max())
    known = pl.col("week").is_between(first + after, last - after)  # type: ignore[operator]
    return _steady(sold, ends.filter(known))


def _placebos(sold: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Return items that stayed, the nearest in sales to each that went."""
    items = sold.select("product_id", "category_id").unique()
    before = _steady(
        sold, gone.select("category_id", "week").unique().join(items, on="category_id")
    )
    later = before.select(
        "product_id", "category_id", week=pl.col("week") + pl.duration(weeks=WEEKS), was="week"
    )
    after = _steady(sold, later.drop("was")).drop("own")
    kept = later.join(after, on=["product_id", "category_id", "week"], how="semi")
    stayed = before.join(
        kept.select("product_id", week="was"), on=["product_id", "week"], how="semi"
    )
    pairs = gone.join(stayed, on=["category_id", "week"], suffix="_there")
    apart = (pl.col("own") / pl.col("own_there")).log().abs()
    nearest = (
        pairs.sort("product_id", apart, "product_id_there").group_by("product_id").head(NEAREST)
    )
    there = nearest.select("category_id", "week", product_id="product_id_there", own="own_there")
    return there.select(gone.columns).unique().sort("product_id", "week")


def _groups(
    shop: Shop, stores: list[int], events: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what customers alike spent around events: all in the category, and the buyers.

    One row per category and week, and per event, with `ALIKE_BY`: customers, before and after
    (cents in the category); of the buyers also item and item_after.
    """
    wanted = events["category_id"].unique().sort().to_list()
    sums: tuple[list[pl.DataFrame], ...] = ([], [])
    for part in shop.parts(PART):
        theirs = part.with_lines(only(part.lines, "category_id", wanted))
        spent = _by_week(_daily(theirs, stores, "customer_id"), "customer_id")
        for into, found in zip(sums, _summed(spent.rename({"week": "at"}), events), strict=True):
            into.append(found)
    every, own = (pl.concat(found) for found in sums)
    return (
        every.group_by(*AISLE, *ALIKE_BY).agg(pl.exclude(*AISLE, *ALIKE_BY).sum()),
        own.group_by(*EVENT, *ALIKE_BY).agg(pl.exclude(*EVENT, *ALIKE_BY).sum()),
    )


def _summed(spent: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the sums of `_groups` of some customers."""
    came = _around(spent, AISLE, events).filter(pl.col("before") > 0)
    whole = came.with_columns(
        pl.col("before").log(2).floor().alias("band"), pl.col("weeks").clip(0, MOST_WEEKS)
    )
    item = _around(spent, [*AISLE, "product_id"], events).rename(
        {"before": "item", "after": "item_after"}
    )
    bought = item.filter(pl.col("item") > 0).drop("weeks")
    own = bought.join(whole, on=[*AISLE, "customer_id"])
    size = pl.len().cast(pl.Int64).alias("customers")
    spends = pl.col("before", "after").sum()
    every = whole.group_by(*AISLE, *ALIKE_BY).agg(size, spends)
    theirs = own.group_by(*AISLE, "product_id", *ALIKE_BY).agg(
        size, spends, pl.col("item", "item_after").sum()
    )
    return every, theirs.join(events, on=[*AISLE, "product_id"])


def _lost(every: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return what the buyers of each item spent in its category less than others alike."""
    both = own.join(every, on=[*AISLE, *ALIKE_BY], suffix="_all")
    others = {
        name: pl.col(f"{name}_all") - pl.col(name) for name in ("customers", "before", "after")
    }
    alike = both.filter(others["customers"] >= ALIKE)
    expected = pl.col("before") * others["after"] / others["before"]
    return (
        alike.with_columns(lost=expected - pl.col("after"))
        .sort(*EVENT, *ALIKE_BY)
        .group_by(EVENT, maintain_order=True)
        .agg(
            pl.col("customers").sum().alias("buyers"),
            own=pl.col("item").sum(),
            own_after=pl.col("item_after").sum(),
            lost=pl.col("lost").sum().round(0).cast(pl.Int64),
        )
        .select(
            "reading", "product_id", "category_id", "week", "buyers", "own", "own_after", "lost"
        )
    )


def _around(spent: pl.DataFrame, keys: list[str], events: pl.DataFrame) -> pl.DataFrame:
    """Return per event and customer: spending before (to the event's week) and after, weeks."""
    on = [key for key in keys if key != "week"]
    span, before = pl.duration(weeks=WEEKS), pl.col("at") <= pl.col("week")
    weekly = spent.lazy().group_by("customer_id", *on, "at").agg(pl.col("sales").sum())
    near = (
        events.lazy()
        .select(keys)
        .unique()
        .join(weekly, on=on)
        .filter(pl.col("at") > pl.col("week") - span, pl.col("at") <= pl.col("week") + span)
        .group_by(*keys, "customer_id")
        .agg(
            before=pl.col("sales").filter(before).sum(),
            after=pl.col("sales").filter(~before).sum(),
            weeks=before.sum().cast(pl.Int64),
        )
    )
    return near.collect(engine="streaming")


def _rates(found: pl.DataFrame, seed: int, draws: int) -> pl.DataFrame:
    gone, stayed = (found.filter(pl.col("reading") == name) for name in (GONE, STAYED))
    sizes = [[part.height, part["buyers"].sum()] for part in (gone, stayed)]
    names = ((GONE, sizes[0]), (STAYED, sizes[1]), (TRANSFER, sizes[0]))
    if min(gone.height, stayed.height) < FEWEST:
        known = {GONE: (None, None), STAYED: (None, None), TRANSFER: (0.0, 1.0)}
        rows = [[name, None, *known[name], *size] for name, size in names]
        return pl.DataFrame(rows, RATES, orient="row")
    once = [np.ones((1, part.height)) for part in (gone, stayed)]
    drawn = [resamples(part.height, draws, seed + n) for n, part in enumerate((gone, stayed))]
    share, spread = (_shares(gone, stayed, *counts) for counts in (once, drawn))
    ends = [np.quantile(draw, [0.025, 0.975]).tolist() for draw in spread]
    rows = [
        [name, float(at[0]), *end, *size]
        for (name, size), at, end in zip(names, share, ends, strict=True)
    ]
    return pl.DataFrame(rows, RATES, orient="row")


def _shares(gone: pl.DataFrame, stayed: pl.DataFrame, one: Any, other: Any) -> list[Numbers]:
    """Return lost after a delisting, lost after none and transferred, per row of counts."""
    own, lost = (other @ stayed[name].to_numpy() for name in ("own", "lost"))
    kept = (other @ stayed["own_after"].to_numpy()) / own
    away = (one @ gone["lost"].to_numpy()) / (one @ gone["own"].to_numpy()) / kept
    never = lost / own / kept
    return [away, never, 1 - (away - never)]
