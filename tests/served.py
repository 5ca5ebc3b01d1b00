"""An app server in a process of its own, with a small project, for the tests of the apps."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from workbench import paths

START = "import sys; from workbench.run.serve import serve; serve(*map(int, sys.argv[1:2]), {})"
PARAMETERS = """\
bands: Int[3, 10] = 5  # scores per dimension
segment: Choice[SEGMENTS] = "At risk"  # whom to look at closely
period: Period = "last 26 weeks"  # days to look at
since: Date = "2017-01-31"  # first day that counts
groups: Many[SEGMENTS] = ["Loyal", "Asleep"]  # none means all
sober: Flag = True  # without colour
note: Text = "plain"  # yours"""
IMPORTS = """\
import altair as alt
import polars as pl
from workbench import show
from workbench.data import Period
from workbench.kinds import Choice, Date, Flag, Int, Many, Text
from workbench.segments.rfm import SEGMENTS"""
SHOP = """\
class Shop:
    version, retailer, currency, last_day = "v7", "Corner shop", "USD", "2017-12-31"

shop = Shop()
show.house(shop)
worth = pl.DataFrame({"segment": list(SEGMENTS), "customers": [bands * n for n in range(7)]})"""
CHART = """\
(
    alt.Chart(alt.Data(values=worth.to_dicts()))
    .mark_bar()
    .encode(x="customers:Q", y="segment:N")
    .properties(width="container", height=180, title="Worth", description="Bars")
)"""
CELLS = [
    ("markdown", "# Tiny & <b>worth</b>\n\nWho is worth <i>what</i>?\n\nMore words."),
    ("code", IMPORTS),
    ("code", PARAMETERS, "parameters"),
    ("code", SHOP),
    ("markdown", "## Worth"),
    ("code", CHART, "half"),
    ("code", "chosen = worth.filter(pl.col('segment') == segment)\nshow.table(chosen)", "half"),
    ("code", "tenth = 100 // (bands - 7)\ntenth"),
    ("code", "tenth + 1"),
    ("code", "show.note(f'Noted: {note}')"),
]


class Served:
    """A running app server: where it listens, and the folder of its project."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"

    def ask(
        self, path: str, method: str = "GET", body: str = "", source: str = "", **headers: str
    ) -> tuple[int, str, Any]:
        """Return status, text and headers of an answer; `source` is the address asked from."""
        near = (source, 0) if source else None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, 60, near)) as link:
            link.request(method, path, body or None, sent)
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
        return answer.status, text, answer.headers


@contextmanager
def served(folder: Path, options: str = "") -> Iterator[Served]:
    """Serve a small project from a folder; `options` are further arguments of `serve`."""
    _project(folder)
    secret = {"WORKBENCH_PROJECT": str(folder), "SECRET_OF_THE_SERVER": "swordfish"}
    with serving(folder, folder / "home", options, **secret) as server:
        yield server


@contextmanager
def serving(folder: Path, home: Path, options: str = "", **variables: str) -> Iterator[Served]:
    """Serve a project with the data of a home; the log goes into a folder."""
    port = free_port()
    environment = os.environ | {"WORKBENCH_HOME": str(home)} | variables
    command = [sys.executable, "-c", START.format(options), str(port)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            server = Served(port, folder)
            _await(server, process)
            yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)


def cells(*given: tuple[str, ...]) -> Any:
    """Return a notebook node of cells: kind, source, tags."""
    node = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python"}})
    for kind, source, *tags in given:
        made = v4.new_markdown_cell(source) if kind == "markdown" else v4.new_code_cell(source)
        made.metadata.tags = tags
        node.cells.append(made)
    return node


def _project(folder: Path) -> None:
    notebooks = folder / "notebooks"
    (notebooks / "segments").mkdir(parents=True)
    (folder / "templates").symlink_to(paths.templates())
    nbformat.write(cells(*CELLS), notebooks / "segments" / "tiny.ipynb")
    lakeless = [("markdown", "# No lake\n\nWhat if?"), ("code", "from workbench.data import *")]
    lakeless.append(("code", "shop = open_shop()"))
    nbformat.write(cells(*lakeless), notebooks / "lakeless.ipynb")
    (folder / "secret.png").write_bytes(b"secret")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _await(server: Served, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        with suppress(OSError):
            if server.ask("/healthz")[0] == 200:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((server.folder / "server.log").read_text())
