"""What pages show of alerts: this week's lists, the states they are in, one customer's alerts."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from workbench.campaigns.alerts.listed import CONTROL, TARGET
from workbench.campaigns.alerts.rules import Rule, rules
from workbench.campaigns.alerts.states import OUTCOMES, STATES, due, known
from workbench.data.engine import money
from workbench.data.shop import Shop

HEADINGS = {
    "team": "For",
    "alerts": "To act upon",
    "held_back": "Held back",
    "left_out": "Without consent",
    "customer_id": "Customer",
    "reason": "Why",
    "fired_on": "Told of on",
    "came_true": "Came true",
}
_LISTED = {
    "rule": pl.String,
    "customer_id": pl.Int64,
    "reason": pl.String,
    "at_stake": pl.Int64,
}
_COUNTED = ("alerts", "held_back", "left_out", "at_stake")
_RULES = {
    **dict.fromkeys(("rule", "team", "action", "channel"), pl.String),
    **dict.fromkeys(_COUNTED, pl.Int64) | {"note": pl.String},
}


class Week(NamedTuple):
    """This week's alerts: the list of those to act upon, and one row per rule."""

    alerts: pl.DataFrame
    rules: pl.DataFrame


def week(shop: Shop, rules: Iterable[Rule], home: Path | None = None) -> Week:
    """Return the alerts of the data's last seven days: those fired, and those due now.

    `alerts`: one row per alert that is not held back, most money at stake first within its rule:
    rule (its name), customer_id (null where it is about no customer), reason, at_stake (money).
    `rules`: one row per rule: rule, team, action, channel, alerts, held_back, left_out
    (customers without consent), at_stake (money, of those to act upon), note (why there is none).
    """
    lists, rows = [pl.DataFrame(schema=_LISTED)], []
    for rule in rules:
        found = due(shop, rule, home)
        since = pl.lit(shop.last_day) - pl.col("fired_on").str.to_date() < pl.duration(days=7)
        fired = known(shop, rule, home).filter(since).select(found.alerts.columns)
        both = pl.concat([fired, found.alerts])
        listed = both.filter(grp=TARGET).sort(
            "at_stake", "customer_id", "reason", descending=[True, False, False], nulls_last=True
        )
        lists.append(listed.with_columns(rule=pl.lit(rule.name)).select(*_LISTED))
        held = both.height - listed.height
        counts = (listed.height, held, found.left_out, listed["at_stake"].sum())
        named = (rule.name, rule.team, rule.action, rule.channel)
        rows.append((*named, *counts, found.note or None))
    alerts = pl.concat(lists).with_columns(money("at_stake"))
    return Week(alerts, pl.DataFrame(rows, _RULES, orient="row").with_columns(money("at_stake")))


def say_week(alerts: pl.DataFrame, rules: pl.DataFrame) -> str:
    """Return the sentence that says how many alerts there are, for whom, and who is left out."""
    teams = rules.filter(pl.col("alerts") > 0)["team"].n_unique()
    held, out = rules["held_back"].sum(), rules["left_out"].sum()
    asked = rules["note"][0] if rules.height == 1 else None
    return asked or (
        f"{_count(alerts.height, 'alert')} to act upon this week, for {_count(teams, 'team')}; "
        f"{held:,} more are held back, and {out:,} met a rule without consent to be reached"
    )


def states(shop: Shop, rules: Iterable[Rule], home: Path | None = None) -> pl.DataFrame:
    """Return one row per rule: how many of its alerts ever fired are in which state.

    Columns: rule (its name), fired, new, seen, acted, closed (not held back), held_back, and
    came_true of all that are closed.
    """
    alerts = known(shop, home=home)
    mine = pl.col("grp") == TARGET
    counts = {state: (mine & (pl.col("state") == state)).sum() for state in STATES}
    held, true = pl.col("grp") == CONTROL, pl.col("outcome") == OUTCOMES[True]
    counted = alerts.group_by(key="rule").agg(
        fired=pl.len(), **counts, held_back=held.sum(), came_true=true.sum()
    )
    names = [(rule.key, rule.name) for rule in rules]
    named = pl.DataFrame(names, dict.fromkeys(("key", "rule"), pl.String), orient="row")
    found = named.join(counted, on="key", how="left", maintain_order="left").drop("key")
    return found.with_columns(pl.exclude("rule").fill_null(0).cast(pl.Int64))


def alerts_of(shop: Shop, customer_id: int, home: Path | None = None) -> pl.DataFrame:
    """Return one row per alert about a customer so far, the latest first.

    Columns: rule (its name, or what its file was called), reason, fired_on, state (held back
    where it is) and outcome. It tells of a person: show it only with consent to profiling.
    """
    called = {rule.key: rule.name for rule in rules()}
    held = pl.when(grp=CONTROL).then(pl.lit("held back")).otherwise("state")
    mine = known(shop, home=home).filter(customer_id=customer_id)
    return mine.sort("fired_on", "rule", "reason", descending=[True, False, False]).select(
        pl.col("rule").replace(called),
        "reason",
        pl.col("fired_on").str.to_date(),
        state=held,
        outcome="outcome",
    )


def _count(many: int, noun: str) -> str:
    return f"{many:,} {noun}{'s' * (many != 1)}"
