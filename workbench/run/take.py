"""Result tables as files that visitors of an app take with them, each noted in the journal."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from polars import selectors as cs

from workbench import paths, sheets
from workbench.journal import Table

WORDS = ("at", "who", "notebook", "name", "form", "data")
COLUMNS = dict.fromkeys(WORDS, "TEXT NOT NULL") | {"rows": "INTEGER NOT NULL"}
TAKEN = Table("downloads", COLUMNS, ("at", "who", "notebook", "name"))


def file(table: pl.DataFrame, form: str, day: dt.date) -> bytes:
    """Return a table as csv or xlsx, in which lists are texts and no text is a formula."""
    flat = table.with_columns(cs.list().cast(pl.List(pl.String)).list.join(", "))
    with TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / f"table.{form}"
        sheets.WRITERS[form](flat.rename(_dead if form == "csv" else str), path, day)
        return path.read_bytes()


def note(table: pl.DataFrame, **words: str) -> None:
    """Write down who took which table, of which version of the data."""
    at = dt.datetime.now(dt.UTC).isoformat()
    with TAKEN.writing(paths.home()) as journal:
        TAKEN.put(journal, {"at": at, **words, "rows": table.height})


def _dead(name: str) -> str:
    """Return the name of a column, which a pivot may have from the data, as a plain text."""
    return str(sheets.defused(pl.DataFrame({"name": [name]})).item())
