"""The schedule: each date once, the newest missed caught up, no run twice, and all recorded."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from workbench.run import history
from workbench.run.due import When
from workbench.run.schedule import Ended, Schedule, Work

DAILY = When.parse({"at": "06:30", "zone": "America/New_York", "weekdays": "all"})
GOOD = Ended(good=True, data_version="v1", said="2 of 2 reports are done")


class Killed(BaseException):
    """Stands for a process that ends in the middle of its work."""


@dataclass(frozen=True)
class Pack:
    """A pack as far as the schedule knows it."""

    name: str
    when: When | None = DAILY


@dataclass
class Desk:
    """A schedule at a moment that tests set, and what it was seen to do."""

    home: Path
    now: str = ""
    made: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    make: Callable[[], Ended] = lambda: GOOD
    send: Callable[[], list[str]] = list

    def run(self, now: str, *packs: Pack) -> dict[str, Ended]:
        """Run what is due at a moment in UTC."""
        self.now = now
        work = Work(self._make, self._send, self._tell)
        return Schedule(self.home, self._clock, work).run_due(packs or [Pack("daily")])

    def _clock(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.now).replace(tzinfo=dt.UTC)

    def _make(self, name: str, folder: Path, before: Path | None) -> Ended:
        assert folder.parent == self.home / "packs"
        self.made.append(folder.name)
        self.before.append(before.name if before else "")
        folder.mkdir(parents=True, exist_ok=True)
        return replace(self.make(), made=name)

    def _send(self, made: str, due: dt.date) -> list[str]:
        self.sent.append(f"{made}-{due}")
        return self.send()

    def _tell(self, name: str, due: dt.date, ended: Ended) -> None:
        self.told.append(f"{name} {due} {'good' if ended.good else 'bad'}")

    def states(self, pack: str = "daily") -> list[tuple[str, str]]:
        """Return what became of each date, the oldest first."""
        rows = history.runs(self.home, pack).sort("due").select(pl.col("due").str.tail(2), "state")
        return rows.rows()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A schedule that saw the daily pack on 2 March 2026, before it was due."""
    made = Desk(tmp_path)
    assert made.run("2026-03-02T11:00") == {}
    return made


def test_a_pack_runs_from_the_next_date_on(desk: Desk) -> None:
    """What was due before the schedule first saw a pack is noted, not made."""
    assert desk.states() == [("01", "noted")]
    assert desk.made == []
    assert desk.run("2026-03-02T11:30") == {"daily": GOOD}
    assert desk.states() == [("01", "noted"), ("02", "done")]
    assert (desk.made, desk.sent) == (["daily-2026-03-02"], ["daily-2026-03-02"])
    assert desk.told == ["daily 2026-03-02 good"]


def test_a_date_is_made_once(desk: Desk) -> None:
    """Asked again on the same date, there is nothing to do; the next date is compared with it."""
    desk.run("2026-03-02T11:30")
    assert desk.run("2026-03-02T11:45") == {}
    assert desk.run("2026-03-02T23:59") == {}
    desk.run("2026-03-03T11:30")
    assert desk.made == ["daily-2026-03-02", "daily-2026-03-03"]
    assert desk.before == ["", "daily-2026-03-02"]


def test_after_three_days_the_newest_missed_date_is_made_once(desk: Desk) -> None:
    """The older ones are recorded as skipped, for good."""
    desk.run("2026-03-02T11:30")
    desk.run("2026-03-05T20:00")
    desk.run("2026-03-05T20:15")
    assert desk.made == ["daily-2026-03-02", "daily-2026-03-05"]
    assert desk.states()[1:] == [
        ("02", "done"),
        ("03", "skipped"),
        ("04", "skipped"),
        ("05", "done"),
    ]
    said = history.runs(desk.home).filter(due="2026-03-04")["said"].item()
    assert said == "missed; 2026-03-05 was made instead"


@pytest.mark.parametrize(("first", "hours"), [("2026-03-06T12:00", 96), ("2026-10-30T12:00", 96)])
def test_a_week_in_which_the_clock_changes_has_every_date_once(
    tmp_path: Path, first: str, hours: int
) -> None:
    """Run every half hour through both changes, at a time that is skipped or comes twice."""
    desk, rule = Desk(tmp_path), {"zone": "America/New_York", "weekdays": "all"}
    for at in ("01:30", "02:30"):
        begun = dt.datetime.fromisoformat(first)
        pack = Pack(f"at-{at[:2]}", When.parse(rule | {"at": at}))
        for half in range(2 * hours):
            desk.run((begun + half * dt.timedelta(minutes=30)).isoformat(), pack)
        dates = [made for made in desk.made if made.startswith(pack.name)]
        assert len(dates) == 4
        assert dates == sorted(set(dates))


def test_a_month_ends_on_its_last_day(tmp_path: Path) -> None:
    """A pack of the last day is made on 28 February and on 31 March, also when that was missed."""
    last = When.parse({"at": "20:00", "zone": "Europe/Paris", "month": "last"})
    desk, pack = Desk(tmp_path), Pack("monthly", last)
    for now in ("2026-02-10T00:00", "2026-02-28T18:59", "2026-02-28T19:00", "2026-04-03T08:00"):
        desk.run(now, pack)
    assert desk.made == ["monthly-2026-02-28", "monthly-2026-03-31"]
    assert desk.states("monthly") == [("31", "noted"), ("28", "done"), ("31", "done")]


def test_two_schedulers_never_make_a_date_twice(desk: Desk) -> None:
    """Of several that begin at the same moment one does the work, and the others leave it."""
    together = Barrier(4)

    def run(_: int) -> dict[str, Ended]:
        together.wait()
        return desk.run("2026-03-02T11:30")

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(run, range(4)))
    assert desk.made == ["daily-2026-03-02"]
    assert sorted(map(len, ended)) == [0, 0, 0, 1]


def test_a_run_that_died_is_taken_up_once_more(desk: Desk) -> None:
    """The second death is the last: the date has failed, and its owner is told."""
    desk.make = kill
    for _ in range(2):
        with pytest.raises(Killed):
            desk.run("2026-03-02T11:30")
        assert desk.states()[-1] == ("02", "claimed")
    assert desk.run("2026-03-02T11:45") == {}
    assert desk.made == ["daily-2026-03-02"] * 2
    assert desk.states()[-1] == ("02", "failed")
    assert desk.told == ["daily 2026-03-02 bad"]


HANGS = """
import sys, time, datetime as dt
from pathlib import Path
from types import SimpleNamespace
from workbench.run.due import When
from workbench.run.schedule import Schedule, Work

def hang(*_):
    print("at it", flush=True)
    time.sleep(60)

daily = When.parse({"at": "06:30", "zone": "America/New_York", "weekdays": "all"})
now = dt.datetime(2026, 3, 2, 11, 30, tzinfo=dt.UTC)
pack = SimpleNamespace(name="daily", when=daily)
Schedule(Path(sys.argv[1]), lambda: now, Work(hang, hang, hang)).run_due([pack])
"""


def test_a_killed_scheduler_lets_go_of_its_pack(desk: Desk) -> None:
    """While it lives nobody else makes the pack; once it is killed the next one does."""
    command = [sys.executable, "-c", HANGS, str(desk.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "at it\n"
        assert desk.run("2026-03-02T11:45") == {}
        other.kill()
    assert desk.states()[-1] == ("02", "claimed")
    assert desk.run("2026-03-02T11:45") == {"daily": GOOD}
    assert (desk.made, desk.states()[-1]) == (["daily-2026-03-02"], ("02", "done"))


def test_a_run_that_died_days_ago_makes_way_for_the_newest_date(desk: Desk) -> None:
    """Nobody waits for the report of a date that is past."""
    desk.make = kill
    with pytest.raises(Killed):
        desk.run("2026-03-02T11:30")
    desk.make = lambda: GOOD
    desk.run("2026-03-04T12:00")
    assert desk.states()[1:] == [("02", "failed"), ("03", "skipped"), ("04", "done")]


def test_a_run_that_died_while_it_delivered_is_not_sent_again(desk: Desk) -> None:
    """Nobody knows who has it already, so somebody has to look."""
    desk.send = kill
    with pytest.raises(Killed):
        desk.run("2026-03-02T11:30")
    assert desk.states()[-1] == ("02", "delivering")
    desk.run("2026-03-02T11:45")
    assert (desk.sent, desk.states()[-1]) == (["daily-2026-03-02"], ("02", "failed"))
    assert "see who has it" in history.runs(desk.home)["said"][0]


def test_a_pack_that_fails_does_not_stop_the_others(desk: Desk) -> None:
    """It is recorded with its reason and not tried again; what cannot be delivered is a failure."""
    desk.make = fail
    ended = desk.run("2026-03-02T11:30")
    assert ended["daily"] == Ended(good=False, data_version=None, said="no data")
    desk.make, desk.send = lambda: GOOD, lambda: ["the folder is full"]
    ended = desk.run("2026-03-03T12:00", Pack("daily"), Pack("by hand", when=None))
    assert list(ended) == ["daily"]
    assert ended["daily"].said == "2 of 2 reports are done. the folder is full"
    assert [state for _, state in desk.states()[1:]] == ["failed", "failed"]
    assert desk.told == ["daily 2026-03-02 bad", "daily 2026-03-03 bad"]


def test_the_history_is_a_table_with_the_newest_date_first(desk: Desk) -> None:
    """One row per pack and date: what became of it, when, where and on which data."""
    desk.run("2026-03-02T11:30", Pack("daily"), Pack("weekly"))
    row = history.runs(desk.home).row(0, named=True)
    assert row == {
        "pack": "daily",
        "due": "2026-03-02",
        "state": "done",
        "tries": 1,
        "started": "2026-03-02T11:30:00+00:00",
        "finished": "2026-03-02T11:30:00+00:00",
        "folder": str(desk.home / "packs" / "daily-2026-03-02"),
        "data_version": "v1",
        "said": "2 of 2 reports are done",
    }
    assert history.runs(desk.home)["pack"].to_list() == ["daily", "weekly", "daily"]


def kill() -> Ended:
    """End as a killed process does."""
    raise Killed


def fail() -> Ended:
    """Fail as a pack without data does."""
    raise FileNotFoundError("no data")
