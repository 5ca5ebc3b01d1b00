"""The lake: Delta tables, and editions that pin one version of each.

An edition is a small file `editions/000003.json` that names the Delta version of every table
and what the data is. It is written last and whole, so a load is there or it is not; a run
opens one edition and sees nothing that comes later. Beside a table's rows an edition keeps
the fingerprint of the delivery, which makes a second load of the same files a no-op.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl
from deltalake import DeltaTable, WriterProperties, write_deltalake
from filelock import FileLock

WriteMode = Literal["append", "overwrite"]
ROW_GROUP = 500_000
_WRITER = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=ROW_GROUP)


class NoLake(FileNotFoundError):  # noqa: N818 - reads as the fact it states
    """There is no data yet, or not that version of it; the text says which command makes one."""


@dataclass(frozen=True)
class Edition:
    """One published state of the lake."""

    number: int
    retailer: str
    currency: str
    zone: str
    first_day: date
    last_day: date
    fingerprint: str
    tables: dict[str, int]
    synthetic: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Return the name a report states, such as `v3`."""
        return f"v{self.number}"

    def to_json(self) -> str:
        """Return the edition as the text of its file."""
        return json.dumps(asdict(self), default=str, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Edition":
        """Read an edition from the text of its file."""
        given: dict[str, Any] = json.loads(text)
        for day in ("first_day", "last_day"):
            given[day] = date.fromisoformat(given[day])
        given["synthetic"] = tuple(given["synthetic"])
        return cls(**{known.name: given[known.name] for known in fields(cls)})


class Lake:
    """The Delta tables and editions in one folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "lake"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Wait for other writers, then hold the lake until the block ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            yield

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Give a folder for what a load needs in between; it is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="work-", dir=self.folder) as work:
            yield Path(work)

    def numbers(self) -> list[int]:
        """Return the numbers of all editions, oldest first."""
        return sorted(int(path.stem) for path in self.folder.glob("editions/[0-9]*.json"))

    def edition(self, version: str | None = None) -> Edition:
        """Return the named edition, or the newest; raise NoLake where there is none."""
        numbers = self.numbers()
        if not numbers:
            raise NoLake(
                "there is no data yet; make some with `workbench demo` (the sample retailer) or "
                "`workbench ingest` (your own receipts); WORKBENCH_HOME names the folder they go to"
            )
        number = numbers[-1] if version is None else _number(version, numbers)
        return Edition.from_json(self._path(number).read_text(encoding="utf-8"))

    def scan(self, edition: Edition, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table as the edition has it."""
        return pl.scan_delta(self.folder / table, version=edition.tables[table])

    def write(self, table: str, rows: pl.DataFrame, *, mode: WriteMode, by: str | None) -> int:
        """Write rows to a table, not yet published; return the Delta version that holds them."""
        path = self.folder / table
        write_deltalake(
            path,
            rows,
            mode=mode,
            partition_by=[by] if by else None,
            schema_mode="overwrite" if mode == "overwrite" else None,
            writer_properties=_WRITER,
        )
        return DeltaTable(path).version()

    def publish(self, edition: Edition) -> None:
        """Make an edition the newest: written aside, forced to disk, then named in one step."""
        path = self._path(edition.number)
        path.parent.mkdir(exist_ok=True)
        aside = path.with_suffix(".tmp")
        with aside.open("w", encoding="utf-8") as file:
            file.write(edition.to_json())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)

    def _path(self, number: int) -> Path:
        return self.folder / "editions" / f"{number:06d}.json"


def _number(version: str, numbers: list[int]) -> int:
    text = version.removeprefix("v")
    if text not in map(str, numbers):
        known = ", ".join(f"v{number}" for number in numbers)
        raise NoLake(f"data version {version!r} is not in the lake; there are: {known}")
    return int(text)
