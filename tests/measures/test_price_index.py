"""The price index, and the share of requirements: by hand, and computed a second time."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.measures.assortment.price_index import price_index
from workbench.measures.assortment.scorecard import NOW, scorecards
from workbench.measures.assortment.share_of_requirements import say_loyal, share_of_requirements
from workbench.measures.business.comparison import compared

THIRTEEN, SODA = "last 13 weeks", "SOFT DRINKS"
Amounts = dict[Any, Fraction]


def test_the_same_basket_by_hand(tmp_path: Path) -> None:
    """Two bread at 2.00 and one milk at 1.00 before; now one bread at 3.00, four milk at 1.00.

    The old basket costs 7.00 instead of 5.00, the new one 7.00 instead of 6.00. The wine is new,
    and in no basket.
    """
    old = ["ann 2026-01-05 bread 2.00", "bob 2026-01-05 bread 2.00", "ann 2026-01-06 milk 1.00"]
    new = [f"ann 2026-02-0{day} milk 1.00" for day in range(3, 7)]
    shop = open_till(tmp_path, *old, *new, "ann 2026-02-09 bread 3.00", "ann 2026-02-10 wine 9.00")
    rows = {row["category"]: row for row in price_index(shop, "last 4 weeks").rows(named=True)}
    assert rows["Bakery"]["fisher_index"] == pytest.approx(150)
    assert rows["Dairy"]["paasche_index"] == pytest.approx(100)
    assert (rows["Wine"]["products"], rows["Wine"]["laspeyres_index"]) == (0, None)
    whole = price_index(shop, "last 4 weeks", by="brand")
    assert set(whole["brand"]) == {"(unknown)"}


def test_the_index_is_the_same_computed_line_by_line(sample_shop: Shop) -> None:
    """Exact fractions over raw receipt lines, for every brand of soft drinks."""
    both = compared(sample_shop, THIRTEEN)
    before, now = (_prices(sample_shop, window) for window in (both.before, both.now))
    found = price_index(sample_shop, THIRTEEN, by="brand", category=SODA)
    for row in found.filter(pl.col("products") > 0).head(8).rows(named=True):
        mine = [key for key in before.keys() & now.keys() if key[0] == row["brand"]]
        at = [
            [(side[key][1] / side[key][0], side[key][0]) for key in mine] for side in (before, now)
        ]
        pairs = list(zip(*at, strict=True))
        old = sum(new[0] * was[1] for was, new in pairs) / sum(was[0] * was[1] for was, _ in pairs)
        new = sum(new[0] * new[1] for _, new in pairs) / sum(was[0] * new[1] for was, new in pairs)
        assert row["products"] == len(mine)
        assert row["laspeyres_index"] == pytest.approx(100 * float(old))
        assert row["paasche_index"] == pytest.approx(100 * float(new))
        assert row["fisher_index"] == pytest.approx(100 * float(old * new) ** 0.5)


def test_no_period_before_is_no_index(corner_shop: Shop) -> None:
    """Eight weeks are all there are."""
    assert price_index(corner_shop, "last 8 weeks")["fisher_index"].null_count() > 2


def test_requirements_are_the_same_computed_by_customer(sample_shop: Shop) -> None:
    """What buyers spend on the brand over what they spend on the category, added up by hand."""
    spent: dict[str, Amounts] = defaultdict(lambda: defaultdict(Fraction))
    whole: Amounts = defaultdict(Fraction)
    for row in _lines(sample_shop, sample_shop.window(THIRTEEN)):
        spent[_brand(row)][row["customer_id"]] += row["sales"]
        whole[row["customer_id"]] += row["sales"]
    found = share_of_requirements(sample_shop, THIRTEEN, category=SODA)
    for row in found.head(10).rows(named=True):
        buyers = {who: cents for who, cents in spent[row["brand"]].items() if cents > 0}
        share = sum(buyers.values()) / sum(whole[who] for who in buyers)
        assert row["customers"] == len(buyers)
        assert row["requirements_share"] == pytest.approx(float(share))
        assert row["low_share"] < row["requirements_share"] < row["high_share"]


def test_the_scorecard_says_the_same(sample_shop: Shop) -> None:
    """Of soft drinks, its buyers give Maker 103 most: 44 %."""
    loyal = share_of_requirements(sample_shop, THIRTEEN, category=SODA)
    cards = scorecards(sample_shop, THIRTEEN, by="brand", category=SODA)
    mine = pl.col("brand") == "Maker 103"
    card = cards.row(by_predicate=mine & (pl.col("window") == NOW), named=True)
    row = loyal.row(by_predicate=mine, named=True)
    assert (
        row["requirements_share"] == card["requirements_share"] == pytest.approx(0.44396, abs=1e-4)
    )
    assert say_loyal(loyal).startswith("Buyers of Maker 103 are the most loyal: 44% of")
    assert say_loyal(loyal.head(0)) == "No brand has 30 buyers to judge their loyalty by"


def _prices(shop: Shop, window: Period) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
    """Return units and sales by brand and product, of those with both."""
    units: Amounts = defaultdict(Fraction)
    cents: Amounts = defaultdict(Fraction)
    for row in _lines(shop, window):
        key = _brand(row), row["product_id"]
        units[key] += row["quantity"]
        cents[key] += row["sales"]
    return {key: (units[key], cents[key]) for key in units if units[key] > 0 and cents[key] > 0}


def _brand(row: dict[str, Any]) -> str:
    return "Own label" if row["own_label"] else f"Maker {row['maker']}"


def _lines(shop: Shop, window: Period) -> list[dict[str, Any]]:
    lines = shop.during(window).lines.join(shop.categories, on="category_id", how="left")
    names = shop.products.select("product_id", "own_label", "maker")
    soda = lines.filter(nw.col("category") == SODA).join(names, on="product_id", how="left")
    columns = ("customer_id", "product_id", "quantity", "sales", "own_label", "maker")
    return fetch(soda.select(*columns), by=["customer_id"]).rows(named=True)
