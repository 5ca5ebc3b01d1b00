"""What customers did, day by day, whatever engine is asked."""

import datetime as dt
from pathlib import Path

from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.data.activity import activity, customer_days, shoppers
from workbench.data.period import Period
from workbench.door import corner

JANUARY = Period(dt.date(1969, 12, 30), dt.date(1970, 1, 31))


def test_a_row_per_customer_and_day(tmp_path: Path) -> None:
    """Two receipts of a day are one row, a return is a row without receipts, no card is none."""
    shop = open_till(
        tmp_path,
        "ann 1969-12-30 bread 2.00",
        "ann 1970-01-05 bread 2.00",
        "ann 1970-01-05 milk 1.50",
        "ann 1970-01-07 milk -1.50",
        "bob 1970-01-05 wine 8.00",
        "- 1970-01-05 wine 8.00",
        "bob 1970-02-01 wine 8.00",
        mapping=corner.MAPPING.replace("last_day: 2026-03-01", "last_day: 1970-02-01"),
    )
    assert customer_days(shop, JANUARY).rows() == [
        (1, dt.date(1969, 12, 30), 1, 200),
        (1, dt.date(1970, 1, 5), 2, 350),
        (1, dt.date(1970, 1, 7), 0, -150),
        (2, dt.date(1970, 1, 5), 1, 800),
    ]


def test_the_days_are_the_same_on_the_second_engine(sample_shop: Shop) -> None:
    """To the row, in the same order and types."""
    here, there = (customer_days(s, "last 26 weeks") for s in (sample_shop, on_duckdb(sample_shop)))
    assert_frame_equal(there, here, check_exact=True)


def test_who_came_are_those_with_a_card_and_a_visit(tmp_path: Path) -> None:
    """Ann came twice, bob only brought something back, and a receipt without a card is nobody's."""
    shop = open_till(
        tmp_path,
        "ann 2026-01-05 bread 2.00",
        "ann 2026-01-06 milk 1.50",
        "ann 2026-01-07 milk -1.50",
        "bob 2026-01-06 wine -8.00",
        "- 2026-01-06 wine 8.00",
    )
    for engine in (shop, on_duckdb(shop)):
        came = shoppers(engine, "2026-01-05/2026-01-07")
        assert came.rows() == [(1, 2, 200)]
        assert came.columns == ["customer_id", "visits", "sales"]
        everybody = activity(engine, "2026-01-05/2026-01-07", last_day=True)
        assert everybody.select("customer_id", "baskets", "sales", "last_day").rows() == [
            (1, 2, 200, dt.date(2026, 1, 6)),
            (2, 0, -800, None),
            (None, 1, 800, dt.date(2026, 1, 6)),
        ]
