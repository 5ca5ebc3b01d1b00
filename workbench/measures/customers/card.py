"""The card of one customer, made only where that customer has consented to profiling."""

import datetime as dt
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.activity import activity
from workbench.data.engine import fetch, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.privacy import consented
from workbench.data.shop import NotCovered, Shop
from workbench.measures.chance import ratio_of_sums
from workbench.measures.customers.habits import visits

DEFINITION = {
    "Consent": "the latest decision on profiling that has begun by the last day of the data is a "
    "yes; no decision means no",
    "Segment": "recency, frequency and money, among the customers of the same weeks",
    "Others": "the customers of the same segment in the period",
    "Next visit": "the middle 80 % of the customer's own gaps between visits that are longer than "
    "the days since the last one; at least four gaps, three of them longer",
}
HEADINGS = {"last_day": "Up to", "visits": "Baskets"}
BEST = "(best)"
THIS = "this customer"
_SHOWN = ("age", "income", "home", "household_size", "household_type", "children")


class NoConsent(ValueError):  # noqa: N818 - reads as the fact it states
    """A customer who has not consented to profiling, and of whom there is no card."""


def customer_of(shop: Shop, period: str | Period | Latest, asked: str = BEST) -> int:
    """Return the customer_id of the customer asked for by the source's id.

    "(best)" is the one with the most baskets in the period among those who consented to
    profiling, the lowest customer_id among equals. Raises NoConsent for a customer whose consent
    does not hold on the last day of the data, ValueError for an id that is unknown and where
    nobody consented.
    """
    allowed = fetch(consented(shop, "profiling"), by=["customer_id"])
    if asked == BEST:
        came = activity(shop, period).join(allowed, on="customer_id", how="semi")
        if came.is_empty():
            raise ValueError("nobody who bought in the period has consented to profiling: no card")
        best = came.sort("baskets", "customer_id", descending=[True, False])
        return int(best["customer_id"][0])
    names = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    found = names.filter(pl.col("customer") == asked)
    if found.is_empty():
        near = get_close_matches(asked, names["customer"].to_list(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"write {BEST} for one with many visits"
        raise ValueError(f"no customer has the id {asked[:40]!r}; {hint}")
    if found.join(allowed, on="customer_id", how="semi").is_empty():
        raise NoConsent(
            f"customer {asked!r} has not consented to profiling, so there is no card; ask for a "
            f"customer who has, or write {BEST}"
        )
    return int(found["customer_id"][0])


def about(shop: Shop, period: str | Period | Latest, customer_id: int) -> pl.DataFrame:
    """Return one row: what may be shown of a customer who consented, and the period's worth.

    Columns: customer (the source's id), first_name where it is known, the bands that are known
    (age, income ...), baskets, sales (money) and last_visit. No other personal data. Raises
    ValueError for a number that no customer has.
    """
    who = fetch(shop.customers.filter(nw.col("customer_id") == customer_id), by=["customer_id"])
    if who.is_empty():
        raise ValueError(f"no customer has the number {customer_id}; `customer_of` finds one")
    told = who.select("customer_id", "customer", *(n for n in _SHOWN if who[n][0] is not None))
    if shop.has("people"):
        people = shop.table("people").filter(nw.col("customer_id") == customer_id)
        names = fetch(people.select("customer_id", "first_name"), by=["customer_id"])
        told = told.join(names, on="customer_id", how="left")
    spent = activity(shop, period, last_day=True).filter(pl.col("customer_id") == customer_id)
    worth = spent.select("customer_id", "baskets", "sales", last_visit="last_day")
    return (
        told.join(worth, on="customer_id", how="left")
        .with_columns(money("sales"))
        .drop("customer_id")
    )


def timeline(shop: Shop, period: str | Period | Latest, customer_id: int) -> pl.DataFrame:
    """Return one row per week of the period: week (its first day), visit_days, sales (money).

    Weeks are counted back from the period's last day; a week without a visit has 0.
    """
    window = shop.window(period)
    weeks = window.days // 7
    first = window.last - dt.timedelta(days=7 * weeks - 1)
    rows = pl.DataFrame({"week": [first + dt.timedelta(weeks=n) for n in range(weeks)]})
    came = _own(shop, Period(first, window.last), customer_id)
    place = (pl.col("day") - pl.lit(first)).dt.total_days() // 7
    summed = (
        came.group_by(week=pl.lit(first) + pl.duration(weeks=place))
        .agg(pl.col("visit").count().cast(pl.Int64).alias("visit_days"), pl.col("sales").sum())
        .cast({"week": pl.Date})
    )
    return (
        rows.join(summed, on="week", how="left", maintain_order="left")
        .with_columns(pl.col("visit_days", "sales").fill_null(0))
        .with_columns(money("sales"))
    )


def segment_history(
    shop: Shop,
    period: str | Period | Latest,
    customer_id: int,
    label: Callable[..., pl.DataFrame],
    *,
    weeks: int = 13,
    **choices: Any,
) -> pl.DataFrame:
    """Return one row per stretch of `weeks` up to the period's last day, the oldest first.

    Stretches reach back as far as the data does, four at most; each is labelled by itself.
    Columns: first_day, last_day, segment (null where the customer has no label in it) and the
    other figures of the segmentation.
    """
    last = shop.window(period).last
    windows = [Period(last - dt.timedelta(days=7 * weeks - 1), last)]
    while windows[-1].before().first >= shop.first_day and len(windows) < 4:
        windows.append(windows[-1].before())
    if windows[0].first < shop.first_day:
        raise NotCovered(f"there are fewer than {weeks} weeks of data up to {last}: no history")
    parts = [_labelled(shop, window, customer_id, label, choices) for window in windows[::-1]]
    return pl.concat(parts)


def against_peers(
    shop: Shop,
    period: str | Period | Latest,
    customer_id: int,
    peers: pl.DataFrame,
    *,
    base: int = 3,
) -> pl.DataFrame:
    """Return one row per category the customer bought: its share of the money, against peers.

    `peers` (customer_id) are those to compare with, the customer not among them or among them.
    Columns as of a profile: segment ("this customer"), category, customers (days with it),
    penetration (of the customer's days), sales (money), sales_share, total_share (of the
    peers), index = 100 x the ratio of both, and index_low, the lower end of its 95 % interval
    over the customer's own days; null for fewer than `base` days with it.
    """
    named = shop.categories.select("category_id", "category")
    others = peers["customer_id"].to_list()
    question = (
        only(shop.during(period).lines, "customer_id", [*others, customer_id])
        .join(named, on="category_id", how="left")
        .filter(~nw.col("category").is_null())
    )
    everybody = fetch(
        question.group_by("category").agg(sales=total("sales")), by=["category"]
    ).select("category", total_share=pl.col("sales") / pl.col("sales").sum())
    own = fetch(
        question.filter(nw.col("customer_id") == customer_id)
        .group_by("category", "day")
        .agg(sales=total("sales")),
        by=["category", "day"],
    )
    return _indexed(own, everybody, base)


def peers_of(labels: pl.DataFrame, customer_id: int) -> pl.DataFrame:
    """Return the labels of the customer's segment; of everybody, where it has no label."""
    own = labels.filter(pl.col("customer_id") == customer_id)
    if own.is_empty():
        return labels
    return labels.filter(pl.col("segment") == own["segment"][0])


def promotions_answered(shop: Shop, customer_id: int, until: dt.date) -> pl.DataFrame:
    """Return one row per campaign sent to the customer that began by a day, the latest first.

    Columns: campaign, kind, starts, ends, coupons (redeemed by the day), last_redeemed. No rows
    where the shop has no campaigns.
    """
    if not all(shop.has(name) for name in ("campaigns", "targets", "redemptions")):
        kinds = {"campaign": pl.String, "kind": pl.String, "starts": pl.Date, "ends": pl.Date}
        return pl.DataFrame(schema={**kinds, "coupons": pl.Int64, "last_redeemed": pl.Date})
    own = nw.col("customer_id") == customer_id
    sent = shop.table("targets").filter(own).select("campaign_id")
    redeemed = (
        shop.table("redemptions")
        .filter(own, nw.col("day") <= nw.lit(until))
        .group_by("campaign_id")
        .agg(coupons=nw.len(), last_redeemed=nw.col("day").max())
    )
    question = (
        shop.table("campaigns")
        .filter(nw.col("starts") <= nw.lit(until))
        .join(sent, on="campaign_id", how="inner")
        .join(redeemed, on="campaign_id", how="left")
    )
    found = fetch(question, by=["starts", "campaign_id"]).reverse()
    columns = ("campaign", "kind", "starts", "ends", "coupons", "last_redeemed")
    return found.with_columns(pl.col("coupons").fill_null(0)).select(columns)


def _own(shop: Shop, window: Period, customer_id: int) -> pl.DataFrame:
    return visits(shop, window).filter(pl.col("customer_id") == customer_id)


def _labelled(
    shop: Shop, window: Period, customer_id: int, label: Callable[..., pl.DataFrame], choices: Any
) -> pl.DataFrame:
    row = pl.DataFrame({"customer_id": [customer_id]}, schema={"customer_id": pl.Int64})
    found = row.join(label(shop, window, **choices), on="customer_id", how="left")
    days = {"first_day": pl.lit(window.first), "last_day": pl.lit(window.last)}
    return found.select(**days).hstack(found.drop("customer_id"))


def _indexed(own: pl.DataFrame, everybody: pl.DataFrame, base: int) -> pl.DataFrame:
    spent = own.group_by("day").agg(whole=pl.col("sales").sum())
    days = spent.height
    crossed = own.select(pl.col("category").unique()).join(spent, how="cross")
    each = crossed.join(own, on=["category", "day"], how="left").with_columns(
        pl.col("sales").fill_null(0)
    )
    share = ratio_of_sums(pl.col("sales"), pl.col("whole"), "sales_share", "low", "high")
    index = 100 / pl.col("total_share")
    return (
        each.sort("category", "day")
        .group_by("category", maintain_order=True)
        .agg(
            (pl.col("sales") > 0).sum().cast(pl.Int64).alias("customers"),
            pl.col("sales").sum(),
            *share,
        )
        .join(everybody, on="category", how="left")
        .filter(pl.col("sales") > 0)
        .select(
            pl.lit(THIS).alias("segment"),
            *("category", "customers"),
            (pl.col("customers") / days).alias("penetration"),
            *("sales", "sales_share", "total_share"),
            (index * pl.col("sales_share")).alias("index"),
            pl.when(pl.col("customers") >= base).then(index * pl.col("low")).alias("index_low"),
        )
        .sort("category")
        .with_columns(money("sales"))
    )
