"""What acting upon alerts did: those told of against those held back, as of a campaign by lot."""

from pathlib import Path
from typing import Any

import polars as pl

from workbench.campaigns.alerts.kinds import spent_after
from workbench.campaigns.alerts.listed import CONTROL, TARGET
from workbench.campaigns.alerts.rules import Rule
from workbench.campaigns.alerts.states import known
from workbench.campaigns.results.uplift import Study, effects
from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.shop import Shop

DEFINITION = {
    "Whom": "the alerts fired on days of which at least one was acted upon, a customer once: all "
    "that could have been acted upon, acted or not, against those held back by lot",
    "When": "the rule's weeks after each alert's own day; those not over yet are left out",
    "Figure": "the difference in spend per customer, less what the weeks before the alert "
    "foretell (CUPED), with its 95 % interval",
}
HEADINGS = {
    "method": "Method",
    "treated": "Reached",
    "control": "Held back",
    "treated_mean": "Spend, reached",
    "control_mean": "Spend without it",
    "uplift": "Difference",
    "low": "At least",
    "high": "At most",
}
_KINDS = {"method": pl.String, "treated": pl.Int64, "control": pl.Int64}
_SCHEMA: dict[str, Any] = dict.fromkeys(HEADINGS, pl.Float64) | _KINDS


def alert_groups(shop: Shop, rule: Rule, home: Path | None = None) -> pl.DataFrame:
    """Return one row per customer: whom a rule's alerts reached and whom they were held back from.

    Columns: customer_id, group ("target" or "control"), fired_on (the day of the first alert,
    which tells the group).
    Only days count of whose alerts some were acted upon: of others nobody was reached.
    """
    alerts = known(shop, rule, home).drop_nulls("customer_id")
    reached = alerts.filter(pl.col("acted_on").is_not_null().any().over("fired_on"))
    ordered = reached.sort("fired_on", "grp")
    first = ordered.group_by("customer_id").agg(pl.first("grp", "fired_on"))
    day = pl.col("fired_on").str.to_date()
    return first.select("customer_id", group="grp", fired_on=day).sort("customer_id")


def alert_result(shop: Shop, rule: Rule, home: Path | None = None) -> pl.DataFrame:
    """Return what acting upon a rule's alerts did: one row per method of `uplift`.

    Columns: method, treated, control (customers), treated_mean, control_mean and uplift with its
    low and high (spend per customer in the rule's weeks, units of money), which are null before
    the weeks of two alerts of each group are over.
    """
    groups = alert_groups(shop, rule, home)
    ripe = groups.filter(pl.col("fired_on") + pl.duration(weeks=rule.weeks) <= shop.last_day)
    if min(_size(ripe, TARGET), _size(ripe, CONTROL)) < 2:
        sizes = {"treated": _size(groups, TARGET), "control": _size(groups, CONTROL)}
        return pl.DataFrame([dict.fromkeys(HEADINGS) | {"method": "CUPED"} | sizes], _SCHEMA)
    study = Study(_bought(shop, ripe, rule), [shop.span, shop.span])
    return effects(study, ["sales"]).select(*HEADINGS)


def say_result(rule: Rule, found: pl.DataFrame) -> str:
    """Return the sentence that says what acting did, or why that is not known yet."""
    row = found.filter(method="CUPED").row(0, named=True)
    if row["uplift"] is None:
        return (
            f"What acting upon {rule.name!r} does is not known yet: it takes {rule.weeks} weeks "
            f"of two of each group, and so far {row['treated']:,} were reached and "
            f"{row['control']:,} held back"
        )
    surely = "surely" if row["low"] > 0 or row["high"] < 0 else "not surely"
    more = "less" if row["uplift"] < 0 else "more"
    return (
        f"Those reached spent {abs(row['uplift']):.2f} {more} each in {rule.weeks} weeks than "
        f"those held back, {surely} {more} ({row['low']:+.2f} to {row['high']:+.2f}; "
        f"{row['treated']:,} against {row['control']:,})"
    )


def _size(groups: pl.DataFrame, name: str) -> int:
    return groups.filter(group=name).height


def _bought(shop: Shop, groups: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Return the groups with the spend of the weeks after each alert (0) and before it (1)."""
    spent = []
    for place in (0, 1):
        day = pl.col("fired_on") - pl.duration(weeks=rule.weeks * place)
        found = spent_after(shop, groups.with_columns(as_of=day), rule.weeks)
        spent.append((found["after"] / CENTS_PER_UNIT).alias(f"sales_{place}"))
    return groups.with_columns(*spent, visits_0=pl.lit(0.0), visits_1=pl.lit(0.0))
