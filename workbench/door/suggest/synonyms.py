"""How retailers call our columns, and the words in their files, in six languages.

The words themselves are data: `synonyms.yaml`.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_GIVEN: dict[str, Any] = yaml.safe_load(
    (files("workbench.door.suggest") / "synonyms.yaml").read_text(encoding="utf-8")
)
NAMES: dict[str, str] = _GIVEN["columns"]
FILLERS = frozenset(_GIVEN["fillers"].split())
UNKNOWN = tuple(_GIVEN["unknown"].split(", "))
RETURN_WORDS = frozenset(_GIVEN["returns"].split())
FEES = frozenset(_GIVEN["fees"].split())
COUNTRIES: dict[str, tuple[str, str]] = {
    str(name): (currency, zone) for name, (currency, zone) in _GIVEN["countries"].items()
}
SIGNS: dict[str, str] = _GIVEN["signs"]


def plain(name: str) -> str:
    """Return a name in lower case without accents and signs, its words apart.

    >>> plain("N° de Ticket"), plain("InvoiceNo"), plain("Customer ID")
    ('n de ticket', 'invoice no', 'customer id')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    letters = unicodedata.normalize("NFKD", apart.replace("ß", "ss"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare.lower()))


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name that say something; all of them if none does."""
    found = tuple(plain(name).split())
    return tuple(word for word in found if word not in FILLERS) or found


@cache
def known(column: str) -> frozenset[tuple[str, ...]]:
    """Return the names of one of our columns, each as its words."""
    return frozenset(words(name) for name in NAMES.get(column, column).split(", "))


def closeness(column: str, name: str) -> float:
    """Return how well a delivered name means our column: 1 is the same, 0 nothing in common.

    >>> closeness("basket", "InvoiceNo"), closeness("basket", "Description")
    (1.0, 0.0)

    A name inside a record counts as much: `traits.email` is an e-mail address.
    """
    theirs = words(name)
    if theirs in known(column) or words(name.rpartition(".")[2]) in known(column):
        return 1.0
    return max((_overlap(ours, theirs) for ours in known(column)), default=0.0)


def _overlap(ours: tuple[str, ...], theirs: Iterable[str]) -> float:
    theirs = set(theirs)
    return 0.8 * len(ours) / len(theirs) if set(ours) < theirs else 0.0
