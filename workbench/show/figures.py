"""One row of figures as tiles, each formatted by its type and name."""

import polars as pl

from workbench.show import columns
from workbench.show.fragment import Fragment
from workbench.show.tiles import Tile, tiles


def figures(row: pl.DataFrame) -> Fragment:
    """Return a one-row frame as tiles, one per column; raise ValueError for more rows."""
    if row.height != 1:
        raise ValueError(f"figures shows one row, and this frame has {row.height}; use table")
    return tiles(
        *(
            Tile(columns.heading(name), columns.figure(name, dtype)(row[name][0]))
            for name, dtype in row.schema.items()
        )
    )
