"""The matrix of two segmentations."""

import polars as pl
from looks import amounts
from test_charts import rows, spec, texts

from workbench import show


def pairs() -> pl.DataFrame:
    """Three combinations of two by two."""
    return pl.DataFrame(
        {
            "first": ["Big", "Big", "Small"],
            "second": ["Old", "Young", "Old"],
            "customers": [40, 5, 110],
            "customers_expected": [10.4, 20.0, 100.0],
            "sales": amounts(400, 100, 110),
            "spend_per_customer": amounts(10, 20, 1),
            "index": [254.0, 508.0, 25.4],
        },
        schema_overrides={
            "first": pl.Enum(["Big", "Small", "None"]),
            "second": pl.Enum(["Young", "Old"]),
        },
    )


def test_each_combination_is_a_cell_with_its_customers_and_what_they_spend() -> None:
    """One that nobody has is no cell, and a segment of nobody no row."""
    chart = show.crossing(pairs(), title="Big and old")
    cells = {
        (row["first"], row["second"]): (row["count"], row["spend"]) for row in rows(spec(chart))
    }
    assert cells == {
        ("Big", "Old"): ("40", "10.00"),
        ("Big", "Young"): ("5", "20.00"),
        ("Small", "Old"): ("110", "1.00"),
    }
    assert ">None<" not in texts(chart)


def test_segments_are_in_their_order() -> None:
    """Not in that of the alphabet, nor of the rows."""
    drawn = spec(show.crossing(pairs(), title="Big and old"))
    encoding = drawn["layer"][0]["encoding"]
    assert encoding["x"]["sort"] == ["Young", "Old"]
    assert encoding["y"]["sort"] == ["Big", "Small"]


def test_nobody_in_both_is_an_empty_chart() -> None:
    """Nothing is drawn, and nothing fails."""
    assert rows(spec(show.crossing(pairs().clear(), title="Nobody"))) == []
