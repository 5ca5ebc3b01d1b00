"""Each test starts in the house style without a shop."""

import pytest

from workbench import show


@pytest.fixture(autouse=True)
def _house() -> None:
    show.house()
