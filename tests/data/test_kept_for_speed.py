"""The tables kept beside the lines hold what the lines hold, at any time, to the cent."""

import json
from collections.abc import Callable
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from shops import deliver, open_till, till

from workbench import segments
from workbench.campaigns.results.windows import windows
from workbench.data import Period, Shop, open_shop
from workbench.data.receipts import ADDED, MADE_OF_LINES
from workbench.door import corner, erase
from workbench.measures import daily, hourly, profile, retention
from workbench.measures.business.comparison import Comparison, by_window
from workbench.segments import big_spenders

WEEKS = "last 8 weeks"
SALES = ("ann 2026-01-05 milk 1.50", "ann 2026-02-03 bread 5.00", "- 2026-02-04 wine 8.00")

GROWING = corner.MAPPING.replace("receipts.csv", "receipts*.csv")


def grows(home: Path) -> None:
    """Load the same receipts again, with one more in a file of its own."""
    later = {"receipts_later": till(*SALES, "bob 2026-02-05 milk 2.00")}
    deliver(home, receipts=till(*SALES), mapping=GROWING, **later)


def from_lines(shop: Shop) -> Shop:
    """Return the shop as a lake has it that was loaded before it kept these tables."""
    return shop.with_lines(shop.tables["lines"])


def frame(shop: Shop, table: str) -> pl.DataFrame:
    """Return a table whole."""
    return pl.DataFrame(shop.table(table).collect("polars").to_native())


def check(shop: Shop) -> None:
    """Assert that all tables hold what the lines hold."""
    lines, goods = frame(shop, "lines"), frame(shop, "products")
    lines = lines.join(goods.select("product_id", "merchandise"), on="product_id", how="left")
    expected = lines.group_by("basket_id").agg(
        pl.col("customer_id", "store_id", "day", "minute", "month").first(),
        pl.col("new_basket").sum().cast(pl.Int8),
        pl.col(ADDED).cast(pl.Int64).sum(),
        lines=pl.len().cast(pl.Int32),
        goods=pl.col("sales").cast(pl.Int64).filter("merchandise").sum(),
        uncosted=pl.col("margin").null_count().cast(pl.Int32),
    )
    same = {"check_row_order": False, "check_column_order": False}
    assert_frame_equal(frame(shop, "receipts"), expected, check_exact=True, **same)
    assert_frame_equal(frame(shop, "category_lines"), lines.drop("merchandise"), **same)
    check_weeks(shop, lines)


def check_weeks(shop: Shop, lines: pl.DataFrame) -> None:
    """Assert that customers' weeks hold what the lines hold, with no week twice."""
    visit = pl.col("day").filter(pl.col("new_basket").sum().over("basket_id") > 0)
    week = pl.col("day").dt.truncate("1w").alias("week")
    sums = pl.col(*ADDED, "new_basket").cast(pl.Int64).sum()
    each = {
        "day": pl.col("day").min(),
        "lines": pl.len().cast(pl.Int64),
        "goods": pl.col("sales").cast(pl.Int64).filter("merchandise").sum(),
        "uncosted": pl.col("margin").null_count().cast(pl.Int64),
        "first_visit": visit.min(),
        "last_visit": visit.max(),
    }
    same = {"check_row_order": False, "check_column_order": False}
    for name, by in (
        ("customer_weeks", ["customer_id"]),
        ("customer_category_weeks", ["customer_id", "category_id"]),
    ):
        held = frame(shop, name)
        expected = lines.group_by(*by, week, "month").agg(sums, **each)
        assert_frame_equal(held, expected.select(held.columns), check_exact=True, **same)


def test_they_hold_what_the_lines_hold(corner_shop: Shop, sample_shop: Shop) -> None:
    """Returns, cash, unknown products and costs included."""
    check(corner_shop)
    check(sample_shop)


def test_they_follow_every_load(tmp_path: Path) -> None:
    """A later file, a correction and a card that is known later reach them."""
    deliver(tmp_path, receipts=till(*SALES), mapping=GROWING)
    grows(tmp_path)
    shop = open_shop(tmp_path)
    assert frame(shop, "receipts")["sales"].sort().to_list() == [150, 200, 500, 800]
    check(shop)


def test_a_lake_that_lacks_them_gets_them_with_its_next_load(tmp_path: Path) -> None:
    """All months, not only those that the load changes."""
    deliver(tmp_path, receipts=till(*SALES), mapping=GROWING)
    path = next((tmp_path / "lake" / "editions").glob("*.json"))
    edition = json.loads(path.read_text(encoding="utf-8"))
    edition["tables"] = {n: v for n, v in edition["tables"].items() if n not in MADE_OF_LINES}
    path.write_text(json.dumps(edition), encoding="utf-8")
    assert not open_shop(tmp_path).has("receipts")
    grows(tmp_path)
    assert frame(open_shop(tmp_path), "receipts").height == 4
    check(open_shop(tmp_path))


def test_they_forget_an_erased_person(tmp_path: Path) -> None:
    """The money stays, without a card, in all three."""
    open_till(tmp_path, *SALES)
    erase.erase(tmp_path, "ann")
    shop = open_shop(tmp_path)
    assert frame(shop, "receipts")["customer_id"].null_count() == 3
    check(shop)


@pytest.mark.parametrize("name", segments.names())
def test_a_segmentation_says_the_same_from_the_lines_alone(sample_shop: Shop, name: str) -> None:
    """Whoever opens an older lake sees the same customers in the same segments."""
    label = segments.find(name).label
    assert_frame_equal(label(from_lines(sample_shop), WEEKS), label(sample_shop, WEEKS))


def _retention(shop: Shop) -> pl.DataFrame:
    return retention(shop, WEEKS)


def _windows(shop: Shop) -> pl.DataFrame:
    now = shop.window(WEEKS)
    return windows(shop, [now, now.before()], range(1, 400))


def _by(key: str) -> Callable[[Shop], pl.DataFrame]:
    def by(shop: Shop) -> pl.DataFrame:
        now = shop.window(WEEKS)
        return by_window(shop, Comparison(now, now.before()), key, "sales", "margin")

    return by


def _profile(shop: Shop) -> pl.DataFrame:
    return profile(shop, WEEKS, big_spenders.label(shop, WEEKS), by="category")


BY_WINDOW = [_by(key) for key in ("customer_id", "store_id", "category_id")]


@pytest.mark.parametrize("ask", [daily, hourly, _retention, _windows, _profile, *BY_WINDOW])
def test_a_measure_says_the_same_from_the_lines_alone(sample_shop: Shop, ask: object) -> None:
    """Sums, first and last days are those of the lines."""
    assert callable(ask)
    assert_frame_equal(ask(from_lines(sample_shop)), ask(sample_shop), check_exact=True)


def test_a_question_about_a_category_keeps_to_days_and_stores(corner_shop: Shop) -> None:
    """The lines within all categories are the lines of the days looked at, no more."""
    january = corner_shop.during(Period(corner_shop.first_day, corner_shop.first_day))
    ids = frame(corner_shop, "categories")["category_id"]
    held = january.within(ids).select(n=nw.len()).collect("polars").to_native()
    assert held.item() == january.lines.select(n=nw.len()).collect("polars").to_native().item()


def test_parts_hold_each_customer_once_and_a_sample_is_one_of_them(corner_shop: Shop) -> None:
    """Together the parts are all receipts with a card; a small shop's sample is the shop."""
    carded = frame(corner_shop, "lines").drop_nulls("customer_id")
    parts = [part.lines.collect("polars").to_native() for part in corner_shop.parts(1)]
    assert sum(part.height for part in parts) == carded.height
    assert all(part["customer_id"].n_unique() <= 1 for part in parts)
    assert corner_shop.sample(100) is corner_shop
    one = corner_shop.sample(1, seed=1).lines.collect("polars").to_native()
    assert one["customer_id"].unique().to_list() == [1]
