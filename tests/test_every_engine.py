"""Every segmentation and every verb of a shop and a period, on every engine: equal to the bit."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from engines import SPARK
from polars.testing import assert_frame_equal

from workbench import campaigns, measures, segments
from workbench.data import Shop, open_shop
from workbench.data.engines import ENGINE
from workbench.data.lake import Lake
from workbench.measures import OBJECTIVES
from workbench.measures.assortment.areas import areas
from workbench.measures.assortment.transfer import transfer
from workbench.segments import cross, demographic, rfm

WEEKS = "last 13 weeks"
FEW = {"draws": 19, "shuffles": 2, "seed": 0, "least": 5}


def verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every segmentation, and every public function of a shop and a period, with its name."""
    for name in segments.names():
        yield f"label {name}", segments.find(name).label
    for tower in (measures, campaigns):
        for module in pkgutil.walk_packages(tower.__path__, f"{tower.__name__}."):
            for name, verb in vars(importlib.import_module(module.name)).items():
                own = inspect.isfunction(verb) and verb.__module__ == module.name
                if own and not name.startswith("_") and _asks(verb):
                    yield name, verb


def _asks(verb: Callable[..., Any]) -> bool:
    asked = inspect.signature(verb)
    part = asked.return_annotation in (nw.LazyFrame[Any], Iterator[pl.DataFrame])
    return [*asked.parameters][:2] == ["shop", "period"] and not part


VERBS = dict(verbs())
# Many questions each, which others ask too: minutes on Spark, and all equal when last asked there.
LONG = {
    *("availability", "noise_floor", "placebo_promotions", "product_options"),
    *("promotion_impact", "promotions"),
}
ASKED = [("duckdb", name) for name in VERBS] + [
    ("spark", name) for name in VERBS if name not in LONG
]


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
def given(plain: Shop) -> dict[str, Any]:
    """What the verbs are asked with, by the parameter's name."""
    labels = rfm.label(plain, WEEKS)
    found = areas(plain, WEEKS, least=5)
    return {
        "period": WEEKS,
        **dict.fromkeys(["labels", "before", "after"], labels),
        "label": rfm.label,
        "customers": labels.filter(pl.col("segment") == "At risk"),
        "peers": labels,
        "loyal": labels["customer_id"].head(100).to_list(),
        "customer_id": labels["customer_id"][0],
        "segment": "At risk",
        "category": "SOFT DRINKS",
        "by": "department",
        "objective": next(iter(OBJECTIVES)),
        "targets": {},
        "both": cross(labels, demographic.label(plain, WEEKS)),
        "among": [],
        "found": found,
        "stores": found.stores,
        "rates": transfer(plain, draws=19).rates,
    }


def arguments(verb: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a verb: those it demands, and few draws where it draws."""
    parameters = [*inspect.signature(verb).parameters.values()][1:]
    named = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
    needed = {each.name: given[each.name] for each in named if each.default is each.empty}
    return needed | {each.name: FEW[each.name] for each in named if each.name in FEW}


def assert_same(here: Any, there: Any) -> None:
    """Frames, and what holds frames, are equal in values, types and order."""
    assert type(here) is type(there)
    if isinstance(here, pl.DataFrame):
        assert_frame_equal(there, here, check_exact=True)
    elif isinstance(here, tuple):
        for one, two in zip(here, there, strict=True):
            assert_same(one, two)
    elif is_dataclass(here):
        for field in fields(here):
            assert_same(getattr(here, field.name), getattr(there, field.name))
    elif isinstance(here, np.ndarray):
        assert np.array_equal(here, there)
    else:
        assert here == there


@pytest.fixture(scope="module")
def answer(plain: Shop, given: dict[str, Any]) -> Callable[[str], Any]:
    """What Polars answers, each asked once."""
    return cache(lambda name: VERBS[name](plain, **arguments(VERBS[name], given)))


@pytest.mark.parametrize(("other", "name"), ASKED, indirect=["other"])
def test_an_engine_gives_the_answer_of_polars(
    other: Shop, given: dict[str, Any], answer: Callable[[str], Any], name: str
) -> None:
    """Values, types, order of rows and columns are the same, without tolerance."""
    assert_same(answer(name), VERBS[name](other, **arguments(VERBS[name], given)))


@pytest.mark.parametrize("name", VERBS)
def test_no_answer_rests_on_the_order_of_a_join(
    plain: Shop,
    given: dict[str, Any],
    answer: Callable[[str], Any],
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    """Joins that promise no order may give any: values and order stay the same to the bit."""
    usual = answer(name)
    request.getfixturevalue("unordered_joins")
    assert_same(usual, VERBS[name](plain, **arguments(VERBS[name], given)))
