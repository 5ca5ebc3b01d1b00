"""A report's folder: one run at a time, swapped in whole, nobody else's files touched."""

from pathlib import Path

import pytest
from filelock import FileLock

from workbench.run import WrongUsage, folder
from workbench.run.folder import Busy


def filled(path: Path, text: str) -> Path:
    """Return a folder that holds a report of that text."""
    path.mkdir()
    (path / "report.html").write_text(text)
    return path


def test_finished_work_replaces_the_report(tmp_path: Path) -> None:
    """After the swap the new report stands there and nothing is left beside it."""
    out = filled(tmp_path / "rfm", "old")
    with folder.claimed(out, 1) as work:
        (work / "report.html").write_text("new")
        folder.swap(out)
    assert (out / "report.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == ["rfm"]


def test_unfinished_work_changes_nothing(tmp_path: Path) -> None:
    """A run that stops half-way leaves the report and no litter."""
    out = filled(tmp_path / "rfm", "old")

    def half_a_run() -> None:
        with folder.claimed(out, 1) as work:
            (work / "report.html").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_a_run()
    assert (out / "report.html").read_text() == "old"
    assert not (tmp_path / ".rfm.new").exists()


def test_a_swap_cut_short_is_undone(tmp_path: Path) -> None:
    """Killed between the two steps of a swap, the old report is back for the next run."""
    out = tmp_path / "rfm"
    filled(tmp_path / ".rfm.old", "old")
    filled(tmp_path / ".rfm.new", "new")
    with folder.claimed(out, 1) as work:
        assert (out / "report.html").read_text() == "old"
        assert list(work.iterdir()) == []
    assert not (tmp_path / ".rfm.old").exists()


def test_a_swap_not_swept_is_swept(tmp_path: Path) -> None:
    """Killed after the swap, the new report stays and the old one goes."""
    out = filled(tmp_path / "rfm", "new")
    filled(tmp_path / ".rfm.old", "old")
    with folder.claimed(out, 1):
        assert (out / "report.html").read_text() == "new"
        assert not (tmp_path / ".rfm.old").exists()


def test_a_second_run_into_the_folder_is_refused(tmp_path: Path) -> None:
    """While another run holds the folder, a run waits as long as it may and then says so."""
    with (
        FileLock(tmp_path / ".rfm.lock"),
        pytest.raises(Busy, match="another run is writing into"),
        folder.claimed(tmp_path / "rfm", 0.05),
    ):
        pass


@pytest.mark.parametrize("name", ["holiday.jpg", "rfm", ".git"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """A report never replaces a folder that holds something no report wrote."""
    out = filled(tmp_path / "mine", "old")
    (out / name).mkdir()
    with pytest.raises(WrongUsage, match=f"holds {name}"), folder.claimed(out, 1):
        pass
    assert (out / name).exists()


def test_a_file_is_refused(tmp_path: Path) -> None:
    """A report needs a folder."""
    (tmp_path / "mine").write_text("x")
    with pytest.raises(WrongUsage, match="is a file"), folder.claimed(tmp_path / "mine", 1):
        pass
