"""The process kernels are forked from: it imports what notebooks use once, then waits.

`workbench.run.forks` starts it with the number of a listening socket. A request is one
connection with one line of JSON: the kernel's arguments, folder and environment. The kernel
answers with its process number and keeps the connection until it ends, and it ends when the
other side lets go. The server itself ends with whoever holds its standard input.

Kernels share one session: Linux deals time out by sessions, so that a crowd of kernels with one
each would leave the server that started this one next to none.

Threads do not survive a fork, so nothing may be used here that starts some: Polars is imported,
and a kernel is the first to use it.
"""

import gc
import importlib
import json
import os
import random
import select
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
TOWERS = ("data", "segments", "measures", "campaigns", "show")
OPTIONAL = "engines"  # each needs packages of its own, and a kernel loads the one it is told to
HEAVY = (
    *("ipykernel.kernelapp", "workbench.run.app", "scipy.optimize", "scipy.special"),
    *("sklearn.cluster", "sklearn.ensemble", "sklearn.linear_model", "sklearn.pipeline"),
)
# What Python and its libraries read once, as they start: it must be what the request says.
AT_START = ("PYTHONPATH", "PYTHONHASHSEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
READ_LIMIT = 10.0


def main() -> None:
    """Serve until standard input closes; a child goes on from here as a kernel."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    folder = Path(listener.getsockname()).parent
    if asked := _wait(listener):
        listener.close()
        _become(*asked)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def age() -> float:
    """Return when the package was last edited."""
    return max(path.stat().st_mtime for path in PACKAGE.rglob("*.py"))


def _wait(listener: socket.socket) -> tuple[socket.socket, Mapping[str, Any]] | None:
    """Fork for every request; return it in the child, and nothing when the server ends."""
    born = age()
    _import()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while select.select([listener, sys.stdin], [], [])[0] == [listener]:
        link, _ = listener.accept()
        with link, suppress(OSError, ValueError):
            asked = _read(link)
            if age() == born and _fits(asked["env"]) and os.fork() == 0:
                return socket.socket(fileno=link.detach()), asked
    return None


def _import() -> None:
    if sys.path[0] == str(Path.cwd()):
        del sys.path[0]
    files = [path for tower in TOWERS for path in (PACKAGE / tower).rglob("*.py")]
    files = [path for path in files if path.parent.name != OPTIONAL or path.stem == "__init__"]
    ours = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in files]
    for name in (*HEAVY, *ours):
        importlib.import_module(name.removesuffix(".__init__"))
    gc.collect()
    gc.freeze()  # so that a kernel's collector does not touch, and thereby copy, what is shared


def _read(link: socket.socket) -> dict[str, Any]:
    link.settimeout(READ_LIMIT)
    with link.makefile("r", encoding="utf-8") as lines:
        asked: dict[str, Any] = json.loads(lines.readline())
    link.settimeout(None)
    return asked


def _fits(environment: Mapping[str, str]) -> bool:
    return all(os.environ.get(name) == environment.get(name) for name in AT_START)


def _become(link: socket.socket, asked: Mapping[str, Any]) -> None:
    """Turn this process into the kernel asked for, which ends with its link."""
    import numpy as np

    os.setpgid(0, 0)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    np.random.seed()
    Thread(target=_end_with, args=(link,), daemon=True).start()
    link.sendall(str(os.getpid()).encode())
    _run(asked["arguments"])


def _end_with(link: socket.socket) -> None:
    with suppress(OSError):  # it may also be cut
        link.recv(1)
    os.killpg(0, signal.SIGKILL)


def _run(arguments: list[str]) -> None:
    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(parent_handle=1)  # started by a program, which it does not watch
    app.initialize(arguments)
    ipywidgets.register_comm_target()  # what its import does inside an ordinary kernel
    app.start()


if __name__ == "__main__":
    main()
