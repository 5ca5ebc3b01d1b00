"""Shared shops: the corner shop, checked by hand, and the sample retailer, loaded once."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from workbench.data import Shop, open_shop
from workbench.door import corner, sample

os.environ.pop("WORKBENCH_DATA_VERSION", None)


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
