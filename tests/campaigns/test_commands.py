"""The commands about campaigns: each tells what it did, and a status that is true."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from crowd import planned, written
from mailserver import receiving
from test_send import settings

from workbench import cli, paths
from workbench.campaigns.plans import plan
from workbench.data import Shop

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, crowd: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """A function that runs `workbench campaign` in a project with one campaign."""
    assert crowd
    (tmp_path / "templates").symlink_to(paths.templates())
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    written(tmp_path, segment="frequency_cohort: 1 visit", period="2026-01-05/2026-03-01")

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", "campaign", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return called


def test_every_option_has_help() -> None:
    """Nothing is left unexplained."""
    group = typer.main.get_command(cli.app).commands["campaign"]  # type: ignore[attr-defined]
    assert sorted(group.commands) == ["check", "draw", "export", "list", "send", "unsubscribe"]
    for command in group.commands.values():
        assert command.help
        assert not [p.name for p in command.params if not p.help]


def test_campaigns_are_listed_and_broken_ones_told(call: Call, tmp_path: Path) -> None:
    """The status says whether all could be read."""
    status, out, _ = call("list")
    assert status == 0
    assert out == "cheap-bread: price cut, 2026-02-23/2026-03-08, email, owner CRM\n"
    (tmp_path / "reports" / "campaigns" / "bad.yaml").write_text("name: x")
    status, out, err = call("list")
    assert (status, out.count("\n")) == (1, 1)
    assert err.startswith("workbench: reports/campaigns/bad.yaml: owner and objective")


def test_from_the_draw_to_the_message(call: Call) -> None:
    """Draw, export, dry run, send, unsubscribe: each says what it did."""
    assert call("export", "cheap-bread")[2].startswith("workbench: nobody is drawn for cheap-bread")
    drawn = "7 customers are drawn and stored for cheap-bread: 5 target, 2 control\n"
    assert call("draw", "cheap-bread")[:2] == (0, drawn)
    assert call("draw", "cheap-bread")[0] == 1
    exported = call("export", "cheap-bread")[1]
    assert "customers written to exports/cheap-bread/in-house-1.csv" in exported
    with receiving() as inbox:
        settings(inbox)
        assert call("send", "cheap-bread")[1].startswith("dry run: ")
        assert inbox.messages == []
        out = call("send", "cheap-bread", "--live")[1]
        assert out.startswith(f"{len(inbox.messages)} sent, 0 had it before")
        token = re.search(r"subject=([0-9a-f]{32})", inbox.messages[0])
    assert token
    assert call("unsubscribe", token[1])[1] == "they get nothing by email any more\n"
    assert call("unsubscribe", "x")[0] == 1


def test_a_check_that_cannot_be_made_says_why(call: Call) -> None:
    """Two months of a corner shop are too little to learn a forecast from."""
    status, out, err = call("check", "cheap-bread")
    assert (status, out, err.count("\n")) == (1, "", 1)


def test_a_wrong_name_is_one_paragraph(call: Call) -> None:
    """With the nearest name."""
    status, out, err = call("draw", "cheap-bred")
    assert (status, out) == (1, "")
    assert "did you mean 'cheap-bread'?" in err
    assert planned().slug in plan.names()
