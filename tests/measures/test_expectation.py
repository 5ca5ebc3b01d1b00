"""Expectations: a target is reached, still open, or missed; a wrong one is refused by name."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from workbench.data import Shop
from workbench.measures import expectation, say_expectation

NOW = "2026-02-02/2026-03-01"
LABELS = pl.DataFrame(
    {"customer_id": [1, 4], "segment": ["A", "B"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B", "C"])},
)


def found(shop: Shop, **targets: Any) -> list[tuple[Any, ...]]:
    """Return actual, gap and status of each target."""
    return expectation(shop, NOW, LABELS, targets).select("actual", "gap", "status").rows()


def due(value: float, date: str = "2026-03-01", kpi: str = "sales", **more: Any) -> dict[str, Any]:
    """Return a target."""
    return {"kpi": kpi, "value": value, "date": date, **more}


def test_a_target_is_set_against_what_the_segment_is_worth(corner_shop: Shop) -> None:
    """A (0012) made 7.50 of sales, B (40) 29.00."""
    table = expectation(corner_shop, NOW, LABELS, {"B": due(20), "A": due(10)})
    assert table.rows() == [
        ("B", "sales", "at least", 20.0, dt.date(2026, 3, 1), 29.0, 9.0, "reached"),
        ("A", "sales", "at least", 10.0, dt.date(2026, 3, 1), 7.5, -2.5, "missed"),
    ]


def test_a_target_that_is_due_later_is_open(corner_shop: Shop) -> None:
    """Until its day it is not missed; reached is reached."""
    assert found(corner_shop, A=due(10, "2026-03-02"))[0][2] == "open"
    assert found(corner_shop, A=due(7.5, "2026-03-02"))[0][2] == "reached"


def test_a_target_may_be_a_ceiling(corner_shop: Shop) -> None:
    """One customer is at most one, and more than none."""
    assert found(corner_shop, A=due(1, kpi="customers", aim="at most")) == [(1.0, 0.0, "reached")]
    assert found(corner_shop, A=due(0, kpi="customers", aim="at most")) == [(1.0, 1.0, "missed")]


def test_what_is_unknown_is_neither_reached_nor_missed(corner_shop: Shop) -> None:
    """Nobody is in C, so it has no spend per customer."""
    assert found(corner_shop, C=due(1, kpi="spend_per_customer")) == [(None, None, None)]


def test_targets_are_read_from_a_file(corner_shop: Shop, tmp_path: Path) -> None:
    """A YAML file gives the same as a mapping; its dates are dates."""
    path = tmp_path / "targets.yaml"
    path.write_text("A: {kpi: sales, value: 10, date: 2026-03-01}\n", encoding="utf-8")
    read = expectation(corner_shop, NOW, LABELS, path)
    assert read.equals(expectation(corner_shop, NOW, LABELS, {"A": due(10)}))


@pytest.mark.parametrize("text", ["", "- A\n", "A: {"])
def test_a_file_without_targets_is_refused(corner_shop: Shop, tmp_path: Path, text: str) -> None:
    """The message names the file."""
    path = tmp_path / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"targets\.yaml"):
        expectation(corner_shop, NOW, LABELS, path)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({"Z": due(1)}, "Z: is no segment; allowed: A, B, C"),
        ({"A": {"kpi": "sales"}}, "A: needs kpi, value and date"),
        ({"A": due(1, kpi="joy")}, "kpi 'joy' is unknown; allowed: customers"),
        ({"A": due(1, aim="about")}, "aim 'about' is unknown; allowed: at least, at most"),
        ({"A": due("much")}, "value 'much' is not a number"),  # type: ignore[arg-type]
        ({"A": due(1, "soon")}, "date 'soon' is not a day"),
    ],
)
def test_a_target_that_cannot_be_read_is_refused(
    corner_shop: Shop, target: dict[str, Any], problem: str
) -> None:
    """The segment, what is wrong and what is allowed are named."""
    with pytest.raises(ValueError, match=problem):
        expectation(corner_shop, NOW, LABELS, target)


def test_all_problems_are_told_at_once(corner_shop: Shop) -> None:
    """Two wrong targets, one message."""
    with pytest.raises(ValueError, match=r"A: kpi 'joy'.*; Z: is no segment"):
        expectation(corner_shop, NOW, LABELS, {"A": due(1, kpi="joy"), "Z": due(1)})


def test_the_sentence_counts_targets_by_what_became_of_them() -> None:
    """And says how to set one where there is none."""
    status = pl.DataFrame({"status": ["reached", "missed", "reached"]})
    assert say_expectation(status) == "Of 3 targets: 2 reached, 0 open, 1 missed."
    unsure = pl.DataFrame({"status": ["reached", None]})
    assert say_expectation(unsure) == "Of 2 targets: 1 reached, 0 open, 0 missed, 1 unknown."
    assert say_expectation(status.clear()).startswith("No target is set for it; a saved segment")
