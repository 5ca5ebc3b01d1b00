"""The corner shop through the door: every stored figure, checked by hand."""

from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from workbench.data import Shop
from workbench.data.contracts import CONTRACTS
from workbench.measures import extent

# One row per receipt and product, in the lake's order: month, card, day, receipt, product.
# month, receipt, card, product, new basket, thousandths, cents of sales, of discount, of margin
LINES = """
202601  1 0012 bread  1  1000  200  0  100
202601  1 0012 milk   0  2000  300 50  125
202601  4 0012 bread  1  1000  200  0  100
202601  2 12   wine   1  1000  800  0  200
202601  6 12   wine   1  1000  800  0  200
202601  5 31   milk   1  4000  600  0  300
202601  3 -    bread  1  1000  200  0  100
202602  7 0012 bread  1  2000  400  0  200
202602  7 0012 milk   0  1000  150  0   75
202602  9 0012 bread  1  1000  200  0  100
202602 10 12   wine   0 -1000 -800  0 -200
202602  8 40   candle 1  1000  500  0  250
202602  8 40   wine   0  2000 1600  0  400
202602 11 40   wine   1  1000  800  0  200
202603 12 -    milk   1  1000  150  0   75
"""


def frame(table: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return a table as a Polars frame, in the order it is stored."""
    return pl.DataFrame(table.collect("polars").to_native())


def named(shop: Shop) -> pl.DataFrame:
    """Return the lines with the source's own ids beside the surrogates, in stored order."""
    lines = frame(shop.lines).with_row_index()
    for table, key in (("baskets", "basket"), ("customers", "customer"), ("products", "product")):
        ids = frame(shop.table(table)).select(f"{key}_id", key)
        lines = lines.join(ids, on=f"{key}_id", how="left")
    return lines.sort("month", "index")


def test_the_lines_of_the_corner_shop_are_those_worked_out_by_hand(corner_shop: Shop) -> None:
    """Order inside the month, first lines of baskets, cents, thousandths and margins all agree."""
    stored = named(corner_shop).select(
        *("month", "basket", pl.col("customer").fill_null("-"), "product", "new_basket"),
        *("quantity", "sales", "loyalty_discount", "margin"),
    )
    by_hand = [tuple(row.split()) for row in LINES.strip().splitlines()]
    assert [tuple(str(value) for value in row) for row in stored.rows()] == by_hand


def test_0012_is_not_12(corner_shop: Shop) -> None:
    """Ids are text: leading zeros survive and make another customer."""
    customers = frame(corner_shop.customers).sort("customer_id")
    assert customers.select("customer_id", "customer").rows() == [
        (1, "0012"),
        (2, "12"),
        (3, "31"),
        (4, "40"),
    ]


def test_a_product_the_catalogue_lacks_is_kept_without_a_category_name(corner_shop: Shop) -> None:
    """The candle is in no catalogue: its department is unknown, its sales are there."""
    products = frame(corner_shop.products).select("product", "department", "category")
    assert products.filter(pl.col("product") == "candle").rows() == [("candle", None, None)]


def test_products_the_catalogue_has_carry_its_tree(corner_shop: Shop) -> None:
    """Department and category come from the catalogue; merchandise is the rule."""
    products = frame(corner_shop.products.drop("product_id")).filter(pl.col("product") == "wine")
    assert products.select("department", "category", "merchandise").rows() == [
        ("Drinks", "Wine", True)
    ]


def test_a_receipt_without_a_card_has_no_customer(corner_shop: Shop) -> None:
    """Cash customers are null, not a customer of their own."""
    cardless = frame(corner_shop.lines).filter(pl.col("customer_id").is_null())
    assert sorted(cardless["sales"].to_list()) == [150, 200]


def test_a_store_gets_the_retailers_name_and_currency(corner_shop: Shop) -> None:
    """Stores that are not described are stores of the retailer, in its currency."""
    stores = frame(corner_shop.stores).select("store", "retailer", "channel", "currency")
    assert stores.sort("store").rows() == [
        ("N", "Corner shop", "store", "EUR"),
        ("S", "Corner shop", "store", "EUR"),
    ]


def test_baskets_are_a_sum_of_first_lines(corner_shop: Shop) -> None:
    """Each of twelve receipts has a row; the one that only brings back is no basket."""
    assert frame(corner_shop.lines)["new_basket"].sum() == 11
    assert frame(corner_shop.table("baskets"))["basket_id"].n_unique() == 12


def test_the_extent_of_the_corner_shop(corner_shop: Shop) -> None:
    """Lines, receipts, customers, products, stores and sales, and the last complete day."""
    found = extent(corner_shop).drop("first_day", "last_day").row(0)
    assert found == (15, 11, 4, 4, 2, Decimal("61.00"))
    assert (str(corner_shop.first_day), str(corner_shop.last_day)) == ("2026-01-05", "2026-03-01")


@pytest.mark.parametrize("table", ["lines", "baskets", "products", "customers", "stores", "costs"])
def test_what_is_stored_is_what_the_contract_says(corner_shop: Shop, table: str) -> None:
    """Columns and types of the stored table are those of its contract, and its key is unique."""
    contract, stored = CONTRACTS[table], frame(corner_shop.table(table))
    assert dict(stored.schema) == contract.schema
    assert stored.select(contract.key).is_unique().all()
