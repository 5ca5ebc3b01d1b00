"""Retention: how many runs of a pack keep their files, as the pack's file says.

    keep: 12 runs                          # or: keep: 6 months

After a good run of the schedule the files of older runs are removed; what became of them stays
in the history. The newest good run keeps its files whatever the file says, and so does every
run that somebody held: `workbench schedule --hold weekly-2026-03-02`.
"""

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.journal import Table
from workbench.run import WrongUsage, history

HELD = Table("held", {"pack": "TEXT NOT NULL", "due": "TEXT NOT NULL"}, ("pack", "due"))
REMOVED = "files removed"


@dataclass(frozen=True)
class Keep:
    """The newest runs that keep their files: so many, or those of so many months."""

    number: int
    months: bool

    @classmethod
    def parse(cls, given: object) -> "Keep":
        """Return what `keep` says; raise WrongUsage saying what is allowed."""
        said = re.fullmatch(r"([1-9]\d{0,3}) (run|month)s?", str(given))
        if not said:
            raise WrongUsage(f"keep: {given!r}; allowed: such as 12 runs, or 6 months")
        return cls(int(said[1]), said[2] == "month")

    def old(self, dues: list[dt.date], today: dt.date) -> list[dt.date]:
        """Return the dates, of those given with the newest first, that are not kept.

        >>> days = [dt.date(2026, 3, 31), dt.date(2026, 2, 28), dt.date(2026, 2, 27)]
        >>> [str(day) for day in Keep.parse("1 month").old(days, dt.date(2026, 3, 31))]
        ['2026-02-27']
        """
        if not self.months:
            return dues[self.number :]
        year, month = divmod(today.year * 12 + today.month - 1 - self.number, 12)
        last = (dt.date(year, month + 1, 28) + dt.timedelta(4)).replace(day=1) - dt.timedelta(1)
        return [due for due in dues if due < last.replace(day=min(today.day, last.day))]


def tidy(home: Path, pack: str, keep: Keep, today: dt.date) -> int:
    """Remove the files of a pack's runs that are too old, and return of how many.

    Raises OSError for files that cannot be removed; their run is tried again after the next.
    """
    found = [row for row in history.runs(home, pack).rows(named=True) if _there(row["folder"])]
    good = [row["due"] for row in found if row["state"] == history.DONE][:1]
    kept = {*good, *HELD.read(home, "pack = ?", [pack])["due"]}
    rows = {dt.date.fromisoformat(row["due"]): row for row in found if row["due"] not in kept}
    old = keep.old([dt.date.fromisoformat(row["due"]) for row in found], today)
    gone = [due for due in old if due in rows]
    for due in gone:
        shutil.rmtree(rows[due]["folder"])
        said = ". ".join(filter(None, [rows[due]["said"], f"{REMOVED} on {today}"]))
        history.write(home, pack, due, {"folder": None, "said": said})
    return len(gone)


def hold(home: Path, name: str) -> None:
    """Let a run, named by its folder, keep its files; raise WrongUsage where there is none."""
    pack, due = name[:-11], name[-10:]
    runs = history.runs(home, pack).filter(due=due)
    if runs.is_empty() or not _there(runs["folder"].item()):
        raise WrongUsage(f"no run {name!r} has files; name its folder, such as weekly-2026-03-02")
    with HELD.writing(home) as journal:
        HELD.put(journal, {"pack": pack, "due": due})


def _there(folder: str | None) -> bool:
    return folder is not None and Path(folder).is_dir()
