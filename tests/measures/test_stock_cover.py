"""Stock cover: how long a few literal units last, and what customers buy instead."""

from decimal import Decimal
from math import exp
from pathlib import Path

import polars as pl
import pytest
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures.assortment.stock_cover import (
    LESS,
    MORE,
    against_customers,
    cover_by,
    say_against,
    say_cover,
    stock_cover,
)

WEEKS = "last 4 weeks"
MAPPING = corner.MAPPING + (
    "  stock:\n    file: stock.csv\n"
    "    columns: {product: item, store: shop, week: week, units: units}\n"
)
SALES = (
    *(f"ann 2026-02-{day:02d} bread 2.00" for day in (3, 5, 10, 12, 17, 19, 24, 26)),
    *(f"bob 2026-02-{day:02d} bread 2.00" for day in (4, 11, 18, 25)),
    *("cat 2026-02-04 bread 2.00", "cat 2026-02-05 milk 2.00", "ann 2026-01-05 wine 8.00"),
)
STOCK = """\
item,shop,week,units
bread,N,2026-02-16,99
bread,N,2026-02-23,2
milk,N,2026-02-23,50
wine,N,2026-02-23,3
"""


@pytest.fixture(name="shop")
def counted(tmp_path: Path) -> Shop:
    """13 loaves and one milk in four weeks; no wine; counted on 23 February."""
    deliver(tmp_path, receipts=till(*SALES), mapping=MAPPING, stock=STOCK)
    return open_shop(tmp_path)


def row(frame: pl.DataFrame, **chosen: str) -> dict[str, object]:
    """Return the only row of a category."""
    return frame.filter(**chosen).row(0, named=True)


def test_cover_by_hand(shop: Shop) -> None:
    """2 loaves over 13 in 4 weeks; the chance that a week sells two or more of 3.25 by Poisson."""
    bread = row(stock_cover(shop, WEEKS), category="Bakery")
    assert bread["units"] == 2
    assert bread["weekly_units"] == 13 / 4
    assert bread["cover_weeks"] == pytest.approx(8 / 13)
    assert bread["out_share"] == pytest.approx(1 - exp(-3.25) * (1 + 3.25))
    assert (bread["state"], bread["idle_units"]) == ("Runs out", 0)
    assert bread["value"] == Decimal("2.00")  # two at 2.00 and a cost of one half


def test_what_nobody_asks_for_does_not_run_out(tmp_path: Path) -> None:
    """No wine is left, and none was sold."""
    stock = STOCK.replace("wine,N,2026-02-23,3", "wine,N,2026-02-23,0")
    deliver(tmp_path, receipts=till(*SALES), mapping=MAPPING, stock=stock)
    wine = row(stock_cover(open_shop(tmp_path), WEEKS), category="Wine")
    assert (wine["out_share"], wine["idle_units"], wine["state"]) == (0.0, 0.0, "Fits")


def test_what_lies_idle(shop: Shop) -> None:
    """Milk beyond four weeks of 0.25 is idle; of wine nothing sold, so all of it, at no price."""
    cover = stock_cover(shop, WEEKS, target=4)
    milk, wine = row(cover, category="Dairy"), row(cover, category="Wine")
    assert (milk["idle_units"], milk["state"]) == (49, "Idle")
    assert milk["idle_value"] == Decimal("49.00")
    assert (wine["cover_weeks"], wine["idle_units"], wine["value"]) == (None, 3, None)
    assert say_cover(shop, cover) == (
        "95% of 55 units are beyond the target; 1 of 3 products in stores may run out before the "
        "next count"
    )


def test_the_parts_of_a_store_add_up(shop: Shop) -> None:
    """Three products, 55 units over 3.5 a week; the value is of the two that have one."""
    store = cover_by(stock_cover(shop, WEEKS), "store").row(0, named=True)
    assert (store["products"], store["units"], store["running_out"]) == (3, 55, 1)
    assert store["cover_weeks"] == pytest.approx(55 / 3.5)
    assert store["idle_share"] == pytest.approx(52 / 55)
    assert (store["value"], store["not_valued"]) == (Decimal("52.00"), 1)


def test_stock_against_what_the_store_s_customers_buy(shop: Shop) -> None:
    """Milk is 50 of 52 units at 2.00 and 1 of 14 bought; bread 2 of 52 and 13 of 14."""
    found = against_customers(shop, WEEKS, base=1)
    milk, bread = row(found, category="Dairy"), row(found, category="Bakery")
    assert milk["stock_share"] == pytest.approx(50 / 52)
    assert milk["bought_share"] == pytest.approx(1 / 14)
    assert (milk["fits"], bread["fits"]) == (MORE, LESS)
    assert milk["over_amount"] == Decimal(round((50 / 52 - 1 / 14) * 104_00)) / 100
    assert milk["over_amount"] == -bread["over_amount"]  # type: ignore[operator]
    assert say_against(found) == (
        "Of 2 categories in stores, the part of the stock is surely above the part of what the "
        "store's customers buy in 1, and below it in 1"
    )


def test_an_interval_that_reaches_nothing_still_has_an_upper_end(tmp_path: Path) -> None:
    """Milk is a seventh of the stock, and 1 of 21 bought, by one of five: it may be more."""
    stock = "item,shop,week,units\nbread,N,2026-02-23,12\nmilk,N,2026-02-23,2\n"
    sales = [f"{who} 2026-02-02 bread 2.00" for who in ("ann", "bob", "cat", "dan")] * 5
    deliver(
        tmp_path, receipts=till(*sales, "eve 2026-02-05 milk 2.00"), mapping=MAPPING, stock=stock
    )
    milk = row(against_customers(open_shop(tmp_path), WEEKS, base=1), category="Dairy")
    assert (milk["low_share"], milk["fits"]) == (0.0, "As they buy")
    assert milk["high_share"] > milk["stock_share"] > 2 * milk["bought_share"]


def test_a_shop_without_stock_is_told_so(corner_shop: Shop) -> None:
    """Nothing fails, and nothing is shown as zero."""
    cover = stock_cover(corner_shop, WEEKS)
    assert cover.is_empty()
    assert cover_by(cover, "store").is_empty()
    assert against_customers(corner_shop, WEEKS).is_empty()
    said = say_cover(corner_shop, cover)
    assert said == "Corner shop has delivered no counts of stock, so nothing can be told of it"


def test_the_sample_s_stock_is_named_as_synthetic(sample_shop: Shop) -> None:
    """Frozen: 3,920 products in twenty stores hold 70,842 units, which nobody counted."""
    cover = stock_cover(sample_shop, "last 13 weeks")
    assert (cover.height, cover["units"].sum()) == (3920, 70842)
    assert cover["store"].n_unique() == 20
    assert "stock" in sample_shop.synthetic
