"""Tiny notebooks and a stand-in page, shared by the tests of the lives."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
from nbformat import v4

PARAMETERS = 'bands: Int[3, 10] = 5  # scores\nnote: Text = "plain"  # yours'
TABLE = "sizes = pl.DataFrame({'bands': [bands], 'note': [note]})\n_mine = sizes\nsizes"
IMPORTS = "import polars as pl\nfrom workbench.kinds import Choice, Int, Text"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
FORKS = "workbench.run.forkserver"
Write = Callable[..., Path]


def notebook(*cells: str, parameters: str | None = "", imports: str = IMPORTS) -> Any:
    """Return a notebook node: a title, imports, the parameters cell, the given code cells."""
    node = v4.new_notebook(metadata={"kernelspec": KERNEL})
    node.cells = [
        v4.new_markdown_cell("# Tiny baskets\n\nWho buys\nlittle?\n\nMore."),
        v4.new_code_cell(imports),
    ]
    if parameters is not None:
        tagged = {"tags": ["parameters"]}
        node.cells.append(v4.new_code_cell(parameters, metadata=tagged))
    node.cells += [v4.new_code_cell(cell) for cell in cells]
    return node


def page(node: Any, *, title: str, facts: Mapping[str, Any]) -> str:
    """Return a stand-in of a report's page: what the page would be made of."""
    return json.dumps({"title": title, "cells": len(node.cells), "facts": facts})


def refuse(*_: object, **__: object) -> str:
    """Fail as a full disk does."""
    raise OSError("no space left on device")


def kernels(pid: int | None = None) -> list[psutil.Process]:
    """Return the kernels that a process, this one by default, has left or has running."""
    children = psutil.Process(pid).children(recursive=True)
    started = [child for child in children if "ipykernel_launcher" in _command(child)]
    return started + forked(pid)


def forked(pid: int | None = None) -> list[psutil.Process]:
    """Return the kernels that the fork server of a process has running."""
    servers = [child for child in psutil.Process(pid).children() if FORKS in _command(child)]
    children = [child for server in servers for child in server.children()]
    return [child for child in children if FORKS in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    """Return the words of a process's command, none once it has ended."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def waited(ready: Callable[[], Any]) -> Any:
    """Return what `ready` gives as soon as it is something."""
    deadline = time.monotonic() + 60  # a busy machine is slow, not broken
    while not (found := ready()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
