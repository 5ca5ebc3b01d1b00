"""From delivered values to stored ones: one reading for each kind of column."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from workbench.data.contract import Column, Kind
from workbench.door import cast
from workbench.door.mapping import Source


def stored(
    kind: Kind, values: pl.Series, *, clock: str = "Europe/Paris", **source: object
) -> dict[str, list[object]]:
    """Return the stored columns of a delivered column."""
    column, delivered = Column("c", kind, ""), Source(("v",), **source)  # type: ignore[arg-type]
    frame = values.alias("v").to_frame()
    read = cast.value(column, delivered, {"v": values.dtype}, clock)
    kept = frame.select(**cast.stored(column, read))
    return kept.to_dict(as_series=False)


def unreadable(
    kind: Kind,
    values: pl.Series,
    *,
    clock: str = "Europe/Paris",
    required: bool = False,
    **source: object,
) -> list[bool]:
    """Return for each value whether it cannot be read."""
    column = Column("c", kind, "", required=required)
    delivered = Source(("v",), **source)  # type: ignore[arg-type]
    frame = values.alias("v").to_frame()
    types = {"v": values.dtype}
    read = cast.value(column, delivered, types, clock)
    return frame.select(cast.unread(column, delivered, types, read)).to_series().to_list()


@pytest.mark.parametrize(
    ("kind", "delivered", "kept"),
    [
        (Kind.TEXT, [" a ", "", "  ", None], ["a", None, None, None]),
        (Kind.ID, ["0012", "12", " 12 "], ["0012", "12", "12"]),
        (Kind.ID, [12, 501], ["12", "501"]),
        (Kind.ID, [12.0, None, 501.0], ["12", None, "501"]),
        (Kind.KEY, [12.0, None, 501.0], [12, None, 501]),
        (Kind.MONEY, ["1.23", "-0.05", "2", "", None], [123, -5, 200, None, None]),
        (Kind.MONEY, [1.23, 0.29, -8.0], [123, 29, -800]),
        (Kind.MONEY, [1e-9, -1e-9], [0, 0]),
        (Kind.MONEY, [3], [300]),
        (Kind.QUANTITY, ["1", "0.5", "1.234"], [1000, 500, 1234]),
        (Kind.RATE, ["0.72"], [7200]),
        (Kind.WHOLE, ["-3", "7"], [-3, 7]),
        (Kind.FLAG, ["true", "YES", "0", "no"], [True, True, False, False]),
        (Kind.DAY, [date(2026, 1, 5)], [date(2026, 1, 5)]),
        (Kind.WEEK, [date(2026, 1, 5), date(2026, 1, 11)], [date(2026, 1, 5), date(2026, 1, 5)]),
    ],
)
def test_a_value_has_one_stored_form(
    kind: Kind, delivered: list[object], kept: list[object]
) -> None:
    """Text and the file's own types give integer cents, thousandths, basis points, days."""
    assert stored(kind, pl.Series(delivered)) == {"c": kept}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.MONEY, "1,234.50"),
        (Kind.MONEY, "12 EUR"),
        (Kind.MONEY, "21474836.48"),
        (Kind.MONEY, float("nan")),
        (Kind.MONEY, float("inf")),
        (Kind.QUANTITY, "many"),
        (Kind.WHOLE, "3.5"),
        (Kind.WHOLE, 3.5),
        (Kind.WHOLE, "99999999999"),
        (Kind.FLAG, "perhaps"),
        (Kind.DAY, "2026-02-30"),
        (Kind.KEY, 12.5),
        (Kind.KEY, float("nan")),
        (Kind.ID, 2.0**60),
        (Kind.STAMP, "2026-01-05T23:30:00Z"),
        (Kind.STAMP, "2026-01-05T23:30:00.000Z"),
        (Kind.STAMP, "2026-01-05 23:30:00.5+01:00"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_and_not_guessed(kind: Kind, value: object) -> None:
    """What does not fit is an unread value, never a wrong one."""
    assert unreadable(kind, pl.Series([value])) == [True]


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.WHOLE, Kind.FLAG, Kind.DAY])
def test_a_blank_is_unknown_and_not_unreadable(kind: Kind) -> None:
    """An empty field has nothing in it to misread."""
    assert unreadable(kind, pl.Series(["", "  ", None])) == [False, False, False]


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.STAMP, Kind.KEY, Kind.TEXT])
def test_a_blank_where_the_table_needs_a_value_is_unreadable(kind: Kind) -> None:
    """A required value that is missing is not taken for zero or for nobody."""
    assert unreadable(kind, pl.Series(["", None]), required=True) == [True, True]


def test_words_for_yes_make_all_others_no() -> None:
    """A column that names some values as yes is a flag of those."""
    values = pl.Series(["Private", "National", None])
    assert stored(Kind.FLAG, values, yes=("Private",)) == {"c": [True, False, False]}


def test_words_for_no_make_all_others_yes() -> None:
    """A column that names some values as no is a flag of the others."""
    values = pl.Series(["FUEL", "BREAD", None])
    assert stored(Kind.FLAG, values, no=("FUEL",)) == {"c": [False, True, True]}


def test_numbered_weeks_start_from_the_monday_that_the_mapping_names() -> None:
    """Week 1 is the week from that day on."""
    kept = stored(Kind.WEEK, pl.Series([1, 2, 53]), weeks_from=date(2016, 12, 26))
    assert kept == {"c": [date(2016, 12, 26), date(2017, 1, 2), date(2017, 12, 25)]}


@pytest.mark.parametrize(
    ("moment", "day", "minute"),
    [
        ("2017-07-01 03:59:59", date(2017, 6, 30), 23 * 60 + 59),
        ("2017-07-01 04:00:00", date(2017, 7, 1), 0),
        ("2017-01-01 04:59:00", date(2016, 12, 31), 23 * 60 + 59),
        ("2017-03-12 06:59:00", date(2017, 3, 12), 1 * 60 + 59),
        ("2017-03-12 07:00:00", date(2017, 3, 12), 3 * 60),
        ("2017-11-05 05:30:00", date(2017, 11, 5), 1 * 60 + 30),
        ("2017-11-05 06:30:00", date(2017, 11, 5), 1 * 60 + 30),
    ],
)
def test_a_moment_is_told_by_the_shops_clock(moment: str, day: date, minute: int) -> None:
    """UTC becomes New York's day and minute, in summer, in winter and at the change of clocks."""
    kept = stored(Kind.STAMP, pl.Series([moment]), zone="UTC", clock="America/New_York")
    assert kept == {"day": [day], "minute": [minute]}


def test_a_moment_without_a_zone_is_already_by_the_shops_clock() -> None:
    """Tills usually write local time, and it is kept as written."""
    kept = stored(Kind.STAMP, pl.Series([datetime(2026, 3, 29, 2, 30)]))  # noqa: DTZ001
    assert kept == {"day": [date(2026, 3, 29)], "minute": [150]}


def test_a_moment_that_carries_its_zone_is_told_by_the_shops_clock() -> None:
    """A file's own zoned type needs no word in the mapping."""
    moment = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    kept = stored(Kind.STAMP, pl.Series([moment]))
    assert kept == {"day": [date(2026, 1, 6)], "minute": [30]}


@pytest.mark.parametrize(
    ("moment", "form"),
    [
        ("2026-01-05T23:30:00+0000", "%Y-%m-%dT%H:%M:%S%z"),
        ("2026-01-05T18:30:00-05:00", "%Y-%m-%dT%H:%M:%S%:z"),
    ],
)
def test_a_zone_in_the_text_is_heeded(moment: str, form: str) -> None:
    """Half past eleven in the evening in Greenwich is the next day in Paris."""
    kept = stored(Kind.STAMP, pl.Series([moment]), format=form)
    assert kept == {"day": [date(2026, 1, 6)], "minute": [30]}
    assert stored(Kind.DAY, pl.Series([moment]), format=form) == {"c": [date(2026, 1, 6)]}


def test_parts_of_a_second_are_no_zone() -> None:
    """A till that writes them is read to the minute."""
    kept = stored(Kind.STAMP, pl.Series(["2026-01-05T23:30:00.123"]))
    assert kept == {"day": [date(2026, 1, 5)], "minute": [23 * 60 + 30]}


@pytest.mark.parametrize("kind", [Kind.STAMP, Kind.DAY, Kind.WEEK])
def test_a_day_that_does_not_exist_is_unreadable(kind: Kind) -> None:
    """The thirtieth of February is not moved to March."""
    assert unreadable(kind, pl.Series(["2026-02-28", "2026-02-30"])) == [False, True]


def test_a_flag_with_words_for_both_reads_nothing_into_a_third() -> None:
    """Where yes and no are both named, another word is unreadable."""
    values = pl.Series(["Y", "N", "?"])
    assert unreadable(Kind.FLAG, values, yes=("Y",), no=("N",)) == [False, False, True]


@pytest.mark.parametrize("text", ["02/01/2026", "2.1.2026", "20260102", "Jan 2 2026"])
def test_a_day_in_another_form_than_iso_needs_a_format(text: str) -> None:
    """Nothing is guessed about the order of day and month."""
    assert unreadable(Kind.DAY, pl.Series([text])) == [True]


def test_a_day_is_read_by_its_format() -> None:
    """The mapping says which is the day and which the month."""
    kept = stored(Kind.DAY, pl.Series(["02/01/2026", "31/01/2026"]), format="%d/%m/%Y")
    assert kept == {"c": [date(2026, 1, 2), date(2026, 1, 31)]}
