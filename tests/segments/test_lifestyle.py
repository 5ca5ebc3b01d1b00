"""Lifestyle: a lens on purchases, by words in the product tree, sure beyond a customer's chance."""

from datetime import date, timedelta
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.data.engine import fetch
from workbench.segments import agreement, lifestyle, say_agreement
from workbench.segments._themes import themed

WEEKS = "last 8 weeks"
DAYS = [date(2026, 1, 5) + timedelta(days=day) for day in range(0, 56, 3)]
CATALOGUE = """\
item,group,shelf
wine,Drinks,RED WINES
beef,MEAT,Beef
nappies,Care,Baby & Infant
pizza,Frozen,Pizza with Cheese
cake,Pet food,Cakes
ginger,Produce,Ginger ale
pineapple,Produce,Pineapples
bread,Bakery,Bread
"""


def many(customer: str, item: str, times: int, amount: str = "2.00") -> list[str]:
    """Return that many sales of an item, on days of their own."""
    return [f"{customer} {day} {item} {amount}" for day in DAYS[:times]]


def opened(home: Path, *sales: str) -> Shop:
    """Return a shop with a catalogue of themes, complete to 2026-03-01."""
    deliver(home, receipts=till(*sales), catalogue=CATALOGUE)
    return open_shop(home)


def told(labels: pl.DataFrame) -> list[str]:
    """Return the segments in the order of customers."""
    return labels["segment"].cast(pl.String).to_list()


def row(labels: pl.DataFrame, customer: int) -> dict[str, float]:
    """Return a customer's figures."""
    return labels.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_words_place_products(tmp_path: Path) -> None:
    """Whole words however written, the first theme of several, and some words never."""
    items = [line.split(",")[0] for line in CATALOGUE.splitlines()[1:]]
    shop = opened(tmp_path, *(f"ann 2026-01-05 {item} 1.00" for item in items))
    found = themed(shop).join(shop.products.select("product_id", "product"), on="product_id")
    themes = dict(fetch(found, by=["product"]).select("product", "theme").rows())
    assert themes == {
        "wine": "Indulgence", "beef": "Cooking from scratch", "nappies": "Family",
        "pizza": "Convenience", "cake": "(not placed)", "ginger": "Indulgence",
        "pineapple": "(not placed)", "bread": "(not placed)",
    }  # fmt: skip


def test_who_buys_one_theme_only_has_it(tmp_path: Path) -> None:
    """Half of all is wine, all of ann's: twice the average, without doubt. Bread is not placed."""
    sales = many("ann", "wine", 10) + many("bob", "beef", 10) + many("bob", "bread", 10)
    labels = lifestyle.label(opened(tmp_path, *sales), WEEKS)
    assert told(labels) == ["Indulgence", "Cooking from scratch"]
    ann, bob = row(labels, 1), row(labels, 2)
    assert (ann["indulgence_share"], ann["indulgence_low"]) == (1.0, 2.0)
    assert (bob["placed_receipts"], bob["placed_sales"], bob["sales"]) == (10, 20, 40)


def test_above_average_is_not_yet_surely_so(tmp_path: Path) -> None:
    """Six of ann's eight receipts are wine, of all one in two: 1.5, or as little as 0.86.

    The receipts' squares about the share are 6 x 0.5^2 + 2 x 1.5^2 = 6, so the standard error is
    the root of 8/7 x 6 / 16^2 = 0.164, and 0.75 less 1.96 of it is 0.429.
    """
    sales = [
        *many("ann", "wine", 6), *many("ann", "beef", 2),
        *many("bob", "wine", 2), *many("bob", "beef", 6),
    ]  # fmt: skip
    labels = lifestyle.label(opened(tmp_path, *sales), WEEKS)
    assert told(labels) == ["No clear lifestyle"] * 2
    assert row(labels, 1)["indulgence_low"] == pytest.approx(0.42922 / 0.5, abs=1e-4)


def test_with_few_receipts_nothing_is_said(tmp_path: Path) -> None:
    """Seven bottles are under the base of eight receipts, eight are not."""
    sales = many("ann", "wine", 7) + many("bob", "wine", 8) + many("eve", "beef", 9)
    shop = opened(tmp_path, *sales)
    labels = lifestyle.label(shop, WEEKS)
    assert told(labels) == ["No clear lifestyle", "Indulgence", "Cooking from scratch"]
    assert row(labels, 1)["indulgence_low"] is None
    assert told(lifestyle.label(shop, WEEKS, receipts=7))[0] == "Indulgence"


def test_what_came_back_was_not_bought(tmp_path: Path) -> None:
    """Ann's wine went back on its own receipt: nothing of hers is placed; bob only returned."""
    sales = ["ann 2026-01-05 wine 20.00", "ann 2026-01-06 wine -20.00", *many("ann", "bread", 8)]
    labels = lifestyle.label(opened(tmp_path, *sales, "bob 2026-01-07 wine -2.00"), WEEKS)
    assert labels["customer_id"].to_list() == [1]
    assert told(labels) == ["No clear lifestyle"]
    assert row(labels, 1)["indulgence_share"] is None


def test_thrift_is_by_discount_and_not_by_words(corner_shop: Shop) -> None:
    """0012 spent 3.00 of 14.50 on discounted milk; nobody else had a discount."""
    labels = lifestyle.label(corner_shop, WEEKS, receipts=1)
    assert row(labels, 1)["thrift_share"] == pytest.approx(3.0 / 14.5)
    assert labels["thrift_share"].to_list()[1:] == [0, 0, 0]


def test_own_label_is_thrifty(sample_shop: Shop) -> None:
    """Without any discount, what is left of thrift is the own label."""
    lines = sample_shop.table("lines").with_columns(
        loyalty_discount=nw.lit(0), match_discount=nw.lit(0)
    )
    plain = Shop(sample_shop.edition, {**sample_shop.tables, "lines": lines})
    full = lifestyle.label(sample_shop, WEEKS)["thrift_share"].mean()
    own = lifestyle.label(plain, WEEKS)["thrift_share"].mean()
    assert 0 < own < full


def test_the_average_of_another_period_can_be_used(tmp_path: Path) -> None:
    """In January half was wine, in February all: against January, wine is twice the average."""
    january = [f"ann 2026-01-{day} wine 2.00" for day in range(10, 20)]
    january += [f"bob 2026-01-{day} beef 2.00" for day in range(10, 20)]
    february = [f"ann 2026-02-{day} wine 2.00" for day in range(10, 20)]
    shop = opened(tmp_path, "- 2026-01-05 wine 2.00", *january, *february)
    months = ("2026-02-02/2026-03-01", "2026-01-05/2026-02-01")
    assert told(lifestyle.label(shop, months[0])) == ["No clear lifestyle"]
    assert told(lifestyle.label(shop, months[0], cuts_from=months[1])) == ["Indulgence"]


def test_coverage_says_what_could_be_placed(tmp_path: Path) -> None:
    """Of 10.00 with a card, 6.00 are wine and 4.00 bread, which has no theme."""
    sales = ("ann 2026-01-05 wine 6.00", "ann 2026-01-06 bread 4.00", "- 2026-01-07 beef 9.00")
    table = lifestyle.coverage(opened(tmp_path, *sales), WEEKS)
    assert table.select("theme", "sales_share", "mostly").rows() == [
        ("Indulgence", 0.6, "RED WINES"),
        ("(not placed)", 0.4, "Bread"),
    ]
    assert lifestyle.say_coverage(table).startswith("60% of what card customers spend")
    assert lifestyle.say_coverage(table.clear()) == "Nobody bought merchandise with a card."


def test_halves_are_the_two_halves_of_the_period(tmp_path: Path) -> None:
    """Ann's wine is of the first four weeks, her beef of the second four."""
    first = [f"ann 2026-01-{day} wine 2.00" for day in range(10, 20)]
    second = [f"ann 2026-02-{day} beef 2.00" for day in range(10, 20)]
    others = [f"bob {day} {item} 2.00" for day in DAYS for item in ("wine", "beef", "pizza")]
    parts = lifestyle.halves(opened(tmp_path, *first, *second, *others), WEEKS)
    assert [told(part)[0] for part in parts] == ["Indulgence", "Cooking from scratch"]


def test_one_day_has_no_second_half(tmp_path: Path) -> None:
    """So nothing can be said of stability, and nothing fails."""
    first, second = lifestyle.halves(
        opened(tmp_path, "ann 2026-01-05 wine 2.00"), "2026-01-05/2026-01-05"
    )
    assert first["customer_id"].to_list() == [1]
    assert second.is_empty()
    assert say_agreement(agreement(first, second)).startswith("Too few customers")


def test_an_empty_period_has_nobody(tmp_path: Path) -> None:
    """Without a card nobody is labelled, and nothing is divided by."""
    shop = opened(tmp_path, "- 2026-01-05 wine 2.00")
    assert lifestyle.label(shop, WEEKS).is_empty()
    assert lifestyle.coverage(shop, WEEKS).is_empty()


def test_duckdb_gives_the_same_labels(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    second = on_duckdb(sample_shop)
    for question in (lifestyle.label, lifestyle.coverage):
        assert_frame_equal(question(second, WEEKS), question(sample_shop, WEEKS), check_exact=True)


def test_the_sample_retailers_lifestyles(sample_shop: Shop) -> None:
    """Frozen: customers of the last 26 weeks, and what could be placed."""
    labels = lifestyle.label(sample_shop, "last 26 weeks")
    assert dict(labels["segment"].cast(pl.String).value_counts().rows()) == {
        "Family": 135, "Health": 260, "Cooking from scratch": 264, "Convenience": 252,
        "Indulgence": 235, "Thrift": 307, "No clear lifestyle": 960,
    }  # fmt: skip
    halves = lifestyle.halves(sample_shop, "last 26 weeks")
    assert say_agreement(agreement(*halves)) == (
        "62% of 2,232 customers are labelled alike both times; 36% would be by chance (kappa 0.40)"
    )
    placed = lifestyle.coverage(sample_shop, "last 26 weeks")
    assert lifestyle.say_coverage(placed).startswith("65% of what card customers spend")
