"""Lifecycle: new, active, slipping away and gone, as of the last day of the period."""

from pathlib import Path

import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.segments import before_and_after, lifecycle

FOUR, WEEKS = "2026-02-02/2026-03-01", "last 13 weeks"


def stage(shop: Shop, period: str = FOUR, **marks: int) -> dict[int, str]:
    """Return the stage of each customer, with a newcomer's two weeks and a patience of one."""
    chosen = {"new_weeks": 2, "lapsing_weeks": 1, "look_back": 4} | marks
    labels = lifecycle.label(shop, period, **chosen)
    return dict(labels.select("customer_id", "segment").rows())


def test_the_corner_shops_customers_by_hand(corner_shop: Shop) -> None:
    """0012 last came 13 days ago, 12 and 31 before the period, 40 six days ago, the first 20."""
    assert stage(corner_shop) == {1: "Lapsing", 2: "Gone", 3: "Gone", 4: "Active"}


def test_a_first_visit_in_the_newcomers_weeks_makes_a_newcomer(corner_shop: Shop) -> None:
    """40 first came on 9 February, 20 days before the last: new in three weeks, not in two."""
    assert stage(corner_shop, new_weeks=3)[4] == "Newcomers"
    assert stage(corner_shop, new_weeks=2)[4] == "Active"


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-02-22", "Active"), ("2026-02-21", "Lapsing"), ("2026-02-02", "Lapsing"),
     ("2026-02-01", "Gone")],
)  # fmt: skip
def test_the_marks_are_met_to_the_day(tmp_path: Path, day: str, expected: str) -> None:
    """Seven days ago is within a week, eight are not; the day before the period is gone."""
    shop = open_till(tmp_path, "ann 2026-01-05 milk 1.50", f"ann {day} milk 1.50")
    assert list(stage(shop).values()) == [expected]


def test_a_return_is_no_visit(tmp_path: Path) -> None:
    """Who only brought something back in the period has gone."""
    shop = open_till(tmp_path, "ann 2026-01-05 wine 8.00", "ann 2026-02-28 wine -8.00")
    assert list(stage(shop).values()) == ["Gone"]


def test_what_comes_after_the_period_is_not_known_yet(tmp_path: Path) -> None:
    """Ann is gone in the last week of January though she came back in February."""
    shop = open_till(tmp_path, "ann 2026-01-05 milk 1.50", "ann 2026-02-20 milk 1.50")
    january = stage(shop, "2026-01-26/2026-02-01", new_weeks=1, look_back=2)
    assert list(january.values()) == ["Gone"]


def test_who_is_new_cannot_be_told_without_looking_back(corner_shop: Shop) -> None:
    """Six weeks lie before the newcomers' two; eight are refused, with the way out."""
    assert stage(corner_shop, look_back=6)
    with pytest.raises(NotCovered, match="only 6 weeks of data, and 8 are wanted; choose a later"):
        stage(corner_shop, look_back=8)


def test_who_has_gone_is_counted_though_there_are_no_sales(corner_shop: Shop) -> None:
    """All four ever seen are in the stages; an empty stage counts 0 and has no medians."""
    marks = {"new_weeks": 2, "lapsing_weeks": 1, "look_back": 4}
    labels = lifecycle.label(corner_shop, FOUR, **marks)
    assert lifecycle.stages(labels).rows() == [
        ("Active", 1, 0.25, 6.0, 2.0),
        ("Newcomers", 0, 0.0, None, None),
        ("Lapsing", 1, 0.25, 13.0, 2.0),
        ("Gone", 2, 0.5, 36.5, 0.0),
    ]
    assert lifecycle.say_stages(labels) == (
        "Of 4 customers ever seen, 2 have gone and 1 are slipping away"
    )


def test_nobody_is_forgotten_from_one_period_to_the_next(sample_shop: Shop) -> None:
    """Whoever was labelled before is labelled after."""
    before, after = before_and_after(sample_shop, WEEKS, lifecycle.label)
    assert set(before["customer_id"]) <= set(after["customer_id"])


def test_the_stages_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: customers per stage in the last 13 weeks."""
    stages = lifecycle.stages(lifecycle.label(sample_shop, WEEKS))
    assert dict(stages.select("segment", "customers").rows()) == {
        "Active": 2021, "Newcomers": 13, "Lapsing": 293, "Gone": 142,
    }  # fmt: skip
