"""The questions about categories, products and stores, as an analyst writes them in pandas."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from frames import (
    CATEGORY,
    DAY,
    FIRST,
    NO_GOODS,
    QUARTER,
    SECOND_HALF,
    VISITS,
    causes,
    halves,
    read,
    wide,
)

BASE, TOP = 50, 40


def diagnosis(home: Path) -> Any:
    """Why a category's sales changed: customers, penetration, frequency, units, price and mix."""
    shop = read(home, "customer_id", "transaction_date", since=FIRST)
    more = ("transaction_date", "product_id", "unit_quantity")
    lines = read(home, *VISITS, *more, since=FIRST, category=CATEGORY)
    lines["half"] = halves(lines)
    bought = lines[(lines["unit_quantity"] >= 0) & (lines["unit_spend"] >= 0)]
    sums = ["unit_quantity", "unit_spend"]
    counts = {
        "customers": ("customer_id", "nunique"),
        "transactions": ("transaction_id", "nunique"),
    }
    found = bought.groupby("half").agg(**counts, units=(sums[0], "sum"), spend=(sums[1], "sum"))
    chain = found[["customers", "transactions", "units"]].copy()
    chain.insert(0, "shop", shop["customer_id"].groupby(halves(shop)).nunique())
    sold = lines.groupby(["half", "product_id"])[sums].sum()
    return wide(found).assign(**causes(chain, sold))


def scorecards(home: Path) -> Any:
    """How each category stands against the quarter before."""
    more = ("transaction_date", "category", "product_id", "unit_quantity", "unit_cost", "discount")
    lines = read(home, *VISITS, *more, since=QUARTER - 91 * DAY)
    lines["window"] = (lines["transaction_date"] >= QUARTER).map({True: "Now", False: "Before"})
    lines["category"] = lines["category"].fillna("(unknown)")
    cut = lines["discount"] >= 0.05 * (lines["unit_spend"] + lines["discount"])
    lines["promoted"] = lines["unit_spend"].where(cut & (lines["discount"] > 0), 0)
    keys, whole = ["category", "window"], lines.groupby("window")
    found = lines.groupby(keys).agg(
        customers=("customer_id", "nunique"),
        transactions=("transaction_id", "nunique"),
        spend=("unit_spend", "sum"),
        cost=("unit_cost", "sum"),
        promoted=("promoted", "sum"),
    )
    found["penetration"] = found["customers"] / whole["customer_id"].nunique()
    found["sales_share"] = found["spend"] / whole["unit_spend"].sum()
    own = lines.groupby([*keys, "customer_id"])["unit_spend"].sum().rename("own").reset_index()
    own["theirs"] = own.groupby(["window", "customer_id"])["own"].transform("sum")
    required = own.groupby(keys)[["own", "theirs"]].sum()
    found["requirements_share"] = required["own"] / required["theirs"]
    sums = lines.groupby(["category", "product_id", "window"])[
        ["unit_quantity", "unit_spend"]
    ].sum()
    both = sums.unstack().dropna()
    (now, then), (sold, was) = (
        (both[name, "Now"], both[name, "Before"]) for name in ("unit_spend", "unit_quantity")
    )
    priced = pd.DataFrame(
        {"now": now, "then": then, "at_then": now / sold * was, "at_now": then / was * sold}
    )
    index = priced[(sold > 0) & (was > 0)].groupby("category").sum()
    fisher = 100 * np.sqrt(index["at_then"] / index["then"] * index["now"] / index["at_now"])
    return found.join(fisher.rename("price_index")).reset_index()


def range_sales(home: Path) -> Any:
    """What was bought of a category on each receipt, and since when these stores have it."""
    more = ("transaction_date", "store_id", "product_id", "unit_quantity")
    lines = read(home, *VISITS, *more, category=CATEGORY)
    lines = lines[lines["unit_quantity"] > 0]
    every = read(home, "transaction_id", "store_id", "unit_spend", since=SECOND_HALF)
    baskets = every.groupby("transaction_id")["unit_spend"].sum()
    stores = every.groupby("store_id")["unit_spend"].sum().sort_values(ascending=False)
    third = ((stores.cumsum() - stores) / stores.sum() * 3).astype(int).clip(upper=2)
    lines["stores"] = lines["store_id"].map(third)
    lines["day"] = lines["transaction_date"].dt.normalize()
    lines["first_day"] = lines.groupby(["product_id", "stores"])["day"].transform("min")
    found = lines[lines["day"] >= SECOND_HALF]
    return found.assign(basket_spend=found["transaction_id"].map(baskets))


def hierarchy(home: Path) -> Any:
    """Which items of a category stand in for each other: Yule's Q of each two of the largest."""
    columns = ("customer_id", "transaction_id", "product_id", "unit_quantity")
    lines = read(home, *columns, since=SECOND_HALF, category=CATEGORY)
    lines = lines[lines["unit_quantity"] > 0]
    whole = lines["customer_id"].nunique()
    buyers = lines.groupby("product_id")["customer_id"].nunique().nlargest(TOP)
    lines = lines[lines["product_id"].isin(buyers.index)]
    held = lines[["customer_id", "product_id"]].drop_duplicates()
    ends = ["product_id_1", "product_id_2"]
    both = held.merge(held, on="customer_id", suffixes=("_1", "_2"))
    once = lines.merge(lines, on=["customer_id", "transaction_id"], suffixes=("_1", "_2"))
    once = once[["customer_id", *ends]].drop_duplicates().groupby(ends).size()
    found = both.groupby(ends).size().rename("both").to_frame()
    found["buyers"] = found["both"].sub(once, fill_value=0)
    first, second = (found.index.get_level_values(end).map(buyers) for end in ends)
    neither = whole - first - second + found["both"]
    like, unlike = found["buyers"] * neither, (first - found["both"]) * (second - found["both"])
    found["q"] = (like - unlike) / (like + unlike)
    found = found.reset_index()
    return found[found["product_id_1"] < found["product_id_2"]]


def distribution(home: Path) -> Any:
    """In what share of stores each item of a category sells, and how fast where it does."""
    columns = ("store_id", "product_id", "unit_quantity", "unit_spend")
    lines = read(home, *columns, since=SECOND_HALF, category=CATEGORY)
    lines = lines[lines["unit_quantity"] > 0]
    by_store = lines.groupby("store_id").size()
    pairs = lines.groupby(["product_id", "store_id"], as_index=False).agg(
        lines=("unit_spend", "size"), spend=("unit_spend", "sum")
    )
    pairs["of"] = pairs["store_id"].map(by_store)
    found = pairs.groupby("product_id", as_index=False).agg(
        stores=("store_id", "size"),
        lines=("lines", "sum"),
        of=("of", "sum"),
        spend=("spend", "sum"),
    )
    found["pct_stores"] = 100 * found["stores"] / len(by_store)
    found["rate"] = found["lines"] / found["of"]
    run = found.sort_values("rate")["lines"].cumsum() / found["lines"].sum()
    return found.assign(tail=run < 0.1)


def reach(home: Path) -> Any:
    """In what share of stores each item of a category sells, and what these sell of it."""
    columns = ("store_id", "product_id", "unit_quantity", "unit_spend")
    lines = read(home, *columns, since=SECOND_HALF, category=CATEGORY)
    lines = lines[lines["unit_quantity"] > 0]
    by_store = lines.groupby("store_id")["unit_spend"].sum()
    pairs = lines.groupby(["product_id", "store_id"], as_index=False)["unit_spend"].sum()
    pairs["of"] = pairs["store_id"].map(by_store)
    found = pairs.groupby("product_id", as_index=False).agg(
        stores=("store_id", "size"), of=("of", "sum"), spend=("unit_spend", "sum")
    )
    found["pct_stores"] = 100 * found["stores"] / len(by_store)
    return found.assign(weighted=found["of"] / by_store.sum())


def prices(home: Path) -> Any:
    """What a unit of each item costs in each store and week."""
    columns = ("transaction_date", "store_id", "product_id", "unit_quantity", "unit_spend")
    lines = read(home, *columns, "discount", category=CATEGORY)
    lines = lines[lines["unit_quantity"] > 0]
    day = lines["transaction_date"].dt.normalize()
    lines["week"] = day - pd.to_timedelta(day.dt.dayofweek, unit="D")
    found = lines.groupby(["product_id", "store_id", "week"], as_index=False).agg(
        receipts=("unit_spend", "size"),
        units=("unit_quantity", "sum"),
        spend=("unit_spend", "sum"),
        discount=("discount", "sum"),
    )
    found["price"] = (found["spend"] + found["discount"]) / found["units"]
    return found[found["price"] > 0]


def line_classes(home: Path) -> Any:
    """Sales, returns, zero prices and what is unknown: lines, receipts and amounts."""
    columns = ("transaction_id", "category", "department", "unit_quantity", "unit_spend")
    lines = read(home, *columns)
    units, spend = lines["unit_quantity"], lines["unit_spend"]
    classes = {
        "Sale": (spend > 0) & (units > 0),
        "Sale without a quantity": (spend > 0) & (units == 0),
        "Zero price": (spend == 0) & (units >= 0),
        "Return": (spend <= 0) & (units < 0),
        "Negative price": (spend < 0) & (units >= 0),
        "Of a product the catalogue lacks": lines["department"].isna(),
        "Not merchandise": lines["category"].isin(NO_GOODS),
        "All lines": spend.notna(),
    }
    parts = {name: lines[inside] for name, inside in classes.items()}
    rows = [
        (n, len(p), p["transaction_id"].nunique(), p["unit_spend"].sum()) for n, p in parts.items()
    ]
    return pd.DataFrame(rows, columns=["class", "lines", "baskets", "spend"])


def key_items(home: Path) -> Any:
    """The items whose price many customers know, by a rank of several parts."""
    more = ("transaction_date", "product_id", "category", "unit_quantity", "discount")
    lines = read(home, "customer_id", "unit_spend", *more)
    lines = lines[(lines["unit_quantity"] > 0) & ~lines["category"].isin(NO_GOODS)]
    lines["week"] = (lines["transaction_date"].dt.normalize() - FIRST) // (7 * DAY)
    weekly = lines.groupby(["product_id", "week"]).size().unstack(fill_value=0)
    found = lines.groupby("product_id").agg(
        category=("category", "first"),
        buyers=("customer_id", "nunique"),
        receipts=("unit_spend", "size"),
        spend=("unit_spend", "sum"),
        discount=("discount", "sum"),
    )
    found["each"] = found["receipts"] / found["buyers"]
    found["lead"] = found["spend"] / found.groupby("category")["spend"].transform("sum")
    found["unsteady"] = -weekly.std(axis=1) / weekly.mean(axis=1)
    found["given"] = -found["discount"] / (found["spend"] + found["discount"])
    often = (weekly > 0).sum(axis=1) >= weekly.shape[1] / 2
    found = found[(found["buyers"] >= BASE) & often]
    parts = ["buyers", "each", "receipts", "lead", "unsteady", "given"]
    return found.assign(score=found[parts].rank(pct=True).mean(axis=1)).reset_index()


VERBS = {
    "diagnosis": diagnosis,
    "scorecards": scorecards,
    "range": range_sales,
    "hierarchy": hierarchy,
    "distribution": distribution,
    "reach": reach,
    "prices": prices,
    "line classes": line_classes,
    "key items": key_items,
}
