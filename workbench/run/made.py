"""The reports there are of a notebook: its last run, and the one of the same parameters."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from workbench import paths
from workbench.run import outputs, record, report
from workbench.run.record import Record

SHELVES = ("reports", "packs")
Made = tuple[Record, Path]


def address(out: Path) -> str:
    """Return where on the server, without its name, the report in a folder is."""
    return quote((out / "report.html").relative_to(paths.home()).as_posix())


def twin(name: str, values: Mapping[str, object], marks: Mapping[str, str]) -> dict[str, str]:
    """Return day and address of a notebook's newest report with these values, if it is the same.

    It is where its tables have the fingerprints `marks`, and where there are any. Nothing is the
    same where the notebook no longer takes these values.
    """
    try:
        place = report.place(name, values).relative_to(paths.home() / SHELVES[0])
    except ValueError:
        return {}
    found = [pair for pair in _records(shelf / place for shelf in _shelves()) if pair[0].good]
    run, out = max(found, key=_started, default=(None, Path()))
    if not run or not marks or marks != {n: table["sha256"] for n, table in run.tables.items()}:
        return {}
    return {"day": outputs.day(run.started), "link": address(out)}


def newest() -> dict[str, Made]:
    """Return the last run of each notebook that has one, with whatever parameters."""
    seen = (out for shelf in _shelves() for out in record.folders(shelf))
    return {run.notebook: (run, out) for run, out in sorted(_records(seen), key=_started)}


def _shelves() -> list[Path]:
    return [paths.home() / SHELVES[0], *(paths.home() / SHELVES[1]).glob("[!.]*")]


def _records(folders: Iterable[Path]) -> Iterator[Made]:
    """Yield the records that can be read, each with its folder."""
    for out in folders:
        try:
            run = record.read(out)
        except ValueError:
            continue
        if run:
            yield run, out


def _started(pair: Made) -> str:
    return pair[0].started
