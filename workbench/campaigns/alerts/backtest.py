"""The backtest of an alert rule: what it would have told of in past weeks, and what came true."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from workbench.campaigns.alerts.kinds import LENGTH
from workbench.campaigns.alerts.listed import CANNOT_TELL, CASE, cases_of, replayed
from workbench.campaigns.alerts.rules import Rule
from workbench.data.engine import money
from workbench.data.period import Latest
from workbench.data.shop import NotCovered, Shop
from workbench.measures.chance import wilson

HEADINGS = {
    "rule": "Rule",
    "weeks": "Weeks tested",
    "week_alerts": "Alerts a week",
    "precision_share": "Came true",
    "precision_low_share": "At least",
    "precision_high_share": "At most",
    "random_share": "At random",
    "recency_share": "By recency",
    "recall_share": "Recall",
    "recall_low_share": "At least",
    "recall_high_share": "At most",
    "week_stake": "At stake a week",
    "true_stake": "Of it, came true",
    "recency_stake": "Of it, by recency",
    "note": "Why not",
}
DEFINITION = {
    "Test": "the rule is applied on each of the last week ends whose outcome is fully known, from "
    "what was known on the day, with consent, budget and once for the same reason, as in life; "
    "the memory starts empty, so that the first of these weeks tells of old cases too",
    "Came true (precision)": "of the alerts, the share that came true in the rule's weeks after",
    "At random": "the share of all whom the rule could have told of in the same weeks",
    "By recency": "the share on lists as long of those longest without a purchase",
    "Recall": "of all cases that came true after one of these week ends, consent or not, the share "
    "told of; a budget far below the number of cases keeps it low",
    "Intervals": "Wilson, 95 %, over alerts; the weeks share customers and season, so the next "
    "ones may differ by more",
    "At stake": "what the customers told of usually spend in the rule's weeks; for churn times "
    "the probability",
    "Certain events": "a birthday comes true in any case: the figure is then the share who bought "
    "in the weeks after although nobody acted, which acting has to beat; there is no recall",
}
PRECISION = {"low": "precision_low_share", "high": "precision_high_share"}
RECALL = {"low": "recall_low_share", "high": "recall_high_share"}
_MONEY = ("week_stake", "true_stake", "recency_stake")
_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(HEADINGS, pl.Float64),
    **dict.fromkeys(_MONEY, pl.Int64),
    "rule": pl.String,
    "weeks": pl.Int64,
    "note": pl.String,
}


def origins(shop: Shop, rule: Rule, weeks: int) -> list[dt.date]:
    """Return the last week ends whose outcome is fully known, as far as the history reaches back.

    Raises NotCovered where there is none.
    """
    last = Latest(1, "week").until(shop.last_day - dt.timedelta(weeks=rule.weeks)).last
    learnt = 4 + 8 * -(-rule.weeks // 4) if rule.kind == "churn" else 0
    first = shop.first_day + dt.timedelta(days=LENGTH - 1, weeks=learnt)
    days = [last - dt.timedelta(weeks=place) for place in range(weeks)]
    if last < first:
        raise NotCovered(
            f"{rule.name!r} cannot be tested: it looks back to {(first - shop.first_day).days + 1} "
            f"days and ahead {rule.weeks} weeks, and the data has {shop.span.days} days"
        )
    return [day for day in days if day >= first]


def backtests(shop: Shop, rules: Iterable[Rule], *, weeks: int = 8) -> pl.DataFrame:
    """Return one row per rule: what it told of on past week ends, and what came true.

    Columns: rule (its name), weeks (tested), week_alerts (alerts a week), precision_share,
    random_share, recency_share, recall_share, each with its low and high where it is estimated,
    week_stake, true_stake and recency_stake (money a week: of all, of those that came true, and of
    those that would have by recency) and, where there is no test, note: why not.
    """
    rows = [backtest(shop, rule, weeks=weeks) for rule in rules]
    return pl.concat(rows) if rows else pl.DataFrame(schema=_SCHEMA)


def backtest(shop: Shop, rule: Rule, *, weeks: int = 8) -> pl.DataFrame:
    """Return the one row of a rule, as `backtests` does."""
    nothing = dict.fromkeys(_SCHEMA) | {"rule": rule.name}
    if rule.kind == "data late":
        return _row(nothing | {"note": rule.what.true})
    try:
        days = origins(shop, rule, weeks)
        return _row(nothing | _tested(cases_of(shop, days, rule), rule, len(days)))
    except CANNOT_TELL as error:
        return _row(nothing | {"note": str(error)})


def say_backtest(tested: pl.DataFrame) -> str:
    """Return the sentence that a rule's test comes to."""
    row = tested.row(0, named=True)
    if not row["week_alerts"]:
        return f"{row['rule']}: {row['note'] or 'nothing to tell of in the weeks tested'}"
    low, high = (100 * row[f"precision_{end}_share"] for end in ("low", "high"))
    return (
        f"{row['rule']}: of {row['week_alerts']:.0f} alerts a week "
        f"{100 * row['precision_share']:.0f} % came true ({low:.0f} to {high:.0f} %), at random "
        f"{100 * row['random_share']:.0f} %"
    )


def say_best(tested: pl.DataFrame) -> str:
    """Return the sentence that says which rule is furthest above a list drawn at random."""
    beats = tested.filter(pl.col("precision_low_share") > pl.col("random_share"))
    if beats.is_empty():
        return "No rule tested tells surely more than a list drawn at random"
    times = pl.col("precision_share") / pl.col("random_share")
    row = beats.sort(times, descending=True, maintain_order=True).row(0, named=True)
    most, rules = row["precision_share"] / row["random_share"], tested["weeks"].count()
    return (
        f"{beats.height} of {rules} rules tested beat a list drawn at random, most of all "
        f"{row['rule']!r}: {most:.1f} times as many came true"
    )


def _tested(cases: pl.DataFrame, rule: Rule, weeks: int) -> dict[str, object]:
    able = cases.filter("reached").sort("as_of", maintain_order=True)
    listed = replayed(able, [rule.budget] * able["as_of"].n_unique())
    sizes = able.group_by("as_of", maintain_order=True).agg(base=pl.col("happened").mean())
    sizes = sizes.join(listed.group_by("as_of").len("size"), on="as_of", how="left").fill_null(0)
    longest = able.with_columns(fires=pl.lit(value=True), at_stake="away", score="at_stake")
    recent = replayed(longest, sizes.sort("as_of")["size"].to_list())
    told, true = listed.height, _count(listed.filter("happened"))
    random = (sizes["base"] * sizes["size"]).sum() / told if told else None
    stakes = listed["at_stake"], listed.filter("happened")["at_stake"]
    late = recent.filter("happened")["score"]
    every = _count(cases.filter("happened"))
    return {
        "weeks": weeks,
        "week_alerts": told / weeks,
        **_share("precision", true, told),
        "random_share": random,
        "recency_share": None if rule.what.certain else recent["happened"].mean(),
        **({} if rule.what.certain else _share("recall", true, every)),
        "week_stake": round(stakes[0].sum() / weeks),
        "true_stake": round(stakes[1].sum() / weeks),
        "recency_stake": None if rule.what.certain else round(late.sum() / weeks),
    }


def _count(cases: pl.DataFrame) -> int:
    return cases.select(CASE).n_unique()


def _share(name: str, part: int, whole: int) -> dict[str, float | None]:
    low, high = wilson(pl.lit(part), pl.lit(whole))
    share = part / whole if whole else None
    ends = pl.select(low=low, high=high).row(0)
    return {f"{name}_share": share, f"{name}_low_share": ends[0], f"{name}_high_share": ends[1]}


def _row(row: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([row], _SCHEMA).with_columns(money(*_MONEY))
