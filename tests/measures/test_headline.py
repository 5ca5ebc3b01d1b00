"""The headline and its comparison: what was sold, to whom, against as many days before."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.period import Period
from workbench.data.shop import NotCovered
from workbench.measures import compared, headline, say_cards
from workbench.measures.business.comparison import SAME_WEEKS, WEEKS_BEFORE, Comparison

SALES = (
    "ann 2026-01-05 bread 2.00",
    "- 2026-01-07 milk 1.50",
    "ann 2026-02-03 bread 3.00",
    "ann 2026-02-04 bread 3.00",
    "bob 2026-02-05 wine 8.00",
    "bob 2026-02-06 wine -8.00",
    "- 2026-02-09 milk 5.00",
)


def test_the_weeks_before_end_the_day_before(corner_shop: Shop) -> None:
    """Both windows have the same number of days."""
    both = compared(corner_shop, "last 4 weeks", WEEKS_BEFORE)
    assert str(both) == "2026-02-02/2026-03-01 against 2026-01-05/2026-02-01"


def test_days_that_the_data_lacks_are_refused_by_name(corner_shop: Shop) -> None:
    """The error says which days were wanted, and what to do instead."""
    with pytest.raises(
        NotCovered, match=r"same weeks last year \(3 Feb 2025 to 2 Mar 2025\): the data"
    ):
        compared(corner_shop, "last 4 weeks", SAME_WEEKS)
    with pytest.raises(NotCovered, match="choose a shorter period or the same weeks last year"):
        compared(corner_shop, "last 8 weeks", WEEKS_BEFORE)


def test_another_comparison_is_refused(corner_shop: Shop) -> None:
    """The error lists those there are."""
    with pytest.raises(ValueError, match="allowed: same weeks last year, weeks before"):
        compared(corner_shop, "last 4 weeks", "yesterday")


def test_the_same_weeks_last_year_are_52_weeks_earlier(tmp_path: Path) -> None:
    """Weekdays match: a Monday is compared with a Monday."""
    weeks = [dt.date(2025, 1, 6) + dt.timedelta(weeks=n) for n in range(60)]
    shop = open_till(tmp_path, *(f"ann {week} bread 2.00" for week in weeks))
    both = compared(shop, "last 8 weeks", SAME_WEEKS)
    assert str(both.before) == "2025-01-06/2025-03-02"
    assert both.now.first.weekday() == both.before.first.weekday() == 0


def test_each_part_is_set_against_the_window_before(tmp_path: Path) -> None:
    """Returns are netted, a return is no visit, and those without a card are no customers."""
    shop = open_till(tmp_path, *SALES)
    table = headline(shop, compared(shop, "last 4 weeks"))
    told = table.select("whose", "customers", "visits", "visits_per_customer", "sales")
    assert told.rows() == [
        ("With a card", 1, 1, 1.0, Decimal("2.00")),
        ("With a card", 2, 3, 1.5, Decimal("6.00")),
        ("Without a card", None, 1, None, Decimal("1.50")),
        ("Without a card", None, 1, None, Decimal("5.00")),
        ("All", 1, 2, 1.0, Decimal("3.50")),
        ("All", 2, 4, 1.5, Decimal("11.00")),
    ]
    assert table["basket_value"].to_list()[-1] == Decimal("2.75")
    assert table["sales_share"].to_list()[-1] == 1
    assert say_cards(table) == (
        "Without a card: 45.5% of sales and 25.0% of visits (42.9% of sales before)"
    )


def test_a_window_without_sales_has_nothing_to_divide_by(tmp_path: Path) -> None:
    """Sums of nothing are 0, rates of nothing are unknown."""
    shop = open_till(tmp_path, "ann 2026-01-05 bread 2.00", "ann 2026-02-23 bread 2.00")
    empty = Period(dt.date(2026, 1, 19), dt.date(2026, 1, 25))
    table = headline(shop, Comparison(empty, empty.before()))
    nothing = table.row(1, named=True)
    assert (nothing["customers"], nothing["visits"], nothing["sales"]) == (0, 0, 0)
    assert nothing["basket_value"] is None
    assert nothing["sales_share"] is None
    assert say_cards(table) == "Nothing was sold in this period"


def test_the_sample_retailer_sold_a_little_more(sample_shop: Shop) -> None:
    """The figures of the second half of 2017, against the first."""
    table = headline(sample_shop, compared(sample_shop, "last 26 weeks"))
    before, now = table.tail(2).iter_rows(named=True)
    assert (before["customers"], now["customers"]) == (2394, 2413)
    assert (before["visits"], now["visits"]) == (77588, 77878)
    assert (before["sales"], now["sales"]) == (Decimal("2272616.01"), Decimal("2312946.07"))
    assert (before["margin"], now["margin"]) == (Decimal("340382.53"), Decimal("359171.09"))
    assert say_cards(table).startswith("Every sale is on a card")
