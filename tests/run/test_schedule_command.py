"""The command `schedule` from the pack's file to the recipient, and `verify` and `pin`."""

import datetime as dt
import json
import shlex
import sys
from collections.abc import Callable
from email import message_from_string, policy
from pathlib import Path

import pytest
from mailserver import Inbox, receiving
from shops import deliver
from tiny import TABLE, Write

from workbench import cli
from workbench.cli import schedule
from workbench.run import WrongUsage

Call = Callable[..., tuple[int, str, str]]
PACK = """
title: Weekly
notebooks: [tiny, broken]
when: {at: 06:30, zone: Europe/Paris, weekdays: all}
to: {folder: shared, mail: [ann@shop.example]}
owner: crm@shop.example
"""
LATE = """
{name: Late, kind: data late, when: {days: 7, tables: [lines]}, budget: 10, for: IT,
action: ask the sender, channel: none, weeks: 1, held_back: 0}
"""
IMPORTS = "import polars as pl\nfrom workbench.kinds import Int\nfrom workbench.show import finding"
SIZES = "sizes = pl.DataFrame({'bands': [bands]})\nfinding(f'There are {bands} bands')"
BANDS = "bands: Int[3, 10] = 5  # scores"


@pytest.fixture
def call(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """A function that runs the command line at a moment in UTC."""
    assert project.is_dir()

    def called(moment: str, *words: str) -> tuple[int, str, str]:
        now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        monkeypatch.setattr(schedule, "_now", lambda: now)
        monkeypatch.setattr(sys, "argv", ["workbench", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return called


def server(project: Path, inbox: Inbox) -> None:
    """Let the home's settings name a mail server."""
    told = {"host": "127.0.0.1", "port": inbox.port, "security": "none", "sender": "c@shop.example"}
    (project / "home").mkdir(exist_ok=True)
    (project / "home" / "mail.yaml").write_text(json.dumps(told), encoding="utf-8")


def test_a_pack_goes_from_its_file_to_its_recipients(
    project: Path, write: Write, call: Call
) -> None:
    """Due, made, delivered and recorded once; what failed is told to those who get it."""
    write("tiny", SIZES, imports=IMPORTS, parameters=BANDS)
    write("broken", "1 / 0", imports=IMPORTS, parameters=BANDS)
    (project / "reports" / "weekly.yaml").write_text(PACK, encoding="utf-8")
    with receiving() as inbox:
        server(project, inbox)
        assert call("2026-03-02T04:00", "schedule", "--once") == (0, "", "")
        status, said, complaint = call("2026-03-02T05:30", "schedule", "--once")
        assert call("2026-03-02T05:45", "schedule", "--once") == (0, "", "")
    assert status == 1
    assert "weekly: 1 of 2 reports are done. Tiny baskets: ZeroDivisionError" in complaint
    assert inbox.recipients == ["ann@shop.example", "crm@shop.example"]
    report, notice = (message_from_string(text, policy=policy.default) for text in inbox.messages)
    text = report.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert report["Subject"] == "Weekly, 2 March 2026"
    assert "- There are 5 bands" in text
    assert "http://127.0.0.1:8866/packs/weekly-2026-03-02/index.html" in text
    assert "Failed: ZeroDivisionError" in text
    assert [part.get_filename() for part in report.iter_attachments()] == ["tiny.html"]  # type: ignore[union-attr]
    assert notice["Subject"] == "Weekly of 2 Mar 2026 has failed"
    shared = project / "home" / "shared" / "weekly-2026-03-02"
    assert sorted(path.name for path in shared.iterdir()) == ["broken", "index.html", "tiny"]

    assert said == f"All runs: {(project / 'home/packs/index.html').as_uri()}\n"
    page = (project / "home" / "packs" / "index.html").read_text(encoding="utf-8")
    assert '<a href="weekly-2026-03-02/index.html">weekly</a>' in page
    assert page.count("<tr>") == 3

    status, out, _ = call("2026-03-02T06:00", "schedule", "--history")
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["2026-03-02", "weekly:", "failed"],
        ["2026-03-01", "weekly:", "noted"],
    ]
    status, out, _ = call("2026-03-02T06:00", "schedule", "--list")
    assert "every day at 06:30, Europe/Paris; next 2026-03-03" in out
    assert "2026-03-02: failed 1 of 2 reports are done" in out

    made = project / "home" / "packs" / "weekly-2026-03-02"
    status, out, _ = call("2026-03-02T06:00", "verify", str(made / "tiny"))
    assert (status, "sizes: the same" in out) == (0, True)
    status, out, complaint = call("2026-03-02T06:00", "verify", str(made))
    assert (status, "sizes: the same" in out) == (1, True)
    assert "broken holds no finished run" in complaint


def test_where_no_report_is_whole_only_the_owner_is_told(
    project: Path, write: Write, call: Call
) -> None:
    """Recipients get no mail of nothing, and no folder."""
    write("broken", "1 / 0", imports=IMPORTS, parameters=BANDS)
    text = PACK.replace("tiny, ", "")
    (project / "reports" / "weekly.yaml").write_text(text, encoding="utf-8")
    with receiving() as inbox:
        server(project, inbox)
        call("2026-03-02T04:00", "schedule", "--once")
        status, _, _ = call("2026-03-02T05:30", "schedule", "--once")
    assert (status, inbox.recipients) == (1, ["crm@shop.example"])
    assert not (project / "home" / "shared").exists()


def test_a_file_that_cannot_be_used_does_not_stop_the_others(project: Path, call: Call) -> None:
    """It is complained of, by name, and the status is not good."""
    (project / "reports" / "good.yaml").write_text("notebooks: [tiny]", encoding="utf-8")
    (project / "reports" / "odd.yaml").write_text("notebooks: []", encoding="utf-8")
    status, out, complaint = call("2026-03-02T06:00", "schedule", "--list")
    assert status == 1
    assert out == "good: good\n    by hand\n"
    assert "odd.yaml is not a pack" in complaint


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ("systemd", "ExecStart=/usr/bin/env 'WORKBENCH_HOME=/my 5%% $$home' "),
        ("cron", "*/15 * * * * /usr/bin/env 'WORKBENCH_HOME=/my 5\\% $home' "),
        ("windows", 'setx WORKBENCH_HOME "/my 5% $home"\n'),
    ],
)
def test_a_timer_is_printed_for_each_system(
    call: Call, monkeypatch: pytest.MonkeyPatch, system: str, said: str
) -> None:
    """With this home and project, whatever signs are in their names; nothing is installed."""
    monkeypatch.setenv("WORKBENCH_HOME", "/my 5% $home")
    status, out, _ = call("2026-03-02T06:00", "schedule", "--install", system)
    assert (status, said in out, "schedule --once" in out) == (0, True, True)


def test_a_program_in_a_folder_with_a_space_is_one_word_to_windows(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task's command is quoted within the quotes of its option."""
    call("2026-03-02T06:00", "schedule", "--list")
    monkeypatch.setattr(sys, "argv", ["/my tools/workbench"])
    assert schedule.timer("windows").endswith('/TR "\\"/my tools/workbench\\" schedule --once"')


MINUTES = range(1, 1440)  # between two runs, by its documentation


def test_what_windows_is_told_is_what_schtasks_documents(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name, a kind of schedule with its minutes, and a command that is not too long for it."""
    call("2026-03-02T06:00", "schedule", "--list")
    monkeypatch.delenv("WORKBENCH_HOME")
    monkeypatch.delenv("WORKBENCH_PROJECT")
    monkeypatch.setattr(sys, "argv", ["/workbench"])
    verb, action, *words = shlex.split(schedule.timer("windows"))
    given = dict(zip(words[::2], words[1::2], strict=True))
    assert (verb, action) == ("schtasks", "/Create")
    assert given.keys() == {"/TN", "/SC", "/MO", "/TR"}
    assert given["/SC"] == "MINUTE"
    assert int(given["/MO"]) in MINUTES
    assert given["/TR"] == "/workbench schedule --once"
    monkeypatch.setattr(sys, "argv", ["/" + "w" * 250])
    with pytest.raises(WrongUsage, match=r"longer than the 262 letters that schtasks takes"):
        schedule.timer("windows")


def test_an_unknown_system_says_which_there_are(call: Call) -> None:
    """The error is one paragraph."""
    status, _, complaint = call("2026-03-02T06:00", "schedule", "--install", "amiga")
    assert (status, "allowed: systemd, cron, windows" in complaint) == (2, True)


def test_a_notebook_is_pinned_by_name(project: Path, write: Write, call: Call) -> None:
    """The name to put into a pack is printed."""
    write("tiny", TABLE)
    status, out, _ = call("2026-03-02T06:00", "pin", "tiny")
    name = out.split()[0]
    assert (status, out) == (0, f"{name} is in reports/pinned; name it in a pack instead\n")
    assert (project / "reports" / "pinned" / f"{name}.ipynb").exists()


def test_a_run_fires_alerts_first_and_lets_old_files_go(
    project: Path, write: Write, call: Call
) -> None:
    """The pack's rules are asked before its reports; a rule that is not there is the fault."""
    deliver(project / "home")
    rules = project / "reports" / "alerts"
    rules.mkdir()
    (rules / "late.yaml").write_text(LATE, encoding="utf-8")
    write("tiny", SIZES, imports=IMPORTS, parameters=BANDS)
    text = PACK.partition("to:")[0].replace(", broken", "") + "keep: 1 run\nalerts: all\n"
    (project / "reports" / "weekly.yaml").write_text(text, encoding="utf-8")
    call("2026-03-02T04:00", "schedule", "--once")
    told = [call(f"2026-03-0{day}T05:30", "schedule", "--once") for day in (2, 3)]
    assert [status for status, _, _ in told] == [0, 0], told
    assert told[0][1].startswith("late: 0 new, 0 of them held back; 0 closed\nweekly: 1 of 1")
    assert "weekly: removed the files of 1 old runs" in told[1][1]
    assert [path.name for path in (project / "home/packs").glob("w*")] == ["weekly-2026-03-03"]
    assert call("2026-03-03T06:00", "schedule", "--hold", "weekly-2026-03-03")[0] == 0

    (project / "reports" / "weekly.yaml").write_text(text.replace("all\n", "x\n"), encoding="utf-8")
    status, _, complaint = call("2026-03-04T05:30", "schedule", "--once")
    assert (status, "weekly: no alert rule is called 'x'; there are: late" in complaint) == (
        1,
        True,
    )
