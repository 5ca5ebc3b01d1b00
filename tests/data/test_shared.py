"""Answers that the reports of a pack share are the answers, and take a bounded place."""

from datetime import date
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from workbench import paths
from workbench.data import shared
from workbench.data.answers import ANSWERS, name_of
from workbench.data.engine import fetch_together

ANSWER = pl.DataFrame(
    {"day": [date(2026, 3, 1), None], "segment": ["Lost", "Loyal"], "sales": [1, -2]},
    schema_overrides={"segment": pl.Enum(["Loyal", "Lost"])},
)


QUESTION = nw.from_native(pl.LazyFrame({"x": [1, 2]})).select(nw.col("x").sum())
OTHER = nw.from_native(pl.LazyFrame({"x": [1, 2]})).select(nw.col("x").max())


def test_an_answer_is_kept_as_it_is_while_a_pack_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept is the same to the type; without a pack, nothing is kept or found."""
    monkeypatch.setenv(paths.ANSWERS, str(tmp_path))
    shared.keep("one", ANSWER)
    again = shared.kept("one")
    assert again is not None
    assert again.equals(ANSWER)
    assert again.schema == ANSWER.schema
    assert shared.kept("another") is None
    monkeypatch.delenv(paths.ANSWERS)
    assert shared.kept("one") is None


def test_what_another_report_was_answered_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two questions, only the one that is new is asked."""
    monkeypatch.setenv(paths.ANSWERS, str(tmp_path))
    name = name_of(QUESTION.to_native(), ["x"])
    shared.keep(name, pl.DataFrame({"x": [30]}))
    ANSWERS.forget()
    first, second = fetch_together((QUESTION, ["x"]), (OTHER, ["x"]))
    assert (first.item(), second.item()) == (30, 2)
    assert len(list(tmp_path.iterdir())) == 2
    ANSWERS.forget()


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is too large, or for which there is no room left, is not kept."""
    monkeypatch.setenv(paths.ANSWERS, str(tmp_path))
    size = int(ANSWER.estimated_size())
    for largest, most in ((size - 1, 1 << 20), (size, size - 1)):
        monkeypatch.setattr(shared, "LARGEST", largest)
        monkeypatch.setattr(shared, "MOST", most)
        shared.keep("one", ANSWER)
        assert not list(tmp_path.iterdir())
