"""Lines that are no plain record: read where they can be, rejected alone where they cannot."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from taken import Row, raw, rejected, rows

from workbench.door.reading import FileRefused, delimited, records, spool
from workbench.door.reading import raw as terms
from workbench.door.reading.header import Layout

SHORT = "1 field where the header has 2"


@pytest.mark.parametrize(
    ("content", "kept", "left"),
    [
        (b'"x\ny",2\n3,4\n', [(2, "x\ny", "2"), (4, "3", "4")], []),
        (b'"x\r\n\r\n,\r\ny",2\r\n3,4\r\n', [(2, "x\r\n\r\n,\r\ny", "2"), (6, "3", "4")], []),
        (b'5" pipe,2\n', [(2, '5" pipe', "2")], []),
        (b'5" x 6" pipe,2\n', [(2, '5" x 6" pipe', "2")], []),
        (b'"5"" pipe",2\n', [(2, '5" pipe', "2")], []),
        (b"1\n3,4\n", [(3, "3", "4")], [(2, "1", SHORT)]),
        (b"1,2,3\n3,4\n", [(3, "3", "4")], [(2, "1,2,3", "3 fields where the header has 2")]),
        (b"3,4\n1", [(2, "3", "4")], [(3, "1", SHORT)]),
        (b'"x,2\n3,4\n', [(3, "3", "4")], [(2, '"x,2', records.UNCLOSED)]),
        (b'3,4\n"x,2\n', [(2, "3", "4")], [(3, '"x,2', records.UNCLOSED)]),
        (b'"x,2\n3,"4"\n', [(3, "3", "4")], [(2, '"x,2', records.UNCLOSED)]),
        (
            b'"x"y,2\n3,4\n',
            [(3, "3", "4")],
            [(2, '"x"y,2', "a quoted field goes on after its closing quote")],
        ),
        (
            b"1,\0\n3,4\n3,4\n",
            [(3, "3", "4"), (4, "3", "4")],
            [(2, "1,\0", "the line has NUL bytes")],
        ),
        (
            b"1,x\ry\n3,4\n",
            [(3, "3", "4")],
            [(2, "1,x\ry", "a carriage return stands inside the line")],
        ),
    ],
)
def test_a_broken_line_spoils_itself_only(
    tmp_path: Path, content: bytes, kept: list[Row], left: list[Row]
) -> None:
    """The lines after it are read, and all keep the numbers they have in the file."""
    found = raw(tmp_path, b"a,b\n" + content)
    assert rows(found) == kept
    assert rejected(found) == left


def test_a_record_goes_on_for_fifty_lines_at_most(tmp_path: Path) -> None:
    """Then its quote was never meant to be open."""
    fifty = b'a,b\n"x' + b"\n" * 49 + b'y",2\n3,4\n'
    assert [row[0] for row in rows(raw(tmp_path, fifty))] == [2, 52]
    longer = raw(tmp_path, b'a,b\n"x' + b"\n1,1" * 50 + b'y",2\n3,4\n')
    assert rejected(longer)[0] == (2, '"x', records.UNCLOSED)
    assert rows(longer)[0] == (3, "1", "1")
    assert rows(longer)[-1] == (53, "3", "4")


def test_a_line_without_end_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its length, and shown by its beginning."""
    for module in (delimited, records):
        monkeypatch.setattr(module, "LONGEST", 500)
    found = raw(tmp_path, b"a,b\n1,2\n" + b"x" * 600 + b",2\n")
    assert rejected(found) == [(3, "x" * 200, "the line is longer than 500 bytes")]


def test_an_empty_line_inside_a_record_is_no_empty_row(tmp_path: Path) -> None:
    """It belongs to the text that is quoted around it."""
    found = raw(tmp_path, b'a,b\n\n"x\n\n,\ny",2\n,,,\n3,4\n')
    assert rows(found) == [(3, "x\n\n,\ny", "2"), (8, "3", "4")]
    assert "2 empty rows left out" in found.notes


def test_a_file_of_broken_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as a whole, with its first line, when it is beyond listing."""
    monkeypatch.setattr(terms, "MOST_REJECTED", 3)
    with pytest.raises(FileRefused, match=r"over 3 lines cannot be read, such as line 2: 'x'"):
        raw(tmp_path, b"a,b\n" + b"x\n" * 4)


def test_broken_lines_in_batches_are_still_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records read one by one take their places between the others."""
    monkeypatch.setattr(spool, "BATCH", 2)
    found = raw(tmp_path, b"a,b\n" + b'1,2\n"x\n",3\n' * 5)
    assert [row[0] for row in rows(found)] == [2, 3, 5, 6, 8, 9, 11, 12, 14, 15]


FIELD = st.text(st.sampled_from('ab1é ,;"\n'), max_size=5)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=8).map(
        lambda table: (width, table)
    )
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=TABLE, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_both_ways_of_reading_give_the_rows_that_were_written(
    tmp_path: Path, table: tuple[int, list[list[str]]], quoting: int
) -> None:
    """Whatever a program writes as CSV comes back, by Polars and record by record."""
    width, written = table
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([[f"c{place}" for place in range(width)], *written])
    content = text.getvalue().encode()
    expected = [
        tuple(value or None for value in row)
        for row in written
        if any(value.strip(" ") for value in row)
    ]
    found = raw(tmp_path, content, separator=",")
    assert [row[1:] for row in rows(found)] == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_lines", taken_apart(delimited._lines))
        apart = raw(tmp_path, content, separator=",")
        assert rows(apart) == rows(found)
        assert apart.notes == found.notes


SCRAP = st.lists(st.sampled_from([*'a1,;"\n\r\0 ', "\n", "é", '"x"', "1,2\n", '"\n']), max_size=40)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scrap=SCRAP, encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]))
def test_no_file_is_read_by_halves(tmp_path: Path, scrap: list[str], encoding: str) -> None:
    """Any text at all is read or refused; every record is kept or rejected, in either way."""
    content = f"a,b\n{''.join(scrap)}".encode(encoding)
    try:
        found = raw(tmp_path, content)
    except FileRefused:
        return
    kept = rows(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_lines", taken_apart(delimited._lines))
        apart = raw(tmp_path, content)
        assert rows(apart) == kept
        assert rejected(apart) == rejected(found)
        assert apart.notes == found.notes


def taken_apart(lines: Callable[[Path, Layout], pl.LazyFrame]) -> object:
    """Return a stand-in that takes every line of the delivered file for an odd one."""

    def odd(path: Path, layout: Layout) -> pl.LazyFrame:
        frame = lines(path, layout)
        return frame if path.name == "clean.csv" else frame.with_columns(odd=pl.lit(value=True))

    return odd
