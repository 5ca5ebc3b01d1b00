"""Reports: whole or not there, from kernels that never outlive them, and true about how it went."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import polars as pl
import psutil
import pytest
from tiny import IMPORTS, PARAMETERS, TABLE, Write, kernels, page, refuse, waited

from workbench.run import execute, record, report, results
from workbench.run.params import ParameterError
from workbench.run.record import Record

HOSTILE = """'''"); import os; os._exit(1)  # {bands} \\x00 %s </script>"""
FACTS = """import datetime, os, sys, types
shop = types.SimpleNamespace(version=os.environ["WORKBENCH_DATA_VERSION"], retailer="Corner",
    currency="USD", last_day=datetime.date(2017, 12, 31), synthetic=("costs",))
names = "SERVER_SOFTWARE JPY_SESSION_NAME VOILA_REQUEST_URL WORKBENCH_HOME".split()
seen = pl.DataFrame({"seen": [os.getcwd(), sys.executable, *(os.environ.get(n) for n in names)]})"""


def stays(out: Path, good: Record, status: str) -> Record:
    """Assert that the last good report is still there; return what the record says of the run."""
    found = record.read(out)
    assert found is not None
    assert found.status == status
    assert found.last_good is not None
    assert found.last_good["tables"] == good.tables
    assert pl.read_parquet(out / "tables" / "sizes.parquet")["bands"].item() == 7
    assert (out / "report.html").exists()
    assert (out / "notebook.ipynb").exists()
    return found


def test_a_run_leaves_a_whole_report(
    project: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run: page, notebook, tables and record agree, and hostile text is only text."""
    for name in ("SERVER_SOFTWARE", "JPY_SESSION_NAME", "VOILA_REQUEST_URL"):
        monkeypatch.setenv(name, "of a server")
    dated = f'{PARAMETERS}\nuntil: Date = "2026-03-01"  # last day'
    titled = f'{dated}\nwhole: Flag = False  # all of it\nby: Choice[choices] = "rfm"  # told apart'
    imports = f"{IMPORTS}, Choice, Date, Flag\nfrom workbench.segments import choices"
    write("segments/tiny", FACTS, TABLE, parameters=titled, imports=imports)
    steps: list[tuple[int, int, str]] = []
    made = report.run(
        "tiny",
        {"bands": "7", "note": HOSTILE},
        data_version="v3",
        progress=lambda *step: steps.append(step),
        export=page,
    )
    out = report.place("tiny", {"bands": 7, "note": HOSTILE})
    assert out.parent == project / "home" / "reports" / "segments"
    assert sorted(path.name for path in out.iterdir()) == [
        "notebook.ipynb",
        "report.html",
        "run.json",
        "tables",
    ]
    assert record.read(out) == made
    assert (made.status, made.error, made.notebook, made.title) == (
        "done",
        None,
        "segments/tiny",
        "Tiny baskets",
    )
    kept = {"bands": 7, "note": HOSTILE, "until": "2026-03-01", "whole": False, "by": "rfm"}
    assert made.parameters == kept
    assert (made.data_version, made.retailer, made.synthetic) == ("v3", "Corner", ["costs"])
    assert set(made.seconds) == {"kernel_start", "imports", "compute", "rendering"}

    tables = {path.stem: pl.read_parquet(path) for path in (out / "tables").iterdir()}
    assert tables["sizes"].to_dicts() == [{"bands": 7, "note": HOSTILE}]
    assert tables["seen"]["seen"].to_list() == [
        str(project),
        sys.executable,
        None,
        None,
        None,
        str(project / "home"),
    ]
    stated = {name: entry["sha256"] for name, entry in made.tables.items()}
    assert stated == {name: results.fingerprint(table) for name, table in tables.items()}

    notebook = nbformat.read(out / "notebook.ipynb", as_version=4)
    text = (out / "notebook.ipynb").read_text(encoding="utf-8")
    assert [cell.id for cell in notebook.cells if cell.id == "injected-parameters"]
    assert "workbench.run.results" not in text
    assert str(project) not in text.replace(str(out), "").replace('"seen', "")
    shown = json.loads((out / "report.html").read_text(encoding="utf-8"))
    assert shown["cells"] == len(notebook.cells)
    assert shown["facts"]["parameters"] == [
        ["Bands", "7", "scores"],
        ["Note", HOSTILE, "yours"],
        ["Until", "1 Mar 2026", "last day"],
        ["Whole", "no", "all of it"],
        ["By", "RFM", "told apart"],
    ]
    assert shown["facts"]["app_link"].startswith("http://127.0.0.1:8866/app/segments/tiny?bands=7&")
    assert steps[0][2] == "Tiny baskets"
    assert not kernels()


def test_the_last_good_report_stays(write: Write, tmp_path: Path) -> None:
    """A run that raises, hangs, dies or ends itself is told as such and replaces nothing."""
    out = tmp_path / "out"

    def run(*cells: str, timeout: float = 60) -> Record:
        write("tiny", *cells, parameters=PARAMETERS)
        return report.run(
            "tiny", {"bands": 7}, out=out, timeout=timeout, data_version="v1", export=page
        )

    good = run(TABLE)
    assert good.good

    run("from workbench.kinds import Int\nInt(3, 10).parse(99)")
    assert stays(out, good, "failed").error == "99 is out of range; allowed: 3 to 10"
    assert "Traceback" in (out / "failed.ipynb").read_text()

    run("1 / 0")
    error = stays(out, good, "failed").error
    assert error == (
        "ZeroDivisionError at 'Tiny baskets': division by zero; "
        "the full traceback is in failed.ipynb"
    )

    child = tmp_path / "child"
    run(
        "import signal, subprocess\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        f"open({str(child)!r}, 'w').write(str(subprocess.Popen(['sleep', '300']).pid))",
        "while True: pass",
        timeout=6,
    )
    assert "after its limit of 6 seconds" in str(stays(out, good, "timed out").error)
    waited(lambda: not psutil.pid_exists(int(child.read_text())))

    run("import os\nos._exit(9)")
    assert "the kernel died at 'Tiny baskets'" in str(stays(out, good, "died").error)

    run("raise SystemExit(0)")
    assert "ended itself" in str(stays(out, good, "failed").error)
    assert not kernels()

    again = run(TABLE)
    assert again.good
    assert again.last_good is None
    assert not (out / "failed.ipynb").exists()
    assert again.tables == good.tables

    kept = report.run("tiny", {"bands": 7}, out=out, data_version="v1", fresh=False, export=refuse)
    assert kept == again

    with pytest.raises(OSError, match="no space"):
        report.run("tiny", {"bands": 7}, out=out, data_version="v1", export=refuse)
    assert "no space" in str(stays(out, good, "failed").error)


def test_a_kernel_over_its_limit_of_memory_is_ended(write: Write, tmp_path: Path) -> None:
    """The run died, the sentence names the limit, and the record has what the kernel held."""
    write("tiny", "import time\nheld = b'x' * 500_000_000\ntime.sleep(60)")
    made = report.run("tiny", out=tmp_path / "out", memory=400, export=page)
    assert made.status == "died"
    assert "more memory than its limit of 400 MB; try a shorter period" in str(made.error)
    assert made.memory
    assert made.memory > 400
    write("tiny", TABLE, parameters=PARAMETERS)
    made = report.run("tiny", out=tmp_path / "out", memory=1500, export=page)
    assert made.good
    assert made.memory
    assert 10 < made.memory < 1500
    assert not kernels()


@pytest.mark.parametrize("change", ["notebook", "parameters", "data", "file", "none known"])
def test_a_report_is_made_again_when_anything_changed(
    write: Write, tmp_path: Path, change: str
) -> None:
    """Another source, parameter or data version, or a missing file, is not up to date."""
    write("tiny", TABLE, parameters=PARAMETERS)
    asked = report.ask("tiny", {}, tmp_path / "out", "v1", 60)
    finished = replace(report.begin(asked), status="done", pid=None, pid_started=None)
    record.write(tmp_path / "out", finished)
    for name in ("report.html", "notebook.ipynb"):
        (tmp_path / "out" / name).touch()
    assert report.up_to_date(report.begin(asked), tmp_path / "out") == finished
    version: str | None = "v1"
    if change == "notebook":
        write("tiny", TABLE, "1", parameters=PARAMETERS)
    if change == "data":
        version = "v2"
    if change == "none known":
        version = None
    if change == "file":
        (tmp_path / "out" / "report.html").unlink()
    given = {"bands": 6} if change == "parameters" else {}
    again = report.begin(report.ask("tiny", given, tmp_path / "out", version, 60))
    assert report.up_to_date(again, tmp_path / "out") is None


def test_nothing_starts_for_parameters_not_allowed(project: Path, write: Write) -> None:
    """A wrong name or value is refused before there is a folder or a kernel."""
    write("tiny", TABLE, parameters=PARAMETERS)
    with pytest.raises(ParameterError, match="did you mean 'bands'"):
        report.run("tiny", {"band": 5}, export=page)
    assert not (project / "home").exists()


def test_a_killed_run_is_known_to_have_died(write: Write, tmp_path: Path) -> None:
    """When the runner is killed, its kernel follows and the record says died."""
    write("tiny", "import time\ntime.sleep(300)")
    command = "from workbench.run import report; report.run('tiny', out=report.Path('out'))"
    runner = subprocess.Popen([sys.executable, "-c", command], cwd=tmp_path)
    try:
        started = waited(lambda: kernels(runner.pid))
        running = waited(lambda: record.read(tmp_path / "out"))
        assert running.status == "running"
    finally:
        runner.kill()
        runner.wait()
    found = record.read(tmp_path / "out")
    assert found is not None
    assert found.status == "died"
    waited(lambda: not any(kernel.is_running() for kernel in started))


@pytest.mark.parametrize(
    ("name", "frames", "said"),
    [
        ("ValueError", [execute.__file__], "no such segment"),
        ("NoLake", [execute.__file__], "no such segment"),
        ("KeyError", [execute.__file__], "KeyError at 'Weight': no such segment; the full"),
        ("ValueError", ["/usr/lib/python3/json.py"], "ValueError at 'Weight': no such segment"),
        ("ValueError", [], "ValueError at 'Weight': no such segment"),
    ],
)
def test_errors_meant_for_people_stand_by_themselves(
    name: str, frames: list[str], said: str
) -> None:
    """Our own words about values and files need no name of a class; accidents keep theirs."""
    traceback = [f"\x1b[36mFile \x1b[39m\x1b[32m{frame}:7\x1b[39m, in f()" for frame in frames]
    assert execute.readable(name, "no such\nsegment", traceback, "Weight").startswith(said)
