"""Shared shops: the corner shop, checked by hand, and the sample retailer, loaded once."""

import atexit
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from filelock import FileLock

from workbench.data import Shop, open_shop
from workbench.door import corner, sample
from workbench.run.forks import ADDRESS, ForkServer

os.environ.pop("WORKBENCH_DATA_VERSION", None)
# What a test does outside a home of its own must not be written into anybody's.
NOBODYS = tempfile.TemporaryDirectory(prefix="workbench-tests-")
atexit.register(NOBODYS.cleanup)
os.environ["WORKBENCH_HOME"] = NOBODYS.name


# One test process takes the longest files and loads the sample retailer, while the other has what
# does without. Then come the tests that go apart, and the files, the smallest of which end the run:
# a process with three long tests before it while the other has none would keep everybody waiting.
SPARK = ("tests/data/test_engines.py", "tests/test_every_engine.py")
EARLY = (*SPARK, "tests/test_layers.py", "tests/test_docstrings.py")
APART = ("tests/test_every_notebook.py", "tests/browser/test_three_lives.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file, which share fixtures, in one test process; others go apart."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return nodeid if file in APART else SPARK[0] if file in SPARK else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in the order in which test processes shall take them."""
    turns = {file: turn for turn, file in enumerate(EARLY + APART)}
    items.sort(key=lambda item: turns.get(item.nodeid.partition("::")[0], len(turns)))


@pytest.fixture(scope="session")
def corner_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose lake holds the corner shop."""
    home = tmp_path_factory.mktemp("corner")
    corner.load(home)
    return home


@pytest.fixture(scope="session")
def corner_shop(corner_home: Path) -> Shop:
    """Return the corner shop."""
    return open_shop(corner_home)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a home whose lake holds the sample retailer, loaded once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / "sample-home"
    with FileLock(f"{home}.lock"):
        sample.load(home)
    return home


@pytest.fixture(scope="session")
def sample_shop(sample_home: Path) -> Shop:
    """Return the sample retailer's shop."""
    return open_shop(sample_home)


@pytest.fixture
def unordered_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuffle what a join of Polars returns, wherever it was not asked to keep an order."""
    eager, lazy = pl.DataFrame.join, pl.LazyFrame.join

    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.sample(fraction=1, shuffle=True, seed=0) if frame.height else frame

    def of_frame(self: pl.DataFrame, *args: Any, **options: Any) -> pl.DataFrame:
        found = eager(self, *args, **options)
        return found if "maintain_order" in options else shuffled(found)

    def of_plan(self: pl.LazyFrame, *args: Any, **options: Any) -> pl.LazyFrame:
        found = lazy(self, *args, **options)
        return found if "maintain_order" in options else found.map_batches(shuffled)

    monkeypatch.setattr(pl.DataFrame, "join", of_frame)
    monkeypatch.setattr(pl.LazyFrame, "join", of_plan)


@pytest.fixture(scope="session")
def fork_server() -> Iterator[str]:
    """Return the address of a fork server of this test process."""
    with ForkServer():
        address = os.environ[ADDRESS]
        os.environ[ADDRESS] = ""
        yield address


@pytest.fixture
def forks(fork_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the kernels of a test."""
    monkeypatch.setenv(ADDRESS, fork_server)
