"""A new segmentation is one command: a module and a notebook that run as they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import paths

ROOT = Path(__file__).parents[2]
NAME = "store_loyalty"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to write into: the package, the templates and one notebook."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(
        ROOT / "workbench", folder / "workbench", ignore=shutil.ignore_patterns("*.pyc")
    )
    shutil.copytree(paths.templates(), folder / "templates")
    (folder / "notebooks" / "segments").mkdir(parents=True)
    (folder / "reports").mkdir()
    return folder


def workbench(project: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of that checkout."""
    named = {"PYTHONPATH": str(project), "WORKBENCH_PROJECT": str(project)}
    return subprocess.run(
        [sys.executable, "-c", "from workbench.cli import main; main()", *words],
        env=os.environ | named | {"WORKBENCH_HOME": str(home)},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_made_runs_and_is_not_overwritten(project: Path, sample_home: Path) -> None:
    """The report has every result table; the same name a second time is refused."""
    made = workbench(project, sample_home, "new", NAME)
    assert made.returncode == 0, made.stderr
    assert (project / "workbench" / "segments" / f"{NAME}.py").exists()
    out = project / "report"
    ran = workbench(project, sample_home, "run", f"segments/{NAME}", "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    tables = {path.stem for path in (out / "tables").iterdir()}
    assert tables == {"after", "before", "biggest", "by_category", "moves", "worth"}
    again = workbench(project, sample_home, "new", NAME)
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize("name", ["Rfm", "../rfm", "_labels", "2nd", "a b", ""])
def test_a_name_that_python_cannot_import_is_refused(
    project: Path, sample_home: Path, name: str
) -> None:
    """The message says which letters do."""
    refused = workbench(project, sample_home, "new", name)
    assert refused.returncode == 2
    assert "small letters" in refused.stderr
