"""BG/NBD and Gamma-Gamma: the published fits to CDNOW, digit by digit."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from workbench.segments import _btyd

CDNOW = Path(__file__).parent / "data" / "cdnow.csv.gz"


@pytest.fixture(scope="module")
def cdnow() -> pl.DataFrame:
    """Return one row per customer: repeats, recency and age in weeks, cents spent again."""
    return pl.read_csv(CDNOW, comment_prefix="#").cast(pl.Float64)


@pytest.fixture(scope="module")
def visits(cdnow: pl.DataFrame) -> _btyd.Visits:
    """The BG/NBD model of CDNOW."""
    return _btyd.fit_visits(*(cdnow[name].to_numpy() for name in ("repeats", "recency", "age")))


@pytest.fixture(scope="module")
def spend(cdnow: pl.DataFrame) -> _btyd.Spend:
    """The Gamma-Gamma model of CDNOW's repeaters."""
    again = cdnow.filter(pl.col("repeats") > 0)
    mean = again["cents"] / again["repeats"] / 100
    return _btyd.fit_spend(again["repeats"].to_numpy(), mean.to_numpy())


def test_the_data_is_that_of_the_papers(cdnow: pl.DataFrame) -> None:
    """2,357 customers, 946 of whom came again and spent 35.08 each time on average."""
    again = cdnow.filter(pl.col("repeats") > 0)
    assert (cdnow.height, again.height) == (2357, 946)
    assert (again["cents"] / again["repeats"]).mean() == pytest.approx(3508, abs=0.5)


def test_visits_are_fitted_as_published(visits: _btyd.Visits) -> None:
    """Fader, Hardie and Lee 2005: r .243, alpha 4.414, a .793, b 2.426, LL -9582.4."""
    parameters = [round(parameter, 3) for parameter in visits[:4]]
    assert parameters == [0.243, 4.414, 0.793, 2.426]
    assert round(visits.log_likelihood, 1) == -9582.4


def test_spend_is_fitted_as_published(spend: _btyd.Spend) -> None:
    """Fader and Hardie 2013: p 6.25, q 3.74, gamma 15.44."""
    assert [round(parameter, 2) for parameter in spend[:3]] == [6.25, 3.74, 15.44]


def test_expected_visits_are_those_of_the_paper(visits: _btyd.Visits) -> None:
    """Two repeats, the last in week 30.43 of 38.86: 1.226 more in the next 39 weeks."""
    seen = (np.array([2.0]), np.array([30.43]), np.array([38.86]))
    assert round(float(_btyd.expected_visits(visits, *seen, 39)[0]), 3) == 1.226


def test_who_stayed_away_longer_is_expected_less(visits: _btyd.Visits) -> None:
    """The same four repeats, the last of them long ago or lately; nothing ahead, no visits."""
    repeats, recency, age = np.array([4.0, 4.0]), np.array([5.0, 35.0]), np.array([38.0, 38.0])
    long_ago, lately = _btyd.expected_visits(visits, repeats, recency, age, 13)
    assert 0 < long_ago < lately
    assert _btyd.expected_visits(visits, repeats, recency, age, 0).tolist() == pytest.approx([0, 0])


def test_expected_spend_lies_between_the_customers_own_and_the_average(spend: _btyd.Spend) -> None:
    """Once 100 is nearer to the average than ten times 100; unseen is the average itself."""
    unseen, once, often = _btyd.expected_spend(
        spend, np.array([0.0, 1.0, 10.0]), np.array([0.0, 100.0, 100.0])
    )
    assert unseen == pytest.approx(spend.p * spend.gamma / (spend.q - 1))
    assert unseen < once < often < 100
