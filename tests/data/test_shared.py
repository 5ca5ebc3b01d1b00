"""Answers that the reports of a pack share are the answers, and take a bounded place."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from workbench import paths
from workbench.data import shared

ANSWER = pl.DataFrame(
    {"day": [date(2026, 3, 1), None], "segment": ["Lost", "Loyal"], "sales": [1, -2]},
    schema_overrides={"segment": pl.Enum(["Loyal", "Lost"])},
)


def never() -> pl.DataFrame:
    """Fail as a test does that asks twice."""
    raise AssertionError("asked again")


def test_an_answer_is_asked_for_once_while_a_pack_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept is the same to the type; without a pack, everybody asks."""
    monkeypatch.setenv(paths.ANSWERS, str(tmp_path))
    assert shared.shared("one", lambda: ANSWER).equals(ANSWER)
    again = shared.shared("one", never)
    assert again.equals(ANSWER)
    assert again.schema == ANSWER.schema
    with pytest.raises(AssertionError, match="asked again"):
        shared.shared("another", never)
    monkeypatch.delenv(paths.ANSWERS)
    with pytest.raises(AssertionError, match="asked again"):
        shared.shared("one", never)


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is too large, or for which there is no room left, is not kept."""
    monkeypatch.setenv(paths.ANSWERS, str(tmp_path))
    size = int(ANSWER.estimated_size())
    for largest, most in ((size - 1, 1 << 20), (size, size - 1)):
        monkeypatch.setattr(shared, "LARGEST", largest)
        monkeypatch.setattr(shared, "MOST", most)
        shared.shared("one", lambda: ANSWER)
        assert not list(tmp_path.iterdir())
