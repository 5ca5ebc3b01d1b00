"""Loyalty: what loyal customers bring, what the programme costs and whom, and what is theirs."""

from collections.abc import Iterable

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.data.engine import CENTS_PER_UNIT, fetch, known_sum, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import customer_weeks
from workbench.measures.chance import Z95
from workbench.measures.rows import share_of

LOYAL, OTHERS, WITHOUT_CARD = "Loyal", "Other customers", "Without a card"
GROUPS = {
    LOYAL: "customers who were in the chosen bands in the period before",
    OTHERS: "all other customers with a card, those who came anew included",
    WITHOUT_CARD: "what was bought by nobody known",
}
DEFINITION = {
    **GROUPS,
    "When who was loyal": "by the period before, and what they did by the period: nobody is loyal "
    "for what is then called the fruit of loyalty",
    "Cost to the retailer": "discounts for the card, and what was given on top of makers' coupons; "
    "sales and margin are already less by them",
    "Paid by makers": "makers' coupons, which are reimbursed: no cost, and counted in sales",
    "Margin at shelf prices": "margin and the cost to the retailer: as if the same had been "
    "bought at shelf prices, which it would not have been",
    "Not in the data": "points, mailings, staff and systems: the programme costs more than shown",
    "Naive": "what a loyal customer brought more than another who came in the period before",
    "Matched": "the same among customers of the same spending in the period before: the mean over "
    "its bands, weighted by their loyal customers. Bands with too few of either are left out",
    "Interval": "95 %, over customers",
    "What it cannot show": "customers choose to come often or to take part. Matching takes away "
    "what their earlier spending tells, and nothing else: neither is the effect of a programme, "
    "which takes customers kept out of it by lot",
}
_GROUP = pl.Enum(list(GROUPS))
_GIVEN = ("loyalty_discount", "match_discount", "coupon_discount")
_SHARED = ("customers", "baskets", "sales", "margin")
_METHODS = pl.Enum(["Naive", "Matched"])
_SCHEMA = {
    "comparison": pl.String(),
    "measure": pl.String(),
    "method": _METHODS,
    "amount_per_customer": pl.Float64(),
    "low_amount": pl.Float64(),
    "high_amount": pl.Float64(),
    "loyal": pl.Int64(),
    "others": pl.Int64(),
    "compared_share": pl.Float64(),
}


def loyalty(shop: Shop, period: str | Period | Latest, loyal: Iterable[int]) -> pl.DataFrame:
    """Return one row per group of `GROUPS`: what it brought, and what the programme gave it.

    `loyal` holds the ids of the loyal customers. Columns: group, customers (who bought; none
    without a card), baskets, sales, margin (money; null where a cost is unknown), each with its
    share of all; spend_per_customer, retailer_cost (discounts for the card and on top of
    coupons), makers_amount (their coupons), margin_at_shelf (margin and the retailer's cost) and
    cost_share (of what was sold at shelf prices). A discount that was not delivered is 0.
    """
    each = _each(shop, period)
    ids = pl.Series(list(loyal), dtype=pl.Int64)
    group = (
        pl.when(pl.col("customer_id").is_null())
        .then(pl.lit(WITHOUT_CARD))
        .when(pl.col("customer_id").is_in(ids.implode()))
        .then(pl.lit(LOYAL))
        .otherwise(pl.lit(OTHERS))
    )
    bought = pl.col("customer_id").is_not_null() & (pl.col("baskets") > 0)
    summed = each.group_by(group.cast(_GROUP).alias("group")).agg(
        bought.sum().cast(pl.Int64).alias("customers"),
        pl.col("baskets", "sales", *_GIVEN).sum(),
        *known_sum("margin"),
    )
    groups = pl.DataFrame({"group": list(GROUPS)}, schema={"group": _GROUP})
    rows = groups.join(summed, on="group", how="left", maintain_order="left")
    absent = pl.col("baskets").is_null()
    counted = (*_SHARED, *_GIVEN)
    filled = rows.with_columns(pl.when(absent).then(0).otherwise(pl.col(counted)).name.keep())
    if not shop.has("costs"):
        filled = filled.with_columns(margin=pl.lit(None, dtype=pl.Int64))
    return _finish(filled)


def loyalty_effect(
    shop: Shop,
    period: str | Period | Latest,
    loyal: Iterable[int],
    *,
    bands: int = 50,
    least: int = 5,
) -> pl.DataFrame:
    """Return one row per measure and method: what a loyal customer brings more than another.

    Both came in the period before; who stayed away since brought nothing. Measures: sales and
    margin per customer in the period, and sales in the period before, which shows how alike
    the matched are. The matched are of the same of `bands` bands of spending before, with at
    least `least` of both.

    Columns: comparison (both in one), measure, method (Naive, Matched), amount_per_customer (the
    difference) with low_amount and high_amount (95 %), loyal and others (customers compared),
    compared_share (of the loyal). Nulls where there is nobody to compare, or where a cost is
    unknown.
    """
    window = shop.window(period)
    before = _each(shop, window.before()).drop_nulls("customer_id").filter(pl.col("baskets") > 0)
    after = _each(shop, window).select("customer_id", "sales", "margin")
    stayed_away = pl.col("sales_now").is_null()
    both = (
        before.select("customer_id", before="sales")
        .join(after, on="customer_id", how="left", validate="1:1", maintain_order="left")
        .rename({"sales": "sales_now", "margin": "margin_now"})
        .with_columns(
            pl.when(stayed_away).then(0).otherwise(pl.col("sales_now", "margin_now")).name.keep(),
            loyal=pl.col("customer_id").is_in(pl.Series(list(loyal), dtype=pl.Int64).implode()),
            one=pl.lit(0),
            band=pl.Series(_banded(before["sales"].to_numpy(), bands), dtype=pl.Int64),
        )
    )
    if not shop.has("costs"):
        both = both.with_columns(margin_now=pl.lit(None, dtype=pl.Int64))
    rows = [
        (f"{measure}, {method.lower()}", measure, method, *_difference(both, name, by, least))
        for measure, name in _MEASURES.items()
        for method, by in (("Naive", "one"), ("Matched", "band"))
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_MEASURES = {"Sales": "sales_now", "Margin": "margin_now", "Sales before": "before"}


def _each(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer (null: no card): sums in cents."""
    if shop.has("costs"):
        shop.table("costs")  # margin rests on them, so the page that shows it says what they are
    given = {name: nw.col(name).fill_null(0).cast(nw.Int64).sum() for name in _GIVEN}
    question = (
        customer_weeks(shop.during(period))
        .group_by("customer_id")
        .agg(
            baskets=total("new_basket"),
            sales=total("sales"),
            margin=total("margin"),
            without_cost=total("uncosted"),
            **given,
        )
    )
    margin = pl.when(pl.col("without_cost") == 0).then(pl.col("margin"))
    return fetch(question, by=["customer_id"]).with_columns(margin=margin)


def _finish(rows: pl.DataFrame) -> pl.DataFrame:
    cost = pl.col("loyalty_discount") + pl.col("match_discount")
    customers = pl.when(pl.col("customers") > 0).then(pl.col("customers"))
    shelf = pl.col("sales") + cost
    amounts = ("sales", "margin", "spend_per_customer", "retailer_cost", "makers_amount")
    return rows.select(
        "group",
        *(one for name in _SHARED for one in (pl.col(name), share_of(name))),
        (pl.col("sales") / customers).round(0).cast(pl.Int64).alias("spend_per_customer"),
        cost.alias("retailer_cost"),
        pl.col("coupon_discount").alias("makers_amount"),
        (pl.col("margin") + cost).alias("margin_at_shelf"),
        pl.when(shelf > 0).then(cost / shelf).alias("cost_share"),
    ).with_columns(money(*amounts, "margin_at_shelf"))


def _banded(spend: NDArray[np.int64], bands: int) -> NDArray[np.int64]:
    """Return the number of each customer's band of spending; equal spending is one band."""
    if not len(spend):
        return np.zeros(0, dtype=np.int64)
    cuts = np.unique(np.quantile(spend, np.arange(1, bands) / bands))
    return np.searchsorted(cuts, spend, side="left").astype(np.int64)


def _difference(
    both: pl.DataFrame, measure: str, by: str, least: int
) -> tuple[float | int | None, ...]:
    """Return the difference in units of money, its ends, loyal, others, and share compared."""
    all_loyal = int(both["loyal"].sum())
    amount = pl.col(measure) / CENTS_PER_UNIT
    known = both[measure].null_count() == 0
    sides = [
        both.filter(pl.col("loyal") == loyal)
        .group_by(by)
        .agg(size=pl.len().cast(pl.Int64), mean=amount.mean(), spread=amount.var())
        .filter(pl.col("size") >= max(least, 2))
        for loyal in (True, False)
    ]
    bands = sides[0].join(sides[1], on=by, suffix="_others").sort(by)
    loyal, others = int(bands["size"].sum()), int(bands["size_others"].sum())
    compared = loyal / all_loyal if all_loyal else None
    if not known or bands.is_empty():
        return None, None, None, loyal, others, compared
    weight = pl.col("size") / loyal
    error = pl.col("spread") / pl.col("size") + pl.col("spread_others") / pl.col("size_others")
    found, variance = bands.select(
        found=(weight * (pl.col("mean") - pl.col("mean_others"))).sum(),
        variance=(weight**2 * error).sum(),
    ).row(0)
    reach = Z95 * float(variance) ** 0.5
    return found, found - reach, found + reach, loyal, others, compared
