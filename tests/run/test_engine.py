"""Plain Papermill on our notebooks: what is not allowed is refused before a kernel starts."""

from pathlib import Path

import papermill
import pytest
from click.testing import CliRunner
from nbformat import v4
from papermill.cli import papermill as command

from workbench import paths
from workbench.run.engine import Refused

RFM = paths.notebooks() / "segments" / "rfm.ipynb"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bands": 99}, "bands: 99 is out of range; allowed: 3 to 10"),
        ({"bandz": 5}, "'bandz' is not a parameter; did you mean 'bands'?"),
        ({"segment": "Champion"}, "did you mean 'Champions'?"),
        ({"x=1;import os": 1}, "'x=1;import os' is not a parameter"),
    ],
    ids=["range", "name", "choice", "code"],
)
def test_what_is_not_allowed_is_refused(
    tmp_path: Path, given: dict[str, object], message: str
) -> None:
    """From Python, a ValueError says what is allowed; no cell has run, nothing is written."""
    out = tmp_path / "out.ipynb"
    with pytest.raises(Refused, match=message.replace("?", r"\?")):
        papermill.execute_notebook(RFM, out, parameters=given, progress_bar=False)
    assert not out.exists()


def test_the_command_line_says_it_in_a_paragraph(tmp_path: Path) -> None:
    """Exit status 1, one readable line, no traceback."""
    out = str(tmp_path / "out.ipynb")
    arguments = [str(RFM), out, "-p", "bands", "99", "--no-progress-bar", "--no-log-output"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    assert "Error: bands: 99 is out of range; allowed: 3 to 10." in result.output
    assert "Traceback" not in result.output


def test_other_peoples_notebooks_run_as_ever(tmp_path: Path) -> None:
    """A notebook that imports nothing of ours is not checked."""
    path = tmp_path / "theirs.ipynb"
    cell = v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]})
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = v4.new_notebook(cells=[cell], metadata={"kernelspec": kernelspec})
    papermill.iorw.write_ipynb(node, str(path))
    done = papermill.execute_notebook(path, None, parameters={"b": 2}, progress_bar=False)
    assert "b = 2" in done.cells[1].source
