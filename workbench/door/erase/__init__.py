"""The right to erasure: a person leaves every table, file, log and report of the workspace.

The money of the person's receipts stays, as sales without a card. What is left behind is a
receipt that names nobody, and a keyed hash by which the door knows the person in later
deliveries and leaves the person out of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from workbench.data import seals
from workbench.data.lake import Edition, Lake
from workbench.data.privacy import workspace_key
from workbench.door.erase import lake as lakes
from workbench.door.erase.memory import (
    BEGUN,
    DONE,
    counted,
    erased,
    gone,
    hashed,
    remember,
    state,
    unnamed,
    without,
)
from workbench.door.erase.mentions import Person, clear
from workbench.door.erase.receipt import told
from workbench.files import checksum, write_whole
from workbench.journal import forget

__all__ = [
    "Nobody",
    "Receipt",
    "counted",
    "erase",
    "erased",
    "gone",
    "hashed",
    "unnamed",
    "without",
]


class Nobody(ValueError):  # noqa: N818 - reads as the fact it states
    """There is nobody of that customer id; the text says where was looked."""


@dataclass(frozen=True)
class Receipt:
    """What was removed, as text that names nobody, and the file it is kept in."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{self.text}\nThis receipt is kept in {self.path}"


def erase(
    home: Path,
    customer: str,
    *,
    retailer: str | None = None,
    progress: Callable[[str], None] = print,
) -> Receipt:
    """Remove a person from the workspace and return the receipt of it.

    `customer` is the id as the retailer delivered it; `retailer` is needed where several know
    one of that id. An erasure that was cut short is finished by the next call for the same
    person. Raises Nobody for an id that nobody has (any more).
    """
    lake = Lake(home)
    with lake.writing():
        lakes.sweep(lake)
        edition, person = _known(lake, customer, retailer)
        if person is None:
            return _finished(home, lake, edition, customer)
        hash_ = _hash(home, edition, customer)
        remember(home, hash_, BEGUN, person.words)
        entries = forget(home, customer, edition.retailer)
        progress("looking through reports and logs")
        cleared = clear(home, person, _sources(lake, edition))
        new, removed = lakes.write_without(lake, edition, person, progress)
        text = told(lake, edition, new, hash_, removed, cleared.unnamed(person), entries)
        write_whole(_place(home, hash_, draft=True), text)
        seals.seal(lake, new, None)
        lake.publish(new)
        return _end(home, lake, new, hash_)


def _known(lake: Lake, customer: str, retailer: str | None) -> tuple[Edition, Person | None]:
    """Return the newest edition of the retailer that knows the customer, and the person."""
    newest = {edition.retailer: edition for edition in lake.editions()}
    asked = [lake.edition(retailer=retailer)] if retailer else list(newest.values())
    if not asked:
        asked = [lake.edition()]
    found = [
        (edition, person) for edition in asked if (person := lakes.find(lake, edition, customer))
    ]
    if len(found) > 1:
        names = ", ".join(edition.retailer for edition, _ in found)
        raise ValueError(f"customer {customer!r} is known to {names}; say which with --retailer")
    return found[0] if found else (asked[-1], None)


def _finished(home: Path, lake: Lake, edition: Edition, customer: str) -> Receipt:
    """Finish an erasure that was cut short after it was published, or raise Nobody."""
    newest = {each.retailer: each for each in lake.editions()}
    for each in newest.values():
        hash_ = _hash(home, each, customer)
        if state(home, hash_) == BEGUN and _place(home, hash_, draft=True).exists():
            return _end(home, lake, each, hash_)
    names = ", ".join(newest) or edition.retailer
    raise Nobody(f"there is nobody of the id {customer!r} in the data of {names}; nothing is done")


def _end(home: Path, lake: Lake, edition: Edition, hash_: str) -> Receipt:
    """Remove what the published edition replaces, and hand out the receipt."""
    lakes.forget_older(lake, edition)
    lakes.sweep(lake)
    path = _place(home, hash_)
    _place(home, hash_, draft=True).replace(path)
    remember(home, hash_, DONE)
    return Receipt(path, path.read_text(encoding="utf-8"))


def _hash(home: Path, edition: Edition, customer: str) -> str:
    ids = pl.Series("customer", [customer])
    return str(hashed(ids, workspace_key(home), edition.retailer)[0])


def _place(home: Path, hash_: str, *, draft: bool = False) -> Path:
    return home / "erasures" / (f"{hash_}.draft" if draft else f"{hash_}.txt")


def _sources(lake: Lake, edition: Edition) -> Callable[[Path], bool]:
    """Return what tells whether a file is one that the retailer delivered."""
    if "files" not in edition.tables:
        return lambda _: False
    known = set(lake.scan(edition, "files").select("sha256").collect()["sha256"])
    return lambda path: checksum(path) in known
