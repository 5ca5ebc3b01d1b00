"""Large tables in parts: split once by month, then one month in memory at a time."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

FILE = "(file)"
OLD = -1


@contextmanager
def by_month(frame: pl.LazyFrame, near: Path) -> Iterator[dict[int, pl.LazyFrame]]:
    """Give the rows of each month (a column, such as 201707) as a lazy frame, in order.

    The parts lie in a temporary folder inside `near`, which is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=near) as folder:
        target = pl.PartitionBy(folder, key="month", include_key=True)
        frame.sink_parquet(target, mkdir=True)
        found = sorted(Path(folder).glob("month=*"))
        yield {
            int(part.name.removeprefix("month=")): pl.scan_parquet(part / "*.parquet")
            for part in found
        }


def numbered(rows: pl.LazyFrame, file: int) -> pl.LazyFrame:
    """Return rows with the number of the file they come from; a later file has a higher one."""
    return rows.with_columns(pl.lit(file, dtype=pl.Int32).alias(FILE))


def month_of(day: str) -> pl.Expr:
    """Return the month of a day as a number such as 201707."""
    return (pl.col(day).dt.year() * 100 + pl.col(day).dt.month()).cast(pl.Int32).alias("month")


def runs_of(rows: pl.LazyFrame, key: str, most: int) -> list[pl.Expr]:
    """Return filters that cut rows into runs of whole values of a key, of about `most` rows each.

    The key, such as day or customer_id, is nowhere null.
    """
    counts = rows.group_by(key).len().collect(engine="streaming").sort(key)
    run = (pl.col("len").cum_sum() - 1) // most
    runs = counts.group_by(run.alias("run")).agg(first=pl.col(key).min(), last=pl.col(key).max())
    edges = runs.sort("run").select("first", "last").rows()
    return [pl.col(key).is_between(first, last) for first, last in edges]


def one_of_each(frame: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Return one row per key, sorted by it: the latest file's, and of several in it the last in
    order of the other columns, a no coming after a yes.

    >>> files = pl.DataFrame({"k": [1, 1, 2], "code": ["A", "0", "B"], FILE: [0, 0, 0]})
    >>> one_of_each(files, ("k",)).select("k", "code").rows()
    [(1, 'A'), (2, 'B')]
    """
    order = [*key, FILE, *(name for name in frame.columns if name not in (*key, FILE))]
    ordered = frame.sort(order, descending=[frame.schema[name] == pl.Boolean for name in order])
    follows = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(-1)) for name in key)
    last = pl.int_range(pl.len()) == pl.len() - 1
    return ordered.filter(last | ~follows)
