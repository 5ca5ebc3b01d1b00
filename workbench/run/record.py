"""The record of a run, run.json: what was asked, on which data, what came out, how it ended."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from workbench import paths
from workbench.files import write_whole

FILE = "run.json"
DONE, RUNNING, DIED = "done", "running", "died"


@dataclass(frozen=True)
class Record:
    """One run; `status` is done, failed, timed out, died or running.

    `passport` says what the run rests on: the sentence, the colour of the data's passport, how
    many checks are amber and red, and the red ones accepted by name. `memory` is the megabytes
    its kernel held at the most. `last_good` is the record of the report that is still in the
    folder when this run left none.
    """

    notebook: str
    title: str
    status: str
    started: str
    parameters: Mapping[str, object]
    source: Mapping[str, str]
    package_version: str
    git_commit: str | None = None
    error: str | None = None
    period: str | None = None
    data_version: str | None = None
    retailer: str | None = None
    currency: str | None = None
    last_day: str | None = None
    synthetic: list[str] = field(default_factory=list)
    passport: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    memory: float | None = None
    pid: int | None = None
    pid_started: float | None = None
    last_good: Mapping[str, Any] | None = None

    @property
    def accepted(self) -> list[str]:
        """Return the red checks that the run accepted by name."""
        return list(self.passport.get("accepted", []))

    @property
    def good(self) -> bool:
        """Return whether the run wrote a whole report."""
        return self.status == DONE

    def to_json(self) -> str:
        """Return the record as readable text in a stable order."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read(out: Path) -> Record | None:
    """Return the record in a report's folder, or None where there is none.

    A run that says it is running although its process is gone has died.
    """
    try:
        given = json.loads((out / FILE).read_text(encoding="utf-8"))
        known = {name.name: given[name.name] for name in fields(Record) if name.name in given}
        record = Record(**known)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError) as error:
        raise ValueError(f"{out / FILE} is not the record of a run: {error}") from error
    if record.status == RUNNING and not _alive(record):
        return replace(record, status=DIED, error="the run's process ended before the run did")
    return record


def folders(top: Path) -> Iterator[Path]:
    """Yield the folders of a folder, itself among them, that hold a record.

    Those of runs under way begin with a dot and are passed over, as is what vanishes meanwhile.
    """
    for place, below, files in os.walk(top):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if FILE in files:
            yield Path(place)


def write(out: Path, record: Record) -> None:
    """Write a record into a folder, whole or not at all."""
    write_whole(out / FILE, record.to_json())


def last_good(out: Path) -> Mapping[str, Any] | None:
    """Return the record of the whole report in a folder, or None."""
    record = read(out)
    if record is None or not (out / "report.html").exists():
        return None
    return asdict(record) if record.good else record.last_good


def process() -> dict[str, Any]:
    """Return what tells this process from any later one with its number."""
    return {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}


def source(notebook: Path) -> dict[str, str]:
    """Return the SHA-256 of a notebook's file, of everything that renders it, and of segments.

    Segments are the saved rules and the own lists, any of which a notebook may be asked for.
    """
    package = Path(__file__).resolve().parents[1]
    return {
        "notebook": hashlib.sha256(notebook.read_bytes()).hexdigest(),
        "package": _digest([*package.rglob("*.py"), *_templates()]),
        "segments": _digest([*_files(paths.packs()), *_files(paths.home())]),
    }


def git_commit() -> str | None:
    """Return the project's commit, marked -dirty with uncommitted changes, or None."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(
            command, cwd=paths.project(), capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / "segments").glob("*") if path.is_file()]


def _templates() -> list[Path]:
    return [path for path in paths.templates().rglob("*") if path.is_file()]


def _alive(record: Record) -> bool:
    try:
        begun = psutil.Process(record.pid).create_time()
    except (psutil.Error, ValueError):
        return False
    return bool(abs(begun - (record.pid_started or 0)) < 2)
