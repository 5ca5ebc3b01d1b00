"""Audience: who of a segment may be addressed by a campaign, and why the others may not."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.actions import Action
from workbench.campaigns.audiences.groups import CONTROL, assign, assigned, held_out, split
from workbench.campaigns.plans.plan import Campaign
from workbench.data.activity import activity
from workbench.data.engine import fetch
from workbench.data.period import written
from workbench.data.privacy import consented
from workbench.data.shop import Shop, open_shop
from workbench.journal import OF, RETAILER, Table

ADDRESSES = {"email": "email", "sms": "phone"}
CAP_WEEKS = 4
UNSUBSCRIBED = Table(
    "unsubscribed",
    {"retailer": RETAILER, **dict.fromkeys(("customer", "channel", "day"), "TEXT NOT NULL")},
    ("retailer", "customer", "channel"),
)
SENDS = Table(
    "sends",
    {
        "retailer": RETAILER,
        "campaign": "TEXT NOT NULL",
        "customer": "TEXT NOT NULL",
        "offer": "TEXT NOT NULL",
        "channel": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "day": "TEXT NOT NULL",
        "message": "TEXT NOT NULL",
    },
    ("retailer", "campaign", "customer"),
)


DEFINITION = {
    "Consent": "to the purpose of the channel (e-mail, text message, push and post: marketing; "
    "till: profiling), the latest decision that holds on the day; no decision is a no",
    "Reachable": "an address in the data; where the data has none, a message sent by the channel "
    "before; by post, push and till the house's own systems know the way",
    "Not written to too often": "messages in the data and those sent from here, of all other "
    f"campaigns, in the {CAP_WEEKS} weeks before; the most allowed is in the campaign's file",
    "Not in the hold-out": "a small part of all customers, by their own id, who get no campaign",
    "Preferred channel": "the one by which a customer opened most messages; it goes into the file",
    "Groups": "drawn by lot among those alike in spend, from a seed, stored and never drawn again; "
    "later exports and sendings rest on the same groups",
    "Export": "consent is looked at again in the newest data; the control group is in no file",
}


class Audience(NamedTuple):
    """Those who may be addressed, and the steps that led to them.

    `customers`: one row per customer: customer_id, preferred_channel (by which they open most
    messages; null where unknown). `steps`: one row per step in order: step, customers (left after
    it), left_out, meaning.
    """

    customers: pl.DataFrame
    steps: pl.DataFrame


def audience(
    shop: Shop,
    campaign: Campaign,
    customers: pl.DataFrame,
    *,
    excluded: pl.DataFrame | None = None,
    purposes: Sequence[str] = (),
) -> Audience:
    """Return who of some customers may be addressed by a campaign, as of the data's last day.

    `customers` and `excluded` name them by customer_id. They have to consent to the
    purpose of the channel and to further `purposes`; no decision about consent is a no.
    """
    left = customers.select(pl.col("customer_id").cast(pl.Int64)).unique().sort("customer_id")
    rows = [("In the segment", left.height, 0, campaign.segment)]
    for step, allowed, kept, meaning in _steps(shop, campaign, excluded, purposes):
        by: Literal["semi", "anti"] = "semi" if kept else "anti"
        now = left.join(allowed, on="customer_id", how=by, maintain_order="left")
        rows.append((step, now.height, left.height - now.height, meaning))
        left = now
    names = ["step", "customers", "left_out", "meaning"]
    known = left.join(_preferred(shop), on="customer_id", how="left", maintain_order="left")
    return Audience(known, pl.DataFrame(rows, schema=names, orient="row"))


def newest(shop: Shop) -> Shop:
    """Return the shop with its newest data: what is written to people rests on consent now."""
    return open_shop(retailer=shop.retailer, currency=shop.currency, accept=shop.accepted)


def say_audience(found: Audience, campaign: Campaign) -> str:
    """Return the sentence that says how many may be addressed, and where most are lost.

    `found` is what `audience` returns.
    """
    first, last = found.steps["customers"][0], found.customers.height
    if not last:
        return f"{campaign.name}: nobody of {first:,} may be addressed by {campaign.channel}"
    worst = found.steps.sort("left_out", "step", descending=[True, False]).row(0, named=True)
    said = f"{campaign.name}: {last:,} of {first:,} may be addressed by {campaign.channel}"
    if not worst["left_out"]:
        return said
    return f"{said}; most are lost at: {worst['step'].lower()} ({worst['left_out']:,})"


def groups_of(shop: Shop, campaign: Campaign) -> pl.DataFrame:
    """Return one row per stored group, control last: group, customers; none before the draw."""
    sizes = assigned(paths.home(), shop, campaign.slug).group_by("group")
    counted = sizes.agg(customers=pl.len().cast(pl.Int64))
    return counted.sort(pl.col("group") == CONTROL, "group")


def draw(shop: Shop, campaign: Campaign, found: Audience, *, seed: int = 0) -> Action:
    """Offer to draw the groups of a campaign by lot and store them, once and for good."""
    size, there = found.customers.height, groups_of(shop, campaign)
    question = (
        f"Draw {size:,} customers for {campaign.slug}, about {campaign.control:.0%} of them held "
        f"out as control? The groups are stored and never drawn again."
    )
    if campaign.days.first <= shop.last_day:
        question += f" It began on {campaign.days.first}: only who gets its offer now can be told."
    if not there.is_empty():
        question = (
            f"The groups of {campaign.slug} are drawn: {_sizes(there)}. They stay as they are."
        )

    def drawn() -> str:
        spent = activity(shop, campaign.period).select("customer_id", "sales")
        alike = found.customers.join(spent, on="customer_id", how="left", maintain_order="left")
        groups = split(alike, control=campaign.control, offers=campaign.offers, seed=seed)
        count = assign(paths.home(), shop, campaign.slug, groups, seed=seed)
        stored = f"{count:,} customers are drawn and stored for {campaign.slug}"
        return f"{stored}: {_sizes(groups_of(shop, campaign))}"

    return Action(
        "Draw and store the groups", question, drawn, f"workbench campaign draw {campaign.slug}"
    )


def _sizes(groups: pl.DataFrame) -> str:
    return ", ".join(f"{customers:,} {group}" for group, customers in groups.rows())


def _steps(
    shop: Shop, campaign: Campaign, excluded: pl.DataFrame | None, purposes: Sequence[str]
) -> Iterator[tuple[str, pl.DataFrame, bool, str]]:
    """Yield each step: its name, some customers, whether they stay or go, and why."""
    day, channel = shop.last_day, campaign.channel
    for purpose in (campaign.purpose, *purposes):
        willing = fetch(consented(shop, purpose, day), by=["customer_id"])
        yield (
            f"Consent to {purpose}",
            _ids(willing),
            True,
            f"as it holds on {written(day)}; no word is a no",
        )
    gone = UNSUBSCRIBED.read(paths.home(), f"channel = ? AND {OF}", [channel, shop.retailer])
    yield "Not unsubscribed", _known(shop, gone), False, f"from {channel}, by their own word"
    yield "Reachable", *_reachable(shop, channel)
    tired = _written_to(shop, campaign).filter(pl.col("messages") >= campaign.cap)
    weeks = f"under {campaign.cap} messages in the {CAP_WEEKS} weeks before"
    yield "Not written to too often", _ids(tired), False, weeks
    out = pl.DataFrame(schema={"customer_id": pl.Int64}) if excluded is None else excluded
    yield "Not excluded", _ids(out), False, ", ".join(campaign.exclude) or "nobody is excluded"
    yield "Not in the hold-out", _ids(held_out(shop)), False, "the few who never get a campaign"


def _reachable(shop: Shop, channel: str) -> tuple[pl.DataFrame, bool, str]:
    column = ADDRESSES.get(channel)
    if column and shop.has("people"):
        people = fetch(shop.table("people").select("customer_id", column), by=["customer_id"])
        return _ids(people.filter(pl.col(column).str.contains(r"\S"))), True, f"has left {column}"
    if column and shop.has("contacts"):
        sent = shop.table("contacts").filter(nw.col("channel") == channel)
        reached = fetch(sent.select("customer_id").unique(), by=["customer_id"])
        return _ids(reached), True, f"was sent an {channel} before; addresses are not in the data"
    everybody = fetch(shop.customers.select("customer_id"), by=["customer_id"])
    return _ids(everybody), True, f"{channel} needs no address in the data"


def _written_to(shop: Shop, campaign: Campaign) -> pl.DataFrame:
    """Return one row per customer written to in the weeks before: customer_id, messages.

    What was sent from here for the campaign itself does not count against it.
    """
    last = min(shop.last_day, campaign.days.first - dt.timedelta(days=1))
    first = last - dt.timedelta(weeks=CAP_WEEKS, days=-1)
    days = f"campaign <> ? AND day BETWEEN ? AND ? AND state = 'sent' AND {OF}"
    ours = SENDS.read(paths.home(), days, [campaign.slug, str(first), str(last), shop.retailer])
    found = [_known(shop, ours)]
    if shop.has("contacts"):
        sent = nw.col("sent").is_between(first, last), nw.col("channel") != "service"
        rows = shop.table("contacts").filter(*sent).select("customer_id")
        found.append(_ids(fetch(rows, by=["customer_id"])))
    return pl.concat(found).group_by("customer_id").agg(messages=pl.len())


def _preferred(shop: Shop) -> pl.DataFrame:
    """Return the channel by which each customer opens most: customer_id, preferred_channel."""
    if not shop.has("contacts"):
        return pl.DataFrame(schema={"customer_id": pl.Int64, "preferred_channel": pl.String})
    opened = shop.table("contacts").filter(~nw.col("opened").is_null())
    counted = opened.group_by("customer_id", "channel").agg(opens=nw.len())
    ordered = fetch(counted, by=["customer_id", "channel"]).sort(
        "customer_id", "opens", "channel", descending=[False, True, False]
    )
    first = ordered.group_by("customer_id", maintain_order=True).first()
    return first.select("customer_id", preferred_channel="channel")


def _known(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the customer_id of rows that name customers by the retailer's own id."""
    ids = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    return ids.join(rows.select("customer"), on="customer").select("customer_id")


def _ids(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col("customer_id").cast(pl.Int64))
