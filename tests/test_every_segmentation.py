"""What holds for every segmentation there is, found on disk."""

import inspect

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal

from workbench import segments
from workbench.data import Shop
from workbench.data.activity import shoppers
from workbench.measures import migrate, profile, weigh
from workbench.segments import Segmentation, before_and_after

WEEKS = "last 8 weeks"


@pytest.fixture(scope="module")
def duckdb_shop(sample_shop: Shop) -> Shop:
    """The sample retailer on DuckDB."""
    return on_duckdb(sample_shop)


@pytest.fixture(params=segments.names())
def segmentation(request: pytest.FixtureRequest) -> Segmentation:
    """Each segmentation in turn."""
    return segments.find(request.param)


def test_its_segments_and_its_definition_are_written_down(segmentation: Segmentation) -> None:
    """Labels and choices are text for people, and its docstring opens with a definition."""
    for written in (segmentation.SEGMENTS, segmentation.DEFINITION):
        assert written
        assert all(name.strip() and meaning.strip() for name, meaning in written.items())
    assert not {"Unlabelled", "New", "Lost"} & set(segmentation.SEGMENTS), "the measures' own"
    assert not set(segmentation.SEGMENTS) & set(segmentation.DEFINITION), (
        "one ledger holds both: name the definition otherwise"
    )
    assert inspect.getdoc(segmentation)


def test_it_labels_each_customer_once_in_its_own_order(
    segmentation: Segmentation, sample_shop: Shop
) -> None:
    """Everybody who bought is labelled, others who are known may be, nobody twice, in order."""
    labels = segmentation.label(sample_shop, WEEKS)
    bought = shoppers(sample_shop, WEEKS)
    known = sample_shop.customers.select("customer_id").collect("polars")["customer_id"]
    assert labels["customer_id"].is_unique().all()
    assert set(bought["customer_id"]) <= set(labels["customer_id"]) <= set(known.to_list())
    assert labels["segment"].dtype == pl.Enum(list(segmentation.SEGMENTS))
    assert labels["segment"].null_count() == 0


def test_it_takes_a_shop_a_period_and_named_choices(segmentation: Segmentation) -> None:
    """Everything but shop and period is by keyword and has a default, `cuts_from` among them."""
    shop, period, *choices = inspect.signature(segmentation.label).parameters.values()
    assert (shop.name, period.name) == ("shop", "period")
    assert all(choice.kind is choice.KEYWORD_ONLY for choice in choices)
    assert all(choice.default is not choice.empty for choice in choices)
    assert "cuts_from" in [choice.name for choice in choices]


def test_its_worth_adds_up_to_the_whole(segmentation: Segmentation, sample_shop: Shop) -> None:
    """Customers, baskets, sales and margin of all segments are those of the shop, to the cent."""
    worth = weigh(sample_shop, WEEKS, segmentation.label(sample_shop, WEEKS))
    nobody = segmentation.label(sample_shop, WEEKS).clear()
    whole = weigh(sample_shop, WEEKS, nobody).filter(pl.col("segment") == "Unlabelled")
    parts = worth.select("customers", "baskets", "sales", "margin").sum()
    assert parts.rows() == whole.select(parts.columns).rows()


def test_its_customers_can_be_followed_from_one_period_to_the_next(
    segmentation: Segmentation, sample_shop: Shop
) -> None:
    """Everybody labelled before or after is in the migration once."""
    before, after = before_and_after(sample_shop, WEEKS, segmentation.label)
    everybody = set(before["customer_id"]) | set(after["customer_id"])
    assert migrate(sample_shop, WEEKS, before, after)["customers"].sum() == len(everybody)


def test_its_segments_can_be_profiled(segmentation: Segmentation, sample_shop: Shop) -> None:
    """What each segment buys by department adds up to what it spends."""
    labels = segmentation.label(sample_shop, WEEKS)
    worth = weigh(sample_shop, WEEKS, labels).filter(pl.col("customers") > 0)
    bought = profile(sample_shop, WEEKS, labels).group_by("segment").agg(pl.col("sales").sum())
    assert dict(bought.with_columns(pl.col("segment").cast(pl.String)).rows()) == dict(
        worth.select(pl.col("segment").cast(pl.String), "sales").rows()
    )


def test_the_same_question_has_the_same_answer(
    segmentation: Segmentation, sample_shop: Shop
) -> None:
    """Two runs give equal labels, row by row."""
    first, second = (segmentation.label(sample_shop, WEEKS) for _ in range(2))
    assert first.equals(second)


def test_a_second_engine_gives_the_same_labels(
    segmentation: Segmentation, sample_shop: Shop, duckdb_shop: Shop
) -> None:
    """On DuckDB values, types and order of rows are those of Polars, without tolerance."""
    labels = segmentation.label(sample_shop, WEEKS)
    assert_frame_equal(segmentation.label(duckdb_shop, WEEKS), labels, check_exact=True)
