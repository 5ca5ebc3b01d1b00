"""When a pack is due: each local date once, whatever the clock does."""

import datetime as dt
from itertools import pairwise

import pytest

from workbench.run import WrongUsage
from workbench.run.due import When, beginnings

PARIS = {"at": "06:30", "zone": "Europe/Paris"}
NRF, JANUARY = {"pattern": "4-5-4"}, {"starts": "1"}


def day(text: str) -> dt.date:
    """Return a date."""
    return dt.date.fromisoformat(text)


def utc(text: str) -> dt.datetime:
    """Return a moment in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(given: dict[str, object], after: str, now: str) -> list[str]:
    """Return the dates due after one date, up to a moment in UTC."""
    return [str(date) for date in When.parse(given).between(day(after), utc(now))]


@pytest.mark.parametrize(
    ("rule", "after", "now", "dates"),
    [
        ({"weekdays": "all"}, "2026-03-01", "2026-03-03T05:29", ["2026-03-02"]),
        ({"weekdays": "all"}, "2026-03-01", "2026-03-03T05:30", ["2026-03-02", "2026-03-03"]),
        ({"weekdays": "Monday"}, "2026-03-02", "2026-03-16T12:00", ["2026-03-09", "2026-03-16"]),
        ({"weekdays": ["Monday", "Friday"]}, "2026-03-02", "2026-03-06T12:00", ["2026-03-06"]),
        ({"month": "1"}, "2026-01-01", "2026-03-02T00:00", ["2026-02-01", "2026-03-01"]),
        ({"month": "last"}, "2026-01-31", "2026-03-30T00:00", ["2026-02-28"]),
        ({"month": "31"}, "2028-01-31", "2028-04-01T00:00", ["2028-02-29", "2028-03-31"]),
        ({"quarter": "1"}, "2026-01-01", "2026-07-31T00:00", ["2026-04-01", "2026-07-01"]),
        ({"quarter": "last"}, "2026-01-01", "2026-07-31T00:00", ["2026-03-31", "2026-06-30"]),
        ({"retail": "year"}, "2026-01-01", "2027-12-31T00:00", ["2026-02-02", "2027-02-01"]),
        ({"retail": "quarter"}, "2026-02-02", "2026-08-04T00:00", ["2026-05-04", "2026-08-03"]),
        ({"retail": "month"}, "2026-02-02", "2026-04-30T00:00", ["2026-03-02", "2026-03-30"]),
        (
            {"retail": "month", **NRF},
            "2026-02-02",
            "2026-04-30T00:00",
            ["2026-03-02", "2026-04-06"],
        ),
        ({"retail": "month", **JANUARY}, "2026-01-01", "2026-01-27T00:00", ["2026-01-26"]),
    ],
)
def test_the_dates_of_a_rule(
    rule: dict[str, object], after: str, now: str, dates: list[str]
) -> None:
    """Weekdays, months' and quarters' days and retail stretches fall on these dates."""
    assert due(PARIS | rule, after, now) == dates


@pytest.mark.parametrize(
    ("zone", "date", "at", "moment"),
    [
        ("America/New_York", "2026-03-07", "02:30", "2026-03-07T07:30"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30"),  # the clock says 03:30
        ("America/New_York", "2026-03-09", "02:30", "2026-03-09T06:30"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),  # the first of the two
        ("America/New_York", "2026-11-02", "01:30", "2026-11-02T06:30"),
        ("Europe/Paris", "2026-03-29", "02:30", "2026-03-29T01:30"),
        ("Europe/Paris", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("Asia/Kolkata", "2026-10-25", "06:30", "2026-10-25T01:00"),
    ],
)
def test_the_moment_of_a_date(zone: str, date: str, at: str, moment: str) -> None:
    """A time that is skipped counts right after the gap, one that comes twice the first time."""
    when = When.parse({"zone": zone, "at": at, "weekdays": "all"})
    assert when.moment(day(date)) == utc(moment)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-05", "2026-03-12"), ("2026-10-29", "2026-11-05")]
)
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "23:59"])
def test_no_date_is_due_twice_and_none_is_left_out_when_the_clock_changes(
    first: str, last: str, at: str
) -> None:
    """Asked every quarter of an hour, each local date comes up once, at its moment or next."""
    when = When.parse({"zone": "America/New_York", "at": at, "weekdays": "all"})
    now, newest, seen = utc(f"{first}T12:00"), day(first), []
    while now < utc(f"{last}T12:00"):
        for date in when.between(newest, now):
            assert now - when.moment(date) < dt.timedelta(minutes=15)
            seen.append(date)
            newest = date
        now += dt.timedelta(minutes=15)
    assert seen == [day(first) + dt.timedelta(days=n) for n in range(1, len(seen) + 1)]
    assert len(seen) in (6, 7)


def test_the_newest_and_the_next_date() -> None:
    """Both are counted from the moment, not from the day."""
    when = When.parse(PARIS | {"weekdays": "Monday"})
    assert (when.latest(utc("2026-03-09T05:29")), when.next(utc("2026-03-09T05:29"))) == (
        day("2026-03-02"),
        day("2026-03-09"),
    )
    assert when.latest(utc("2026-03-09T05:30")) == day("2026-03-09")
    assert when.next(utc("2026-03-09T05:30")) == day("2026-03-16")


def test_a_retail_year_has_whole_weeks() -> None:
    """It begins on the Monday nearest its month; the 53rd week belongs to the last month."""
    months = beginnings(2028, "month", "4-4-5", 2)  # 31 January 2028 to 4 February 2029
    assert [str(months[n]) for n in (0, 1, 2, 11)] == [
        "2028-01-31", "2028-02-28", "2028-03-27", "2028-12-25",
    ]  # fmt: skip
    following = beginnings(2029, "month", "4-4-5", 2)[0]
    assert following == day("2029-01-29")
    starts = [beginnings(year, "year", "4-5-4", 2)[0] for year in range(2000, 2060)]
    weeks = {(b - a).days for a, b in pairwise(starts)}
    assert weeks == {364, 371}
    assert all(date.weekday() == 0 for date in starts)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Monday", "says nothing; it needs at, zone and one of"),
        (PARIS, "needs at, zone and one of: weekdays, month"),
        (PARIS | {"weekdays": "all", "month": "1"}, "one of: weekdays, month"),
        (PARIS | {"weekdays": "Mon"}, "'Mon' is unknown; allowed: all, Monday"),
        (PARIS | {"weekdays": []}, "allowed: all, Monday"),
        (PARIS | {"month": "32"}, "'32' is unknown; allowed: last, 1, 2"),
        (PARIS | {"month": "1", "starts": "2"}, "beside retail"),
        (PARIS | {"retail": "week"}, "'week' is unknown; allowed: month, quarter, year"),
        (PARIS | {"retail": "month", "pattern": "4-4-4"}, "allowed: 4-4-5, 4-5-4, 5-4-4"),
        (PARIS | {"weekdays": "all", "at": "24:00"}, "'24:00' is not a time of day"),
        (PARIS | {"weekdays": "all", "zone": "Paris"}, "'Paris' is unknown; write it like"),
        (PARIS | {"weekdays": "all", "zone": "../etc"}, "is unknown; write it like"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(given: object, said: str) -> None:
    """The error names the value and what is allowed."""
    with pytest.raises(WrongUsage, match=said):
        When.parse(given)


def test_a_rule_reads_as_words() -> None:
    """The list of packs says when each is due."""
    assert str(When.parse(PARIS | {"weekdays": "all"})) == "every day at 06:30, Europe/Paris"
    assert str(When.parse(PARIS | {"quarter": "last"})).startswith("the last day of every quarter")
    assert "after every retail month (4-4-5 weeks from February)" in str(
        When.parse(PARIS | {"retail": "month"})
    )
