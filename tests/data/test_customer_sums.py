"""Exact sums by customer and number, in arrays or by grouping."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from shops import open_till

from workbench.data import Shop, customer_sums
from workbench.data.customer_sums import customer_sums as summed

SALES = (
    "bob 2026-01-05 tea 3.00",
    "bob 2026-01-06 tea 2.00",
    "bob 2026-01-07 milk 1.00",
    "bob 2026-01-08 milk -1.00",
    "ann 2026-01-09 nails 9.00",
    "cyd 2026-01-09 tea 4.00",
    "- 2026-01-09 tea 70.00",
)
FOUND = [("ann", 0, 900), ("bob", 2, 0), ("bob", 7, 500), ("cyd", 7, 400)]


WAYS = {
    "arrays": {"LEAST_RUN": len(SALES) + 1},
    "arrays, in runs": {"LEAST_RUN": 0},
    "grouping": {"MOST": 0},
}


@pytest.fixture(params=WAYS)
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add up in arrays, row by row or run by run, and by grouping where pairs are too many."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(customer_sums, name, value)


def numbers_of(shop: Shop) -> nw.LazyFrame[Any]:
    """Return the numbers of tea and milk; nails are not listed."""
    number = nw.when(nw.col("product") == "tea").then(7).otherwise(2)
    listed = shop.products.filter(nw.col("product") != "nails")
    return listed.select("product_id", number=number)


def names(shop: Shop, found: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return the pairs with the customers' own ids."""
    who = shop.customers.select("customer_id", "customer").collect("polars").to_native()
    named = found.join(who.cast({"customer_id": pl.Int64}), on="customer_id", maintain_order="left")
    return sorted(named.select("customer", "number", "sales").rows())


@pytest.mark.usefixtures("either_way")
def test_every_pair_with_rows_has_its_exact_sums(tmp_path: Path) -> None:
    """Milk brought back comes to nothing and is there; nobody's tea is not; nails are number 0."""
    shop = open_till(tmp_path, *SALES)
    found = summed(shop, shop.lines, "product_id", numbers_of(shop), "sales")
    assert names(shop, found) == FOUND
    assert found.schema == dict.fromkeys(["customer_id", "number", "sales"], pl.Int64())
    assert found.equals(found.sort("customer_id", "number"))


@pytest.mark.usefixtures("either_way")
def test_some_customers_are_found_alone(tmp_path: Path) -> None:
    """Also those whose numbers do not begin with the first."""
    shop = open_till(tmp_path, *SALES)
    each = [
        summed(part, part.lines, "product_id", numbers_of(part), "sales") for part in shop.parts(1)
    ]
    assert names(shop, pl.concat(each)) == FOUND


@pytest.mark.usefixtures("either_way")
def test_a_key_may_be_the_number_itself(tmp_path: Path) -> None:
    """Such as the day of the week."""
    shop = open_till(tmp_path, *SALES)
    rows = shop.receipts.with_columns(weekday=nw.col("day").dt.weekday() - 1)
    found = summed(shop, rows, "weekday", 7, "sales", "new_basket")
    bob = [(number, sales) for name, number, sales in names(shop, found) if name == "bob"]
    assert bob == [(0, 300), (1, 200), (2, 100), (3, -100)]
    assert found["new_basket"].sum() == len(SALES) - 2  # one brings back, one is nobody's


@pytest.mark.usefixtures("either_way")
def test_nobody_gives_no_pair(tmp_path: Path) -> None:
    """A shop narrowed to customers that there are not."""
    shop = replace(open_till(tmp_path, *SALES), whose=nw.col("customer_id") < 0)
    found = summed(shop, shop.lines, "product_id", numbers_of(shop), "sales")
    assert found.height == 0
    assert found.columns == ["customer_id", "number", "sales"]


def test_another_engine_gives_the_same(tmp_path: Path) -> None:
    """Sorted alike too."""
    shop = open_till(tmp_path, *SALES)
    ours = summed(shop, shop.lines, "product_id", numbers_of(shop), "sales")
    theirs = on_duckdb(shop)
    asked = summed(theirs, theirs.lines, "product_id", numbers_of(theirs), "sales")
    assert asked.equals(ours)
