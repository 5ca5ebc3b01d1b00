"""Scores: cut by value, so that equal values always get equal scores."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.segments._labels import cut_points, ordered, score

repeatable = settings(derandomize=True, deadline=None)
values = st.lists(st.integers(-5, 5) | st.integers(-100_000, 100_000), max_size=60)
bands = st.integers(3, 10)


def scores(given_values: list[int], number: int) -> list[int]:
    """Return the scores of values cut by their own distribution."""
    frame = pl.DataFrame({"v": given_values}, schema={"v": pl.Int64})
    return frame.with_columns(score(pl.col("v"), cut_points(frame["v"], number)))["v"].to_list()


@pytest.mark.parametrize(
    ("given_values", "number", "expected"),
    [
        ([1, 2, 3, 4, 5], 5, [1, 2, 3, 4, 5]),
        ([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 5, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]),
        ([1, 1, 1, 1, 9], 5, [1, 1, 1, 1, 5]),
        ([1, 9, 9, 9, 9], 5, [1, 2, 2, 2, 2]),
        ([7, 7, 7], 5, [1, 1, 1]),
        ([1, 2], 5, [1, 3]),
        ([1, 2, 3, 4, 5, 6, 7], 3, [1, 1, 1, 2, 2, 3, 3]),
        ([], 5, []),
    ],
)
def test_values_are_scored_by_the_share_of_the_base_below_them(
    given_values: list[int], number: int, expected: list[int]
) -> None:
    """Ties stay together; few distinct values give few scores, which keep their meaning."""
    assert scores(given_values, number) == expected


@repeatable
@given(values, bands)
def test_scores_follow_the_values_and_stay_on_the_scale(
    given_values: list[int], number: int
) -> None:
    """Equal values equal scores, a greater value never a lower score, all from 1 to the bands."""
    found = sorted(zip(given_values, scores(given_values, number), strict=True))
    assert len({value for value, _ in found}) == len(set(found))
    assert [points for _, points in found] == sorted(points for _, points in found)
    assert {points for _, points in found} <= set(range(1, number + 1))


@repeatable
@given(values, bands)
def test_a_score_says_how_much_of_the_base_lies_below(given_values: list[int], number: int) -> None:
    """Whoever has score s exceeds at least (s - 1) of `bands` parts of the base."""
    for value, points in zip(given_values, scores(given_values, number), strict=True):
        below = sum(other < value for other in given_values)
        assert below * number >= (points - 1) * len(given_values)


@repeatable
@given(st.sets(st.integers(), max_size=60), bands)
def test_without_ties_the_bands_differ_by_one_customer_at_most(
    given_values: set[int], number: int
) -> None:
    """Sixty different values make bands of equal size."""
    found = scores([n for n, _ in enumerate(given_values)], number)
    sizes = [found.count(band) for band in range(1, number + 1)]
    assert max(sizes) - min(sizes) <= 1


def test_a_segment_column_is_sorted_by_the_declared_order() -> None:
    """Best first is the order of the labels, not of the alphabet."""
    column = pl.Series(["bad", "best"]).cast(ordered({"best": "", "good": "", "bad": ""}))
    assert column.sort().to_list() == ["best", "bad"]
