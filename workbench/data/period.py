"""Periods: whole days, both ends included, given outright or counted back from the last day.

The analysis date is the last complete day in the data, never today: "last 26 weeks" becomes
days only through `Shop.window`, which knows that day.
"""

import datetime as dt
import re
from dataclasses import dataclass

ALLOWED = "two days like 2017-07-01/2017-12-31, or a stretch like last 26 weeks (days, months)"
_LATEST = re.compile(r"last (\d{1,3}) (day|week|month)s?", re.IGNORECASE)
_DAY = dt.timedelta(days=1)
AS_WRITTEN = "%-d %b %Y"  # a day as people write it, to Polars


def written(day: dt.date) -> str:
    """Return a day as people write it.

    >>> written(dt.date(2017, 12, 31))
    '31 Dec 2017'
    """
    return f"{day.day} {day:%b %Y}"


def begins_a_week(day: dt.date) -> bool:
    """Return whether a week begins on a day, or what a month has of one.

    >>> [begins_a_week(dt.date(2018, 1, day)) for day in (1, 2, 8)]
    [True, False, True]
    """
    return day.weekday() == 0 or day.day == 1


@dataclass(frozen=True, order=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"period {self} ends before it starts; allowed: {ALLOWED}")

    @classmethod
    def parse(cls, value: object) -> "Period | Latest":
        """Return the period a text names, or raise ValueError saying what is allowed.

        >>> Period.parse("2017-07-01/2017-12-31").days
        184
        >>> str(Period.parse("Last 26 weeks"))
        'last 26 weeks'
        """
        if isinstance(value, Period | Latest):
            return value
        text = str(value).strip()
        if latest := _LATEST.fullmatch(text):
            return Latest(int(latest[1]), latest[2].lower())
        first, slash, last = text.partition("/")
        try:
            return cls(dt.date.fromisoformat(first.strip()), dt.date.fromisoformat(last.strip()))
        except ValueError as error:
            if slash and "ends before" in str(error):
                raise
            raise ValueError(f"{text[:60]!r} is not a period; allowed: {ALLOWED}") from None

    @property
    def days(self) -> int:
        """Return how many days the period has."""
        return (self.last - self.first).days + 1

    @property
    def weeks(self) -> float:
        """Return the period's length in weeks, the base of rates of visits."""
        return self.days / 7

    @property
    def whole_months(self) -> bool:
        """Return whether the period is made of whole calendar months."""
        return self.first.day == 1 and (self.last + _DAY).day == 1

    @property
    def ends_with_a_week(self) -> bool:
        """Return whether a week, or a month, ends with the period."""
        return begins_a_week(self.last + _DAY)

    @property
    def written(self) -> str:
        """Return the period as people write it, such as 3 Jul 2017 to 31 Dec 2017."""
        return f"{written(self.first)} to {written(self.last)}"

    def before(self) -> "Period":
        """Return the equally long period that ends the day before this one starts.

        >>> str(Period.parse("2017-07-03/2017-12-31").before())
        '2017-01-02/2017-07-02'
        """
        length = self.last - self.first
        return Period(self.first - _DAY - length, self.first - _DAY)

    def halves(self) -> "tuple[Period, Period]":
        """Return two equally long periods that end with this one, a day shorter where it is odd.

        >>> [str(half) for half in Period.parse("2017-07-03/2017-07-09").halves()]
        ['2017-07-04/2017-07-06', '2017-07-07/2017-07-09']
        """
        later = Period(self.last - (self.days // 2 - 1) * _DAY, self.last)
        return later.before(), later

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


@dataclass(frozen=True)
class Latest:
    """The last `count` whole days, weeks (Monday to Sunday) or calendar months of the data."""

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"'{self}' holds no day; allowed: {ALLOWED}")

    def until(self, last_day: dt.date) -> Period:
        """Return the days meant when `last_day` is the last complete day.

        >>> str(Latest(2, "week").until(dt.date(2018, 1, 2)))
        '2017-12-18/2017-12-31'
        """
        if self.unit == "month":
            return self._months(last_day)
        if self.unit == "week":
            last_day -= dt.timedelta(days=(last_day.weekday() + 1) % 7)
        days = self.count * (7 if self.unit == "week" else 1)
        return Period(last_day - dt.timedelta(days=days - 1), last_day)

    def _months(self, last_day: dt.date) -> Period:
        next_month = (last_day + _DAY).replace(day=1)
        months = next_month.year * 12 + next_month.month - 1 - self.count
        return Period(dt.date(months // 12, months % 12 + 1, 1), next_month - _DAY)

    def __str__(self) -> str:
        return f"last {self.count} {self.unit}{'s' if self.count > 1 else ''}"
