"""The books of a load: ledger, quarantine, restated days, findings, and the passport."""

import dataclasses

import narwhals as nw
import polars as pl

from workbench.data import passport
from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition
from workbench.data.shop import Shop
from workbench.door import ledger
from workbench.door.erase import memory
from workbench.door.load import Load


def keep(load: Load, known: pl.DataFrame, restated: pl.DataFrame) -> None:
    """Write the ledger, the quarantine and the restated days, each with its history."""
    draft, number = load.draft, pl.lit(load.number, dtype=pl.Int32)
    landed = [one for all_ in load.landed.values() for one in all_]
    rows = [ledger.entry(one, load.mapping, load.number) for one in landed]
    draft.replace("files", pl.concat([known, pl.DataFrame(rows, schema=known.schema)]))
    wrong = [draft.read("quarantine").filter(~pl.col("table").is_in(list(load.anew)))]
    wrong += [
        one.quarantine.with_columns(
            memory.unnamed(load.home, load.mapping.retailer, one.quarantine["value"]),
            table=pl.lit(one.file.table),
            file=pl.lit(one.file.path.name),
            edition=number,
        ).select(wrong[0].columns)
        for one in landed
    ]
    draft.replace("quarantine", pl.concat(wrong))
    days = draft.read("restated")
    new = restated.with_columns(edition=number).select(days.columns)
    draft.replace("restated", pl.concat([days, new]))


def _outside(load: Load, edition: Edition) -> None:
    """Note the stored rows before the first and after the last complete day."""
    days = load.draft.scan("lines").group_by("day").len().collect(engine="streaming").sort("day")
    rows = int(days["len"].sum())
    for finding, apart in (
        ("rows before the first day", pl.col("day") < edition.first_day),
        ("rows after the last complete day", pl.col("day") > edition.last_day),
    ):
        found = days.filter(apart)
        examples = ", ".join(map(str, found["day"].head(5)))
        load.found("lines", finding, int(found["len"].sum()), rows, examples)


def examine(load: Load, edition: Edition) -> Edition:
    """Examine what the draft holds; write findings and passport and return the edition with it."""
    load.progress("examining the data")
    draft = load.draft
    _outside(load, edition)
    schema = CONTRACTS["findings"].schema
    columns = ["table", "finding", "rows", "of_rows", "examples"]
    new = pl.DataFrame(load.findings, schema=columns, orient="row").select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )
    kept = draft.read("findings").filter(~pl.col("table").is_in(list(load.landed)))
    findings = pl.concat([kept.join(new, on=["table", "finding"], how="anti"), new])
    draft.replace("findings", findings)
    tables = {table: nw.from_native(draft.scan(table)) for table in draft.tables}
    checks = passport.examine(Shop(edition, tables), findings)
    draft.replace(
        "passport",
        checks.select(pl.col(n).cast(dtype) for n, dtype in CONTRACTS["passport"].schema.items()),
    )
    return dataclasses.replace(
        edition,
        tables=dict(draft.tables),
        passport=passport.reds(checks),
        colour=passport.colour(checks),
    )
