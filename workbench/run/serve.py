"""`workbench serve`: the gallery and the apps of all notebooks, for people on a network.

Voilà, standalone and closed down: one template, the listed notebooks only, one kernel per
visitor that runs nothing but its notebook, no file of the machine, no source but this server.
"""

import asyncio
import os
import re
import secrets
import shutil
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import nbformat.v4
from jupyter_core.utils import run_sync
from tornado.ioloop import IOLoop
from tornado.web import Application, HTTPError, StaticFileHandler
from traitlets.config import Config
from voila.app import Voila
from voila.static_file_handler import MultiStaticFileHandler

from workbench import paths
from workbench.run import charts, handlers, identity, sessions, shelf
from workbench.run.access import FILE, Access, Keeper, by_token
from workbench.run.handlers import DRIVER, LIBRARY
from workbench.run.kernels import Client, Kernels
from workbench.run.sessions import KERNEL

VISITORS = 24
LONGEST_QUERY = 8_000
MESSAGE = 64 * 1024 * 1024
PING = 30_000
WAITS = ("startup_timeout", "timeout", "iopub_timeout")
PATIENCE = 300
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]
# No script within a page, whoever wrote it, and none from elsewhere; widgets load from blobs.
POLICY = (
    "default-src 'self'; script-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


def _no_data() -> None:
    """Say nothing of the data."""


class CannotServe(RuntimeError):  # noqa: N818 - named for what is wrong
    """The server cannot start; the message says why and what to do."""


def serve(
    port: int = 8866,
    ip: str = "127.0.0.1",
    *,
    open_browser: bool = False,
    visitors: int = VISITORS,
    hosts: tuple[str, ...] = (),
    data: Callable[[], Any] = _no_data,
) -> None:
    """Serve the gallery and the apps until stopped.

    `hosts` are the names under which people reach the server besides its own address.
    `visitors` bounds how many pages may be open at once, each with a kernel of its own.
    `data` returns what the gallery says of the newest data: retailer, version, last_day, colour.
    Who may come in is said by `access.yaml`; see `workbench.run.access`.
    Raises CannotServe when the port is taken, AccessError when that file cannot be used.
    """
    _check_free(ip, port)
    token = "" if _alone(ip) else secrets.token_urlsafe(24)
    access = Keeper(paths.home() / FILE, by_token(token) if token else Access())
    address = f"http://{(hosts or (socket.gethostname() if ip in EVERYWHERE else ip,))[0]}:{port}"
    os.environ.setdefault("WORKBENCH_APPS", address)
    os.environ["JUPYTER_PATH"] = _search_path(paths.templates())
    _write_driver(_apps())
    Workbench.clear_instance()
    server = Workbench.instance(config=_config(ip, port), hosts=hosts)
    server.own_settings = {"visitors": visitors, "access": access, "data": data}
    server.link = f"{address}/" + (f"?token={token}" if token and not access.stated else "")
    identity.keep_log(paths.home() / "logs" / "access.log")
    server.initialize([])
    if open_browser:
        threading.Timer(1, webbrowser.open, [server.link]).start()
    server.start()


class Workbench(Voila):
    """Voilà with the workbench's pages in place of its own."""

    link: str
    own_settings: dict[str, Any]

    def __init__(self, *, hosts: tuple[str, ...], **traits: Any) -> None:
        super().__init__(**traits)
        self.hosts = hosts

    def init_settings(self) -> dict[str, Any]:
        """Return Voilà's settings with ours."""
        settings: dict[str, Any] = super().init_settings()
        self.contents_manager.mark_trusted_cells = _trust  # the one notebook here is our own
        self.kernel_manager.allowed_message_types = [
            "comm_open",
            "comm_close",
            "comm_msg",
            "comm_info_request",
            "kernel_info_request",
        ]
        self.identity_provider.access = self.own_settings["access"]
        self.identity_provider.failures = identity.Failures()
        return (
            settings
            | self.own_settings
            | {
                "freezing": asyncio.Semaphore(1),
                "kernel_websocket_connection_class": sessions.Connection,
                "log_function": identity.log_request,
                "longest_query": LONGEST_QUERY,
                "default_handler_class": handlers.MisdirectedHandler,
                "headers": {
                    "Content-Security-Policy": POLICY,
                    "Referrer-Policy": "same-origin",
                    "X-Content-Type-Options": "nosniff",
                },
                "compress_response": True,
                "websocket_max_message_size": MESSAGE,
                "ws_ping_interval": PING,
            }
        )

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """Return the fixed list of what this server answers."""
        app = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        static = {"paths": self.static_paths}
        extensions = {"path": self.labextensions_path}
        return [
            (r"/", handlers.GalleryHandler),
            (r"/app/([\w\-/. ]+)", handlers.AppHandler, app),
            (r"/packs/index.html", shelf.HistoryHandler),
            (r"/((?:reports|packs)/.+)", shelf.ReportHandler),
            (r"/freeze/([\w\-/. ]+)", shelf.FreezeHandler),
            (r"/login", identity.SignInHandler),
            (r"/logout", identity.SignOutHandler),
            (r"/healthz", handlers.HealthHandler),
            (rf"/{re.escape(charts.address())}", handlers.ChartsHandler),
            (r"/(workbench\.css)", StaticFileHandler, {"path": str(paths.templates())}),
            (rf"/session/{KERNEL}", sessions.SessionHandler),
            (rf"/api/kernels/{KERNEL}", sessions.OwnKernelHandler),
            (rf"/api/kernels/{KERNEL}/channels", sessions.ChannelsHandler),
            (rf"/voila/api/shutdown/{KERNEL}", sessions.LeaveHandler),
            (r"/voila/(?:templates/workbench/)?static/(.*)", MultiStaticFileHandler, static),
            (rf"/{LIBRARY}/static/(.*)", handlers.LibraryHandler, static),
            (rf"/{LIBRARY}/labextensions/(.*)", handlers.ExtensionHandler, extensions),
            (r".*", handlers.NotFoundHandler),
        ]

    def start(self) -> None:
        """Listen under the allowed host names and run until stopped."""
        self.connection_dir = tempfile.mkdtemp(prefix="workbench_")
        self.app = Application(**(self.init_settings() | self.tornado_settings))
        self.app.add_handlers(_host_pattern(self.ip, self.hosts), self.init_handlers())
        self.ioloop = IOLoop.current()
        self.app.listen(self.port, self.ip)
        self.ioloop.add_callback(self.kernel_manager.prepare)
        self.ioloop.run_in_executor(None, charts.packed)
        self.log.warning("The apps are at %s (stop with Ctrl+C)", self.link)
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.warning("Stopped.")
        finally:
            self.stop()

    def stop(self) -> None:
        """End all kernels at once, then remove what they were reached by."""
        with suppress(HTTPError):  # of a kernel that is only starting; it ends with this process
            run_sync(self.kernel_manager.shutdown_all)(now=True)
        shutil.rmtree(self.connection_dir, ignore_errors=True)


def _config(ip: str, port: int) -> Config:
    return Config(
        {
            "Voila": {
                "ip": ip,
                "port": port,
                "root_dir": str(_apps()),
                "config_file_paths": [],
                "identity_provider_class": identity.Doorkeeper,
                "log_level": "WARN",
            },
            "VoilaConfiguration": {
                "template": "workbench",
                "theme": "light",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "file_allowlist": [],
                "extension_allowlist": EXTENSIONS,
                "show_tracebacks": False,
                "prelaunch_hook": handlers.drive,
                "multi_kernel_manager_class": Kernels,
            },
            # Of a busy machine the controls come late; a page without them would never live.
            "VoilaExecutor": {"cell_error_instruction": "", **dict.fromkeys(WAITS, PATIENCE)},
            "MappingKernelManager": {
                "cull_idle_timeout": 60,
                "cull_interval": 30,
            },
            "KernelManager": {"transport": "ipc", "autorestart": False, "client_factory": Client},
            "NotebookNotary": {"db_file": ":memory:"},
            "Doorkeeper": {"get_secure_cookie_kwargs": {"max_age_days": identity.DAYS}},
        }
    )


def _alone(ip: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ip_address(ip).is_loopback
    except ValueError:
        return ip == "localhost"


def _apps() -> Path:
    return paths.home() / "apps"


def _write_driver(folder: Path) -> None:
    """Write the notebook that every app starts from; its one cell is filled in per visit."""
    folder.mkdir(parents=True, exist_ok=True)
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = nbformat.v4.new_code_cell("", id="driver")
    node = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernelspec})
    nbformat.write(node, folder / DRIVER)


def _trust(*_: object) -> None:
    """Trust the driver without a signature, and without a warning on every visit."""


def _search_path(templates: Path) -> str:
    known = os.environ.get("JUPYTER_PATH")
    return os.pathsep.join([str(templates), known] if known else [str(templates)])


def _host_pattern(ip: str, hosts: tuple[str, ...]) -> str:
    own = ["localhost", "127.0.0.1", "::1", ip]
    if ip in EVERYWHERE:
        own.append(socket.gethostname())
    names = "|".join(re.escape(name) for name in [*own, *hosts] if name)
    return rf"\[?(?:{names})\]?$"


def _check_free(ip: str, port: int) -> None:
    """Raise CannotServe when nothing can listen at an address."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            raise CannotServe(
                f"Cannot listen at {ip}:{port}: {error.strerror}. Stop what uses the port, or "
                "choose another one with --port."
            ) from error
