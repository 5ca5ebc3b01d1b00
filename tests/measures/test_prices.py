"""Shelf prices: gaps, changes and what came next, key value items, elasticity."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from shelf import open_shelf
from shops import open_till

from workbench.data import Shop
from workbench.measures.assortment.elasticity import ENOUGH, elasticity, poisson, say_elasticity
from workbench.measures.assortment.key_items import PARTS, key_items, say_key
from workbench.measures.assortment.prices import (
    price_changes,
    price_gaps,
    say_changes,
    say_gaps,
    shelf_prices,
)

WEEKS = "last 8 weeks"


def test_a_shelf_price_is_before_the_discount(corner_shop: Shop) -> None:
    """Two milks for 3.00 with 0.50 off are 1.75 each."""
    found = shelf_prices(corner_shop, WEEKS, "Dairy").row(0, named=True)
    assert (found["week"], found["receipts"], found["units"]) == (dt.date(2026, 1, 5), 1, 2.0)
    assert found["price"] == pytest.approx(175.0)


def test_gaps_between_three_stores(tmp_path: Path) -> None:
    """One store asks a tenth more than the two others; two stores are nothing to compare."""
    three = [f"2026-02-03:- red={price}@{store}" for price, store in (("2.00", "N"), ("2.00", "S"))]
    shop = open_shelf(tmp_path, *three, "2026-02-03:- red=2.20@W", "2026-02-10:- red=9.00@N")
    shelf = shelf_prices(shop, WEEKS, "Wine")
    stores = price_gaps(shop, shelf, base=1)
    assert stores.select("store", "compared", "other_share").rows() == [
        ("W", 1, 1.0),
        ("N", 1, 0.0),
        ("S", 1, 0.0),
    ]
    assert stores["gap_share"][0] == pytest.approx(0.1)
    (row,) = price_gaps(shop, shelf, "item", base=1).rows(named=True)
    assert (row["compared"], row["other_share"]) == (3, pytest.approx(1 / 3))
    assert say_gaps(shelf, "Wine") == (
        "Wine: 33.3% of prices were more than 1% off the median of the stores in that week"
    )
    with pytest.raises(ValueError, match="store, item"):
        price_gaps(shop, shelf, "week")


def test_a_week_without_a_sale_counts_as_such(tmp_path: Path) -> None:
    """Red rises and sells in three of four weeks as before: three quarters, beside white's all."""
    weeks = [dt.date(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(8)]
    receipts = [f"{week}:- white" for week in weeks for _ in range(10)]
    for place, week in enumerate(weeks):
        receipts += [f"{week}:- red={'2.00' if place < 4 else '2.50'}"] * (40 * (place != 6))
    shop = open_shelf(tmp_path, *receipts)
    changes = price_changes(shop, shelf_prices(shop, WEEKS, "Wine"))
    (row,) = changes.rows(named=True)
    assert (row["receipts_before"], row["receipts_after"]) == (160, 120)
    assert row["change_share"] == pytest.approx(-0.25)


def test_a_price_change_and_what_came_next(tmp_path: Path) -> None:
    """Red rises by a quarter; its receipts halve while white's stay; a price for a week is none."""
    weeks = [dt.date(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(8)]
    receipts = [f"{week}:- white" for week in weeks for _ in range(10)]
    for place, week in enumerate(weeks):
        receipts += [f"{week}:- red={'2.00' if place < 4 else '2.50'}"] * (40 if place < 4 else 20)
        receipts += [f"{week}:- dry={'3.00' if place == 4 else '2.00'}"]
    shop = open_shelf(tmp_path, *receipts)
    changes = price_changes(shop, shelf_prices(shop, WEEKS, "Wine"))
    (row,) = changes.rows(named=True)
    assert "red" in row["item"]
    assert (row["week"], row["receipts_before"], row["receipts_after"]) == (weeks[4], 160, 80)
    assert row["price_share"] == pytest.approx(0.25)
    assert row["change_share"] == pytest.approx(-0.5)
    assert row["low_share"] < -0.5 < row["high_share"] < 0
    assert say_changes(changes).startswith(
        "1 times a shelf price moved and stayed; receipts surely fell after 1"
    )
    assert say_changes(changes.clear()) == "No shelf price moved and stayed"


def test_key_items_by_rank(tmp_path: Path) -> None:
    """Red beats white in customers and receipts, is bought as often and as evenly."""
    weeks = [dt.date(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(8)]
    receipts = [f"{week}:{card} red" for week in weeks for card in "abc"]
    receipts += [f"{week}:{card} white" for week in weeks for card in "de"]
    ranked = key_items(open_shelf(tmp_path, *receipts), WEEKS, base=1)
    assert ranked["item"].to_list() == ["own label (red)", "own label (white)"]
    ranks = ranked.select(f"{name}_rank_share" for name in PARTS).rows()
    assert ranks == [(1.0, 0.5, 1.0, 1.0, 0.5, 0.5), (0.0, 0.5, 0.0, 0.0, 0.5, 0.5)]
    assert ranked["score_share"].to_list() == [pytest.approx(4.5 / 6), pytest.approx(1.5 / 6)]
    assert ranked["lead_share"].to_list() == [pytest.approx(0.6), pytest.approx(0.4)]
    assert "red" in say_key(ranked)


def panel() -> tuple[np.ndarray, np.ndarray]:
    """Return units and log prices of 30 stores and 40 weeks, made with an elasticity of -2."""
    draw = np.random.default_rng(3)
    log = np.log(draw.choice([1.0, 1.2], (30, 40)))
    level = draw.normal(2, 0.5, (30, 1)) + draw.normal(0, 0.3, (1, 40))
    return draw.poisson(np.exp(level - 2 * log)).astype(float), log


def test_what_costs_nothing_leads_nothing(tmp_path: Path) -> None:
    """Milk is free, so that its category has no sales to be a part of."""
    sales = [
        f"{who} 2026-02-{day:02d} {item}"
        for day in (3, 10)
        for who in "ab"
        for item in ("milk 0.00", "wine 8.00")
    ]
    shop = open_till(tmp_path, "ann 2026-01-05 bread 2.00", *sales)
    ranked = key_items(shop, WEEKS, base=2)
    assert dict(ranked.select("category", "lead_share").rows()) == {"Dairy": None, "Wine": 1.0}


def test_elasticity_is_found_again_as_an_ordinary_regression_finds_it() -> None:
    """The interval holds what the data were made with; the figure is scikit-learn's."""
    from sklearn.linear_model import PoissonRegressor

    units, log = panel()
    known = np.ones_like(units, dtype=bool)
    known[0, :20] = False
    found = poisson(units, log, known)
    assert found is not None
    assert found[1] < -2 < found[2]
    store, week = np.nonzero(known)
    levels = np.hstack([np.eye(30)[store], np.eye(40)[week][:, 1:], log[known][:, None]])
    fitted = PoissonRegressor(alpha=0, fit_intercept=False, tol=1e-9, max_iter=10_000)
    fitted.fit(levels, units[known])
    assert found[0] == pytest.approx(fitted.coef_[-1], abs=1e-3)


def test_prices_that_hardly_differ_tell_nothing(tmp_path: Path) -> None:
    """Two stores are too few, and the table says so of each item."""
    shop = open_shelf(tmp_path, "2026-02-03:- red@N", "2026-02-03:- red@S")
    found = elasticity(shop, shelf_prices(shop, WEEKS, "Wine"))
    assert found.select("told", "elasticity").rows() == [("too few stores", None)]
    assert say_elasticity(found) == "Of none of 1 items did prices differ enough to tell"


def test_on_the_sample_few_items_qualify(sample_shop: Shop) -> None:
    """11 of 343 milk products; stores differ in 28 % of cases, in soft drinks in 0.2 %."""
    shelf = shelf_prices(sample_shop, "last 52 weeks", "FLUID MILK PRODUCTS")
    found = elasticity(sample_shop, shelf)
    assert (found.filter(told=ENOUGH).height, found.height) == (11, 343)
    assert say_gaps(shelf, "Milk").startswith("Milk: 28.2% of prices")
    drinks = shelf_prices(sample_shop, "last 52 weeks", "SOFT DRINKS")
    assert say_gaps(drinks, "Drinks").startswith("Drinks: 0.2% of prices")
