"""Windows: what each customer bought in stretches of days, and what of it was promoted."""

from collections.abc import Collection
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from shops import deliver, till

from workbench.campaigns.results import windows as module
from workbench.campaigns.results.windows import windows
from workbench.data import Period, Shop, open_shop

SALES = (
    "ann 2026-01-05 bread 2.00",
    "ann 2026-01-05 rye 3.00",
    "ann 2026-01-12 rye 4.00",
    "ann 2026-01-13 milk 1.00",
    "bob 2026-01-06 candle 5.00",
    "bob 2026-01-14 bread 6.00",
    "bob 2026-01-15 bread -2.00",
    "- 2026-01-15 bread 9.00",
)
CATALOGUE = """\
item,group,shelf
bread,Food,Bakery
rye,Food,Bakery
milk,Food,Dairy
"""
SPANS = [Period.parse("2026-01-12/2026-01-18"), Period.parse("2026-01-05/2026-01-11")]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Two customers; bread and rye share a category, and nobody knows that of candles."""
    deliver(tmp_path, receipts=till(*SALES), catalogue=CATALOGUE)
    return open_shop(tmp_path)


@pytest.fixture(params=[module.APART, 0], ids=["categories apart", "all lines"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the lines of the promoted categories beside the receipts, and all lines at once."""
    monkeypatch.setattr(module, "APART", request.param)


def found(shop: Shop, products: Collection[str], *columns: str) -> list[tuple[object, ...]]:
    """Return some columns of ann and bob."""
    ids = shop.products.filter(nw.col("product").is_in(list(products))).select("product_id")
    numbers = ids.collect("polars").to_native()["product_id"].to_list()
    who = shop.customers.select("customer_id", "customer").collect("polars").to_native()
    named = windows(shop, SPANS, numbers).join(
        who.cast({"customer_id": pl.Int64}), on="customer_id", validate="1:1"
    )
    return named.sort("customer").select(columns).rows()


@pytest.mark.usefixtures("either_way")
def test_parts_are_of_each_window_and_add_up_to_sales(shop: Shop) -> None:
    """Rye is bread's neighbour; what was brought back counts against it."""
    parts = ["sales_{}", "promoted_{}", "category_{}", "rest_{}"]
    now, before = ([part.format(place) for part in parts] for place in (0, 1))
    assert found(shop, ["bread"], *now) == [(5.0, 0.0, 4.0, 1.0), (4.0, 4.0, 0.0, 0.0)]
    assert found(shop, ["bread"], *before) == [(5.0, 2.0, 3.0, 0.0), (5.0, 0.0, 0.0, 5.0)]


@pytest.mark.usefixtures("either_way")
def test_visits_and_margin_are_of_all_that_was_bought(shop: Shop) -> None:
    """Half of the takings is margin; a visit is one on which something was bought."""
    named = ("visits_0", "visits_1", "margin_0", "margin_1")
    assert found(shop, ["bread"], *named) == [(2.0, 2.0, 2.5, 2.5), (1.0, 1.0, 2.0, 2.5)]


@pytest.mark.usefixtures("either_way")
def test_a_product_without_a_category_is_promoted_all_the_same(shop: Shop) -> None:
    """It has no neighbours."""
    parts = ("promoted_1", "category_1", "rest_1")
    assert found(shop, ["candle"], *parts) == [(0.0, 0.0, 5.0), (5.0, 0.0, 0.0)]
    assert found(shop, ["candle", "rye"], *parts) == [(3.0, 2.0, 0.0), (5.0, 0.0, 0.0)]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("products", [["bread"], ["candle"], ["candle", "rye"]])
def test_another_engine_gives_the_same(shop: Shop, products: list[str]) -> None:
    """Of a product without a category too, where no category is looked at."""
    columns = ("sales_1", "margin_1", "promoted_1", "category_1", "rest_1")
    assert found(on_duckdb(shop), products, *columns) == found(shop, products, *columns)
