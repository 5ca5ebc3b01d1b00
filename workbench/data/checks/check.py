"""What a check of the data passport is, and what was found by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from workbench.data.period import AS_WRITTEN, written

GREEN, AMBER, RED = "green", "amber", "red"
RED_FROM = 100
NEVER = 9.0
MOST_EXAMPLES = 5
WRITTEN = pl.col("day").dt.to_string(AS_WRITTEN)


@dataclass(frozen=True)
class Check:
    """One thing to look at: the tables it concerns, amber above and red from these shares.

    NEVER as a share for red means that it can only be noted. A count out of fewer than RED_FROM
    is too few to condemn anything: amber at most.
    """

    name: str
    tables: str
    amber: float
    red: float
    meaning: str
    treatment: str

    def status(self, count: int, out_of: int) -> str:
        """Return the colour of a count."""
        share = count / out_of if out_of else 0.0
        if share >= self.red and out_of >= RED_FROM:
            return RED
        return AMBER if share > self.amber else GREEN


@dataclass(frozen=True)
class Found:
    """What a check counted, out of how many; `tables` where they follow from the data."""

    count: int
    out_of: int
    examples: str = ""
    tables: str | None = None


Checked = dict[str, Found]


def some(values: Iterable[object]) -> str:
    """Return a few examples as text.

    >>> some(range(7))
    '0, 1, 2, 3, 4 ...'
    """
    given = [written(one) if isinstance(one, date) else str(one) for one in values]
    more = " ..." if len(given) > MOST_EXAMPLES else ""
    return ", ".join(given[:MOST_EXAMPLES]) + more
