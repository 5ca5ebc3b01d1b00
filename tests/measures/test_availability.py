"""Availability: gaps in sales by hand, the chance of false alarms, and planted out-of-stocks."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import HEADER, deliver

from workbench.data import Period, Shop, open_shop
from workbench.door import corner
from workbench.measures.assortment import availability as shelf
from workbench.measures.assortment.gaps import DOWN, HABIT, OFFER, OUT, Sold, chance, gaps

LAST = dt.date(2026, 3, 1)
FIRST = LAST - dt.timedelta(days=181)
DAYS = [FIRST + dt.timedelta(days=place) for place in range(182)]
WINDOW = "last 13 weeks"
STOPPED = [f"p{n}" for n in range(8)]
MAPPING = corner.MAPPING + (
    "  promotions:\n    file: promotions.csv\n"
    "    columns: {product: item, store: shop, week: week, display: display, mailer: mailer}\n"
)


def days_ago(number: int) -> dt.date:
    """Return a day counted back from the last one."""
    return LAST - dt.timedelta(days=number)


def shelved(item: str, store: str, day: dt.date) -> bool:
    """Say whether an item lies on a store's shelf that day."""
    if item in (*STOPPED, "offer"):
        return store == "S" or day <= days_ago(25)
    if item == "gone":
        return day <= days_ago(25)
    if item == "back":
        return store == "S" or not days_ago(50) <= day <= days_ago(21)
    return True


@pytest.fixture(scope="module", name="home")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two stores of 52 items, each with an even chance to be sold on a day, to anybody."""
    rng = np.random.default_rng(3)
    items = [*(f"p{n}" for n in range(48)), "gone", "offer", "back", "habit"]
    rows, shown = [HEADER], set()
    for store in "NS":
        for day in DAYS:
            for item, luck in zip(items, rng.random(len(items)), strict=True):
                if luck < 0.5 and shelved(item, store, day):
                    card = "fan" if (item, store) == ("habit", "N") else f"c{rng.integers(30)}"
                    if card == "fan" and day > days_ago(25):
                        continue
                    number = f"{store}{day}{item}"
                    rows.append(f"{number},{card},{item},{store},{day} 12:00:00,1,2.00,0.00")
                    if (item, store) == ("offer", "N"):
                        shown.add(day - dt.timedelta(days=day.weekday()))
    promoted = [f"offer,N,{week},A,0" for week in sorted(shown)]
    home = tmp_path_factory.mktemp("simulated")
    deliver(
        home,
        receipts="\n".join([*rows, ""]),
        mapping=MAPPING,
        catalogue="\n".join(["item,group,shelf", *(f"{item},Food,Shelf" for item in items), ""]),
        promotions="\n".join(["item,shop,week,display,mailer", *promoted, ""]),
    )
    return home


@pytest.fixture(name="shop")
def open_simulated(home: Path) -> Shop:
    """Return the simulated shop."""
    return open_shop(home)


@pytest.fixture(scope="module", name="found")
def look(home: Path) -> shelf.Availability:
    """Return what is missing in the simulated shop."""
    return shelf.availability(open_shop(home), WINDOW)


def sold_on(*days: int, store_days: int = 10, receipts: int = 1) -> Sold:
    """Return one product sold on some days of a store open every day."""
    day = [dt.date(2026, 1, number) for number in range(1, store_days + 1)]
    sales = {"product_id": 1, "store_id": 1, "day": [day[n - 1] for n in days], "sales": 200}
    clock = {"store_id": [1] * store_days, "day": day, "receipts": [receipts] * store_days}
    return Sold(pl.DataFrame(sales), pl.DataFrame(clock))


JANUARY = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 10))


def test_the_chance_of_a_gap_by_hand() -> None:
    """Two of ten days: the last eight are free in 1 of 45 draws; a week between, too, at most."""
    both = gaps(sold_on(1, 2), JANUARY, least=2)
    assert both["silent"].to_list() == [0, 8]
    assert both["chance"].to_list() == pytest.approx([1, 1 / 45])
    assert both["next_day"].to_list() == [dt.date(2026, 1, 2), None]
    apart = gaps(sold_on(1, 10), JANUARY, least=2)
    assert apart["silent"].to_list() == [8, 0]


def test_too_few_days_with_a_sale_are_not_tested() -> None:
    """A product sold on two days tells nothing where three are needed."""
    assert gaps(sold_on(1, 2), JANUARY, least=3).is_empty()


def test_the_clock_is_the_store_s_receipts() -> None:
    """Days on which the store is closed, or nearly so, make no gap."""
    sold = sold_on(1, 2, store_days=4)
    busy = Sold(sold.days, sold.clock.with_columns(receipts=pl.Series([10, 10, 1, 1])))
    assert gaps(busy, JANUARY, least=2)["silent"].to_list() == [0, 2]
    assert gaps(busy, JANUARY, least=2)["receipts"].to_list() == [22, 22]


def test_where_nothing_is_missing_false_alarms_are_at_most_as_told() -> None:
    """Of 3,000 products sold by lot, about one in fifty has a gap of a chance of one in fifty."""
    rng = np.random.default_rng(0)
    chances = []
    for days in rng.integers(13, 60, 3000):
        at = rng.choice(4000, days, replace=False)
        chances.append((4000, 3999 - int(at.max()), int(days)))
    whole, silent, days = (pl.Series(list(part)) for part in zip(*chances, strict=True))
    for level in (0.2, 0.02):
        alarms = (chance(whole, silent, days) <= level).mean()
        assert alarms == pytest.approx(level, rel=0.25)


def test_planted_out_of_stocks_are_found_and_little_else(found: shelf.Availability) -> None:
    """All eight that stopped in N alone are found; of 96 others none but what is explained."""
    out = found.now.filter(kind=OUT)
    assert sorted(out["item"]) == sorted(f"({item})" for item in STOPPED)
    assert out["store"].unique().to_list() == ["N"]
    assert out["days_since"].min() >= 25  # type: ignore[operator]
    row = found.dates.row(0, named=True)
    assert row["found"] == found.now.height <= 8 + 4
    assert row["expected"] == pytest.approx(row["tested"] / 1000)


def test_what_explains_a_gap_is_told(found: shelf.Availability) -> None:
    """Gone in both stores; sold there in weeks of display only; bought by one customer alone."""
    kinds = dict(found.now.filter(store="N").select("item", "kind").rows())
    assert kinds["(gone)"] == DOWN
    assert kinds["(offer)"] == OFFER
    assert kinds["(habit)"] == HABIT


def test_what_was_lost_holds_what_would_have_sold(found: shelf.Availability) -> None:
    """An even chance of 2.00 a day for 25 days: 25.00, within the interval of every product."""
    out = found.now.filter(kind=OUT)
    assert (out["at_least"] < Decimal("25.00")).all()
    assert (out["at_most"] > Decimal("25.00")).all()
    assert (out["at_least"] < out["lost"]).all()
    assert out["lost"].cast(pl.Float64).mean() == pytest.approx(25, rel=0.2)


def test_whom_it_hurts(found: shelf.Availability) -> None:
    """Regulars bought it on two days or more; nearly all of them came in the 25 days."""
    out = found.now.filter(kind=OUT)
    assert out["regulars"].min() >= 3  # type: ignore[operator]
    assert (out["came_meanwhile"] <= out["regulars"]).all()
    assert out["came_meanwhile"].sum() >= 0.9 * out["regulars"].sum()


def test_an_earlier_gap_is_seen_to_close(found: shelf.Availability) -> None:
    """What was missing for four weeks is found as of four weeks ago, and seen to come back."""
    assert found.dates["day"].to_list() == [days_ago(28 * n) for n in range(4)]
    assert found.dates["out"].to_list()[:2] == [8, 1]
    kind = found.kinds.row(0, named=True)
    assert (kind["kind"], kind["found"], kind["sold_again_share"]) == (OUT, 1, 1)
    ranked = found.stores.row(0, named=True)
    assert (ranked["store"], ranked["gaps"]) == ("N", 9)
    assert ranked["out_of_stock_share"] == pytest.approx(9 * 26 / 52 / 91, rel=0.2)


def test_without_promotions_and_on_a_second_engine(shop: Shop, found: shelf.Availability) -> None:
    """What no promotion explains is told as out; the lines are asked the same on DuckDB."""
    tables = {name: table for name, table in shop.tables.items() if name != "promotions"}
    here = shelf.availability(replace(shop, tables=tables), WINDOW)
    other = shelf.availability(on_duckdb(replace(shop, tables=tables)), WINDOW)
    for ours, theirs in zip(here, other, strict=True):
        assert_frame_equal(ours, theirs)
    assert OFFER not in here.now["kind"].to_list()
    assert here.now.height == found.now.height


def test_too_few_gaps_are_not_too_short_a_history(found: shelf.Availability) -> None:
    """There are earlier dates, and no gap of the kind at them to learn from."""
    kinds = found.kinds.with_columns(on_shelf_share=pl.lit(None, pl.Float64))
    said = shelf.say_trust(found._replace(kinds=kinds))
    assert said.startswith("Too few gaps of the kind")


def test_a_shop_of_few_sales_has_nothing_to_test(corner_shop: Shop) -> None:
    """No product sells on thirteen days, and sentences say so."""
    found = shelf.availability(corner_shop, "last 4 weeks")
    assert found.now.is_empty()
    assert shelf.say_now(found) == "No product sold on enough days in any store to be tested"
    assert "does not reach back" in shelf.say_trust(found)


def test_the_sample_s_reports_and_false_alarms(sample_shop: Shop) -> None:
    """Frozen: 79 gaps where chance gives 3.4, 8 unexplained; at most 30 % were false alarms."""
    found = shelf.availability(sample_shop, "last 26 weeks")
    assert found.dates["found"].to_list() == [79, 85, 45, 30, 45]
    assert found.dates["out"].to_list() == [8, 12, 11, 8, 13]
    told = found.kinds.filter(kind=OUT).row(0, named=True)
    assert told["found"] == 44
    assert told["on_shelf_share"] == pytest.approx(0.303, abs=0.005)
    assert shelf.say_now(found).startswith("79 of 3,407 products in stores")
    assert "at most 30% were false alarms (95 %: 11% to 50%)" in shelf.say_trust(found)
