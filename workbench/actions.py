"""Actions: what a page offers to do, and does only when somebody confirms it.

Opening a notebook, a report or a link never writes anything. A notebook shows an action like any
other value; its app draws a button that asks before it acts. In JupyterLab the analyst calls
`do()`; on paper the action only says how it is done. What is done, or was tried, is written into
the journal with who did it.

    save = campaigns.save(plan)
    save
"""

import datetime as dt
import getpass
import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from workbench import paths
from workbench.journal import Table

MIME = "application/vnd.workbench.action+json"
IN_APP, BY_HAND = "app", "JupyterLab or command line"
DEEDS = Table(
    "deeds",
    dict.fromkeys(("at", "who", "role", "place", "label", "said"), "TEXT NOT NULL"),
    ("at", "who", "label"),
)


@dataclass(frozen=True)
class Doer:
    """Who acts: a name, the role it stands for where roles are given, and where."""

    who: str
    role: str = ""
    place: str = IN_APP


@dataclass(frozen=True)
class Action:
    """Something to do: its label, what is asked before, and how it is done elsewhere.

    `deed` does it and returns a sentence that says what was done, or raises ValueError saying why
    not; `command` is the same on the command line, if there is one.
    """

    label: str
    question: str
    deed: Callable[[], str]
    command: str = ""

    def do(self) -> str:
        """Do it, write down who did what, and return the sentence that says what was done."""
        begun = note(self.label, "begun", _doer or _user())
        try:
            said = self.deed()
        except Exception as error:
            _end(begun, f"Not done: {error}")
            raise
        _end(begun, said)
        return said

    @property
    def mark(self) -> str:
        """Return what tells this offer from another of the same label."""
        return hashlib.sha256(f"{self.label}\0{self.question}".encode()).hexdigest()[:16]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        _offered[self.label] = self
        how = f" On the command line: <code>{html.escape(self.command)}</code>." * bool(
            self.command
        )
        told = (
            f"<p class='wb-action'><strong>{html.escape(self.label)}</strong> in the app.{how}</p>"
        )
        offer = {"label": self.label, "question": self.question, "mark": self.mark}
        return {MIME: offer, "text/html": told, "text/plain": self.label}


_offered: dict[str, Action] = {}
_doer: Doer | None = None


def sign(doer: Doer) -> None:
    """Let everything that this process does from now on be done by somebody."""
    global _doer
    _doer = doer


def note(label: str, said: str, doer: Doer) -> list[str]:
    """Write down what somebody does; return the key of the row."""
    key = [dt.datetime.now(dt.UTC).isoformat(), doer.who, label]
    row = dict(zip(DEEDS.key, key, strict=True)) | {"role": doer.role, "place": doer.place}
    with DEEDS.writing(paths.home()) as journal:
        DEEDS.put(journal, row | {"said": said})
    return key


def deeds(home: Path) -> pl.DataFrame:
    """Return one row per action begun, the newest first: at (UTC), who, role, place, label, said.

    `said` is what was done, or why it was not, or `begun` for what never ended.
    """
    return DEEDS.read(home).reverse()


def perform(label: str, mark: str) -> str:
    """Do what was last offered under a label, if it is still the same offer as was confirmed.

    Raises ValueError where it is not, or cannot be done.
    """
    action = _offered.get(label)
    if action is None or action.mark != mark:
        raise ValueError("the page has changed since; look at it again and confirm once more")
    return action.do()


def _end(begun: list[str], said: str) -> None:
    with DEEDS.writing(paths.home()) as journal:
        known = "UPDATE deeds SET said = ? WHERE at = ? AND who = ? AND label = ?"
        journal.execute(known, [said, *begun])


def _user() -> Doer:
    """Return who runs this process, whom the system need not know by name."""
    try:
        return Doer(getpass.getuser(), place=BY_HAND)
    except (KeyError, OSError, ImportError):
        return Doer("unknown", place=BY_HAND)
