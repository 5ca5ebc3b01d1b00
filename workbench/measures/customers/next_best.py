"""Next best purchase: what each customer is due to buy again, and what to try next."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import ratio_of_sums
from workbench.measures.customers.alike import HELD, alike, best_sellers, narrowed
from workbench.measures.customers.purchases import in_parts, items, purchases

AGAIN, TRY = "Buy again", "Try next"
FADED, DUE, HABIT = "Own frequency, faded", "Own frequency x due", "Own frequency"
POPULAR, ALIKE = "Popularity", "Bought together"
METHODS = {
    FADED: "days with a purchase, each eighth of the period counting 0.75 times the one after it",
    DUE: "the same, times how due the next purchase is: from a half just after the last one to 1 "
    "when the usual gap between purchases has passed",
    HABIT: "days with a purchase, the plain count",
    POPULAR: "what most customers bought, the same for everybody",
    ALIKE: "what buyers of the customer's own items buy as well: the sum of cosines between "
    "items over customers, among items with enough buyers",
}
HEADINGS = {
    "recall_share": "Recall",
    "precision_share": "Precision",
    "repeat_share": "Bought before",
}
_POPULAR, _TESTED = 400, 20_000


def next_best(
    shop: Shop,
    period: str | Period | Latest,
    *,
    level: str = "category",
    top: int = 3,
    support: int = 20,
    among: Sequence[int] | None = None,
) -> pl.DataFrame:
    """Return one row per customer, list and rank: what to offer next, and why.

    Lists are of all customers or of those `among` (numbers); what goes together is learnt from all.

    Columns: customer_id, list (Buy again: bought before in the period; Try next: not bought in
    it), rank, item, score (within the list), reason in words. At most `top` for each list; an
    item to try has at least `support` buyers and is among the 1,500 with most. Buy again is
    ordered by own frequency, faded; how due an item is stands in the reason.
    """
    window = shop.window(period)
    lists, bought = [], []
    for part in in_parts(shop, window, level):
        lists.append(_top(narrowed(part, among).with_columns(score="weight"), top))
        bought.append(part.select(HELD))
    names = items(shop, level)
    again = pl.concat(lists).join(names, on="item_id", how="left")
    tried = alike(bought, top, support, among)
    own = names.select(because="item_id", own="item")
    tried = tried.join(names, on="item_id", how="left").join(own, on="because", how="left")
    reasons = (again.with_columns(_why_again(window.last)), tried.with_columns(_why_try()))
    columns = ["customer_id", "list", "rank", "item", "score", "reason"]
    return pl.concat(
        frame.with_columns(list=pl.lit(kind, pl.Enum([AGAIN, TRY]))).select(columns)
        for kind, frame in zip((AGAIN, TRY), reasons, strict=True)
    ).sort("customer_id", "list", "rank")


def next_best_test(
    shop: Shop,
    period: str | Period | Latest,
    *,
    level: str = "category",
    weeks: int = 4,
    k: int = 10,
    support: int = 20,
) -> pl.DataFrame:
    """Return one row per list and method: how much of the last `weeks` its `k` items foresaw.

    Lists are made from the period's days before. What is to be found is, for Buy again, what
    was bought before and again; for Try next, what was bought for the first time in the period.
    Columns: list, method, customers (who had something to be found), recall_share (of what was
    to be found) with its 95 % interval over customers, recall_low and recall_high,
    precision_share (of what was listed) with precision_low and precision_high, repeat_share (of
    what was listed, bought before). Of more than 20,000 customers an even part of them is tested,
    with lists learnt from them. Raises ValueError for a period that is not longer.
    """
    shop, window = shop.sample(_TESTED), shop.window(period)
    ends = window.last - dt.timedelta(weeks=weeks)
    if ends <= window.first:
        raise ValueError(f"{weeks} weeks cannot be held out of {window}; choose a longer period")
    known = purchases(shop, Period(window.first, ends), level)
    later = purchases(shop, Period(ends + dt.timedelta(days=1), window.last), level)
    truth = later.select("customer_id", "item_id").join(
        known.select("customer_id"), on="customer_id", how="semi"
    )
    owned = known.select("customer_id", "item_id", owned=pl.lit(value=True))
    truth = truth.join(owned, on=["customer_id", "item_id"], how="left")
    who = known.select(pl.col("customer_id").unique()).sort("customer_id")
    plain = known.with_columns(score=pl.col("days").cast(pl.Float64))
    lists = [
        (AGAIN, FADED, _top(known.with_columns(score="weight"), k)),
        (AGAIN, DUE, _top(_due(known, ends), k)),
        (AGAIN, HABIT, _top(plain, k)),
        (AGAIN, POPULAR, _popular(known, who, k)),
        (TRY, ALIKE, alike([known.select(HELD)], k, support)),
        (TRY, POPULAR, _popular_new(known, who, k)),
    ]
    return pl.concat(_found(*one, truth, owned) for one in lists)


def most_offered(offers: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Return one row per list and item offered to most customers: list, item, customers."""
    sizes = offers.group_by("list", "item").agg(pl.len().cast(pl.Int64).alias("customers"))
    ordered = sizes.sort("list", "customers", "item", descending=[False, True, False])
    return ordered.filter(pl.int_range(pl.len()).over("list") < top)


def say_next_best(tested: pl.DataFrame) -> str:
    """Return the sentence that says how both lists did against what sells best to everybody."""
    rows = {(row["list"], row["method"]): row for row in tested.rows(named=True)}
    return "; ".join(
        _against(kind, rows[kind, method], rows[kind, POPULAR])
        for kind, method in ((AGAIN, FADED), (TRY, ALIKE))
    )


def _against(kind: str, own: dict[str, Any], plain: dict[str, Any]) -> str:
    if not own["recall_share"] or not plain["recall_share"]:
        return f"{kind} foresaw nothing to compare"
    times = own["recall_share"] / plain["recall_share"]
    surely = "surely more" if own["recall_low"] > plain["recall_high"] else "not surely more"
    return f"{kind} foresaw {times:.2f} times what the best sellers did, {surely}"


def _due(bought: pl.DataFrame, last: dt.date) -> pl.DataFrame:
    since = (pl.lit(last) - pl.col("last_day")).dt.total_days()
    ready = ((since + 1) / _gap()).clip(0, 1).fill_null(1.0)
    return bought.with_columns(score=pl.col("weight") * (1 + ready) / 2)


def _gap() -> pl.Expr:
    """Return the usual days between two purchases; null for who bought once."""
    span = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    return pl.when(pl.col("days") > 1).then(span / (pl.col("days") - 1))


def _top(scored: pl.DataFrame, k: int) -> pl.DataFrame:
    ordered = scored.sort("customer_id", "score", "item_id", descending=[False, True, False])
    place = pl.int_range(pl.len()).over("customer_id") + 1
    return ordered.with_columns(rank=place).filter(pl.col("rank") <= k)


def _popular(known: pl.DataFrame, who: pl.DataFrame, k: int) -> pl.DataFrame:
    return _top(who.join(best_sellers(known).head(k), how="cross"), k)


def _popular_new(known: pl.DataFrame, who: pl.DataFrame, k: int) -> pl.DataFrame:
    best = best_sellers(known).head(_POPULAR)
    offered = who.join(best, how="cross")
    return _top(offered.join(known, on=["customer_id", "item_id"], how="anti"), k)


def _found(
    kind: str, method: str, listed: pl.DataFrame, truth: pl.DataFrame, owned: pl.DataFrame
) -> pl.DataFrame:
    wanted = truth.filter(pl.col("owned").is_not_null() == (kind == AGAIN))
    hit = wanted.select("customer_id", "item_id", hit=pl.lit(1))
    checked = listed.select("customer_id", "item_id").join(
        hit, on=["customer_id", "item_id"], how="left"
    )
    told = checked.join(owned, on=["customer_id", "item_id"], how="left")
    repeat = told["owned"].is_not_null().mean()
    lists = checked.group_by("customer_id").agg(hits=pl.col("hit").sum(), size=pl.len())
    each = (
        wanted.group_by("customer_id")
        .agg(truth=pl.len())
        .join(lists, on="customer_id", how="left")
        .with_columns(pl.col("hits").fill_null(0))
        .sort("customer_id")
    )
    recall, precision = (
        ratio_of_sums(pl.col("hits"), pl.col(of), f"{name}_share", f"{name}_low", f"{name}_high")
        for of, name in (("truth", "recall"), ("size", "precision"))
    )
    parts = [
        each.select(
            pl.lit(kind).alias("list"),
            pl.lit(method).alias("method"),
            pl.len().cast(pl.Int64).alias("customers"),
            *recall,
        ),
        lists.sort("customer_id").select(*precision),
        pl.DataFrame({"repeat_share": [repeat]}, schema={"repeat_share": pl.Float64}),
    ]
    return pl.concat(parts, how="horizontal")


def _why_again(last: dt.date) -> pl.Expr:
    since = (pl.lit(last) - pl.col("last_day")).dt.total_days()
    ago = (
        pl.when(since == 0)
        .then(pl.lit("on the period's last day"))
        .when(since == 1)
        .then(pl.lit("on the day before the period's last"))
        .otherwise(pl.format("{} days before the period's end", since))
    )
    gap = _gap().round(0).cast(pl.Int64)
    every = pl.when(gap <= 1).then(pl.lit("day")).otherwise(pl.format("{} days", gap))
    often = pl.format("bought on {} days, about every {}; last {}", pl.col("days"), every, ago)
    once = pl.format("bought once, {}", ago)
    return pl.when(pl.col("days") > 1).then(often).otherwise(once).alias("reason")


def _why_try() -> pl.Expr:
    percent = (100 * pl.col("shared")).round(0).cast(pl.Int64)
    return pl.format("{} % of those who buy {} buy it too", percent, "own").alias("reason")
