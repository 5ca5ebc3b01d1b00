"""Every segmentation and every verb of a shop and a period, on every engine: equal to the bit."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import polars as pl
import pytest
from asked import VERBS, Asker, in_notebooks, not_numbers
from engines import SPARK
from polars.testing import assert_frame_equal
from sklearn.base import BaseEstimator

from workbench.data import Shop, open_shop
from workbench.data.engines import ENGINE
from workbench.data.lake import Lake

WEEKS = "last 13 weeks"
FEW = {"draws": 19, "shuffles": 2, "seed": 0, "least": 5}


# Asked by `make engines`, not by every run of the tests: what is made of other questions that are
# asked too, and on Spark what takes many small ones.
MADE_OF_OTHERS = {"backtests", "label_all", "learn", "memory", "supplier_campaign", "week"}
LONG = {
    *("against_customers", "answers (weather)", "availability", "backtest (backtest)", "below"),
    *("by_stores",),
    *("category_fit", "check_plan", "coverage", "daily (season)", "discount_response"),
    *("distribution", "fallen", "gain_loss", "halves", "key_items", "learn_forecast"),
    *("line_classes", "next_best_test", "noise_floor", "open_case", "persona"),
    *("placebo_promotions", "price_index", "product_of", "product_options", "promotion_impact"),
    *("promotions", "range_sales", "ruled_out", "say_cover", "scorecards", "segment_history"),
    *("segment_trend", "share_of_requirements", "stock_cover", "supplier_pack"),
    *("traits (persona)", "traits (traits)", "transfer"),
}
# What notebooks do with a shop that is no question: what is done, saved or looked up by name.
NO_QUESTION = {
    *("brand_of", "category_of", "draw", "export", "house", "keep_choice", "keep_forecast"),
    *("label", "members", "offer", "passport", "propose", "share", "targets"),
}


def _on(engine: str, name: str) -> Any:
    long = name in MADE_OF_OTHERS or (engine == "spark" and name in LONG)
    return pytest.param(engine, name, marks=[pytest.mark.long] if long else [])


ASKED = [_on(engine, name) for engine in ("duckdb", "spark") for name in VERBS]


def test_engines_are_asked_whatever_notebooks_ask() -> None:
    """A question that a notebook asks a shop is found, so that every engine is asked it."""
    assert in_notebooks() - {name.partition(" (")[0] for name in VERBS} == NO_QUESTION


@pytest.fixture(scope="module")
def thin_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that holds the receipts of one household of the sample in eight."""
    home = tmp_path_factory.mktemp("thin")
    full, thin = Lake(sample_home), Lake(home)
    edition = full.edition()
    for table in edition.tables:
        rows = full.scan(edition, table)
        columns = rows.collect_schema().names()
        if "customer_id" in columns:
            rows = rows.filter(pl.col("customer_id").is_null() | (pl.col("customer_id") % 8 == 0))
        folder = thin.path(edition.place, table)
        folder.mkdir(parents=True)
        parts = {"partition_by": "month"} if "month" in columns else {}
        rows.collect().write_delta(folder, delta_write_options=parts)
    edition.tables.update(dict.fromkeys(edition.tables, 0))
    thin.publish(edition)
    return home


@pytest.fixture(scope="module")
def plain(thin_home: Path) -> Shop:
    """The thin sample retailer on Polars."""
    return open_shop(thin_home)


@pytest.fixture(scope="module")
def other(thin_home: Path, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The thin sample retailer on another engine, chosen as a user does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENGINE, request.param)
        patch.setenv("PYSPARK_SUBMIT_ARGS", SPARK)
        yield open_shop(thin_home)


@pytest.fixture(scope="module")
def asker(plain: Shop) -> Asker:
    """Asks on Polars, and finds what the verbs are asked with."""
    return Asker(plain, WEEKS, **FEW)


def assert_same(here: Any, there: Any) -> None:
    """Frames, and what holds frames, are equal in values, types and order."""
    assert type(here) is type(there)
    if isinstance(here, pl.DataFrame):
        assert_frame_equal(there, here, check_exact=True)
    elif isinstance(here, dict):
        assert list(here) == list(there)
        assert_same(tuple(here.values()), tuple(there.values()))
    elif isinstance(here, list | tuple):
        for one, two in zip(here, there, strict=True):
            assert_same(one, two)
    elif is_dataclass(here):
        for field in fields(here):
            assert_same(getattr(here, field.name), getattr(there, field.name))
    elif isinstance(here, BaseEstimator):
        assert joblib.hash(here) == joblib.hash(there)
    elif isinstance(here, np.ndarray):
        assert np.array_equal(here, there)
    else:
        assert here == there


@pytest.fixture(scope="module")
def answer(asker: Asker) -> Callable[[str], Any]:
    """What Polars answers, each asked once."""
    return cache(lambda name: asker.ask(VERBS[name]))


@pytest.mark.parametrize(("other", "name"), ASKED, indirect=["other"])
def test_an_engine_gives_the_answer_of_polars(
    other: Shop, asker: Asker, answer: Callable[[str], Any], name: str
) -> None:
    """Values, types, order of rows and columns are the same, without tolerance."""
    assert_same(answer(name), VERBS[name](other, **asker.arguments(VERBS[name])))


@pytest.mark.parametrize("name", [name for name in VERBS if name not in MADE_OF_OTHERS])
def test_no_answer_rests_on_the_order_of_a_join(
    asker: Asker, answer: Callable[[str], Any], request: pytest.FixtureRequest, name: str
) -> None:
    """Joins that promise no order may give any: values and order stay the same to the bit.

    What cannot be told is null in them.
    """
    usual = answer(name)
    assert not_numbers(usual) == []
    request.getfixturevalue("unordered_joins")
    assert_same(usual, asker.ask(VERBS[name]))
