"""The analyst's desk, JupyterLab's first page: begin an analysis, edit one, make its report.

An extension of JupyterLab's own server, whose user may run any code anyway; `workbench lab`
loads it. The page is at `/workbench`.
"""

from collections import ChainMap
from typing import Any
from urllib.parse import quote

import jinja2
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from workbench import paths
from workbench.run import WrongUsage, catalogue, made, new, outputs, report, shelf
from workbench.run.catalogue import BadNotebook, Notebook

HOME = "workbench"


class Desk(JupyterHandler):
    """The page: what there is, and forms to begin something new."""

    @web.authenticated
    def get(self) -> None:
        """Show all notebooks, by team, with what can be done with each."""
        self.show()

    @web.authenticated
    def post(self) -> None:
        """Begin what the form names, and open it for editing."""
        try:
            begun = new.new(self.get_argument("name"), analysis=self.get_argument("kind") != "own")
        except WrongUsage as error:
            self.show(fault=str(error))
            return
        self.redirect(self.edit(begun[-1].relative_to(paths.notebooks()).with_suffix("")))

    def show(self, **said: object) -> None:
        """Send the page, with what there is to say."""
        runs = made.newest()
        teams: dict[str, list[dict[str, Any]]] = {}
        for name in catalogue.names():
            card = self.card(name, runs)
            teams.setdefault(card["team"], []).append(card)
        style = (paths.templates() / "workbench.css").read_text(encoding="utf-8")
        names = {"teams": teams, "style": style, "xsrf": self.xsrf_form_html(), "fault": ""}
        template = _pages().get_template("desk.html.j2")
        links = {"base": f"{self.base_url}{HOME}", "lab": f"{self.base_url}lab"}
        self.finish(template.render(ChainMap(said, names, links)))

    def card(self, name: str, runs: dict[str, made.Made]) -> dict[str, Any]:
        """Return what the page says of a notebook."""
        try:
            found: Notebook | None = catalogue.find(name)
        except BadNotebook:
            found = None
        run, out = runs.get(name, (None, None))
        link = made.address(out) if run and out and (out / "report.html").exists() else ""
        return {
            "name": name,
            "title": found.title if found else name,
            "team": found.team if found else "data",
            "edit": self.edit(name),
            "app": f"{report.server()}/app/{name}",
            "report": f"{self.base_url}{HOME}/{link}" if link else "",
            "made": outputs.day(run.started) if run else "",
        }

    def edit(self, name: object) -> str:
        """Return where JupyterLab edits a notebook."""
        return f"{self.base_url}lab/tree/{quote(f'{name}.ipynb')}"


class MakeReport(Desk):
    """Makes the report of a notebook, with its own values, and shows it."""

    @web.authenticated
    async def post(self) -> None:
        """Run the notebook and go to its report, or say on the page why there is none."""
        name = self.get_argument("notebook")
        try:
            place = report.place(name)
            await shelf.make(name, {}, "")
        except (WrongUsage, BadNotebook, web.HTTPError) as error:
            said = error.get_message() if isinstance(error, web.HTTPError) else error
            self.show(fault=f"{name}: {said}")
            return
        self.redirect(f"{self.base_url}{HOME}/{made.address(place)}")


class DeskReport(JupyterHandler):
    """A report as it lies in the home, shut in."""

    @web.authenticated
    def get(self, path: str) -> None:
        """Send the page."""
        file = shelf.found(path)
        if file is None:
            raise web.HTTPError(404)
        self.set_header("Content-Security-Policy", shelf.SHUT_IN)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(file.read_bytes())


def _pages() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(paths.templates()), autoescape=True)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = f"{server.web_app.settings['base_url']}{HOME}"
    places = {
        base: Desk,
        f"{base}/report": MakeReport,
        rf"{base}/((?:reports|packs)/.+)": DeskReport,
    }
    server.web_app.add_handlers(".*$", list(places.items()))
