"""The kernels behind the apps: one visitor each, a clean environment, an end when abandoned.

Kernels are forked from a process of the server's own that has imported everything. One spare
kernel waits all the same, so that the next visitor need not wait, nor where nothing can fork.
"""

import asyncio
import datetime as dt
import os
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from voila._version import __version__ as voila_version

from workbench import paths
from workbench.run.forks import ADDRESS, ForkServer
from workbench.run.forkserver import age

ALONE = 90  # seconds a kernel may live without a page
IDLE = 30 * 60  # seconds a page may stay open without being used
REST = 2.0  # seconds after a visit before the next spare is started

# What is slow the first time only, done before there is a visitor; without data the last fails.
FIRST = """
import altair as alt
from workbench import measures, show
from workbench.data import open_shop
from workbench.run import app, catalogue
catalogue.find(catalogue.names()[0]).parameters
alt.Chart(alt.Data(values=[])).mark_bar().to_dict()
open_shop()
"""
WARM = f"exec({FIRST!r}, {{}})"  # which leaves no name behind
ENVIRONMENT = frozenset(
    [
        *("PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"),
        *("SYSTEMROOT", "COMSPEC", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "JUPYTER_PATH", "OMP_NUM_THREADS"),
    ]
)
# OPENBLAS_ too: another kernel of it gives other last digits, and the lives must agree on them.
PREFIXES = ("WORKBENCH_", "POLARS_", "OPENBLAS_", "LC_", "CONDA_", "IPYTHON")
# No notebook's business: the server's own forks, and the secrets by which the schedule delivers.
KEPT = (ADDRESS, "WORKBENCH_SMTP_", "WORKBENCH_WEBHOOK_")


@dataclass(eq=False)
class Visit:
    """One page on its way to a kernel, whose session it is, and the kernel once it has one."""

    session: str = ""
    kernel: str = ""


# The visit that the current task is about to start a kernel for.
VISIT: ContextVar[Visit] = ContextVar("VISIT", default=Visit())  # noqa: B039 - it cannot change


class Kernels(AsyncMappingKernelManager):
    """Starts, guards and ends the visitors' kernels."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.visitors: dict[str, str] = {}
        self.arriving: set[Visit] = set()
        self.spare: tuple[str, float] | None = None
        self.chores: set[asyncio.Task[None]] = set()
        self.forks = ForkServer(clean(os.environ))

    async def start_kernel(self, **_: Any) -> str:  # type: ignore[override]
        """Give the current visitor the spare kernel, or a new one when there is none."""
        kernel_id = await self._spare() or await self._start()
        self.visitors[kernel_id] = VISIT.get().session
        VISIT.get().kernel = kernel_id
        self.arriving.discard(VISIT.get())
        self.prepare(REST)
        return kernel_id

    async def shutdown_kernel(  # type: ignore[override]
        self, kernel_id: str, *args: Any, **options: Any
    ) -> None:
        """End a kernel and forget its visitor."""
        self.visitors.pop(kernel_id, None)
        await super().shutdown_kernel(kernel_id, *args, **options)

    def belongs(self, kernel_id: str, visitor: str) -> bool:
        """Return whether a running kernel was started for a visitor."""
        return kernel_id in self and self.visitors.get(kernel_id) == visitor

    async def alive(self, kernel_id: str) -> bool:
        """Return whether the process of a kernel still runs."""
        kernel: Any = self.get_kernel(kernel_id) if kernel_id in self else None
        return kernel is not None and bool(await kernel.is_alive())

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that no page uses, or whose page nobody uses."""
        if kernel_id not in self.visitors:
            return
        kernel: Any = self.get_kernel(kernel_id)
        idle = dt.datetime.now(dt.UTC) - kernel.last_activity
        limit = IDLE if self._kernel_connections.get(kernel_id) else ALONE
        if kernel.execution_state != "busy" and idle.total_seconds() > limit:
            await self.shutdown_kernel(kernel_id)

    def prepare(self, rest: float = 0) -> None:
        """Start a spare kernel in the background, after a rest."""
        chore = asyncio.get_running_loop().create_task(self._prepare(rest))
        self.chores.add(chore)
        chore.add_done_callback(self.chores.discard)

    async def _prepare(self, rest: float) -> None:
        await asyncio.sleep(rest)
        if self.spare is None:
            self.spare = ("", 0)
            kernel_id = await self._start()
            self.spare = (kernel_id, age())
            await _run(self.get_kernel(kernel_id), WARM)

    async def _spare(self) -> str:
        """Return the spare kernel unless the package was edited since it was started."""
        kernel_id, born = self.spare or ("", 0)
        if not kernel_id:
            return ""
        self.spare = None
        if born == age() and await self.alive(kernel_id):
            return kernel_id
        await self.shutdown_kernel(kernel_id, now=True)
        return ""

    async def _start(self) -> str:
        """Start a kernel in the project's folder, with a clean environment."""
        self.forks.renew()
        environment = clean(os.environ) | {"SERVER_SOFTWARE": f"voila/{voila_version}"}
        kernel_id: str = await super().start_kernel(
            kernel_name="python3", env=environment, cwd=str(paths.project())
        )
        return kernel_id


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of an environment that notebooks may see, without anybody's secrets."""
    return {
        name: value
        for name, value in environment.items()
        if (name in ENVIRONMENT or name.startswith(PREFIXES)) and not name.startswith(KEPT)
    }


class Client(AsyncKernelClient):
    """A client that does not first listen for what was said before it came."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers, and is heard; raise RuntimeError when it is dead."""
        async with asyncio.timeout(timeout):
            while await self.is_alive():
                self.kernel_info()
                with suppress(Empty):
                    await self.get_iopub_msg(timeout=0.2)
                    await self.get_shell_msg(timeout=1)
                    return
        raise RuntimeError("The kernel died before it was ready.")


async def _run(kernel: Any, code: str) -> None:
    # A session of its own: a visitor who comes meanwhile must not get this client's answers.
    client = kernel.client(session=Session(key=kernel.session.key))
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        client.execute(code, silent=True)
        await client.get_shell_msg(timeout=60)
    finally:
        client.stop_channels()
