"""The reports under the server: shown shut in, and made from an app."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tornado import web

from workbench import actions, paths
from workbench.run import catalogue, index, made, params, record, report
from workbench.run.catalogue import BadNotebook, UnknownNotebook
from workbench.run.handlers import HousePage, Refusal
from workbench.run.kernels import clean
from workbench.run.params import ParameterError

PAGES = ("report.html", "index.html")
COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()", "run"]
SPEAKS = "workbench: "  # how a line begins in which the command says why it failed
VERSION = re.compile(r"v\d{1,9}")
# A report may draw and be followed; it has no name, no cookies, and asks for nothing.
SHUT_IN = (
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class ReportHandler(HousePage):
    """A report, or a pack's page of links, as it lies in the home."""

    def get(self, path: str) -> None:
        """Send the page to whom the notebooks that it tells of are open."""
        file = found(path)
        if file is None:
            raise Refusal(404, "There is no such report.")
        if not all(self.rights.opens(name, private=_private(name)) for name in _told(file)):
            raise Refusal(403, "Your role does not open all that this page tells.")
        self.show(file.read_bytes())

    def show(self, page: bytes | str) -> None:
        """Send a page, shut in."""
        self.set_header("Content-Security-Policy", SHUT_IN)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(page)


class HistoryHandler(ReportHandler):
    """The runs of the schedule as they are now, and who did what for whom may do it too."""

    @web.authenticated
    def get(self) -> None:  # type: ignore[override]
        """Send the page."""
        self.show(index.history_page(paths.home(), deeds=self.rights.act))


class FreezeHandler(HousePage):
    """Makes a report of what an app shows, in a process of its own."""

    async def post(self, name: str) -> None:
        """Run the notebook with the values of a link, and answer with the report's address."""
        notebook = self.listed(name)
        if notebook.private or not self.rights.act:
            raise Refusal(403, "Your role, or this analysis, leaves no reports.")
        body: Any = self.get_json_body()
        asked = body if isinstance(body, dict) else {}
        try:
            given = params.from_query(str(asked.get("query", "")))
            values = params.parse(notebook.parameters, given)
        except ParameterError as error:
            raise Refusal(400, str(error)) from None
        texts = params.texts(values, notebook.parameters)
        async with self.settings["freezing"]:
            await make(name, texts, str(asked.get("version")))
        who = self.current_user.name
        doer = actions.Doer(who, self.access.role(who))
        actions.note("Freeze as a report", f"the report of {name} is made", doer)
        self.finish({"link": made.address(report.place(name, values))})

    def write_error(self, status_code: int, **details: Any) -> None:  # noqa: ARG002 - tornado's form
        """Answer the page, which tells the visitor."""
        error = details.get("exc_info", (None, None))[1]
        said = error.get_message() if isinstance(error, Refusal) else "The server's log says why."
        self.finish({"message": f"Not done: {said}"})


def found(path: str) -> Path | None:
    """Return the page of a report or pack at a path below the home, or None."""
    file = (paths.home() / path.replace("\0", "")).resolve()
    hidden = any(part.startswith(".") for part in Path(path).parts)
    inside = any(file.is_relative_to(paths.home() / shelf) for shelf in made.SHELVES)
    return file if inside and not hidden and file.name in PAGES and file.is_file() else None


async def make(name: str, texts: Mapping[str, str], version: str) -> None:
    """Make a report in a child process, of a version of the data, such as the app's.

    An empty version is the newest. Raises Refusal with what the command says.
    """
    words = [word for given in texts.items() for word in ("-p", "=".join(given))]
    pinned = {"WORKBENCH_DATA_VERSION": version} if VERSION.fullmatch(version) else {}
    child = await asyncio.create_subprocess_exec(
        *COMMAND, name, *words,
        env=clean(os.environ) | pinned, cwd=paths.project(),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await child.communicate()
    if child.returncode:
        lines = said.decode("utf-8", "replace").splitlines()
        why = [line.removeprefix(SPEAKS) for line in lines if line.startswith(SPEAKS)]
        raise Refusal(500, "; ".join(why) or f"{name} ended without saying why.")


def _told(page: Path) -> set[str]:
    """Return the notebooks that a page tells of, a nameless one where no record says which."""
    folders = [page.parent]
    if page.name == "index.html":
        folders = [Path(place) for place, _, files in os.walk(page.parent) if record.FILE in files]
    return {_notebook(folder) for folder in folders} or {""}


def _notebook(folder: Path) -> str:
    try:
        run = record.read(folder)
    except ValueError:
        return ""
    return run.notebook if run else ""


def _private(name: str) -> bool:
    """Return whether a report shows a single customer; one whose notebook is gone may."""
    try:
        notebook = catalogue.find(name)
        return notebook.name != name or notebook.private
    except (UnknownNotebook, BadNotebook):
        return True
