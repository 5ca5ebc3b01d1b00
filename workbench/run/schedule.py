"""The schedule: packs that are due are made and delivered, each local date once.

A date is claimed in the journal before its pack is made, under a lock that ends with the
process, so that two schedulers never make it twice. After an outage the newest missed date is
made and the older ones are recorded as skipped. A claim whose process died is taken up once
more; a run that died while it delivered is not, since nobody knows who has it already.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from workbench.run import history
from workbench.run.due import When

if TYPE_CHECKING:
    from workbench.run.pack_file import Pack

TRIES = 2


@dataclass(frozen=True)
class Ended:
    """How a run ended: whether all is good, the version of the data, a sentence, what was made."""

    good: bool
    data_version: str | None
    said: str
    made: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Work:
    """How a due pack is made, delivered and told of; an error ends that pack alone.

    `make(name, folder, before)` makes the reports in a folder and compares them with those in
    `before`, the run before it; `send(made, due)` delivers what was made and returns what it
    could not, in sentences; `tell(name, due, ended)` gives notice to the owner.
    """

    make: Callable[[str, Path, Path | None], Ended]
    send: Callable[[Any, dt.date], list[str]]
    tell: Callable[[str, dt.date, Ended], None]


@dataclass(frozen=True)
class Schedule:
    """The schedule of one home; `clock` is asked for the moment and nothing else is."""

    home: Path
    clock: Callable[[], dt.datetime]
    work: Work

    def run_due(self, packs: "Iterable[Pack]") -> dict[str, Ended]:
        """Make and deliver every pack that is due now; return how each ended, by name."""
        ended = {pack.name: self._turn(pack.name, pack.when) for pack in packs if pack.when}
        return {name: end for name, end in ended.items() if end}

    def _turn(self, pack: str, when: When) -> Ended | None:
        lock = self.home / "state" / f"schedule-{pack}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(lock, timeout=0):
                due = self._claim(pack, when)
                return self._carry_out(pack, due) if due else None
        except Timeout:
            return None  # another scheduler is at it

    def _claim(self, pack: str, when: When) -> dt.date | None:
        """Return the date to make the pack for now, claimed, or None."""
        rows = history.runs(self.home, pack).head(1).rows(named=True)
        if not rows:
            said = "seen for the first time; made from the next date on"
            self._write(pack, when.latest(self.clock()), state=history.NOTED, said=said)
            return None
        newest = dt.date.fromisoformat(rows[0]["due"])
        dates = when.between(newest, self.clock())
        if rows[0]["state"] in history.UNDER_WAY:
            dates = self._again(pack, newest, rows[0], newer=bool(dates)) or dates
        for missed in dates[:-1]:
            said = f"missed; {dates[-1]} was made instead"
            self._write(pack, missed, state=history.SKIPPED, said=said)
        again = rows[0]["tries"] if dates == [newest] else 0
        return self._claimed(pack, dates[-1], again + 1) if dates else None

    def _again(self, pack: str, due: dt.date, row: dict[str, Any], *, newer: bool) -> list[dt.date]:
        """Return the date that a dead process left, if it is to be made once more."""
        if not newer and row["state"] == history.CLAIMED and row["tries"] < TRIES:
            return [due]
        said = "the process died before the reports were made"
        if row["state"] == history.DELIVERING:
            said = "the process died while it delivered; see who has it, and send it by hand"
        self._end(pack, due, Ended(good=False, data_version=row["data_version"], said=said))
        return []

    def _claimed(self, pack: str, due: dt.date, tries: int) -> dt.date:
        place = str(folder(self.home, pack, due))
        started = _utc(self.clock())
        state = history.CLAIMED
        self._write(pack, due, state=state, tries=tries, started=started, folder=place)
        return due

    def _carry_out(self, pack: str, due: dt.date) -> Ended:
        place = folder(self.home, pack, due)
        try:
            made = self.work.make(pack, place, history.before(self.home, pack, due))
            self._write(pack, due, state=history.DELIVERING, data_version=made.data_version)
            faults = self.work.send(made.made, due)
            good = made.good and not faults
            ended = Ended(good, made.data_version, ". ".join([made.said, *faults]))
        except Exception as error:  # noqa: BLE001 - one pack must not stop the others
            ended = Ended(good=False, data_version=None, said=" ".join(str(error).split()))
        return self._end(pack, due, ended)

    def _end(self, pack: str, due: dt.date, ended: Ended) -> Ended:
        try:
            self.work.tell(pack, due, ended)
        except Exception as error:  # noqa: BLE001 - the run is over, and is recorded whatever happens
            ended = Ended(
                good=False, data_version=ended.data_version, said=f"{ended.said}. {error}"
            )
        state = history.DONE if ended.good else history.FAILED
        self._write(pack, due, state=state, finished=_utc(self.clock()), said=ended.said)
        return ended

    def _write(self, pack: str, due: dt.date, **values: object) -> None:
        history.write(self.home, pack, due, values)


def folder(home: Path, pack: str, due: dt.date) -> Path:
    """Return the folder of the reports of a pack for a date, where the apps' server shows it."""
    return home / "packs" / f"{pack}-{due}"


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
