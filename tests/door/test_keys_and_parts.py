"""Surrogate numbers and one row per key, for whatever ids and rows come in."""

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.door.keys import numbered
from workbench.door.parts import FILE, by_month, one_of_each

repeatable = settings(derandomize=True, deadline=None)
ids = st.sets(st.text(min_size=1, max_size=4), max_size=20)
rows = st.lists(
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from("ab"), st.integers(0, 3)),
    max_size=30,
)


NONE = pl.DataFrame(schema={"product": pl.String, "product_id": pl.Int32})


def names(*values: str) -> pl.DataFrame:
    """Return a frame of ids."""
    return pl.DataFrame({"product": list(values)}, schema={"product": pl.String})


def test_new_ids_are_numbered_from_one_in_their_order() -> None:
    """The first delivery's ids get 1, 2, 3 by their text, nulls last."""
    frame = pl.DataFrame({"product": ["b", None, "0a", "a"]})
    found = numbered(frame, ["product"], "product_id", NONE)
    assert found.rows() == [("0a", 1), ("a", 2), ("b", 3), (None, 4)]


def test_known_ids_keep_their_number_and_new_ones_follow() -> None:
    """A null id that is known is known, too."""
    known = pl.DataFrame({"product": ["z", None], "product_id": [1, 2]})
    found = numbered(pl.DataFrame({"product": ["a", None, "z"]}), ["product"], "product_id", known)
    assert found.rows() == [("z", 1), (None, 2), ("a", 3)]


@repeatable
@given(ids, ids)
def test_numbers_are_unique_complete_and_kept(first: set[str], second: set[str]) -> None:
    """After two deliveries each id has one number, 1 to n, and the first ones kept theirs."""
    before = numbered(names(*first), ["product"], "product_id", NONE)
    after = numbered(names(*second), ["product"], "product_id", before)
    given_numbers = dict(after.rows())
    assert set(given_numbers) == first | second
    assert sorted(given_numbers.values()) == [*range(1, after.height + 1)]
    assert dict(before.rows()).items() <= given_numbers.items()


@repeatable
@given(st.permutations(["", "0012", "12", "a", "A", "é"]))
def test_the_order_of_a_delivery_does_not_matter(order: list[str]) -> None:
    """The same ids in any order get the same numbers."""
    numbers = dict(numbered(names(*order), ["product"], "product_id", NONE).rows())
    assert numbers == {"": 1, "0012": 2, "12": 3, "A": 4, "a": 5, "é": 6}


@repeatable
@given(rows)
def test_one_of_each_keeps_every_key_once_and_the_last_of_its_rows(
    given_rows: list[tuple[int | None, str | None, int]],
) -> None:
    """Keys, nulls among them, are those delivered; of equal keys the greatest row stays."""
    schema = {"k": pl.Int64, "l": pl.String, "v": pl.Int64}
    frame = pl.DataFrame(given_rows, schema=schema, orient="row")
    found = one_of_each(frame.with_columns(pl.lit(0).alias(FILE)), ("k", "l")).drop(FILE)
    greatest: dict[tuple[int | None, str | None], int] = {}
    for k, letter, v in given_rows:
        greatest[k, letter] = max(v, greatest.get((k, letter), v))
    assert {(k, letter): v for k, letter, v in found.rows()} == greatest
    assert found.height == len(greatest)


def test_parts_come_in_order_whole_and_leave_nothing_behind(tmp_path: Path) -> None:
    """Every row is in the part of its month, once."""
    frame = pl.LazyFrame({"month": [202602, 202601, 202602], "n": [1, 2, 3]})
    with by_month(frame, tmp_path) as months:
        parts = {month: sorted(part.collect()["n"].to_list()) for month, part in months.items()}
    assert parts == {202601: [2], 202602: [1, 3]}
    assert list(tmp_path.iterdir()) == []


def test_of_two_files_with_the_same_key_the_later_stands() -> None:
    """A later file corrects an earlier one, whatever the values are."""
    rows = pl.DataFrame({"k": [1, 1], "code": ["Z", "A"], FILE: [0, 1]})
    assert one_of_each(rows, ("k",))["code"].to_list() == ["A"]


def test_of_two_answers_on_one_day_the_no_stands() -> None:
    """Who agreed and revoked it on the same day has revoked it."""
    rows = pl.DataFrame({"k": [1, 1], "granted": [True, False], "note": ["b", "a"], FILE: [0, 0]})
    assert one_of_each(rows, ("k",))["granted"].to_list() == [False]
