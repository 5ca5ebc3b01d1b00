"""What acting upon alerts did: those told of against those held back, as of a campaign by lot."""

from pathlib import Path
from typing import Any

import polars as pl

from workbench.campaigns.alert_list import CONTROL, TARGET
from workbench.campaigns.alert_rules import Rule
from workbench.campaigns.alerts import known
from workbench.campaigns.uplift import Study, effects
from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.habits import visits

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
    "low": "at least",
    "high": "at most",
}
_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(HEADINGS, pl.Float64),
    "method": pl.String,
    "treated": pl.Int64,
    "control": pl.Int64,
}


def alert_groups(shop: Shop, rule: Rule, home: Path | None = None) -> pl.DataFrame:
    """Return one row per customer: whom a rule's alerts reached and whom they were held back from.

    Columns: customer_id, group ("target" or "control"), fired_on (the day of the first alert).
    Only days count of whose alerts some were acted upon: of others nobody was reached.
    """
    alerts = known(shop, rule, home).drop_nulls("customer_id")
    acted = alerts.filter(pl.col("acted_on").is_not_null()).select("fired_on").unique()
    first = alerts.join(acted, on="fired_on", how="semi").sort("fired_on", "customer_id")
    return (
        first.unique("customer_id", keep="first", maintain_order=True)
        .select("customer_id", group="grp", fired_on=pl.col("fired_on").str.to_date())
        .sort("customer_id")
    )


def alert_result(shop: Shop, rule: Rule, home: Path | None = None) -> pl.DataFrame:
    """Return what acting upon a rule's alerts did: one row per method of `uplift`.

    Columns: method, treated, control (customers), treated_mean, control_mean and uplift with its
    low and high (spend per customer in the rule's weeks, units of money), which are null before
    the weeks of two alerts of each group are over.
    """
    groups = alert_groups(shop, rule, home)
    over = pl.col("fired_on") + pl.duration(weeks=rule.weeks) <= shop.last_day
    ripe = groups.filter(over)
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
    surely = "surely" if row["low"] > 0 else "not surely"
    return (
        f"Those reached spent {row['uplift']:+.2f} each in {rule.weeks} weeks, {surely} more than "
        f"those held back ({row['low']:+.2f} to {row['high']:+.2f}; {row['treated']:,} against "
        f"{row['control']:,})"
    )


def _size(groups: pl.DataFrame, name: str) -> int:
    return groups.filter(group=name).height


def _bought(shop: Shop, groups: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Return the groups with what each bought in the weeks after its alert (0) and before (1)."""
    days = pl.lit(7 * rule.weeks)
    after = (pl.col("day") - pl.col("fired_on")).dt.total_days()
    inside = {0: (after > 0) & (after <= days), 1: (after <= 0) & (after > -days)}
    came = visits(shop, Period(shop.first_day, shop.last_day)).join(groups, on="customer_id")
    sums = came.group_by("customer_id").agg(
        *(
            pl.col(column).filter(when).sum().cast(pl.Float64).alias(f"{name}_{place}")
            for place, when in inside.items()
            for name, column in (("sales", "sales"), ("visits", "receipts"))
        )
    )
    found = groups.drop("fired_on").join(sums, on="customer_id", how="left", maintain_order="left")
    filled = found.with_columns(pl.col(pl.Float64).fill_null(0))
    return filled.with_columns(pl.col("^sales_.$") / CENTS_PER_UNIT)
