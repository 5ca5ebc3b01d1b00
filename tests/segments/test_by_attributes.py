"""Psychographic and geo-demographic: what somebody outside says of customers, since when."""

import datetime as dt
from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal

from workbench.data import Shop
from workbench.segments import geodemographic, psychographic

WEEKS, FEBRUARY = "last 8 weeks", "2026-02-02/2026-03-01"
SAID = [
    (1, "lifestyle", "thrift ", dt.date(2026, 1, 1)),
    (1, "lifestyle", "Health", dt.date(2026, 2, 20)),
    (1, "lifestyle", "Convenience", dt.date(2026, 3, 2)),
    (2, "lifestyle", "Hedonist", None),
    (1, "would recommend", "9", None),
    (2, "would recommend", "6", None),
    (3, "would recommend", "eleven", None),
    (4, "would recommend", "11", None),
    (1, "neighbourhood", "Suburb", None),
    (2, "neighbourhood", "B07", None),
    (3, "neighbourhood", "COUNTRYSIDE", None),
]


@pytest.fixture(name="shop")
def with_attributes(corner_shop: Shop) -> Shop:
    """The corner shop with a survey and codes."""
    names = {"customer_id": pl.Int32, "attribute": pl.String, "value": pl.String, "since": pl.Date}
    table = pl.LazyFrame(SAID, names, orient="row").with_columns(source=pl.lit("survey"))
    return replace(corner_shop, tables={**corner_shop.tables, "attributes": nw.from_native(table)})


def test_the_last_answer_by_the_last_day_counts(shop: Shop) -> None:
    """1 said health in February, after thrift and before an answer that is not known yet."""
    told = dict(psychographic.label(shop, WEEKS).select("customer_id", "segment").rows())
    assert told == {1: "Health", 2: "Other", 3: "Unknown", 4: "Unknown"}
    january = psychographic.label(shop, "2026-01-05/2026-02-01")
    assert january.filter(customer_id=1)["segment"].to_list() == ["Thrift"]


def test_a_neighbourhood_is_its_code_however_written(shop: Shop) -> None:
    """A provider's own code is Other, and named."""
    labels = geodemographic.label(shop, WEEKS)
    told = dict(labels.select("customer_id", "segment").rows())
    assert told == {1: "Suburb", 2: "Other", 3: "Countryside", 4: "Unknown"}
    assert geodemographic.say_reach(labels) == (
        "The neighbourhood is known of 3 of 4 customers; they make 49.6% of their sales. "
        "Values without a segment of their own: B07."
    )


def test_who_did_not_come_is_not_labelled(shop: Shop) -> None:
    """In February 12 only brought something back, and 31 stayed away."""
    assert geodemographic.label(shop, FEBRUARY)["customer_id"].to_list() == [1, 4]


def test_what_nobody_said_is_known_of_nobody(shop: Shop) -> None:
    """No share is told where there is none."""
    labels = geodemographic.label(shop, WEEKS)
    nobody = labels.with_columns(
        segment=pl.lit("Unknown").cast(labels.schema["segment"]), value=pl.lit(None, pl.String)
    )
    assert geodemographic.say_reach(nobody).startswith("The neighbourhood is known of nobody")


def test_only_answers_from_0_to_10_are_scores(shop: Shop) -> None:
    """Eleven is none, in words or in figures."""
    labels = psychographic.label(shop, WEEKS)
    assert dict(labels.select("customer_id", "recommend").rows()) == {1: 9, 2: 6, 3: None, 4: None}


def test_an_answer_of_unknown_is_not_known(shop: Shop) -> None:
    """Who is said to be unknown counts as who was not asked, in the groups and in the reach."""
    said = nw.when(nw.col("value") == "Suburb").then(nw.lit("unknown")).otherwise(nw.col("value"))
    table = shop.tables["attributes"].with_columns(value=said)
    unknown = replace(shop, tables={**shop.tables, "attributes": table})
    labels = geodemographic.label(unknown, WEEKS)
    assert labels.filter(customer_id=1)["segment"].to_list() == ["Unknown"]
    assert geodemographic.reach(labels)["known"].item() == 2


def test_a_shop_without_attributes_is_told_so(corner_shop: Shop) -> None:
    """The message names the table that is missing."""
    with pytest.raises(ValueError, match="no table 'attributes'"):
        psychographic.label(corner_shop, WEEKS)


def test_duckdb_gives_the_same_labels(shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    for segmentation in (psychographic, geodemographic):
        ours = segmentation.label(shop, WEEKS)
        assert_frame_equal(segmentation.label(on_duckdb(shop), WEEKS), ours, check_exact=True)


def test_the_sample_retailers_answers(sample_shop: Shop) -> None:
    """Frozen: synthetic answers, customers of the last 26 weeks."""
    labels = psychographic.label(sample_shop, "last 26 weeks")
    assert dict(labels["segment"].cast(pl.String).value_counts().rows()) == {
        "Health": 101, "Family table": 119, "Convenience": 127, "Thrift": 130, "Unknown": 1936,
    }  # fmt: skip
