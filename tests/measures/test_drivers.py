"""Why sales changed: parts by hand, and parts that add up to the cent."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from engines import on_duckdb
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.door import corner
from workbench.measures import (
    channels_and_regions,
    compared,
    contributions,
    drivers,
    headline,
    say_contributions,
)
from workbench.measures.business.contributions import PLACES
from workbench.measures.business.drivers import in_whole_cents, shapley

DRINKS_ARE_NO_GOODS = corner.MAPPING.replace(
    "category: shelf}", 'category: shelf, merchandise: {from: group, "no": [Drinks]}}'
)
FIRST, LAST = "cat 2026-01-05 bread 1.00", "cat 2026-01-06 bread -1.00"
amounts = st.lists(st.fractions(0, 1000, max_denominator=60), min_size=3, max_size=3)


def parts_of(home: Path, *sales: str, mapping: str = corner.MAPPING) -> dict[str, float]:
    """Return the parts of the change from the first four weeks to the last four, by name."""
    shop = open_till(home, *sales, mapping=mapping)
    table = drivers(shop, compared(shop, "last 4 weeks"))
    found = dict(table.select("part", "sales_change").rows())
    return {name: float(change) for name, change in found.items() if change}


@given(before=amounts, now=amounts)
def test_the_factors_parts_are_the_change_of_their_product(
    before: list[Fraction], now: list[Fraction]
) -> None:
    """Exactly, and backwards in time each part only changes its sign."""
    parts = shapley(before, now)
    assert sum(parts) == math.prod(now) - math.prod(before)
    assert shapley(now, before) == [-part for part in parts]


def test_no_factor_is_preferred() -> None:
    """Two factors that change alike have the same part, wherever they stand."""
    two, three, five = Fraction(2), Fraction(3), Fraction(5)
    parts = shapley([two, five, two], [three, five, three])
    assert parts == [Fraction(25, 2), 0, Fraction(25, 2)]


@given(st.lists(st.fractions(-1000, 1000, max_denominator=60), max_size=6), st.integers(-999, 999))
def test_cents_add_up_as_their_parts_do(parts: list[Fraction], whole: int) -> None:
    """No part is a cent or more from what it was, and the sum is the whole."""
    closed = [*parts, whole - sum(parts)]
    cents = in_whole_cents([Fraction(part) for part in closed])
    assert sum(cents) == whole
    assert all(abs(cent - part) < 1 for cent, part in zip(cents, closed, strict=True))


def test_customers_visits_and_price_by_hand(tmp_path: Path) -> None:
    """One bread at 2.00 becomes three at 3.00: two units more at 2.50, and 1.00 more on two.

    Customers go from 1 to 2 at a mean of 1.25 visits, visits from 1 to 1.5 at 1.5 customers.
    """
    found = parts_of(
        tmp_path,
        "ann 2026-01-05 bread 2.00",
        "ann 2026-02-03 bread 3.00",
        "ann 2026-02-04 bread 3.00",
        "bob 2026-02-05 bread 3.00",
    )
    assert found == {"Customers": 3.13, "Visits per customer": 1.87, "Price": 2.0}


def test_another_product_is_mix_and_no_card_is_a_part_of_its_own(tmp_path: Path) -> None:
    """Wine for 8.00 in place of bread for 2.00 is mix; what nobody known bought stays apart."""
    found = parts_of(
        tmp_path,
        "ann 2026-01-05 bread 2.00",
        "- 2026-01-07 milk 1.50",
        "ann 2026-02-03 wine 8.00",
        "- 2026-02-09 milk 5.00",
    )
    assert found == {"Mix": 6.0, "Without a card": 3.5}


def test_what_is_no_merchandise_has_no_units(tmp_path: Path) -> None:
    """Its change is a part of its own; a visit for it alone brings no units."""
    found = parts_of(
        tmp_path,
        "ann 2026-01-05 bread 2.00",
        "ann 2026-02-03 bread 2.00",
        "ann 2026-02-03 wine 8.00",
        mapping=DRINKS_ARE_NO_GOODS,
    )
    change = {"Visits per customer": 1.5, "Units per visit": -1.5, "Not merchandise": 8.0}
    assert found == change


def test_from_nothing_all_comes_from_customers(tmp_path: Path) -> None:
    """Without sales before there are no rates that could have changed."""
    found = parts_of(tmp_path, FIRST, LAST, "ann 2026-02-03 bread 3.00")
    assert sum(found.values()) == 3.0


def test_a_product_brought_back_on_the_whole_has_no_price(tmp_path: Path) -> None:
    """The parts add up all the same."""
    found = parts_of(tmp_path, "ann 2026-01-05 bread 2.00", "ann 2026-02-03 bread -2.00")
    assert sum(found.values()) == -4.0
    assert "Price" not in found


@pytest.mark.parametrize("period", ["last 26 weeks", "last 13 weeks", "last 11 days"])
def test_every_way_to_take_the_change_apart_gives_the_change(
    sample_shop: Shop, period: str
) -> None:
    """Drivers and each kind of place add up to the change of the headline, to the cent."""
    both = compared(sample_shop, period)
    before, now = headline(sample_shop, both).tail(2)["sales"]
    assert drivers(sample_shop, both)["sales_change"].sum() == now - before
    for by in PLACES:
        parts = contributions(sample_shop, both, by=by)
        assert parts["sales_change"].sum() == now - before
        assert parts["sales"].sum() == now


def test_what_is_handed_on_is_what_would_be_asked(sample_shop: Shop) -> None:
    """The headline's levels and one look at the stores give the same parts."""
    both = compared(sample_shop, "last 8 weeks")
    handed_on = drivers(sample_shop, both, headline(sample_shop, both))
    assert_frame_equal(handed_on, drivers(sample_shop, both), check_exact=True)
    for parts, by in zip(channels_and_regions(sample_shop, both), PLACES, strict=False):
        assert_frame_equal(parts, contributions(sample_shop, both, by=by), check_exact=True)


def test_the_sample_retailer_sold_less_per_visit_but_dearer(sample_shop: Shop) -> None:
    """The parts of +40,330.06 in the second half of 2017."""
    table = drivers(sample_shop, compared(sample_shop, "last 26 weeks"))
    assert [str(part) for part in table["sales_change"]] == [
        *("16522.11", "-8724.61", "-44782.98", "14982.94", "48928.89", "13403.71", "0.00")
    ]
    assert table["reading"].to_list()[:4] == [
        *("2,394 to 2,413", "32.41 to 32.27", "12.31 to 12.05", "index 100.8")
    ]


def test_places_are_told_with_their_own_growth(corner_shop: Shop) -> None:
    """By hand: food sold 13.00 + 2.00 before and 9.00 now, drinks 16.00 and 16.00."""
    both = compared(corner_shop, "last 4 weeks")
    parts = contributions(corner_shop, both, by="department")
    assert parts.select("department", "sales_before", "sales", "sales_change").rows() == [
        ("Drinks", Decimal("16.00"), Decimal("16.00"), Decimal("0.00")),
        ("Food", Decimal("15.00"), Decimal("9.00"), Decimal("-6.00")),
        ("(unknown)", Decimal("0.00"), Decimal("5.00"), Decimal("5.00")),
    ]
    assert parts["growth_share"].to_list() == [0.0, -0.4, None]
    assert say_contributions(parts) == "Food fell by 40.0%, the largest change by department"


def test_a_single_place_is_said_to_be_one(sample_shop: Shop) -> None:
    """The sample has one kind of channel and does not say where its stores are."""
    both = compared(sample_shop, "last 13 weeks")
    said = [say_contributions(contributions(sample_shop, both, by=by)) for by in PLACES][:2]
    assert said == ["Every store has the same channel: store", "The region is not known"]


def test_an_unknown_place_is_refused(corner_shop: Shop) -> None:
    """The error lists what sales can be taken apart by."""
    with pytest.raises(ValueError, match="allowed: channel, region, store, department, category"):
        contributions(corner_shop, compared(corner_shop, "last 4 weeks"), by="mood")


def test_duckdb_gives_the_same_parts(sample_shop: Shop) -> None:
    """To the bit: drivers, places and the headline."""
    other, both = on_duckdb(sample_shop), compared(sample_shop, "last 13 weeks")
    for ask in (drivers, headline, contributions):
        assert_frame_equal(ask(other, both), ask(sample_shop, both), check_exact=True)
