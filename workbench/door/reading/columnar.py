"""Parquet files: their own columns and types, with the row as the line."""

from pathlib import Path

import polars as pl

from workbench.door.reading.raw import LINE, Raw, first_line, refused, rejects


def read_parquet(path: Path, name: Path) -> Raw:
    """Return a Parquet file as it is, or refuse it whole when any page of it cannot be read."""
    try:
        frame = pl.scan_parquet(path, glob=False, row_index_name=LINE, row_index_offset=1)
        whole = frame.select(pl.len().alias(LINE), pl.exclude(LINE).null_count())
        rows = int(whole.collect(engine="streaming").item(0, LINE))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise refused(
            name, f"it is not a whole Parquet file ({first_line(error)}); deliver it again"
        ) from None
    return Raw(frame.with_columns(pl.col(LINE).cast(pl.Int64)), rows, rejects(), ())
