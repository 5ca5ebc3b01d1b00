"""Acquisition: how long ago a customer was first seen, and who was there from the start."""

from pathlib import Path

import pytest
from shops import open_till

from workbench.data import Shop
from workbench.door import corner
from workbench.segments import acquisition

LONG = corner.MAPPING.replace("2026-03-01", "2027-06-30")
LAST = "2027-06-01/2027-06-30"


def cohort(home: Path, first: str, **choices: int) -> str:
    """Return the cohort of one first seen on this day, who came in June 2027 too."""
    sales = ("- 2026-01-05 milk 1.50", f"ann {first} milk 1.50", "ann 2027-06-30 milk 1.50")
    shop = open_till(home, *sales, mapping=LONG)
    return str(acquisition.label(shop, LAST, **choices)["segment"].item())


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-01-05", "There from the start"),
        ("2026-04-05", "There from the start"),
        ("2026-04-06", "Over a year"),
        ("2026-07-01", "Over a year"),
        ("2026-07-02", "Up to a year"),
        ("2026-12-30", "Up to a year"),
        ("2026-12-31", "Up to half a year"),
        ("2027-03-31", "Up to half a year"),
        ("2027-04-01", "Up to a quarter"),
        ("2027-06-30", "Up to a quarter"),
    ],
)
def test_cohorts_part_at_whole_weeks(tmp_path: Path, first: str, expected: str) -> None:
    """13 weeks of start from 5 January 2026; 13, 26 and 52 weeks back from 30 June 2027."""
    assert cohort(tmp_path, first) == expected


def test_how_long_the_start_lasts_can_be_chosen(tmp_path: Path) -> None:
    """With one week of start, whoever was first seen in the second week joined in it."""
    assert cohort(tmp_path, "2026-01-12", start_weeks=1) == "Over a year"


def test_who_was_there_from_the_start_stays_so_in_a_short_history(corner_shop: Shop) -> None:
    """In eight weeks of data with four of start, only 40 is known to have joined."""
    labels = acquisition.label(corner_shop, "last 8 weeks", start_weeks=4)
    assert [str(name) for name in labels["segment"]] == [
        *["There from the start"] * 3,
        "Up to a quarter",
    ]


def test_only_who_came_in_the_period_is_labelled(corner_shop: Shop) -> None:
    """Card 12 only brought a bottle back in these weeks, 31 stayed away."""
    labels = acquisition.label(corner_shop, "last 4 weeks", start_weeks=4)
    assert labels.select("customer_id", "age_days", "visits").rows() == [(1, 56, 2), (4, 21, 2)]


def test_the_cohorts_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: of those who came in the last 26 weeks most were there when the data began."""
    labels = acquisition.label(sample_shop, "last 26 weeks")
    assert dict(labels.group_by("segment").len().rows()) == {
        "There from the start": 2245,
        "Up to a year": 93,
        "Up to half a year": 53,
        "Up to a quarter": 22,
    }
