"""What each customer did in a period: the aggregate that most measures start from."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, packed, remembered, total, unpacked
from workbench.data.period import Latest, Period
from workbench.data.runs import sums_of_runs
from workbench.data.shop import Shop
from workbench.data.weeks import customer_weeks

_YEAR_1 = (dt.date(1, 1, 1) - dt.date(1970, 1, 1)).days  # dates are kept as days from 1970 on


def activity(
    shop: Shop, period: str | Period | Latest, *, margin: bool = False, last_day: bool = False
) -> pl.DataFrame:
    """Return one row per customer who bought in the period, and one for receipts without a card.

    Columns: customer_id (null without a card), baskets (receipts on which something was bought)
    and sales (net, in cents); where they are wanted also margin (in cents; null for who bought
    something whose cost is unknown) and last_day (of a visit; null for who only brought something
    back). Margins are asked apart, so that who wants them later asks nothing twice.
    """
    weeks = customer_weeks(shop.during(period)).group_by("customer_id")
    sums = {"baskets": total("new_basket"), "sales": total("sales")}
    if last_day:
        sums["last_day"] = nw.col("last_visit").max()
    found = fetch(weeks.agg(**sums), by=["customer_id"])
    if not margin:
        return found
    return found.join(
        _margins(shop, period), on="customer_id", how="left", nulls_equal=True, validate="1:1",
        maintain_order="left",
    )  # fmt: skip


def shoppers(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per card customer who came in the period: customer_id, visits, sales (cents).

    A visit is a receipt on which something was bought; sales are net of returns.
    """
    came = activity(shop, period).filter(pl.col("baskets") > 0).drop_nulls("customer_id")
    return came.rename({"baskets": "visits"})


def _margins(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    if shop.has("costs"):
        shop.table("costs")  # margin rests on them, so the page that shows it says what they are
    weeks = customer_weeks(shop.during(period)).group_by("customer_id")
    question = weeks.agg(margin=total("margin"), uncosted=nw.col("uncosted").cast(nw.Boolean).any())
    known = pl.when(~pl.col("uncosted")).then(pl.col("margin"))
    found = fetch(question, by=["customer_id"])
    return found.select("customer_id", margin=known)


def visitors(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per card customer who came in the period: customer_id and visits.

    A visit is a receipt on which something was bought.
    """
    came = customer_weeks(shop.during(period)).filter(
        nw.col("new_basket") > 0, ~nw.col("customer_id").is_null()
    )
    return fetch(came.group_by("customer_id").agg(visits=total("new_basket")), by=["customer_id"])


def customer_days(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer and day with a receipt in the period.

    Columns: customer_id, day, receipts (on which something was bought), sales (net, cents). That
    customers are in order is marked, so that whoever groups by them takes slices.
    """
    came = shop.during(period).receipts.filter(~nw.col("customer_id").is_null())
    sums = {"receipts": total("new_basket"), "sales": total("sales")}
    if not came.implementation.is_polars():
        return fetch(came.group_by("customer_id", "day").agg(**sums), by=["customer_id", "day"])
    numbered = came.with_columns(number=nw.col("day").cast(nw.Int64) - _YEAR_1)
    one_key = numbered.with_columns(packed=packed("customer_id", "number"))
    rows = one_key.select("packed", "sales", receipts="new_basket").to_native()
    found = remembered(
        one_key.group_by("packed").agg(**sums),
        lambda: sums_of_runs(rows, "packed", "receipts", "sales"),
        by=["packed"],
    )
    customer, number = unpacked("customer_id", "number")
    day = (number + _YEAR_1).cast(pl.Date).alias("day")
    return found.select(customer.set_sorted(), day, "receipts", "sales")


def inside(name: str, window: Period) -> nw.Expr:
    """Return the exact sum of an integer column over the days of a window."""
    within = nw.col("day").is_between(window.first, window.last)
    return nw.when(within).then(nw.col(name).cast(nw.Int64)).otherwise(0).sum()
