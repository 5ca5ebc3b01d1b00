"""Packs: the reports that belong together, as a file `reports/<name>.yaml`.

    title: Monday pack
    question: How did last week go?
    for: category managers
    notebooks:
      - data_health
      - notebook: segments/rfm
        parameters: {period: last 26 weeks}

Every value in the file is read as text, so that 007 and 12:30 reach the notebook as written.
A pack is shared, so a notebook that shows a single customer is never in one: such a notebook
says `"workbench": {"private": true}` in its metadata, and a pack that names it is refused.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from difflib import get_close_matches
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.run import WrongUsage, catalogue, kernel, params, record, report
from workbench.run.catalogue import Notebook
from workbench.run.execute import Progress
from workbench.run.forks import ADDRESS, ForkServer
from workbench.run.record import Record
from workbench.run.report import Export

KEYS = {"title", "question", "for", "notebooks"}


class PackError(WrongUsage):
    """A pack that does not exist or whose file cannot be used."""


@dataclass(frozen=True)
class Item:
    """One report of a pack: a notebook's name and the parameters given, as text."""

    notebook: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Pack:
    """What a pack's file says."""

    name: str
    title: str
    question: str
    audience: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Result:
    """How one report of a pack ended; `record` is None when it could not begin."""

    item: Item
    summary: str = ""
    out: Path | None = None
    record: Record | None = None
    error: str | None = None
    kept: bool = False

    @property
    def good(self) -> bool:
        """Return whether the report is whole."""
        return self.record is not None and self.record.good

    @property
    def title(self) -> str:
        """Return the title of the report."""
        return self.record.title if self.record else self.item.notebook


@dataclass(frozen=True)
class PackResult:
    """What a run of a pack left: one result for each report, and the page of links."""

    pack: Pack
    index: Path
    results: tuple[Result, ...]

    @property
    def good(self) -> bool:
        """Return whether every report is whole."""
        return all(result.good for result in self.results)


@dataclass(frozen=True)
class _Task:
    item: Item
    out: Path
    data_version: str | None
    fresh: bool
    timeout: float | None
    export: Export | None
    accept: tuple[str, ...]


def names() -> list[str]:
    """Return the names of all packs, sorted."""
    return sorted(path.stem for path in paths.packs().glob("*.yaml"))


def find(name: str) -> Pack:
    """Return the pack of that name; raise PackError saying what there is or what is wrong."""
    asked = name.removesuffix(".yaml")
    if asked not in names():
        near = get_close_matches(asked, names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise PackError(f"there is no pack {asked[:60]!r}{hint} there are: {', '.join(names())}")
    path = paths.packs() / f"{asked}.yaml"
    pack = _pack(asked, path, _read(path))
    _refuse_private(path, pack)
    return pack


def run_pack(
    name: str,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    data_version: str | None = None,
    accept: Iterable[str] | None = None,
    fresh: bool = False,
    timeout: float | None = None,
    progress: Progress | None = None,
    export: Export | None = None,
) -> PackResult:
    """Make every report of a pack and a page of links, and say how each one ended.

    A report that fails, or that a red check stops which is not in `accept`, is listed and does
    not stop the others. Unless `fresh`, reports that running again would only repeat are kept.
    `jobs` reports are made at a time.
    """
    from workbench.run import index

    pack = find(name)
    folder = (out or paths.home() / "packs" / pack.name).resolve()
    common = (folder, data_version, fresh, timeout, export, kernel.accepted(accept))
    tasks = [_Task(item, *common) for item in pack.items]
    results = _all(tasks, jobs or min(4, os.cpu_count() or 1), progress or _silent)
    page = index.write(folder, pack, results)
    return PackResult(pack, page, results)


def _all(tasks: list[_Task], jobs: int, progress: Progress) -> tuple[Result, ...]:
    results: dict[int, Result] = {}
    progress(0, len(tasks), "starting")
    stale = sum(_is_stale(task) for task in tasks)
    with ForkServer() if stale > 2 and not os.environ.get(ADDRESS) else nullcontext():
        for number, result in _ending(tasks, min(jobs, stale)):
            results[number] = result
            progress(len(results), len(tasks), f"{result.item.notebook} {how(result)}")
    return tuple(results[number] for number in range(len(tasks)))


def _ending(tasks: list[_Task], jobs: int) -> Iterator[tuple[int, Result]]:
    """Yield each task's number and result as it ends."""
    if jobs < 2:
        yield from ((number, _one(task)) for number, task in enumerate(tasks))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_one, task): number for number, task in enumerate(tasks)}
        for future in as_completed(waiting):
            number = waiting[future]
            yield number, _result(future, tasks[number])


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
        export=task.export,
    )
    return Result(task.item, notebook.summary, out, made, made.error, kept=made == before)


def how(result: Result) -> str:
    """Return how a report ended, as words after its name."""
    if result.good:
        return "is up to date" if result.kept else "is done"
    return result.record.status if result.record else "failed"


def _read(path: Path) -> Any:
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but text
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise PackError(f"{path} is not readable YAML: {error}") from error


def _pack(name: str, path: Path, given: Any) -> Pack:
    if not isinstance(given, dict) or not given.get("notebooks"):
        raise PackError(f"{path} is not a pack: it needs a title and a list of notebooks")
    if unknown := sorted(set(given) - KEYS):
        raise PackError(f"{path}: {unknown[0]!r} is unknown; allowed: {', '.join(sorted(KEYS))}")
    items = tuple(_item(path, entry) for entry in given["notebooks"])
    title = str(given.get("title") or name)
    return Pack(name, title, str(given.get("question", "")), str(given.get("for", "")), items)


def _refuse_private(path: Path, pack: Pack) -> None:
    for item in pack.items:
        try:
            notebook = catalogue.find(item.notebook)
            private = notebook.node.metadata.get("workbench", {}).get("private", False)
        except ValueError:
            continue  # the report itself says what is wrong with its notebook
        if private:
            raise PackError(
                f"{path}: {notebook.name} shows a single customer and is never in a shared pack; "
                f"remove it, and make it by itself: workbench run {notebook.name}"
            )


def _item(path: Path, entry: Any) -> Item:
    if isinstance(entry, str):
        return Item(entry, {})
    match entry:
        case {"notebook": str(name), **rest} if set(rest) <= {"parameters"}:
            given = rest.get("parameters") or {}
            if isinstance(given, dict):
                return Item(name, given)
    raise PackError(
        f"{path}: {entry!r} is neither a notebook's name nor `notebook:` with `parameters:`"
    )


def _silent(done: int, total: int, what: str) -> None:
    """Say nothing."""
