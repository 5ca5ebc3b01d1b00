"""Result tables as files that visitors of an app take with them, each noted in the journal."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from workbench import paths, sheets
from workbench.journal import Table

TAKEN = Table(
    "downloads",
    {
        "at": "TEXT NOT NULL",
        "who": "TEXT NOT NULL",
        "notebook": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "form": "TEXT NOT NULL",
        "rows": "INTEGER NOT NULL",
        "data": "TEXT NOT NULL",
    },
    ("at", "who", "notebook", "name"),
)


def file(table: pl.DataFrame, form: str, day: dt.date) -> bytes:
    """Return a table as csv or xlsx, in which no text is a formula."""
    with TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / f"table.{form}"
        sheets.WRITERS[form](_flat(table).rename(_dead if form == "csv" else str), path, day)
        return path.read_bytes()


def note(who: str, notebook: str, name: str, form: str, table: pl.DataFrame, data: str) -> None:
    """Write down who took which table, of which version of the data."""
    at = dt.datetime.now(dt.UTC).isoformat()
    said = {"who": who, "notebook": notebook, "name": name, "form": form, "data": data}
    with TAKEN.writing(paths.home()) as journal:
        TAKEN.put(journal, {"at": at, **said, "rows": table.height})


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose lists are texts, since a spreadsheet's cell holds no list."""
    lists = [
        pl.Series(column.name, [_words(value) for value in column.to_list()], pl.String)
        for column in table
        if column.dtype.is_nested()
    ]
    return table.with_columns(lists)


def _words(value: object) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _dead(name: str) -> str:
    """Return the name of a column, which a pivot may have from the data, as a plain text."""
    return str(sheets.defused(pl.DataFrame({"name": [name]})).item())
