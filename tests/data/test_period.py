"""Periods: whole days, both ends included, and stretches counted back from the last day."""

import datetime as dt

import pytest

from workbench.data import Latest, Period

MONDAY, SUNDAY = dt.date(2017, 12, 25), dt.date(2017, 12, 31)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2017-07-01/2017-12-31", "2017-07-01/2017-12-31"),
        (" 2017-07-01 / 2017-12-31 ", "2017-07-01/2017-12-31"),
        ("2017-12-31/2017-12-31", "2017-12-31/2017-12-31"),
        ("last 26 weeks", "last 26 weeks"),
        ("LAST 1 Month", "last 1 month"),
        ("last 1 days", "last 1 day"),
        ("last 90 day", "last 90 days"),
    ],
)
def test_a_period_reads_its_text_and_gives_the_canonical_one_back(
    text: str, canonical: str
) -> None:
    """What is printed can be read again and means the same."""
    period = Period.parse(text)
    assert str(period) == canonical
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2017-07-01",
        "2017-07-01/",
        "2017-02-29/2017-03-01",
        "01/07/2017",
        "2017-07-01/2017-08-01/2017-09-01",
        "last week",
        "last -1 weeks",
        "last 1.5 weeks",
        "last 1000 days",
        "last 3 years",
        None,
        26,
    ],
)
def test_what_is_no_period_is_refused_with_examples_of_what_is(text: object) -> None:
    """A refusal names the text and shows both forms that are allowed."""
    with pytest.raises(ValueError, match="is not a period; allowed: two days like") as refusal:
        Period.parse(text)
    assert "last 26 weeks" in str(refusal.value)
    assert repr(str(text)) in str(refusal.value)


def test_a_period_that_ends_before_it_starts_is_refused_by_name() -> None:
    """The order of the two days matters."""
    with pytest.raises(ValueError, match="2017-12-31/2017-07-01 ends before it starts"):
        Period.parse("2017-12-31/2017-07-01")


def test_a_stretch_of_no_days_is_refused() -> None:
    """The last 0 weeks hold nothing to look at."""
    with pytest.raises(ValueError, match="'last 0 week' holds no day; allowed: two days like"):
        Period.parse("last 0 weeks")


def test_both_ends_count() -> None:
    """A week from Monday to Sunday has seven days and is one week long."""
    week = Period(MONDAY, SUNDAY)
    assert week.days == 7
    assert week.weeks == 1.0
    assert Period(SUNDAY, SUNDAY).days == 1


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2017-12-25/2017-12-31", "2017-12-18/2017-12-24"),
        ("2017-01-01/2017-01-01", "2016-12-31/2016-12-31"),
        ("2024-03-01/2024-03-31", "2024-01-30/2024-02-29"),
        ("2023-03-01/2023-03-31", "2023-01-29/2023-02-28"),
    ],
)
def test_the_period_before_is_as_long_and_ends_the_day_before(period: str, before: str) -> None:
    """Compared windows are equally long in days, across years and leap days."""
    window = Period.parse(period)
    assert isinstance(window, Period)
    assert str(window.before()) == before
    assert window.before().days == window.days


@pytest.mark.parametrize(
    ("text", "last_day", "meant"),
    [
        ("last 1 day", "2017-12-31", "2017-12-31/2017-12-31"),
        ("last 90 days", "2017-12-31", "2017-10-03/2017-12-31"),
        ("last 1 week", "2017-12-31", "2017-12-25/2017-12-31"),
        ("last 1 week", "2018-01-01", "2017-12-25/2017-12-31"),
        ("last 1 week", "2018-01-06", "2017-12-25/2017-12-31"),
        ("last 26 weeks", "2017-12-31", "2017-07-03/2017-12-31"),
        ("last 1 month", "2017-12-31", "2017-12-01/2017-12-31"),
        ("last 1 month", "2017-12-30", "2017-11-01/2017-11-30"),
        ("last 6 months", "2017-12-31", "2017-07-01/2017-12-31"),
        ("last 12 months", "2018-01-31", "2017-02-01/2018-01-31"),
        ("last 1 month", "2024-02-29", "2024-02-01/2024-02-29"),
        ("last 1 month", "2024-02-28", "2024-01-01/2024-01-31"),
    ],
)
def test_a_stretch_takes_whole_weeks_and_whole_months(text: str, last_day: str, meant: str) -> None:
    """Weeks run Monday to Sunday and months are calendar months; a part of one is left out."""
    stretch = Period.parse(text)
    assert isinstance(stretch, Latest)
    assert str(stretch.until(dt.date.fromisoformat(last_day))) == meant


@pytest.mark.parametrize(
    ("period", "whole"),
    [
        ("2016-02-01/2016-02-29", True),
        ("2017-01-01/2017-12-31", True),
        ("2017-02-01/2017-02-27", False),
        ("2017-01-02/2017-01-31", False),
        ("2016-02-01/2016-02-28", False),
    ],
)
def test_whole_months_begin_on_the_first_and_end_on_the_last(period: str, *, whole: bool) -> None:
    """A leap year's February has a day more."""
    window = Period.parse(period)
    assert isinstance(window, Period)
    assert window.whole_months is whole
