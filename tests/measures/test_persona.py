"""Personas: only what is sure is told, a persona only where it is earned, no advice from noise."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.measures import brief, persona, say_message, say_persona, side_by_side, weigh
from workbench.measures.customers.persona import Persona, traits
from workbench.measures.customers.persona_brief import EVERYBODY
from workbench.segments import clusters, membership, rfm

Told = tuple[pl.DataFrame, Persona]
WEEKS = "last 26 weeks"
LABELS = pl.DataFrame(
    {"customer_id": [1, 2, 3, 4], "segment": ["A", "A", "B", "B"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B"])},
)
OFTEN = [f"{who} 2026-02-{day:02d} bread 2.00" for who in ("ann", "bob") for day in range(2, 12)]
SELDOM = [f"{who} 2026-02-07 wine {money}" for who, money in (("cat", "30.00"), ("dan", "32.00"))]


@pytest.fixture(scope="module", name="told")
def of_the_sample(sample_shop: Shop) -> Told:
    """The clusters of the sample, closely at the first."""
    labels = clusters.label(sample_shop, WEEKS)
    before = clusters.label(sample_shop, sample_shop.window(WEEKS).before(), cuts_from=WEEKS)
    return labels, persona(sample_shop, WEEKS, labels, "Cluster 1", before=before)


def test_manners_by_hand(tmp_path: Path) -> None:
    """A comes 10 times and all 5.5 times on average; B has 31.00 a visit and all 4.64.

    Of nothing and of everything no interval can be told: A comes never in the evening, as all
    do, and B at weekends only.
    """
    found = traits(open_till(tmp_path, *OFTEN, *SELDOM), "last 4 weeks", LABELS, base=1)
    said = {(row["segment"], row["trait"]): row["index"] for row in found.rows(named=True)}
    assert said["A", "come often"] == pytest.approx(100 * 10 / 5.5)
    assert said["B", "come rarely"] == pytest.approx(100 * 1 / 5.5)
    assert said["B", "have large baskets"] == pytest.approx(100 * 31 / (102 / 22))
    assert ("B", "come at weekends") not in said


def test_only_what_is_sure_is_a_trait(told: Told) -> None:
    """Every interval lies on one side of 100, the surest first within its segment."""
    found = told[1].traits
    low, high = pl.col("index_low"), pl.col("index_high")
    assert found.height > 10
    assert found.filter((low <= 100) & (high >= 100)).is_empty()
    assert found.filter(low > pl.col("index")).is_empty()
    first = found.filter(segment="Cluster 1").row(0, named=True)
    assert (first["trait"], round(first["index"])) == ("come often", 182)


def test_a_figure_of_few_customers_is_no_trait(tmp_path: Path) -> None:
    """Two customers are too few where thirty are asked for."""
    assert traits(open_till(tmp_path, *OFTEN, *SELDOM), "last 4 weeks", LABELS).is_empty()


def test_a_persona_is_earned(told: Told) -> None:
    """A cluster that is found again is a persona, one that is not a group, a rule a segment."""
    labels, facts = told
    members = membership(clusters, labels)
    kinds = dict(members.select(pl.col("segment").cast(pl.String), "kind").rows())
    assert kinds["Cluster 1"] == "persona"
    assert kinds["Cluster 4"] == "group of customers"
    assert "is a persona. What surely sets them apart: come often" in say_persona(
        members, facts, "Cluster 1"
    )
    assert "is a group of customers and no persona" in say_persona(members, facts, "Cluster 4")


def test_a_rule_makes_no_persona(sample_shop: Shop) -> None:
    """Nothing is there to be found again, so nothing is said of it."""
    labels = rfm.label(sample_shop, WEEKS)
    members = membership(rfm, labels)
    assert members["kind"].unique().to_list() == ["segment by rule"]
    assert members.select("inside_share", "overlap_share").null_count().row(0) == (7, 7)
    assert members["customers"].sum() == labels.height


def test_the_brief_says_what_is_sure(told: Told) -> None:
    """Products by the lower end of the index, never fuel; chance answers are as for everybody."""
    rows = brief(told[1], "Cluster 1")
    advice = dict(rows.select(pl.col("part").cast(pl.String), "advice").rows())
    assert advice["Product"].startswith("CANDY - CHECKLANE")
    assert "FUEL" not in told[1].categories["category"].to_list()
    assert advice["Channel"] == EVERYBODY
    assert advice["Campaign"] == "in a campaign of kind Type A"
    assert say_message(rows, "Cluster 1") == (
        "To Cluster 1: offer CANDY - CHECKLANE, SALAD BAR and BREAKFAST SWEETS, "
        "in a campaign of kind Type A, on Monday, before 17:00"
    )


def test_the_groups_side_by_side_are_those_with_customers(sample_shop: Shop, told: Told) -> None:
    """Four clusters of five names; the worth is that of the weights."""
    labels, facts = told
    worth = weigh(sample_shop, WEEKS, labels)
    table = side_by_side(worth, membership(clusters, labels), facts)
    assert table.height == 4
    assert table["customers"].sum() == labels.filter(pl.col("visits") > 0).height
    assert table["spend_per_customer"][0] == worth["spend_per_customer"][0] > Decimal(0)
    assert table["typical"][0] == "come often, have small baskets"


def test_channels_leave_unknown_openings_empty(told: Told) -> None:
    """A text message reports no opening; letters are preferred only, calls are no messages."""
    found = told[1].channels
    assert found["channel"].unique().sort().to_list() == ["email", "post", "sms"]
    assert found.filter(channel="post").select("customers", "messages").sum().row(0) == (0, 0)
    assert found.filter(channel="sms")["opened_share"].null_count() == 4
    assert found.filter(channel="email")["opened_share"].is_between(0.2, 0.5).all()


def test_nobody_is_no_persona(sample_shop: Shop) -> None:
    """An empty segment is refused by name."""
    labels = clusters.label(sample_shop, "last 4 weeks")
    with pytest.raises(ValueError, match="nobody is in 'Cluster 5'"):
        persona(sample_shop, "last 4 weeks", labels, "Cluster 5", before=labels)


def test_a_shop_without_contacts_has_a_persona_too(tmp_path: Path) -> None:
    """No channel, no campaign: as for everybody."""
    shop = open_till(tmp_path, *OFTEN, *SELDOM)
    facts = persona(shop, "last 4 weeks", LABELS, "A", before=LABELS, base=1)
    advice = dict(brief(facts, "A").select(pl.col("part").cast(pl.String), "advice").rows())
    assert (advice["Channel"], advice["Campaign"]) == (EVERYBODY, EVERYBODY)
    assert advice["Product"] == "Bakery"


def test_a_depth_at_which_nobody_buys_is_no_advice(tmp_path: Path) -> None:
    """Half at full price where four fifths are usual; the rest at 5 to 15 %, nothing deeper."""
    facts = persona(
        open_till(tmp_path, *OFTEN, *SELDOM), "last 4 weeks", LABELS, "A", before=LABELS, base=1
    )
    halves = {"full_price_share": 0.5, "low_share": 0.45, "high_share": 0.55}
    depths = {
        "segment": ["A"] * 3,
        "depth": ["Full price", "5 to 15 %", "40 % and more"],
        "sales_share": [0.5, 0.5, 0.0],
        "total_share": [0.8, 0.2, 0.0],
    }
    prices = facts.prices.with_columns(**{name: pl.lit(share) for name, share in halves.items()})
    told = brief(facts._replace(prices=prices, depths=pl.DataFrame(depths)), "A")
    assert dict(told.select(pl.col("part").cast(pl.String), "advice").rows())["Offer"] == (
        "at 5 to 15 % off"
    )


def test_duckdb_gives_the_same_persona(sample_shop: Shop) -> None:
    """Traits, hours and channels of four weeks, equal to the bit."""
    labels = clusters.label(sample_shop, "last 4 weeks")
    ours = persona(sample_shop, "last 4 weeks", labels, "Cluster 1", before=labels)
    theirs = persona(on_duckdb(sample_shop), "last 4 weeks", labels, "Cluster 1", before=labels)
    for our, their in zip(ours, theirs, strict=True):
        assert_frame_equal(their, our, check_exact=True)


def test_few_customers_make_no_channel_sure(told: Told) -> None:
    """Two followed each text message, of a thousand 2 % a mail; six would rather have letters."""
    rows = {
        "segment": ["Cluster 1"] * 3,
        "channel": ["email", "post", "sms"],
        "customers": [1000, 0, 2],
        "clicked_share": [0.02, None, 1.0],
        "low_share": [0.01, None, 0.9],
        "high_share": [0.03, None, 1.0],
        "preferred_share": [0.4, 0.6, 0.0],
    }
    said = brief(told[1]._replace(channels=pl.DataFrame(rows)), "Cluster 1").filter(part="Channel")
    assert said.select("advice", "evidence").row(0) == (
        EVERYBODY,
        "answered: email 2.0% (1.0% to 3.0%); 60% of those who stated a channel prefer post",
    )
