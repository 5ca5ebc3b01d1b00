"""The way between a page and its kernel: open to its own visitor, and to nobody else."""

import asyncio
from http import HTTPStatus
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler

from workbench.run.handlers import HasKernels, Refusal

KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
OF_THE_CODE = ("stream", "error", "execute_input")
PAGE = "page"
TOPIC = b"comm-page"


class OwnKernel(HasKernels):
    """Lets a visitor reach no kernel but the one started for him."""

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


class Connection(ZMQChannelsWebsocketConnection):
    """What a kernel says to its page; of its code, its prints and its errors not a word.

    Cells are shown by messages of the app, so that nothing is missing from the page. The page has
    a line of its own for them; what they say goes there, and all else to Jupyter's widgets.
    """

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a message on unless it is of the code, or for the other line."""
        topics, (_, header, _, _, content, *_) = self.session.feed_identities(outgoing_msg)
        of_the_code = self.session.unpack(header)["msg_type"] in OF_THE_CODE
        if not of_the_code and self._ours(topics, content):
            super().handle_outgoing_message(stream, outgoing_msg)

    def request_kernel_info(self) -> asyncio.Future[None]:
        """Wait for no answer: our kernels speak as this server does."""
        return _done()

    def nudge(self) -> asyncio.Future[None]:
        """Let the page in at once, which asks until it is answered."""
        return _done() if self.session.session == PAGE else super().nudge()

    def _ours(self, topics: list[Any], content: Any) -> bool:
        """Return whether this line carries a message: the page's own, what the app says to it.

        The state of the widget it is said by is asked for, and waited for, by Jupyter's widgets.
        """
        said = TOPIC in topics and self.session.unpack(content)["data"].get("method") == "custom"
        if self.session.session == PAGE:
            return said
        return not said or f"{self.kernel_id}:{PAGE}" not in self._open_sessions


def _done() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.Future()
    done.set_result(None)
    return done


class ChannelsHandler(OwnKernel, KernelWebsocketHandler):
    """The websocket between a page and its kernel.

    Not Voilà's, which takes a file for a message of the newer kind and reads it without an end.
    """

    @property
    def ping_timeout(self) -> int | None:
        """Return how long, in milliseconds, a page may be silent; Tornado asks first, and in vain.

        Tornado counts in seconds, and warns of what is longer than the time between two pings.
        """
        return 3 * int(self.ping_interval) if self.ws_connection else None


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
