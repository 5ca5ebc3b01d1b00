"""Line-grain questions are lazy Narwhals frames; `fetch` is the one place that collects.

The same question runs on Polars' streaming engine, DuckDB or any other engine that Narwhals
speaks to. Engines differ in the integers and decimals they sum to and in row order: `fetch`
settles both, so that results are equal to the bit.
"""

from typing import Any

import narwhals as nw
import polars as pl
import polars.selectors as cs

CENTS_PER_UNIT = 100


def total(name: str) -> nw.Expr:
    """Return the exact sum of an integer column; 32 bits on disk would wrap silently."""
    return nw.col(name).cast(nw.Int64).sum()


def fetch(question: nw.LazyFrame[Any], *, by: list[str]) -> pl.DataFrame:
    """Return the answer as a Polars frame, sorted by its key columns `by`."""
    native = question.to_native()
    if isinstance(native, pl.LazyFrame):
        answer = native.collect(engine="streaming")
    else:
        answer = pl.DataFrame(question.collect("polars").to_native())
    return answer.with_columns(
        cs.decimal().cast(pl.Int64), cs.integer().cast(pl.Int64), cs.datetime().cast(pl.Date)
    ).sort(by, nulls_last=True)


def height(question: nw.LazyFrame[Any]) -> int:
    """Return how many rows a question has."""
    return int(fetch(question.select(rows=nw.len()), by=["rows"]).item())


def money(*names: str) -> pl.Expr:
    """Return columns of integer cents as exact amounts with two decimals.

    >>> pl.DataFrame({"sales": [123, None]}).with_columns(money("sales"))["sales"].to_list()
    [Decimal('1.23'), None]
    """
    return (pl.col(*names).cast(pl.Decimal(38, 2)) / CENTS_PER_UNIT).cast(pl.Decimal(38, 2))


def known_sum(*names: str) -> list[pl.Expr]:
    """Return sums that are null where a part of them is unknown.

    >>> pl.DataFrame({"margin": [1, None]}).select(known_sum("margin")).item() is None
    True
    """
    return [
        pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)
        for name in names
    ]
