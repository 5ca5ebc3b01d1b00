"""Figures as text."""

import datetime as dt
from decimal import Decimal

import pytest
from looks import Dollars, Euros

from workbench import show
from workbench.show import words


@pytest.fixture(autouse=True)
def _dollars() -> None:
    show.house(Dollars())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1069306.12"), "$1,069,306"),
        (12.5, "$12.50"),
        (0, "$0"),
        (-1234.4, "−$1,234"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_money(value: words.Figure, text: str) -> None:
    """Amounts carry the currency, are whole from a thousand on, and never hide a null as 0."""
    assert words.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(12.5, "+$12.50"), (-1234.4, "−$1,234"), (0, "$0"), (None, "–")]
)
def test_gain(value: words.Figure, text: str) -> None:
    """A gain has its plus, a loss its minus, and nothing has neither."""
    assert words.gain(value) == text


def test_money_follows_the_shop() -> None:
    """The shop's currency stands before the amount, and none without a shop."""
    show.house(Euros())
    assert words.money(5) == "€5.00"
    show.house()
    assert words.money(5) == "5.00"


def test_currency_without_a_sign_is_spelled_out() -> None:
    """A currency we have no sign for stands as its code, kept on the line of its amount."""

    class Francs:
        currency = "CHF"

    show.house(Francs())
    assert words.money(5) == "CHF\N{NO-BREAK SPACE}5.00"


def test_currency_must_be_a_code() -> None:
    """Markup in place of a currency is refused by name."""

    class Hostile:
        currency = "<b>"

    with pytest.raises(ValueError, match="'<b>' is not a three-letter code"):
        show.house(Hostile())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.463, "46%"),
        (0.0463, "4.6%"),
        (0.0001, "<0.1%"),
        (0, "0%"),
        (-0.25, "−25%"),
        (1, "100%"),
        (None, "–"),
    ],
)
def test_share(value: words.Figure, text: str) -> None:
    """Shares have a decimal where it says something, and a small one is not shown as none."""
    assert words.share(value) == text


def test_number() -> None:
    """Measured numbers have a decimal below a hundred."""
    assert [words.number(value) for value in (59.84, 163.7, 3.0, None)] == ["59.8", "164", "3", "–"]


def test_change() -> None:
    """A change carries its sign, and none is claimed without a base."""
    assert words.change(112, 100) == "+12%"
    assert words.change(Decimal(95), Decimal(100)) == "−5.0%"
    assert words.change(5, 0) == "–"
    assert words.change(None, 5) == "–"
    assert words.change(50, -100) == "–"


def test_times() -> None:
    """A ratio reads as a multiple."""
    assert words.times(2.41) == "2.4 times"


def test_period() -> None:
    """A period names the year once where it can."""
    july, december = dt.date(2017, 7, 3), dt.date(2017, 12, 31)
    assert words.period(july, december) == "3 Jul – 31 Dec 2017"
    assert words.period(dt.date(2016, 7, 3), december) == "3 Jul 2016 – 31 Dec 2017"
    assert words.period(july, july) == "3 Jul 2017"


def test_join() -> None:
    """Lists read as a phrase."""
    assert words.join([]) == ""
    assert words.join(["a"]) == "a"
    assert words.join(["a", "b", "c"]) == "a, b and c"


def test_tidy() -> None:
    """A name cannot turn the direction of the sentence it stands in; its letters stay."""
    assert words.tidy("\u202eabc שלום\u2066") == "abc שלום"


def test_some() -> None:
    """One thing is not several."""
    assert words.some(1, "customer") == "1 customer"
    assert words.some(2469, "customer") == "2,469 customers"
