"""Data health: the figures of the sample retailer, found and explained."""

from pathlib import Path

import polars as pl
import pytest
from shops import deliver

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import health
from workbench.measures.health import CHECKS

# Counts and what they are out of, worked out from the source's own files.
SAMPLE = {
    "Lines with a product the catalogue does not have": (4_836, 1_469_307),
    "Lines with a product that has no category": (2_209, 1_469_307),
    "Lines without a card": (0, 1_469_307),
    "Lines with quantity zero": (8_869, 1_469_307),
    "Lines with sales of zero": (11_246, 1_469_307),  # 11,226 zeros, 20 below half a cent
    "Lines with negative sales": (0, 1_469_307),
    "Lines where the coupon exceeds the price": (3_507, 1_469_307),
    "Lines dated another day by the shops' clock": (250_533, 1_469_307),
    "Days without a receipt": (1, 365),
    "Days in a week that is not whole": (1, 365),
    "Customers first seen in the first 30 days": (1_977, 2_469),
    "Customers seen on one day only": (34, 2_469),
    "Customers without demographics": (1_668, 2_469),
    "Promotion rows with a key that occurs twice": (12_785, 20_940_529),
    "Coupon rows delivered twice": (4_872, 116_204),
    "Coupons in several campaigns": (151, 981),
    "Campaigns not wholly inside the data": (9, 27),
}


@pytest.fixture(scope="module")
def found(sample_shop: Shop) -> pl.DataFrame:
    """The checks of the sample retailer."""
    return health(sample_shop)


@pytest.fixture(scope="module")
def corner_found(corner_shop: Shop) -> pl.DataFrame:
    """The checks of the corner shop."""
    return health(corner_shop)


@pytest.mark.parametrize("check", SAMPLE)
def test_a_known_figure_of_the_sample_retailer_is_found(found: pl.DataFrame, check: str) -> None:
    """The report counts what is known to be there, and says out of how many."""
    row = found.filter(pl.col("check") == check)
    assert row.select("count", "out_of").rows() == [SAMPLE[check]]


def test_the_widest_coupon_is_good_for_14477_products(found: pl.DataFrame) -> None:
    """One coupon is a voucher for almost anything."""
    widest = found.filter(pl.col("check") == "Products the widest coupon is good for")
    assert widest["count"].to_list() == [14_477]


@pytest.mark.parametrize(
    ("check", "share"),
    [
        ("Units that are not merchandise", 0.988),
        ("Lines dated another day by the shops' clock", 0.171),
    ],
)
def test_a_known_share_of_the_sample_retailer_is_found(
    found: pl.DataFrame, check: str, share: float
) -> None:
    """Units are nearly all fuel and coupons; a sixth of the lines are dated a day off in UTC."""
    row = found.filter(pl.col("check") == check)
    assert row["share"].item() == pytest.approx(share, abs=0.0005)


def test_every_check_says_what_it_means_and_what_is_done(found: pl.DataFrame) -> None:
    """Nobody is left alone with a number."""
    assert found.height == len(CHECKS) == found["check"].n_unique()
    for text in ("meaning", "treatment"):
        assert all(sentence.endswith(".") for sentence in found[text])


def test_the_worst_comes_first(found: pl.DataFrame) -> None:
    """Red before amber before green, and in each the largest share first."""
    severity = {"red": 0, "amber": 1, "green": 2}
    places = [
        (severity[status], -share) for status, share in found.select("status", "share").rows()
    ]
    assert places == sorted(places)


def test_the_corner_shops_figures_by_hand(corner_found: pl.DataFrame) -> None:
    """Two cash lines, a return, a candle from nowhere, 44 days without a receipt, one stranger."""
    counts = {row[0]: row[1:] for row in corner_found.select("check", "count", "out_of").rows()}
    assert counts["Lines without a card"] == (2, 15)
    assert counts["Lines with negative sales"] == (1, 15)
    assert counts["Lines with a product the catalogue does not have"] == (1, 15)
    assert counts["Days without a receipt"] == (44, 56)
    assert counts["Days in a week that is not whole"] == (0, 56)
    assert counts["Customers first seen in the first 30 days"] == (3, 4)
    assert counts["Customers seen on one day only"] == (1, 4)


def test_statuses_follow_the_share(corner_found: pl.DataFrame) -> None:
    """None is green, some is amber, much is red."""
    status = dict(corner_found.select("check", "status").rows())
    assert status["Lines with quantity zero"] == "green"
    assert status["Lines with negative sales"] == "amber"
    assert status["Days without a receipt"] == "red"


@pytest.mark.parametrize(
    "check",
    [
        "Promotion rows with a key that occurs twice",
        "Coupons in several campaigns",
        "Campaigns not wholly inside the data",
        "Customers without demographics",
    ],
)
def test_a_check_of_what_was_not_delivered_is_left_out(
    corner_found: pl.DataFrame, check: str
) -> None:
    """The corner shop has no promotions, coupons, campaigns or demographics to check."""
    assert check not in corner_found["check"].to_list()


CAMPAIGNS = """  campaigns:
    file: campaigns.csv
    columns: {campaign: id, starts: from, ends: to}
"""


@pytest.mark.parametrize(
    ("days", "cut"),
    [
        ("2026-01-12,2026-01-18", 0),
        ("2026-01-11,2026-01-17", 1),
        ("2026-02-23,2026-03-01", 0),
        ("2026-02-24,2026-03-02", 1),
    ],
    ids=["a week before it", "a day less before it", "to the last day", "past the last day"],
)
def test_a_campaign_is_cut_where_it_or_as_many_days_before_it_are_outside(
    tmp_path: Path, days: str, cut: int
) -> None:
    """A week's campaign needs its own week and the one before inside the data."""
    deliver(tmp_path, mapping=corner.MAPPING + CAMPAIGNS, campaigns=f"id,from,to\n7,{days}\n")
    checks = health(open_shop(tmp_path))
    row = checks.filter(pl.col("check") == "Campaigns not wholly inside the data")
    assert row.select("count", "out_of").rows() == [(cut, 1)]
