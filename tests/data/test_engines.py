"""Engines by name: what reads the lake, what is refused, and copies in a warehouse."""

import importlib.util
from pathlib import Path

import pytest
from engines import SPARK
from shops import deliver, open_till, quiet, till

from workbench.data import open_shop
from workbench.data.engine import fetch, only, total, weekday
from workbench.data.engines import ENGINE, NoEngine
from workbench.data.engines import spark as spark_engine
from workbench.data.engines.warehouse import copy
from workbench.data.lake import Lake
from workbench.door.erase import erase
from workbench.run import report
from workbench.segments import rfm

FIRST = ("ann 2026-01-05 milk 1.50", "bob 2026-02-03 bread 5.00")
LATER = (*FIRST, "ann 2026-02-20 wine 8.00")


@pytest.mark.parametrize(
    ("name", "package", "says"),
    [
        ("dask", "", "WORKBENCH_ENGINE=dask is no engine; there are: polars, spark, duckdb"),
        ("spark", "pyspark", 'needs the package pyspark.*`pip install "workbench.spark."`'),
        ("duckdb:///a.db", "ibis", 'needs the package ibis.*`pip install "workbench.warehouse."`'),
    ],
)
def test_an_engine_that_is_not_there_is_an_error_with_the_way_out(
    corner_home: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, says: str
) -> None:
    """A wrong name tells the right ones; a missing package, the command that brings it."""
    there = importlib.util.find_spec
    absent = {package}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in absent else there(name)
    )
    monkeypatch.setenv(ENGINE, name)
    with pytest.raises(NoEngine, match=says):
        open_shop(corner_home)


def test_spark_without_java_is_an_error_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Java on the path and none named: which one, and how it comes."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(spark_engine.SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(NoEngine, match=r"needs Java 17.*openjdk-17-jre-headless"):
        spark_engine.session()


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_an_engine_reads_the_pinned_version_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Files that a later load replaced are not counted, nor files of a later version."""
    open_till(tmp_path, *FIRST)
    deliver(tmp_path, receipts=till(*LATER))
    plain = [open_shop(tmp_path, version) for version in ("v1", "v2")]
    monkeypatch.setenv(ENGINE, name)
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", SPARK)
    there = [open_shop(tmp_path, version) for version in ("v1", "v2")]
    found, known = (
        [fetch(shop.lines, by=["basket_id"]) for shop in each] for each in (there, plain)
    )
    assert [frame.height for frame in found] == [2, 3]
    assert all(one.select(two.columns).equals(two) for one, two in zip(found, known, strict=True))


def test_a_warehouse_holds_a_copy_of_every_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is brought once; without it the error says how; what no edition names goes."""
    plain = open_till(tmp_path, *FIRST)
    lake, address = Lake(tmp_path), f"duckdb://{tmp_path}/warehouse.duckdb"
    monkeypatch.setenv(ENGINE, address)
    with pytest.raises(NoEngine, match="has no copy of stores of data v1; `workbench copy`"):
        open_shop(tmp_path)
    brought, _ = copy(lake, address)
    assert copy(lake, address) == ([], [])
    assert len(brought) == len(plain.edition.tables)
    weeks = "last 4 weeks"
    assert rfm.label(open_shop(tmp_path), weeks).equals(rfm.label(plain, weeks))
    for edition in lake.editions():
        lake.forget(edition)
    assert copy(lake, address) == ([], brought)


def test_a_warehouse_forgets_whom_the_lake_forgot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people are erased one after the other; the next copy holds neither."""
    open_till(tmp_path, *LATER, "cat 2026-02-20 wine 8.00")
    lake, address = Lake(tmp_path), f"duckdb://{tmp_path}/warehouse.duckdb"
    monkeypatch.setenv(ENGINE, address)
    copy(lake, address)
    for customer in ("ann", "bob"):
        erase(tmp_path, customer, progress=quiet)
    copy(lake, address)
    kept = fetch(open_shop(tmp_path).customers.select("customer"), by=["customer"])
    assert kept["customer"].to_list() == ["cat"]


@pytest.mark.parametrize("name", ["polars", "duckdb"])
@pytest.mark.parametrize("how", ["semi", "anti"])
def test_many_values_are_looked_up_as_few_are(
    corner_home: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    """A hundred ids find what one does; a card that is none is neither in nor out."""
    monkeypatch.setenv(ENGINE, name)
    lines = open_shop(corner_home).lines
    few, many = (
        only(lines, "customer_id", ids, how).select(total("sales")).collect("polars").item()  # type: ignore[arg-type]
        for ids in ([1], [1, *range(10_000, 10_099)])
    )
    assert few == many > 0


@pytest.mark.parametrize("name", ["polars", "duckdb", "spark"])
def test_a_week_begins_on_monday(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A Monday is 0 and a Sunday 6, whatever an engine calls them."""
    open_till(tmp_path, "ann 2026-01-05 milk 1.50", "ann 2026-01-11 milk 1.50")
    monkeypatch.setenv(ENGINE, name)
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", SPARK)
    found = fetch(open_shop(tmp_path).lines.select("day", is_day=weekday("day")), by=["day"])
    assert found["is_day"].to_list() == [0, 6]


def test_a_report_on_spark_is_that_of_polars(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same notebook, unchanged: the same hash of every table, and no word of Java in it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(sample_home))
    here = report.run("segments/rfm", out=tmp_path / "polars", export=lambda *_, **__: "")
    monkeypatch.setenv(ENGINE, "spark")
    there = report.run("segments/rfm", out=tmp_path / "spark", export=lambda *_, **__: "")
    assert here.tables == there.tables != {}
    assert "stderr" not in (tmp_path / "spark" / "notebook.ipynb").read_text(encoding="utf-8")
