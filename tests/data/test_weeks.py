"""Weeks stand in for receipts and lines where a question cuts none of them, and only there."""

import datetime as dt
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from shops import deliver, open_till, till

from workbench.data import Shop, open_shop
from workbench.data.activity import activity
from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.data.weeks import category_weeks, customer_weeks
from workbench.door import corner

WEDNESDAY, FRIDAY, SUNDAY = dt.date(2026, 1, 28), dt.date(2026, 1, 30), dt.date(2026, 2, 1)
SALES = (
    f"ann {WEDNESDAY} bread 2.00",
    f"ann {FRIDAY} milk 1.50",
    f"ann {FRIDAY} bread 4.00",
    f"ann {SUNDAY} milk 1.50",
    "ann 2026-02-03 bread -2.00",
    "ann 2026-02-05 bread 6.00",
    "- 2026-02-05 bread 2.00",
)
COLUMNS = ("customer_id", "day", "first_visit", "last_visit", "new_basket", "sales")
TO_SUNDAY = Period(WEDNESDAY, SUNDAY)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose first day is a Wednesday."""
    return open_till(tmp_path_factory.mktemp("weeks"), *SALES)


def days(first: str, last: str) -> Period:
    """Return a period."""
    return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_week_adds_up_its_receipts_and_ends_with_its_month(shop: Shop) -> None:
    """Ann's first week lies in two months; a return is no visit, and lowers sales."""
    found = fetch(customer_weeks(shop).select(*COLUMNS), by=["customer_id", "day"])
    third, fifth = dt.date(2026, 2, 3), dt.date(2026, 2, 5)
    assert found.rows() == [
        (1, WEDNESDAY, WEDNESDAY, FRIDAY, 3, 750),
        (1, SUNDAY, SUNDAY, SUNDAY, 1, 150),
        (1, third, fifth, fifth, 1, 400),
        (None, fifth, fifth, fifth, 1, 200),
    ]


def test_a_week_of_a_category_adds_up_its_lines(shop: Shop) -> None:
    """Bread of Wednesday and Friday is one row; what came back is in it."""
    known = category_weeks(shop).select("category_id", "customer_id", "day", "quantity", "sales")
    found = fetch(known, by=["category_id", "customer_id", "day"]).drop(
        "category_id", "customer_id"
    )
    assert found.rows() == [
        (WEDNESDAY, 2000, 600),
        (dt.date(2026, 2, 3), 0, 400),
        (dt.date(2026, 2, 5), 1000, 200),
        (FRIDAY, 1000, 150),
        (SUNDAY, 1000, 150),
    ]


@pytest.mark.parametrize(
    ("looked_at", "rows"),
    [
        (TO_SUNDAY, 2),  # from the first day of the data to a Sunday
        (days("2026-01-28", "2026-01-31"), 1),  # to the end of a month
        (days("2026-02-01", "2026-03-01"), 3),  # a month and its last week
        (days("2026-02-02", "2026-02-08"), 2),  # a week
        (days("2026-01-29", "2026-02-01"), 3),  # a week without its Wednesday: receipts
        (days("2026-02-02", "2026-02-07"), 3),  # a week without its Sunday: receipts
    ],
    ids=str,
)
def test_a_period_that_cuts_a_week_is_answered_from_receipts(
    shop: Shop, looked_at: Period, rows: int
) -> None:
    """The rows differ, and what they add up to does not."""
    weeks = customer_weeks(shop.during(looked_at)).select(*COLUMNS)
    assert fetch(weeks, by=["customer_id", "day"]).height == rows
    from_lines = shop.with_lines(shop.tables["lines"])
    wanted = {"margin": True, "last_day": True}
    kept = activity(shop, looked_at, **wanted)
    assert_frame_equal(kept, activity(from_lines, looked_at, **wanted))


def test_a_window_that_cuts_a_week_is_answered_from_receipts(shop: Shop) -> None:
    """The days looked at are whole weeks, those to be told apart are not."""
    week, part = shop.during(TO_SUNDAY), Period(WEDNESDAY, WEDNESDAY)
    for ask, rows in ((customer_weeks, 4), (category_weeks, 4)):
        assert fetch(ask(week, part).select("day"), by=["day"]).height == rows
        assert fetch(ask(week, TO_SUNDAY).select("day"), by=["day"]).height < rows


def test_sales_of_some_stores_are_answered_from_receipts(tmp_path: Path) -> None:
    """A customer's week may have been spent in several."""
    stores = "store,currency\nN,EUR\nS,USD\n"
    columns = "{store: store, currency: currency}"
    mapping = f"{corner.MAPPING}  stores:\n    file: stores.csv\n    columns: {columns}\n"
    receipts = till(*SALES) + f"90,ann,wine,S,{FRIDAY} 12:00:00,1,8.00,0.00\n"
    deliver(tmp_path, receipts=receipts, mapping=mapping, stores=stores)
    shop = open_shop(tmp_path)
    assert activity(shop, TO_SUNDAY).select("sales", "baskets").rows() == [(900, 4)]
    lines = fetch(category_weeks(shop.during(TO_SUNDAY)).select("sales"), by=["sales"])
    assert lines["sales"].to_list() == [150, 150, 200, 400]
