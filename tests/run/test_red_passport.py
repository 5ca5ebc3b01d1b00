"""A red check in the lives of a notebook: report, pack and app stop, unless it is accepted."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from loops import finish
from plain import Delivery, line
from tiny import Write, page

from workbench import cli
from workbench.run import catalogue, pack, record, report
from workbench.run.app import App

CHECK = "unknown products"
TIMES = [f"{10 + n // 60}:{n % 60:02d}" for n in range(60)]
STRANGE = [line(f"strange {n}", 40, product="x1", time=time) for n, time in enumerate(TIMES)]
OPEN = "from workbench.data import open_shop\nshop = open_shop()"
PRODUCTS = "goods = shop.products.select('product_id').collect('polars').to_native()\ngoods.height"
LINES = "held = shop.lines.select('day').collect('polars').to_native()\nheld.height"
PACK = "title: Red\nnotebooks: [products, lines]\n"


@pytest.fixture
def red(project: Path, write: Write) -> Path:
    """A project whose data has a red check that concerns products, with two notebooks."""
    Delivery().sells(*STRANGE).load(project / "home")
    write("products", OPEN, PRODUCTS, parameters=None)
    write("lines", OPEN, LINES, parameters=None)
    (project / "reports" / "red.yaml").write_text(PACK, encoding="utf-8")
    return project


def test_a_report_of_endangered_data_is_not_made(red: Path) -> None:
    """The record says which check stopped it and how to go on; no page is left."""
    made = report.run("products", export=page)
    assert made.status == "failed"
    assert f"{CHECK} (60 of 1,180)" in str(made.error)
    assert f'--accept "{CHECK}"' in str(made.error)
    assert not (red / "home" / "reports" / "products" / "report.html").exists()


def test_a_report_in_spite_of_a_red_check_says_so(red: Path) -> None:
    """Page and record name the passport and what was accepted."""
    made = report.run("products", accept=[CHECK], export=page)
    assert made.good
    assert (made.accepted, made.passport["colour"]) == ([CHECK], "red")
    facts = json.loads((red / "home/reports/products/report.html").read_text())["facts"]
    assert facts["rests_on"].startswith("data v1, passport red (")
    assert facts["rests_on"].endswith(f", 1 red), accepted: {CHECK}")


def test_what_was_accepted_once_is_not_kept_for_a_run_that_does_not(red: Path) -> None:
    """A finished report does not carry its acceptance over to the next run."""
    out = red / "out"
    report.run("products", accept=[CHECK], data_version="v1", out=out, export=page)
    again = {"data_version": "v1", "out": out, "fresh": False, "export": page}
    assert report.run("products", accept=[CHECK], **again).good  # type: ignore[arg-type]
    assert report.run("products", **again).status == "failed"  # type: ignore[arg-type]
    found = record.read(out)
    assert found is not None
    assert found.last_good is not None


def test_a_pack_lists_the_stopped_and_makes_the_others(red: Path) -> None:
    """One red check concerns some reports only."""
    made = pack.run_pack("red", jobs=1, export=page)
    assert [result.good for result in made.results] == [False, True]
    assert CHECK in str(made.results[0].error)
    assert pack.run_pack("red", jobs=1, accept=[CHECK], export=page).good
    assert f"accepted: {CHECK}" in (red / "home/packs/red/index.html").read_text()


@pytest.mark.parametrize("accepted", ["", CHECK], ids=["stopped", "accepted"])
def test_an_app_stops_or_says_what_its_server_accepted(
    red: Path, monkeypatch: pytest.MonkeyPatch, accepted: str
) -> None:
    """The environment of the server decides for every visitor; the facts tell it."""
    assert red.exists()
    monkeypatch.setenv("WORKBENCH_ACCEPT", accepted)
    shell = InteractiveShell.instance()
    try:
        said = finish(_played(App(catalogue.find("products"), "", shell)))
    finally:
        InteractiveShell.clear_instance()
    last = said["cell 3"]
    if accepted:
        assert (last["state"], last["outputs"]) == ("shown", [{"text/plain": "102"}])
        assert said["facts"]["command"].endswith(f"--accept '{CHECK}'")
    else:
        assert last["state"] == "failed"
        assert CHECK in last["message"]
    assert said["facts"]["rests_on"].startswith("data v1, passport red (")


async def _played(app: App) -> dict[str, Any]:
    app.open()
    async with asyncio.timeout(20):
        while "tables" not in app.said:
            await asyncio.sleep(0.02)
    app.work.cancel()
    return app.said


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["run", "products"], 1, f'--accept "{CHECK}"'),
        (["run", "products", "--accept", CHECK], 0, ""),
        (["pack", "red", "--accept", CHECK], 0, ""),
        (["run", "products", "--accept", "all"], 1, "no check is called 'all'; there are: "),
    ],
)
def test_the_command_line_accepts_by_name(
    red: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    said: str,
) -> None:
    """The option stands where the message says it does; a wrong name is refused at once."""
    assert red.exists()
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert int(ended.value.code or 0) == status
    assert said in capsys.readouterr().err
