"""Category fit: three rankings side by side, what is special, and the headroom in money."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.campaigns.offers.fit import category_fit, say_fit
from workbench.data import Shop
from workbench.segments import rfm, wallet

PERIOD = "2026-01-05/2026-03-01"
HALF = "last 26 weeks"


@pytest.fixture(scope="module", name="leaving")
def leaving_customers(sample_shop: Shop) -> pl.DataFrame:
    """The sample's customers at risk."""
    return rfm.label(sample_shop, HALF).filter(segment="At risk").select("customer_id")


def test_each_category_has_its_place_by_each_measure(tmp_path: Path) -> None:
    """Both buy bread, ann the wine, where most of their money goes; the shop sells most milk."""
    shop = open_till(
        tmp_path,
        *("ann 2026-01-05 bread 2.00", "ann 2026-01-06 wine 8.00", "bob 2026-01-07 bread 2.00"),
        *("cid 2026-01-08 milk 30.00", "cid 2026-01-09 bread 8.00"),
    )
    fit = category_fit(shop, PERIOD, customers(shop, "ann", "bob"), base=2)
    rows = {row["category"]: row for row in fit.rows(named=True)}
    assert list(rows) == ["Bakery", "Wine"]
    bread, wine = rows["Bakery"], rows["Wine"]
    assert (bread["customers"], bread["penetration"], bread["penetration_rank"]) == (2, 1.0, 1)
    assert (wine["customers"], wine["penetration"], wine["penetration_rank"]) == (1, 0.5, 2)
    assert (bread["wallet"], bread["wallet_rank"]) == (pytest.approx(4 / 12), 2)
    assert (wine["sales"], wine["wallet_rank"]) == (Decimal("8.00"), 1)
    assert bread["index"] == pytest.approx(100 * (4 / 12) / (12 / 50))
    assert (bread["shop_rank"], wine["shop_rank"], wine["department"]) == (2, 3, "Drinks")
    assert wine["index_low"] is None
    assert say_fit(fit, top=2).startswith("1 of their 2 largest categories are among the shop's")


def test_what_was_brought_back_is_not_bought(tmp_path: Path) -> None:
    """Ann's wine went back: she is no buyer of it, and the category is not listed."""
    sales = ("ann 2026-01-05 bread 2.00", "ann 2026-01-06 wine 8.00", "ann 2026-01-07 wine -8.00")
    shop = open_till(tmp_path, *sales)
    assert category_fit(shop, PERIOD, customers(shop, "ann"))["category"].to_list() == ["Bakery"]


def test_the_headroom_is_what_is_missing_to_the_best_tenth_of_peers(tmp_path: Path) -> None:
    """Of eleven peers who spend 1 to 11 on wine the best tenth spends 10: 9 and 8 are missing."""
    sales = [f"c{n:02d} 2026-01-05 wine {n}.00" for n in range(1, 12)]
    shop = open_till(tmp_path, *sales)
    fit = category_fit(shop, PERIOD, customers(shop, "c01", "c02", "c11"))
    assert fit["headroom"].to_list() == [Decimal("17.00")]


def test_customers_who_bought_nothing_have_no_fit(tmp_path: Path) -> None:
    """Rather an error than an empty page."""
    shop = open_till(tmp_path, "ann 2026-01-05 bread 2.00")
    nobody = pl.DataFrame({"customer_id": [99]})
    with pytest.raises(ValueError, match="choose others"):
        category_fit(shop, PERIOD, nobody)


@pytest.mark.parametrize("category", ["SOFT DRINKS", "YOGURT", "DIAPERS & DISPOSABLES"])
def test_the_headroom_is_that_of_the_share_of_wallet(
    sample_shop: Shop, leaving: pl.DataFrame, category: str
) -> None:
    """To the cent, for a category that nearly all buy, that many buy, and that few buy."""
    fit = category_fit(sample_shop, HALF, leaving)
    labels = wallet.label(sample_shop, HALF, category=category)
    theirs = labels.join(leaving, on="customer_id", how="semi")["headroom"].sum()
    assert fit.filter(category=category)["headroom"].item() == theirs


def test_the_fit_of_the_sample(sample_shop: Shop, leaving: pl.DataFrame) -> None:
    """Frozen: those at risk buy what everybody buys; the index says so."""
    fit = category_fit(sample_shop, HALF, leaving)
    assert (fit.height, fit["category"][0]) == (291, "CHICKEN")
    assert fit["index_low"][0] == pytest.approx(98.94, abs=0.01)
    assert fit["wallet"].sum() == pytest.approx(1.0)
    assert say_fit(fit) == (
        "10 of their 10 largest categories are among the shop's own; nothing is surely special "
        "about these customers"
    )


def test_what_is_special_is_named(sample_shop: Shop) -> None:
    """Frozen: customers who buy diapers are special in that, and in what goes with it."""
    labels = wallet.label(sample_shop, HALF, category="DIAPERS & DISPOSABLES")
    buyers = labels.filter(pl.col("segment") != "None")
    fit = category_fit(sample_shop, HALF, buyers)
    assert fit["category"][0] == "DIAPERS & DISPOSABLES"
    assert say_fit(fit).endswith("rather DIAPERS & DISPOSABLES, BABY HBC, INFANT CARE PRODUCTS")
    assert fit.filter("special").select((pl.col("index_low") > 100).all()).item()


def test_the_fit_is_the_same_on_the_second_engine(corner_shop: Shop) -> None:
    """Without tolerance."""
    who = customers(corner_shop, "0012", "12")
    here, there = (
        category_fit(shop, PERIOD, who) for shop in (corner_shop, on_duckdb(corner_shop))
    )
    assert_frame_equal(there, here, check_exact=True)


def customers(shop: Shop, *cards: str) -> pl.DataFrame:
    """Return customers by the retailer's own ids."""
    frame: pl.DataFrame = shop.customers.to_native().collect()
    return frame.filter(pl.col("customer").is_in(cards)).select("customer_id")
