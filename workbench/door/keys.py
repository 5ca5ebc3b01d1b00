"""Surrogate keys: each id of the source gets a small integer once, and keeps it.

Ids are text and never read as numbers, so 0012 is not 12. A dimension holds every id that any
table of the delivery mentions, so that an unknown product or customer stays visible.
"""

import polars as pl

from workbench.data.contract import Kind, surrogate
from workbench.data.contracts import CONTRACTS, DIMENSIONS
from workbench.door.delivery import Delivery


def dimension(delivery: Delivery, name: str, known: pl.DataFrame | None) -> pl.DataFrame:
    """Return a dimension, one row per id, with surrogates; `known` ids keep theirs."""
    table = DIMENSIONS[name]
    mentions = [
        delivery.scan(source).select(name).drop_nulls().unique().cast(pl.String)
        for source in mentioning(delivery, name)
    ]
    ids = pl.concat(pl.collect_all(mentions))
    frame = numbered(ids.unique(), [name], f"{name}_id", known)
    if table in delivery.mapping.tables:
        details = delivery.scan(table).collect().unique(name, keep="first", maintain_order=True)
    elif known is not None:
        details = known.drop(f"{name}_id")
    else:
        schema = {k: v for k, v in CONTRACTS[table].schema.items() if k != f"{name}_id"}
        details = pl.DataFrame(schema=schema)
    return frame.join(details, on=name, how="left", validate="1:1").sort(f"{name}_id")


def numbered(
    rows: pl.DataFrame, key: list[str], number: str, known: pl.DataFrame | None
) -> pl.DataFrame:
    """Return unique rows with a running number that starts after the known ones' numbers."""
    if known is None:
        known = rows.clear().with_columns(pl.lit(0, dtype=pl.Int32).alias(number))
    old = known.select(*key, number).with_columns(pl.col(number).cast(pl.Int32))
    new = rows.join(old, on=key, how="anti", nulls_equal=True).sort(key, nulls_last=True)
    start = old[number].max() or 0
    new = new.select(*key, (pl.int_range(1, pl.len() + 1, dtype=pl.Int32) + start).alias(number))
    dtype = surrogate(number.removesuffix("_id"))
    return pl.concat([old, new]).with_columns(pl.col(number).cast(dtype))


def resolve(frame: pl.LazyFrame, table: str, dimensions: dict[str, pl.DataFrame]) -> pl.LazyFrame:
    """Return a delivered frame with the keys of a table replaced by surrogates.

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


def mentioning(delivery: Delivery, name: str) -> list[str]:
    """Return the delivered tables that speak of customers, products, stores or campaigns."""
    return [
        table
        for table in delivery.mapping.tables
        if any(
            column.name == name and column.kind in (Kind.ID, Kind.KEY)
            for column in CONTRACTS[table].columns
        )
    ]
