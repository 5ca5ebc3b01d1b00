"""When a pack is due: on which local dates, at what time of day, in the zone of its readers.

    when: {at: 06:30, zone: Europe/Paris, weekdays: [Monday, Thursday]}
    when: {at: 06:30, zone: Europe/Paris, month: last}
    when: {at: 06:30, zone: America/New_York, retail: month, pattern: 4-5-4, starts: 2}

What is due is a date, and each date once, so that a time that comes twice when the clock goes
back counts once, and one that is skipped when it goes forward counts right after. Nothing here
looks at a clock: the moment is an argument.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.run import WrongUsage

RULES = ("weekdays", "month", "quarter", "retail")
WEEKDAYS = list(calendar.day_name)
_SPANS = {"month": 1, "quarter": 3, "year": 12}
_DAY = dt.timedelta(days=1)
_HORIZON = 800  # days; every rule holds at least once in a retail year


@dataclass(frozen=True)
class Weekdays:
    """Some days of every week, by name."""

    names: tuple[str, ...]

    def holds(self, day: dt.date) -> bool:
        """Return whether a date is one of them."""
        return WEEKDAYS[day.weekday()] in self.names

    def __str__(self) -> str:
        return "every day" if len(set(self.names)) == 7 else f"every {' and '.join(self.names)}"


@dataclass(frozen=True)
class Monthday:
    """A day of every month, or of every quarter's first; 0 is the last day of all.

    A month that is too short for the day has it on its last.
    """

    day: int
    quarterly: bool = False

    def holds(self, day: dt.date) -> bool:
        """Return whether a date is that day."""
        last = calendar.monthrange(day.year, day.month)[1]
        turn = 0 if self.day == 0 else 1
        in_turn = not self.quarterly or day.month % 3 == turn
        return in_turn and day.day == min(self.day or last, last)

    def __str__(self) -> str:
        which = "the last day" if self.day == 0 else f"day {self.day}"
        return f"{which} of every {'quarter' if self.quarterly else 'month'}"


@dataclass(frozen=True)
class Retail:
    """The Monday after a month, quarter or year of the retail calendar has ended.

    The retail year begins on the Monday nearest the first of a month and has whole weeks,
    4-4-5 to a quarter or as the pattern says; a 53rd week belongs to its last month.
    """

    span: str
    pattern: tuple[int, int, int] = (4, 4, 5)
    starts: int = 2

    def holds(self, day: dt.date) -> bool:
        """Return whether such a stretch begins on a date, so that the one before has ended."""
        return any(day in self.beginnings(year) for year in (day.year - 1, day.year, day.year + 1))

    def beginnings(self, year: int) -> list[dt.date]:
        """Return the first days of the months, quarters or year of the retail year."""
        weeks = [sum((self.pattern * 4)[:month]) for month in range(0, 12, _SPANS[self.span])]
        first = dt.date(year, self.starts, 1)
        nearest = first - dt.timedelta(days=(first.weekday() + 3) % 7 - 3)
        return [nearest + dt.timedelta(weeks=passed) for passed in weeks]

    def __str__(self) -> str:
        shape = "-".join(map(str, self.pattern))
        month = calendar.month_name[self.starts]
        return f"after every retail {self.span} ({shape} weeks from {month})"


@dataclass(frozen=True)
class When:
    """The dates a pack is due on, and the time of day, in a zone."""

    rule: Weekdays | Monthday | Retail
    at: dt.time
    zone: ZoneInfo

    @classmethod
    def parse(cls, given: object) -> "When":
        """Return what the `when` of a pack's file says; raise WrongUsage saying what is allowed."""
        if not isinstance(given, Mapping):
            raise WrongUsage("`when` needs at, zone and one of: " + ", ".join(RULES))
        named = [name for name in RULES if name in given]
        more = {"pattern", "starts"} if named == ["retail"] else set()
        if len(named) != 1 or not {"at", "zone"} <= set(given) <= {"at", "zone", *named, *more}:
            raise WrongUsage(
                f"`when` says {', '.join(given)}; it needs at, zone and one of: {', '.join(RULES)} "
                "(beside retail: pattern, starts)"
            )
        rule = _monthday(given, named[0]) if named[0] in _SPANS else _other(given)
        return cls(rule, _time(given["at"]), _zone(given["zone"]))

    def moment(self, day: dt.date) -> dt.datetime:
        """Return when a date is due, in UTC: the first of two such times, or just after a gap.

        >>> paris = When.parse({"at": "02:30", "zone": "Europe/Paris", "month": "last"})
        >>> [paris.moment(dt.date(2026, *day)).hour for day in ((3, 29), (3, 30), (10, 25))]
        [1, 0, 0]
        """
        return dt.datetime.combine(day, self.at, self.zone).astimezone(dt.UTC)

    def between(self, after: dt.date, now: dt.datetime) -> list[dt.date]:
        """Return the dates after `after` that have become due by `now`, the oldest first."""
        today = now.astimezone(self.zone).date()
        days = (after + n * _DAY for n in range(1, (today - after).days + 1))
        return [day for day in days if self.rule.holds(day) and self.moment(day) <= now]

    def latest(self, now: dt.datetime) -> dt.date:
        """Return the newest date that has become due by `now`."""
        return next(day for day in self._days(now, -1) if self.moment(day) <= now)

    def next(self, now: dt.datetime) -> dt.date:
        """Return the next date that becomes due after `now`."""
        return next(day for day in self._days(now, 1) if self.moment(day) > now)

    def _days(self, now: dt.datetime, step: int) -> Iterator[dt.date]:
        today = now.astimezone(self.zone).date()
        days = (today + n * step * _DAY for n in range(_HORIZON))
        return (day for day in days if self.rule.holds(day))

    def __str__(self) -> str:
        return f"{self.rule} at {self.at:%H:%M}, {self.zone.key}"


def _monthday(given: Mapping[str, object], name: str) -> Monthday:
    text = str(given[name])
    if text != "last" and text not in map(str, range(1, 32)):
        raise WrongUsage(f"{name}: {text!r} is not a day; allowed: 1 to 31, last")
    return Monthday(0 if text == "last" else int(text), quarterly=name == "quarter")


def _other(given: Mapping[str, object]) -> Weekdays | Retail:
    if "retail" in given:
        return _retail(given)
    asked = given["weekdays"]
    names = WEEKDAYS if asked == "all" else asked if isinstance(asked, list) else [asked]
    wrong = [name for name in names if name not in WEEKDAYS]
    if wrong or not names:
        raise WrongUsage(f"weekdays: {asked!r}; allowed: all, or some of {', '.join(WEEKDAYS)}")
    return Weekdays(tuple(str(name) for name in names))


def _retail(given: Mapping[str, object]) -> Retail:
    span, pattern = str(given["retail"]), str(given.get("pattern", "4-4-5"))
    starts = str(given.get("starts", "2"))
    for name, value, allowed in (
        ("retail", span, tuple(_SPANS)),
        ("pattern", pattern, ("4-4-5", "4-5-4", "5-4-4")),
        ("starts", starts, tuple(map(str, range(1, 13)))),
    ):
        if value not in allowed:
            raise WrongUsage(f"{name}: {value!r} is unknown; allowed: {', '.join(allowed)}")
    first, second, third = (int(weeks) for weeks in pattern.split("-"))
    return Retail(span, (first, second, third), int(starts))


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
