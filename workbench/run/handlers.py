"""The pages and endpoints of the app server: a fixed list, everything else is not found."""

import asyncio
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, cast

from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado import web
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from workbench.run import catalogue, charts, pages
from workbench.run.catalogue import BadNotebook, UnknownNotebook
from workbench.run.kernels import VISITOR, Kernels
from workbench.run.params import ParameterError

KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
DRIVER = "driver.ipynb"
# Voilà sends one of these for every ten seconds in which a kernel has nothing to show.
BEAT = "window.voila_heartbeat()<"
MOST_BEATS = 6
YEAR = 365 * 24 * 3600
LIBRARY = "-".join(["voila", *map(version, ("voila", "ipywidgets", "anywidget"))])
GIVE_UP = "<script>window.wbFailed()</script>"


class Refusal(web.HTTPError):
    """An error whose message is meant for the visitor."""


class HousePage(JupyterHandler):
    """A page in the house style, errors included."""

    def house(self, template: str, **names: Any) -> str:
        """Return a template of the workbench, filled in."""
        environment = self.settings["voila_jinja2_env"]
        return str(environment.get_template(template).render(base_url=self.base_url, **names))

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
        self.finish(self.house("gallery.html", teams=pages.gallery()))

    head = get


class AppHandler(HousePage, TornadoVoilaHandler):
    """The app of one listed notebook, with a kernel of its own."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Stream the page: its frame at once, its controls when the kernel has them."""
        notebook = self._listed(name)
        self._room()
        frame = pages.frame(notebook)
        library = {
            "fullStaticUrl": f"{self.base_url}{LIBRARY}/static",
            "fullLabextensionsUrl": f"{self.base_url}{LIBRARY}/labextensions",
        }
        self.page_config_hook = lambda config, **_: config | library | {"workbench": frame}
        self.notebook_name = name
        VISITOR.set(self.current_user.username)
        await self._stream()

    async def _stream(self) -> None:
        """Send the page as it is made; Voilà would wait for ever for a kernel that is gone."""
        beats = 0
        async for part in self.get_generator(path=DRIVER):
            beats += BEAT in part
            self.write(part if beats <= MOST_BEATS else GIVE_UP)
            await self.flush()
            if beats > MOST_BEATS:
                break

    def _listed(self, name: str) -> catalogue.Notebook:
        try:
            if name not in catalogue.names():
                raise UnknownNotebook(_unlisted(name))
            notebook = catalogue.find(name)
            notebook.parameters  # noqa: B018 - read here, so that a bad cell has a page of its own
        except UnknownNotebook as error:
            raise Refusal(404, str(error)) from None
        except (BadNotebook, ParameterError) as error:
            raise Refusal(500, str(error)) from None
        return notebook

    def _room(self) -> None:
        if len(cast("Kernels", self.kernel_manager).visitors) >= self.settings["visitors"]:
            raise Refusal(503, "All places are taken at the moment.")

    def drive(self, driver: Any) -> None:
        """Write into the driver's one cell which app it opens, and with what query."""
        query = self.request.query[: self.settings["longest_query"]]
        call = f"open_app({self.notebook_name!r}, {query!r})"
        driver.cells[0].source = f"from workbench.run.app import open_app\n{call}"


class OwnKernel(JupyterHandler):
    """Lets a visitor reach no kernel but the one started for him."""

    @property
    def kernels(self) -> Kernels:
        """Return the visitors' kernels."""
        return cast("Kernels", self.kernel_manager)

    async def prepare(self, **options: Any) -> None:
        """Refuse, as if there were no such kernel, what belongs to somebody else."""
        await super().prepare(**options)
        user = self.current_user
        kernel_id = self.path_kwargs["kernel_id"]
        if user is None or not self.kernels.belongs(kernel_id, user.username):
            raise Refusal(404, "There is no such session.")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer a program, not a person."""
        self.finish({"message": HTTPStatus(status_code).phrase})


class OwnKernelHandler(OwnKernel, KernelHandler):
    """What the page asks about its kernel; it can be read, not ended, from here."""

    SUPPORTED_METHODS = ("GET",)


class ChannelsHandler(OwnKernel, VoilaKernelWebsocketHandler):
    """The websocket between a page and its kernel."""


class LeaveHandler(OwnKernel, VoilaShutdownKernelHandler):
    """Ends the kernel when its page is left; a beacon can carry no XSRF token."""

    def check_xsrf_cookie(self) -> None:
        """Accept the beacon: it names a session that only this visitor has."""


class SessionHandler(OwnKernel):
    """Tells a page whether its session still lives."""

    @web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Answer 204 while the kernel lives, 404 when it is gone."""
        if not await self.kernels.alive(kernel_id):
            raise Refusal(404, "This session has ended.")
        self.set_status(204)


class HealthHandler(web.RequestHandler):
    """Tells a watchdog that the server answers."""

    def get(self) -> None:
        """Say so, in plain text."""
        self.set_header("Content-Type", "text/plain")
        self.finish("ok\n")


class LibraryHandler(MultiStaticFileHandler):
    """Voilà's scripts, which browsers may keep: their address names their version."""

    def get_cache_time(self, *_: object) -> int:
        """Return a year."""
        return YEAR


class ExtensionHandler(FileFindHandler):
    """The scripts of the widgets, kept likewise."""

    def get_cache_time(self, *_: object) -> int:
        """Return a year."""
        return YEAR


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
