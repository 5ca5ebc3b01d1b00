"""The matrix of what is bought together."""

import polars as pl

from workbench import show

PAIRS = pl.DataFrame(
    {
        "first": ["bread", "milk"],
        "second": ["butter", "bread"],
        "together": [40, 1200],
        "lift": [4.25, 1.5],
        "lift_low": [3.1, 0.9],
    }
)


def drawn(pairs: pl.DataFrame, top: int = 10) -> dict[tuple[str, str], str]:
    """Return the lift in each cell, by row and column."""
    chart = show.together(pairs, title="Pairs", top=top).to_dict()
    cells = chart["data"]["values"]
    return {(row["down"], row["across"]): row["said"] for row in cells}


def test_each_pair_stands_in_both_its_cells() -> None:
    """The matrix is symmetric; a pair that is not there has no cell."""
    cells = drawn(PAIRS)
    assert cells["bread", "butter"] == cells["butter", "bread"] == "4.2"
    assert cells["milk", "bread"] == "1.5"
    assert ("milk", "butter") not in cells


def test_only_the_first_items_are_drawn() -> None:
    """Two items make one pair."""
    assert set(drawn(PAIRS, top=2)) == {("bread", "butter"), ("butter", "bread")}


def test_no_pairs_are_an_empty_matrix_with_words() -> None:
    """The chart says what it would show."""
    chart = show.together(PAIRS.clear(), title="No pairs").to_dict()
    assert chart["description"].startswith("No pairs. A matrix of items")
