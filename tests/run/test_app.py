"""An app in its kernel, without a browser: what it tells the page."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from comm import get_comm_manager
from IPython.core.interactiveshell import InteractiveShell
from loops import finish
from tiny import Write

from workbench.actions import MIME, Action
from workbench.run import catalogue, made
from workbench.run.app import App

PARAMETERS = "bands: Int[3, 10] = 5  # scores\nnote: Text = 'plain'  # yours"
Hears = Sequence[dict[str, str]]
CELLS = ("sizes = pl.DataFrame({'bands': [bands]})", "f'{note} {bands}'")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """An IPython shell with an empty namespace."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture
def play(write: Write, shell: InteractiveShell) -> Callable[..., App]:
    """A function that opens the app of a tiny notebook, moves controls, and lets it settle."""

    def played(query: str = "", *cells: str, hears: Hears = (), **moves: object) -> App:
        write("tiny", *(cells or CELLS), parameters=PARAMETERS)
        app = App(catalogue.find("tiny"), query, shell)
        return finish(_play(app, moves, hears))

    return played


async def _play(app: App, moves: dict[str, object], hears: Hears) -> App:
    app.open()
    for control in app.controls:
        if control.parameter.name in moves:
            await _settled(app)
            control.field.value = moves[control.parameter.name]
            if app.live.waiting:
                del app.said["tables"]
    await _settled(app)
    for message in hears:
        app.said.pop("tables", None)
        app._hear(message)
    await _settled(app)
    app.work.cancel()
    return app


async def _settled(app: App, key: str = "tables") -> None:
    async with asyncio.timeout(20):
        while key not in app.said:
            await asyncio.sleep(0.02)


def shown(app: App, position: int) -> Any:
    """Return what the app said of a cell."""
    return app.said[f"cell {position}"]


Play = Callable[..., App]


def test_values_of_the_link_reach_the_cells(play: Play) -> None:
    """The query's values are the notebook's, and the controls show them."""
    app = play("?bands=7&note=a%20b")
    assert shown(app, 4)["outputs"] == [{"text/plain": "'a b 7'"}]
    assert [control.field.value for control in app.controls] == [7, "a b"]


def test_an_app_takes_the_place_of_the_one_before_it_in_its_kernel(play: Play) -> None:
    """Their widgets go by the same names; what is left of the first takes nothing with it."""
    first, second = play(), play()
    assert (first.page.comm, first.drawn.comm) == (None, None)
    del first
    gc.collect()
    assert get_comm_manager().get_comm("page") is second.page.comm
    assert get_comm_manager().get_comm("controls") is second.drawn.comm


def test_a_bad_link_is_told_and_the_rest_followed(play: Play) -> None:
    """What is wrong in a link is named with what is allowed; the other values hold."""
    app = play("?bands=99&note=kept")
    assert "3 to 10" in str(app.said["notice"]["text"])
    assert shown(app, 4)["outputs"] == [{"text/plain": "'kept 5'"}]


def test_a_moved_control_changes_cells_link_and_command(play: Play) -> None:
    """The page learns the new outputs, the new address and the command for the report."""
    app = play(bands=8)
    assert shown(app, 4)["outputs"] == [{"text/plain": "'plain 8'"}]
    assert app.said["link"]["query"] == "bands=8"
    assert app.said["facts"]["command"] == "workbench run tiny -p bands=8"


def test_a_value_out_of_range_changes_nothing(play: Play) -> None:
    """A value that a visitor forces into a widget is told to be wrong and not used."""
    app = play(note="x\ny")
    assert shown(app, 4)["outputs"] == [{"text/plain": "'plain 5'"}]
    assert app.said["notice"]["name"] == "note"


def test_result_tables_have_fingerprints(play: Play) -> None:
    """The fingerprint of each result table is told, and changes with the table."""
    before = play().said["tables"]["tables"]
    after = play(bands=8).said["tables"]["tables"]
    assert before.keys() == after.keys() == {"sizes"}
    assert before != after


def test_markdown_is_told_as_html(play: Play) -> None:
    """A sentence in Markdown arrives drawn, with foreign HTML escaped."""
    app = play("", "from IPython.display import Markdown\nMarkdown('*so* <b>x</b>')")
    html = shown(app, 3)["outputs"][0]["text/html"]
    assert "<em>so</em>" in html
    assert "<b>" not in html


def test_a_failed_cell_is_told_in_words(play: Play) -> None:
    """The message of an error is told without its traceback."""
    app = play("", "raise ValueError('no data\\nyet')")
    assert (shown(app, 3)["state"], shown(app, 3)["message"]) == ("failed", "no data yet")


def test_a_page_that_comes_late_is_told_everything(play: Play) -> None:
    """What was said before the page listened is said again when it is ready."""
    app = play()
    heard: list[object] = []
    app.page.send = heard.append
    app._hear({"kind": "ready"})
    assert heard == [*app.said.values(), {"kind": "told"}]


ACTING = (
    "from workbench.actions import Action\nfrom workbench.paths import home",
    "book = home() / 'book'\nkept = len(book.read_text()) if book.exists() else 0\nkept",
    """\
def keep():
    if bands == 9:
        raise ValueError('nine are not kept')
    if bands == 8:
        raise pl.exceptions.PanicException('eight are too many')
    home().mkdir(exist_ok=True)
    book.write_text('x' * (kept + 1))
    return 'Kept.'""",
    "Action('Keep', f'Keep {kept + 1}?', keep)",
)
KEEP = {"kind": "act", "label": "Keep"}


def test_opening_a_page_does_nothing_that_it_offers(play: Play) -> None:
    """The offer is told with its question, and nothing is written."""
    app = play("", *ACTING)
    offered = shown(app, 6)["outputs"][0][MIME]
    assert offered["question"] == "Keep 1?"
    assert shown(app, 4)["outputs"] == [{"text/plain": "0"}]


def test_what_is_confirmed_is_done_once_and_looked_at_again(play: Play) -> None:
    """Two clicks do it once; the cells above and the offer itself show what it changed."""
    app = play("", *ACTING, hears=[KEEP | {"mark": Action("Keep", "Keep 1?", str).mark}] * 2)
    assert app.said["done Keep"] == {"kind": "done", "label": "Keep", "good": True, "text": "Kept."}
    assert shown(app, 4)["outputs"] == [{"text/plain": "1"}]
    assert shown(app, 6)["outputs"][0][MIME]["question"] == "Keep 2?"


@pytest.mark.parametrize(
    ("query", "mark", "why"),
    [
        ("", "0" * 16, "look at it again"),
        ("?bands=9", "", "nine are not kept"),
        ("?bands=8", "", "eight are too many"),
    ],
)
def test_what_is_not_done_says_why(play: Play, query: str, mark: str, why: str) -> None:
    """An offer that has changed since, or cannot be carried out, is told beside its button."""
    mark = mark or Action("Keep", "Keep 1?", str).mark
    app = play(query, *ACTING, hears=[KEEP | {"mark": mark}])
    assert not app.said["done Keep"]["good"]
    assert why in str(app.said["done Keep"]["text"])
    assert shown(app, 4)["outputs"] == [{"text/plain": "0"}]


async def _edited(app: App, write: Write) -> None:
    app.open()
    await _settled(app)
    write("tiny", *CELLS, parameters=PARAMETERS.replace("bands", "levels"))
    for value in (6, 7):
        del app.said["tables"]
        app.controls[0].field.value = value
        await _settled(app)
    app.work.cancel()


def test_a_notebook_edited_meanwhile_leaves_its_open_apps_alive(
    write: Write, shell: InteractiveShell
) -> None:
    """Its parameter has another name by now; the page goes on with what it opened."""
    write("tiny", *CELLS, parameters=PARAMETERS)
    app = App(catalogue.find("tiny"), "", shell)
    finish(_edited(app, write))
    assert shown(app, 4)["outputs"] == [{"text/plain": "'plain 7'"}]
    assert app.said["twin"] == {"kind": "twin"}


async def _faulty(app: App) -> None:
    app.open()
    await _settled(app, "notice")
    app.controls[0].field.value = 7
    await _settled(app)
    app.work.cancel()


def test_a_fault_is_told_and_the_next_move_is_followed(
    write: Write, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be told at one time may be told at another."""
    write("tiny", *CELLS, parameters=PARAMETERS)
    app = App(catalogue.find("tiny"), "", shell)
    told: list[object] = []
    monkeypatch.setattr(app.page, "send", told.append)
    faults = iter([OSError("the disk is away")])

    def twin(*_: object) -> dict[str, str]:
        for fault in faults:
            raise fault
        return {}

    monkeypatch.setattr(made, "twin", twin)
    finish(_faulty(app))
    text = "Not everything is up to date: the disk is away"
    assert {"kind": "notice", "text": text} in told
    assert app.said["notice"]["text"] == ""
    assert shown(app, 4)["outputs"] == [{"text/plain": "'plain 7'"}]
