"""What the passport of a data version comes to, and the stop where a red check was not accepted.

A red check is accepted by its name, for one run or one server: with `--accept` or in the
environment variable WORKBENCH_ACCEPT, several with commas between.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.data.checks.named import NAMED

ACCEPT = "WORKBENCH_ACCEPT"


class UnknownCheck(ValueError):  # noqa: N818 - reads as the fact it states
    """A name that is no check; the text says which there are."""


class RedPassport(ValueError):  # noqa: N818 - reads as the fact it states
    """A table that a red check concerns; the text says which, what it found and the way out."""


@dataclass(frozen=True)
class Verdict:
    """The colour of a data version's passport, how many checks are amber and red, those accepted.

    The colour is empty where the data was loaded before there were passports.

    >>> print(Verdict("v3", "red", amber=2, red=1, accepted=("unknown products",)))
    data v3, passport red (2 amber, 1 red), accepted: unknown products
    """

    version: str
    colour: str = ""
    amber: int = 0
    red: int = 0
    accepted: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the words that stand on every page that rests on the data."""
        if not self.colour:
            return f"data {self.version}, without a passport"
        counted = (
            f"data {self.version}, passport {self.colour} ({self.amber} amber, {self.red} red)"
        )
        return f"{counted}, accepted: {', '.join(self.accepted)}" if self.accepted else counted


def accepted(names: Iterable[str] | None = None) -> frozenset[str]:
    """Return the checks accepted by name, by default those of the environment.

    Raises UnknownCheck for a name that is no check.
    """
    given = os.environ.get(ACCEPT, "").split(",") if names is None else names
    asked = {name.strip() for name in given} - {""}
    if strange := sorted(asked - NAMED.keys()):
        known = ", ".join(NAMED)
        raise UnknownCheck(f"no check is called {strange[0][:60]!r}; there are: {known}")
    return frozenset(asked)


def stop(table: str, version: str, reds: Mapping[str, str]) -> None:
    """Raise RedPassport for red checks, name to what was found, that concern a table."""
    said = "; ".join(f"{name} ({found})" if found else name for name, found in reds.items())
    names = " ".join(f'--accept "{name}"' for name in reds)
    raise RedPassport(
        f"data {version} has red checks that concern the table {table!r}: {said}. Correct the "
        f"delivery, or accept them by name: `workbench run ... {names}` or {ACCEPT}="
        f'"{",".join(reds)}"'
    )
