"""The range: worth computed twice, the choice against brute force, its rules, whom it hurts."""

import datetime as dt
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shelf import open_shelf

from workbench.data import Shop
from workbench.measures.assortment import range_choice, range_items
from workbench.measures.assortment.key_items import key_items
from workbench.measures.assortment.prices import shelf_prices
from workbench.measures.assortment.transfer import RATES, TRANSFER

WEEKS = "last 8 weeks"
RATE = pl.DataFrame([[TRANSFER, 0.75, 0.5, 1.0, 30, 60]], RATES, orient="row")
UNKNOWN = pl.DataFrame([[TRANSFER, None, 0.0, 1.0, 0, 0]], RATES, orient="row")
RECEIPTS = (
    *("2026-02-10:a red=4.00 bread=10.00", "2026-02-20:a red=4.00 bread=6.00"),
    *("2026-02-10:b white=2.00", "2026-02-21:b dry=6.00", "2026-02-22:c sweet=8.00 bread=1.00"),
    *("2026-02-23:- white=1.00", "2026-02-24:c white=3.00"),
)


@pytest.fixture(name="shop")
def few_wines(tmp_path: Path) -> Shop:
    """Four wines; a buys only red."""
    return open_shelf(tmp_path, *RECEIPTS)


def range_of(shop: Shop, rates: pl.DataFrame = RATE) -> pl.DataFrame:
    """Return the items of the range, all stores, a tenth of the exclusive buyers leaving."""
    sold = range_items.range_sales(shop, WEEKS, "Wine")
    return range_items.range_items(shop, sold, rates, customer(shop, "c"))


def customer(shop: Shop, card: str) -> pl.DataFrame:
    """Return the customer_id of a card."""
    return shop.customers.to_native().collect().filter(customer=card)


def names(frame: pl.DataFrame) -> list[str]:
    """Return the source's names of the items of a frame."""
    return [name.split("(")[1][:-1] for name in frame["item"]]


def test_what_an_item_is_worth_by_hand(shop: Shop) -> None:
    """A quarter of sales is lost; of red's buyer 16.00 more is at risk, a tenth is assumed; c is
    among the best, and bought half of the white.
    """
    items = range_of(shop)
    assert dict(zip(names(items), items["lost"], strict=True)) == {
        "white": Decimal("1.50"),
        "dry": Decimal("1.50"),
        "sweet": Decimal("2.00"),
        "red": Decimal("2.00"),
    }
    to_best = dict(zip(names(items), items["best_share"], strict=True))
    assert to_best == {"white": 0.5, "dry": 0.0, "sweet": 1.0, "red": 0.0}
    red = items.row(names(items).index("red"), named=True)
    assert (red["exclusive"], red["at_risk"], red["worth"]) == (1, Decimal(16), Decimal("3.60"))
    assert (red["lost_at_least"], red["lost_at_most"]) == (Decimal(0), Decimal(4))


def test_nobody_buys_a_category_for_what_costs_nothing() -> None:
    """Two receipts of two items at 0.00 are no loyalty to either of them."""
    here = pl.DataFrame(
        {"customer_id": [1] * 4, "basket_id": [1, 1, 2, 2], "product_id": [5, 6] * 2, "sales": 0}
    )
    assert range_items.exclusive_buyers(here).is_empty()


@pytest.mark.parametrize("places", [1, 2, 3])
def test_what_is_lost_is_what_is_missing_when_shoppers_are_moved(shop: Shop, places: int) -> None:
    """A second way: every purchase of an item that goes moves to its type, or ends, receipt by
    receipt; the category then has that much less.
    """
    chosen = range_choice.choose(range_of(shop), places=places, young=0)
    kinds = {"red": "still", "white": "still", "dry": "sparkling", "sweet": "sparkling"}
    stay = set(names(chosen.filter(proposal="keep")))
    before = after = Decimal(0)
    for receipt in RECEIPTS:
        for item in receipt.split()[1:]:
            name, _, price = item.partition("=")
            if name not in kinds:
                continue
            goes_to = [other for other in stay if kinds[other] == kinds[name]]
            assert goes_to
            before += Decimal(price)
            after += Decimal(price) * (1 if name in stay else Decimal("0.75"))
    assert range_choice.range_effect(chosen)["lost"][0] == before - after


def test_the_choice_is_the_best_of_all(shop: Shop) -> None:
    """No other two items that leave one of each type are worth less."""
    items = range_of(shop)
    chosen = range_choice.choose(items, places=2, young=0)
    rows = items.select("type", "worth").rows()
    allowed = [
        sum(worth for _, worth in pair)
        for pair in combinations(rows, 2)
        if {kind for kind, _ in pair} == {"still", "sparkling"}
    ]
    assert chosen.filter(proposal="delist")["worth"].sum() == min(allowed)


def test_the_rules_keep_what_they_protect(shop: Shop) -> None:
    """New items, a maker's least, and the own label's share stay whatever they are worth."""
    items = range_of(shop)
    assert set(range_choice.choose(items, places=1)["reason"]) == {range_choice.REASONS["new"]}
    promised = range_choice.choose(items, places=2, young=0, maker_least=2)
    assert set(promised["reason"]) == {range_choice.REASONS["maker"]}
    own = range_choice.choose(items, places=2, young=0, own_label=0.6)
    reasons = dict(zip(names(own), own["reason"], strict=True))
    assert reasons["white"] == range_choice.REASONS["label"]
    assert names(own.filter(proposal="delist")) == ["dry"]
    enough = range_choice.range_effect(range_choice.choose(items, places=9, young=0))
    assert range_choice.say_effect(enough) == "All 4 items have their place: nothing goes"
    none = range_choice.range_effect(range_choice.choose(items.clear(), places=9))
    assert range_choice.say_effect(none).startswith("No item of the category was sold")


def test_an_unknown_rate_is_no_effect_but_an_interval(shop: Shop) -> None:
    """Nothing to all of it may be lost."""
    effect = range_choice.range_effect(
        range_choice.choose(range_of(shop, UNKNOWN), places=2, young=0)
    )
    row = effect.row(0, named=True)
    assert (row["lost"], row["lost_share"], row["lost_at_least"]) == (None, None, 0)
    assert row["lost_at_most"] == row["sales"]
    assert "an unknown part" in range_choice.say_effect(effect)


def test_whom_it_hurts(shop: Shop) -> None:
    """Red goes: all that one customer buys of the category, and nothing of the others'."""
    sold = range_items.range_sales(shop, WEEKS, "Wine")
    items = range_of(shop)
    red = (
        pl.when(pl.col("item").str.contains("red")).then(pl.lit("delist")).otherwise(pl.lit("keep"))
    )
    ids = sorted(sold["customer_id"].drop_nulls().unique().to_list())
    labels = pl.DataFrame({"customer_id": ids, "segment": ["one", "rest", "rest"]})
    hurt = range_choice.hurt(sold, items.with_columns(proposal=red), labels)
    assert hurt.rows() == [("one", 1, 1, 1.0, 1.0, 1), ("rest", 2, 0, 0.0, 0.0, 0)]


def test_what_other_stores_sell_could_be_added(tmp_path: Path) -> None:
    """Dry is half of the wine of three small stores, so half of what the large one sells."""
    small = [f"2026-02-20:{n} dry@S{n % 3} red@S{n % 3}" for n in range(21)]
    shop = open_shelf(tmp_path, "2026-02-20:z red=90.00@L bread=900.00@L", *small)
    sold = range_items.range_sales(shop, WEEKS, "Wine")
    added = range_choice.to_add(shop, sold, RATE, stores="Largest stores")
    assert added.rows() == [
        ("maker m1 (dry)", 3, Decimal(45), Decimal("11.25"), Decimal(0), Decimal("22.50"))
    ]
    assert range_choice.say_added(added) == "maker m1 (dry) is sold elsewhere, not here"
    assert range_choice.to_add(shop, sold, RATE).is_empty()
    later = sold.with_columns(
        day=pl.when(pl.col("stores") == "Largest stores")
        .then(pl.col("day") + dt.timedelta(days=28))
        .otherwise("day")
    )
    assert range_choice.to_add(shop, later, RATE, stores="Largest stores").is_empty()


def test_unknown_stores_are_refused(shop: Shop) -> None:
    """The error names those there are."""
    with pytest.raises(ValueError, match="Largest stores"):
        range_items.in_stores(range_items.range_sales(shop, WEEKS, "Wine"), "Kiosks")


def test_another_engine_gives_the_same_sales(shop: Shop) -> None:
    """What is asked of the lines means the same to DuckDB."""
    found = range_items.range_sales(shop, WEEKS, "Wine")
    assert_frame_equal(range_items.range_sales(on_duckdb(shop), WEEKS, "Wine"), found)
    prices = shelf_prices(shop, WEEKS, "Wine")
    assert_frame_equal(shelf_prices(on_duckdb(shop), WEEKS, "Wine"), prices)
    ranked = key_items(shop, WEEKS, base=1)
    assert_frame_equal(key_items(on_duckdb(shop), WEEKS, base=1), ranked)
