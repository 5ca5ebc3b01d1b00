"""What holds for every notebook, found on disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import paths

NOTEBOOKS = sorted(
    path for path in paths.notebooks().rglob("*.ipynb") if "." not in path.parent.name
)
PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_every_notebook_runs_under_nbval(sample_home: Path, part: int) -> None:
    """All cells of all notebooks run in order, on the sample retailer, without an error.

    In ordinary kernels: a forked one has modules that the notebook may have forgotten to import.
    """
    notebooks = NOTEBOOKS[part::PARTS]
    environment = os.environ | {"WORKBENCH_HOME": str(sample_home)}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *map(str, notebooks)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
