"""Switching: what each customer did to a brand, by hand and on the sample retailer."""

from decimal import Decimal
from pathlib import Path

import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.data.shop import NotCovered
from workbench.door import corner
from workbench.segments import switching

MAPPING = corner.MAPPING.replace(
    "{product: item, department: group, category: shelf}",
    "{product: item, department: group, category: shelf, maker: by}",
)
CATALOGUE = "item,group,shelf,by\nred,Drinks,Wine,A\nwhite,Drinks,Wine,B\nbread,Food,Bakery,\n"
BEFORE, NOW = "2026-01-12", "2026-02-12"
SALES = (
    "- 2026-01-05 white 1.00",
    *(f"in {BEFORE} white 8.00", f"in {NOW} red 8.00"),
    *(f"more {BEFORE} red 2.00", f"more {NOW} red 8.00"),
    f"new {NOW} red 5.00",
    *(f"same {BEFORE} red 5.00", f"same {NOW} red 5.50"),
    *(f"less {BEFORE} red 8.00", f"less {NOW} red 2.00"),
    *(f"out {BEFORE} red 8.00", f"out {NOW} white 7.00"),
    *(f"lost {BEFORE} red 8.00", f"lost {NOW} bread 2.00"),
    *(f"other {BEFORE} white 8.00", f"other {NOW} white 9.00"),
    f"back {NOW} red -8.00",
    f"back {NOW} bread 2.00",
    f"gone {BEFORE} red 8.00",
    *(f"back2 {BEFORE} white 10.00", f"back2 {NOW} white -10.00", f"back2 {NOW} red 6.00"),
)


@pytest.fixture(name="shop")
def wine_shop(tmp_path: Path) -> Shop:
    """Return a shop that sells wine of two makers, and bread."""
    deliver(tmp_path, receipts=till(*SALES), mapping=MAPPING, catalogue=CATALOGUE)
    return open_shop(tmp_path)


def test_every_kind_of_change_by_hand(shop: Shop) -> None:
    """Each card is named after what it did to maker A; who stayed away has no label.

    Who brings other wine of before back and buys A is no lost buyer of wine.
    """
    labels = switching.label(shop, "last 4 weeks", category="Wine", brand="Maker A")
    ids = dict(shop.customers.select("customer_id", "customer").collect("polars").rows())
    assert {ids[who]: what for who, what in labels.select("customer_id", "segment").rows()} == {
        "in": "Switched in",
        "more": "Increased",
        "new": "New category buyer",
        "same": "Stable",
        "less": "Decreased",
        "out": "Switched out",
        "lost": "Lost category buyer",
        "other": "Not a buyer",
        "back": "Not a buyer",
        "back2": "Increased",
    }


def test_the_figures_behind_a_label(shop: Shop) -> None:
    """Out bought eight of A and then seven of B: seven eighths of the loss were switched."""
    labels = switching.label(shop, "last 4 weeks", category="Wine", brand="Maker A")
    out = labels.row(labels["segment"].to_list().index("Switched out"), named=True)
    assert (out["brand_before"], out["brand_after"]) == (Decimal("8.00"), Decimal("0.00"))
    assert (out["category_after"], out["switched_share"]) == (Decimal("7.00"), 0.875)


def test_a_period_without_one_before_is_refused(shop: Shop) -> None:
    """There is nothing to compare all eight weeks with."""
    with pytest.raises(NotCovered, match="10 Nov 2025 to 4 Jan 2026"):
        switching.label(shop, "last 8 weeks", category="Wine")


def test_the_largest_soft_drink_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: maker 103 in the last 13 weeks; as many moved by switching as is said here."""
    labels = switching.label(sample_shop, "last 13 weeks")
    assert labels["segment"].value_counts().sort("segment").rows() == [
        ("Switched in", 224),
        ("Increased", 308),
        ("New category buyer", 138),
        ("Stable", 123),
        ("Decreased", 312),
        ("Switched out", 156),
        ("Lost category buyer", 96),
        ("Not a buyer", 970),
    ]


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    shops = (on_duckdb(sample_shop), sample_shop)
    assert_frame_equal(*(switching.label(s, "last 13 weeks") for s in shops), check_exact=True)
