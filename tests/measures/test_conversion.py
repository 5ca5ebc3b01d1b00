"""Conversion: shares of those who were addressed, and nothing said where nobody was."""

import datetime as dt

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import answered, conversion, say_answered

MAPPING = (
    corner.MAPPING
    + """  campaigns:
    file: campaigns.csv
    columns: {campaign: id, kind: type, starts: from, ends: to}
  targets:
    file: targets.csv
    columns: {campaign: id, customer: card}
  redemptions:
    file: redemptions.csv
    columns: {campaign: id, coupon: coupon, customer: card, day: day}
"""
)
CAMPAIGNS = """id,type,from,to
spring,A,2026-02-02,2026-02-15
long,A,2026-02-02,2026-03-08
early,B,2026-01-26,2026-02-08
"""
TARGETS = "id,card\nspring,0012\nspring,12\nspring,31\nlong,12\nearly,12\n"
REDEMPTIONS = """id,coupon,card,day
spring,c1,0012,2026-02-03
spring,c2,0012,2026-02-03
spring,c1,40,2026-02-09
early,c9,12,2026-01-27
"""
NOW = "2026-02-02/2026-03-01"
LABELS = pl.DataFrame(
    {"customer_id": [1, 2, 4], "segment": ["A", "A", "B"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B"])},
)


@pytest.fixture(name="shop", scope="module")
def open_with_campaigns(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The corner shop with three campaigns."""
    home = tmp_path_factory.mktemp("campaigns")
    files = {"campaigns": CAMPAIGNS, "targets": TARGETS, "redemptions": REDEMPTIONS}
    deliver(home, mapping=MAPPING, **files)
    return open_shop(home)


def test_redeemers_are_a_share_of_those_addressed(shop: Shop) -> None:
    """Of A two were addressed and one redeemed two coupons; of B nobody was: unknown."""
    found = conversion(shop, NOW, LABELS)
    columns = ("segment", "targeted", "redeemers", "redemptions", "conversion_share")
    assert found.select(columns).rows() == [
        ("A", 2, 1, 2, 0.5),
        ("B", 0, None, None, None),
        ("Unlabelled", 1, 0, 0, 0.0),
    ]


def test_only_campaigns_inside_the_period_are_there(shop: Shop) -> None:
    """One that began earlier or ends later is not whole, and is left out."""
    found = conversion(shop, NOW, LABELS)
    assert set(found["campaign"]) == {"spring"}
    assert found.select("kind", "starts", "ends").unique().rows() == [
        ("A", dt.date(2026, 2, 2), dt.date(2026, 2, 15))
    ]


def test_a_period_without_a_campaign_has_no_rows(shop: Shop) -> None:
    """No campaign ran inside the last week."""
    assert conversion(shop, "last 1 week", LABELS).height == 0


def test_a_shop_without_campaigns_is_told_so(corner_shop: Shop) -> None:
    """The message names the table that is missing."""
    with pytest.raises(ValueError, match="no table 'campaigns'"):
        conversion(corner_shop, NOW, LABELS)


def test_duckdb_gives_the_same_answer(shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    assert_frame_equal(conversion(on_duckdb(shop), NOW, LABELS), conversion(shop, NOW, LABELS))


def test_everybody_addressed_by_the_sample_retailer_is_counted(sample_shop: Shop) -> None:
    """Over all segments the targets of the campaigns inside the year are all there."""
    nobody = LABELS.clear()
    found = conversion(sample_shop, sample_shop.span, nobody)
    ran = found.filter(pl.col("segment") == "Unlabelled")
    targets = sample_shop.table("targets").collect("polars").to_native()
    names = sample_shop.table("campaigns").collect("polars").to_native()
    inside = names.filter(pl.col("campaign").is_in(ran["campaign"].to_list()))
    assert ran["targeted"].sum() == targets.join(inside, on="campaign_id", how="semi").height
    assert ran.height == 19


def test_a_customer_who_was_addressed_twice_is_one_customer(shop: Shop) -> None:
    """From 26 January two campaigns end in time: 0012 and 12 answered one each, 31 has no label."""
    found = answered(shop, "2026-01-26/2026-03-01", LABELS)
    columns = ("segment", "customers", "contacts", "redeemers", "conversion_share")
    assert found.select(columns).rows() == [("A", 2, 3, 2, 1.0), ("B", 0, 0, None, None)]
    low, high = found.select(pl.col("low_share", "high_share").round(3)).row(0)
    assert (low, high) == (0.342, 1.0)


def test_nothing_is_said_where_nobody_could_answer(corner_shop: Shop) -> None:
    """A shop without campaigns has all segments, and nothing known of them."""
    found = answered(corner_shop, NOW, LABELS)
    assert found.rows() == [
        ("A", 0, 0, None, None, None, None),
        ("B", 0, 0, None, None, None, None),
    ]
    assert say_answered(found) == "Nobody was addressed by a campaign of this period"


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([(0.5, 0.4, 0.6), (0.2, 0.1, 0.3)], "A answered most: 50% of those addressed"),
        (
            [(0.5, 0.25, 0.7), (0.2, 0.1, 0.3)],
            "A answered most: 50% of those addressed; not surely more than every other segment",
        ),
    ],
)
def test_the_best_answer_is_named_with_its_doubt(
    shares: list[tuple[float, ...]], said: str
) -> None:
    """Where the intervals overlap the page says so."""
    names = ["conversion_share", "low_share", "high_share"]
    frame = pl.DataFrame(shares, names, orient="row").with_columns(segment=pl.Series(["A", "B"]))
    assert say_answered(frame) == said
