"""The pages and endpoints of the app server: a fixed list, everything else is not found."""

from http import HTTPStatus
from typing import Any, cast

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado import web
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from workbench.run import catalogue, pages
from workbench.run.catalogue import BadNotebook, UnknownNotebook
from workbench.run.kernels import VISITOR, Kernels
from workbench.run.params import ParameterError

KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
DRIVER = "driver.ipynb"


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
        phrase = HTTPStatus(status_code).phrase
        self.finish(self.house("error.html", status=status_code, phrase=phrase, text=text))


class GalleryHandler(HousePage):
    """The landing page: all analyses, by team."""

    @web.authenticated
    def get(self) -> None:
        """Show the cards."""
        self.finish(self.house("gallery.html", teams=pages.gallery()))


class AppHandler(HousePage, TornadoVoilaHandler):
    """The app of one listed notebook, with a kernel of its own."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Stream the page: its frame at once, its controls when the kernel has them."""
        notebook = self._listed(name)
        self._room()
        frame = pages.frame(notebook)
        self.page_config_hook = lambda config, **_: config | {"workbench": frame}
        self.notebook_name = name
        VISITOR.set(self.current_user.username)
        await super().get(DRIVER)  # type: ignore[misc]

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
            self.set_header("Retry-After", "30")
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


class BundleHandler(web.RequestHandler):
    """The one bundle of chart code, for all pages."""

    def get(self) -> None:
        """Send it; its address changes with its content, so browsers may keep it."""
        self.set_header("Content-Type", "text/javascript; charset=UTF-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.finish(self.settings["chart_code"]())


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
        self.finish("This server does not answer to that host name.\n")


def drive(handler: AppHandler, notebook: Any, **_: Any) -> None:
    """Prepare the driver notebook of one visit; Voilà calls this before it starts a kernel."""
    handler.drive(notebook)


def _unlisted(name: str) -> str:
    try:
        return f"There is no analysis {name!r}; did you mean {catalogue.find(name).name!r}?"
    except (UnknownNotebook, BadNotebook) as error:
        return str(error)
