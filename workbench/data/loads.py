"""The tables that tell of the loads: which files, what was kept, refused and restated.

The door makes them; every edition holds their whole history.
"""

import polars as pl

from workbench.data.contract import Column, Contract, Kind

_EDITION = {"edition": (pl.Int32(), "number of the edition that the load made")}

LOADS = (
    Contract(
        "files",
        "one row per file and table taken in: the ledger",
        ("table", "sha256", "meaning"),
        (
            Column("table", Kind.TEXT, "the table it was read into"),
            Column("file", Kind.TEXT, "its name"),
            Column("sha256", Kind.TEXT, "its content"),
            Column("meaning", Kind.TEXT, "how the mapping read it"),
            Column("notes", Kind.TEXT, "what was found out about it"),
        ),
        {
            **_EDITION,
            "rows": (pl.Int64(), "rows delivered"),
            "kept": (pl.Int64(), "rows kept"),
            "quarantined": (pl.Int64(), "rows in quarantine"),
            "sales": (pl.Int64(), "cents delivered, as far as readable; null where it has none"),
            "sales_kept": (pl.Int64(), "cents of the rows kept"),
            "sales_quarantined": (pl.Int64(), "cents of the rows in quarantine"),
        },
        made=True,
    ),
    Contract(
        "quarantine",
        "one row per row that could not be read",
        ("table", "file", "line", "edition"),
        (
            Column("table", Kind.TEXT, "the table it was meant for"),
            Column("file", Kind.TEXT, "the file's name"),
            Column("column", Kind.TEXT, "the source's column; empty where the whole line is odd"),
            Column("value", Kind.TEXT, "what stands there; left out where it is personal"),
            Column("reason", Kind.TEXT, "why it could not be read"),
        ),
        {
            **_EDITION,
            "line": (pl.Int64(), "line of the file, the header being line 1"),
            "sales": (pl.Int64(), "cents of the row; null where they cannot be read"),
        },
        made=True,
    ),
    Contract(
        "restated",
        "one row per load and day whose stored receipts it changed",
        ("edition", "day"),
        (Column("day", Kind.DAY, "the business day"),),
        {
            **_EDITION,
            "lines_before": (pl.Int64(), "receipt lines before the load"),
            "lines_after": (pl.Int64(), "receipt lines after it"),
            "sales_before": (pl.Int64(), "cents before the load"),
            "sales_after": (pl.Int64(), "cents after it"),
        },
        made=True,
    ),
    Contract(
        "findings",
        "one row per finding about the newest load of each table",
        ("table", "finding"),
        (
            Column("table", Kind.TEXT, "in which delivered table"),
            Column("finding", Kind.TEXT, "what was found"),
            Column("examples", Kind.TEXT, "some of it, in words"),
        ),
        {
            "rows": (pl.Int64(), "how many rows"),
            "of_rows": (pl.Int64(), "of how many delivered"),
        },
        made=True,
    ),
    Contract(
        "passport",
        "one row per check of the data as this edition has it",
        ("check",),
        (
            Column("check", Kind.TEXT, "what was looked at"),
            Column("status", Kind.TEXT, "red, amber or green"),
            Column("tables", Kind.TEXT, "the tables it concerns, with commas between"),
            Column("examples", Kind.TEXT, "some of it; nothing personal"),
            Column("meaning", Kind.TEXT, "what it means for the analyses"),
            Column("treatment", Kind.TEXT, "what the workbench does about it"),
        ),
        {
            "count": (pl.Int64(), "how many"),
            "out_of": (pl.Int64(), "of how many"),
        },
        made=True,
    ),
)
