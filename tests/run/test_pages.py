"""What the gallery says of each notebook, to whom may open it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tiny import Write

from workbench.cli.reports import password
from workbench.run import access, made, pages
from workbench.run.access import AccessError, Rights

RUN = {
    "title": "",
    "parameters": {},
    "source": {},
    "package_version": "",
    "status": "done",
    "data_version": "v1",
    "passport": {"said": "data v1, passport amber (2 amber, 0 red)", "colour": "amber"},
}


def ran(project: Path, name: str, place: str, started: str, **more: object) -> None:
    """Leave what a run leaves, in a folder of the home."""
    out = project / "home" / place
    out.mkdir(parents=True)
    record = RUN | {"notebook": name, "started": started} | more
    (out / "run.json").write_text(json.dumps(record))
    if record["status"] == "done":
        (out / "report.html").write_text("")


def test_a_card_tells_of_the_last_run(project: Path, write: Write) -> None:
    """Of reports and packs the newest counts, whatever its parameters; it may rest on old data."""
    write("segments/tiny")
    write("lone")
    ran(project, "segments/tiny", "reports/segments/tiny-1a2b3c4d", "2026-01-02T10:00:00")
    ran(project, "segments/tiny", "packs/week/segments/tiny", "2026-01-03T10:00:00")
    ran(project, "segments/tiny", "reports/segments/.tiny.new", "2026-01-04T10:00:00")
    data, segments = pages.gallery(Rights())
    assert (data.name, data.cards[0].run) == ("data", None)
    card = segments.cards[0]
    assert card.run
    assert (card.run.started, card.run.passport) == ("2026-01-03T10:00:00", RUN["passport"])
    assert card.link == "packs/week/segments/tiny/report.html"


def test_a_failed_run_is_told_with_the_report_that_stays(project: Path, write: Write) -> None:
    """The status and its day are those of the failure, what it rests on is the report's."""
    write("tiny")
    good = RUN | {"notebook": "tiny", "started": "2026-01-01T10:00:00"}
    failed = {"status": "failed", "passport": {}, "data_version": None, "last_good": good}
    ran(project, "tiny", "reports/tiny", "2026-01-02T10:00:00", **failed)
    card = pages.gallery(Rights())[0].cards[0]
    assert card.run
    assert (card.run.status, card.run.started) == ("failed", "2026-01-02T10:00:00")
    assert (card.run.passport, card.run.data_version, card.link) == (RUN["passport"], "v1", "")


def test_what_vanishes_while_one_looks_is_passed_over(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports are swapped at any moment; the others are found all the same."""
    for name in ("swapped", "tiny"):
        ran(project, name, f"reports/{name}", "2026-01-02T10:00:00")
    look = os.scandir

    def late(place: Any = ".") -> Any:
        return look(f"{place}/gone" if str(place).endswith("/swapped") else place)

    monkeypatch.setattr(os, "scandir", late)
    assert list(made.newest()) == ["tiny"]


def test_a_gallery_holds_what_its_visitor_may_open(write: Write) -> None:
    """Patterns choose by name, and single customers need a right of their own."""
    for name in ("segments/tiny", "customers/one"):
        write(name)
    named = {
        patterns: [team.name for team in pages.gallery(Rights(patterns))]
        for patterns in [("*",), ("segments/*",), ("customers/o?e", "nothing"), ()]
    }
    assert list(named.values()) == [["customers", "segments"], ["segments"], ["customers"], []]
    assert Rights().opens("customers/one", private=True)
    assert not Rights(customers=False).opens("customers/one", private=True)


GOOD = "roles: {r: {apps: ['*']}}\npeople: {ana: {role: r, token: 'sha256:x'}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roles: [", "not readable YAML"),
        ("people: {}", "'roles' is missing"),
        (GOOD + "poxy: {}", "'poxy' is unknown; there are: roles, people, proxy"),
        (GOOD.replace("['*']", "all"), "apps is a list of patterns"),
        (GOOD.replace("['*']", "[], act: perhaps"), "role 'r': act 'perhaps' is unknown"),
        (GOOD.replace("role: r", "role: boss"), "person 'ana': role 'boss' is unknown"),
        (GOOD.replace("sha256:", ""), "`workbench password`"),
        (GOOD + "proxy: {from: [here]}", "'here' does not appear to be an IPv4 or IPv6 network"),
        ("hello", "unknown"),
        ("roles: {}\npeople: {}", "people names nobody, and then everybody might do everything"),
    ],
)
def test_a_file_of_access_is_refused_with_the_entry(tmp_path: Path, text: str, said: str) -> None:
    """The error names the file, the entry and what there is."""
    file = tmp_path / "access.yaml"
    file.write_text(text)
    with pytest.raises(AccessError, match=r"access\.yaml") as refused:
        access.read(file)
    assert said in str(refused.value)


def test_what_a_role_does_not_say_it_may_not(tmp_path: Path) -> None:
    """Nothing but looking is in a role by itself, and nobody else is let in."""
    file = tmp_path / "access.yaml"
    file.write_text(GOOD)
    read = access.read(file)
    assert read
    assert read.rights("ana") == Rights(("*",), customers=False, export=False, act=False)
    assert read.rights("eve") is None
    assert not read.knows("ana", "")
    assert access.read(tmp_path / "none") is None


def test_the_lines_for_a_person_let_that_person_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the command prints goes into the file, and what it was made of comes in."""
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "pass word")
    password()
    password(token=True)
    printed = capsys.readouterr()
    lines = "".join(f"\n    {line}" for line in printed.out.splitlines())
    file = tmp_path / "access.yaml"
    file.write_text(f"roles: {{r: {{apps: []}}}}\npeople:\n  ana:\n    role: r{lines}\n")
    read = access.read(file)
    assert read
    assert [read.knows("ana", word) for word in ("pass word", "password", "")] == [
        True,
        False,
        False,
    ]
    token = printed.err.partition("?token=")[2].partition(" ")[0]
    assert (read.holder(token), read.holder("x")) == ("ana", None)
