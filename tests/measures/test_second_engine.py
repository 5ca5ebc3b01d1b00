"""The same questions on a second engine, and again on the first: equal to the bit."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.data.activity import activity
from workbench.door import corner
from workbench.measures import (
    arrivals,
    daily,
    extent,
    hourly,
    line_classes,
    migrate,
    profile,
    weigh,
)
from workbench.measures.profile import ITEMS
from workbench.segments import before_and_after, rfm

WEEKS = "last 26 weeks"
FOOD_COSTS = corner.MAPPING.replace("{default: 0.5, Drinks: 0.75}", "{Food: 0.5}")
Question = Callable[[Shop], pl.DataFrame]


def labels(shop: Shop, period: str = WEEKS) -> pl.DataFrame:
    """Return the RFM labels of a shop."""
    return rfm.label(shop, period)


def moves(shop: Shop, period: str = WEEKS) -> pl.DataFrame:
    """Return the migration of a shop."""
    return migrate(shop, period, *before_and_after(shop, period, rfm.label))


QUESTIONS: dict[str, Question] = {
    "activity": lambda shop: activity(shop, WEEKS, margin=True, last_day=True),
    "label": labels,
    "weigh": lambda shop: weigh(shop, WEEKS, labels(shop)),
    "migrate": moves,
    **{
        f"profile by {by}": lambda shop, by=by: profile(shop, WEEKS, labels(shop), by=by)
        for by in ITEMS
    },
    "line classes": line_classes,
    "daily": daily,
    "hourly": hourly,
    "arrivals": arrivals,
    "extent": extent,
}


@pytest.fixture(scope="module")
def duckdb_shop(sample_shop: Shop) -> Shop:
    """The sample retailer on DuckDB."""
    return on_duckdb(sample_shop)


@pytest.mark.parametrize("question", QUESTIONS)
def test_duckdb_gives_the_same_answer(sample_shop: Shop, duckdb_shop: Shop, question: str) -> None:
    """Values, types, order of rows and columns are those of Polars, without tolerance."""
    ask = QUESTIONS[question]
    assert_frame_equal(ask(duckdb_shop), ask(sample_shop), check_exact=True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_polars_gives_the_same_answer_again(sample_shop: Shop, question: str) -> None:
    """Five runs of the streaming engine give one answer: no sum depends on the order of rows."""
    first, *others = (QUESTIONS[question](sample_shop) for _ in range(5))
    assert all(other.equals(first) for other in others)


@pytest.mark.parametrize(
    "ask",
    [
        partial(activity, period="last 8 weeks"),
        partial(labels, period="last 8 weeks"),
        partial(moves, period="last 4 weeks"),
        line_classes,
        daily,
        extent,
    ],
    ids=["activity", "label", "migrate", "line classes", "daily", "extent"],
)
def test_returns_cash_and_unknown_products_are_no_different_there(
    corner_shop: Shop, ask: Question
) -> None:
    """The corner shop's odd receipts come out the same, nulls and signs included."""
    assert_frame_equal(ask(on_duckdb(corner_shop)), ask(corner_shop), check_exact=True)


def test_an_unknown_margin_is_unknown_on_both(tmp_path: Path) -> None:
    """Where no line of a customer has a cost, neither engine makes it a zero."""
    sales = ("- 2026-01-05 milk 1.50", "ann 2026-02-03 bread 5.00", "bob 2026-02-04 wine 8.00")
    shop = open_till(tmp_path, *sales, mapping=FOOD_COSTS)
    spent = [activity(engine, "last 8 weeks", margin=True) for engine in (shop, on_duckdb(shop))]
    assert spent[0]["margin"].to_list() == [250, None, 75]
    assert_frame_equal(spent[0], spent[1], check_exact=True)
