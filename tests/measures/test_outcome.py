"""Outcomes: what customers of the period before did in the period."""

from pathlib import Path

import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.measures import outcome

NOW = "2026-02-02/2026-03-01"


def found(shop: Shop, objective: str, period: str = NOW) -> list[tuple[int, float]]:
    """Return customers and outcomes."""
    return outcome(shop, period, objective).rows()


def test_value_is_what_customers_of_the_period_before_spent(corner_shop: Shop) -> None:
    """0012 spent 7.50, 12 only brought wine back, 31 stayed away; 40 is new and not asked."""
    assert found(corner_shop, "value") == [(1, 7.5), (2, -8.0), (3, 0.0)]


def test_retention_is_whether_they_came_again(corner_shop: Shop) -> None:
    """A return is no visit."""
    assert found(corner_shop, "retention") == [(1, 1.0), (2, 0.0), (3, 0.0)]


def test_acquisition_asks_only_those_first_seen_in_the_period_before(tmp_path: Path) -> None:
    """Ann was there at the start; bob came first in the last fortnight but one, and again."""
    shop = open_till(
        tmp_path,
        "ann 2025-10-06 milk 1.50",
        "ann 2026-02-05 milk 1.50",
        "bob 2026-02-06 milk 1.50",
        "cid 2026-02-07 milk 1.50",
        "bob 2026-02-20 milk 1.50",
    )
    assert found(shop, "acquisition", "last 2 weeks") == [(2, 1.0), (3, 0.0)]


def test_who_is_new_cannot_be_told_without_looking_back(corner_shop: Shop) -> None:
    """The corner shop has eight weeks, and thirteen are wanted before the period before."""
    with pytest.raises(NotCovered, match="only 4 weeks of data before, and 13 are wanted"):
        outcome(corner_shop, "last 2 weeks", "acquisition")


def test_nobody_is_asked_about_campaigns_that_there_were_not(corner_shop: Shop) -> None:
    """A shop without campaigns has no outcomes."""
    assert found(corner_shop, "campaign response") == []


def test_an_unknown_objective_is_refused(corner_shop: Shop) -> None:
    """The message names those there are."""
    with pytest.raises(ValueError, match="no objective 'growth'; there are: value, retention"):
        outcome(corner_shop, NOW, "growth")


def test_the_sample_retailers_outcomes(sample_shop: Shop) -> None:
    """Frozen: whom each objective is about in the last 13 weeks, and the mean outcome."""
    asked = {}
    for objective in ("value", "retention", "acquisition", "campaign response"):
        frame = outcome(sample_shop, "last 13 weeks", objective)
        asked[objective] = (frame.height, round(float(frame["outcome"].mean()), 3))  # type: ignore[arg-type]
    assert asked == {
        "value": (2318, 504.08),
        "retention": (2318, 0.963),
        "acquisition": (53, 0.755),
        "campaign response": (1180, 0.196),
    }
