"""Verifying: a past run made again on its data, and its result tables compared with the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.run import WrongUsage, catalogue, record, report
from workbench.run.record import Record


@dataclass(frozen=True)
class Verified:
    """What verifying a run found.

    `tables` says for each result table whether it came out the same; `changed` what else is not
    as it was at the time; `error` why the run could not be made again, if so.
    """

    record: Record
    tables: Mapping[str, bool]
    changed: tuple[str, ...]
    error: str | None = None

    @property
    def good(self) -> bool:
        """Return whether every table came out the same."""
        return self.error is None and all(self.tables.values())


def runs(folder: Path) -> list[Path]:
    """Return the folders of runs in a folder: itself, or those of a pack."""
    found = [folder] if (folder / record.FILE).exists() else [*record.folders(folder)]
    if not found:
        raise WrongUsage(f"{folder} holds no run; give the folder of a report or of a pack")
    return found


def verify(folder: Path) -> Verified:
    """Make the run of a report's folder again, elsewhere, and compare the hash of every table."""
    was = record.read(folder)
    if was is None or not was.good:
        raise WrongUsage(f"{folder} holds no finished run, so there is nothing to compare with")
    changed = tuple(_changed(was))
    with TemporaryDirectory(prefix="workbench-") as place:
        again = report.run(
            was.notebook,
            was.parameters,
            out=Path(place) / "again",
            data_version=was.data_version,
            accept=was.accepted,
            export=lambda *_, **__: "",
        )
    if not again.good:
        return Verified(was, dict.fromkeys(was.tables, False), changed, again.error)
    marks = [{name: facts["sha256"] for name, facts in run.tables.items()} for run in (was, again)]
    names = sorted(marks[0] | marks[1])
    return Verified(was, {n: marks[0].get(n) == marks[1].get(n) for n in names}, changed)


def _changed(was: Record) -> list[str]:
    now = record.source(catalogue.find(was.notebook).path)
    return [f"the {name}" for name, mark in was.source.items() if now.get(name) != mark]
