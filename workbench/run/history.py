"""What became of every date a pack was due on: the journal's table of runs; and who did what."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from workbench import actions
from workbench.journal import Table
from workbench.run import take

NOTED, CLAIMED, DELIVERING = "noted", "claimed", "delivering"
DONE, FAILED, SKIPPED = "done", "failed", "skipped"
UNDER_WAY = (CLAIMED, DELIVERING)

RUNS = Table(
    "runs",
    {
        "pack": "TEXT NOT NULL",
        "due": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "tries": "INTEGER NOT NULL",
        "started": "TEXT",
        "finished": "TEXT",
        "folder": "TEXT",
        "data_version": "TEXT",
        "said": "TEXT",
    },
    ("pack", "due"),
)


def runs(home: Path, pack: str | None = None) -> pl.DataFrame:
    """Return one row per pack and date it was due on, the newest date first.

    Columns: pack, due (local date), state (noted: before the schedule began; claimed,
    delivering: under way; done, failed; skipped: missed, and a newer date made instead), tries,
    started and finished (UTC), folder, data_version, said (what happened, in words).
    """
    found = RUNS.read(home, "pack = ?", [pack]) if pack else RUNS.read(home)
    return found.sort("due", "pack", descending=[True, False])


def deeds(home: Path) -> list[dict[str, str]]:
    """Return what people did and took with them, the newest first: at, who, role, label, said."""
    taken = [
        {**row, "label": f"Download {row['name']}", "role": "", "place": actions.IN_APP}
        | {"said": f"{row['rows']:,} rows of {row['notebook']}, as {row['form']}"}
        for row in take.TAKEN.read(home).rows(named=True)
    ]
    done = [*actions.deeds(home).rows(named=True), *taken]
    return sorted(done, key=lambda row: str(row["at"]), reverse=True)


def before(home: Path, pack: str, due: dt.date) -> Path | None:
    """Return the folder of the newest run of a pack before a date that is still there, or None."""
    ended = pl.col("state").is_in([DONE, FAILED]) & (pl.col("due") < due.isoformat())
    folders = runs(home, pack).filter(ended)["folder"].drop_nulls()
    return next((Path(folder) for folder in folders if Path(folder).is_dir()), None)


def write(home: Path, pack: str, due: dt.date, values: Mapping[str, object]) -> None:
    """Write what became of a date, in a row of its own."""
    key = {"pack": pack, "due": due.isoformat()}
    with RUNS.writing(home) as journal:
        if RUNS.put(journal, {**key, "state": NOTED, "tries": 0, **values}):
            return
        changed = ", ".join(f"{name} = ?" for name in values)
        journal.execute(
            f"UPDATE runs SET {changed} WHERE pack = ? AND due = ?",  # noqa: S608 - our own names
            [*values.values(), *key.values()],
        )
