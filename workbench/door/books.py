"""The books of a load: ledger, quarantine, restated days and findings."""

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.door import ledger
from workbench.door.erase import memory
from workbench.door.load import Load


def keep(load: Load, known: pl.DataFrame, restated: pl.DataFrame) -> None:
    """Write the ledger, the quarantine and the restated days, each with its history; findings."""
    draft, number = load.draft, pl.lit(load.number, dtype=pl.Int32)
    landed = [one for all_ in load.landed.values() for one in all_]
    rows = [ledger.entry(one, load.mapping, load.number) for one in landed]
    draft.replace("files", pl.concat([known, pl.DataFrame(rows, schema=known.schema)]))
    wrong = [draft.read("quarantine").filter(~pl.col("table").is_in(list(load.anew)))]
    wrong += [
        one.quarantine.with_columns(
            memory.unnamed(load.home, load.mapping.retailer, one.quarantine["value"]),
            table=pl.lit(one.file.table),
            file=pl.lit(one.file.name),
            edition=number,
        ).select(wrong[0].columns)
        for one in landed
    ]
    draft.replace("quarantine", pl.concat(wrong))
    days = draft.read("restated")
    new = restated.with_columns(edition=number).select(days.columns)
    draft.replace("restated", pl.concat([days, new]))

    draft.replace("findings", _findings(load))


def _findings(load: Load) -> pl.DataFrame:
    """Return the findings about the newest load of each table."""
    schema = CONTRACTS["findings"].schema
    columns = ["table", "finding", "rows", "of_rows", "examples"]
    new = pl.DataFrame(load.findings, schema=columns, orient="row").select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )
    kept = load.draft.read("findings").filter(~pl.col("table").is_in(list(load.landed)))
    return pl.concat([kept.join(new, on=["table", "finding"], how="anti"), new])
