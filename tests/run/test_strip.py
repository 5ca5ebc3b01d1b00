"""What git keeps of a notebook: its cells, and nothing of a run."""

import json
import subprocess
from pathlib import Path

import nbformat
from nbformat import v4

from workbench.run.strip import strip_on_commit, stripped


def ran() -> str:
    """Return a notebook as a run leaves it."""
    output = v4.new_output("stream", name="stdout", text="customer 4711")
    cell = v4.new_code_cell("1 + 1", outputs=[output], execution_count=7)
    cell.metadata |= {"tags": ["half"], "papermill": {"duration": 1}, "execution": {}}
    node = v4.new_notebook(cells=[v4.new_markdown_cell("# Größe"), cell])
    node.metadata["papermill"] = {"version": "2"}
    return str(nbformat.writes(node))


def test_what_runs_leave_is_gone_and_the_rest_stays() -> None:
    """Outputs, counts and marks of runs go; tags, text and ids stay, and again changes nothing."""
    kept = stripped(ran())
    node = json.loads(kept)
    assert "4711" not in kept
    assert "papermill" not in kept
    assert node["cells"][1]["metadata"] == {"tags": ["half"]}
    assert node["cells"][1]["execution_count"] is None
    assert "Größe" in kept
    assert stripped(kept) == kept


def test_a_commit_holds_no_outputs(tmp_path: Path) -> None:
    """The file in the folder keeps its outputs, the commit has none."""

    def git(*words: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "-q")
    (tmp_path / ".gitattributes").write_text("*.ipynb filter=workbench-strip\n")
    strip_on_commit(tmp_path)
    edited = ran()
    (tmp_path / "a.ipynb").write_text(edited, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    assert (tmp_path / "a.ipynb").read_text(encoding="utf-8") == edited
    assert git("show", "HEAD:a.ipynb") == stripped(edited)
