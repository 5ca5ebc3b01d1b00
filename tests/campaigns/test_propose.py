"""Propose: days, products, terms and a name from a few choices."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from workbench.campaigns.plans.propose import Days, period_before, propose
from workbench.data import Shop
from workbench.data.engine import fetch

LEARNT: Any = SimpleNamespace(until=dt.date(2026, 2, 23))


def options(shop: Shop) -> pl.DataFrame:
    """One product as option A."""
    known = fetch(shop.products.select("product_id", "product"), by=["product"])
    bread = known.filter(product="bread").select("product_id", option=pl.lit("A penetration"))
    return bread.with_columns(price=pl.lit(2.5))


def test_the_choices_become_a_campaign(crowd: Shop) -> None:
    """Weeks to come start a fortnight after the last week known; the name says it all."""
    choice = {"option": "A penetration", "segment": "rfm: At risk", "category": "Bakery"}
    made = propose(
        *(crowd, LEARNT, options(crowd)),
        **choice,
        period="last 8 weeks",
        mechanic="multi-buy",
        worth=33,
        days="next 2 weeks",
    )
    assert made.name == "Multi-buy 33% on Bakery for At risk, from 9 Mar 2026"
    assert (made.products, dict(made.terms)) == (("bread",), {"take": 3, "pay": 2})
    assert str(made.days) == "2026-03-09/2026-03-22"


def test_an_option_without_a_product_names_those_that_have_one(crowd: Shop) -> None:
    """The way out."""
    with pytest.raises(ValueError, match="choose one of: A penetration"):
        propose(
            *(crowd, LEARNT, options(crowd)),
            option="E cross-sell",
            segment="rfm: At risk",
            category="Bakery",
            period="last 8 weeks",
            mechanic="coupon",
            worth=20,
            days="next 2 weeks",
        )


@pytest.mark.parametrize(
    ("days", "before"),
    [
        ("next 2 weeks", "last 26 weeks"),
        ("2026-03-09/2026-03-22", "last 26 weeks"),
        ("2026-02-02/2026-02-15", "2026-01-05/2026-02-01"),
        ("last 2 weeks", "2026-01-05/2026-02-15"),
    ],
)
def test_who_is_whom_is_told_by_the_days_before(crowd: Shop, days: str, before: str) -> None:
    """A campaign of the past is planned on what was known then."""
    assert period_before(crowd, days) == before


@pytest.mark.parametrize("text", ["next 2 weeks", "2026-03-09/2026-03-22", "last 8 weeks"])
def test_days_are_weeks_to_come_or_a_period(text: str) -> None:
    """The text stays as it is."""
    assert Days.parse(f" {text} ") == text


@pytest.mark.parametrize("text", ["soon", "next weeks", "2026-03-09", "2026-03-22/2026-03-09"])
def test_other_days_are_refused_with_the_way_out(text: str) -> None:
    """Both ways of writing are named."""
    with pytest.raises(ValueError, match="or weeks to come like next 2 weeks"):
        Days.parse(text)
