"""Classes of receipt lines: each line in one, all of them to the cent."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.measures import line_classes
from workbench.measures.line_classes import ALL, PART

LINES = """\
1,ann,bread,N,2026-01-05 09:00:00,1,2.00,0.00
1,ann,milk,N,2026-01-05 09:00:00,0,1.00,0.00
1,ann,wine,N,2026-01-05 09:00:00,1,0.00,0.00
2,ann,wine,N,2026-01-06 09:00:00,-1,-8.00,0.00
3,,bread,N,2026-01-07 09:00:00,1,-0.50,0.00
4,bob,candle,N,2026-01-08 09:00:00,-1,5.00,0.00
5,bob,candle,N,2026-03-01 09:00:00,2,7.25,0.00
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a line of every class."""
    home = tmp_path_factory.mktemp("classes")
    deliver(home, receipts=f"{HEADER}\n{LINES}")
    return open_shop(home)


def test_each_class_is_counted(shop: Shop) -> None:
    """Lines, receipts and net sales of every class, by hand."""
    rows = line_classes(shop).filter(part=PART).select("class", "lines", "baskets", "sales").rows()
    assert rows == [
        ("Sale", 2, 2, Decimal("9.25")),
        ("Sale without a quantity", 1, 1, Decimal("1.00")),
        ("Zero price", 1, 1, Decimal("0.00")),
        ("Return", 1, 1, Decimal("-8.00")),
        ("Negative price", 1, 1, Decimal("-0.50")),
        ("Money for goods given back", 1, 1, Decimal("5.00")),
    ]


def test_properties_cut_across_the_classes(shop: Shop) -> None:
    """Three receipts only bring back, one line has no card, two a product from nowhere."""
    found = {row[0]: row[1:] for row in line_classes(shop).select("class", "lines", "sales").rows()}
    assert found["On a receipt that only brings back"] == (3, Decimal("-3.50"))
    assert found["Without a card"] == (1, Decimal("-0.50"))
    assert found["Of a product the catalogue lacks"] == (2, Decimal("12.25"))
    assert found["Not merchandise"] == (0, Decimal("0.00"))


@pytest.mark.parametrize("name", ["shop", "corner_shop", "sample_shop"])
def test_the_classes_add_up_to_all_to_the_cent(name: str, request: pytest.FixtureRequest) -> None:
    """No line is in two classes, and none in none."""
    classes = line_classes(request.getfixturevalue(name))
    whole = classes.filter(pl.col("class") == ALL).select("lines", "sales").row(0)
    parts = classes.filter(part=PART).select(pl.col("lines", "sales").sum()).row(0)
    assert parts == whole


@pytest.mark.parametrize("name", ["shop", "corner_shop", "sample_shop"])
def test_duckdb_finds_the_same_classes(name: str, request: pytest.FixtureRequest) -> None:
    """Unchanged on another engine, without tolerance."""
    shop: Shop = request.getfixturevalue(name)
    assert_frame_equal(line_classes(on_duckdb(shop)), line_classes(shop), check_exact=True)


def test_every_class_says_how_measures_treat_it(shop: Shop) -> None:
    """Nothing is dropped or kept in silence."""
    told = line_classes(shop).filter(pl.col("class") != ALL)["treatment"]
    assert all(sentence.endswith(".") for sentence in told)


def test_a_period_without_a_line_has_classes_without_lines(shop: Shop) -> None:
    """Shares of nothing are unknown, not zero."""
    empty = line_classes(shop.during("2026-02-01/2026-02-02"))
    assert empty["lines"].sum() == 0
    assert empty["sales_share"].null_count() == empty.height


def test_a_plain_sale_is_in_one_class(tmp_path: Path) -> None:
    """The other classes are there, without a line."""
    deliver(tmp_path, receipts=f"{HEADER}\n{LINES.splitlines()[0]}\n")
    with_lines = line_classes(open_shop(tmp_path)).filter(part=PART).filter(pl.col("lines") > 0)
    assert with_lines["class"].to_list() == ["Sale"]
