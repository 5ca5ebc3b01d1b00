"""The lake: Delta tables, and editions that pin one version of each.

An edition is a small file `editions/000003.json` that names the Delta version of every table
of one retailer and what the data is. It is written last and whole, so a load is there or it is
not; a run opens one edition and sees nothing that comes later. Each retailer has tables of its
own; the editions of all are numbered in one sequence, so that a number names one state.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock

from workbench.data.contracts import CONTRACTS
from workbench.files import write_whole

LEFTOVERS = (".work-*", ".parts-*", "editions/*.tmp")


class NoLake(FileNotFoundError):  # noqa: N818 - reads as the fact it states
    """There is no data yet, or not that version of it; the text says which command makes one."""


@dataclass(frozen=True)
class Edition:
    """One published state of a retailer's tables.

    `place` is the folder of its tables in the lake; `passport` the red checks of its passport,
    each with the tables it concerns, and `colour` the passport's worst.
    """

    number: int
    retailer: str
    currency: str
    zone: str
    first_day: date
    last_day: date
    fingerprint: str
    tables: dict[str, int]
    synthetic: tuple[str, ...] = ()
    place: str = ""
    passport: dict[str, list[str]] = field(default_factory=dict)
    colour: str = "green"

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
        known = {column.name for column in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})


class Lake:
    """The Delta tables and editions in one folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "lake"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Wait for other writers, clear what a killed one left, hold the lake until the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            for pattern in LEFTOVERS:
                for left in self.folder.glob(pattern):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Give a folder for what a load needs in between; it is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix=".work-", dir=self.folder) as work:
            yield Path(work)

    def numbers(self) -> list[int]:
        """Return the numbers of all editions, oldest first."""
        return sorted(int(path.stem) for path in self.folder.glob("editions/[0-9]*.json"))

    def editions(self) -> list[Edition]:
        """Return all editions, oldest first."""
        return [self._read(number) for number in self.numbers()]

    def edition(self, version: str | None = None, *, retailer: str | None = None) -> Edition:
        """Return the named edition, or the newest one; raise NoLake where there is none."""
        numbers = self.numbers()
        if not numbers:
            raise NoLake(
                "there is no data yet; make some with `workbench demo` (the sample retailer) or "
                "`workbench ingest` (your own receipts); WORKBENCH_HOME names the folder they go to"
            )
        if version is not None:
            return self._read(_number(version, numbers))
        if retailer is None:
            return self._read(numbers[-1])
        newest = {edition.retailer: edition for edition in self.editions()}
        if retailer not in newest:
            known = ", ".join(sorted(newest))
            raise NoLake(f"the lake has no data of {retailer!r}; it has: {known}")
        return newest[retailer]

    def edition_of(self, version: str | None, retailer: str | None) -> Edition:
        """Return the named edition, or the newest of a retailer, whose stores may be another's."""
        if version or retailer is None:
            return self.edition(version)
        own = any(edition.retailer == retailer for edition in self.editions())
        return self.edition(retailer=retailer if own else None)

    def path(self, place: str, table: str) -> Path:
        """Return the folder of a table."""
        return self.folder / place / table

    def scan(self, edition: Edition, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table as the edition has it.

        A column that the data model got later is null, as if it had not been delivered.
        """
        return self.at(edition.place, table, edition.tables[table])

    def at(self, place: str, table: str, version: int) -> pl.LazyFrame:
        """Return a lazy frame of one version of a table, with every column of its contract."""
        stored = pl.scan_delta(self.path(place, table), version=version)
        has = stored.collect_schema().names()
        schema = CONTRACTS[table].schema if table in CONTRACTS else {}
        later = {name: pl.lit(None, kind) for name, kind in schema.items() if name not in has}
        return stored.with_columns(**later) if later else stored

    def publish(self, edition: Edition) -> None:
        """Make an edition the newest."""
        write_whole(self._path(edition.number), edition.to_json())

    def forget(self, edition: Edition) -> None:
        """Take an edition out of the lake; its tables' files stay until they are vacuumed."""
        self._path(edition.number).unlink()

    def _read(self, number: int) -> Edition:
        return Edition.from_json(self._path(number).read_text(encoding="utf-8"))

    def _path(self, number: int) -> Path:
        return self.folder / "editions" / f"{number:06d}.json"


def _number(version: str, numbers: list[int]) -> int:
    text = version.removeprefix("v")
    if text not in map(str, numbers):
        known = ", ".join(f"v{number}" for number in numbers)
        raise NoLake(f"data version {version!r} is not in the lake; there are: {known}")
    return int(text)
