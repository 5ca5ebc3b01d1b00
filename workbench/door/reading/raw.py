"""What reading a file takes and gives: how it is read, and the rows and rejected lines in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from workbench.data.privacy import masked

LINE = "(line)"
SHOWN = 200
MOST_REJECTED = 1_000_000
REJECTED = pl.Schema({"line": pl.Int64, "value": pl.String, "reason": pl.String})


class FileRefused(ValueError):  # noqa: N818 (it says what happened to the file)
    """A file that cannot be read; the text says file, place, value and way out."""


@dataclass(frozen=True)
class Reading:
    """How a file is read, where it is not left to be found out (None).

    `header_row` counts the file's lines (a sheet's rows) from 1; `sheet` is a name or a number
    from 1; `member` is a file inside an archive; `each` is a list of JSON records to give one
    row per element.
    """

    separator: str | None = None
    encoding: str | None = None
    quote: str = '"'
    header_row: int | None = None
    sheet: str | int | None = None
    member: str | None = None
    each: str | None = None


@dataclass(frozen=True)
class Seen:
    """A file's size and time of change when reading began."""

    path: Path
    size: int
    changed: int

    @classmethod
    def now(cls, path: Path) -> "Seen":
        """Return the file as it is now; FileRefused when it is not there."""
        if not path.is_file():
            raise refused(path, f"there is no such file in {path.parent}; name another")
        state = path.stat()
        return cls(path, state.st_size, state.st_mtime_ns)

    def check(self) -> None:
        """Raise FileRefused when the file has changed since."""
        if Seen.now(self.path) != self:
            raise refused(self.path, "it changed while it was read; load it when it is complete")


@dataclass(frozen=True)
class Raw:
    """A file as read.

    `frame` has one row per readable record, in order: LINE (Int64, the line of the file it starts
    at; the row of a sheet or of a Parquet file), then the columns as the header names them, as
    text, or as a Parquet file types them. An empty field is null. `delivered` counts the records,
    readable or not. `rejected` has one row per record that cannot be split into columns: `line`,
    `value` (its beginning), `reason`. `notes` says what was found out. The frame is lazy: once
    it has been used, `seen.check()` refuses a file that changed meanwhile.
    """

    frame: pl.LazyFrame
    delivered: int
    rejected: pl.DataFrame
    notes: tuple[str, ...]
    seen: Seen | None = None


def rejects(rows: Sequence[tuple[int, str, str]] = ()) -> pl.DataFrame:
    """Return rejected records as a frame, in order of line: (line, value, reason)."""
    return pl.DataFrame(sorted(rows), schema=REJECTED, orient="row")


def refuse_too_many(path: Path, rows: Sequence[tuple[int, str, str]]) -> None:
    """Raise FileRefused when more records are rejected than are worth keeping."""
    if len(rows) > MOST_REJECTED:
        line, value, reason = rows[0]
        raise refused(
            path,
            f"over {MOST_REJECTED:,} lines cannot be read, such as line {line}: {value[:40]!r}: "
            f"{reason}; say how it is written in the mapping (read: separator, quote, header_row)",
        )


def plural(count: int, thing: str) -> str:
    """Return a count with its thing in the right number: `1 line`, `2,000 lines`."""
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


def first_line(error: BaseException) -> str:
    """Return the first line of what a library says."""
    return str(error).partition("\n")[0].rstrip(".")


def refused(path: Path, why: str) -> FileRefused:
    """Return the refusal of a file, named, for a reason that includes the way out.

    It is told on screens and in logs, so what may be personal in the reason is masked.
    """
    return FileRefused(f"{path.name} is refused: {masked(why)}")
