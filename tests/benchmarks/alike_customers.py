"""Figures of customers and the business that all define alike: ours, and those of the others."""

import polars as pl
from alike import Compared, asked, both, cents, fours, named, whole
from verbs import HALF, YEAR, quarters

from workbench import measures
from workbench.data import Shop
from workbench.data.activity import customer_days
from workbench.measures.business.headline import ALL
from workbench.measures.business.times import WEEKDAYS
from workbench.segments._forecast import summary

UNKNOWN = "(unknown)"
STATS = ("customers", "transactions", cents("spend"))


def _our_weigh(shop: Shop) -> pl.DataFrame:
    found = measures.weigh(shop, YEAR, fours(shop)).filter(pl.col("customers") > 0)
    cost = found.with_columns(cost=pl.col("sales") - pl.col("margin"))
    segment = pl.col("segment").cast(pl.String).cast(pl.Int64)
    columns = (segment, "customers", cents("sales"), cents("cost", "cost"))
    return cost.select(*columns, transactions="baskets")


def _their_weigh(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("segment", *STATS, cents("cost", "cost"))


def _our_cohort(shop: Shop) -> pl.DataFrame:
    found = measures.retention(shop, YEAR).filter(pl.col("active") > 0)
    return found.select("cohort", "age", "active")


def _their_cohort(found: pl.DataFrame) -> pl.DataFrame:
    month = "min_period_shopped"
    cells = found.unpivot(index=month, variable_name="age", value_name="active")
    counted = cells.filter(pl.col("active") > 0)
    return counted.select(
        pl.col(month).cast(pl.Date).alias("cohort"), pl.col("age", "active").cast(pl.Int64)
    )


def _our_profile(shop: Shop) -> pl.DataFrame:
    found = measures.profile(shop, YEAR, quarters(shop), by="category")
    summed = found.group_by("category").agg(pl.col("sales").sum())
    return summed.select("category", cents("sales"))


def _their_profile(found: pl.DataFrame) -> pl.DataFrame:
    category = pl.col("category").fill_null(UNKNOWN)
    summed = found.group_by(category).agg(pl.col("spend").sum())
    return summed.select("category", cents("spend"))


def _our_uplift(shop: Shop) -> pl.DataFrame:
    naive = asked(shop, "uplift").filter(pl.col("method") == "Naive difference")
    sides = [
        naive.select("outcome", side=pl.lit(side == "treated"), size=side, mean=f"{side}_mean")
        for side in ("treated", "control")
    ]
    spent = pl.concat(sides).with_columns(spend=pl.col("mean") * pl.col("size"))
    return spent.select("outcome", "side", "size", cents("spend"))


def _their_uplift(found: pl.DataFrame) -> pl.DataFrame:
    names = {"sales": "unit_spend_0", "promoted": "promoted_0"}
    outcomes = [
        found.select(
            outcome=pl.lit(outcome), side="treated", size=f"{name}_size", mean=f"{name}_mean"
        )
        for outcome, name in names.items()
    ]
    spent = pl.concat(outcomes).with_columns(spend=pl.col("mean") * pl.col("size"))
    return spent.select("outcome", "side", "size", cents("spend"))


def _our_churn(shop: Shop) -> pl.DataFrame:
    columns = ("customer_id", "away", "visit_days", cents("sales"))
    return named(shop, asked(shop, "churn").select(columns))


def _their_churn(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("away", "visit_days", cents("spend"), customer="customer_id")


def _our_lapsed(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "lapsed").filter(pl.col("lapsed") > 0)
    return found.select("visit_days", customers=pl.col("lapsed").cast(pl.Int64))


def _their_lapsed(found: pl.DataFrame) -> pl.DataFrame:
    lapsed = found.select(visit_days="transaction_number", customers="churned")
    return lapsed.filter(pl.col("customers") > 0)


def _our_repeats(shop: Shop) -> pl.DataFrame:
    """Tell the same as the others, to whom a day on which nothing was paid is no purchase."""
    days, window = customer_days(shop, YEAR), shop.window(YEAR)
    found = summary(days.filter(pl.col("sales") > 0), window.last)
    columns = ("customer_id", whole("repeats"), whole("recency"), whole("age"))
    return named(shop, found.select(*columns))


def _their_repeats(found: pl.DataFrame) -> pl.DataFrame:
    columns = (whole("frequency", "repeats"), whole("recency"), whole("T", "age"))
    return found.select(*columns, customer="customer_id")


def _our_habits(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "habits").drop_nulls("mean_gap")
    return named(shop, found.select("customer_id", whole("mean_gap")))


def _their_habits(found: pl.DataFrame) -> pl.DataFrame:
    gap = whole("avg_days_between_purchases", "mean_gap")
    return found.select(gap, customer="customer_id").drop_nulls("mean_gap")


def _our_crossing(shop: Shop) -> pl.DataFrame:
    first, second = (pl.col(side).cast(pl.String) == "Buys" for side in ("first", "second"))
    label = (
        pl.when(first & second).then(pl.lit("A, B"))
        .when(first).then(pl.lit("A"))
        .when(second).then(pl.lit("B"))
        .otherwise(pl.lit("No Groups"))
    )  # fmt: skip
    summed = asked(shop, "crossing").group_by(label=label).agg(pl.col("sales").sum())
    return summed.select("label", cents("sales"))


def _their_crossing(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(cents("unit_spend"), label="group_labels")


def _our_pairs(shop: Shop) -> pl.DataFrame:
    numbers = pl.col("first", "second").str.split(" ").list.last()
    return _each_once(asked(shop, "pairs").select(numbers, count="together"))


def _their_pairs(found: pl.DataFrame) -> pl.DataFrame:
    names = {"product_id_1": "first", "product_id_2": "second", "cooccurrences": "count"}
    return _each_once(found.select(*names).rename(names))


def _each_once(pairs: pl.DataFrame) -> pl.DataFrame:
    ends = pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")
    return pairs.select(one=ends[0], other=ends[1], count="count").unique()


def _our_headline(shop: Shop) -> pl.DataFrame:
    each = measures.headline(shop, measures.compared(shop, HALF))
    whole_ = each.filter(pl.col("whose").cast(pl.String) == ALL).sort("first_day")
    return whole_.select("customers", cents("sales"), transactions="visits")


def _their_headline(found: pl.DataFrame) -> pl.DataFrame:
    names = ("customers", "transactions")
    halves = [
        found.select(cents(f"spend_{half}"), **{name: f"{name}_{half}" for name in names})
        for half in ("p1", "p2")
    ]
    return pl.concat(halves)


def _our_times(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "times").filter(pl.col("visits") > 0)
    places = {name: place for place, name in enumerate(WEEKDAYS)}
    weekday = pl.col("weekday").cast(pl.String).replace_strict(places, return_dtype=pl.Int64)
    return found.select(weekday, "hour", cents("sales"), transactions="visits")


def _their_times(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("weekday", "hour", cents("spend"), "transactions")


def _our_purchases(shop: Shop) -> pl.DataFrame:
    shelves = shop.tables["categories"].to_native().cast({"category_id": pl.Int64}).collect()
    found = asked(shop, "purchases").join(shelves, left_on="item_id", right_on="category_id")
    columns = ("customer_id", "department", "first_day", "last_day", "days", whole("weight"))
    items = found.select(*columns, "category").with_columns(
        pl.col("department", "category").fill_null(UNKNOWN)
    )
    return named(shop, items)


def _their_purchases(found: pl.DataFrame) -> pl.DataFrame:
    days = pl.col("first_day", "last_day").cast(pl.Date)
    columns = ("department", "category", days, "days", whole("weight"))
    return found.select(*columns, customer="customer_id")


def _our_loyalty(shop: Shop) -> pl.DataFrame:
    loyal = fours(shop).filter(pl.col("segment") == "0")["customer_id"]
    found = measures.loyalty(shop, YEAR, loyal).filter(pl.col("customers") > 0)
    amounts = found.with_columns(
        loyal=pl.col("group").cast(pl.String) == "Loyal",
        cost=pl.col("sales") - pl.col("margin"),
        discount=pl.col("retailer_cost") + pl.col("makers_amount"),
    )
    sums = cents("sales"), cents("cost", "cost"), cents("discount", "discount")
    return amounts.select("loyal", "customers", *sums, transactions="baskets")


def _their_loyalty(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("loyal", *STATS, cents("cost", "cost"), cents("discount", "discount"))


def _our_discounts(shop: Shop) -> pl.DataFrame:
    found = measures.discount_depth(shop, YEAR, fours(shop))
    segment = pl.col("segment").cast(pl.String).cast(pl.Int64)
    return found.group_by(segment).agg(pl.col("sales").sum()).select("segment", cents("sales"))


def _their_discounts(found: pl.DataFrame) -> pl.DataFrame:
    return found.group_by("segment").agg(pl.col("spend").sum()).select("segment", cents("spend"))


def _our_next_best(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "next best")
    listed = found.select("customer_id", pl.col("list").cast(pl.String), whole("score"))
    return named(shop, listed).select("customer", "list", "score")


def _their_next_best(found: pl.DataFrame) -> pl.DataFrame:
    listed = found.rename({"customer_id": "customer"})
    return listed.select("customer", "list", whole("weight", "score"))


COMPARED: Compared = {
    "weigh": both(_our_weigh, _their_weigh),
    "cohort": both(_our_cohort, _their_cohort),
    "profile": both(_our_profile, _their_profile),
    "uplift": {"pandas": (_our_uplift, _their_uplift)},
    "churn": {"pandas": (_our_churn, _their_churn)},
    "lapsed": both(_our_lapsed, _their_lapsed),
    "repeats": both(_our_repeats, _their_repeats),
    "habits": both(_our_habits, _their_habits),
    "crossing": both(_our_crossing, _their_crossing),
    "pairs": both(_our_pairs, _their_pairs),
    "headline": both(_our_headline, _their_headline),
    "overview": both(_our_headline, _their_headline),
    "times": both(_our_times, _their_times),
    "purchases": {"pandas": (_our_purchases, _their_purchases)},
    "loyalty": both(_our_loyalty, _their_loyalty),
    "discounts": both(_our_discounts, _their_discounts),
    "next best": {"pandas": (_our_next_best, _their_next_best)},
}
