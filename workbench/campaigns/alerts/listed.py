"""Who gets on an alert's list: the rule's own cases, those who may be reached, within the budget.

The same steps serve the list of today and every past week that a rule is tested on.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence

import polars as pl

from workbench.campaigns.alerts import kinds as kinds
from workbench.campaigns.alerts import lost as lost
from workbench.campaigns.alerts.rules import NO_CHANNEL, Rule
from workbench.data.engine import fetch
from workbench.data.privacy import consented
from workbench.data.shop import NotCovered, Shop
from workbench.measures.customers.churn import TooFew

TARGET, CONTROL = "target", "control"
CASE = ["customer_id", "reason"]
_CASES = {
    "churn": kinds.staying_away,
    "category lost": lost.category_lost,
    "segment fall": kinds.fallen_tier,
    "big spender silent": kinds.gone_silent,
    "birthday": kinds.birthdays,
    "first purchase": kinds.newcomers,
    "cart abandoned": lost.cart_abandoned,
    "data late": lost.data_late,
}


class NotHere(ValueError):  # noqa: N818 - reads as the fact it states
    """A rule that rests on a table which the retailer does not deliver."""


CANNOT_TELL = (NotHere, NotCovered, TooFew)


def cases_of(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one row per day and case of a rule, with `reached`: whether it may be told of.

    Columns as of the kinds. Without consent to marketing on the day a customer is not reached
    by a channel. Raises NotHere where the shop lacks a table that the kind needs, NotCovered
    where the data starts too late for the days, TooFew where there is too little to learn from.
    """
    missing = [name for name in rule.what.needs if not shop.has(name)]
    if missing:
        raise NotHere(f"{shop.retailer} has no table {missing[0]!r}, which {rule.name!r} rests on")
    found = _CASES[rule.kind](shop, sorted(days), rule)
    if rule.channel == NO_CHANNEL:
        return found.with_columns(reached=pl.lit(value=True))
    willing = pl.concat([_willing(shop, day) for day in sorted(days)])
    joined = found.join(willing, on=["as_of", "customer_id"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("reached").fill_null(value=False))


def picked(cases: pl.DataFrame, told: pl.DataFrame, room: int) -> pl.DataFrame:
    """Return the cases of one day that are told of, most money at stake first.

    `told` (customer_id, reason) were told of before, and `room` is what is left of the budget.
    """
    compact = pl.col("reason").cast(pl.Categorical)
    ready = (
        cases.filter("fires", "reached")
        .with_columns(compact)
        .join(told.with_columns(compact), on=CASE, how="anti", nulls_equal=True)
    )
    order = ["at_stake", "score", "customer_id", "reason"]
    falling = [True, True, False, False]
    first = ready.sort(order, descending=falling, nulls_last=True).head(max(room, 0))
    return first.cast({"reason": pl.String})


def replayed(cases: pl.DataFrame, budgets: Sequence[int]) -> pl.DataFrame:
    """Return the alerts of day after day, from nothing told before: a budget for each day."""
    told = cases.head(0).cast({"reason": pl.String})
    days = cases.partition_by("as_of", maintain_order=True)
    for day, room in zip(days, budgets, strict=True):
        told = pl.concat([told, picked(day, told.select(CASE), room)])
    return told


def group_of(rule: Rule, customer: str) -> str:
    """Return whether a customer is held back from a rule's actions: always the same answer.

    >>> from workbench.campaigns.alerts.rules import read_rule
    >>> [group_of(read_rule("churn"), customer) for customer in ("11", "12")]
    ['target', 'target']
    """
    digest = hashlib.sha256(f"{rule.key}\0{customer}".encode()).digest()
    drawn = int.from_bytes(digest[:8]) / 2**64
    return CONTROL if drawn < rule.held_back else TARGET


def _willing(shop: Shop, day: dt.date) -> pl.DataFrame:
    if not shop.has("consents"):
        return pl.DataFrame(
            schema={"customer_id": pl.Int64, "as_of": pl.Date, "reached": pl.Boolean}
        )
    allowed = fetch(consented(shop, "marketing", day), by=["customer_id"])
    return allowed.with_columns(as_of=pl.lit(day), reached=pl.lit(value=True))
