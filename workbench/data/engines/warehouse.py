"""The lake's tables in a warehouse that Ibis speaks to, or in DuckDB on the lake's own files.

A warehouse holds copies, one table per table of the lake and version of it, so that a copy
never goes stale; `workbench copy` brings those that are missing and drops those that no
edition names any more.
"""

from functools import cache
from typing import Any

import ibis
import polars as pl
from deltalake import DeltaTable

from workbench.data.engines import ENGINE, PERSONAL, NoEngine, Read
from workbench.data.lake import Edition, Lake

MEMORY = "duckdb://"
PREFIX = "workbench_"


def reader(address: str) -> Read:
    """Return what reads a table of the lake into an Ibis table."""
    if address in ("duckdb", MEMORY):
        return _file
    connection = _connect(address)
    there = _tables(connection)

    def read(_: Lake, edition: Edition, table: str) -> Any:
        name = copied(edition, table)
        if name not in there:
            raise NoEngine(
                f"{ENGINE}={address} has no copy of {table} of data {edition.version}; "
                "`workbench copy` brings it"
            )
        return connection.table(name)

    return read


def copied(edition: Edition, table: str) -> str:
    """Return the name in the warehouse of a table as an edition has it."""
    place = "".join(letter if letter.isalnum() else "_" for letter in edition.place)
    return f"{PREFIX}{place}_{table}_{edition.tables[table]}"


def copy(lake: Lake, address: str) -> tuple[list[str], list[str]]:
    """Make the warehouse hold what the editions name; return the tables copied and dropped."""
    connection = _connect(address)
    there = {name for name in _tables(connection) if name.startswith(PREFIX)}
    wanted = {
        copied(edition, table): (edition, table)
        for edition in lake.editions()
        for table in edition.tables
        if table != PERSONAL
    }
    missing, old = sorted(wanted.keys() - there), sorted(there - wanted.keys())
    for name in old:
        connection.raw_sql(f'DROP TABLE "{name}"')
    for name in missing:
        _fill(connection, name, lake.scan(*wanted[name]))
    return missing, old


def _tables(connection: Any) -> set[str]:
    """Return the names of the tables there; Ibis 12's own list fails with DuckDB 2."""
    listed = connection.table("tables", database="information_schema")
    return set(listed.select("table_name").to_pyarrow()["table_name"].to_pylist())


def _fill(connection: Any, name: str, table: pl.LazyFrame) -> None:
    """Write a table month by month under a name of its own, and rename it when it is whole."""
    unfinished = f"{name}_unfinished"
    empty = table.head(0).collect()
    connection.create_table(unfinished, schema=ibis.memtable(empty.to_arrow()).schema())
    months = [None]
    if "month" in empty.columns:
        months = table.select(pl.col("month").unique().sort()).collect()["month"].to_list()
    for month in months:
        part = table if month is None else table.filter(pl.col("month") == month)
        connection.insert(unfinished, part.collect(engine="streaming").to_arrow())
    connection.raw_sql(f'ALTER TABLE "{unfinished}" RENAME TO "{name}"')


def _file(lake: Lake, edition: Edition, name: str) -> Any:
    table = DeltaTable(lake.path(edition.place, name), version=edition.tables[name])
    files = table.file_uris()
    if not files:
        return ibis.memtable(lake.scan(edition, name).collect())
    return _connect(MEMORY).read_parquet(files, hive_partitioning=True, union_by_name=True)


@cache
def _connect(address: str) -> Any:
    return ibis.connect(address)
