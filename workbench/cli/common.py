"""What all commands share: how they speak, and how they end."""

import os
import shutil
import sys

import typer


def say(text: str) -> None:
    """Say how a command gets on, apart from its results."""
    print(text, file=sys.stderr, flush=True)


def complain(what: object) -> None:
    """Say what went wrong, in one paragraph."""
    say("workbench: " + " ".join(str(what).split()))


def command() -> str:
    """Return how this program is called from here: its name, or its path where it is not known."""
    if shutil.which("workbench"):
        return "workbench"
    return os.path.relpath(sys.argv[0])


def end(good: bool) -> None:
    """End with a status that is true."""
    if not good:
        raise typer.Exit(1)
