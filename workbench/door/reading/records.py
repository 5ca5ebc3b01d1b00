"""Records that are no plain line: read one by one, over line ends inside quotes.

A quote that is opened and not closed within so many lines spoils its own line only: the lines
after it are read as if it were not there.
"""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from workbench.door.reading.header import Layout
from workbench.door.reading.raw import LINE, SHOWN, plural, refuse_too_many, rejects
from workbench.door.reading.spool import Spool

BLANKS = " \t"
LONGEST = 250_000
LINES_IN_A_RECORD = 50
UNCLOSED = "a quote is opened and never closed"
REASONS = {
    "unexpected end of data": UNCLOSED,
    "expected after": "a quoted field goes on after its closing quote",
    "new-line character": "a carriage return stands inside the line",
}


@dataclass
class Apart:
    """A file taken apart: `clean` keeps each plain line in its place and leaves others blank.

    `spool` has the records read here, `rejected` those that cannot be; `inner` counts the lines
    that go on with the record of the line before.
    """

    name: Path
    layout: Layout
    clean: Path
    spool: Spool
    inner: int = 0
    _rejected: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def rejected(self) -> pl.DataFrame:
        """One row per rejected line."""
        return rejects(self._rejected)

    def reject(self, number: int, line: bytes, reason: str) -> None:
        """Note that a line cannot be read."""
        value = line[: 4 * SHOWN].decode(errors="ignore").rstrip("\r\n")
        self._rejected.append((number, value[:SHOWN], reason))
        refuse_too_many(self.name, self._rejected)


def set_apart(path: Path, name: Path, layout: Layout, marked: Path, work: Path) -> Apart:
    """Read the records that start at the marked lines of a file, apart from other lines."""
    spool = Spool(work / "apart", dict.fromkeys(layout.names))
    apart = Apart(name, layout, work / "clean.csv", spool)
    number = 0
    with path.open("rb") as source, apart.clean.open("wb") as clean:
        for odd in _numbers(marked):
            if odd > number:
                clean.writelines(itertools.islice(source, odd - number - 1))
                number = odd + _record(source, odd, apart)
                clean.write(b"\n" * (number - odd + 1))
        clean.writelines(source)
    return apart


def _numbers(marked: Path) -> Iterator[int]:
    for batch in pl.scan_parquet(marked, glob=False).collect_batches():
        yield from batch[LINE]


def _record(source: BinaryIO, number: int, apart: Apart) -> int:
    """Read the record that starts here; return how many more lines than one it takes."""
    first = source.readline()
    after = source.tell()
    taken = [first]
    reason, fields = _damage(first), list[str]()
    if not reason:
        try:
            fields = next(apart.layout.split(_text(taken, source)))
        except csv.Error as error:
            reason = next((say for word, say in REASONS.items() if word in str(error)), str(error))
    more = len(taken) - 1
    if not reason and any(value.strip(BLANKS) for value in fields):
        if len(fields) == len(apart.layout.names):
            apart.spool.add(number, dict(zip(apart.layout.names, fields, strict=True)))
            apart.inner += more
            return more
        width = len(apart.layout.names)
        reason = f"{plural(len(fields), 'field')} where the header has {width}"
    if reason:
        apart.reject(number, first, UNCLOSED if more else reason)
    source.seek(after)
    return 0


def _damage(line: bytes) -> str:
    if b"\0" in line:
        return "the line has NUL bytes"
    if len(line) > LONGEST:
        return f"the line is longer than {LONGEST:,} bytes"
    return ""


def _text(taken: list[bytes], source: BinaryIO) -> Iterator[str]:
    """Yield the line taken and the lines after it, taking each as it is asked for."""
    yield taken[0].decode()
    while len(taken) < LINES_IN_A_RECORD:
        line = source.readline()
        if not line or _damage(line):
            return
        taken.append(line)
        yield line.decode()
