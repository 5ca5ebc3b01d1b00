"""Scorecards: every figure by hand, all at once, against last period, last year and a target."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.data.period import Period
from workbench.measures.assortment.scorecard import (
    BEFORE,
    KPIS,
    LAST_YEAR,
    NOW,
    ranked,
    say_scorecard,
    scorecard,
    scorecards,
)
from workbench.measures.assortment.scorecard_targets import FILE, targets

FOUR = "last 4 weeks"
NONE = targets(Period.parse("2026-02-02/2026-03-01"))  # type: ignore[arg-type]


def of(cards: pl.DataFrame, category: str, window: str) -> dict[str, object]:
    """Return a category's row of a window."""
    return cards.row(
        by_predicate=(pl.col("category") == category) & (pl.col("window") == window), named=True
    )


def test_the_bakery_by_hand(corner_shop: Shop) -> None:
    """One of two card customers bought bread twice, for 6.00 of the shop's 30.00."""
    now = of(scorecards(corner_shop, FOUR), "Bakery", NOW)
    assert (now["sales"], now["margin"], now["customers"]) == (Decimal("6.00"), Decimal("3.00"), 1)
    assert (now["penetration"], now["trips_per_customer"]) == (0.5, 2.0)
    assert (now["spend_per_trip"], now["sales_share"]) == (Decimal("3.00"), pytest.approx(0.2))
    assert (now["price_index"], now["promotion_share"]) == (pytest.approx(100), 0.0)
    assert now["requirements_share"] == 0.8


def test_discounts_and_sales_without_a_card_count_but_are_no_customers(corner_shop: Shop) -> None:
    """A third of the milk before was discounted; now half of it is sold to nobody known."""
    cards = scorecards(corner_shop, FOUR)
    before, now = (of(cards, "Dairy", window) for window in (BEFORE, NOW))
    assert before["promotion_share"] == pytest.approx(1 / 3)
    assert (now["sales"], now["customers"], now["spend_per_trip"]) == (
        *(Decimal("3.00"), 1),
        Decimal("1.50"),
    )


def test_what_was_not_sold_is_nothing_and_what_cannot_be_seen_is_unknown(tmp_path: Path) -> None:
    """Wine was not bought before; nobody can know of last year."""
    shop = open_till(
        tmp_path, "ann 2026-01-05 bread 2.00", "ann 2026-02-02 wine 8.00", "ann 2026-02-03 wine 8"
    )
    cards = scorecards(shop, FOUR)
    card = scorecard(cards, NONE, category="Wine")
    sales = card.row(0, named=True)
    assert (sales["now"], sales["before"], sales["change_share"]) == (16.0, 0.0, None)
    assert card["last_year"].null_count() == card.height == len(KPIS)
    assert LAST_YEAR not in cards["window"]
    said = "Wine: what it sold in the period before is not known, or nothing"
    assert say_scorecard(card, "Wine") == said


def test_last_year_is_the_same_weeks(tmp_path: Path) -> None:
    """52 weeks earlier bread cost 2.00, half of before; milk was not sold, which is nothing."""
    shop = open_till(
        tmp_path,
        "ann 2025-02-03 bread 2.00",
        "ann 2025-02-25 bread 2.00",
        "ann 2026-02-20 bread 4.00",
        "ann 2026-02-24 milk 1.00",
        "ann 2026-02-23 bread 6.00",
    )
    cards = scorecards(shop, "last 1 week")
    card = scorecard(cards, NONE, category="Bakery")
    rows = {row["kpi"]: row for row in card.rows(named=True)}
    assert rows["Sales"]["change_share"] == 0.5
    assert rows["Price index"]["now"] == pytest.approx(150)
    assert (rows["Sales"]["last_year"], rows["Price index"]["last_year"]) == (
        2.0,
        pytest.approx(50),
    )
    assert of(cards, "Dairy", LAST_YEAR)["sales"] == 0


def test_brands_share_their_category(sample_shop: Shop) -> None:
    """Shares and sales add up to the category's, and its own label is one of the brands."""
    brands = scorecards(sample_shop, "last 13 weeks", by="brand", category="SOFT DRINKS")
    whole = of(scorecards(sample_shop, "last 13 weeks"), "SOFT DRINKS", NOW)
    now = brands.filter(pl.col("window") == NOW)
    assert now["sales"].sum() == whole["sales"] == Decimal("41249.83")
    assert now["sales_share"].sum() == pytest.approx(1)
    assert whole["customers"] == 1746
    largest = ranked(brands).row(0, named=True)
    assert (largest["brand"], largest["customers"]) == ("Maker 103", 1044)
    assert "Own label" in now["brand"]


def test_all_scorecards_are_the_ones_asked_for_alone(sample_shop: Shop) -> None:
    """Thousands of brands in one table: each as if it had been looked at by itself."""
    every = scorecards(sample_shop, "last 13 weeks", by="brand")
    alone = scorecards(sample_shop, "last 13 weeks", by="brand", category="CHEESE")
    assert every.filter(pl.col("window") == NOW).height > 4000
    theirs = every.filter(pl.col("category") == "CHEESE")
    assert_frame_equal(theirs, alone, check_exact=True)


def test_one_name_is_one_item_wherever_it_stands(corner_shop: Shop) -> None:
    """Bread and milk on one receipt are one trip; wine and candles have no name, and are one too.

    Food was on two receipts of one card and on one without; who only brought wine back is no buyer.
    """
    one = {"Bakery": "Food", "Dairy": "Food", "Wine": None}
    shelves = corner_shop.tables["categories"].to_native()
    named = shelves.with_columns(pl.col("category").replace(one))
    tables = {**corner_shop.tables, "categories": nw.from_native(named)}
    cards = scorecards(replace(corner_shop, tables=tables), FOUR)
    columns = ("sales", "customers", "trips_per_customer", "spend_per_trip")
    food, other = (of(cards, name, NOW) for name in ("Food", "(unknown)"))
    assert [food[name] for name in columns] == [Decimal("9.00"), 1, 2.0, Decimal("3.00")]
    assert [other[name] for name in columns] == [Decimal("21.00"), 1, 2.0, Decimal("10.50")]


def test_scorecards_are_the_same_on_the_second_engine(corner_shop: Shop) -> None:
    """Without tolerance."""
    for by in ("category", "brand"):
        here = scorecards(corner_shop, FOUR, by=by)
        assert_frame_equal(scorecards(on_duckdb(corner_shop), FOUR, by=by), here, check_exact=True)


def test_a_target_is_for_its_number_of_days(
    corner_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six of ten are reached; a target for 90 days says nothing of 28."""
    path = tmp_path / "reports" / FILE
    path.parent.mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    aim = "- {{category: Bakery, kpi: {}, value: {}, by: 2026-12-31, days: {}}}\n"
    path.write_text(aim.format("sales", 10, 28) + aim.format("customers", 5, 90))
    found = targets(corner_shop.window(FOUR))
    card = scorecard(scorecards(corner_shop, FOUR), found, category="Bakery")
    assert card.drop_nulls("target").select("kpi", "target", "gap_share").rows() == [
        ("Sales", 10.0, pytest.approx(-0.4))
    ]
    assert say_scorecard(card, "Bakery").endswith("; 0 of 1 target reached")
    path.write_text(aim.format("profit", 10, 28))
    with pytest.raises(ValueError, match="is of no KPI; allowed: sales, margin"):
        targets(corner_shop.window(FOUR))
    path.write_text("- {category: Bakery, kpi: sales}\n")
    with pytest.raises(ValueError, match="lacks by, days, value"):
        targets(corner_shop.window(FOUR))


def test_what_there_is_no_scorecard_of_is_said(corner_shop: Shop) -> None:
    """An unknown level, a category among nothing, a brand nobody bought."""
    with pytest.raises(ValueError, match="allowed: category, brand"):
        scorecards(corner_shop, FOUR, by="store")
    with pytest.raises(ValueError, match="name one only by brand"):
        scorecards(corner_shop, FOUR, category="Wine")
    brands = scorecards(corner_shop, FOUR, by="brand")
    with pytest.raises(ValueError, match="no scorecard of 'Maker 9'"):
        scorecard(brands, NONE, category="Wine", brand="Maker 9")
