"""A kernel of our own interpreter for one run, which never outlives it."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from workbench import paths
from workbench.run import forks

NAME = "python3"
ACCEPT = "WORKBENCH_ACCEPT"
# What a server leaves in its environment; a run inside it must not take itself for an app.
SERVER = (
    "JPY_SESSION_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
)


class OwnInterpreter(KernelSpecManager):
    """Knows one kernel, the interpreter that is running, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the running interpreter as a kernel."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


class RunKernel(AsyncKernelManager):
    """A kernel manager that remembers the clients it gave out, to close them."""

    def client(self, **kwargs: Any) -> AsyncKernelClient:  # type: ignore[override]
        """Return a client and remember it."""
        self.given: AsyncKernelClient = super().client(**kwargs)
        return self.given

    def close(self) -> None:
        """Kill the kernel with everything it started, and let go of its sockets."""
        run_sync(self._async_shutdown_kernel)(now=True)
        if client := getattr(self, "given", None):
            client.stop_channels()


@contextmanager
def started(environment: dict[str, str]) -> Iterator[RunKernel]:
    """Start a kernel in the project's folder; it is dead when the block ends."""
    forks.use()
    with TemporaryDirectory(prefix="workbench-") as folder:
        manager = RunKernel(
            kernel_name=NAME,
            kernel_spec_manager=OwnInterpreter(),
            transport="ipc",
            connection_file=f"{folder}/kernel.json",
        )
        run_sync(manager._async_start_kernel)(
            cwd=str(paths.project()),
            env={**environment, "IPYTHONDIR": folder},
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )
        try:
            yield manager
        finally:
            manager.close()


def pid(manager: RunKernel) -> int:
    """Return the process number of a kernel that was started."""
    return int(getattr(manager.provisioner, "pid"))  # noqa: B009 - not every provisioner has one


def accepted(names: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the red checks a run accepts by name: those given, or else our environment's."""
    given = os.environ.get(ACCEPT, "").split(",") if names is None else names
    return tuple(sorted({name.strip() for name in given} - {""}))


def environment(data_version: str | None, accept: Iterable[str] | None = None) -> dict[str, str]:
    """Return the environment of a run: ours, without a server's, with the workbench's places."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in SERVER and not name.startswith("VOILA_")
    }
    places = {"WORKBENCH_HOME": str(paths.home()), "WORKBENCH_PROJECT": str(paths.project())}
    pinned = {"WORKBENCH_DATA_VERSION": data_version} if data_version else {}
    return {**kept, **places, **pinned, ACCEPT: ",".join(accepted(accept))}
