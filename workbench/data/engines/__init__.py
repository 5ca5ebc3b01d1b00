"""The engine that reads the lake: Polars here, Spark, or a warehouse through Ibis.

`WORKBENCH_ENGINE` names it: `polars` (the default), `spark`, `duckdb`, or the address of a
warehouse as Ibis writes it, such as `duckdb:///data/receipts.duckdb`. Every engine gets the same
tables of the same edition, and whatever is asked of them comes back through `engine.fetch`.
"""

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition, Lake

ENGINE = "WORKBENCH_ENGINE"
PERSONAL = "people"  # names and addresses are never handed to another engine
_ROOMS = {"spark": ("spark", "pyspark"), "duckdb": ("warehouse", "ibis")}
Read = Callable[[Lake, Edition, str], Any]


class NoEngine(ValueError):  # noqa: N818 - reads as the fact it states
    """An engine that does not exist or is not installed; the text says the way out."""


class Tables(Mapping[str, nw.LazyFrame[Any]]):
    """The tables of an edition by name, each opened when it is first asked for."""

    def __init__(self, lake: Lake, edition: Edition, name: str | None = None) -> None:
        self._lake, self._edition, self._read = lake, edition, reader(name)
        self._open: dict[str, nw.LazyFrame[Any]] = {}

    def __getitem__(self, table: str) -> nw.LazyFrame[Any]:
        if table not in self._edition.tables:
            raise KeyError(table)
        if table not in self._open:
            read = Lake.scan if table == PERSONAL else self._read
            self._open[table] = _whole(table, read(self._lake, self._edition, table))
        return self._open[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._edition.tables)

    def __len__(self) -> int:
        return len(self._edition.tables)


def reader(name: str | None = None) -> Read:
    """Return what reads a table of the lake on an engine, by default that of the environment.

    Raises NoEngine for a name that is none, or one that lacks a package.
    """
    named = name or os.environ.get(ENGINE) or "polars"
    if named == "polars":
        return Lake.scan
    kind = "duckdb" if "://" in named else named
    if kind not in _ROOMS:
        raise NoEngine(
            f"{ENGINE}={named} is no engine; there are: polars, {', '.join(_ROOMS)}, or the "
            "address of a warehouse such as duckdb:///data/receipts.duckdb"
        )
    room, package = _ROOMS[kind]
    if importlib.util.find_spec(package) is None:
        raise NoEngine(
            f"{ENGINE}={named} needs the package {package}, which is not installed; "
            f'`pip install "workbench[{room}]"` brings it'
        )
    read: Read = importlib.import_module(f"{__name__}.{room}").reader(named)
    return read


def _whole(name: str, native: Any) -> nw.LazyFrame[Any]:
    """Return a table with every column of its contract, as `Lake.scan` has it on Polars."""
    table: nw.LazyFrame[Any] = nw.from_native(native)
    if name not in CONTRACTS or isinstance(native, pl.LazyFrame):
        return table
    wanted = nw.from_native(pl.LazyFrame(schema=CONTRACTS[name].schema)).collect_schema()
    missing = wanted.keys() - set(table.collect_schema().names())
    later = [nw.lit(None, wanted[column]).alias(column) for column in sorted(missing)]
    return table.with_columns(*later) if later else table
