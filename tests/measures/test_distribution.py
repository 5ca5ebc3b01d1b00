"""Distribution: four stores of wine by hand, and the sample's proposal held against later weeks."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shelf import CATALOGUE, MAPPING
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.measures.assortment.areas import areas
from workbench.measures.assortment.distribution import IN, OUT, Distribution, by_item, distribution
from workbench.measures.assortment.transfer import RATES, TRANSFER

BEFORE, FIRST, SECOND = "2025-12-01", "2026-01-20", "2026-02-20"
SALES = {
    BEFORE: {
        "A": "white red dry sweet",
        "B": "white red dry sweet",
        "C": "white red dry",
        "D": "white",
    },
    FIRST: {
        "A": "white*40 red*20 dry sweet*15",
        "B": "white*40 red*20 sweet*15",
        "C": "white*40 red*20",
        "D": "white*60",
    },
    SECOND: {"A": "red*10 dry*3", "B": "red*10 dry*2", "C": "red*10", "D": "red"},
}
STOCK = """item,shop,week,units
dry,A,2026-01-19,50
dry,A,2026-01-26,5
red,A,2026-01-26,10
red,B,2026-01-26,20
dry,B,2026-02-02,90
"""
COUNTED = "  stock:\n    file: stock.csv\n"
COUNTED += "    columns: {product: item, store: shop, week: week, units: units}\n"
STORES = pl.DataFrame({"store": ["A", "B", "C", "D"], "segment": ["Area 1"] * 4})
RATE = pl.DataFrame([[TRANSFER, 0.75, 0.5, 1.0, 30, 60]], RATES, orient="row")
UNKNOWN = pl.DataFrame([[TRANSFER, None, 0.0, 1.0, 0, 0]], RATES, orient="row")


def open_stores(home: Path, mapping: str = MAPPING, **files: str) -> Shop:
    """Return the shop of the sales, each a receipt of one item at 2.00."""
    rows = [HEADER, "0,ann,bread,A,2025-11-10 09:00:00,1,2.00,0.00"]
    for day, stores in SALES.items():
        for store, items in stores.items():
            for item in items.split():
                name, _, times = item.partition("*")
                for _ in range(int(times or 1)):
                    rows.append(f"{len(rows)},,{name},{store},{day} 12:00:00,1,2.00,0.00")
    deliver(home, receipts="\n".join([*rows, ""]), mapping=mapping, catalogue=CATALOGUE, **files)
    return open_shop(home, reviewing=True)


def proposed(shop: Shop, rates: pl.DataFrame = RATE) -> Distribution:
    """Return the proposal for wine of the last eight weeks."""
    return distribution(shop, "last 8 weeks", "Wine", STORES, rates)


def named(found: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Return move, store and the source's item of each place."""
    item = pl.col("item").str.extract(r"\((\w+)\)$")
    return found.select("move", "store", item).rows()


def test_what_goes_and_what_comes_where(tmp_path: Path) -> None:
    """Dry is slow and goes, but not from C, where no other sparkling wine stays; red comes to D;
    sweet is the cut itself, so that nothing is said of it.
    """
    found = proposed(open_stores(tmp_path))
    assert named(found.places) == [(OUT, "A", "dry"), (OUT, "B", "dry"), (IN, "D", "red")]
    assert found.places["rate"].round(2).to_list() == [0.47, 0.47, 28.44]
    assert found.places["cut"].round(2).to_list() == [19.87] * 3


def test_the_second_half_judges_what_the_first_half_promised(tmp_path: Path) -> None:
    """Dry sold 2.00 in the first half and 10.00 in the second, a quarter of which leaves. Red in D
    is promised 120 x 60 / 211; the stores that have it sold 60.00 of the 120.94 that the others
    promised, and D sold 2.00 of it all the same.
    """
    taken, listed = proposed(open_stores(tmp_path)).effect.rows(named=True)
    assert (taken["items"], taken["stores"], taken["places"]) == (1, 2, 2)
    assert (taken["predicted"], taken["measured"]) == (Decimal("0.50"), Decimal("2.50"))
    promised, ratio = 120 * 60 / 211, 60 / (80 * 76 / 135 + 80 * 75 / 136 + 80 * 60 / 151)
    assert float(listed["predicted"]) == pytest.approx(promised / 4, abs=0.01)
    assert float(listed["measured"]) == pytest.approx((promised * ratio - 2) / 4, abs=0.01)
    assert listed["at_least"] < listed["measured"] < listed["at_most"]


def test_without_a_rate_of_transfer_only_the_ends_are_known(tmp_path: Path) -> None:
    """All of what was measured could be lost, or none of it."""
    taken = proposed(open_stores(tmp_path), UNKNOWN).effect.row(0, named=True)
    assert (taken["predicted"], taken["measured"]) == (None, None)
    assert taken["at_most"] > 10


def test_stock_is_counted_at_cost_where_somebody_counted(tmp_path: Path) -> None:
    """Five bottles of dry at 2.00 and 75 %; D would need the 15 of red that its stores hold on
    average; later counts are not known yet, and B's dry nobody counted.
    """
    shop = open_stores(tmp_path, MAPPING + COUNTED, stock=STOCK)
    found = proposed(shop)
    assert found.places["stock"].to_list() == [Decimal("7.50"), None, Decimal("22.50")]
    assert found.effect.select("counted", "stock").rows() == [
        (1, Decimal("7.50")),
        (1, Decimal("22.50")),
    ]
    assert "stock" in shop.asked
    item = by_item(found, OUT).row(0, named=True)
    assert (item["stores"], item["expected"], item["sold"]) == (2, Decimal(2), Decimal(10))


def test_stock_that_nobody_counts_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    """Without the table every figure of stock is null."""
    found = proposed(open_stores(tmp_path))
    assert found.effect.select("counted", "stock").rows() == [(0, None), (0, None)]
    assert by_item(found, IN)["stock"].to_list() == [None]


def test_a_category_in_which_nothing_is_sure_changes_nothing(tmp_path: Path) -> None:
    """Bread is sold once."""
    found = distribution(open_stores(tmp_path), "last 8 weeks", "Bakery", STORES, RATE)
    assert found.places.is_empty()
    assert found.effect["places"].to_list() == [0, 0]
    assert found.effect["measured"].to_list() == [None, None]


def test_in_the_sample_both_promises_were_too_good(sample_shop: Shop) -> None:
    """Frozen: what goes sells twice as much afterwards, what comes a fifth less than promised."""
    stores = areas(sample_shop, "last 26 weeks").stores
    found = distribution(sample_shop, "last 26 weeks", "SOFT DRINKS", stores, RATE).effect
    assert found["places"].to_list() == [436, 890]
    taken, listed = (row["measured"] / row["predicted"] for row in found.rows(named=True))
    assert float(taken) == pytest.approx(1.94, abs=0.01)
    assert float(listed) == pytest.approx(0.79, abs=0.01)
