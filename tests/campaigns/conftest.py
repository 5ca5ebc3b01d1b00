"""The crowd: its data loaded once, and a home of its own for each test."""

from pathlib import Path

import pytest
from crowd import open_crowd

from workbench.campaigns.forecasts.forecast import Forecaster, learn_forecast
from workbench.data import Shop, open_shop


@pytest.fixture(scope="session")
def crowd_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose lake holds the crowd."""
    home = tmp_path_factory.mktemp("crowd")
    with pytest.MonkeyPatch.context() as patched:
        open_crowd(home, patched)
    return home


@pytest.fixture
def crowd(crowd_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return the crowd's shop, in a home where nothing has happened yet."""
    (tmp_path / "lake").symlink_to(crowd_home / "lake")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    return open_shop()


@pytest.fixture(scope="session")
def forecaster(sample_shop: Shop) -> Forecaster:
    """Return what the sample retailer's weeks teach, learnt once."""
    return learn_forecast(sample_shop)
