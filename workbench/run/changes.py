"""What changed since the run before, read from the result tables that both runs stored.

The split into customers, frequency, basket, price and mix is the one of the business overview:
tables `levels` and `causes`. It compares a window with the one before it, which is what the run
before reported wherever one follows the other.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from workbench.run import findings, record

LEVELS = {"whose", "first_day", "last_day", "customers", "visits", "basket_value", "sales"}
CAUSES = {"part", "sales_change"}
_ALL = "All"


@dataclass(frozen=True)
class Changes:
    """What changed in a report: `said` in sentences, and `split`, the parts of what sales did.

    Of reports that are not about sales, `was` is the first finding of before, if it is another.
    """

    said: tuple[str, ...] = ()
    split: tuple[tuple[str, str], ...] = ()
    was: str = ""


def changes(now: Path, before: Path) -> Changes:
    """Compare a report's folder with the folder of the same report of the run before."""
    made, was = record.read(now), record.read(before)
    if made is None or was is None or not (made.good and was.good):
        return Changes()
    levels, old = (_table(report, "levels", LEVELS) for report in (now, before))
    if levels is not None and old is not None:
        return _of_sales(now, levels, old, made.currency or "")
    said, told = (findings.sentences(report, 1) for report in (now, before))
    return Changes(was=told[0] if told and told != said else "")


def _of_sales(now: Path, levels: pl.DataFrame, old: pl.DataFrame, currency: str) -> Changes:
    rows, told = levels.filter(whose=_ALL).sort("first_day").rows(named=True), _newest(old)
    new, again = rows[-1], next((row for row in rows if _days(row) == _days(told)), None)
    said = [_growth(new, told, currency)] if _days(new) != _days(told) else []
    if again:
        said.append(_restated(again, told, currency))
    causes = _table(now, "causes", CAUSES)
    if causes is None or not again or again is new:
        return Changes(tuple(said))
    parts = causes.filter(pl.col("sales_change") != 0).select("part", "sales_change").rows()
    return Changes(
        tuple(said), tuple((str(part), f"{money:+,.0f} {currency}") for part, money in parts)
    )


def _growth(new: dict[str, Any], told: dict[str, Any], currency: str) -> str:
    pairs = [(name, told[name], new[name]) for name in ("customers", "visits", "basket_value")]
    more = [
        f"{name.replace('_', ' ')} {_number(was)} to {_number(is_)}" for name, was, is_ in pairs
    ]
    change = f", {(new['sales'] - told['sales']) / told['sales']:+.1%}" if told["sales"] else ""
    return (
        f"Sales of {_span(new)} were {new['sales']:,.0f} {currency}; the run before told of "
        f"{told['sales']:,.0f} for {_span(told)}{change}; {', '.join(more)}"
    )


def _restated(again: dict[str, Any], told: dict[str, Any], currency: str) -> str:
    changed: Decimal = again["sales"] - told["sales"]
    if not changed:
        return f"The sales told of {_span(told)} still stand, to the cent"
    return (
        f"Restated: sales of {_span(told)} are now {changed:+,.2f} {currency} against what was "
        "told before, because data came in since"
    )


def _table(report: Path, name: str, columns: set[str]) -> pl.DataFrame | None:
    path = report / "tables" / f"{name}.parquet"
    frame = pl.read_parquet(path) if path.exists() else None
    return frame if frame is not None and columns <= set(frame.columns) else None


def _newest(levels: pl.DataFrame) -> dict[str, Any]:
    return levels.filter(whose=_ALL).sort("first_day").row(-1, named=True)


def _days(row: dict[str, Any]) -> tuple[date, date]:
    return row["first_day"], row["last_day"]


def _span(row: dict[str, Any]) -> str:
    first, last = _days(row)
    start = (
        f"{first.day} {first:%B}"
        if (first.year, first.month) != (last.year, last.month)
        else first.day
    )
    return f"{start} to {last.day} {last:%B %Y}"


def _number(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, Decimal) else f"{value or 0:,}"
