"""Shared shops: the corner shop, checked by hand, and the sample retailer, loaded once."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from workbench.data import Shop, open_shop
from workbench.door import corner, sample
from workbench.run.forks import ADDRESS, ForkServer

os.environ.pop("WORKBENCH_DATA_VERSION", None)
# What a test does outside a home of its own must not be written into anybody's.
NOBODYS = tempfile.TemporaryDirectory(prefix="workbench-tests-")
os.environ["WORKBENCH_HOME"] = NOBODYS.name


def pytest_configure(config: pytest.Config) -> None:
    """Declare our marker."""
    config.addinivalue_line("markers", "apart: a long test that any test process may take")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file, which share fixtures, in one test process; others go apart."""
    for item in items:
        apart = item.get_closest_marker("apart")
        item.add_marker(pytest.mark.xdist_group(item.name if apart else item.location[0]))


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
