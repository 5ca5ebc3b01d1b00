"""Two windows of equal length: the days looked at, and those they are compared with."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import UNCOSTED, fetch, total
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.data.weeks import category_weeks, customer_weeks

SAME_WEEKS, WEEKS_BEFORE = "same weeks last year", "weeks before"
AGAINST = [SAME_WEEKS, WEEKS_BEFORE]
YEAR = dt.timedelta(weeks=52)


@dataclass(frozen=True)
class Comparison:
    """The days looked at (`now`) and as many days to compare them with (`before`)."""

    now: Period
    before: Period

    def __str__(self) -> str:
        return f"{self.now} against {self.before}"


def compared(shop: Shop, period: str | Period | Latest, against: str = WEEKS_BEFORE) -> Comparison:
    """Return a period and the days it is compared with, one of `AGAINST`.

    The same weeks last year are 52 weeks earlier, so that weekdays match. Raises NotCovered
    where the data lacks some of either, and ValueError for another `against`.
    """
    if against not in AGAINST:
        raise ValueError(f"cannot compare with {against!r}; allowed: {', '.join(AGAINST)}")
    now = shop.window(period)
    a_year_ago = Period(now.first - YEAR, now.last - YEAR)
    before = now.before() if against == WEEKS_BEFORE else a_year_ago
    try:
        return Comparison(now, shop.window(before))
    except NotCovered:
        other = AGAINST[1 - AGAINST.index(against)]
        whole = Period(shop.first_day, shop.last_day).written
        raise NotCovered(
            f"{now.written} cannot be compared with the {against} ({before.written}): the data "
            f"runs from {whole}; choose a shorter period or the {other}"
        ) from None


def rows_of_both(shop: Shop, both: Comparison, key: str) -> nw.LazyFrame[Any]:
    """Return what was bought in both windows, with a key: receipts, their lines, or sums of them.

    They have `now`: 1 in the later window, 0 in the earlier; and `uncosted`: lines without a cost.
    """
    now, before = both.now, both.before
    rows = _rows(shop.during(Period(before.first, now.last)), both, key)
    day = nw.col("day")
    inside = day.is_between(before.first, before.last) | day.is_between(now.first, now.last)
    return rows.filter(inside).with_columns(now=(day >= now.first).cast(nw.Int64))


def _rows(span: Shop, both: Comparison, key: str) -> nw.LazyFrame[Any]:
    match key:
        case "customer_id":
            return customer_weeks(span, both.before, both.now)
        case "category_id":
            return category_weeks(span, both.before, both.now)
        case "store_id":
            return span.receipts
    return span.lines.with_columns(uncosted=UNCOSTED)


def by_window(
    shop: Shop, both: Comparison, key: str, *sums: str, cards: bool = False
) -> pl.DataFrame:
    """Return one row per value of an integer key (null: unknown) and window.

    Columns: the key, carded (1 or 0; with `cards`, rows are by it too), now (1 or 0) and the
    exact sums of the columns named; margin is null where a cost is unknown. What rows are by is
    packed into one integer: grouping by one takes two thirds of the time of grouping by three.
    """
    if "margin" in sums and shop.has("costs"):
        shop.table("costs")  # margin rests on them, so the page that shows it says what they are
    packed = nw.col(key).cast(nw.Int64).fill_null(-1) * 4 + nw.col("now")
    if cards:
        packed = packed + (~nw.col("customer_id").is_null()).cast(nw.Int64) * 2
    totals = {name: total(name) for name in sums}
    if "margin" in sums:
        totals["without_cost"] = total("uncosted")
    question = rows_of_both(shop, both, key).with_columns(packed=packed).group_by("packed")
    found = fetch(question.agg(**totals), by=["packed"])
    if "margin" in sums:
        known = pl.when(pl.col("without_cost") == 0).then(pl.col("margin"))
        found = found.with_columns(margin=known)
    at, rest = pl.col("packed") // 4, pl.col("packed") % 4
    parts = {"carded": rest // 2, "now": rest % 2}
    return found.select(pl.when(at >= 0).then(at).alias(key), *sums, **parts)
