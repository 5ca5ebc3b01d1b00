"""The layout of delimited text: its separator, its title rows and the names of its columns."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.door.reading.encoding import LONGEST
from workbench.door.reading.raw import LINE, Reading, plural, refused

SEPARATORS = (",", ";", "\t", "|")
NAMED = {"\t": "tab"}
SAMPLE = 200
LINES_IN_A_NAME = 5
LOOKS_LIKE_DATA = re.compile(r"[\d\s.,:;/+-]*\d[\d\s.,:;/+-]*|")
HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How lines become columns: `first` is the line (from 1) of the first record."""

    separator: str
    quote: str
    names: tuple[str, ...]
    first: int
    notes: tuple[str, ...]

    def split(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Return the records of lines; csv.Error where a quote is misplaced or never closed."""
        return csv.reader(lines, delimiter=self.separator, strict=True, **_quoting(self.quote))


def find_layout(path: Path, name: Path, how: Reading) -> Layout:
    """Return the layout of UTF-8 text, as told by `how` or found from its first lines."""
    csv.field_size_limit(LONGEST)
    if how.quote:
        _check_sign(name, "quote", how.quote)
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        sample = itertools.islice(file, (how.header_row or 1) - 1 + SAMPLE)
        lines = [line.rstrip("\r\n").replace("\r", " ") + "\n" for line in sample]
    if len(lines) < (how.header_row or 1):
        raise refused(name, f"it ends before line {how.header_row}, its header row; say another")
    skipped, separator = (how.header_row or 1) - 1, how.separator
    if separator is None and (hint := HINT.fullmatch(lines[0])) and not skipped:
        separator, skipped = hint[1], 1
    separator = separator or _separator(lines[skipped:], how.quote)
    _check_sign(name, "separator", separator)
    if separator == how.quote:
        raise refused(name, f"separator and quote are both {separator!r}; say another")
    records = _records(lines[skipped:], separator, how.quote)
    titles = 0 if how.header_row else title_rows([fields for _, fields in records])
    start = records[titles - 1][0] if titles else 0
    end, header = records[titles]
    names, notes = column_names(name, header)
    notes = [f"separator {NAMED.get(separator, separator)}", *notes]
    if skipped + start:
        notes.append(f"{plural(skipped + start, 'line')} above the header")
    return Layout(separator, how.quote, names, skipped + end + 1, tuple(notes))


def _check_sign(name: Path, what: str, sign: str) -> None:
    if len(sign) != 1 or not sign.isascii() or sign in "\r\n":
        raise refused(name, f"{what} {sign!r} is not one plain (ASCII) character; say another")


def title_rows(rows: Sequence[Sequence[str | None]]) -> int:
    """Return how many leading rows are no header: they fill at most half of what others fill."""
    widths = Counter(len(row) for row in rows if _filled(row))
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    fullest = max((_filled(row) for row in rows if len(row) == usual), default=1)
    return next((place for place, row in enumerate(rows) if not _is_title(row, fullest)), 0)


def _filled(row: Sequence[str | None]) -> int:
    return sum(bool(value and value.strip()) for value in row)


def _is_title(row: Sequence[str | None], fullest: int) -> bool:
    filled = _filled(row)
    if filled == 1 and fullest == 2:
        return bool(row[0])
    return filled <= fullest // 2 if fullest > 1 else not filled


def column_names(path: Path, header: Sequence[str | None]) -> tuple[tuple[str, ...], list[str]]:
    """Return the columns' names, each once, and notes on them; an empty one gets its number."""
    given = [(value or "").strip() for value in header]
    names = tuple(name or f"column_{place}" for place, name in enumerate(given, start=1))
    twice = next((name for name, count in Counter([LINE, *names]).items() if count > 1), None)
    if twice is not None:
        raise refused(
            path, f"its header names the column {twice!r} more than once; give each its own name"
        )
    if bad := next((name for name in names if "\0" in name), None):
        raise refused(path, f"its header has NUL bytes: {bad!r}; deliver it again")
    if bad := next((name for name in names if name.count("\n") > LINES_IN_A_NAME), None):
        raise refused(
            path, f"a quote is opened in its header and never closed: {bad[:40]!r}; mend the header"
        )
    notes = []
    if empty := given.count(""):
        notes.append(f"{plural(empty, 'column')} without a name")
    if any(given) and all(LOOKS_LIKE_DATA.fullmatch(name) for name in given):
        notes.append(f"the header looks like data: {', '.join(given)}")
    return names, notes


def _separator(lines: Sequence[str], quote: str) -> str:
    return max(SEPARATORS, key=lambda separator: _regular(_records(lines, separator, quote)))


def _regular(records: Sequence[tuple[int, list[str]]]) -> tuple[int, int]:
    """Return how many records have the usual width, and that width; none for a single column."""
    widths = Counter(len(fields) for _, fields in records if len(fields) > 1)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _records(lines: Sequence[str], separator: str, quote: str) -> list[tuple[int, list[str]]]:
    """Return records, each with the number of its last line."""
    reader = csv.reader(lines, delimiter=separator, **_quoting(quote))
    return [(reader.line_num, fields) for fields in reader]


def _quoting(quote: str) -> dict[str, Any]:
    return {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
