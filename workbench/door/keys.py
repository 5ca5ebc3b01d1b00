"""Surrogate keys: each id of the source gets a small integer once, and keeps it.

Ids are text and never read as numbers, so 0012 is not 12. A dimension holds every id that any
table of the delivery mentions, so that an unknown product or customer stays visible.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from workbench.data.contract import Kind, surrogate
from workbench.data.contracts import CONTRACTS, DIMENSIONS

Tables = Mapping[str, Sequence[pl.LazyFrame]]


def dimension(tables: Tables, name: str, known: pl.DataFrame, *, anew: bool) -> pl.DataFrame:
    """Return a dimension, one row per id, with surrogates; `known` ids keep theirs.

    `tables` are landed rows, file by file: of several descriptions of an id the latest file's
    stands, and in it the first. `known` descriptions stand for ids that are not described now,
    unless the table is loaded `anew`.
    """
    table = DIMENSIONS[name]
    number = f"{name}_id"
    mentions = [
        frame.select(pl.col(name).cast(pl.String)).drop_nulls().unique()
        for source in mentioning(tables, name)
        for frame in tables[source]
    ]
    ids = (
        pl.concat(pl.collect_all(mentions, engine="streaming"))
        if mentions
        else known.select(name).clear()
    )
    frame = numbered(ids.unique(), [name], number, known)
    columns = _described(table)
    details = [
        frame.select(columns).unique(name, keep="first", maintain_order=True).collect()
        for frame in reversed(tables.get(table, []))
    ]
    details.append(known.select(columns).clear() if anew else known.select(columns))
    described = pl.concat(details).unique(name, keep="first", maintain_order=True)
    return frame.join(described, on=name, how="left", validate="1:1").sort(number)


def described_again(frames: Sequence[pl.LazyFrame], name: str) -> int:
    """Return how many rows of a dimension describe an id that a row before them does too."""
    ids = pl.concat([frame.select(name) for frame in frames])
    return int(ids.select(pl.len() - pl.col(name).n_unique()).collect().item())


def _described(table: str) -> list[str]:
    schema = CONTRACTS[table].schema
    ids = {f"{name}_id" for name in DIMENSIONS} | set(CONTRACTS[table].derived)
    return [column for column in schema if column not in ids]


def numbered(rows: pl.DataFrame, key: list[str], number: str, known: pl.DataFrame) -> pl.DataFrame:
    """Return unique rows with a running number that starts after the known ones' numbers."""
    old = known.select(*key, pl.col(number).cast(pl.Int32))
    new = rows.join(old, on=key, how="anti", nulls_equal=True).sort(key, nulls_last=True)
    start = old[number].max() or 0
    new = new.select(*key, (pl.int_range(1, pl.len() + 1, dtype=pl.Int32) + start).alias(number))
    dtype = surrogate(number.removesuffix("_id"))
    return pl.concat([old, new]).with_columns(pl.col(number).cast(dtype))


def resolve(
    frame: pl.LazyFrame, table: str, dimensions: Mapping[str, pl.DataFrame]
) -> pl.LazyFrame:
    """Return landed rows with the keys of a table replaced by surrogates.

    Keys that come as numbers are joined as numbers, which is several times as fast as text.
    """
    schema = frame.collect_schema()
    for column in CONTRACTS[table].columns:
        if column.kind is Kind.KEY:
            name, number = column.name, f"{column.name}_id"
            ids = dimensions[DIMENSIONS[name]].lazy().select(name, number)
            typed = pl.col(name).cast(schema[name], strict=False)
            same = typed.cast(pl.String) == pl.col(name)
            frame = frame.join(ids.filter(same).with_columns(typed), on=name, how="left").drop(name)
    return frame


def mentioning(tables: Tables, name: str) -> list[str]:
    """Return the tables that speak of customers, products, stores or campaigns."""
    return [
        table
        for table in tables
        if any(
            column.name == name and column.kind in (Kind.ID, Kind.KEY)
            for column in CONTRACTS[table].columns
        )
    ]
