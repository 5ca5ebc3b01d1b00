"""Expectations: the target a segment carries, set against what it is worth."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.weigh import weigh

KPIS = {
    "customers": "customers",
    "customers_share": "their share of all customers, 0 to 1",
    "baskets": "receipts with a purchase",
    "baskets_share": "their share of all receipts, 0 to 1",
    "sales": "net sales",
    "sales_share": "their share of all sales, 0 to 1",
    "margin": "margin",
    "margin_share": "their share of all margin, 0 to 1",
    "spend_per_customer": "net sales per customer",
    "baskets_per_customer": "receipts per customer",
    "basket_value": "net sales per receipt",
}
AIMS = ("at least", "at most")
_STATUS = pl.Enum(["reached", "open", "missed"])
_SCHEMA = {
    "segment": pl.String(),
    "kpi": pl.String(),
    "aim": pl.String(),
    "target": pl.Float64(),
    "date": pl.Date(),
}


def expectation(
    shop: Shop,
    period: str | Period | Latest,
    labels: pl.DataFrame,
    targets: Mapping[str, Any] | Path,
) -> pl.DataFrame:
    """Return one row per target: what a segment should reach, by when, and where it stands.

    `targets` is a mapping of segment to target, or the path of a YAML file that holds one:

        At risk: {kpi: customers, value: 300, date: 2017-12-31, aim: at most}
        Champions: {kpi: sales_share, value: 0.5, date: 2018-03-31}

    Columns: segment, kpi (see `KPIS`), aim ("at least" unless given), target, date, actual (of
    the period, as `weigh` has it; null where unknown), gap = actual - target, and status:
    reached, open (not reached, and due after the period's last day) or missed. Raises
    ValueError naming every target that cannot be read.
    """
    given = _read(targets) if isinstance(targets, Path) else targets
    segments = labels["segment"].dtype.categories.to_list()  # type: ignore[attr-defined]
    wanted = _parsed(given, segments)
    worth = weigh(shop, period, labels).with_columns(pl.col("segment").cast(pl.String))
    actual = worth.select("segment", pl.col(list(KPIS)).cast(pl.Float64)).unpivot(
        index="segment", variable_name="kpi", value_name="actual"
    )
    due = pl.col("date") <= shop.window(period).last
    short = pl.col("actual") < pl.col("target")
    missing = pl.when(pl.col("aim") == "at least").then(short)
    missing_it = missing.otherwise(pl.col("actual") > pl.col("target"))
    status = pl.when(~missing_it).then(pl.lit("reached")).when(missing_it & due)
    told = status.then(pl.lit("missed")).when(missing_it).then(pl.lit("open"))
    return wanted.join(
        actual, on=["segment", "kpi"], how="left", maintain_order="left"
    ).with_columns(
        pl.col("segment").cast(pl.Enum(segments)),
        gap=pl.col("actual") - pl.col("target"),
        status=told.cast(_STATUS),
    )


def say_expectation(told: pl.DataFrame) -> str:
    """Return the sentence that says how many targets are reached: `told` is `expectation`'s."""
    if told.is_empty():
        return "No target is set for it; a saved segment carries one in its file, under target."
    status = told["status"].cast(pl.String).to_list()
    counts = [f"{status.count(name)} {name}" for name in ("reached", "open", "missed")]
    unknown = status.count(None)
    counts += [f"{unknown} unknown"] if unknown else []
    return f"Of {len(status)} {'target' if len(status) == 1 else 'targets'}: {', '.join(counts)}."


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not readable as YAML: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no targets; allowed: a segment and its target per line")
    return found


def _parsed(given: Mapping[str, Any], segments: list[str]) -> pl.DataFrame:
    wrong = [
        f"{segment}: {problem}"
        for segment, target in given.items()
        if (problem := _problem(segment, target, segments))
    ]
    if wrong:
        raise ValueError(f"targets that cannot be read: {'; '.join(wrong)}")
    rows = [
        (segment, target["kpi"], target.get("aim", AIMS[0]), float(target["value"]), _day(target))
        for segment, target in given.items()
    ]
    return pl.DataFrame(rows, _SCHEMA, orient="row")


def _problem(segment: str, target: Any, segments: list[str]) -> str:
    """Return what is wrong with a target, or nothing."""
    if segment not in segments:
        return f"is no segment; allowed: {', '.join(segments)}"
    if not isinstance(target, Mapping) or not {"kpi", "value", "date"} <= set(target):
        return "needs kpi, value and date"
    if target["kpi"] not in KPIS:
        return f"kpi {target['kpi']!r} is unknown; allowed: {', '.join(KPIS)}"
    if target.get("aim", AIMS[0]) not in AIMS:
        return f"aim {target['aim']!r} is unknown; allowed: {', '.join(AIMS)}"
    if isinstance(target["value"], bool) or not isinstance(target["value"], int | float):
        return f"value {target['value']!r} is not a number"
    try:
        _day(target)
    except ValueError:
        return f"date {target['date']!r} is not a day like 2017-12-31"
    return ""


def _day(target: Mapping[str, Any]) -> dt.date:
    return dt.date.fromisoformat(str(target["date"]))
