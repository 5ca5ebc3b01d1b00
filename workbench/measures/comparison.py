"""Two windows of equal length: the days looked at, and those they are compared with."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop

SAME_WEEKS, WEEKS_BEFORE = "same weeks last year", "weeks before"
AGAINST = [SAME_WEEKS, WEEKS_BEFORE]
_YEAR = dt.timedelta(weeks=52)


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
    a_year_ago = Period(now.first - _YEAR, now.last - _YEAR)
    before = now.before() if against == WEEKS_BEFORE else a_year_ago
    try:
        return Comparison(now, shop.window(before))
    except NotCovered:
        other = AGAINST[1 - AGAINST.index(against)]
        raise NotCovered(
            f"{now} cannot be compared with the {against} ({before}): the data runs from "
            f"{shop.first_day} to {shop.last_day}; choose a shorter period or the {other}"
        ) from None


def lines_of_both(shop: Shop, both: Comparison) -> nw.LazyFrame[Any]:
    """Return the receipt lines of both windows, with `now`: 1 in the later, 0 in the earlier."""
    now, before = both.now, both.before
    lines = shop.during(Period(before.first, now.last)).lines
    day = nw.col("day")
    inside = day.is_between(before.first, before.last) | day.is_between(now.first, now.last)
    return lines.filter(inside).with_columns(now=(day >= now.first).cast(nw.Int64))
