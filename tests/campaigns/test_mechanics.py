"""Mechanics: each states its cost, and the cost is what the formula says."""

import pytest

from workbench.campaigns.plans.mechanics import MECHANICS, Reach, formulas

REACH = Reach(units=90.0, price=2.0, users=30.0, orders=40.0)
COSTS = {
    "price cut": ({"discount": 0.2}, 36.0),
    "flash sale": ({"discount": 0.5}, 90.0),
    "holiday": ({"discount": 0.1}, 18.0),
    "bundle": ({"discount": 0.1}, 18.0),
    "up-sell": ({"discount": 0.1}, 18.0),
    "multi-buy": ({"take": 3, "pay": 2}, 60.0),
    "coupon": ({"discount": 0.25}, 15.0),
    "welcome": ({"discount": 0.25}, 15.0),
    "birthday": ({"discount": 0.25}, 15.0),
    "thank-you": ({"discount": 0.25}, 15.0),
    "repeat offer": ({"discount": 0.25}, 15.0),
    "cross-sell": ({"discount": 0.25}, 15.0),
    "free gift": ({"gift": 1.5}, 45.0),
    "free shipping": ({"postage": 4.0}, 160.0),
    "points": ({"rate": 0.1, "redeemed": 0.5}, 9.0),
    "early access": ({}, 0.0),
}


@pytest.mark.parametrize("name", MECHANICS)
def test_a_mechanic_costs_what_its_formula_says(name: str) -> None:
    """90 pieces at 2.00 each, used by 30 customers on 40 orders."""
    terms, cost = COSTS[name]
    assert MECHANICS[name].given(MECHANICS[name].check(terms), REACH) == pytest.approx(cost)


def test_the_library_is_the_one_that_is_tried_here() -> None:
    """Every mechanic has a cost that was worked out by hand, and a formula in words."""
    assert set(COSTS) == set(MECHANICS) == set(formulas())
    assert all("; costs " in said for said in formulas().values())


@pytest.mark.parametrize("name", MECHANICS)
@pytest.mark.parametrize("share", [0.01, 0.2, 0.33, 0.95])
def test_terms_made_from_a_share_of_the_price_are_allowed(name: str, share: float) -> None:
    """What the planner makes of its slider passes the mechanic's own check."""
    mechanic = MECHANICS[name]
    terms = mechanic.usual(share, 0.99)
    assert mechanic.check(terms) == terms
    assert 0 <= mechanic.depth(terms) <= 0.95


def test_a_third_off_is_three_for_two() -> None:
    """The multi-buy that comes nearest."""
    usual = MECHANICS["multi-buy"].usual
    assert [usual(share, 1.0) for share in (0.5, 0.33, 0.2)] == [
        {"take": 2, "pay": 1},
        {"take": 3, "pay": 2},
        {"take": 5, "pay": 4},
    ]


def test_a_multi_buy_gives_something() -> None:
    """Take two, pay three is no offer."""
    with pytest.raises(ValueError, match="nothing would be given"):
        MECHANICS["multi-buy"].check({"take": 2, "pay": 3})
