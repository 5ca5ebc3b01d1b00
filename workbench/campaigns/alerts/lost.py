"""What kinds of alerts watch that are about things: categories lost, baskets left, data late."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from workbench.campaigns.alerts.kinds import IN_ORDER, LAST, LENGTH, cases, visits_about
from workbench.campaigns.alerts.rules import Rule
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import fetch, only, packed, total, unpacked
from workbench.data.period import Period
from workbench.data.shop import FINE, Shop
from workbench.measures.customers.churn import outcomes
from workbench.measures.customers.habits import came

_WHO = ["as_of", "customer_id"]


def category_lost(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day, customer and category bought often in the half year up to it.

    Of several that fire for a customer on a day, only the one with most at stake does: the
    customer's usual spend in the category, in the rule's weeks. The score is the time since in
    own mean gaps.
    """
    parts = (_category_lost(part, days, rule) for part in shop.parts(FINE))
    return pl.concat(parts).sort(IN_ORDER)


def _category_lost(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    bought = _bought(shop, days, rule)
    seen = visits_about(shop, days)
    who = came(seen, days, LENGTH).select(*_WHO, visited="last_day")
    known = outcomes(seen, bought.join(who, on=_WHO), shop.last_day, rule.weeks)
    quiet = pl.col("as_of") - pl.duration(weeks=rule.when["quiet"])
    lost = (pl.col("last_day") <= quiet) & (pl.col("visited") > quiet)
    stake = pl.col("sales") * (7 * rule.weeks) / LENGTH
    ranked = known.with_columns(lost=lost, stake=stake).sort(
        *(*_WHO, "lost", "stake", "category", "last_day"),
        descending=[False, False, False, True, False, False],
    )
    first = pl.int_range(pl.len()).over(*_WHO, "lost") == 0
    away = pl.when(pl.col("stayed_away") == 1).then(pl.lit(value=False))
    return cases(
        ranked.with_columns(score=pl.col("away") * pl.col("days") / LENGTH),
        fires=pl.col("lost") & first,
        at_stake=pl.col("stake"),
        happened=pl.when(pl.col("stayed_away") == 0).then(pl.col("after") == 0).otherwise(away),
        reason=pl.format("{} not bought since {}", "category", LAST),
    )


def cart_abandoned(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day, customer and day of the last ones on which a basket was left.

    It fires while none of its products was bought; at stake is what a receipt's line of each came
    to, up to the earliest of the days; null where none was sold.
    """
    left = _left(shop, days, rule)
    known = left.join(_since(shop, left, rule), on=_LEFT, how="left").join(
        _prices(shop, left, min(days)), on="product_id", how="left", maintain_order="left"
    )
    until = pl.col("as_of") + pl.duration(weeks=rule.weeks)
    told = pl.when(until <= shop.last_day)
    baskets = known.group_by(*_WHO, last_day="day", maintain_order=True).agg(
        pl.col("bought").fill_null(value=False).any(),
        pl.col("later").fill_null(value=False).any(),
        pl.col("price").sum().alias("cost"),
        pl.col("price").count().alias("priced"),
    )
    return cases(
        baskets,
        fires=~pl.col("bought"),
        at_stake=pl.when(pl.col("priced") > 0).then(pl.col("cost")),
        happened=told.then(~pl.col("later")),
        reason=pl.format("basket left on {}", LAST),
    )


def data_late(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per table watched: whether it ends too long before the last of the days.

    The data of today is looked at, whatever the other days are.
    """
    ends = {name: _end(shop, name) for name in rule.when["tables"] if shop.has(name)}
    rows = {"table": list(ends), "last_day": list(ends.values())}
    late = pl.DataFrame(rows, {"table": pl.String, "last_day": pl.Date}).drop_nulls()
    away = (pl.lit(max(days)) - pl.col("last_day")).dt.total_days()
    name = pl.col("table").replace("lines", "receipts").str.replace_all("_", " ")
    return cases(
        late.with_columns(as_of=pl.lit(max(days)), customer_id=pl.lit(None, pl.Int64)),
        fires=away > rule.when["days"],
        at_stake=pl.lit(None, pl.Float64),
        happened=pl.lit(None, pl.Boolean),
        reason=pl.format("{} end on {}", name, LAST),
    )


def _bought(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one row per day, customer and category bought on enough days, with `after`: days."""
    end = min(max(days) + dt.timedelta(weeks=rule.weeks), shop.last_day)
    begin = min(days) - dt.timedelta(days=LENGTH - 1)
    question = (
        shop.during(Period(begin, end))
        .lines.filter(~nw.col("customer_id").is_null(), ~nw.col("category_id").is_null())
        .with_columns(packed=packed("customer_id", "category_id"))
        .group_by("packed", "day")
        .agg(sales=total("sales"))
        .filter(nw.col("sales") > 0)
    )
    daily, goods = fetch(question, by=[]), fetch(_goods(shop), by=["category_id"])
    each = [_by_then(daily, day, rule) for day in days]
    found = pl.concat(each).with_columns(unpacked("customer_id", "category_id")).drop("packed")
    away = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
    return found.join(goods, on="category_id").with_columns(away=away)


def _by_then(daily: pl.DataFrame, day: dt.date, rule: Rule) -> pl.DataFrame:
    """Return what was bought often in the half year up to a day, and how often in weeks after."""
    begin, end = day - dt.timedelta(days=LENGTH - 1), day + dt.timedelta(weeks=rule.weeks)
    before = pl.col("day") <= day
    near = daily.lazy().filter(pl.col("day").is_between(begin, end)).group_by("packed")
    sums = near.agg(
        before.sum().cast(pl.Int64).alias("days"),
        (~before).sum().cast(pl.Int64).alias("after"),
        pl.col("day").filter(before).max().alias("last_day"),
        pl.col("sales").filter(before).sum(),
    )
    often = sums.filter(pl.col("days") >= rule.when["days"])
    return often.with_columns(as_of=pl.lit(day)).collect()


def _goods(shop: Shop) -> Any:
    """Return the named categories that hold merchandise: category_id, category."""
    goods = nw.col("merchandise").cast(nw.Int64)
    kinds = shop.products.group_by("category_id").agg(goods=goods.max()).filter(nw.col("goods") > 0)
    named = shop.categories.filter(~nw.col("category").is_null())
    return named.join(kinds, on="category_id", how="inner").select("category_id", "category")


_LEFT = [*_WHO, "day", "product_id"]


def _left(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    events = shop.table("web_events").filter(
        nw.col("event") == "abandon", ~nw.col("product_id").is_null()
    )
    question = events.select("customer_id", "day", "product_id").unique()
    found = fetch(question, by=["customer_id", "day", "product_id"])
    since = pl.col("as_of") - pl.duration(days=rule.when["days"])
    spans = pl.DataFrame({"as_of": sorted(days)}, {"as_of": pl.Date})
    crossed = spans.join(found, how="cross", maintain_order="left_right")
    return crossed.filter(pl.col("day") > since, pl.col("day") <= pl.col("as_of"))


def _since(shop: Shop, left: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Return the products left that were bought from then on: by the day, or in the weeks after."""
    who, what = (left[name].unique().to_list() for name in ("customer_id", "product_id"))
    keys = ["customer_id", "product_id", "day"]
    orders = shop.table("web_events").filter(nw.col("event") == "order")
    tills = shop.during(Period(shop.first_day, shop.last_day)).lines.filter(
        nw.col("sales") >= 0, nw.col("quantity") >= 0
    )
    theirs = (only(each, "customer_id", who) for each in (orders, tills))
    asked = (only(each, "product_id", what).select(keys).unique() for each in theirs)
    both = [fetch(each, by=keys) for each in asked]
    bought = pl.concat(both).unique().rename({"day": "when"})
    until = pl.col("as_of") + pl.duration(weeks=rule.weeks)
    return (
        left.join(bought, on=["customer_id", "product_id"])
        .filter(pl.col("when") >= pl.col("day"), pl.col("when") <= until)
        .group_by(_LEFT)
        .agg(
            bought=(pl.col("when") <= pl.col("as_of")).any(),
            later=(pl.col("when") > pl.col("as_of")).any(),
        )
    )


def _prices(shop: Shop, left: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Return one row per product left: product_id, price (takings per line up to the day)."""
    what = left["product_id"].unique().to_list()
    lines = only(shop.during(Period(shop.first_day, day)).lines, "product_id", what)
    sums = lines.group_by("product_id").agg(sales=total("sales"), pieces=nw.len())
    price = pl.col("sales") / pl.col("pieces")
    return fetch(sums, by=["product_id"]).select("product_id", price=price)


def _end(shop: Shop, table: str) -> dt.date | None:
    if table == "lines":
        return shop.last_day
    last = shop.table(table).select(end=nw.col(str(CONTRACTS[table].dated)).max())
    end: dt.date | None = fetch(last, by=["end"])["end"].item()
    return end
