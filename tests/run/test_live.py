"""A notebook's cells in a shell: run once, then again as its parameters change."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from loops import finish

from workbench.run.live import Live, State, Step

CELLS = {0: "bands = 5\nsegment = 'Lost'", 1: "size = bands * 2", 2: "size", 3: "segment.upper()"}


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """An IPython shell with an empty namespace."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def live(shell: InteractiveShell, cells: dict[int, str] | None = None) -> Live:
    """Return a notebook whose cell 0 declares bands and segment."""
    return Live(shell, cells or CELLS, 0, {"bands": 5, "segment": "Lost"})


def run(notebook: Live) -> list[Step]:
    """Run what waits and return the steps."""

    async def steps() -> list[Step]:
        return [step async for step in notebook.steps()]

    return finish(steps())


def texts(steps: list[Step]) -> dict[int, str]:
    """Return the plain text of each cell that showed something."""
    return {s.position: s.outputs[0]["text/plain"] for s in steps if s.state is State.SHOWN}


def test_first_run_shows_every_cell(shell: InteractiveShell) -> None:
    """Each cell runs in order and shows its last expression."""
    assert texts(run(live(shell))) == {2: "10", 3: "'LOST'"}


def test_a_change_runs_only_what_depends_on_it(shell: InteractiveShell) -> None:
    """The cells that read the changed parameter, directly or not, run again."""
    notebook = live(shell)
    run(notebook)
    assert notebook.change({"bands": 7}) == [1, 2]
    assert texts(run(notebook)) == {2: "14"}


def test_a_cell_runs_again_only_from_where_the_change_is_read(shell: InteractiveShell) -> None:
    """Choosing another segment draws anew, and does not compute the sizes again."""
    cells = CELLS | {1: "runs = []", 2: "size = runs.append(bands)", 3: "f'{segment} {len(runs)}'"}
    cells[2] += "\nf'{segment} of {runs}'"
    notebook = live(shell, cells)
    run(notebook)
    notebook.change({"segment": "Loyal"})
    assert texts(run(notebook)) == {2: "'Loyal of [5]'", 3: "'Loyal 1'"}


def test_values_of_the_link_hold_from_the_first_run(shell: InteractiveShell) -> None:
    """The parameters cell's defaults give way to the values asked for."""
    notebook = Live(shell, CELLS, 0, {"bands": 9, "segment": "Lost"})
    assert texts(run(notebook))[2] == "18"


def test_the_newest_value_wins(shell: InteractiveShell) -> None:
    """Two changes before a run give one run with the newer value."""
    notebook = live(shell)
    run(notebook)
    notebook.change({"bands": 6})
    notebook.change({"bands": 8})
    assert texts(run(notebook)) == {2: "16"}


def test_a_name_used_twice_keeps_both_meanings(shell: InteractiveShell) -> None:
    """A cell that runs again sees what it saw in order, not what a later cell left."""
    notebook = live(
        shell, {0: "bands = 5\nsegment = 'Lost'", 1: "x = 1", 2: "x + bands", 3: "x = 9"}
    )
    run(notebook)
    notebook.change({"bands": 6})
    assert texts(run(notebook)) == {2: "7"}
    assert shell.user_ns["x"] == 9


def test_adding_to_a_name_does_not_add_twice(shell: InteractiveShell) -> None:
    """An augmented assignment starts again from the value of the cell before."""
    notebook = live(shell, {0: "bands = 5\nsegment = 'Lost'", 1: "x = 1", 2: "x += bands\nx"})
    run(notebook)
    notebook.change({"bands": 6})
    assert texts(run(notebook)) == {2: "7"}


def test_a_failing_cell_stops_only_what_needs_it(shell: InteractiveShell) -> None:
    """Cells that need a failed one are blocked; the others still run."""
    cells = CELLS | {1: "raise ValueError('no lake: run workbench ingest')\nsize = 1"}
    steps = run(live(shell, cells))
    assert [step.state for step in steps] == ["empty", "failed", "blocked", "shown"]
    assert steps[1].message == "no lake: run workbench ingest"


def test_a_failed_cell_recovers(shell: InteractiveShell) -> None:
    """A value that works again brings back the failed cell and what it blocked."""
    notebook = live(shell, CELLS | {1: "size = 10 // (bands - 6)"})
    run(notebook)
    notebook.change({"bands": 6})
    assert [step.state for step in run(notebook)] == ["failed", "blocked"]
    assert "size" not in shell.user_ns
    notebook.change({"bands": 7})
    assert texts(run(notebook)) == {2: "10"}


def test_prints_and_displays_are_kept_in_order(shell: InteractiveShell) -> None:
    """What a cell prints, displays and returns all reaches its place."""
    cells = {0: "bands = 5\nsegment = ''", 1: "print('a')\ndisplay('b')\n'c'"}
    assert [o["text/plain"] for o in run(live(shell, cells))[1].outputs] == ["a\n", "'b'", "'c'"]


def test_nothing_is_printed_about_a_failure(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback reaches the page."""
    run(live(shell, CELLS | {1: "1 / 0"}))
    assert capsys.readouterr().out == ""
