"""Verifying: a past run again, on its data, and the same numbers or not."""

from pathlib import Path

import pytest
from tiny import PARAMETERS, TABLE, Write, page

from workbench.run import WrongUsage, report, verify


def test_a_run_gives_the_same_tables_again(write: Write, tmp_path: Path) -> None:
    """With its parameters, whatever the notebook's defaults; nothing is written beside it."""
    write("tiny", TABLE, parameters=PARAMETERS)
    report.run("tiny", {"bands": "7"}, out=tmp_path / "out", data_version="v1", export=page)
    before = sorted((tmp_path / "out").rglob("*"))
    found = verify.verify(tmp_path / "out")
    assert (found.good, found.tables, found.changed) == (True, {"sizes": True}, ())
    assert found.record.parameters["bands"] == 7
    assert sorted((tmp_path / "out").rglob("*")) == before


def test_a_run_that_comes_out_otherwise_says_what_changed_since(
    write: Write, tmp_path: Path
) -> None:
    """Tables are compared one by one; a table that is gone is not the same."""
    write("tiny", TABLE, "kept = sizes.head(0)\ngone = kept", parameters=PARAMETERS)
    report.run("tiny", out=tmp_path / "out", data_version="v1", export=page)
    write(
        "tiny", TABLE.replace("bands]", "bands + 1]"), "kept = sizes.head(0)", parameters=PARAMETERS
    )
    found = verify.verify(tmp_path / "out")
    assert found.tables == {"gone": False, "kept": True, "sizes": False}
    assert found.changed[0] == "the notebook"
    assert not found.good


def test_a_run_that_cannot_be_made_again_says_why(write: Write, tmp_path: Path) -> None:
    """None of its tables came out the same."""
    write("tiny", TABLE, parameters=PARAMETERS)
    report.run("tiny", out=tmp_path / "out", data_version="v1", export=page)
    write("tiny", "raise ZeroDivisionError('no')", parameters=PARAMETERS)
    found = verify.verify(tmp_path / "out")
    assert (found.good, found.tables) == (False, {"sizes": False})
    assert "ZeroDivisionError" in str(found.error)


def test_only_finished_runs_can_be_verified(write: Write, tmp_path: Path) -> None:
    """A pack's folder stands for its reports; a folder without any says what to give."""
    write("tiny", "raise ZeroDivisionError('no')", parameters=PARAMETERS)
    report.run("tiny", out=tmp_path / "pack" / "tiny", data_version="v1", export=page)
    (tmp_path / "pack" / ".tiny.old").mkdir()
    (tmp_path / "pack" / ".tiny.old" / "run.json").write_text("{}")
    assert verify.runs(tmp_path / "pack") == [tmp_path / "pack" / "tiny"]
    assert verify.runs(tmp_path / "pack" / "tiny") == [tmp_path / "pack" / "tiny"]
    with pytest.raises(WrongUsage, match="holds no finished run"):
        verify.verify(tmp_path / "pack" / "tiny")
    with pytest.raises(WrongUsage, match="holds no run; give the folder of a report"):
        verify.runs(tmp_path / "notebooks")
