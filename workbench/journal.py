"""The journal: what people and schedules did, in one SQLite file of the workbench's home.

Definitions are files that people review; what happened since is written here, whole or not at
all, by one writer at a time: alerts and their states, who was assigned to which group of a
campaign, exports, messages sent, runs. A column called `customer` holds the retailer's own id,
by which a person can be taken out again; `retailer` says whose customer it is.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from filelock import FileLock

_TYPES = {"TEXT": pl.String, "INTEGER": pl.Int64, "REAL": pl.Float64}
_PATIENCE = 30.0
RETAILER = "TEXT NOT NULL DEFAULT ''"
# Rows of one retailer, and those written before they said whose they are.
OF = "retailer IN (?, '')"


@dataclass(frozen=True)
class Table:
    """A table of the journal: its columns, each with its SQLite type, and its key."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @contextmanager
    def writing(self, home: Path) -> Iterator[sqlite3.Connection]:
        """Wait for other writers; everything done within is written at the end, or none of it."""
        with _opened(home) as journal:
            journal.execute("BEGIN IMMEDIATE")
            try:
                self._make(journal)
                yield journal
            except BaseException:
                journal.rollback()
                raise
            journal.commit()

    def read(self, home: Path, where: str = "1", values: Sequence[object] = ()) -> pl.DataFrame:
        """Return the rows that a condition holds for, in the order of the key.

        `where` is SQL with a `?` for each of the values. Nothing has happened in a new home.
        """
        schema = {name: _TYPES[kind.split()[0]] for name, kind in self.columns.items()}
        if not _place(home).exists():
            return pl.DataFrame(schema=schema)
        with _opened(home) as journal:
            there = _columns(journal, self.name)
            if not there:
                return pl.DataFrame(schema=schema)
            columns = ", ".join(n if n in there else f"'' AS {n}" for n in self.columns)
            asked = f"SELECT * FROM (SELECT {columns} FROM {self.name}) WHERE {where}"  # noqa: S608 - names and conditions are our own
            rows = journal.execute(f"{asked} ORDER BY {', '.join(self.key)}", values).fetchall()
        return pl.DataFrame(rows, schema, orient="row")

    def put(self, journal: sqlite3.Connection, row: Mapping[str, object]) -> bool:
        """Write a row unless its key is there already; return whether it was written."""
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        done = journal.execute(
            f"INSERT INTO {self.name} ({names}) VALUES ({marks}) "  # noqa: S608 - our own names
            f"ON CONFLICT ({', '.join(self.key)}) DO NOTHING",
            list(row.values()),
        )
        return done.rowcount == 1

    def _make(self, journal: sqlite3.Connection) -> None:
        """Make the table where there is none, and again where an older one lacks a column."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        there = _columns(journal, self.name)
        old = bool(there) and not self.columns.keys() <= set(there)
        if old:
            journal.execute(f"ALTER TABLE {self.name} RENAME TO {self.name}_old")
        journal.execute(
            f"CREATE TABLE IF NOT EXISTS {self.name} "
            f"({columns}, PRIMARY KEY ({', '.join(self.key)})) WITHOUT ROWID"
        )
        if old:
            kept = ", ".join(there)
            journal.execute(f"INSERT INTO {self.name} ({kept}) SELECT {kept} FROM {self.name}_old")  # noqa: S608 - names out of the file itself
            journal.execute(f"DROP TABLE {self.name}_old")


def forget(home: Path, customer: str, retailer: str) -> int:
    """Take a retailer's customer out of every table and of the file's free pages; return the rows.

    A table that does not say whose customers it names loses every one of that id.
    """
    if not _place(home).exists():
        return 0
    with _opened(home) as journal:
        names = [name for (name,) in journal.execute("SELECT name FROM sqlite_master").fetchall()]
        journal.execute("BEGIN IMMEDIATE")
        gone = sum(_forgotten(journal, name, customer, retailer) for name in names)
        journal.commit()
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return gone


def _forgotten(journal: sqlite3.Connection, table: str, customer: str, retailer: str) -> int:
    columns = _columns(journal, table)
    if "customer" not in columns:
        return 0
    where, values = "customer = ?", [customer]
    if "retailer" in columns:
        where, values = f"{where} AND {OF}", [*values, retailer]
    return journal.execute(f"DELETE FROM {table} WHERE {where}", values).rowcount  # noqa: S608 - names out of the file itself


def _columns(journal: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in journal.execute(f"PRAGMA table_info({table})").fetchall()]


@contextmanager
def _opened(home: Path) -> Iterator[sqlite3.Connection]:
    place = _place(home)
    place.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(place, timeout=_PATIENCE, isolation_level=None)) as journal:
        _let_read_while_written(journal, place)
        journal.execute("PRAGMA secure_delete = ON")
        yield journal


def _let_read_while_written(journal: sqlite3.Connection, place: Path) -> None:
    """Turn the write-ahead log on, one at a time: SQLite refuses a second that asks meanwhile."""
    if journal.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with FileLock(place.with_suffix(".lock")):
            journal.execute("PRAGMA journal_mode = WAL")


def _place(home: Path) -> Path:
    return home / "state" / "journal.sqlite"
