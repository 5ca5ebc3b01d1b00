"""Progress for people: a bar on a terminal, plain lines in a log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from workbench.run.execute import Progress


@contextmanager
def shown(what: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """Give a progress function that shows `what` on standard error, or on `stream`."""
    target = stream or sys.stderr
    if not target.isatty():
        yield _Lines(what, target)
        return
    from tqdm import tqdm

    layout = "{desc} {bar:24} {n_fmt}/{total_fmt} [{elapsed}]"
    with tqdm(total=1, desc=what, file=target, bar_format=layout, leave=False) as bar:
        yield _Bar(what, bar)


class _Bar:
    def __init__(self, what: str, bar: Any) -> None:
        self.what, self.bar = what, bar

    def __call__(self, done: int, total: int, where: str) -> None:
        self.bar.total, self.bar.n = total, done
        self.bar.set_description_str(f"{self.what}: {where[:40]}")
        self.bar.refresh()


class _Lines:
    def __init__(self, what: str, stream: TextIO) -> None:
        self.what, self.stream, self.last = what, stream, ""

    def __call__(self, done: int, total: int, where: str) -> None:
        if where != self.last:
            print(f"{self.what}: {done} of {total}, {where}", file=self.stream, flush=True)
        self.last = where
