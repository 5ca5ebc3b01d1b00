"""The tree of items."""

import polars as pl

from workbench import show

ITEMS = pl.DataFrame(
    {
        "place": [0, 1, 2],
        "item": ["red", "white", "dry"],
        "need": ["A", "A", "B"],
        "buyers": [9, 8, 7],
    }
)
JOINS = pl.DataFrame(
    {
        "first_place": [0.0, 0.5],
        "second_place": [1.0, 2.0],
        "first_q": [1.0, 0.8],
        "second_q": [1.0, 1.0],
        "q": [0.8, -0.2],
    }
)


def test_each_join_is_two_arms_and_what_joins_them() -> None:
    """The first join stands at .8 and holds places 0 and 1; the second joins their middle."""
    branches, dots, names = show.tree(ITEMS, JOINS, title="Wine").to_dict()["layer"]
    lines = [tuple(row.values()) for row in branches["data"]["values"]]
    assert lines == [
        (1.0, 0.8, 0.0, 0.0),
        (0.8, -0.2, 0.5, 0.5),
        (1.0, 0.8, 1.0, 1.0),
        (1.0, -0.2, 2.0, 2.0),
        (0.8, 0.8, 0.0, 1.0),
        (-0.2, -0.2, 0.5, 2.0),
    ]
    leaves = names.get("data", dots.get("data"))["values"]
    assert [(row["name"], row["said"]) for row in leaves] == [
        ("A · red", "9"),
        ("A · white", "8"),
        ("B · dry", "7"),
    ]
