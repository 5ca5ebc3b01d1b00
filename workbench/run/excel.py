"""A report's result tables as one Excel workbook: a sheet about the run, and one for each table."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from workbench.run.outputs import days, moment
from workbench.run.record import Record
from workbench.sheets import workbook

MOST_ROWS = 1_048_575  # of a sheet, below its heading


def write(report: Path, record: Record) -> Path:
    """Write report.xlsx into a report's folder and return its path."""
    path = report / "report.xlsx"
    tables = {
        name: pl.read_parquet(report / "tables" / f"{name}.parquet") for name in record.tables
    }
    sheets = {f"{n} {name}"[:31]: frame for n, (name, frame) in enumerate(tables.items(), 1)}
    with workbook(path, dt.datetime.fromisoformat(record.started).date()) as book:
        _write(book, "About", _about(record, sheets))
        for sheet, frame in sheets.items():
            _write(book, sheet, frame.head(MOST_ROWS))
    return path


def _write(book: Any, sheet: str, frame: pl.DataFrame) -> None:
    nested = pl.selectors.nested()
    plain = frame.with_columns(
        nested.map_batches(_spoken, pl.String), pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    )
    formats: dict[Any, str] = {
        _heading(name): _format(name, kind) for name, kind in plain.schema.items()
    }
    plain.rename(_heading).write_excel(
        book,
        sheet,
        column_formats=formats,
        header_format={"bold": True},
        table_style="Table Style Light 15",
        freeze_panes=(1, 0),
        autofit=True,
    )
    printed = book.get_worksheet_by_name(sheet)
    printed.set_landscape()
    printed.fit_to_pages(1, 0)  # all columns on one page, and as many pages as the rows need
    printed.repeat_rows(0)


def _heading(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")


def _spoken(column: pl.Series) -> pl.Series:
    return pl.Series([None if value is None else str(value) for value in column.to_list()])


def _format(name: str, kind: pl.DataType) -> str:
    if kind.is_temporal():
        return "yyyy-mm-dd" if kind == pl.Date else "yyyy-mm-dd hh:mm"
    if name.endswith("_share"):
        return "0.0%"
    if kind.is_decimal() or kind.is_float():
        return "#,##0.00"
    return "0" if name.endswith(("_id", "year")) else "#,##0"


def _about(record: Record, sheets: dict[str, pl.DataFrame]) -> pl.DataFrame:
    facts = {
        "Report": record.title,
        "Notebook": record.notebook,
        **{f"Parameter {name}": value for name, value in record.parameters.items()},
        "Days": days(record.period or ""),
        "Retailer": record.retailer,
        "Currency": record.currency,
        "Rests on": record.passport.get("said") or f"data {record.data_version}",
        "Synthetic": ", ".join(record.synthetic).replace("_", " "),
        "Made": moment(record.started),
        **{f"Sheet {sheet}": _held(frame) for sheet, frame in sheets.items()},
    }
    told = [(name, str(value)) for name, value in facts.items() if value not in (None, "")]
    return pl.DataFrame(told, {"What": pl.String, "Is": pl.String}, orient="row")


def _held(frame: pl.DataFrame) -> str:
    left = frame.height - MOST_ROWS
    more = f"; {left:,} do not fit on a sheet and are in the table's file only" if left > 0 else ""
    return f"{frame.height:,} rows{more}"
