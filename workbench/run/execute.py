"""Executing a notebook with Papermill: what came out, and the truth about how it ended.

Papermill's own marks say "completed" after a time limit and after a dead kernel, so the ending
is read from what was raised.
"""

import builtins
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.run import kernel
from workbench.run.memory import Guard

Progress = Callable[[int, int, str], None]
START_LIMIT = 60.0
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^File (.+?\.py):\d+", re.MULTILINE)
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    """How an execution ended: the notebook with its outputs, status, error, seconds by part.

    `memory` is the megabytes its kernel held at the most.
    """

    node: Any
    status: str
    error: str | None
    seconds: dict[str, float]
    memory: float = 0.0


@dataclass(frozen=True)
class Job:
    """What to execute: a node, its parameters and environment, seconds and megabytes allowed."""

    node: Any
    parameters: Mapping[str, object]
    environment: dict[str, str]
    timeout: float
    memory: float | None = None


def execute(job: Job, progress: Progress, ready: Callable[[], object]) -> Outcome:
    """Execute a notebook in a kernel of its own, which is gone when this returns.

    `ready` is called once, when the kernel is ready and this process has time.
    """
    begun = time.monotonic()
    with (
        kernel.started(job.environment) as manager,
        Guard(kernel.pid(manager), job.memory) as guard,
    ):
        import papermill  # while the kernel starts

        logging.getLogger("papermill").addHandler(logging.NullHandler())
        watch = _Watch(job, begun, progress, ready)
        status, error = "done", None
        try:
            node = papermill.execute_notebook(
                job.node,
                None,
                parameters=dict(job.parameters),
                kernel_name=kernel.NAME,
                language="python",
                progress_bar=False,
                start_timeout=min(job.timeout, START_LIMIT),
                km=manager,
                **watch.options(),
            )
        except Exception as raised:  # noqa: BLE001 - every way to end is a status
            node = watch.node or job.node
            status, error = _ending(raised, watch) if not guard.over else _greedy(watch)
    return Outcome(node, status, error, watch.seconds(), round(guard.peak, 1))


class _Watch:
    """Follows one execution: its node, its progress, and how much of its time is left."""

    def __init__(
        self, job: Job, begun: float, progress: Progress, ready: Callable[[], object]
    ) -> None:
        self.job, self.begun, self.progress, self.ready = job, begun, progress, ready
        self.node: Any = None
        self.where = "start"
        self.cells: list[tuple[float, bool]] = []

    def options(self) -> dict[str, Any]:
        return {
            "on_notebook_start": self.start,
            "on_cell_start": self.cell,
            "timeout_func": self.left,
            "iopub_timeout": START_LIMIT,
        }

    def start(self, notebook: Any) -> None:
        self.node = notebook
        self.ready()

    def cell(self, cell: Any, cell_index: int) -> None:
        if cell.cell_type == "markdown":
            self.where = cell.source.splitlines()[0].lstrip("# ") if cell.source else self.where
        self.cells.append((time.monotonic(), cell.cell_type == "code"))
        self.progress(cell_index + 1, len(self.node.cells), self.where)

    def left(self, cell: Any) -> float:  # noqa: ARG002 - nbclient asks for each cell
        return max(0.01, self.begun + self.job.timeout - time.monotonic())

    def seconds(self) -> dict[str, float]:
        """Return seconds until the first cell, in the first code cell, and in the others."""
        ended = time.monotonic()
        first = next((n for n, (_, code) in enumerate(self.cells) if code), None)
        marks = [at for at, _ in self.cells] + [ended]
        start = marks[0] - self.begun
        imports = 0.0 if first is None else marks[first + 1] - marks[first]
        compute = ended - self.begun - start - imports
        parts = {"kernel_start": start, "imports": imports, "compute": compute}
        return {name: round(value, 3) for name, value in parts.items()}


def _ending(raised: Exception, watch: _Watch) -> tuple[str, str]:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(raised, PapermillExecutionError):
        return "failed", readable(raised.ename, raised.evalue, raised.traceback, watch.where)
    if isinstance(raised, CellTimeoutError) or "respond in" in str(raised):
        limit = f"{watch.job.timeout:g} seconds"
        return "timed out", (
            f"the notebook was still running {_at(watch)} after its limit of {limit} and was "
            "stopped; a longer limit is given with --timeout"
        )
    if isinstance(raised, DeadKernelError) or "Kernel died" in str(raised):
        return "died", (
            f"the kernel died {_at(watch)}; most often the machine ran out of memory: try a "
            "shorter period"
        )
    if type(raised).__name__ == "NotebookValidationError":
        return "failed", (
            f"the notebook shows something {_at(watch)} that no notebook can hold, such as a chart "
            "after alt.renderers.enable('mimetype'): leave that out, charts are drawn without it"
        )
    return "failed", f"{type(raised).__name__}: {raised}"


def _greedy(watch: _Watch) -> tuple[str, str]:
    return "died", (
        f"the kernel was ended {_at(watch)} because it took more memory than its limit of "
        f"{watch.job.memory:g} MB; try a shorter period, or give more with --memory"
    )


def _at(watch: _Watch) -> str:
    return "while it started" if watch.node is None else f"at {watch.where!r}"


def readable(name: str, message: str, traceback: list[str], where: str) -> str:
    """Return an error in a notebook as one paragraph.

    What our own package says about a value or a missing file is meant for people and stands
    by itself; anything else names its kind and the part of the notebook it happened in.
    """
    text = " ".join(_ANSI.sub("", message).split())[:2000]
    if _meant_for_people(name) and _raised_by_us(traceback):
        return text
    return f"{name} at {where!r}: {text}; the full traceback is in failed.ipynb"


def _meant_for_people(name: str) -> bool:
    known = getattr(builtins, name, None)
    return known is None or issubclass(known, ValueError | OSError)


def _raised_by_us(traceback: list[str]) -> bool:
    frames = _FRAME.findall(_ANSI.sub("", "\n".join(traceback)))
    return bool(frames) and Path(frames[-1]).expanduser().resolve().is_relative_to(_PACKAGE)
