"""Two segmentations at once: the worth of combinations, and whether they are a surprise."""

from decimal import Decimal

import polars as pl

from workbench.data import Shop
from workbench.measures import crossing, say_crossing
from workbench.segments import big_spenders, cross, rfm

WEEKS = "2026-01-05/2026-03-01"


def labels(order: list[str], told: dict[int, str]) -> pl.DataFrame:
    """Return a frame of labels."""
    kinds = {"customer_id": pl.Int64, "segment": pl.Enum(order)}
    return pl.DataFrame(list(told.items()), kinds, orient="row")


def test_combinations_of_the_corner_shop_by_hand(corner_shop: Shop) -> None:
    """0012 spent 14.50, 12 8.00 and 40 29.00: a third of them is Big and a third Old."""
    size = labels(["Big", "Small"], {1: "Small", 2: "Small", 4: "Big"})
    age = labels(["Old", "Young"], {1: "Old", 2: "Young", 4: "Young"})
    found = crossing(corner_shop, WEEKS, cross(size, age))
    third = 1 / 3
    assert found.select("first", "second", "customers", "sales", "spend_per_customer").rows() == [
        ("Big", "Young", 1, Decimal("29.00"), Decimal("29.00")),
        ("Small", "Old", 1, Decimal("14.50"), Decimal("14.50")),
        ("Small", "Young", 1, Decimal("8.00"), Decimal("8.00")),
    ]
    assert [round(n, 9) for n in found["customers_expected"]] == [
        round(n * third, 9) for n in (1 * 2, 2 * 1, 2 * 2)
    ]
    assert [round(share, 3) for share in found["sales_share"]] == [0.563, 0.282, 0.155]
    assert [round(index) for index in found["index"]] == [169, 84, 47]


def test_the_greatest_surprise_is_named() -> None:
    """By the difference over the root of what is expected."""
    table = pl.DataFrame(
        {
            "first": ["Big", "Big", "Small"],
            "second": ["Old", "Young", "Old"],
            "customers": [40, 5, 110],
            "customers_expected": [10.4, 20.0, 100.0],
        }
    )
    assert say_crossing(table) == (
        "Big and Old: 40 customers, 10 if the two had nothing to do with each other"
    )
    assert say_crossing(table.clear()) == "Nobody has both labels"


def test_the_sample_retailers_combinations_add_up(sample_shop: Shop) -> None:
    """Customers and sales of all combinations are those of the customers with both labels."""
    weeks = "last 13 weeks"
    both = cross(big_spenders.label(sample_shop, weeks), rfm.label(sample_shop, weeks))
    found = crossing(sample_shop, weeks, both)
    assert found["customers"].sum() == both.height
    assert round(found["customers_expected"].sum(), 6) == both.height
    best = found.filter(first="Heavy", second="Champions").row(0, named=True)
    assert (best["customers"], round(best["customers_expected"])) == (290, 114)
