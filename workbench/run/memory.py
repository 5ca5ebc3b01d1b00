"""How much memory a run's kernel takes, and its end when that is too much."""

from contextlib import suppress
from threading import Event, Thread
from typing import Self

import psutil  # type: ignore[import-untyped]

OFTEN = 0.1  # seconds between two looks
MEGABYTE = 1 << 20


class Guard:
    """Watches a process while a block runs, and kills it when it takes more than its limit.

    `peak` is the most megabytes of the machine's memory it was seen to hold, what it shares
    with the process it was forked from included; without a limit it is only watched.
    """

    def __init__(self, pid: int, limit: float | None) -> None:
        self.pid, self.limit = pid, limit
        self.peak = 0.0
        self._done = Event()
        self._watch = Thread(target=self._look, daemon=True)

    @property
    def over(self) -> bool:
        """Return whether the process took more than its limit."""
        return self.limit is not None and self.peak > self.limit

    def _look(self) -> None:
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            while not self.over:
                self.peak = max(self.peak, process.memory_info().rss / MEGABYTE)
                if self._done.wait(OFTEN):
                    return
            process.kill()

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()
