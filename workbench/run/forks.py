"""Kernels that start at once, forked from a process that has imported everything.

`ForkServer` keeps such a process for this one and those it starts, which find its address in
their environment. A kernel of our own interpreter is then forked instead of started, whoever
asks for it through jupyter_client. Where there is no server, or the package was edited since
it started, or anything goes wrong, an ordinary kernel is started.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Self

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.run.forkserver import age

ADDRESS = "WORKBENCH_FORKS"
NAME = "workbench-forks"
LAUNCHER = "ipykernel_launcher"
PATIENCE = 60.0


class ForkServer:
    """A fork server, which ends with this process at the latest."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(os.environ if environment is None else environment)
        self.process: subprocess.Popen[bytes] | None = None
        self.outer = os.environ.get(ADDRESS, "")
        self.renew()

    def renew(self) -> None:
        """Start the server unless it runs and has the package as it is now."""
        if self.process and self.process.poll() is None and self.age == age():
            return
        self.close()
        if sys.platform == "linux":  # the system libraries of others do not bear a fork
            with suppress(OSError):
                self._start()

    def close(self) -> None:
        """End the server; the kernels forked from it live on."""
        if self.process and self.process.stdin:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process = None
            shutil.rmtree(self.folder, ignore_errors=True)
            os.environ[ADDRESS] = self.outer

    def _start(self) -> None:
        self.age = age()
        self.folder = tempfile.mkdtemp(prefix="workbench-")
        address = f"{self.folder}/forks"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen()
            number = listener.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workbench.run.forkserver", str(number)],
                env=self.environment,
                stdin=subprocess.PIPE,
                pass_fds=[number],
                start_new_session=True,
            )
        os.environ[ADDRESS] = address
        use()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Forked:
    """A forked kernel, in the manner of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.link, self.pid = link, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None while the kernel lives; what it ended with is not known."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                with suppress(ConnectionError):
                    self.link.recv(1)
                self.returncode = 1
                self.link.close()
        return self.returncode

    def wait(self) -> int | None:
        """Return at once: whoever waits has polled until the kernel was gone."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send the kernel a signal, unless it is gone."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


class ForkProvisioner(LocalProvisioner):
    """Forks kernels of our own interpreter, and starts all others."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork the kernel where that can be, or start it."""
        forked = await asyncio.to_thread(fork, cmd, options)
        if forked is None:
            return await super().launch_kernel(cmd, **options)
        self.process = forked
        self.pid = self.pgid = forked.pid
        self.cwd = options.get("cwd")
        return self.connection_info


def use() -> None:
    """Let this process fork kernels where there is a server."""
    factory = KernelProvisionerFactory.instance()
    point = EntryPoint(NAME, f"{__name__}:{ForkProvisioner.__name__}", factory.GROUP_NAME)
    factory.provisioners[NAME] = point
    factory.default_provisioner_name = NAME


def fork(command: list[str], options: Mapping[str, Any]) -> Forked | None:
    """Return a new kernel, or None when there is no server that forks this one."""
    address = os.environ.get(ADDRESS)
    if not address or command[0] != sys.executable or LAUNCHER not in command:
        return None
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(PATIENCE)
        link.connect(address)
        link.sendall(_request(command, options))
        pid = int(link.recv(32))
    except (OSError, ValueError):
        link.close()
        return None
    link.setblocking(False)
    return Forked(link, pid)


def _request(command: list[str], options: Mapping[str, Any]) -> bytes:
    asked = {
        "arguments": command[command.index(LAUNCHER) + 1 :],
        "cwd": str(options.get("cwd") or Path.cwd()),
        "env": dict(options.get("env") or os.environ),
    }
    return json.dumps(asked).encode() + b"\n"
