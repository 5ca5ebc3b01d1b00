"""Forked kernels: as good as ordinary ones, gone with whoever asked, ordinary where need be."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
from tiny import Write, forked, kernels, page, waited

from workbench.run import forks, forkserver, report
from workbench.run.forks import ForkServer

SEEN = """import os, random, sys, ipywidgets, numpy
seen = pl.DataFrame({"parent": [os.getppid()], "folder": [os.getcwd()], "chance": random.random(),
    "drawn": numpy.random.random(), "first": sys.path[0], "marked": os.environ.get("MARK")})"""
SHOWN = """shown = pl.DataFrame({"widget": [ipywidgets.IntSlider(value=3).comm is not None]})
print(seen.group_by("parent").len())"""
RUNNER = """
from workbench.run import report
from workbench.run.forks import ForkServer
with ForkServer():
    report.run("tiny", out=report.Path("out"))
"""


@pytest.fixture
def server(project: Path) -> Iterator[ForkServer]:
    """A fork server of this process, in the project."""
    assert project.exists()
    with ForkServer() as running:
        yield running


def seen(out: Path) -> dict[str, Any]:
    """Make a report and return what its kernel saw."""
    made = report.run("tiny", out=out, data_version="v1", export=page)
    assert made.error is None
    assert pl.read_parquet(out / "tables" / "shown.parquet").item() is True
    return pl.read_parquet(out / "tables" / "seen.parquet").row(0, named=True)


def test_a_forked_kernel_is_as_good_as_an_ordinary_one(
    server: ForkServer, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder and environment are those asked for, its chance is its own, widgets work."""
    write("tiny", SEEN, SHOWN)
    monkeypatch.setenv("MARK", "later than the server")
    first, second = seen(tmp_path / "1"), seen(tmp_path / "2")
    assert server.process
    assert first["parent"] == second["parent"] == server.process.pid
    assert first["folder"] == str(tmp_path)
    assert first["marked"] == "later than the server"
    assert first["chance"] != second["chance"]
    assert first["drawn"] != second["drawn"]
    monkeypatch.delenv(forks.ADDRESS)
    ordinary = seen(tmp_path / "3")
    assert ordinary["parent"] == os.getpid()
    assert ordinary["first"] == first["first"]


def test_only_our_own_kernels_are_forked_and_from_one_thread(
    server: ForkServer, write: Write, tmp_path: Path
) -> None:
    """Others are started as ever; Polars has been imported in the server, and not used."""
    write("tiny", SEEN, SHOWN)
    assert server.process
    assert seen(tmp_path / "out")["parent"] == server.process.pid
    tasks = Path(f"/proc/{server.process.pid}/task")
    names = " ".join((task / "comm").read_text().strip() for task in tasks.iterdir())
    assert not re.search(r"polars-\d|tokio|async-executor", names)
    assert forks.fork(["ir", "--slave", "-e", "IRkernel::main()"], {}) is None
    assert forks.fork([sys.executable, "-m", "bash_kernel", "-f", "x.json"], {}) is None
    assert not kernels()


def test_a_forked_kernel_and_its_server_end_with_their_process(
    write: Write, tmp_path: Path
) -> None:
    """When a runner is killed, its kernel and its fork server follow."""
    write("tiny", "import time\ntime.sleep(300)")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], cwd=tmp_path)
    try:
        started = waited(lambda: forked(runner.pid))
    finally:
        left = psutil.Process(runner.pid).children(recursive=True)
        runner.kill()
        runner.wait()
    assert len(left) > len(started)
    waited(lambda: not any(process.is_running() for process in left))


def test_a_server_of_older_code_is_renewed(
    server: ForkServer, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an edit of the package the server is another; asked all the same it refuses."""
    write("tiny", SEEN, SHOWN)
    assert server.process
    before = server.process.pid
    server.renew()
    assert server.process.pid == before
    monkeypatch.setattr(forks, "age", lambda: forkserver.age() + 1)
    server.renew()
    assert server.process.pid != before
    assert not psutil.pid_exists(before)
    assert seen(tmp_path / "out")["parent"] == server.process.pid


def test_without_a_server_kernels_are_ordinary(
    server: ForkServer, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has died, or that started with another Python path, costs nothing but time."""
    write("tiny", SEEN, SHOWN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert seen(tmp_path / "path")["parent"] == os.getpid()
    monkeypatch.delenv("PYTHONPATH")
    assert server.process
    server.process.kill()
    server.process.wait()
    assert seen(tmp_path / "dead")["parent"] == os.getpid()


def test_it_needs_no_package_of_another_engine() -> None:
    """Where Spark and Ibis are not installed, as after `make demo`, kernels are forked too."""
    bare = "import sys; sys.modules.update(dict.fromkeys(('pyspark', 'ibis')))"
    code = f"{bare}; from workbench.run import forkserver; forkserver._import()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
