"""Checks of whole receipts and of customers: sums by receipt, by card, by card and day.

Examples never name a card: they say days, and how many.
"""

from datetime import timedelta
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.checks.check import WRITTEN, Checked, Found, some
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import CENTS_PER_UNIT, fetch, height, total
from workbench.data.privacy import consented
from workbench.data.shop import Shop

EARLY = timedelta(days=30)
TIMED = 10
RECEIPT_FACTOR, LINES_FACTOR, CARD_FACTOR, MANY_STORES = 50, 20, 50, 4
WHO = CONTRACTS["customers"].texts


def of_receipts(shop: Shop) -> Checked:
    """Return what the checks of receipts found, by name of the check."""
    months = [_receipts(month) for month in shop.months()]
    columns = {
        "receipts": nw.len(),
        "midnight": (nw.col("minute") == 0).cast(nw.Int64).sum(),
        **{name: total(name) for name in ("visits", "sales", "lines")},
    }
    each = [fetch(month.select(**columns), by=["receipts"]) for month in months]
    seen = pl.concat(each).sum().row(0, named=True)
    count = seen["receipts"]
    timed = height(shop.lines.select("minute").unique()) >= TIMED
    return {
        "receipts that only bring back": Found(count - seen["visits"], count),
        "no time of day": Found(seen["midnight"], count),
        **(_twice(months, count) if timed else {}),
        **_large(months, count, seen["sales"], seen["lines"]),
    }


def _receipts(shop: Shop) -> nw.LazyFrame[Any]:
    """Return one row per receipt."""
    latest = [nw.col(name).max() for name in ("customer_id", "store_id", "day", "minute")]
    return shop.lines.group_by("basket_id").agg(
        *latest, visits=total("new_basket"), sales=total("sales"), lines=nw.len()
    )


def _twice(months: list[nw.LazyFrame[Any]], count: int) -> Checked:
    """Return receipts alike to the minute; to be asked only where receipts tell the time."""
    alike = ["customer_id", "store_id", "day", "minute", "sales", "lines"]
    found = []
    for receipts in months:
        bought = receipts.filter(~nw.col("customer_id").is_null(), nw.col("sales") > 0)
        more = bought.group_by(alike).agg(copies=nw.len() - 1).filter(nw.col("copies") > 0)
        found.append(fetch(more.group_by("day").agg(copies=total("copies")), by=["day"]))
    days = pl.concat(found)
    told = Found(int(days["copies"].sum()), count, _days(days, "copies"))
    return {"receipts delivered twice": told}


def _large(months: list[nw.LazyFrame[Any]], count: int, sales: int, lines: int) -> Checked:
    dear = nw.col("sales") * max(count, 1) > RECEIPT_FACTOR * max(sales, 0)
    long = nw.col("lines") * max(count, 1) > LINES_FACTOR * lines
    columns = {"day": nw.col("day"), "sales": nw.col("sales"), "lines": nw.col("lines")}
    large = pl.concat(
        fetch(
            receipts.filter(dear | long).select(**columns, dear=dear, long=long),
            by=["day", "sales", "lines"],
        )
        for receipts in months
    )
    dearest = large.filter("dear").sort("sales", descending=True)
    longest = large.filter("long").sort("lines", descending=True)
    return {
        "extreme receipts": Found(
            int(dearest["sales"].sum()) // CENTS_PER_UNIT,
            max(sales, 0) // CENTS_PER_UNIT,
            some(dearest.select(pl.format("{}: {}", WRITTEN, pl.col("sales") // 100)).to_series()),
        ),
        "very long receipts": Found(
            longest.height,
            count,
            some(longest.select(pl.format("{}: {} lines", WRITTEN, "lines")).to_series()),
        ),
    }


def of_customers(shop: Shop) -> Checked:
    """Return what the checks of customers found, by name of the check."""
    carded = shop.lines.filter(~nw.col("customer_id").is_null())
    question = carded.group_by("customer_id").agg(
        first=nw.col("day").min(), last=nw.col("day").max(), sales=total("sales")
    )
    seen = fetch(question, by=["customer_id"])
    early = pl.col("first") < shop.first_day + EARLY
    once = pl.col("first") == pl.col("last")
    return {
        "early customers": Found(seen.filter(early).height, seen.height),
        "customers seen on one day": Found(seen.filter(once).height, seen.height),
        "shared cards": _shared(seen),
        "cards in many stores": _in_many_stores(shop),
        "customers without consent": _without_consent(shop, seen),
        **_without_details(shop, seen),
        **_returned(carded),
    }


def _shared(seen: pl.DataFrame) -> Found:
    sales = int(seen["sales"].sum())
    heavy = seen.filter(pl.col("sales") * pl.len() > CARD_FACTOR * max(sales, 0))
    cards = f"{heavy.height:,} cards" if heavy.height else ""
    return Found(
        int(heavy["sales"].sum()) // CENTS_PER_UNIT, max(sales, 0) // CENTS_PER_UNIT, cards
    )


def _in_many_stores(shop: Shop) -> Found:
    visited = [_stores_a_day(month) for month in shop.months()]
    found = pl.concat(visited)
    return Found(int(found["many"].sum()), int(found["days"].sum()), _days(found, "many"))


def _stores_a_day(shop: Shop) -> pl.DataFrame:
    """Return one row per day: cards that were used, and those used in many stores."""
    carded = shop.lines.filter(~nw.col("customer_id").is_null())
    visited = carded.select("customer_id", "day", "store_id").unique()
    days = visited.group_by("customer_id", "day").agg(stores=nw.len())
    many = (nw.col("stores") >= MANY_STORES).cast(nw.Int64)
    return fetch(days.group_by("day").agg(days=nw.len(), many=many.sum()), by=["day"])


def _without_consent(shop: Shop, seen: pl.DataFrame) -> Found:
    if not shop.has("consents"):
        return Found(seen.height, seen.height, "no consents were delivered")
    agreed = fetch(consented(shop, "marketing"), by=["customer_id"])
    return Found(seen.join(agreed, on="customer_id", how="anti").height, seen.height)


def _without_details(shop: Shop, seen: pl.DataFrame) -> Checked:
    who = fetch(shop.customers.select("customer_id", *WHO), by=["customer_id"])
    known = who.filter(pl.any_horizontal(pl.col(WHO).is_not_null()))
    if known.is_empty():
        return {}
    strangers = seen.join(known, on="customer_id", how="anti").height
    return {"customers without details": Found(strangers, seen.height)}


def _returned(carded: nw.LazyFrame[Any]) -> Checked:
    """Return products brought back by customers who bought none before, where any came back."""
    pair = ["customer_id", "product_id"]
    back = carded.filter(nw.col("sales") < 0).group_by(pair).agg(back=nw.col("day").max())
    bought = carded.filter(nw.col("sales") > 0).join(back, on=pair, how="inner")
    before = bought.filter(nw.col("day") <= nw.col("back")).select(pair).unique()
    pairs = height(back)
    return {"returns without a purchase": Found(pairs - height(before), pairs)} if pairs else {}


def _days(found: pl.DataFrame, name: str) -> str:
    rows = found.filter(pl.col(name) > 0).sort(name, "day", descending=[True, False])
    return some(rows.select(pl.format("{} ({})", WRITTEN, name)).to_series())
