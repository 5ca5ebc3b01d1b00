"""Months: the folders that the tables of receipts lie in, by which days are found."""

import datetime as dt
from typing import Any

import narwhals as nw

from workbench.data.period import Period

_DAY = dt.timedelta(days=1)


def rows_in(table: nw.LazyFrame[Any], span: Period) -> nw.LazyFrame[Any]:
    """Return the rows of a table with a day and its month that lie in a span of days.

    Polars asks rows for their day only in months that the span cuts: in half a year of lines that
    takes as long as to add up a column of them.
    """
    first, last = _month(span.first), _month(span.last)
    month = nw.col("month")
    found = table.filter(month.is_between(first, last))
    if span.whole_months:
        return found
    within = nw.col("day").is_between(span.first, span.last)
    cut = [
        *([first] if span.first.day > 1 else []),
        *([last] if (span.last + _DAY).day > 1 else []),
    ]
    if not table.implementation.is_polars() or first == last:
        return found.filter(within)
    whole = found.filter(~month.is_in(cut))
    return nw.concat([whole, found.filter(month.is_in(cut), within)])


def _month(day: dt.date) -> int:
    return day.year * 100 + day.month
