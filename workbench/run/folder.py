"""A report's folder: made aside and swapped in whole, one run at a time.

Beside `<out>` stand `.<name>.new` (a run's work), `.<name>.old` (the report it replaces, for
the moment of the swap) and `.<name>.lock`. A swap cut short is finished or undone by the next
reader: whichever report is whole stays.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.run import WrongUsage, record

FILES = ("notebook.ipynb", "failed.ipynb", "tables", record.FILE)


class Busy(RuntimeError):  # noqa: N818 - reads as the fact it states
    """Another run is writing into the folder."""


@contextmanager
def claimed(out: Path, wait: float) -> Iterator[Path]:
    """Hold a report's folder for one run and give the empty folder to work in.

    Raises WrongUsage for a folder that holds anything else than a report, and Busy when
    another run still holds it after `wait` seconds.
    """
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_beside(out, "lock"))
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        raise Busy(
            f"another run is writing into {out}; wait for it to end or choose another --out"
        ) from None
    try:
        settle(out)
        yield _emptied(_beside(out, "new"))
    finally:
        shutil.rmtree(_beside(out, "new"), ignore_errors=True)
        lock.release()


def swap(out: Path) -> None:
    """Put the finished work of a run in the place of the report."""
    old = _beside(out, "old")
    if out.exists():
        out.rename(old)
    _beside(out, "new").rename(out)
    shutil.rmtree(old, ignore_errors=True)


def settle(out: Path) -> None:
    """Undo or finish a swap that was cut short."""
    old = _beside(out, "old")
    if old.exists() and not out.exists():
        old.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise WrongUsage(f"{out} is a file; --out names the folder of one report")
    foreign = [path.name for path in out.glob("*") if not _ours(path.name)]
    if foreign:
        raise WrongUsage(
            f"{out} holds {', '.join(sorted(foreign)[:3])}, which no report wrote; a report "
            "replaces its whole folder, so give --out a new or empty one"
        )


def _ours(name: str) -> bool:
    return name in FILES or name.lstrip(".").startswith(("report.", record.FILE, "failed.ipynb"))


def _emptied(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


def _beside(out: Path, kind: str) -> Path:
    return out.parent / f".{out.name}.{kind}"
