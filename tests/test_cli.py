"""The command line: one readable paragraph for every mistake, and a status that is true."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import typer
from nbformat import v4

from workbench import cli, paths
from workbench.door import corner

Call = Callable[..., tuple[int, str, str]]
COMMANDS = sorted(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """A function that runs the command line in a project with three tiny notebooks."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    for name, code in {"good": "2 + bands", "lost": "open_shop()", "bad": "bands / 0"}.items():
        write(tmp_path / "notebooks" / f"{name}.ipynb", code)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "both.yaml").write_text("title: Both\nnotebooks: [good, bad]")

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return called


def write(path: Path, code: str) -> None:
    """Write a notebook with one parameter and one cell of that code."""
    path.parent.mkdir(exist_ok=True)
    node = v4.new_notebook()
    tagged = {"tags": ["parameters"]}
    node.cells = [
        v4.new_markdown_cell("# Tiny"),
        v4.new_code_cell("from workbench.data import open_shop\nfrom workbench.kinds import Int"),
        v4.new_code_cell("bands: Int[3, 10] = 5  # scores", metadata=tagged),
        v4.new_code_cell(code),
    ]
    nbformat.write(node, path)


def test_every_command_and_option_has_help() -> None:
    """No command, argument or option is left unexplained."""
    group = typer.main.get_command(cli.app)
    assert {"demo", "ingest", "list", "new", "run", "pack", "serve", "lab"} <= set(COMMANDS)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert not [p.name for p in command.params if not p.help], name


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_there(call: Call, command: str) -> None:
    """Help is no error, for the whole and for each command."""
    status, out, _ = call(*filter(None, [command]), "--help")
    assert (status, "Usage: workbench" in out) == (0, True)


def test_help_loads_nothing_heavy() -> None:
    """Asking for help does not load the data, the charts or a kernel."""
    code = "import sys, workbench.cli; print(*{m.split('.')[0] for m in sys.modules})"
    begun = time.monotonic()
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"polars", "altair", "papermill", "nbformat", "IPython", "voila"} & set(loaded)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "goood"], "no notebook 'goood'; did you mean 'good'? there are: bad, good, lost"),
        (["run", "good", "-p", "bands=99"], "99 is out of range; allowed: 3 to 10"),
        (["run", "good", "-p", "band=5"], "did you mean 'bands'? allowed: bands"),
        (["run", "good", "-p", "bands"], "write -p name=value"),
        (["run", "good", "--out", "{notebooks}"], "give --out a new or empty one"),
        (["pack", "booth"], "did you mean 'both'? there are: both"),
    ],
)
def test_wrong_usage_is_one_paragraph(
    call: Call, tmp_path: Path, words: list[str], said: str
) -> None:
    """A mistake names what is allowed in one line without a traceback, and nothing is written."""
    named = [word.format(notebooks=tmp_path / "notebooks") for word in words]
    status, out, err = call(*named)
    assert (status, out) == (2, "")
    assert err.startswith("workbench: ")
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", [["rum"], ["run"], ["run", "good", "--nosuch"]])
def test_unknown_words_are_wrong_usage(call: Call, words: list[str]) -> None:
    """A wrong command or option ends with status 2."""
    assert call(*words)[0] == 2


def test_debug_shows_the_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --debug an error is raised as it is."""
    assert call("run", "nosuch")[0] == 2
    monkeypatch.setattr(sys, "argv", ["workbench", "--debug", "run", "nosuch"])
    with pytest.raises(ValueError, match="nosuch"):
        cli.main()


def test_list_names_notebooks_parameters_and_packs(call: Call, tmp_path: Path) -> None:
    """The list shows everything that can be read, and says what cannot."""
    status, out, _ = call("list")
    assert status == 0
    assert "good: Tiny\n    bands = 5  (Int: scores)" in out
    assert "Packs: both" in out
    (tmp_path / "notebooks" / "broken.ipynb").write_text("{")
    status, out, err = call("list")
    assert status == 1
    assert "good: Tiny" in out
    assert "broken.ipynb is not a readable notebook" in err


def test_a_run_says_where_the_report_is(call: Call, tmp_path: Path) -> None:
    """A good run ends with status 0 and a link to its report."""
    status, out, err = call("run", "good", "-p", "bands=7", "--out", str(tmp_path / "out"))
    assert (status, out) == (0, f"Tiny: {(tmp_path / 'out' / 'report.html').as_uri()}\n")
    assert (tmp_path / "out" / "report.html").exists()
    assert err.startswith("good: 1 of ")


def test_a_missing_lake_says_which_command_makes_one(call: Call) -> None:
    """Without data the run fails and names the way to some."""
    status, out, err = call("run", "lost")
    assert (status, out) == (1, "")
    assert "workbench: lost failed: there is no data yet" in err
    assert "`workbench demo`" in err
    assert "`workbench ingest`" in err
    assert "Traceback" not in err


def test_a_pack_with_a_failure_is_not_done(call: Call) -> None:
    """The good reports are named, the bad one too, and the status is 1."""
    status, out, err = call("pack", "both", "--jobs", "1")
    assert status == 1
    assert "Tiny: file://" in out
    assert "All reports: file://" in out
    assert "workbench: bad: ZeroDivisionError" in err


def test_files_are_loaded_told_and_passed_over_the_second_time(call: Call, tmp_path: Path) -> None:
    """The mapping lies beside the files; the second time says that nothing changed."""
    corner.deliver(tmp_path / "till")
    status, out, _ = call("ingest", str(tmp_path / "till"))
    assert (status, out.splitlines()) == (
        0,
        [
            "Corner shop: data v1, complete to 2026-03-01",
            "2 files: 18 rows, of them 0 in quarantine; 0 stored days restated",
            "Passport: amber",
        ],
    )
    status, out, _ = call("ingest", str(tmp_path / "till"))
    assert (status, out.splitlines()[1:]) == (0, ["Every file was loaded before: nothing changed."])


def test_the_state_of_the_data_is_printed_and_a_flipped_byte_found(
    call: Call, tmp_path: Path
) -> None:
    """Tables, days, loads; with --verify every checksum is read again."""
    corner.deliver(tmp_path / "till")
    call("ingest", str(tmp_path / "till"))
    status, out, _ = call("data", "--verify")
    assert status == 0
    assert "Corner shop: data v1, 2026-01-05 to 2026-03-01, EUR, passport amber" in out
    assert "catalogue.csv, receipts.csv" in out
    assert "checksums read again: none wrong" in out
    path = next((tmp_path / "home" / "lake" / "corner-shop" / "lines").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9] + b"x" + path.read_bytes()[-8:])
    status, _, err = call("data", "--verify")
    assert status == 1
    assert "is not what was written" in err


def test_a_first_mapping_is_printed_and_nothing_loaded(call: Call, tmp_path: Path) -> None:
    """It goes to standard output, to be kept as a file."""
    corner.deliver(tmp_path / "till").unlink()
    status, out, _ = call("ingest", str(tmp_path / "till"), "--suggest")
    assert (status, "receipts.csv" in out, (tmp_path / "home" / "lake").exists()) == (
        0,
        True,
        False,
    )
