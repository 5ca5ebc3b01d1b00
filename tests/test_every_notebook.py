"""What holds for every notebook, found on disk."""

import os
import subprocess
import sys
from pathlib import Path

from workbench import paths


def test_every_notebook_runs_under_nbval(sample_home: Path) -> None:
    """All cells of all notebooks run in order, on the sample retailer, without an error."""
    environment = os.environ | {"WORKBENCH_HOME": str(sample_home)}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(paths.notebooks())],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
