"""Tables as files for spreadsheets: written whole, and nothing in them runs as a formula."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from workbench.files import write_whole

_LIVE = r"^\s*[=+\-@\t\r\n＝＋－＠]"  # what spreadsheets take for the start of a formula
_PHONE = r"^\+[0-9][0-9 ]*$"


def defused(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose texts no spreadsheet runs: an apostrophe stands before a formula.

    Numbers and telephone numbers stay as they are.

    >>> defused(pl.DataFrame({"name": ["=1+1", "Ann", "+33 199"]}))["name"].to_list()
    ["'=1+1", 'Ann', '+33 199']
    """
    texts = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    every = pl.col(pl.String)
    live = every.str.contains(_LIVE) & ~every.str.contains(_PHONE)
    return texts.with_columns(pl.when(live).then(every.str.replace("^", "'")).otherwise(every))


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as CSV with its texts in quotes, formulas defused."""
    write_whole(path, defused(frame).write_csv(quote_style="non_numeric"))


def write_xlsx(frame: pl.DataFrame, path: Path, day: dt.date) -> None:
    """Write a frame as an Excel workbook made on a day; texts are never formulas or links."""
    with workbook(path, day) as book:
        frame.write_excel(book, worksheet="table")


@contextmanager
def workbook(path: Path, day: dt.date) -> Iterator[Any]:
    """Give an Excel workbook made on a day, written whole at the end; its texts stay texts."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    with Workbook(str(aside), plain) as book:
        book.set_properties({"created": dt.datetime.combine(day, dt.time())})
        yield book
    aside.replace(path)


WRITERS: dict[str, Callable[[pl.DataFrame, Path, dt.date], None]] = {
    "csv": lambda frame, path, _: write_csv(frame, path),
    "xlsx": write_xlsx,
}
