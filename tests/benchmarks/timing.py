"""Timing one call in a process of its own; only the standard library, so that any Python runs it.

A script that measures ends with `report(prepare, repeats, file)`; another starts it by `run`.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

GROUPS = {  # where the kernel takes a limit of memory: its first and its second interface
    Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes",
    Path("/sys/fs/cgroup"): "memory.max",
}
CACHE = Path("/proc/sys/vm/drop_caches")
MIB = 1 << 20
PATIENCE = 300  # seconds that a process may take
LONGEST = 5  # seconds of a first call after which only one more is made


def report(call: Callable[[int], Any], repeats: int, file: str = "") -> None:
    """Call once and then `repeats` times; print seconds, CPU seconds, and the peak of memory.

    The first call is `cold`: it reads, plans and allocates for the first time in its process.
    Where it takes longer than `LONGEST`, at most one more is made. `call` gets its number and
    returns a frame of Polars or pandas, which is kept in `file`.
    """
    taken: list[tuple[float, float]] = []
    while len(taken) <= (min(repeats, 1) if taken and taken[0][0] > LONGEST else repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        found = call(len(taken))
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    if file:
        (getattr(found, "write_parquet", None) or found.to_parquet)(file)
    told = {"cold": taken[0], "warm": taken[1:], "mib": _peak()}
    print(json.dumps(told))


def run(
    command: Sequence[object], *, limit: int = 0, drop: bool = False, seconds: int = PATIENCE
) -> dict[str, Any]:
    """Run a script that reports, in a folder of its own; with a `limit` in MiB it may hold no more.

    What it leaves in the folder, such as what it could not hold in memory, is deleted.
    With `drop` what the system keeps of files is dropped before, so that the disk is read. A
    script that fails, is ended or takes longer than `seconds` gives a dictionary with `error`.
    """
    if drop:
        os.sync()
        CACHE.write_text("3")
    group = _group(limit) if limit else None
    entered = (
        [] if group is None else ["sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "-"]
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [*entered, *map(str, command)], cwd=folder,
                capture_output=True, text=True, timeout=seconds, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": f"longer than {seconds} s"}
    finally:
        if group:
            group.rmdir()
    if done.returncode:
        said = done.stderr.strip().splitlines()
        ended = f"ended by signal {-done.returncode}" if done.returncode < 0 else ""
        named = [line for line in said if "Error" in line] or said or ["failed"]
        return {"error": ended or named[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def in_turn(
    commands: dict[str, tuple[Sequence[object], int]], rounds: int, *, drop: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """Run commands, each with its limit in MiB, one after the other, as often as `rounds` says.

    Returns the reports by the commands' names; one that fails is not run again.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, limit) in commands.items():
            if not any("error" in one for one in found[name]):
                found[name].append(run(command, limit=limit, drop=drop))
    return found


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in info if "model name" in line), "?")
    held = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "processor": f"{os.cpu_count()} cores, {model}",
        "memory": f"{held:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": sys.version.split()[0],
    }


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def _group(limit: int) -> Path:
    root = next(root for root, name in GROUPS.items() if _takes(root, name))
    group = Path(tempfile.mkdtemp(prefix="workbench-bench-", dir=root))
    (group / GROUPS[root]).write_text(str(limit * MIB), encoding="utf-8")
    return group


def _takes(root: Path, name: str) -> bool:
    return (root / name).exists() or (root / "cgroup.controllers").exists()
