"""Alerts in life: fired into the journal once for the same reason, and what became of each.

An alert is new, then seen, acted upon and closed. A part of each rule's alerts is held back and
never acted upon, so that what acting does can be told. All days are days of the data.
"""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import polars as pl

from workbench import paths
from workbench.actions import Action
from workbench.campaigns.alerts.listed import CANNOT_TELL, CASE, TARGET, cases_of, group_of, picked
from workbench.campaigns.alerts.rules import Rule
from workbench.data.engine import fetch
from workbench.data.period import written
from workbench.data.shop import Shop
from workbench.journal import Table

STATES = {
    "new": "told of, and nobody has looked yet",
    "seen": "somebody has looked",
    "acted": "the rule's action was taken",
    "closed": "the rule's weeks are over, and whether it came true is known",
}
OUTCOMES = {True: "came true", False: "did not come true", None: "not known"}
_KEY = ("retailer", "rule", "customer", "reason")
_FIRED = dict.fromkeys((*_KEY, "fired_on", "grp", "state"), "TEXT NOT NULL")
_SINCE = dict.fromkeys(("seen_on", "acted_on", "closed_on", "outcome"), "TEXT")
ALERTS = Table("alerts", {**_FIRED, "score": "REAL", "at_stake": "INTEGER", **_SINCE}, _KEY)
_LISTED = {
    "customer": pl.String,
    "customer_id": pl.Int64,
    "reason": pl.String,
    "score": pl.Float64,
    "at_stake": pl.Int64,
    "grp": pl.String,
}
_WEEK = dt.timedelta(days=7)


class Due(NamedTuple):
    """A rule's list: `alerts` to come, how many customers are `left_out` without consent.

    `note` says why a rule cannot be asked here.
    """

    alerts: pl.DataFrame
    left_out: int
    note: str = ""


def due(
    shop: Shop, rule: Rule, home: Path | None = None, *, expected: dt.date | None = None
) -> Due:
    """Return what a rule tells of on the data's last day beyond what it told of before.

    `expected` is the day up to which data should be there, for a rule on late data; it is the
    last day of the receipts where it is not given. `alerts`: one row per alert, most money at
    stake first: customer (the source's id), customer_id, reason, score, at_stake (cents), grp.
    """
    return _due(shop, rule, _cases(shop, rule, expected), home)


def known(shop: Shop, rule: Rule | None = None, home: Path | None = None) -> pl.DataFrame:
    """Return one row per alert fired so far by a rule, or by all, up to the data's last day.

    Columns as of the journal, and customer_id (null for who is in the data no more).
    """
    asked, values = "retailer = ? AND fired_on <= ?", [shop.retailer, str(shop.last_day)]
    if rule:
        asked, values = f"{asked} AND rule = ?", [*values, rule.key]
    rows = ALERTS.read(home or paths.home(), asked, values)
    return rows.join(_names(shop), on="customer", how="left", maintain_order="left")


def fire(
    shop: Shop, rule: Rule, home: Path | None = None, *, expected: dt.date | None = None
) -> Due:
    """Write the alerts that are due into the journal, and return them.

    The same data fires nothing twice, nor more in a week than the rule's budget.
    """
    cases = _cases(shop, rule, expected)
    with ALERTS.writing(home or paths.home()) as journal:
        found = _due(shop, rule, cases, home)
        for row in found.alerts.drop("customer_id").iter_rows(named=True):
            fired = {"fired_on": str(shop.last_day), "state": "new"}
            ALERTS.put(journal, {"retailer": shop.retailer, "rule": rule.key, **row, **fired})
    return found


def mark(shop: Shop, rule: Rule, state: str, home: Path | None = None) -> int:
    """Move a rule's open alerts on to seen or acted, and return how many moved.

    Those held back stay as they are. Raises ValueError for another state.
    """
    if state not in ("seen", "acted"):
        raise ValueError(f"alerts cannot be marked as {state!r}; allowed: seen, acted")
    before = ["new"] if state == "seen" else ["new", "seen"]
    with ALERTS.writing(home or paths.home()) as journal:
        return journal.execute(
            f"UPDATE alerts SET state = ?, {state}_on = ? WHERE retailer = ? AND rule = ? "  # noqa: S608 - our own names
            f"AND grp = ? AND state IN ({', '.join('?' * len(before))})",
            [state, str(shop.last_day), shop.retailer, rule.key, TARGET, *before],
        ).rowcount


def close(shop: Shop, rule: Rule, home: Path | None = None) -> int:
    """Close a rule's alerts whose weeks are over, each with its outcome; return how many."""
    over = str(shop.last_day - rule.weeks * _WEEK)
    ripe = known(shop, rule, home).filter(pl.col("state") != "closed", pl.col("fired_on") <= over)
    if ripe.is_empty():
        return 0
    ripe = ripe.with_columns(
        pl.col("reason").cast(pl.Categorical), as_of=pl.col("fired_on").str.to_date()
    )
    cases = cases_of(shop, ripe["as_of"].unique().to_list(), rule)
    told = ripe.join(cases, on=["as_of", *CASE], how="left", nulls_equal=True)
    with ALERTS.writing(home or paths.home()) as journal:
        for customer, reason, happened in told.select("customer", "reason", "happened").rows():
            journal.execute(
                "UPDATE alerts SET state = 'closed', closed_on = ?, outcome = ? "
                "WHERE retailer = ? AND rule = ? AND customer = ? AND reason = ?",
                (str(shop.last_day), OUTCOMES[happened], shop.retailer, rule.key, customer, reason),
            )
    return told.height


def offer(shop: Shop, rule: Rule, state: str, home: Path | None = None) -> Action:
    """Return the action that brings a rule's alerts to a state: new (those due), seen or acted."""
    label, words, command = OFFERS[state]

    def do() -> str:
        new = state == "new"
        count = fire(shop, rule, home).alerts.height if new else mark(shop, rule, state, home)
        return f"{count:,} {words}"

    question = (
        f"Should all open alerts of {rule.name!r} be {words}, as of {written(shop.last_day)}?"
    )
    return Action(label, question, do, command=f"workbench alerts {rule.key}{command}")


OFFERS = {
    "new": ("Write this week's alerts down", "written down as new", ""),
    "seen": ("Mark as seen", "marked as seen", " --mark seen"),
    "acted": ("Mark as acted", "marked as acted upon", " --mark acted"),
}


def _cases(shop: Shop, rule: Rule, expected: dt.date | None) -> pl.DataFrame | str:
    """Return the cases of the day, or why there are none to ask for."""
    day = expected if expected and rule.kind == "data late" else shop.last_day
    try:
        return cases_of(shop, [day], rule)
    except CANNOT_TELL as error:
        return str(error)


def _due(shop: Shop, rule: Rule, cases: pl.DataFrame | str, home: Path | None) -> Due:
    if isinstance(cases, str):
        return Due(pl.DataFrame(schema=_LISTED), 0, cases)
    told = known(shop, rule, home)
    lately = told.filter(pl.col("fired_on") > str(shop.last_day - _WEEK))
    listed = picked(cases, told.select(CASE), rule.budget - lately.height)
    out = cases.filter("fires", ~pl.col("reached"))["customer_id"].n_unique()
    return Due(_named(shop, rule, listed), out)


def _named(shop: Shop, rule: Rule, cases: pl.DataFrame) -> pl.DataFrame:
    named = cases.join(_names(shop), on="customer_id", how="left", maintain_order="left")
    customer = pl.col("customer").fill_null("")
    groups = [group_of(rule, name) for name in named.select(customer)["customer"]]
    return named.with_columns(customer, grp=pl.Series(groups, dtype=pl.String)).select(*_LISTED)


def _names(shop: Shop) -> pl.DataFrame:
    return fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
