"""Running: what a campaign has come to so far, and whether a rule announced before stops it.

Sales are those of the promoted products to the customers addressed, before any discount: what
the forecast speaks of, not what the campaign caused. Only the control group tells that, and only
at the end: looking every day and stopping when it looks good would find effects that are not
there. So no stop rule looks at the difference to control.
"""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.campaigns.audiences.audience import SENDS, UNSUBSCRIBED
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans.keys import STOPS
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import CENTS_PER_UNIT, fetch, only
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.journal import OF
from workbench.measures.discounts import given

STOP, GO_ON, NOT_YET, UNKNOWN = "Stop", "Go on", "Too early", "Cannot be told"
DEFINITION = {
    "Addressed": "customers drawn for an offer; without a draw, those the retailer's own list of "
    "the campaign names",
    "Written to": "messages sent from here, or contacts in the data under the campaign's name, "
    "file name or code",
    "Used a coupon": "redemptions under the campaign's code",
    "Sales": "of the promoted products to those addressed, before discounts, against the "
    "forecast's even share of the days passed",
    "Discount": "all that the retailer gave off those products to those addressed, for whatever "
    "reason: receipts do not say which campaign a discount belongs to",
    "Stop rules": "announced in the campaign's file before it began",
    "What is not shown": "the difference to the control group: looked at every day it would "
    "mislead; the result comes when the campaign has ended",
}


class Running(NamedTuple):
    """A campaign so far.

    `days`: one row per day so far: day, sales and discount (money, all days up to it), forecast
    with forecast_low and forecast_high (sales by then; null without a forecast). `answers`: one
    row per answer: answer, customers, customers_share (of those addressed); null where the data
    cannot tell. `stops`: one row per stop rule: rule, limit and now (in words;
    null where the data cannot tell), verdict, meaning.
    """

    days: pl.DataFrame
    answers: pl.DataFrame
    stops: pl.DataFrame


def running(shop: Shop, campaign: Campaign) -> Running:
    """Return what a campaign has come to by the data's last day.

    Raises ValueError where it has not begun by then, or where nobody is addressed.
    """
    window, last = campaign.days, min(campaign.days.last, shop.last_day)
    if window.first > last:
        raise ValueError(
            f"{campaign.slug} starts on {window.first}, and the data is complete to {last}; "
            "look again when its first day is in the data"
        )
    told = addressed(shop, campaign)
    if told.is_empty():
        raise ValueError(f"nobody is addressed by {campaign.slug} yet; draw its groups first")
    days = _days(shop, campaign, told, Period(window.first, last))
    answers = _answers(shop, campaign, told, Period(window.first, last))
    return Running(days, answers, _stops(campaign, days, answers))


def addressed(shop: Shop, campaign: Campaign) -> pl.DataFrame:
    """Return the customers drawn for an offer, or those of the retailer's own list."""
    drawn = assigned(paths.home(), shop, campaign.slug).filter(pl.col("group") != CONTROL)
    if not drawn.is_empty() or not campaign.code or not shop.has("targets"):
        return drawn.select("customer_id")
    return _of_code(shop, campaign, "targets").select("customer_id").unique().sort("customer_id")


def _days(shop: Shop, campaign: Campaign, told: pl.DataFrame, past: Period) -> pl.DataFrame:
    mine = nw.col("product").is_in(list(campaign.products))
    wanted = shop.products.filter(mine).select("product_id")
    lines = shop.during(past).lines.join(wanted, on="product_id", how="semi")
    theirs = only(lines, "customer_id", told["customer_id"].to_list())
    off = theirs.with_columns(discount=given())
    sums = off.group_by("day").agg(nw.col("sales", "discount").cast(nw.Int64).sum())
    sold = fetch(sums, by=["day"]).with_columns(sales=pl.col("sales") + pl.col("discount"))
    every = pl.select(day=pl.date_range(past.first, past.last))
    whole = every.join(sold, on="day", how="left", maintain_order="left").fill_null(0)
    part = pl.int_range(1, pl.len() + 1) / campaign.days.days
    ends = campaign.expects.get("sales") or (None, None, None)
    foreseen = {
        name: pl.lit(end, pl.Float64) * part
        for name, end in zip(("forecast", "forecast_low", "forecast_high"), ends, strict=True)
    }
    cents = pl.col("sales", "discount").cum_sum() / CENTS_PER_UNIT
    return whole.with_columns(cents, **foreseen)


def _answers(shop: Shop, campaign: Campaign, told: pl.DataFrame, past: Period) -> pl.DataFrame:
    contacts = _contacts(shop, campaign, told, past)
    sent = _ours(shop, SENDS, "campaign = ? AND state = 'sent'", [campaign.slug], told)
    since = [campaign.channel, str(past.first)]
    counts = {
        "Addressed": told.height,
        "Written to": max(sent, _seen(contacts, "sent", past.last) or 0) or None,
        "Opened": _seen(contacts, "opened", past.last),
        "Clicked": _seen(contacts, "clicked", past.last),
        "Used a coupon": _redeemed(shop, campaign, told, past),
        "Unsubscribed": _ours(shop, UNSUBSCRIBED, "channel = ? AND day >= ?", since, told),
    }
    rows = pl.DataFrame(
        list(counts.items()), {"answer": pl.String, "customers": pl.Int64}, orient="row"
    )
    return rows.with_columns(customers_share=pl.col("customers") / max(told.height, 1))


def _contacts(
    shop: Shop, campaign: Campaign, told: pl.DataFrame, past: Period
) -> pl.DataFrame | None:
    """Return the contacts of a campaign, or None where the data knows none of it."""
    if not shop.has("contacts"):
        return None
    names = {name.lower() for name in (campaign.name, campaign.slug, campaign.code) if name}
    named = nw.col("subject").str.to_lowercase().is_in(sorted(names))
    sent = nw.col("sent").is_between(past.first, past.last)
    wanted = (
        shop.table("contacts")
        .filter(named, sent)
        .select("customer_id", "sent", "opened", "clicked")
    )
    rows = fetch(wanted, by=["customer_id"]).join(told, on="customer_id", how="semi")
    return None if rows.is_empty() else rows


def _seen(contacts: pl.DataFrame | None, what: str, last: dt.date) -> int | None:
    if contacts is None:
        return None
    return contacts.filter(pl.col(what) <= last)["customer_id"].n_unique()


def _redeemed(shop: Shop, campaign: Campaign, told: pl.DataFrame, past: Period) -> int | None:
    if not campaign.code or not shop.has("redemptions"):
        return None
    rows = _of_code(shop, campaign, "redemptions").filter(pl.col("day") <= past.last)
    return rows.join(told, on="customer_id", how="semi")["customer_id"].n_unique()


def _of_code(shop: Shop, campaign: Campaign, table: str) -> pl.DataFrame:
    """Return the rows of a table under the campaign's code, or raise ValueError for a wrong one."""
    known = fetch(shop.table("campaigns").select("campaign_id", "campaign"), by=["campaign_id"])
    ids = known.filter(pl.col("campaign") == campaign.code)["campaign_id"].to_list()
    if not ids:
        raise ValueError(f"{campaign.file}: code {campaign.code!r} is no campaign of the data")
    wanted = shop.table(table).filter(nw.col("campaign_id").is_in(ids))
    return fetch(wanted, by=["customer_id"])


def _ours(shop: Shop, table: Any, where: str, values: list[str], told: pl.DataFrame) -> int:
    """Return how many of those addressed the journal names."""
    asked = f"{where} AND {OF}", [*values, shop.retailer]
    names = table.read(paths.home(), *asked).select("customer").unique()
    ids = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    return ids.join(names, on="customer").join(told, on="customer_id", how="semi").height


def _stops(campaign: Campaign, days: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    last = days.row(-1, named=True)
    half = days.height * 2 >= campaign.days.days
    found = dict(answers.select("answer", "customers").rows())
    now = {
        "cost over": last["discount"],
        "redeemed under": _part(found["Used a coupon"], found["Addressed"]),
        "sales under": _part(last["sales"], last["forecast"]),
        "unsubscribed over": _part(found["Unsubscribed"], found["Written to"]),
    }
    rows = [
        (
            rule,
            *(_said(rule, each) for each in (limit, now[rule])),
            _verdict(rule, limit, now[rule], half=half),
        )
        for rule, limit in campaign.stop.items()
    ]
    kinds = dict.fromkeys(["rule", "limit", "now", "verdict"], pl.String)
    return pl.DataFrame(rows, kinds, orient="row").with_columns(
        meaning=pl.col("rule").replace_strict(STOPS)
    )


def _said(rule: str, figure: float | None) -> str | None:
    """Return a rule's figure in words: an amount for a cost, a share for all others."""
    if figure is None:
        return None
    return f"{figure:,.2f}" if rule == "cost over" else f"{figure:.1%}"


def _part(some: float | None, whole: float | None) -> float | None:
    return some / whole if whole and some is not None else None


def _verdict(rule: str, limit: float, now: float | None, *, half: bool) -> str:
    if now is None:
        return UNKNOWN
    if rule.endswith("over"):
        return STOP if now > limit else GO_ON
    if not half:
        return NOT_YET
    return STOP if now < limit else GO_ON
