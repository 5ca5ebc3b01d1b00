"""Which statements a changed parameter re-runs, on literal code."""

import pytest

from workbench.run.reactive import Statement, stale, statements


def again(changed: str, *lines: str) -> list[int]:
    """Return the positions of the statements that a changed name runs again."""
    return stale([only(line) for line in lines], {changed})


def only(source: str) -> Statement:
    """Return the one statement of a source."""
    (statement,) = statements(source)
    return statement


def test_only_what_reads_the_changed_name_runs_again() -> None:
    """A statement that reads neither the parameter nor its consequences stays as it is."""
    assert again("bands", "a = shop", "b = score(bands)", "c = shop.size") == [1]


def test_consequences_run_again_in_order() -> None:
    """What is computed from a changed name is itself changed."""
    assert again("bands", "labels = score(bands)", "worth = weigh(labels)", "worth") == [0, 1, 2]


def test_a_name_written_anew_hides_the_changed_one() -> None:
    """A statement reads the nearest value before it, not every value of that name."""
    assert again("bands", "chart = draw(bands)", "chart = draw(shop)", "chart") == [0]


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("total += step", {"total", "step"}),
        ("[n for n in rows if n > low]", {"rows", "low"}),
        ("{n: high for n in rows}", {"rows", "high"}),
        ("def f(x, y=low):\n    return x + bands", {"low", "bands"}),
        ("lambda x: x + bands", {"bands"}),
        ("show.weight(labels, title=f'{segment} now')", {"show", "labels", "segment"}),
        ("if bands > 3:\n    x = 1", {"bands", "x"}),
        ("options['wide'] = bands", {"options", "bands"}),
        ("with opened(bands) as file:\n    file.read()", {"opened", "bands", "file"}),
        ("pl.col(name)", {"pl", "name"}),
        ("%time x = bands", {"get_ipython"}),
        ("this is no python", set()),
    ],
)
def test_names_a_statement_reads(source: str, reads: set[str]) -> None:
    """Names bound inside a function or a comprehension are not read from outside."""
    assert only(source).reads == reads


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ("import polars as pl, os.path", {"pl", "os"}),
        ("from workbench import show as s", {"s"}),
        ("a, (b, *c) = rows", {"a", "b", "c"}),
        ("[last := n for n in rows]", {"last"}),
        ("class Box:\n    size = 1", {"Box"}),
        ("def f():\n    inner = 1", {"f"}),
        ("options['wide'] = 1", {"options"}),
        ("chart.title = 'Sales'", {"chart"}),
        ("for row in rows:\n    kept = row", {"row", "kept"}),
        ("show.house(shop)", set()),
    ],
)
def test_names_a_statement_writes(source: str, writes: set[str]) -> None:
    """Every way to bind a name at the top level counts as writing it."""
    assert only(source).writes == writes


def test_a_value_kept_by_an_untaken_branch_counts_as_read() -> None:
    """A conditional assignment may leave the earlier value, so its readers depend on both."""
    assert again("bands", "x = bands", "if wide:\n    x = 1", "show(x)") == [0, 1, 2]


def test_a_cell_is_split_into_its_statements() -> None:
    """Comments and blank lines are no statements, and only the last one is shown."""
    cell = "x = bands  # the scores\n\ny = x + 1\ny"
    assert [(s.source, s.last) for s in statements(cell)] == [
        ("x = bands", False),
        ("y = x + 1", False),
        ("y", True),
    ]
