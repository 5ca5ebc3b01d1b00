"""Answers kept in memory: a question that was asked of the same data version is not asked again.

A question is known by its whole plan: which files of which version, which days, which columns,
which small frames joined to it. What an app asks again after a move of a slider comes from here.
Opening another edition forgets everything.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

MOST_BYTES = 128 * 1024 * 1024
LARGEST = 2


class Answers:
    """The answers used last, at most so many bytes of them; one above half is not kept."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most = most
        self._kept: OrderedDict[str, pl.DataFrame] = OrderedDict()
        self._bytes = 0
        self._edition = ""
        self.asleep = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Ask every question anew: for data of a moment, which is long to write down."""
        self.asleep = True
        try:
            yield
        finally:
            self.asleep = False

    def get(self, question: str) -> pl.DataFrame | None:
        """Return the answer to a question, or None where it is not kept."""
        if question not in self._kept:
            return None
        self._kept.move_to_end(question)
        return self._kept[question].clone()

    def keep(self, question: str, answer: pl.DataFrame) -> None:
        """Keep an answer, and drop those that were not used for longest."""
        size = int(answer.estimated_size())
        if not question or size * LARGEST > self.most:
            return
        self._kept[question] = answer.clone()
        self._bytes += size
        while self._bytes > self.most:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= int(dropped.estimated_size())

    def of(self, edition: str) -> None:
        """Forget all answers where they are of another edition."""
        if edition != self._edition:
            self._edition = edition
            self.forget()

    def forget(self) -> None:
        """Forget all answers."""
        self._kept.clear()
        self._bytes = 0


def name_of(question: pl.LazyFrame, by: list[str]) -> str:
    """Return what tells a question and the order of its answer from any other.

    Nothing for a question that cannot be written down.
    """
    try:
        plan = question.serialize()
    except pl.exceptions.ComputeError:
        return ""
    return hashlib.sha256(plan + repr(by).encode()).hexdigest()


ANSWERS = Answers()
"""The answers of this process."""
