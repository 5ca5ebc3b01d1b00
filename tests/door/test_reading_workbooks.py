"""Excel workbooks: cells as text, the table found among titles and totals."""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from taken import Row, raw, rows

from workbench.door.reading import FileRefused

Sheet = Sequence[Sequence[Any]]
FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", time: "hh:mm"}
HEADER = ["id", "shop", "sales"]
LINES = [["0012", "A", 12.0], ["7", "B", 19.99]]
READ = [(2, "0012", "A", "12"), (3, "7", "B", "19.99")]


def workbook(**sheets: Sheet) -> bytes:
    """Return a workbook of sheets; texts stay texts, dates are Excel's numbers of days."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        formats = {kind: book.add_format({"num_format": say}) for kind, say in FORMATS.items()}
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for row, values in enumerate(cells):
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write(row, column, value, formats.get(type(value)))
    return held.getvalue()


def read(folder: Path, cells: Sheet, **how: Any) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows and the notes of a workbook of one sheet."""
    found = raw(folder, workbook(S=cells), "lines.xlsx", **how)
    return rows(found), found.notes


def test_cells_are_text(tmp_path: Path) -> None:
    """Ids keep their zeros, whole numbers have no decimals, the line is the sheet's row."""
    assert read(tmp_path, [HEADER, *LINES]) == (READ, ())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345678901234, "12345678901234"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (-3.0, "-3"),
        (True, "true"),
        (" x ", " x "),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 9, 5, 7), "2026-01-31 09:05:07"),  # noqa: DTZ001 (no zone in Excel)
        (time(9, 5), "09:05:00"),
    ],
)
def test_a_value_has_one_text(tmp_path: Path, value: object, text: str) -> None:
    """Dates and times are ISO text, numbers have all their digits and no exponent."""
    assert read(tmp_path, [["id", "v"], ["1", value]])[0] == [(2, "1", text)]


def test_midnight_is_written_where_other_moments_are(tmp_path: Path) -> None:
    """A column has one format."""
    moments = [datetime(2026, 1, 31), datetime(2026, 1, 31, 9, 5)]  # noqa: DTZ001 (no zone)
    kept, _ = read(tmp_path, [["id", "at"], *(["1", moment] for moment in moments)])
    assert [row[2] for row in kept] == ["2026-01-31 00:00:00", "2026-01-31 09:05:00"]


def test_titles_and_empty_rows_are_passed_over(tmp_path: Path) -> None:
    """They are counted; rows keep their numbers."""
    cells = [["Sales of January"], [], HEADER, *LINES[:1], [], ["", " "], *LINES[1:]]
    kept, notes = read(tmp_path, cells)
    assert [row[0] for row in kept] == [4, 7]
    assert notes == ("2 rows above the header", "2 empty rows left out")


def test_the_header_row_can_be_told(tmp_path: Path) -> None:
    """Row 3 of the sheet is row 3."""
    kept, notes = read(tmp_path, [HEADER, HEADER, ["a", "b", "c"], *LINES], header_row=3)
    assert [row[0] for row in kept] == [4, 5]
    assert notes == ("2 rows above the header",)


@pytest.mark.parametrize(
    "total",
    [
        ["Total", None, 31.99],
        ["TOTAL:", None, 31.99],
        ["Grand total", None, 31.99],
        ["Gesamt", None, 31.99],
        ["Summe", None, 31.99],
        ["Totale", None, 31.99],
        ["Total général", None, 31.99],
        [None, "Total", 31.99],
        [None, None, 31.99],
    ],
)
def test_a_total_row_is_left_out_and_told(tmp_path: Path, total: list[object]) -> None:
    """It would count every line twice."""
    assert read(tmp_path, [HEADER, *LINES, total]) == (READ, ("1 total row left out: 4",))


@pytest.mark.parametrize(
    "line",
    [
        ["Total", "C", 31.99],
        ["Totally Tea", None, 31.99],
        [None, "C", 31.99],
        [None, None, "31.99 open"],
    ],
)
def test_a_line_that_is_no_sum_is_kept(tmp_path: Path, line: list[object]) -> None:
    """A filling station called Total is a customer; a line without an id is the door's to judge."""
    kept, notes = read(tmp_path, [HEADER, *LINES, line])
    assert [row[0] for row in kept] == [2, 3, 4]
    assert notes == ()


def test_totals_between_lines_are_left_out(tmp_path: Path) -> None:
    """One for each shop, and one for all."""
    cells = [HEADER, LINES[0], ["Subtotal", None, 12], LINES[1], ["Total", None, 31.99]]
    kept, notes = read(tmp_path, cells)
    assert [row[0] for row in kept] == [2, 4]
    assert notes == ("2 total rows left out: 3, 5",)


def test_the_first_sheet_with_cells_is_read_and_named(tmp_path: Path) -> None:
    """The others are named too."""
    content = workbook(Cover=[], Sales=[HEADER, *LINES], Notes=[["x"]])
    found = raw(tmp_path, content, "lines.xlsx")
    assert rows(found) == READ
    assert found.notes == ("sheet Sales of Cover, Sales, Notes",)


@pytest.mark.parametrize("sheet", [2, "Sales"])
def test_a_sheet_can_be_told(tmp_path: Path, sheet: int | str) -> None:
    """By its number from 1, or by its name."""
    content = workbook(Other=[["x"], ["1"]], Sales=[HEADER, *LINES])
    assert rows(raw(tmp_path, content, "lines.xlsx", sheet=sheet)) == READ


def test_a_table_that_begins_further_in_is_found(tmp_path: Path) -> None:
    """Empty columns before it are none of its columns."""
    cells = [[], [], [None, "id", "v"], [None, "0012", "x"]]
    assert read(tmp_path, cells)[0] == [(4, "0012", "x")]


def test_a_header_alone_is_a_sheet_of_no_rows(tmp_path: Path) -> None:
    """A shop that sold nothing delivers this."""
    assert read(tmp_path, [HEADER]) == ([], ())


@pytest.mark.parametrize("name", ["lines.xls", "lines.xlsm"])
def test_a_workbook_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """Another ending of the same family does no harm."""
    assert rows(raw(tmp_path, workbook(S=[HEADER, *LINES]), name)) == READ


@pytest.mark.parametrize(
    ("content", "how", "words"),
    [
        (b"", {}, "it is empty; deliver it again"),
        (b"<html><table><tr><td>1</td></tr></table></html>", {}, "it is a web page (HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", {}, "it is a web page (HTML or XML)"),
        (b"id;v\n1;2\n", {}, "it is no Excel workbook, it begins with b'id;v"),
        (workbook(S=[HEADER])[:2000], {}, "it is cut off or damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            {},
            "it is encrypted; save it without a password",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {}, "it is cut off or damaged"),
        (workbook(S=[], T=[]), {}, "its sheets (S, T) are empty"),
        (workbook(S=[HEADER], T=[]), {"sheet": "T"}, "its sheet T is empty; name another"),
        (workbook(S=[HEADER]), {"sheet": "Q"}, "it has no sheet 'Q'; it has: S"),
        (workbook(S=[HEADER]), {"sheet": 2}, "it has no sheet 2; it has 1: S"),
        (workbook(S=[HEADER]), {"header_row": 5}, "it ends before row 5"),
        (
            workbook(S=[["id", "v", "id"], *LINES]),
            {},
            "its header names the column 'id' more than once",
        ),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, how: dict[str, Any], words: str
) -> None:
    """In one sentence that says what it is and what to do."""
    with pytest.raises(FileRefused, match=rf"lines\.xls is refused: {re.escape(words)}"):
        raw(tmp_path, content, "lines.xls", **how)
