"""The headline: sales, margin, customers, visits and basket, each against the days before."""

import polars as pl

from workbench.data.engine import known_sum, money
from workbench.data.shop import Shop
from workbench.measures.business.comparison import Comparison, by_window

WITH_CARD, WITHOUT_CARD, ALL = "With a card", "Without a card", "All"
WHOSE = pl.Enum([WITH_CARD, WITHOUT_CARD, ALL])
_SUMS = ("visits", "sales")


def headline(shop: Shop, both: Comparison) -> pl.DataFrame:
    """Return one row per whose sales (with a card, without, all) and window, `before` first.

    Columns: whose, first_day, last_day, customers (who bought; null where nobody is known),
    visits (receipts on which something was bought), visits_per_customer (of card receipts),
    basket_value (sales per visit), sales (net of returns), sales_share, visits_share (of all in
    the window), margin (money; null where a cost is unknown) and rate_share (margin of sales).
    """
    spent = by_window(shop, both, "customer_id", "new_basket", "sales", "margin").rename(
        {"new_basket": "visits"}
    )
    carded = pl.col("customer_id").is_not_null()
    parts = [
        _summed(spent.filter(carded), WITH_CARD),
        _summed(spent.filter(~carded), WITHOUT_CARD),
        _summed(spent, ALL),
    ]
    table = pl.concat(parts).join(_days(both), on="now", validate="m:1")
    if not shop.has("costs"):
        table = table.with_columns(margin=pl.lit(None, dtype=pl.Int64))
    return _finish(table.sort("whose", "now"))


def _days(both: Comparison) -> pl.DataFrame:
    windows = {0: both.before, 1: both.now}
    return pl.DataFrame(
        {
            "now": list(windows),
            "first_day": [window.first for window in windows.values()],
            "last_day": [window.last for window in windows.values()],
        },
        schema_overrides={"now": pl.Int64},
    )


def _summed(spent: pl.DataFrame, whose: str) -> pl.DataFrame:
    bought = pl.col("customer_id").is_not_null() & (pl.col("visits") > 0)
    card_visits = pl.col("visits").filter(pl.col("customer_id").is_not_null())
    found = spent.group_by("now").agg(
        bought.sum().cast(pl.Int64).alias("customers"),
        pl.col(*_SUMS).sum(),
        *known_sum("margin"),
        card_visits.sum().alias("card_visits"),
    )
    windows = pl.DataFrame({"now": [0, 1]}, schema={"now": pl.Int64})
    nothing = pl.col("visits").is_null()
    counted = ("customers", *_SUMS, "card_visits", "margin")
    rows = windows.join(found, on="now", how="left").with_columns(
        pl.when(nothing).then(0).otherwise(pl.col(counted)).name.keep()
    )
    known = pl.lit(whose != WITHOUT_CARD)
    return rows.select(
        pl.lit(whose, dtype=WHOSE).alias("whose"),
        "now",
        pl.when(known).then(pl.col("customers")).alias("customers"),
        *_SUMS,
        "margin",
        pl.when(known).then(_each("card_visits", "customers")).alias("visits_per_customer"),
    )


def _finish(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(
        "whose",
        "first_day",
        "last_day",
        "customers",
        "visits",
        "visits_per_customer",
        _each("sales", "visits").round(0).cast(pl.Int64).alias("basket_value"),
        "sales",
        *(_of_all(name) for name in ("sales", "visits")),
        "margin",
        pl.when(pl.col("sales") > 0).then(pl.col("margin") / pl.col("sales")).alias("rate_share"),
    ).with_columns(money("basket_value", "sales", "margin"))


def _each(what: str, per: str) -> pl.Expr:
    return pl.when(pl.col(per) > 0).then(pl.col(what) / pl.col(per))


def _of_all(name: str) -> pl.Expr:
    whole = pl.col(name).filter(pl.col("whose") == ALL).sum().over("first_day")
    return pl.when(whole != 0).then(pl.col(name) / whole).alias(f"{name}_share")


def say_cards(table: pl.DataFrame) -> str:
    """Return the sentence that says how much is sold without a card, now and before."""
    rows = table.filter(pl.col("whose") == WITHOUT_CARD).sort("first_day")
    before, now = rows.select("sales_share", "visits_share").rows()
    if None in now:
        return "Nothing was sold in this period"
    if not any(now) and not any(before):
        return "Every sale is on a card, so no part of the change is out of sight"
    was = "" if before[0] is None else f" ({before[0]:.1%} of sales before)"
    return f"Without a card: {now[0]:.1%} of sales and {now[1]:.1%} of visits{was}"
