"""An app in its kernel, without a browser: what it tells the page."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from loops import finish
from tiny import Write

from workbench.run import catalogue
from workbench.run.app import App

PARAMETERS = "bands: Int[3, 10] = 5  # scores\nnote: Text = 'plain'  # yours"
CELLS = ("sizes = pl.DataFrame({'bands': [bands]})", "f'{note} {bands}'")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """An IPython shell with an empty namespace."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture
def play(write: Write, shell: InteractiveShell) -> Callable[..., App]:
    """A function that opens the app of a tiny notebook, moves controls, and lets it settle."""

    def played(query: str = "", *cells: str, **moves: object) -> App:
        write("tiny", *(cells or CELLS), parameters=PARAMETERS)
        return finish(_play(App(catalogue.find("tiny"), query, shell), moves))

    return played


async def _play(app: App, moves: dict[str, object]) -> App:
    app.open()
    for control in app.controls:
        if control.parameter.name in moves:
            await _settled(app)
            control.field.value = moves[control.parameter.name]
            if app.live.waiting:
                del app.said["tables"]
    await _settled(app)
    app.work.cancel()
    return app


async def _settled(app: App) -> None:
    async with asyncio.timeout(20):
        while "tables" not in app.said:
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
    assert heard == list(app.said.values())
