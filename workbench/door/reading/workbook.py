"""Excel workbooks: the cells of one sheet as text, without title rows, empty rows and totals."""

from pathlib import Path

import fastexcel
import polars as pl

from workbench.door.reading.header import column_names, title_rows
from workbench.door.reading.raw import (
    LINE,
    FileRefused,
    Raw,
    Reading,
    first_line,
    plural,
    refused,
    rejects,
)

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
SAMPLE = 200
OLD, NEW = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
TIME_OF_DAY = r"^1899-12-3[01] (\d\d:\d\d:\d\d)"
NUMBER = r"^[-+]?[\d.,]+$"
TOTAL = (
    r"(?i)^((grand|general|gross|net|sub|overall)[ -]?)?"
    r"(total|totals|totale|totaux|totaal|totalt|sum|summe|gesamt|gesamtsumme|insgesamt|somme|suma)"
    r"([ -]?(general|général|generale|geral))?\s*:?$"
)


def read_workbook(path: Path, name: Path, how: Reading) -> Raw:
    """Return the records of a sheet: LINE is the sheet's row, whole numbers have no decimals."""
    reader = _open(path, name)
    try:
        sheet, rows, notes = _sheet(reader, name, how)
    except fastexcel.FastExcelError as error:
        raise _damaged(name, error) from None
    start = _header(rows, name, how, sheet)
    names, more = column_names(name, rows.drop(LINE).row(start))
    notes += more
    if start:
        notes.append(f"{plural(start, 'row')} above the header")
    body = rows.slice(start + 1).rename(dict(zip(rows.columns[1:], names, strict=True)))
    filled = body.filter(pl.any_horizontal(pl.exclude(LINE).is_not_null()))
    if empty := _rows_to_the_last(filled, start + 1) - filled.height:
        notes.append(f"{plural(empty, 'empty row')} left out")
    total = filled.select(LINE, total=_is_total(filled))
    if lines := total.filter("total")[LINE].to_list():
        listed = ", ".join(str(line) for line in lines)
        notes.append(f"{plural(len(lines), 'total row')} left out: {listed}")
    records = filled.filter(~total["total"]).with_columns(pl.exclude(LINE).pipe(_dates))
    return Raw(records.lazy(), records.height, rejects(), tuple(notes))


def _open(path: Path, name: Path) -> fastexcel.ExcelReader:
    content = path.read_bytes()
    head = content[:512]
    if not head:
        raise refused(name, "it is empty; deliver it again")
    if not head.startswith((OLD, NEW)):
        what = "a web page (HTML or XML)" if b"<" in head.lstrip()[:4] else "no Excel workbook"
        raise refused(
            name, f"it is {what}, it begins with {head[:20]!r}; save it as .xlsx or as .csv"
        )
    if head.startswith(OLD) and ENCRYPTED in content:
        raise refused(name, "it is encrypted; save it without a password")
    try:
        return fastexcel.read_excel(content)
    except fastexcel.FastExcelError as error:
        raise _damaged(name, error) from None


def _damaged(name: Path, error: Exception) -> FileRefused:
    if "assword" in str(error):
        return refused(name, "it is encrypted; save it without a password")
    return refused(name, f"it is cut off or damaged ({first_line(error)}); deliver it again")


def _sheet(
    reader: fastexcel.ExcelReader, name: Path, how: Reading
) -> tuple[str, pl.DataFrame, list[str]]:
    """Return the name and the rows of the sheet told, or of the first that has any; and notes."""
    names = reader.sheet_names
    listed = ", ".join(names)
    if isinstance(how.sheet, int):
        if not 1 <= how.sheet <= len(names):
            raise refused(name, f"it has no sheet {how.sheet}; it has {len(names)}: {listed}")
        return names[how.sheet - 1], _cells(reader, names[how.sheet - 1]), []
    if how.sheet is not None:
        if how.sheet not in names:
            raise refused(name, f"it has no sheet {how.sheet!r}; it has: {listed}")
        return how.sheet, _cells(reader, how.sheet), []
    for sheet in names:
        if (rows := _cells(reader, sheet)).height:
            return sheet, rows, [f"sheet {sheet} of {listed}"] if len(names) > 1 else []
    raise refused(name, f"its sheets ({listed}) are empty; deliver it again")


def _cells(reader: fastexcel.ExcelReader, sheet: str) -> pl.DataFrame:
    """Return a sheet's rows from its first on, as text, with the row's number; blanks are null."""
    loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    cells = loaded.to_polars().with_row_index(LINE, offset=1)
    blank = pl.exclude(LINE).str.strip_chars() == ""
    return cells.with_columns(
        pl.col(LINE).cast(pl.Int64), pl.when(~blank).then(pl.exclude(LINE)).name.keep()
    )


def _header(rows: pl.DataFrame, name: Path, how: Reading, sheet: str) -> int:
    if not rows.height:
        raise refused(name, f"its sheet {sheet} is empty; name another (read: sheet: ...)")
    if how.header_row is None:
        return title_rows(rows.drop(LINE).head(SAMPLE).rows())
    if how.header_row > rows.height:
        raise refused(name, f"it ends before row {how.header_row}, its header row; say another")
    return how.header_row - 1


def _rows_to_the_last(filled: pl.DataFrame, above: int) -> int:
    return int(filled[LINE][-1]) - above if filled.height else 0


def _is_total(rows: pl.DataFrame) -> pl.Expr:
    """Say which rows add up others.

    Such a row leaves a cell empty that every other row fills, and begins with a word for total;
    or it is the last one, has no first cell, and all its cells are numbers.
    """
    names = rows.columns[1:]
    first = pl.coalesce(names)
    says = first.str.strip_chars().str.contains(TOTAL)
    numbers = pl.all_horizontal(pl.col(names).str.contains(NUMBER).fill_null(value=True))
    last = pl.int_range(pl.len()) == pl.len() - 1
    unnamed = last & numbers & pl.col(names[0]).is_null() & (pl.len() > 1)
    likely = says | unnamed
    lacks = pl.any_horizontal(
        pl.col(column).is_null() & (pl.col(column).is_not_null() | likely).all() for column in names
    )
    return likely & lacks


def _dates(cells: pl.Expr) -> pl.Expr:
    """Write days without a time of day where a column has only days, and times without a day."""
    days = (cells.str.contains(MOMENT) & ~cells.str.contains(MIDNIGHT)).any()
    plain = pl.when(days).then(cells).otherwise(cells.str.replace(MIDNIGHT, "${1}"))
    return plain.str.replace(TIME_OF_DAY, "${1}").name.keep()
