"""Answers are kept by their whole question, within bounds, for one edition."""

from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from shops import open_till

from workbench.data.activity import activity
from workbench.data.answers import ANSWERS, Answers, name_of
from workbench.data.engine import fetch

SALES = ("ann 2026-01-05 milk 1.50", "ann 2026-02-03 bread 5.00", "bob 2026-02-04 wine 8.00")


def lazy(*values: int) -> pl.LazyFrame:
    """A question over a small frame."""
    return pl.LazyFrame({"x": values}).select(pl.col("x").sum())


def test_a_question_is_known_by_its_data_its_plan_and_its_order() -> None:
    """Equal questions have one name; other values, another plan or another order do not."""
    assert name_of(lazy(1, 2), ["x"]) == name_of(lazy(1, 2), ["x"])
    others = [lazy(1, 3), lazy(1, 2).filter(pl.col("x") > 1)]
    names = {name_of(question, ["x"]) for question in (lazy(1, 2), *others)}
    assert len({*names, name_of(lazy(1, 2), ["x", "y"])}) == 4


def test_a_question_that_cannot_be_written_down_is_asked_every_time() -> None:
    """A function of this process is no part of a plan on paper, so nothing is kept."""
    asked = []

    def count(frame: pl.DataFrame) -> pl.DataFrame:
        asked.append(1)
        return frame

    question = nw.from_native(pl.LazyFrame({"x": [1]}).map_batches(count))
    for _ in range(2):
        fetch(question, by=["x"])
    assert len(asked) == 2


def test_the_least_used_answers_go_when_there_are_too_many() -> None:
    """Four answers of 800 bytes fit into 3,200; the fifth drops the one not used for longest."""
    kept = Answers(most=3200)
    frames = {str(n): pl.DataFrame({"x": range(100)}, {"x": pl.Int64}) for n in range(5)}
    for name in "0123":
        kept.keep(name, frames[name])
    assert kept.get("0") is not None
    kept.keep("4", frames["4"])
    assert [name for name in "01234" if kept.get(name) is not None] == ["0", "2", "3", "4"]


def test_a_large_answer_is_not_kept() -> None:
    """One answer may take half of the room."""
    kept = Answers(most=1599)
    kept.keep("large", pl.DataFrame({"x": range(100)}, {"x": pl.Int64}))
    assert kept.get("large") is None


def test_another_edition_starts_without_answers(tmp_path: Path) -> None:
    """What was asked of one folder is never the answer of another, in the same process."""
    for folder in ("a", "b"):
        shop = open_till(tmp_path / folder, *SALES)
        assert ANSWERS.get("asked of the other") is None
        ANSWERS.keep("asked of the other", activity(shop, "last 8 weeks"))


@pytest.mark.parametrize("column", ["sales", "baskets"])
def test_what_is_done_to_an_answer_does_not_change_the_next_one(
    tmp_path: Path, column: str
) -> None:
    """Two who ask the same get frames of their own."""
    shop = open_till(tmp_path, *SALES)
    first = activity(shop, "last 8 weeks")
    before = first[column].to_list()
    first.replace_column(first.get_column_index(column), pl.Series(column, [0, 0]))
    assert activity(shop, "last 8 weeks")[column].to_list() == before
