"""The same questions as an analyst writes them in pandas, reading only the columns they need."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
import timing

LAST_DAY, SECOND_HALF, FIRST = (pd.Timestamp(d) for d in ("2017-12-31", "2017-07-03", "2017-01-02"))
CATEGORY, LEAST = "SOFT DRINKS", 100
VISITS = ["customer_id", "transaction_id", "unit_spend"]


def rfm(home: Path) -> Any:
    """Recency, frequency and monetary value of each customer, with scores."""
    lines = _read(home, *VISITS, "transaction_date")
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


def worth(home: Path) -> Any:
    """Heavy, medium and light spenders, and what each segment is worth."""
    lines = _read(home, *VISITS)
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


def cohort(home: Path) -> Any:
    """Customers by the month of their first visit and months since."""
    lines = _read(home, "customer_id", "transaction_date")
    month = lines["transaction_date"].dt.year * 12 + lines["transaction_date"].dt.month - 1
    came = lines.assign(month=month)[["customer_id", "month"]].drop_duplicates()
    came["first"] = came.groupby("customer_id")["month"].transform("min")
    came["age"] = came["month"] - came["first"]
    found = came.pivot_table(index="first", columns="age", aggfunc="size", fill_value=0)
    found.index = [pd.Timestamp(month // 12, month % 12 + 1, 1) for month in found.index]
    return found.rename_axis("min_period_shopped").reset_index().rename(columns=str)


def wallet(home: Path) -> Any:
    """What each customer spends in a category and outside it."""
    lines = _read(home, "customer_id", "category", "unit_spend")
    lines["inside"] = lines["category"] == CATEGORY
    parts = lines.groupby(["customer_id", "inside"], as_index=False)
    return parts.agg(spend=("unit_spend", "sum"))


def profile(home: Path) -> Any:
    """What each customer spends in each category."""
    lines = _read(home, "customer_id", "category", "unit_spend")
    parts = lines.groupby(["customer_id", "category"], as_index=False, dropna=False)
    return parts.agg(spend=("unit_spend", "sum"))


def pairs(home: Path) -> Any:
    """Products that are bought together."""
    lines = _read(home, "transaction_id", "product_id", "unit_quantity", "unit_spend")
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
    lines = _read(home, *VISITS, "transaction_date")
    lines = lines[lines["transaction_date"] >= FIRST]
    ends = {True: "p2", False: "p1"}
    half = (lines["transaction_date"] >= SECOND_HALF).map(ends)
    found = lines.groupby(half).agg(
        customers=("customer_id", "nunique"),
        transactions=("transaction_id", "nunique"),
        spend=("unit_spend", "sum"),
    )
    wide = {f"{name}_{end}": found.loc[end, name] for name in found for end in ends.values()}
    return pd.DataFrame([wide])


VERBS = {
    "rfm": rfm,
    "worth": worth,
    "cohort": cohort,
    "wallet": wallet,
    "profile": profile,
    "pairs": pairs,
    "headline": headline,
    "overview": headline,
}


def _read(home: Path, *columns: str) -> Any:
    return pd.read_parquet(home / "plain", columns=list(columns))


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("home", type=Path)
    asked.add_argument("verb", choices=VERBS)
    asked.add_argument("--repeats", type=int, default=0)
    asked.add_argument("--result", default="")
    given = asked.parse_args()
    timing.report(lambda _: VERBS[given.verb](given.home), given.repeats, given.result)
