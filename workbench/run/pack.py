"""Running a pack: all its reports, several at a time, each of which may fail by itself."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from textwrap import shorten
from threading import Thread

import psutil  # type: ignore[import-untyped]

from workbench import paths
from workbench.run import catalogue, findings, history, index, kernel, params, record, report
from workbench.run.catalogue import Notebook
from workbench.run.changes import Changes, changes
from workbench.run.deliver import write_formats
from workbench.run.execute import Progress
from workbench.run.forks import ADDRESS, ForkServer
from workbench.run.pack_file import Item, Pack, PackError, find, names
from workbench.run.record import Record
from workbench.run.report import Export

__all__ = ["Item", "Pack", "PackError", "PackResult", "Result", "find", "how", "names", "run_pack"]

MOST_NAMED, MOST_SAID = 5, 300
FORKED = 3  # reports from which on a process that has imported everything pays


@dataclass(frozen=True)
class Result:
    """How one report of a pack ended; `record` is None when it could not begin.

    `app` is the address of its app with the same parameters, `faults` says which formats of a
    good report could not be made, `findings` what it says, `changes` what changed since the run
    before.
    """

    item: Item
    summary: str = ""
    app: str = ""
    out: Path | None = None
    record: Record | None = None
    error: str | None = None
    kept: bool = False
    faults: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    changes: Changes = field(default_factory=Changes)

    @property
    def good(self) -> bool:
        """Return whether the report is whole."""
        return self.record is not None and self.record.good

    @property
    def title(self) -> str:
        """Return the title of the report."""
        title = self.record.title if self.record else self.item.notebook
        return f"{title}: {self.item.label}" if self.item.label else title

    @property
    def trouble(self) -> str:
        """Return what went wrong, short enough for a page, or nothing."""
        return shorten(". ".join(filter(None, [self.error, *self.faults])), MOST_SAID)


@dataclass(frozen=True)
class PackResult:
    """What a run of a pack left: one result for each report, and the page of links."""

    pack: Pack
    index: Path
    results: tuple[Result, ...]

    @property
    def good(self) -> bool:
        """Return whether every report is whole, in every format."""
        return all(result.good and not result.faults for result in self.results)

    def __str__(self) -> str:
        done = sum(result.good for result in self.results)
        bad = [f"{result.title}: {result.trouble}" for result in self.results if result.trouble]
        more = [f"and {len(bad) - MOST_NAMED} more"] if len(bad) > MOST_NAMED else []
        return ". ".join(
            [f"{done} of {len(self.results)} reports are done", *bad[:MOST_NAMED], *more]
        )


@dataclass(frozen=True)
class _Task:
    item: Item
    out: Path
    before: Path | None
    data_version: str | None
    fresh: bool
    timeout: float | None
    memory: float | None
    export: Export | None
    accept: tuple[str, ...]
    formats: tuple[str, ...]


def run_pack(
    name: str,
    *,
    out: Path | None = None,
    before: Path | None = None,
    jobs: int | None = None,
    data_version: str | None = None,
    accept: Iterable[str] | None = None,
    fresh: bool = False,
    timeout: float | None = None,
    memory: float | None = None,
    progress: Progress | None = None,
    export: Export | None = None,
) -> PackResult:
    """Make every report of a pack and a page of links, and say how each one ended.

    A report that fails, or that a red check stops which is not in `accept`, is listed and does
    not stop the others. Unless `fresh`, reports that running again would only repeat are kept.
    `jobs` reports are made at a time, each within `timeout` seconds and `memory` megabytes. What
    changed is told against the pack's folder `before`, by default that of its newest scheduled run.
    """
    pack = find(name)
    folder = (out or paths.home() / "packs" / pack.name).resolve()
    before = before or history.before(paths.home(), pack.name, date.max)
    limits = (timeout, memory)
    common = (folder, before, data_version, fresh, *limits, export, kernel.accepted(accept))
    tasks = [_Task(item, *common, pack.delivery.formats) for item in pack.reports()]
    results = _all(tasks, jobs or min(4, os.cpu_count() or 1), progress or _silent)
    page = index.write(folder, pack, results)
    return PackResult(pack, page, results)


def _all(tasks: list[_Task], jobs: int, progress: Progress) -> tuple[Result, ...]:
    results: dict[int, Result] = {}
    begun = time.monotonic()
    progress(0, len(tasks), "starting")
    stale = len(list(islice(filter(_is_stale, tasks), max(jobs, FORKED))))
    with _together() if stale >= FORKED else nullcontext():
        for number, result in _ending(tasks, min(jobs, stale)):
            results[number] = result
            left = (time.monotonic() - begun) / len(results) * (len(tasks) - len(results))
            said = f", about {_spoken(left)} left" if left else ""
            progress(len(results), len(tasks), f"{result.item.notebook} {how(result)}{said}")
    return tuple(results[number] for number in range(len(tasks)))


@contextmanager
def _together() -> Iterator[None]:
    """Let reports share the process their kernels are forked from, and answers to questions."""
    folder = paths.home() / "cache" / f"answers-{os.getpid()}"
    for left in folder.parent.glob("answers-*"):  # by a pack that was killed
        if not psutil.pid_exists(int(left.name.partition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[paths.ANSWERS] = str(folder)
    try:
        with nullcontext() if os.environ.get(ADDRESS) else ForkServer():
            yield
    finally:
        del os.environ[paths.ANSWERS]
        shutil.rmtree(folder, ignore_errors=True)


def _ending(tasks: list[_Task], jobs: int) -> Iterator[tuple[int, Result]]:
    """Yield each task's number and result as it ends."""
    if jobs < 2:
        yield from ((number, _one(task)) for number, task in enumerate(tasks))
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=end_with_parent) as pool:
        waiting = {pool.submit(_one, task): number for number, task in enumerate(tasks)}
        for future in as_completed(waiting):
            number = waiting[future]
            yield number, _result(future, tasks[number])


def end_with_parent() -> None:
    """Let a process that makes reports end when the pack's is killed."""
    Thread(target=_end, daemon=True).start()


def _end() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _result(future: "Future[Result]", task: _Task) -> Result:
    error = future.exception()
    if error is None:
        return future.result()
    return Result(task.item, error=f"the process that made the report ended: {error}")


def _is_stale(task: _Task) -> bool:
    """Return whether a report takes a kernel: it can be made, and is not up to date."""
    try:
        notebook, out = _place(task)
        asked = report.ask(
            notebook.name, task.item.parameters, out, task.data_version, accept=task.accept
        )
    except ValueError:
        return False
    return task.fresh or report.up_to_date(report.begin(asked), out) is None


def _place(task: _Task) -> tuple[Notebook, Path]:
    notebook = catalogue.find(task.item.notebook)
    values = params.parse(notebook.parameters, task.item.parameters)
    return notebook, task.out / report.folder_name(notebook, values)


def _one(task: _Task) -> Result:
    """Make one report; whatever goes wrong is its result."""
    try:
        return _run(task, *_place(task))
    except Exception as error:  # noqa: BLE001 - one report must not stop the others
        return Result(task.item, error=f"{error}")


def _run(task: _Task, notebook: Notebook, out: Path) -> Result:
    before = record.read(out)
    made = report.run(
        notebook.name,
        task.item.parameters,
        out=out,
        fresh=task.fresh,
        data_version=task.data_version,
        accept=task.accept,
        timeout=task.timeout,
        memory=task.memory,
        export=task.export,
    )
    faults = tuple(write_formats(out, made, task.formats)) if made.good else ()
    app = report.app_link(notebook, made.parameters)
    about = (task.item, notebook.summary, app, out, made, made.error)
    told = (made == before, faults, tuple(findings.sentences(out)), _changes(task, out))
    return Result(*about, *told)


def _changes(task: _Task, out: Path) -> Changes:
    if task.before is None or task.before == task.out:
        return Changes()
    return changes(out, task.before / out.relative_to(task.out))


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


def how(result: Result) -> str:
    """Return how a report ended, as words after its name."""
    if result.good:
        return "is up to date" if result.kept else "is done"
    return result.record.status if result.record else "failed"


def _silent(done: int, total: int, what: str) -> None:
    """Say nothing."""
