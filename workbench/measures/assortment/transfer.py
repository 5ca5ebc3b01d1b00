"""Transfer: how much of what an item sold stays in its category when the item goes.

Told from items that stopped selling in stores that go on, all of them taken together, beside
placebos: items of the same categories and days that stayed.
"""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, total
from workbench.data.shop import Shop
from workbench.measures.chance import Numbers, resamples

WEEKS, LEAST, FEWEST, NEAREST, ALIKE, MOST_WEEKS = 13, 10, 20, 3, 5, 6
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
    going = nw.col("store_id").is_in(_going_on(shop))
    sold = _weekly(shop, going)
    gone = _delisted(sold, _last_week(shop))
    stayed = _placebos(sold, gone)
    ids = nw.col("category_id").is_in(gone["category_id"].unique().sort().to_list())
    theirs = ids & ~nw.col("customer_id").is_null()
    spent = _weekly(shop, going, theirs, whose=("customer_id",)).rename({"week": "at"})
    found = pl.concat([_lost(spent, gone, GONE), _lost(spent, stayed, STAYED)])
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


def _weekly(shop: Shop, *inside: nw.Expr, whose: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return one row per item and week with sales of merchandise, in cents, and per customer."""
    by = [*whose, "category_id", "product_id", "day"]
    goods = shop.products.filter(nw.col("merchandise").fill_null(True)).select("product_id")
    lines = shop.lines.filter(nw.col("quantity") > 0, nw.col("sales") > 0, *inside)
    summed = lines.group_by(by).agg(sales=total("sales"))
    found = fetch(summed.join(goods, on="product_id", how="semi"), by=by)
    week = pl.col("day").dt.truncate("1w").alias("week")
    return found.group_by(*by[:-1], week).agg(pl.col("sales").sum())


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


def _lost(spent: pl.DataFrame, items: pl.DataFrame, reading: str) -> pl.DataFrame:
    """Return what the buyers of each item spent in its category less than others alike."""
    keys, event = ["category_id", "week"], ["product_id", "week"]
    whole = _around(spent, items.select(keys).unique(), keys).filter(pl.col("before") > 0)
    band = [pl.col("before").log(2).floor().alias("band"), pl.col("weeks").clip(0, MOST_WEEKS)]
    own = _around(spent, items.select(*keys, "product_id"), [*keys, "product_id"])
    theirs = own.select(*event, "customer_id", item="before", item_after="after")
    each = items.select(*keys, "product_id").join(whole.with_columns(band), on=keys)
    each = each.join(theirs, on=[*event, "customer_id"], how="left")
    buys = (pl.col("item") > 0).fill_null(value=False)
    alike = [*event, "band", "weeks"]
    others = (
        each.filter(~buys)
        .group_by(alike)
        .agg(others=pl.len(), expected=pl.col("after").sum() / pl.col("before").sum())
    )
    known = each.filter(buys).join(others.filter(pl.col("others") >= ALIKE), on=alike)
    lost = (pl.col("before") * pl.col("expected") - pl.col("after")).sum()
    return (
        known.sort(*event, "customer_id")
        .group_by("product_id", "category_id", "week", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("buyers"),
            own=pl.col("item").sum(),
            own_after=pl.col("item_after").sum(),
            lost=lost.round(0).cast(pl.Int64),
        )
        .select(pl.lit(reading).alias("reading"), pl.all())
    )


def _around(spent: pl.DataFrame, events: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return per event and customer: spending before (to the event's week) and after, weeks."""
    on = [key for key in keys if key != "week"]
    span, before = pl.duration(weeks=WEEKS), pl.col("at") <= pl.col("week")
    near = events.join(spent.group_by("customer_id", *on, "at").agg(pl.col("sales").sum()), on=on)
    near = near.filter(pl.col("at") > pl.col("week") - span, pl.col("at") <= pl.col("week") + span)
    return near.group_by(*keys, "customer_id").agg(
        before=pl.col("sales").filter(before).sum(),
        after=pl.col("sales").filter(~before).sum(),
        weeks=pl.col("at").filter(before).n_unique(),
    )


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
