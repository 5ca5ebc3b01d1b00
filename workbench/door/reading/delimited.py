"""Delimited text: every line split into the columns of the header, as text.

Lines that plainly are one record of the header's width are split by Polars, in parallel. Any
other line is taken out of the file first and read record by record; both give the same rows.
"""

import re
from pathlib import Path

import polars as pl

from workbench.door.reading.encoding import as_utf8, ends_with_a_line_end
from workbench.door.reading.header import Layout, find_layout
from workbench.door.reading.raw import LINE, Raw, Reading, plural, rejects
from workbench.door.reading.records import BLANKS, LONGEST, set_apart


def read_delimited(path: Path, name: Path, how: Reading, work: Path) -> Raw:
    """Return the records of delimited text; `name` is what the file is called in messages."""
    path, notes = as_utf8(path, name, how.encoding, work)
    layout = find_layout(path, name, how)
    notes += layout.notes
    if not ends_with_a_line_end(path):
        notes.append("the last line has no line end")
    lines, odd, filled = _counts(path, layout)
    if odd:
        marked = work / "odd.parquet"
        _lines(path, layout).filter("odd").select(LINE).sink_parquet(marked)
        apart = set_apart(path, name, layout, marked, work)
        _, _, filled = _counts(apart.clean, layout)
        rejected = apart.rejected
        delivered = filled + apart.spool.rows + rejected.height
        empty = lines - delivered - apart.inner
        frame = _split(apart.clean, layout).pipe(_not_empty)
        frame = frame.merge_sorted(apart.spool.frame(), LINE)
    else:
        delivered, empty, rejected = filled, lines - filled, rejects()
        frame = _split(path, layout)
        frame = _not_empty(frame) if empty else frame
    if empty:
        notes.append(f"{plural(empty, 'empty row')} left out")
    return Raw(frame, delivered, rejected, tuple(notes))


def _lines(path: Path, layout: Layout) -> pl.LazyFrame:
    """Return one row per line below the header: its number, whether it is odd, or empty."""
    line = pl.col("line")
    empty = line.str.contains(_empty_line(layout))
    regular = line.str.contains(_regular_line(layout)) & (line.str.len_bytes() <= LONGEST)
    return (
        pl.scan_lines(path, glob=False, row_index_name=LINE, row_index_offset=1)
        .filter(pl.col(LINE) >= layout.first)
        .select(pl.col(LINE).cast(pl.Int64), odd=~(empty | regular), empty=empty)
    )


def _counts(path: Path, layout: Layout) -> tuple[int, int, int]:
    """Return how many lines there are, how many are odd, how many are not empty."""
    counts = pl.len(), pl.col("odd").sum(), (~pl.col("empty")).sum().alias("filled")
    lines, odd, filled = _lines(path, layout).select(counts).collect(engine="streaming").row(0)
    return lines, odd, filled


def _regular_line(layout: Layout) -> str:
    quote, separator = re.escape(layout.quote), re.escape(layout.separator)
    field = rf"[^{quote}{separator}\r\x00]*"
    if quote:
        field = rf"(?:{field}|{quote}(?:[^{quote}\x00]|{quote}{quote})*{quote})"
    return rf"^{field}(?:{separator}{field}){{{len(layout.names) - 1}}}$"


def _empty_line(layout: Layout) -> str:
    quote, separator = re.escape(layout.quote), re.escape(layout.separator)
    field = rf"(?:[{BLANKS}]*|{quote}[{BLANKS}]*{quote})"
    return rf"^{field}(?:{separator}{field})*$"


def _split(path: Path, layout: Layout) -> pl.LazyFrame:
    return pl.scan_csv(
        path,
        separator=layout.separator,
        quote_char=layout.quote or None,
        has_header=False,
        skip_lines=layout.first - 1,
        schema=dict.fromkeys(layout.names, pl.String()),
        null_values=[""],
        extra_columns="ignore",
        missing_columns="insert",
        glob=False,
        row_index_name=LINE,
        row_index_offset=layout.first,
    ).with_columns(pl.col(LINE).cast(pl.Int64))


def _not_empty(frame: pl.LazyFrame) -> pl.LazyFrame:
    fields = pl.exclude(LINE).str.strip_chars(BLANKS)
    return frame.filter(pl.any_horizontal(fields != ""))
