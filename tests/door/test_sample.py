"""The sample retailer through the door: its sums are those of its own files."""

from pathlib import Path

import polars as pl
import pytest

from workbench.data import Shop, open_shop
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import fetch
from workbench.data.lake import Lake
from workbench.door import sample
from workbench.measures import weigh
from workbench.segments import rfm


def test_sums_are_those_of_the_source_to_the_cent(sample_shop: Shop) -> None:
    """Rows, sales and each kind of discount of the lake are those of the delivered file."""
    source = pl.scan_parquet(sample.folder() / "transactions.parquet")
    theirs = {
        "sales": "sales_value",
        "loyalty_discount": "retail_disc",
        "match_discount": "coupon_match_disc",
        "coupon_discount": "coupon_disc",
    }
    cents = [(pl.col(name) * 100).round(0).cast(pl.Int64).sum() for name in theirs.values()]
    delivered = source.select(pl.len(), *cents).collect().row(0)
    lines = sample_shop.lines.to_native()
    stored = lines.select(pl.len(), pl.col(*theirs).cast(pl.Int64).sum()).collect().row(0)
    assert stored == delivered
    assert stored[:2] == (1_469_307, 459_603_958)


def test_every_customer_of_the_source_is_there_and_no_other(sample_shop: Shop) -> None:
    """2,469 ids, as text, as they came."""
    source = pl.scan_parquet(sample.folder() / "transactions.parquet")
    delivered = source.select(pl.col("household_id").cast(pl.String)).unique().collect()
    customers = sample_shop.customers.collect("polars").to_native()
    assert set(customers["customer"]) >= set(delivered["household_id"])
    assert delivered.height == 2_469


@pytest.mark.parametrize(
    ("table", "delivered", "twice"),
    [("promotions", 20_940_529, 12_785), ("coupons", 116_204, 4_872), ("targets", 6_589, 0)],
)
def test_what_comes_twice_is_kept_once_and_counted(
    sample_shop: Shop, table: str, delivered: int, twice: int
) -> None:
    """Rows of one key are merged into one, and the findings say how many."""
    found = fetch(sample_shop.table("findings"), by=["table", "finding"]).filter(
        pl.col("table") == table, pl.col("finding") == "rows merged with one of the same key"
    )
    assert found.select("rows", "of_rows").rows() == [(twice, delivered)]
    kept = sample_shop.table(table).to_native().select(pl.len()).collect().item()
    assert kept == delivered - twice


@pytest.mark.parametrize("table", CONTRACTS)
def test_stored_types_are_those_of_the_contract(sample_shop: Shop, table: str) -> None:
    """What analyses read is what the data model says; no personal data or weather is in it."""
    if table in ("people", "weather"):
        assert not sample_shop.has(table)
    else:
        stored = sample_shop.table(table).to_native().collect_schema()
        assert dict(stored) == CONTRACTS[table].schema


def test_lines_are_sorted_for_measures_inside_each_month(sample_shop: Shop) -> None:
    """Customer, day, receipt and product ascend, and each receipt's lines are together."""
    lines = sample_shop.lines.to_native().filter(pl.col("month") == 201704).collect()
    key = ["customer_id", "day", "basket_id", "product_id"]
    assert lines.select(key).equals(lines.select(key).sort(key))
    assert lines["new_basket"].sum() == lines["basket_id"].n_unique()


def test_stand_ins_and_declared_costs_are_named_as_synthetic(sample_shop: Shop) -> None:
    """What was made from a seed or declared is known by name in the edition."""
    made_up = ("attributes", "consents", "contacts", "costs", "stock", "web_events")
    assert sample_shop.edition.synthetic == made_up


def test_a_run_names_the_stand_ins_it_used(sample_home: Path) -> None:
    """A page says what it rests on, not what else there is; a narrowed shop counts, too."""
    shop = open_shop(sample_home)
    assert shop.synthetic == ()
    shop.during("last 4 weeks").table("consents")
    assert shop.synthetic == ("consents",)
    weigh(shop, "last 4 weeks", rfm.label(shop, "last 4 weeks"))
    assert shop.synthetic == ("consents", "costs")


def test_the_same_seed_makes_the_same_stand_ins(sample_shop: Shop) -> None:
    """Frozen: how many of 2,469 customers gave consent to what."""
    consents = fetch(sample_shop.table("consents"), by=["customer_id", "purpose"])
    granted = consents.filter("granted").group_by("purpose").len().sort("purpose")
    assert granted.rows() == [("marketing", 1508), ("profiling", 1892), ("sharing", 610)]
    assert consents.height == 3 * 2_469


def test_loading_the_sample_again_changes_nothing(sample_home: Path, sample_shop: Shop) -> None:
    """A second demo is a look at the files, not a second load."""
    edition = sample.load(sample_home, progress=str)
    assert edition == sample_shop.edition
    assert Lake(sample_home).numbers() == [1]
