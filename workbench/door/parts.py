"""Large tables in parts: split once by month or week, then one part in memory at a time."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl


def split(frame: pl.LazyFrame, by: str, near: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows of each value of the column `by`, in its order; none as one empty part.

    The parts pass through a temporary folder inside `near`, which is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="parts-", dir=near) as folder:
        target = pl.PartitionBy(folder, key=by, include_key=True)
        frame.sink_parquet(target, mkdir=True)
        found = sorted(Path(folder).glob(f"{by}=*"))
        for part in found:
            yield pl.read_parquet(part / "*.parquet")
        if not found:
            yield pl.DataFrame(schema=frame.collect_schema())


def one_of_each(frame: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Return one row per key, sorted by it: of several the last in order of the other columns.

    >>> one_of_each(pl.DataFrame({"k": [1, 1, 2], "code": ["A", "0", "B"]}), ("k",)).rows()
    [(1, 'A'), (2, 'B')]
    """
    others = [name for name in frame.columns if name not in key]
    ordered = frame.sort(*key, *others)
    follows = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(-1)) for name in key)
    last = pl.int_range(pl.len()) == pl.len() - 1
    return ordered.filter(last | ~follows)
