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
    month, within = nw.col("month"), nw.col("day").is_between(span.first, span.last)
    found = table.filter(month.is_between(first, last))
    if span.whole_months:
        return found
    if first == last or not table.implementation.is_polars():
        return found.filter(within)
    ends = {first: span.first.day > 1, last: (span.last + _DAY).day > 1}
    cut = month.is_in([end for end, is_cut in ends.items() if is_cut])
    return nw.concat([found.filter(~cut), found.filter(cut, within)])


def _month(day: dt.date) -> int:
    return day.year * 100 + day.month
