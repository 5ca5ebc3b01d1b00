"""The first rows of the files of a folder, to guess from: one sheet per kind of file."""

import glob
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from workbench.door.reading import LINE, FileRefused, Raw, Reading, read
from workbench.door.reading.jsonlines import JSON
from workbench.door.suggest.evidence import Seen, house_of
from workbench.door.suggest.synonyms import closeness, words

ROWS = 100_000
NOT_DATA = (".yaml", ".yml", ".md", ".py", ".pdf", ".log", ".html", ".sh")
FOUND_OUT = ("separator", "encoding")


@dataclass(frozen=True, eq=False)
class Sheet:
    """One file, or several with the same columns: `file` is a name or a pattern of names.

    `columns` hold the first rows only, `rows` counts all; `alike` counts the rows looked at
    that have a twin; `read` says how the file is written where that is not plain.
    """

    file: str
    columns: tuple[Seen, ...]
    rows: int
    alike: int
    notes: tuple[str, ...]
    read: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its columns."""
        return tuple(seen.name for seen in self.columns)

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Return the names of its columns, each with its type."""
        return tuple((seen.name, str(seen.delivered.dtype)) for seen in self.columns)


def sheets(source: Path) -> tuple[list[Sheet], list[str]]:
    """Return what the files hold, and why others were left out."""
    paths = [source] if source.is_file() else sorted(source.glob("*"))
    found, refused = [], []
    for path in paths:
        if path.is_file() and path.suffix.lower() not in NOT_DATA and path.name[0] != ".":
            try:
                found += _sheets(path)
            except FileRefused as error:
                refused.append(str(error))
    return _together(found), refused


def _sheets(path: Path) -> list[Sheet]:
    """Return a file as a sheet, and each list in its records as one more."""
    frame, raw = _first_rows(path, Reading())
    records = any(suffix.lower() in JSON for suffix in path.suffixes)
    lists = [series.name for series in frame if records and _is_list(series)]
    found = [_sheet(path, frame.drop(lists), raw, {})]
    for name in lists:
        inner, raw = _first_rows(path, Reading(each=name))
        names = [n for n in inner.columns if n.startswith(f"{name}.") or _is_id(n)]
        found.append(_sheet(path, inner.select(names), raw, {"each": name}))
    return found


def _first_rows(path: Path, how: Reading) -> tuple[pl.DataFrame, Raw]:
    with tempfile.TemporaryDirectory() as work:
        raw = read(path, how, Path(work))
        frame = raw.frame.head(ROWS).collect().drop(LINE)
    return frame.select(pl.exclude(pl.List, pl.Struct, pl.Array, pl.Object)), raw


def _is_list(values: pl.Series) -> bool:
    told = values.drop_nulls()
    return len(told) > 0 and bool(told.str.contains(r"^\[(\{|\]$)").all())


def _is_id(name: str) -> bool:
    return words(name) == ("id",) or closeness("customer", name) == 1


def _sheet(path: Path, rows: pl.DataFrame, raw: Raw, how: dict[str, str]) -> Sheet:
    columns = [Seen(series.name, series) for series in rows]
    house = house_of(columns)
    return Sheet(
        file=glob.escape(path.name),
        columns=tuple(replace(seen, house=house) for seen in columns),
        rows=raw.delivered,
        alike=int(rows.is_duplicated().sum()) if rows.width else 0,
        notes=tuple(note for note in raw.notes if note != "separator ,"),
        read=how | _read(raw.notes),
    )


def _read(notes: Sequence[str]) -> dict[str, str]:
    told = dict(note.split(" ", 1) for note in notes if note.split(" ")[0] in FOUND_OUT)
    if told.get("separator") == ",":
        del told["separator"]
    if told.get("separator") == "tab":
        told["separator"] = "\t"
    return told


def _together(found: Sequence[Sheet]) -> list[Sheet]:
    """Return sheets with those put together whose names differ in digits only.

    Files of one pattern with different columns stay apart.
    """
    kinds: dict[tuple[str, str], list[Sheet]] = {}
    for sheet in found:
        kinds.setdefault((_pattern(sheet.file), sheet.read.get("each", "")), []).append(sheet)
    together = []
    for (pattern, _), group in kinds.items():
        if len(group) > 1 and len({sheet.kinds for sheet in group}) == 1:
            together.append(_one_of(pattern, group))
        else:
            together += group
    return together


def _one_of(pattern: str, group: Sequence[Sheet]) -> Sheet:
    """Return several files as one sheet, with rows of each of them to look at."""
    share = max(1, ROWS // len(group))
    columns = [
        Seen(several[0].name, pl.concat([seen.delivered.head(share) for seen in several]))
        for several in zip(*(sheet.columns for sheet in group), strict=True)
    ]
    house = house_of(columns)
    first = group[0]
    return replace(
        first,
        file=pattern,
        columns=tuple(replace(seen, house=house) for seen in columns),
        rows=sum(sheet.rows for sheet in group),
        alike=sum(sheet.alike for sheet in group),
        notes=(f"{len(group)} files", *first.notes),
    )


def _pattern(name: str) -> str:
    """Return a name with its numbers as a pattern.

    >>> _pattern("receipts-2026-01-05.csv")
    'receipts-*.csv'
    """
    stem, dot, kind = name.partition(".")
    return re.sub(r"\*([-_ ]?\*)+", "*", re.sub(r"\d+", "*", stem)) + dot + kind
