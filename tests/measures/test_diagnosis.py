"""Diagnosis: parts by hand, parts that add up to the cent, and causes that are ruled out."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.measures.assortment.diagnosis import OTHERS, by_segment, by_stores, open_case, tree
from workbench.measures.assortment.diagnosis_checks import ruled_out, say_diagnosis, sources
from workbench.measures.business.comparison import SAME_WEEKS

FOUR, THIRTEEN, SODA = "last 4 weeks", "last 13 weeks", "SOFT DRINKS"
BREAD = [
    *("ann 2026-01-05 bread 2.00", "bob 2026-01-06 milk 1.50"),
    *("ann 2026-02-03 bread 3.00", "bob 2026-02-04 bread 3.00"),
]
LABELS = pl.DataFrame(
    {"customer_id": [1, 2], "segment": ["Gold", "Tin"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["Gold", "Tin"])},
)


def parts(shop: Shop, **case: str) -> dict[str, float]:
    """Return the parts of the change that are not nothing."""
    found = tree(open_case(shop, FOUR, **case)).select("part", "sales_change").rows()
    return {part: float(change) for part, change in found if change}


def test_a_new_buyer_and_a_dearer_bread_by_hand(tmp_path: Path) -> None:
    """One more of two customers buys bread, at a mean of 2.50; 1.00 dearer on a mean of 1.5."""
    shop = open_till(tmp_path, *BREAD)
    assert parts(shop, category="Bakery") == {"Penetration": 2.5, "Price": 1.5}


def test_fewer_customers_of_the_shop_are_no_fault_of_the_category(tmp_path: Path) -> None:
    """Two who buy bread become one who does: penetration stays, and nobody known is apart."""
    shop = open_till(
        tmp_path,
        *("ann 2026-01-05 bread 2.00", "bob 2026-01-06 bread 2.00", "- 2026-01-07 bread 2.00"),
        "ann 2026-02-03 bread 2.00",
    )
    found = parts(shop, category="Bakery")
    assert found == {"Customers of the shop": -2.0, "Without a card": -2.0}


def test_what_was_checked_by_hand(tmp_path: Path) -> None:
    """The dearer bread is a part of it; the rest of the shop fell; last year cannot be known."""
    shop = open_till(tmp_path, *BREAD)
    case = open_case(shop, FOUR, category="Bakery")
    checked = ruled_out(shop, case, tree(case))
    found = {check: (effect, verdict) for check, _, effect, _, verdict in checked.rows()}
    assert found == {
        "The rest of the shop": (Decimal("-2.00"), "Worked against it"),
        "The season": (None, "Not known"),
        "Stores that sell it": (Decimal("0.00"), "Ruled out"),
        "Stores that are open": (Decimal("0.00"), "Ruled out"),
        "Prices of the same products": (Decimal("1.50"), "A part of it"),
        "Products on sale": (Decimal("0.00"), "Ruled out"),
        "Sold at a discount": (Decimal("0.00"), "Ruled out"),
    }
    said = say_diagnosis(case, tree(case), sources(shop, case), checked)
    assert said.startswith(
        "Bakery: sales of 6 (+200.0%, +4) against the 28 days from 5 Jan 2026. "
        "The largest part is penetration (50.00 to 100.00 of 100 customers: +2). "
        "Of its brands (unknown) changed most: +4. Checked – a part of it: prices"
    )


def test_the_same_weeks_last_year_rule_the_season_out(tmp_path: Path) -> None:
    """A brand's sources, too, are then what changed since last year."""
    shop = open_till(
        tmp_path,
        *("ann 2025-01-06 milk 1.50", "ann 2025-02-05 bread 2.00", "ann 2026-01-20 bread 9.00"),
        "ann 2026-02-04 bread 3.00",
    )
    case = open_case(shop, FOUR, category="Bakery", brand="(unknown)", against=SAME_WEEKS)
    checked = ruled_out(shop, case, tree(case))
    season = checked.row(by_predicate=pl.col("check") == "The season", named=True)
    assert (season["reading"], season["verdict"]) == ("the same weeks are compared", "Ruled out")
    moved = sources(shop, case).filter(pl.col("change") != 0)
    assert moved.rows() == [("Increased buying", "Category", Decimal("1.00"))]


def test_each_segment_has_its_own_parts(tmp_path: Path) -> None:
    """Ann pays 1.00 more; bob, who bought none before, is a buyer now: 3.00."""
    case = open_case(open_till(tmp_path, *BREAD), FOUR, category="Bakery")
    rows = {row["segment"]: row for row in by_segment(case, LABELS).rows(named=True)}
    assert (rows["Gold"]["sales_change"], rows["Gold"]["from_price"]) == (1, 1)
    assert (rows["Tin"]["sales_change"], rows["Tin"]["from_penetration"]) == (3, 3)
    assert (rows[OTHERS]["sales"], rows[OTHERS]["from_price"]) == (0, None)


@pytest.mark.parametrize("category", ["Bakery", "Dairy", "Wine"])
def test_the_corner_shop_adds_up_to_the_cent(corner_shop: Shop, category: str) -> None:
    """Returns, sales without a card and a category nobody bought before included."""
    _adds_up(corner_shop, FOUR, category)


@pytest.mark.parametrize("brand", ["", "Maker 1208", "Own label"])
def test_the_sample_adds_up_to_the_cent(sample_shop: Shop, brand: str) -> None:
    """By part, source, segment and group of stores, for a category and its brands."""
    _adds_up(sample_shop, THIRTEEN, SODA, brand)


@pytest.mark.parametrize("category", ["FUEL", "COUPON/MISC ITEMS"])
def test_what_is_no_merchandise_adds_up_too(sample_shop: Shop, category: str) -> None:
    """Its products have no units, and are among the sources all the same."""
    _adds_up(sample_shop, THIRTEEN, category)
    case = open_case(sample_shop, THIRTEEN, category=category)
    assert case.products["units"].sum() == 0
    causes = tree(case)
    reading = dict(causes.select("part", "reading").rows())
    assert (reading["Price"], reading["Mix"]) == ("no product in both", "no product in both")
    verdicts = dict(ruled_out(sample_shop, case, causes).select("check", "verdict").rows())
    assert verdicts["Prices of the same products"] == "Not known"


def _adds_up(shop: Shop, period: str, category: str, brand: str = "") -> None:
    case = open_case(shop, period, category=category, brand=brand)
    before, now = (case.sold.filter(pl.col("now") == at)["sales"].sum() for at in (0, 1))
    change = Decimal(now - before) / 100
    labels = LABELS.with_columns(pl.col("customer_id"))
    segments, stores = by_segment(case, labels), by_stores(shop, case)
    assert tree(case)["sales_change"].sum() == change
    assert sources(shop, case)["change"].sum() == change
    assert segments["sales_change"].sum() == stores["sales_change"].sum() == change
    parts = segments.filter(pl.col("segment") != OTHERS).select(
        left=pl.sum_horizontal(pl.col("^from_.*$")) - pl.col("sales_change")
    )
    assert parts["left"].to_list() == [0, 0]


def test_the_sample_s_finding(sample_shop: Shop) -> None:
    """Maker 1208 lost a quarter: fewer units, at prices a fifth dearer and fewer discounts."""
    case = open_case(sample_shop, THIRTEEN, category=SODA, brand="Maker 1208")
    causes = tree(case)
    checked = ruled_out(sample_shop, case, causes)
    assert causes["sales_change"].sum() == Decimal("-3927.87")
    most = checked.filter(pl.col("verdict") == "Explains most")["check"].to_list()
    assert most == ["Sold at a discount"]
    said = say_diagnosis(case, causes, sources(sample_shop, case), checked)
    assert "Maker 1208 in SOFT DRINKS: sales of 11,953 (−24.7%, −3,928)" in said
    assert "ruled out: the rest of the shop, stores that sell it" in said


def test_a_brand_nobody_bought_is_said(corner_shop: Shop) -> None:
    """With the name that was asked for."""
    with pytest.raises(ValueError, match="no brand called 'Maker 9' was sold in 'Wine'"):
        open_case(corner_shop, FOUR, category="Wine", brand="Maker 9")


def test_a_diagnosis_is_the_same_on_the_second_engine(corner_shop: Shop) -> None:
    """Without tolerance, of a category and of one of its brands."""
    other = on_duckdb(corner_shop)
    for brand in ("", "(unknown)"):
        here, there = (
            open_case(shop, FOUR, category="Wine", brand=brand) for shop in (corner_shop, other)
        )
        assert_frame_equal(tree(there), tree(here), check_exact=True)
        stores = by_stores(other, there), by_stores(corner_shop, here)
        assert_frame_equal(*stores, check_exact=True)
