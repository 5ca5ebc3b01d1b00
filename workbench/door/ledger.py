"""The ledger: which files were taken in, known by their content and by how they were read.

A file that comes again changes nothing. A table whose reading changes in the mapping is loaded
anew; that needs the files that fed it, or a word that they may go.
"""

from collections.abc import Collection, Sequence

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.door.delivery import Delivered, Landed
from workbench.door.mapping import Mapping, MappingError

SCHEMA = CONTRACTS["files"].schema


def changed(known: pl.DataFrame, mapping: Mapping) -> set[str]:
    """Return the tables that were read in another way before; `known` is the ledger."""
    read = known.select("table", "meaning").unique()
    return {
        table
        for table, meaning in read.iter_rows()
        if table in mapping.tables and mapping.tables[table].meaning != meaning
    }


def refuse_lost(known: pl.DataFrame, anew: Collection[str], files: Sequence[Delivered]) -> None:
    """Refuse to load a table anew without the files it was loaded from."""
    here = {(file.table, file.sha256) for file in files}
    for row in known.filter(pl.col("table").is_in(list(anew))).iter_rows(named=True):
        if (row["table"], row["sha256"]) not in here:
            raise MappingError(
                f"the mapping reads {row['table']} in another way than before, and {row['file']} "
                "of an earlier load is not among these files; deliver it again too, or let what "
                "it brought go with --replace"
            )


def unknown(known: pl.DataFrame, files: Sequence[Delivered]) -> list[Delivered]:
    """Return the files that were not taken in yet, each content once per table."""
    seen = set(known.select("table", "sha256").iter_rows())
    new = {(file.table, file.sha256): file for file in reversed(files)}
    return [
        file
        for file in files
        if (file.table, file.sha256) not in seen and new[file.table, file.sha256] is file
    ]


def entry(landed: Landed, mapping: Mapping, edition: int) -> dict[str, object]:
    """Return the ledger's row of a file that was taken in."""
    kept, wrong = landed.sales_kept, landed.sales_quarantined
    return {
        "table": landed.file.table,
        "file": landed.file.name,
        "sha256": landed.file.sha256,
        "meaning": mapping.tables[landed.file.table].meaning,
        "notes": "; ".join(landed.notes),
        "edition": edition,
        "rows": landed.delivered,
        "kept": landed.kept,
        "quarantined": landed.quarantine.height,
        "sales": None if kept is None or wrong is None else kept + wrong,
        "sales_kept": kept,
        "sales_quarantined": wrong,
    }
