"""When a pack is due: on which local dates, at what time of day, in the zone of its readers.

    when: {at: 06:30, zone: Europe/Paris, weekdays: [Monday, Thursday]}   # or all
    when: {at: 06:30, zone: Europe/Paris, month: last}                    # or 1 to 31; or quarter
    when: {at: 06:30, zone: America/New_York, retail: month, pattern: 4-5-4, starts: 2}

A month too short for its day has it on its last; a quarter's day lies in its first month, or is
its last. `retail` is the Monday after a month, quarter or year of the retail calendar: its year
begins on the Monday nearest the first of the month `starts` (February) and has whole weeks, 4-4-5
to a quarter or as `pattern` says; a 53rd week belongs to its last month.

What is due is a date, and each date once, so that a time that comes twice when the clock goes
back counts once, and one that is skipped when it goes forward counts right after. Nothing here
looks at a clock: the moment is an argument.
"""

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.run import WrongUsage

RULES = ("weekdays", "month", "quarter", "retail")
WEEKDAYS = list(calendar.day_name)
DAYS = ("last", *map(str, range(1, 32)))
SPANS = {"month": 1, "quarter": 3, "year": 12}
PATTERNS = ("4-4-5", "4-5-4", "5-4-4")
_HORIZON = 800  # days; every rule holds at least once in a retail year


@dataclass(frozen=True)
class When:
    """The dates a pack is due on, in words and as a rule, and the time of day in a zone."""

    said: str
    holds: Callable[[dt.date], bool]
    at: dt.time
    zone: ZoneInfo

    @classmethod
    def parse(cls, given: object) -> "When":
        """Return what the `when` of a pack's file says; raise WrongUsage saying what is allowed."""
        given = given if isinstance(given, Mapping) else {}
        named = [name for name in RULES if name in given]
        more = {"pattern", "starts"} if named == ["retail"] else set()
        if len(named) != 1 or not {"at", "zone"} <= set(given) <= {"at", "zone", *named, *more}:
            raise WrongUsage(
                f"`when` says {', '.join(given) or 'nothing'}; it needs at, zone and one of: "
                f"{', '.join(RULES)} (beside retail: pattern, starts)"
            )
        rules = {"weekdays": _weekdays, "retail": _retail}
        said, holds = rules.get(named[0], _monthday)(given)
        return cls(said, holds, _time(given["at"]), _zone(given["zone"]))

    def moment(self, day: dt.date) -> dt.datetime:
        """Return when a date is due, in UTC: the first of two such times, or just after a gap.

        >>> paris = When.parse({"at": "02:30", "zone": "Europe/Paris", "month": "last"})
        >>> [paris.moment(dt.date(2026, *day)).hour for day in ((3, 29), (3, 30), (10, 25))]
        [1, 0, 0]
        """
        return dt.datetime.combine(day, self.at, self.zone).astimezone(dt.UTC)

    def between(self, after: dt.date, now: dt.datetime) -> list[dt.date]:
        """Return the dates after `after` that have become due by `now`, the oldest first."""
        days = (now.astimezone(self.zone).date() - after).days
        found = (after + dt.timedelta(n) for n in range(1, days + 1))
        return [day for day in found if self.holds(day) and self.moment(day) <= now]

    def latest(self, now: dt.datetime) -> dt.date:
        """Return the newest date that has become due by `now`."""
        return next(day for day in self._days(now, -1) if self.moment(day) <= now)

    def next(self, now: dt.datetime) -> dt.date:
        """Return the next date that becomes due after `now`."""
        return next(day for day in self._days(now, 1) if self.moment(day) > now)

    def _days(self, now: dt.datetime, step: int) -> Iterator[dt.date]:
        today = now.astimezone(self.zone).date()
        return filter(self.holds, (today + dt.timedelta(n * step) for n in range(_HORIZON)))

    def __str__(self) -> str:
        return f"{self.said} at {self.at:%H:%M}, {self.zone.key}"


def beginnings(year: int, span: str, pattern: str, starts: int) -> list[dt.date]:
    """Return the first days of the months, quarters or year of a retail year.

    >>> [str(day) for day in beginnings(2026, "quarter", "4-4-5", 2)]
    ['2026-02-02', '2026-05-04', '2026-08-03', '2026-11-02']
    """
    weeks = [int(weeks) for weeks in pattern.split("-")] * 4
    first = dt.date(year, starts, 1)
    nearest = first - dt.timedelta((first.weekday() + 3) % 7 - 3)
    return [nearest + dt.timedelta(weeks=sum(weeks[:month])) for month in range(0, 12, SPANS[span])]


def _weekdays(given: Mapping[str, object]) -> tuple[str, Callable[[dt.date], bool]]:
    asked = WEEKDAYS if given["weekdays"] == "all" else given["weekdays"]
    names = [str(name) for name in (asked if isinstance(asked, list) else [asked])]
    _allowed("weekdays", names or [""], ["all", *WEEKDAYS])
    said = "every day" if len(set(names)) == 7 else f"every {' and '.join(names)}"
    return said, lambda day: WEEKDAYS[day.weekday()] in names


def _monthday(given: Mapping[str, object]) -> tuple[str, Callable[[dt.date], bool]]:
    name = "quarter" if "quarter" in given else "month"
    text = str(given[name])
    _allowed(name, [text], DAYS)
    number = 0 if text == "last" else int(text)
    which = f"day {text}" if number else "the last day"
    return f"{which} of every {name}", partial(_is_day, number, SPANS[name])


def _is_day(number: int, months: int, day: dt.date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    return (day.month - bool(number)) % months == 0 and day.day == min(number or last, last)


def _retail(given: Mapping[str, object]) -> tuple[str, Callable[[dt.date], bool]]:
    options = (
        ("retail", "", [*SPANS]),
        ("pattern", PATTERNS[0], PATTERNS),
        ("starts", "2", DAYS[1:13]),
    )
    values = [str(given.get(name, default)) for name, default, _ in options]
    for (name, _, allowed), value in zip(options, values, strict=True):
        _allowed(name, [value], allowed)
    span, pattern, starts = values[0], values[1], int(values[2])
    said = f"after every retail {span} ({pattern} weeks from {calendar.month_name[starts]})"
    years = (-1, 0, 1)
    return said, lambda day: any(
        day in beginnings(day.year + n, span, pattern, starts) for n in years
    )


def _allowed(name: str, values: list[str], allowed: Sequence[str]) -> None:
    if wrong := [value for value in values if value not in allowed]:
        raise WrongUsage(f"{name}: {wrong[0]!r} is unknown; allowed: {', '.join(allowed)}")


def _time(text: object) -> dt.time:
    try:
        return dt.datetime.strptime(str(text), "%H:%M").time()  # noqa: DTZ007 - a time of any zone
    except ValueError:
        raise WrongUsage(f"at: {text!r} is not a time of day; allowed: 00:00 to 23:59") from None


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUsage(f"zone: {name!r} is unknown; write it like Europe/Paris") from None
