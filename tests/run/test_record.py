"""The record of a run tells the truth, whoever reads it and whenever."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.run import record
from workbench.run.record import Record

RUN = Record(
    notebook="segments/rfm",
    title="Segments",
    status="done",
    started="2026-01-05T06:00:00+00:00",
    parameters={"segment": "Très bons", "bands": 5},
    source={"notebook": "a", "package": "b"},
    package_version="0.1.0",
)


def test_a_record_reads_back_as_written(tmp_path: Path) -> None:
    """What is written is what is read, as sorted readable JSON with nothing left beside it."""
    record.write(tmp_path, RUN)
    assert record.read(tmp_path) == RUN
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert "Très bons" in text
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_no_record_is_none(tmp_path: Path) -> None:
    """A folder without a run has no record."""
    assert record.read(tmp_path / "nowhere") is None


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    """A file that is no record is an error that names it."""
    (tmp_path / "run.json").write_text('{"notebook": "rfm"}')
    with pytest.raises(ValueError, match=r"run\.json is not the record of a run"):
        record.read(tmp_path)


def test_a_running_process_is_running(tmp_path: Path) -> None:
    """While its process lives, a run that says so is running."""
    record.write(tmp_path, replace(RUN, status="running", **record.process()))
    found = record.read(tmp_path)
    assert found is not None
    assert found.status == "running"


@pytest.mark.parametrize("reused", [True, False])
def test_a_process_that_is_gone_has_died(tmp_path: Path, *, reused: bool) -> None:
    """A run whose process ended, even when a later one has its number, has died."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    pid, begun = (os.getpid(), 1.0) if reused else (ended.pid, record.process()["pid_started"])
    record.write(tmp_path, replace(RUN, status="running", pid=pid, pid_started=begun))
    found = record.read(tmp_path)
    assert found is not None
    assert (found.status, found.error) == ("died", "the run's process ended before the run did")


def test_the_last_good_run_is_that_of_the_report_there(tmp_path: Path) -> None:
    """The last good record is this one, or the one it names, if its report is there."""
    record.write(tmp_path, RUN)
    assert record.last_good(tmp_path) is None
    (tmp_path / "report.html").touch()
    good = record.last_good(tmp_path)
    assert good is not None
    assert good["started"] == RUN.started
    record.write(tmp_path, replace(RUN, status="failed", last_good=good))
    assert record.last_good(tmp_path) == good


def test_a_source_changes_with_the_notebook(tmp_path: Path) -> None:
    """The same notebook and package have the same source, an edited one another."""
    path = tmp_path / "rfm.ipynb"
    path.write_text("one")
    before = record.source(path)
    assert record.source(path) == before
    path.write_text("two")
    assert record.source(path)["notebook"] != before["notebook"]
    assert record.source(path)["package"] == before["package"]


@pytest.mark.parametrize("file", ["reports/segments/leaving.yaml", "home/segments/tiers.csv"])
def test_a_source_changes_with_a_rule_and_with_a_list(project: Path, file: str) -> None:
    """A new, an edited and a removed saved segment or own list each make another source."""
    notebook, written = project / "rfm.ipynb", project / file
    notebook.write_text("one")
    written.parent.mkdir(parents=True)
    without = record.source(notebook)
    written.write_text("one")
    first = record.source(notebook)
    written.write_text("two")
    second = record.source(notebook)
    assert len({source["segments"] for source in (without, first, second)}) == 3
    assert first["package"] == second["package"] == without["package"]
    written.unlink()
    assert record.source(notebook) == without
