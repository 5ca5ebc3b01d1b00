"""What each kind of alert watches: who could be told of on a day, who is, and what came true.

A kind is a function `(shop, days, rule) -> cases`: one row per day of `days` and case. Columns:
as_of (the day), customer_id (null where the case is no customer's), reason (the same for as long
as the case is the same), fires (whether the rule's thresholds are met), score, at_stake (cents,
what the customer usually spends in the rule's weeks unless said otherwise), away (days since the
last purchase concerned) and happened (whether it came true in the rule's weeks after the day;
null where the data does not tell). All but the last are told from rows up to the day.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from workbench.campaigns.alerts.rules import Rule
from workbench.data.engine import fetch
from workbench.data.period import AS_WRITTEN, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.customers.churn import outcomes, stop_at_too_few
from workbench.measures.customers.churn_methods import REGRESSION, Learnt, learnt
from workbench.measures.customers.habits import came, habits, visits

LENGTH = 182
IN_ORDER = ["as_of", "customer_id", "reason", "at_stake", "score", "away"]
LAST = pl.col("last_day").dt.to_string(AS_WRITTEN)
_TIERS = {"Heavy": 0.8, "Medium": 0.5}
_RANKED = ("Light", "Medium", "Heavy")
_STEP = dt.timedelta(weeks=4)
_AWAY = (pl.col("as_of") - pl.col("last_day")).dt.total_days()
_SILENT = pl.format("no visit since {}", LAST)


def staying_away(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day and customer who came in the half year up to it.

    The score is the probability of no purchase; it weighs the money at stake. A model is fitted
    every four weeks, counted back from the last day, on outcomes known by then. Raises NotCovered
    where none can be fitted for a day.
    """
    grid: list[dt.date] = []
    day = max(days)
    while day >= shop.first_day + dt.timedelta(days=LENGTH - 1):
        grid, day = [*grid, day], day - _STEP
    seen = visits_about(shop, [*days, *grid])
    known = habits(seen, sorted({*days, *grid}), LENGTH)
    known = outcomes(seen, known, shop.last_day, rule.weeks)
    stop_at_too_few(known.filter(pl.col("as_of").is_in(grid)), rule.weeks)
    asked = known.filter(pl.col("as_of").is_in(days))
    scored = [
        each.with_columns(score=pl.Series(_model(known, grid, fit, rule.weeks).said(each)))
        for fit in grid
        if (each := asked.filter(pl.col("as_of").is_between(fit, fit + _STEP, "left"))).height
    ]
    chance = pl.col("score")
    return cases(
        pl.concat(scored),
        fires=chance >= rule.when["chance"],
        at_stake=chance * _usual(rule),
        happened=_stayed(),
    )


def gone_silent(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day and customer of the top fifth by spend of the half year up to it.

    The score is the days away over the customer's own mean gap between visits.
    """
    big = pl.col("sales") >= pl.col("sales").quantile(_TIERS["Heavy"], "higher").over("as_of")
    seen = visits_about(shop, days)
    known = came(seen, days, LENGTH).filter(big)
    span = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    score = pl.when(pl.col("visit_days") >= 4).then(_AWAY * (pl.col("visit_days") - 1) / span)
    return cases(
        outcomes(seen, known.with_columns(score=score), shop.last_day, rule.weeks),
        fires=(pl.col("score") > rule.when["gaps"]).fill_null(value=False),
        at_stake=_usual(rule),
        happened=_stayed(),
    )


def fallen_tier(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day and customer above the lowest tier 26 to 13 weeks before it.

    The score is the share of spend lost; at stake is what is missing, in the rule's weeks. The
    same fall is told once a year.
    """
    before, after = pl.col("sales") - pl.col("late_sales"), pl.col("late_sales")
    spent = pl.when(before > 0).then(before)
    cuts = {name: spent.quantile(at, "higher").over("as_of") for name, at in _TIERS.items()}
    known = came(visits_about(shop, days), days, LENGTH).with_columns(
        before=before,
        was=_tier(before, cuts),
        now=_tier(after, cuts),
        floor=pl.when(before >= cuts["Heavy"]).then(cuts["Heavy"]).otherwise(cuts["Medium"]),
    )
    known = spent_after(shop, known.filter(pl.col("was") > 0), rule.weeks)
    weeks = rule.weeks / 13
    named = [pl.col(tier).replace_strict(dict(enumerate(_RANKED))) for tier in ("was", "now")]
    return cases(
        known.with_columns(score=1 - pl.col("late_sales") / pl.col("before")),
        fires=pl.col("was") - pl.col("now") >= rule.when["steps"],
        at_stake=(pl.col("before") - pl.col("late_sales")) * weeks,
        happened=pl.col("after") < pl.col("floor") * weeks,
        reason=pl.format("fell from {} to {} in {}", *named, pl.col("as_of").dt.year()),
    )


def newcomers(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day and customer whose first purchase ever lies in the days up to it.

    At stake is what was spent so far.
    """
    seen = visits_about(shop, days)
    known = came(seen, days, LENGTH)
    first = visits(shop, Period(shop.first_day, max(days))).group_by("customer_id")
    known = known.join(first.agg(ever=pl.col("visit").min()), on="customer_id")
    recent = pl.col("ever") > pl.col("as_of") - pl.duration(days=rule.when["days"])
    return cases(
        outcomes(seen, known.filter(recent), shop.last_day, rule.weeks),
        fires=pl.lit(value=True),
        at_stake=pl.col("sales"),
        happened=~_stayed(),
        reason=pl.format("first purchase on {}", pl.col("ever").dt.to_string(AS_WRITTEN)),
    )


def birthdays(shop: Shop, days: Sequence[dt.date], rule: Rule) -> pl.DataFrame:
    """Return one case per day and customer with a known birthday who came in the half year.

    Who was born on a 29 February is told of for 1 March. The reason tells the year of the
    birthday and never its day.
    """
    born = fetch(shop.table("people").select("customer_id", "birthday"), by=["customer_id"])
    ahead = [
        {"as_of": day, "date": f"{date:%m-%d}", "year": date.year}
        for day in days
        for date in (day + dt.timedelta(days=n + 1) for n in range(rule.when["days"]))
    ]
    leap = pl.col("birthday").dt.strftime("%m-%d").replace("02-29", "03-01")
    born = born.drop_nulls().select("customer_id", date=leap)
    seen = visits_about(shop, days)
    known = came(seen, days, LENGTH).join(born, on="customer_id")
    known = known.join(pl.DataFrame(ahead), on=["as_of", "date"], how="left")
    return cases(
        outcomes(seen, known, shop.last_day, rule.weeks),
        fires=pl.col("year").is_not_null(),
        at_stake=_usual(rule),
        happened=~_stayed(),
        reason=pl.format("birthday in {}", pl.col("year").fill_null(pl.col("as_of").dt.year())),
    )


def _model(known: pl.DataFrame, grid: Sequence[dt.date], fit: dt.date, weeks: int) -> Learnt:
    ahead = dt.timedelta(weeks=weeks)
    calibrated = [day for day in grid if day <= fit - ahead]
    if not calibrated or calibrated[0] - ahead < grid[-1]:
        raise NotCovered(
            f"whether customers stay away for {weeks} weeks cannot be learnt by {fit}: the data "
            f"starts too late for half a year of habits and {2 * weeks} weeks of outcomes before"
        )
    return learnt(known, calibrated, REGRESSION, weeks, 0)


def _tier(spent: pl.Expr, cuts: dict[str, pl.Expr]) -> pl.Expr:
    heavy, medium = (spent >= cuts[name] for name in ("Heavy", "Medium"))
    return heavy.cast(pl.Int64) + medium.cast(pl.Int64)


def _usual(rule: Rule) -> pl.Expr:
    return pl.col("sales").clip(0) * (7 * rule.weeks) / LENGTH


def _stayed() -> pl.Expr:
    return pl.col("stayed_away") == 1


def visits_about(shop: Shop, days: Sequence[dt.date]) -> pl.DataFrame:
    """Return the `visits` from half a year before the first of the days on."""
    return visits(shop, Period(min(days) - dt.timedelta(days=LENGTH - 1), shop.last_day))


def spent_after(shop: Shop, known: pl.DataFrame, weeks: int) -> pl.DataFrame:
    """Return the rows with `after`: net sales in the weeks after, null where not yet known."""
    until = pl.col("as_of") + pl.duration(weeks=weeks)
    seen = visits(shop, Period(shop.first_day, shop.last_day)).lazy()
    later = [
        seen.filter(pl.col("day").is_between(day, day + dt.timedelta(weeks=weeks), "right"))
        .group_by("customer_id")
        .agg(after=pl.col("sales").sum())
        .with_columns(as_of=pl.lit(day))
        for day in known["as_of"].unique().sort()
    ]
    none = pl.DataFrame(schema={"customer_id": pl.Int64, "after": pl.Int64, "as_of": pl.Date})
    spent = pl.concat([none, *pl.collect_all(later)])
    found = known.join(spent, on=["as_of", "customer_id"], how="left", maintain_order="left")
    told = pl.when(until <= shop.last_day).then(pl.col("after").fill_null(0))
    return found.with_columns(after=told)


def cases(
    known: pl.DataFrame,
    *,
    fires: pl.Expr,
    at_stake: pl.Expr,
    happened: pl.Expr,
    reason: pl.Expr = _SILENT,
) -> pl.DataFrame:
    """Return the cases, in order, of rows of as_of, customer_id, last_day and, if known, score."""
    score = pl.col("score") if "score" in known.columns else pl.lit(None, pl.Float64)
    return known.select(
        "as_of",
        "customer_id",
        reason=reason.cast(pl.Categorical),
        fires=fires,
        score=score,
        at_stake=at_stake.round().cast(pl.Int64),
        away=_AWAY,
        happened=happened,
    ).sort(IN_ORDER)
