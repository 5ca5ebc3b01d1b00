"""Item distribution: two stores of wine by hand."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shelf import open_shelf

from workbench.data import Shop
from workbench.measures.assortment.item_distribution import item_distribution

WINE = ["ann red", "ann white@S", "bob red=1.50 sweet=1.00", "cat dry=4.00@S sweet=1.25@S"]


def test_what_share_of_stores_and_of_their_sales_by_hand(tmp_path: Path) -> None:
    """N sold 4.50 of wine and S 7.25; bread, which only N sells, makes no difference."""
    found = item_distribution(open_shelf(tmp_path, *WINE), "last 8 weeks", "Wine")
    named = found.with_columns(pl.col("item").str.extract(r"\((\w+)\)$"))
    assert named.rows() == [
        ("dry", 1, 0.5, 7.25 / 11.75, Decimal("4.00")),
        ("red", 1, 0.5, 4.50 / 11.75, Decimal("3.50")),
        ("sweet", 2, 1.0, 1.0, Decimal("2.25")),
        ("white", 1, 0.5, 7.25 / 11.75, Decimal("2.00")),
    ]


def test_an_unknown_category_is_refused(tmp_path: Path) -> None:
    """By its name, with one that is near."""
    with pytest.raises(ValueError, match="no category with sales is called 'Wime'"):
        item_distribution(open_shelf(tmp_path, *WINE), "last 8 weeks", "Wime")


def test_the_second_engine_says_the_same(corner_shop: Shop) -> None:
    """Without tolerance."""
    here, there = (
        item_distribution(shop, "last 8 weeks", "Wine")
        for shop in (corner_shop, on_duckdb(corner_shop))
    )
    assert_frame_equal(there, here, check_exact=True)
