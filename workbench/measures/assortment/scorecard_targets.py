"""Targets: what categories and brands are to reach, as a file that people review."""

import datetime as dt
from typing import Any

import polars as pl
import yaml

from workbench import paths
from workbench.data.period import Period
from workbench.measures.assortment.scorecard import KPIS

FILE = "targets/scorecard.yaml"
SCHEMA = {
    "category": pl.String,
    "brand": pl.String,
    "kpi": pl.String,
    "target": pl.Float64,
    "target_day": pl.Date,
}
_FIELDS = {"category", "brand", "kpi", "value", "by", "days"}


def targets(window: Period) -> pl.DataFrame:
    """Return one row per category, brand (empty: the category) and KPI that has a target.

    Columns: category, brand, kpi, target (in the KPI's unit, for as many days as the period
    has), target_day (until when). Targets for another number of days are left out, since neither
    customers nor penetration grow in proportion to time. Without the file there are none. Raises
    ValueError naming a target that cannot be read.
    """
    path = paths.packs() / FILE
    given = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    rows = [_read(entry) for entry in given or []]
    kept = [row for *row, days in rows if days == window.days]
    return pl.DataFrame(kept, schema=SCHEMA, orient="row").unique(
        ["category", "brand", "kpi"], keep="last", maintain_order=True
    )


def _read(entry: Any) -> tuple[str, str, str, float, dt.date, int]:
    where = f"{FILE}: the target {entry!r}"
    if not isinstance(entry, dict) or not set(entry) <= _FIELDS:
        raise ValueError(f"{where} is not of {', '.join(sorted(_FIELDS))}")
    missing = sorted(_FIELDS - {"brand"} - set(entry))
    if missing:
        raise ValueError(f"{where} lacks {', '.join(missing)}")
    if entry["kpi"] not in KPIS:
        raise ValueError(f"{where} is of no KPI; allowed: {', '.join(KPIS)}")
    value, by, days = entry["value"], entry["by"], entry["days"]
    plain = isinstance(value, int | float) and isinstance(days, int) and isinstance(by, dt.date)
    if not plain:
        raise ValueError(f"{where} needs a number, a day like 2017-12-31, and whole days")
    return entry["category"], entry.get("brand", ""), entry["kpi"], float(value), by, days
