"""Runs: rows of one key that follow one another, as they lie in the lake, added up as they stream.

Receipts lie in the order of customers and, within a month, of days. To add up each run and to sort
what is left takes less than half of the time of grouping by millions of keys.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


def sums_of_runs(rows: pl.LazyFrame, key: str, *sums: str) -> pl.DataFrame:
    """Return one row per value of a key, a whole number, in its order: the exact sums.

    Whatever the order of the rows is; most of one key should follow one another.
    """
    asked = rows.select(key, pl.col(sums).cast(pl.Int64).fill_null(0))
    batches = asked.collect_batches(maintain_order=False, engine="streaming")
    parts = [_added_up(batch, key) for batch in batches]
    return _added_up(pl.concat([asked.head(0).collect(), *parts]).sort(key), key)


def starts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Return where runs begin: rows with another value than the row before in one of the keys."""
    new = np.zeros(len(keys[0]), dtype=np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)


def _added_up(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return one row per run of a key: the key, and the sums of all other columns."""
    begins = starts(rows[key].to_numpy())
    if not len(begins):
        return rows
    sums = {each.name: np.add.reduceat(each.to_numpy(), begins) for each in rows.drop(key)}
    return pl.DataFrame({key: rows[key].to_numpy()[begins], **sums})
