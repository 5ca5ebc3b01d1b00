"""Actions: what a page offers to do, and does only when somebody confirms it.

Opening a notebook, a report or a link never writes anything. A notebook shows an action like any
other value; its app draws a button that asks before it acts. In JupyterLab the analyst calls
`do()`; on paper the action only says how it is done.

    save = campaigns.save(plan)
    save
"""

import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MIME = "application/vnd.workbench.action+json"


@dataclass(frozen=True)
class Action:
    """Something to do: its label, what is asked before, and how it is done elsewhere.

    `do` does it and returns a sentence that says what was done, or raises ValueError saying why
    not; `command` is the same on the command line, if there is one.
    """

    label: str
    question: str
    do: Callable[[], str]
    command: str = ""

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


def perform(label: str, mark: str) -> str:
    """Do what was last offered under a label, if it is still the same offer as was confirmed.

    Raises ValueError where it is not, or cannot be done.
    """
    action = _offered.get(label)
    if action is None or action.mark != mark:
        raise ValueError("the page has changed since; look at it again and confirm once more")
    return action.do()
