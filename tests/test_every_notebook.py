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
FORKING = """
import sys, pytest
from workbench.run import forks
forks.use()
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("forks")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_notebook_runs_under_nbval(sample_home: Path, part: int) -> None:
    """All cells of all notebooks run in order, on the sample retailer, without an error.

    In forked kernels, which have modules that a notebook may have forgotten to import: that is
    found by the linter, which reads notebooks too.
    """
    notebooks = NOTEBOOKS[part::PARTS]
    environment = os.environ | {"WORKBENCH_HOME": str(sample_home)}
    command = [sys.executable, "-c", FORKING, "--nbval", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *map(str, notebooks)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
