"""Retention: old runs lose their files, but not the newest good one, nor one that is held."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from workbench.run import WrongUsage, history, keep
from workbench.run.keep import Keep

TODAY = dt.date(2026, 3, 31)


def ran(home: Path, *runs: str) -> None:
    """Let a pack have run, each `day state`, with files."""
    for run in runs:
        day, state = run.split()
        due = dt.date.fromisoformat(f"2026-{day}")
        place = home / "packs" / f"weekly-{due}"
        place.mkdir(parents=True)
        (place / "index.html").write_text("page", encoding="utf-8")
        history.write(home, "weekly", due, {"state": state, "folder": str(place), "said": "Made"})


def left(home: Path) -> list[str]:
    """Return the days that still have files."""
    return sorted(path.name[-5:] for path in (home / "packs").iterdir())


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("1 run", ["03-02", "03-16", "03-30"]),
        ("2 runs", ["03-02", "03-16", "03-23", "03-30"]),
        ("1 month", ["03-02", "03-09", "03-16", "03-23", "03-30"]),
        ("9 months", ["02-16", "02-23", "03-02", "03-09", "03-16", "03-23", "03-30"]),
    ],
)
def test_old_runs_lose_their_files(tmp_path: Path, said: str, kept: list[str]) -> None:
    """The newest stay, and beside them the newest good one (16 March) and one held (2 March)."""
    ran(tmp_path, "02-16 done", "02-23 done", "03-02 done", "03-09 failed", "03-16 done")
    ran(tmp_path, "03-23 failed", "03-30 failed")
    keep.hold(tmp_path, "weekly-2026-03-02")
    gone = keep.tidy(tmp_path, "weekly", Keep.parse(said), TODAY)
    assert left(tmp_path) == kept
    assert gone == 7 - len(kept)
    assert keep.tidy(tmp_path, "weekly", Keep.parse(said), TODAY) == 0


def test_a_run_without_files_stays_in_the_history(tmp_path: Path) -> None:
    """Its state and what was said stay, with the day its files went; other packs are left alone."""
    ran(tmp_path, "03-16 done", "03-23 done")
    assert keep.tidy(tmp_path, "monthly", Keep.parse("1 run"), TODAY) == 0
    keep.tidy(tmp_path, "weekly", Keep.parse("1 run"), TODAY)
    rows = history.runs(tmp_path, "weekly").select("state", "said", pl.col("folder").is_null())
    assert rows.rows() == [
        ("done", "Made", False),
        ("done", "Made. files removed on 2026-03-31", True),
    ]
    with pytest.raises(WrongUsage, match="no run 'weekly-2026-03-16' has files; name its folder"):
        keep.hold(tmp_path, "weekly-2026-03-16")


@pytest.mark.parametrize("said", ["0 runs", "all", "6 weeks", "-1 run", ["1 run"], None])
def test_what_cannot_be_kept_is_said(said: object) -> None:
    """Nothing is removed by a rule that cannot be read."""
    with pytest.raises(WrongUsage, match="allowed: such as 12 runs, or 6 months"):
        Keep.parse(said)
