"""A notebook alive in a kernel: it runs once, then only what a changed parameter touches.

Cells are what people see, statements are what runs: a change to what a cell's last line reads
does not compute again what the lines above it made.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workbench.run import capture
from workbench.run.capture import Bundle
from workbench.run.reactive import Statement, stale, statements

# Long enough for a moved slider to be heard between two statements, and a shown cell to be sent.
BREATH = 0.002
# A statement quicker than this needs no breath after it.
QUICK = 0.02


class State(StrEnum):
    """What became of a cell or a statement."""

    WAITING = "waiting"
    SHOWN = "shown"
    EMPTY = "empty"
    FAILED = "failed"
    BLOCKED = "blocked"


BROKEN = (State.FAILED, State.BLOCKED)


@dataclass(frozen=True)
class Step:
    """One cell after its run: position in the notebook, what became of it, what it shows."""

    position: int
    state: State
    outputs: list[Bundle]
    message: str = ""


@dataclass
class Line:
    """One statement of a cell, and what became of it when it last ran."""

    cell: int
    code: Statement
    state: State = State.WAITING
    outputs: list[Bundle] = field(default_factory=list)
    message: str = ""
    left: dict[str, object] = field(default_factory=dict)


class Live:
    """Runs the cells of a notebook in a shell, in order, and again as values change.

    `sources` maps the position of each code cell to its code, `parameters` is the position of
    the parameters cell (or -1), whose names take `values`.
    """

    def __init__(
        self, shell: Any, sources: Mapping[int, str], parameters: int, values: Mapping[str, object]
    ) -> None:
        self.shell = shell
        self.parameters = parameters
        self.values = dict(values)
        self.lines = [Line(cell, s) for cell, code in sources.items() for s in statements(code)]
        self.waiting = set(range(len(self.lines)))

    @property
    def progress(self) -> tuple[int, int]:
        """Return how many cells have run, of how many."""
        of = len({line.cell for line in self.lines})
        return of - len(self._cells(self.waiting)), of

    def change(self, values: Mapping[str, object]) -> list[int]:
        """Take new values of parameters; return the cells that will run again for them."""
        changed = {name for name, value in values.items() if self.values[name] != value}
        self.values.update(values)
        for line in self.lines:
            if line.cell == self.parameters and line.state is not State.WAITING:
                line.left = self._asked(line.left)
        first = self._below()
        touched = [first + n for n in stale([line.code for line in self.lines[first:]], changed)]
        self.waiting.update(touched)
        return sorted(self._cells(touched))

    def again(self) -> list[int]:
        """Let everything below the parameters run again; return its cells.

        What was done in between may have changed whatever the code reads from disk, which the
        code alone does not tell.
        """
        everything = range(self._below(), len(self.lines))
        self.waiting.update(everything)
        return sorted(self._cells(everything))

    def _below(self) -> int:
        """Return the number of the first statement below the parameters."""
        return sum(line.cell <= self.parameters for line in self.lines)

    async def steps(self) -> AsyncIterator[Step]:
        """Run what waits, the first in the notebook first; yield each cell when it is done.

        Changes made meanwhile join in: what they touch runs with the newest values.
        """
        while self.waiting:
            number = min(self.waiting)
            self.waiting.discard(number)
            began = time.perf_counter()
            await self._run(number)
            cell = self.lines[number].cell
            done = cell not in self._cells(self.waiting)
            if done:
                yield self._step(cell)
            if (done and self.lines[number].outputs) or time.perf_counter() - began > QUICK:
                await asyncio.sleep(BREATH)
        self._restore(len(self.lines))

    async def _run(self, number: int) -> None:
        self._restore(number)
        line = self.lines[number]
        line.outputs, line.left, line.message = [], {}, ""
        if line.code.reads & self._broken(number) or self._cell_failed(number):
            line.state = State.BLOCKED
            return
        shown = await capture.run(self.shell, line.code.source, value=line.code.last)
        if shown.error:
            line.state, line.message = State.FAILED, capture.message(shown.error)
            return
        line.state = State.SHOWN if shown.outputs else State.EMPTY
        line.outputs, line.left = shown.outputs, self._made(line)

    def _step(self, cell: int) -> Step:
        lines = [line for line in self.lines if line.cell == cell]
        states = {line.state for line in lines}
        order = (State.FAILED, State.BLOCKED, State.SHOWN, State.EMPTY)
        state = next(state for state in order if state in states)
        outputs = [output for line in lines for output in line.outputs]
        message = next((line.message for line in lines if line.message), "")
        return Step(cell, state, [] if state in BROKEN else outputs, message)

    def _made(self, line: Line) -> dict[str, object]:
        namespace = self.shell.user_ns
        made = {name: namespace[name] for name in line.code.writes if name in namespace}
        return self._asked(made) if line.cell == self.parameters else made

    def _asked(self, made: Mapping[str, object]) -> dict[str, object]:
        """Return what the parameters cell made with the values asked for in place."""
        return {name: self.values.get(name, value) for name, value in made.items()}

    def _restore(self, number: int) -> None:
        """Give every name the value it has before a statement runs."""
        for line in self.lines:
            for name in line.code.writes:
                self.shell.user_ns.pop(name, None)
        for line in self.lines[:number]:
            self.shell.user_ns.update(line.left)

    def _broken(self, number: int) -> set[str]:
        """Return the names that a failed statement before this one should have written."""
        names: set[str] = set()
        for line in self.lines[:number]:
            if line.state in BROKEN:
                names |= line.code.writes
            else:
                names -= line.code.writes
        return names

    def _cell_failed(self, number: int) -> bool:
        cell = self.lines[number].cell
        before = (line for line in self.lines[:number] if line.cell == cell)
        return any(line.state in BROKEN for line in before)

    def _cells(self, numbers: Iterable[int]) -> set[int]:
        return {self.lines[number].cell for number in numbers}
