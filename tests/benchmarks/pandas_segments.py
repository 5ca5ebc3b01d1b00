"""The questions that put each customer into a segment, as an analyst writes them in pandas."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from frames import (
    BRAND,
    CATEGORY,
    DAY,
    FIRST,
    LAST_DAY,
    QUARTER,
    VISITS,
    halves,
    read,
)


def rfm(home: Path) -> Any:
    """Recency, frequency and monetary value of each customer, with scores."""
    lines = read(home, *VISITS, "transaction_date")
    found = lines.groupby("customer_id", as_index=False).agg(
        last=("transaction_date", "max"),
        frequency=("transaction_id", "nunique"),
        monetary=("unit_spend", "sum"),
    )
    found["recency_days"] = (LAST_DAY - found["last"].dt.normalize()).dt.days
    for name, best in (("recency_days", False), ("frequency", True), ("monetary", True)):
        ranks = found[name].rank(method="first", ascending=best)
        found[f"{name}_score"] = pd.qcut(ranks, 10, labels=False)
    return found


def big_spenders(home: Path) -> Any:
    """Outliers, heavy, medium and light spenders."""
    lines = read(home, "customer_id", "unit_spend")
    spent = lines.groupby("customer_id", as_index=False)["unit_spend"].sum()
    names = ["Light", "Medium", "Heavy", "Outliers"]
    ranks = spent["unit_spend"].rank(pct=True)
    spent["segment_name"] = pd.cut(ranks, [0, 0.5, 0.8, 0.99, 1], labels=names).astype(str)
    return spent


def worth(home: Path) -> Any:
    """Heavy, medium and light spenders, and what each segment is worth."""
    lines = read(home, *VISITS)
    spent = lines.groupby("customer_id")["unit_spend"].sum()
    names = ["Light", "Medium", "Heavy"]
    segment = pd.cut(spent.rank(pct=True), [0, 0.5, 0.8, 1], labels=names).astype(str)
    parts = lines.assign(segment_name=lines["customer_id"].map(segment)).groupby("segment_name")
    found = parts.agg(
        spend=("unit_spend", "sum"),
        transactions=("transaction_id", "nunique"),
        customers=("customer_id", "nunique"),
    )
    found.loc["Total"] = found.sum()
    return found.reset_index()


def value(home: Path) -> Any:
    """What each customer will spend in a quarter: the mean of the last one and the usual one."""
    lines = read(home, "customer_id", "transaction_date", "unit_spend")
    lines["day"] = lines["transaction_date"].dt.normalize()
    days = lines.groupby(["customer_id", "day"], as_index=False)["unit_spend"].sum()
    found = days.groupby("customer_id", as_index=False).agg(
        first=("day", "min"),
        last=("day", "max"),
        visits=("day", "size"),
        spend=("unit_spend", "sum"),
    )
    late = days[days["day"] >= QUARTER].groupby("customer_id")["unit_spend"].sum()
    late = found["customer_id"].map(late).fillna(0)
    found["recency"] = (found["last"] - found["first"]).dt.days / 7
    found["age"] = (LAST_DAY - found["first"]).dt.days / 7
    found["predicted_spend"] = (late + found["spend"] * 91 / 365) / 2
    ranks = found["predicted_spend"].rank(method="first")
    found["tenth"] = pd.qcut(ranks, 10, labels=False)
    return found


def spend_variation(home: Path) -> Any:
    """What each customer spends a visit, against the half year before."""
    return _variation(home, lambda half: half["unit_spend"] / half["transaction_id"])


def frequency_variation(home: Path) -> Any:
    """How often each customer comes, against the half year before."""
    return _variation(home, lambda half: half["transaction_id"])


def frequency_cohort(home: Path) -> Any:
    """How often each customer comes in four weeks, since it is known."""
    lines = read(home, *VISITS, "transaction_date")
    lines["day"] = lines["transaction_date"].dt.normalize()
    found = lines.groupby("customer_id", as_index=False).agg(
        first=("day", "min"),
        days=("day", "nunique"),
        purchase_count=("transaction_id", "nunique"),
        spend=("unit_spend", "sum"),
    )
    exposed = ((LAST_DAY - found["first"]).dt.days + 1).clip(lower=28)
    found["rate"] = found["purchase_count"] * 28 / exposed
    found["band"] = np.floor(found["rate"]).clip(0, 5)
    return found


def never_buy(home: Path) -> Any:
    """Who does not buy a category, having had chances enough."""
    lines = read(home, *VISITS, "category", "unit_quantity")
    inside = lines[lines["category"] == CATEGORY]
    bought = inside[(inside["unit_quantity"] > 0) | (inside["unit_spend"] > 0)]
    by_customer = lines.groupby("customer_id")
    found = by_customer.agg(visits=("transaction_id", "nunique"), spend=("unit_spend", "sum"))
    found["category_visits"] = bought.groupby("customer_id")["transaction_id"].nunique()
    found["category_spend"] = bought.groupby("customer_id")["unit_spend"].sum()
    found = found.fillna(0)
    buys = found["category_visits"] > 0
    rate = found.loc[buys, "category_visits"].sum() / found.loc[buys, "visits"].sum()
    never = (found["visits"] >= 5) & ((1 - rate) ** found["visits"] < 0.05)
    names = ["Buys", "Never buys"]
    found["segment"] = np.select([buys, never], names, "Too early to say")
    return found.reset_index()


def wallet(home: Path) -> Any:
    """What each customer spends in a category and outside it."""
    lines = read(home, "customer_id", "category", "unit_spend")
    lines["inside"] = lines["category"] == CATEGORY
    parts = lines.groupby(["customer_id", "inside"], as_index=False)
    return parts.agg(spend=("unit_spend", "sum"))


def switching(home: Path) -> Any:
    """What each customer did to a brand, and what of it other brands gave or took."""
    columns = ("customer_id", "transaction_date", "brand", "unit_spend")
    lines = read(home, *columns, since=FIRST, category=CATEGORY)
    lines["brand"] = np.where(lines["brand"] == BRAND, "focus", "comparison")
    lines["half"] = halves(lines)
    found = lines.pivot_table(
        index="customer_id",
        columns=["brand", "half"],
        values="unit_spend",
        aggfunc="sum",
        fill_value=0,
    )
    found.columns = [f"{brand}_{half}" for brand, half in found.columns]
    before, after = (found[f"focus_{at}"] + found[f"comparison_{at}"] for at in ("p1", "p2"))
    own = found["focus_p2"] - found["focus_p1"]
    other = found["comparison_p2"] - found["comparison_p1"]
    both, opposite = (before > 0) & (after > 0), np.sign(own) == -np.sign(other)
    moved = np.minimum(own.abs(), other.abs()).where(both & opposite, 0) * np.sign(own)
    rest = own - moved
    found["new"], found["lost"] = rest.where(before == 0, 0), rest.where(after == 0, 0)
    found["increased_focus"] = rest.where(both, 0).clip(lower=0)
    found["decreased_focus"] = rest.where(both, 0).clip(upper=0)
    found["switch_from_comparison"] = moved.clip(lower=0)
    found["switch_to_comparison"] = moved.clip(upper=0)
    return found.reset_index()


def gain_and_loss(home: Path) -> Any:
    """From where a brand's change in sales came."""
    return switching(home).drop(columns="customer_id").sum().to_frame().T


def lifecycle(home: Path) -> Any:
    """Who is new, active, slipping away or gone."""
    lines = read(home, *VISITS, "transaction_date")
    lines["day"] = lines["transaction_date"].dt.normalize()
    found = lines.groupby("customer_id").agg(first=("day", "min"), last=("day", "max"))
    now = lines[lines["day"] >= QUARTER].groupby("customer_id")
    found["visits"] = now["transaction_id"].nunique()
    found["spend"] = now["unit_spend"].sum()
    found = found.fillna({"visits": 0, "spend": 0})
    gone, new = found["last"] < QUARTER, found["first"] > LAST_DAY - 56 * DAY
    lapsing = found["last"] < LAST_DAY - 28 * DAY
    names = ["Gone", "Newcomers", "Lapsing"]
    found["segment"] = np.select([gone, new, lapsing], names, "Active")
    return found.reset_index()


def _variation(home: Path, figure: Any) -> Any:
    lines = read(home, *VISITS, "transaction_date", since=FIRST)
    lines["half"] = halves(lines)
    by = lines.groupby(["customer_id", "half"])
    both = by.agg({"unit_spend": "sum", "transaction_id": "nunique"}).unstack(fill_value=0)
    was, now = (both.xs(at, axis=1, level="half") for at in ("p1", "p2"))
    change = figure(now) / figure(was)
    came, left = was["transaction_id"] == 0, now["transaction_id"] == 0
    few = np.minimum(was["transaction_id"], now["transaction_id"]) < 3
    states = [left, came, few, change > 1.2, change < 0.8]
    names = ["Gone", "Newcomers", "Too few visits", "Up", "Down"]
    both.columns = [f"{name}_{half}" for name, half in both.columns]
    return both.assign(change=change, segment=np.select(states, names, "Stable")).reset_index()


VERBS = {
    "rfm": rfm,
    "big spenders": big_spenders,
    "worth": worth,
    "value": value,
    "spend variation": spend_variation,
    "frequency variation": frequency_variation,
    "frequency cohort": frequency_cohort,
    "never buy": never_buy,
    "wallet": wallet,
    "switching": switching,
    "gain and loss": gain_and_loss,
    "lifecycle": lifecycle,
}
