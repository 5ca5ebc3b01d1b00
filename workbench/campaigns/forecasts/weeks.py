"""Product weeks: what was sold of each product in each whole week, and how it was promoted."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, only, total
from workbench.data.goods import merchandise
from workbench.data.period import Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.discounts import given

SHOWN = 0.25
PIECE = 1000
_WEEK = dt.timedelta(weeks=1)


def whole_weeks(window: Period) -> list[dt.date]:
    """Return the Mondays of the weeks that lie wholly within a period.

    >>> [str(week) for week in whole_weeks(Period.parse("2017-01-04/2017-01-23"))]
    ['2017-01-09', '2017-01-16']
    """
    first = window.first + dt.timedelta(days=-window.first.weekday() % 7)
    count = ((window.last - first).days + 1) // 7
    return [first + place * _WEEK for place in range(count)]


def product_weeks(
    shop: Shop, window: Period, *, least: int = 2, among: list[int] | None = None
) -> pl.DataFrame:
    """Return one row per product and whole week of the period, unsold weeks too.

    Products are merchandise that was sold in at least `least` of the weeks, of those `among`
    which to look where they are given. Returns are left out.
    Columns: product_id, category_id, week (Monday), units (pieces, or the measure sold by),
    sales, discount (given by the retailer) and coupon (makers' coupons), in cents, shelf (the
    price of a unit in cents) and discount_share (of the shelf price), both of the latest week
    with a sale where there was none, null before the first; display and mailer: whether shown in
    at least a quarter of the stores of the promotions table. Raises NotCovered without a whole
    week.
    """
    weeks = whole_weeks(window)
    if not weeks:
        raise NotCovered(f"{window} holds no week from Monday to Sunday; choose a longer period")
    sold = _sold(shop, Period(weeks[0], weeks[-1] + dt.timedelta(days=6)), among)
    known = sold.group_by("product_id", "category_id").len().filter(pl.col("len") >= least)
    grid = known.drop("len").join(pl.DataFrame({"week": weeks}), how="cross")
    keys = ["product_id", "week"]
    whole = grid.join(sold.drop("category_id"), on=keys, how="left").sort(keys)
    shown = _shown(shop, Period(weeks[0], weeks[-1]), known["product_id"].to_list())
    whole = whole.join(shown, on=keys, how="left")
    return _finished(whole.sort(keys))


def cost_rates(shop: Shop) -> pl.DataFrame:
    """Return one row per product with a known cost: product_id, cost_rate (share of the shelf)."""
    if not shop.has("costs"):
        return pl.DataFrame(schema={"product_id": pl.Int64, "cost_rate": pl.Float64})
    found = fetch(shop.table("costs").select("product_id", "cost_rate"), by=["product_id"])
    return found.with_columns(pl.col("cost_rate") / 10_000)


def _sold(shop: Shop, window: Period, among: list[int] | None) -> pl.DataFrame:
    """Return one row per product and week with a sale."""
    daily = pl.concat(_daily(month, among) for month in shop.during(window).months())
    week = pl.col("day").dt.truncate("1w").alias("week")
    amounts = pl.col("quantity", "sales", "discount", "coupon")
    return daily.group_by("product_id", "category_id", week).agg(amounts.sum())


def _daily(shop: Shop, among: list[int] | None) -> pl.DataFrame:
    wanted = shop.lines if among is None else only(shop.lines, "product_id", among)
    question = (
        merchandise(wanted, shop.products)
        .filter(nw.col("sales") >= 0, nw.col("quantity") > 0)
        .with_columns(discount=given(), coupon=nw.col("coupon_discount").fill_null(0))
        .group_by("product_id", "category_id", "day")
        .agg(*(total(name).alias(name) for name in ("quantity", "sales", "discount", "coupon")))
    )
    return fetch(question, by=["product_id", "day"])


def _shown(shop: Shop, window: Period, among: list[int]) -> pl.DataFrame:
    """Return one row per product and week in which it was displayed or advertised widely."""
    kinds = ("display", "mailer")
    if not shop.has("promotions"):
        empty = {"product_id": pl.Int64, "week": pl.Date}
        return pl.DataFrame(schema=empty | dict.fromkeys(kinds, pl.Boolean))
    within = nw.col("week").is_between(window.first, window.last)
    shown = shop.table("promotions").filter(within)
    stores = fetch(shown.select(nw.col("store_id").n_unique()), by=["store_id"]).item()
    theirs = only(shown, "product_id", among)
    there = {kind: (nw.col(kind).fill_null("0") != "0").cast(nw.Int64).sum() for kind in kinds}
    found = fetch(theirs.group_by("product_id", "week").agg(**there), by=["product_id", "week"])
    return found.with_columns(pl.col(kinds) >= SHOWN * stores)


def _finished(whole: pl.DataFrame) -> pl.DataFrame:
    shelf = pl.col("sales") + pl.col("discount")
    last = pl.col("shelf", "discount_share").forward_fill().over("product_id")
    return (
        whole.with_columns(
            pl.col("quantity", "sales", "discount", "coupon").fill_null(0),
            pl.col("display", "mailer").fill_null(value=False),
        )
        .with_columns(
            units=pl.col("quantity") / PIECE,
            shelf=pl.when(pl.col("quantity") > 0).then(shelf * PIECE / pl.col("quantity")),
            discount_share=pl.when(shelf > 0).then(pl.col("discount") / shelf),
        )
        .with_columns(last)
        .drop("quantity")
    )
