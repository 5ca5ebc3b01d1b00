"""The pages and endpoints of the app server: a fixed list, everything else is not found."""

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from tornado import web
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from workbench.run import catalogue, charts, pages
from workbench.run.access import Access, Rights
from workbench.run.catalogue import BadNotebook, UnknownNotebook
from workbench.run.kernels import VISIT, Kernels, Visit
from workbench.run.outputs import day
from workbench.run.params import ParameterError

DRIVER = "driver.ipynb"
# Voilà sends one of these for every ten seconds in which a kernel has nothing to show.
BEAT = "window.voila_heartbeat()<"
YEAR = 365 * 24 * 3600
LIBRARY = "-".join(["voila", *map(version, ("voila", "ipywidgets", "anywidget"))])
NO_RIGHTS = Rights((), customers=False, export=False, act=False)
GIVE_UP = "<i data-failed></i>"


class Refusal(web.HTTPError):
    """An error whose message is meant for the visitor."""


class HousePage(JupyterHandler):
    """A page in the house style, errors included, for whom the access names."""

    @property
    def access(self) -> Access:
        """Return who may do what at this moment."""
        access: Access = self.settings["access"]()
        return access

    @property
    def rights(self) -> Rights:
        """Return what this visitor may do."""
        return self.access.rights(self.current_user.name) or NO_RIGHTS

    async def prepare(self, **options: Any) -> None:
        """Let in whom the access names; a token does not stay in the address."""
        await super().prepare(**options)
        if self.access.asks and self.current_user and "token" in self.request.query_arguments:
            left = [pair for pair in parse_qsl(self.request.query, True) if pair[0] != "token"]
            self.redirect(f"{self.request.path}?{urlencode(left)}".rstrip("?"))

    def house(self, template: str, **names: Any) -> str:
        """Return a template of the workbench, filled in."""
        environment = self.settings["voila_jinja2_env"]
        user = getattr(self, "_jupyter_current_user", None)
        common = {"base_url": self.base_url, "who": user.name if user and self.access.asks else ""}
        common["day"] = day
        common |= {"xsrf": self.xsrf_form_html()} if common["who"] else {}
        return str(environment.get_template(template).render(**common | names))

    def listed(self, name: str) -> catalogue.Notebook:
        """Return a notebook that this visitor may open."""
        try:
            if name not in catalogue.names():
                raise UnknownNotebook(_unlisted(name))
            notebook = catalogue.find(name)
            notebook.parameters  # noqa: B018 - read here, so that a bad cell has a page of its own
        except UnknownNotebook as error:
            raise Refusal(404, str(error)) from None
        except (BadNotebook, ParameterError) as error:
            raise Refusal(500, str(error)) from None
        if not self.rights.opens(name, private=notebook.private):
            raise Refusal(403, "Your role does not open this analysis.")
        return notebook

    def write_error(self, status_code: int, **details: Any) -> None:
        """Say in words what went wrong and where to go."""
        error = details.get("exc_info", (None, None))[1]
        text = error.get_message() if isinstance(error, Refusal) else ""
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        if status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            self.set_header("Retry-After", "30")
        phrase = HTTPStatus(status_code).phrase
        self.finish(self.house("error.html", status=status_code, phrase=phrase, text=text))


class GalleryHandler(HousePage):
    """The landing page: all analyses, by team."""

    @web.authenticated
    def get(self) -> None:
        """Show the cards."""
        teams, data = pages.gallery(self.rights), self.settings["data"]()
        self.finish(self.house("gallery.html", teams=teams, data=data, history=self.rights.act))

    head = get


class HasKernels(JupyterHandler):
    """Knows the kernels of all visitors."""

    @property
    def kernels(self) -> Kernels:
        """Return the visitors' kernels."""
        return cast("Kernels", self.kernel_manager)


class AppHandler(HousePage, HasKernels, TornadoVoilaHandler):
    """The app of one listed notebook, with a kernel of its own."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Stream the page: its frame at once, its controls when the kernel has them."""
        notebook = self.listed(name)
        self._looked_at()
        visit = self._room()
        who = self.current_user.name if self.access.asks else ""
        frame = pages.frame(notebook) | {"may": asdict(self.rights), "who": who}
        frame["xsrf"] = self.xsrf_token.decode()
        library = {
            "fullStaticUrl": f"{self.base_url}{LIBRARY}/static",
            "fullLabextensionsUrl": f"{self.base_url}{LIBRARY}/labextensions",
        }
        self.page_config_hook = lambda config, **_: config | library | {"workbench": frame}
        self.notebook_name = name
        VISIT.set(visit)
        try:
            await self._stream(visit)
        finally:
            self.kernels.arriving.discard(visit)

    async def _stream(self, visit: Visit) -> None:
        """Send the page as it is made; Voilà would wait for ever for a kernel that is gone."""
        async for part in self.get_generator(path=DRIVER):
            gone = BEAT in part and not await self.kernels.alive(visit.kernel)
            self.write(GIVE_UP if gone else "\n" if BEAT in part else part)
            await self.flush()
            if gone:
                break

    def _looked_at(self) -> None:
        """Refuse what no person looks at: a page inside another, a picture, a look ahead."""
        told = self.request.headers
        ahead = "prefetch" in told.get("Sec-Purpose", "")
        if ahead or told.get("Sec-Fetch-Dest", "document") != "document":
            raise Refusal(403, "An app opens as a page of its own.")

    def _room(self) -> Visit:
        """Take a place for this visit, if there is one."""
        visit = Visit(self.current_user.username)
        if len(self.kernels.visitors) + len(self.kernels.arriving) >= self.settings["visitors"]:
            raise Refusal(503, "All places are taken at the moment.")
        self.kernels.arriving.add(visit)
        return visit

    def drive(self, driver: Any) -> None:
        """Write into the driver's one cell which app it opens, and with what query."""
        query = self.request.query[: self.settings["longest_query"]]
        who = self.current_user.name
        may = f"act={self.rights.act}, export={self.rights.export}, who={who!r}"
        may += f", role={self.access.role(who)!r}"
        call = f"open_app({self.notebook_name!r}, {query!r}, {may})"
        driver.cells[0].source = f"from workbench.run.app import open_app\n{call}"


class HealthHandler(web.RequestHandler):
    """Tells a watchdog that the server answers."""

    def get(self) -> None:
        """Say so, in plain text."""
        self.set_header("Content-Type", "text/plain")
        self.finish("ok\n")


class Kept(web.StaticFileHandler):
    """Scripts that browsers may keep for a year: their address names their version."""

    def get_cache_time(self, *_: object) -> int:
        """Return a year."""
        return YEAR


class LibraryHandler(Kept, MultiStaticFileHandler):
    """Voilà's scripts."""


class ExtensionHandler(Kept, FileFindHandler):
    """The scripts of the widgets."""


class ChartsHandler(web.RequestHandler):
    """The chart library, one for all pages."""

    async def get(self) -> None:
        """Send it; its address changes with its version, so browsers may keep it."""
        packed = await asyncio.to_thread(charts.packed)
        self.set_header("Content-Type", "text/javascript; charset=UTF-8")
        self.set_header("Content-Encoding", "gzip")
        self.set_header("Cache-Control", f"public, max-age={YEAR}, immutable")
        self.finish(packed)


class NotFoundHandler(HousePage):
    """Everything that is not listed."""

    async def prepare(self, **_: Any) -> None:
        """Say that there is no such page."""
        raise Refusal(404, "There is no such page.")


class MisdirectedHandler(web.RequestHandler):
    """Requests that name a host this server does not go by."""

    def prepare(self) -> None:
        """Refuse, so that no foreign name can be bound to this server."""
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish("This server does not answer to that host name; --host allows more names.\n")


def drive(handler: AppHandler, notebook: Any, **_: Any) -> None:
    """Prepare the driver notebook of one visit; Voilà calls this before it starts a kernel."""
    handler.drive(notebook)


def _unlisted(name: str) -> str:
    try:
        return f"There is no analysis {name!r}; did you mean {catalogue.find(name).name!r}?"
    except (UnknownNotebook, BadNotebook) as error:
        return str(error)
