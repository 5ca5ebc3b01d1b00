"""The questions about customers and the business, as an analyst writes them in pandas."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from frames import (
    CATEGORY,
    DAY,
    FIRST,
    LAST_DAY,
    NO_GOODS,
    OTHER,
    QUARTER,
    SECOND_HALF,
    VISITS,
    causes,
    halves,
    read,
    segments,
    table,
    wide,
)

LEAST, CAMPAIGN = 100, "18"
ENDED, LONG = pd.Timestamp("2017-12-24"), 56 * DAY


def weigh(home: Path) -> Any:
    """What segments that are known are worth."""
    lines = read(home, *VISITS, "unit_cost")
    found = _stats(lines.assign(segment=segments(lines)), "segment", cost=("unit_cost", "sum"))
    found["margin"] = found["spend"] - found["cost"]
    found["spend_per_customer"] = found["spend"] / found["customers"]
    return found


def cohort(home: Path) -> Any:
    """Customers by the month of their first visit and months since."""
    lines = read(home, "customer_id", "transaction_date")
    month = lines["transaction_date"].dt.year * 12 + lines["transaction_date"].dt.month - 1
    came = lines.assign(month=month)[["customer_id", "month"]].drop_duplicates()
    came["first"] = came.groupby("customer_id")["month"].transform("min")
    came["age"] = came["month"] - came["first"]
    found = came.pivot_table(index="first", columns="age", aggfunc="size", fill_value=0)
    found.index = [pd.Timestamp(month // 12, month % 12 + 1, 1) for month in found.index]
    return found.rename_axis("min_period_shopped").reset_index().rename(columns=str)


def profile(home: Path) -> Any:
    """What each customer spends in each category."""
    lines = read(home, "customer_id", "category", "unit_spend")
    parts = lines.groupby(["customer_id", "category"], as_index=False, dropna=False)
    return parts.agg(spend=("unit_spend", "sum"))


def uplift(home: Path) -> Any:
    """What a campaign's customers spent, those not chosen, and how both had changed."""
    lines = read(home, *VISITS, "transaction_date", "product_id", since=ENDED + DAY - 5 * LONG)
    ids = table(home, "campaigns").set_index("campaign")["campaign_id"]
    targets, coupons = (table(home, name) for name in ("targets", "coupons"))
    customers = table(home, "customers").set_index("customer_id")["customer"]
    products = table(home, "products").set_index("product_id")["product"]
    chosen = targets.loc[targets["campaign_id"] == ids[CAMPAIGN], "customer_id"].map(customers)
    good_for = coupons.loc[coupons["campaign_id"] == ids[CAMPAIGN], "product_id"].map(products)
    lines = lines[lines["transaction_date"] < ENDED + DAY]
    window = (ENDED + DAY - lines["transaction_date"]).dt.ceil("D") // DAY
    lines["window"] = (window - 1) // 56
    lines["promoted"] = lines["unit_spend"].where(lines["product_id"].isin(good_for), 0)
    by = lines.groupby(["customer_id", "window"])
    each = by[["unit_spend", "promoted"]].sum().unstack(fill_value=0)
    each = each[each.index.isin(lines.loc[lines["window"] > 0, "customer_id"].unique())]
    found = each.groupby(each.index.isin(chosen)).agg(["mean", "size"])
    found.columns = ["_".join(map(str, column)) for column in found.columns]
    found["change"] = found["unit_spend_0_mean"] - found["unit_spend_1_mean"]
    return found.rename_axis("treated").reset_index()


def churn(home: Path) -> Any:
    """How likely each customer is to stay away four weeks, as such customers did before."""
    lines = read(home, "customer_id", "transaction_date", "unit_spend", since=QUARTER - 28 * DAY)
    lines["day"] = lines["transaction_date"].dt.normalize()
    days = lines.groupby(["customer_id", "day"], as_index=False)["unit_spend"].sum()
    cut = LAST_DAY - 28 * DAY
    then, now = (_came(days, last) for last in (cut, LAST_DAY))
    then["stayed_away"] = ~then["customer_id"].isin(
        days.loc[days["day"] > cut, "customer_id"].unique()
    )
    edges = [-1, 1, 3, 7, 14, 28, 56, 91]
    share = then.groupby(pd.cut(then["away"], edges), observed=False)["stayed_away"].mean()
    now["churn_share"] = pd.cut(now["away"], edges).map(share).astype(float)
    now["at_stake"] = now["spend"] * 28 / 91 * now["churn_share"]
    return now.sort_values("churn_share", ascending=False)


def lapsed(home: Path) -> Any:
    """How many customers came on one, two ... days of a quarter and stayed away since."""
    lines = read(home, "customer_id", "transaction_date", since=QUARTER)
    lines["day"] = lines["transaction_date"].dt.normalize()
    by = lines.groupby("customer_id")["day"]
    came = pd.DataFrame({"transaction_number": by.nunique(), "last": by.max()})
    came["churned"] = (LAST_DAY - came["last"]).dt.days > 28
    found = came.groupby("transaction_number", as_index=False)["churned"]
    return found.sum()


def repeats(home: Path) -> Any:
    """How often each customer came again, until when, for how long, and for how much."""
    lines = read(home, "customer_id", "transaction_date", "unit_spend")
    lines["day"] = lines["transaction_date"].dt.normalize()
    days = lines.groupby(["customer_id", "day"], as_index=False)["unit_spend"].sum()
    days = days[days["unit_spend"] > 0].copy()
    days["first"] = days.groupby("customer_id")["day"].transform("min")
    again = days[days["day"] > days["first"]].groupby("customer_id")["unit_spend"].mean()
    found = days.groupby("customer_id", as_index=False).agg(
        first=("first", "min"), last=("day", "max"), visits=("day", "size")
    )
    return found.assign(
        frequency=found["visits"] - 1,
        recency=(found["last"] - found["first"]).dt.days / 7,
        T=(LAST_DAY - found["first"]).dt.days / 7,
        monetary_value=found["customer_id"].map(again),
    )


def habits(home: Path) -> Any:
    """How each customer came in a quarter: days with a visit, and the days between them."""
    lines = read(home, "customer_id", "transaction_date", since=QUARTER)
    lines["day"] = lines["transaction_date"].dt.normalize()
    days = lines[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
    days["gap"] = days.groupby("customer_id")["day"].diff().dt.days
    found = days.groupby("customer_id", as_index=False).agg(
        first=("day", "min"),
        last=("day", "max"),
        visit_days=("day", "size"),
        avg_days_between_purchases=("gap", "mean"),
        longest=("gap", "max"),
    )
    found["away"] = (LAST_DAY - found["last"]).dt.days
    return found


def crossing(home: Path) -> Any:
    """Who buys one category, the other, both or none, and what they spend."""
    lines = read(home, "customer_id", "category", "unit_quantity", "unit_spend")
    spent = lines.groupby("customer_id", as_index=False)["unit_spend"].sum()
    bought = lines[(lines["unit_quantity"] > 0) | (lines["unit_spend"] > 0)]
    first, second = (
        spent["customer_id"].isin(bought.loc[bought["category"] == name, "customer_id"].unique())
        for name in (CATEGORY, OTHER)
    )
    names = ["A, B", "A", "B"]
    spent["group_labels"] = np.select([first & second, first, second], names, "No Groups")
    by = spent.groupby("group_labels", as_index=False)
    return by.agg(customers=("customer_id", "size"), unit_spend=("unit_spend", "sum"))


def pairs(home: Path) -> Any:
    """Products that are bought together."""
    lines = read(home, "transaction_id", "product_id", "unit_quantity", "unit_spend")
    bought = lines[(lines["unit_quantity"] > 0) & (lines["unit_spend"] >= 0)]
    held = bought[["transaction_id", "product_id"]].drop_duplicates()
    often = held["product_id"].value_counts()
    held = held[held["product_id"].isin(often[often >= LEAST].index)]
    both = held.merge(held, on="transaction_id", suffixes=("_1", "_2"))
    both = both[both["product_id_1"] != both["product_id_2"]]
    found = both.groupby(["product_id_1", "product_id_2"], as_index=False).size()
    return found[found["size"] >= LEAST].rename(columns={"size": "cooccurrences"})


def headline(home: Path) -> Any:
    """Customers, receipts and sales of two half years."""
    lines = read(home, *VISITS, "transaction_date", since=FIRST)
    return wide(_stats(lines.assign(half=halves(lines)), "half").set_index("half"))


def overview(home: Path) -> Any:
    """The same, and what customers, visits, units, prices and mix did to the change of sales."""
    more = ("transaction_date", "product_id", "category", "unit_quantity")
    lines = read(home, *VISITS, *more, since=FIRST)
    lines["half"] = halves(lines)
    found = _stats(lines, "half").set_index("half")
    goods = lines[~lines["category"].isin(NO_GOODS)]
    sold = goods.groupby(["half", "product_id"])[["unit_quantity", "unit_spend"]].sum()
    chain = found[["customers", "transactions"]].copy()
    chain["units"] = sold["unit_quantity"].groupby("half").sum()
    return wide(found).assign(**causes(chain, sold))


def times(home: Path) -> Any:
    """When people shop, by weekday and hour."""
    lines = read(home, "transaction_id", "transaction_date", "unit_spend")
    lines["weekday"] = lines["transaction_date"].dt.dayofweek
    lines["hour"] = lines["transaction_date"].dt.hour
    by = lines.groupby(["weekday", "hour"], as_index=False)
    found = by.agg(transactions=("transaction_id", "nunique"), spend=("unit_spend", "sum"))
    found["basket_value"] = found["spend"] / found["transactions"]
    return found


def purchases(home: Path) -> Any:
    """How often and how lately each customer bought each category."""
    more = ("department", "category", "unit_quantity", "unit_spend")
    lines = read(home, "customer_id", "transaction_date", *more, since=SECOND_HALF)
    bought = lines[(lines["unit_quantity"] > 0) | (lines["unit_spend"] > 0)]
    unknown = dict.fromkeys(["department", "category"], "(unknown)")
    bought = bought[~bought["category"].isin(NO_GOODS)].fillna(unknown)
    day = bought["transaction_date"].dt.normalize()
    keys = ["customer_id", "department", "category"]
    days = bought[keys].assign(day=day).drop_duplicates()
    days["weight"] = 0.75 ** ((LAST_DAY - days["day"]).dt.days * 8 // 182)
    return days.groupby(keys, as_index=False).agg(
        first_day=("day", "min"),
        last_day=("day", "max"),
        days=("day", "size"),
        weight=("weight", "sum"),
    )


def loyalty(home: Path) -> Any:
    """What loyal customers bring and what they are given, beside the others."""
    lines = read(home, *VISITS, "unit_cost", "discount")
    sums = {"cost": ("unit_cost", "sum"), "discount": ("discount", "sum")}
    found = _stats(lines.assign(loyal=segments(lines) == 0), "loyal", **sums)
    found["margin"] = found["spend"] - found["cost"]
    found["discount_share"] = found["discount"] / (found["spend"] + found["discount"])
    return found


def discounts(home: Path) -> Any:
    """What each segment buys at which depth of discount."""
    lines = read(home, "customer_id", "unit_spend", "discount")
    lines["segment"] = segments(lines)
    depth = lines["discount"] / (lines["unit_spend"] + lines["discount"])
    lines["depth"] = pd.cut(depth, [0, 0.05, 0.15, 0.25, 0.4, 1.1], right=False, labels=False)
    by = lines.groupby(["segment", "depth"], as_index=False)
    found = by.agg(spend=("unit_spend", "sum"), discount=("discount", "sum"))
    found["share"] = found["spend"] / found.groupby("segment")["spend"].transform("sum")
    return found


def next_best(home: Path) -> Any:
    """What each customer is likely to buy again, and what buyers of the same buy as well."""
    bought = purchases(home)
    bought["item"] = bought["department"] + " " + bought["category"]
    best = bought.sort_values("weight", ascending=False).groupby("customer_id").head(3)
    held = bought.pivot_table(
        index="customer_id", columns="item", values="days", aggfunc="size", fill_value=0
    ).astype(float)
    held = held.loc[:, held.sum() >= 20]
    both, buyers = held.T.dot(held), np.sqrt(held.sum())
    alike = both.div(buyers, axis=0).div(buyers, axis=1)
    score = held.dot(alike).mask(held > 0).stack().rename("weight").reset_index()
    tried = score.sort_values("weight", ascending=False).groupby("customer_id").head(3)
    again = best[["customer_id", "item", "weight"]]
    return pd.concat([again.assign(list="Buy again"), tried.assign(list="Try next")])


def _stats(lines: Any, by: str, **more: Any) -> Any:
    """Return customers, receipts and sales by a column, and more sums if asked."""
    return lines.groupby(by, as_index=False).agg(
        customers=("customer_id", "nunique"),
        transactions=("transaction_id", "nunique"),
        spend=("unit_spend", "sum"),
        **more,
    )


def _came(days: Any, last: Any) -> Any:
    """Return how each customer came in the quarter up to a day."""
    late = days[(days["day"] > last - 91 * DAY) & (days["day"] <= last)]
    found = late.groupby("customer_id", as_index=False).agg(
        first=("day", "min"),
        last=("day", "max"),
        visit_days=("day", "size"),
        spend=("unit_spend", "sum"),
    )
    found["away"] = (last - found["last"]).dt.days
    return found


VERBS = {
    "weigh": weigh,
    "cohort": cohort,
    "profile": profile,
    "uplift": uplift,
    "churn": churn,
    "lapsed": lapsed,
    "repeats": repeats,
    "habits": habits,
    "crossing": crossing,
    "pairs": pairs,
    "headline": headline,
    "overview": overview,
    "times": times,
    "purchases": purchases,
    "loyalty": loyalty,
    "discounts": discounts,
    "next best": next_best,
}
