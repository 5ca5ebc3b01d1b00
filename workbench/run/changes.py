"""What changed since the run before, read from the result tables that both runs stored.

The split into customers, frequency, basket, price and mix is the one of the business overview:
tables `levels` and `causes`. It compares a window with the one before it, which is what the run
before reported wherever one follows the other.
"""

from dataclasses import dataclass
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
    rows, (*_, told) = _rows(levels), _rows(old)
    new, again = rows[-1], next((row for row in rows if _span(row) == _span(told)), None)
    restated = again["sales"] - told["sales"] if again else Decimal(0)
    said = [] if again is new else [_growth(new, told, currency)]
    if restated:
        amount = f"{restated:+,.2f} {currency}"
        said.append(f"Restated: {amount} came in since for {_span(told)}, which were told of")
    elif again:
        said.append(f"The sales told of {_span(told)} still stand, to the cent")
    causes = _table(now, "causes", CAUSES)
    if causes is None or not again or again is new:
        return Changes(tuple(said))
    parts = [("Restated days", restated), *causes.select("part", "sales_change").rows()]
    split = tuple((str(part), f"{money:+,.2f} {currency}") for part, money in parts if money)
    return Changes(tuple(said), split)


def _growth(new: dict[str, Any], told: dict[str, Any], currency: str) -> str:
    more = [
        f"{name.replace('_', ' ')} {told[name]:,} to {new[name]:,}"
        for name in ("customers", "visits", "basket_value")
        if told[name] is not None and new[name] is not None
    ]
    change = f", {(new['sales'] - told['sales']) / told['sales']:+.1%}" if told["sales"] else ""
    return (
        f"Sales of {_span(new)} were {new['sales']:,.0f} {currency}; the run before told of "
        f"{told['sales']:,.0f} for {_span(told)}{change}; {', '.join(more)}"
    )


def _table(report: Path, name: str, columns: set[str]) -> pl.DataFrame | None:
    path = report / "tables" / f"{name}.parquet"
    frame = pl.read_parquet(path) if path.exists() else None
    return frame if frame is not None and columns <= set(frame.columns) else None


def _rows(levels: pl.DataFrame) -> list[dict[str, Any]]:
    return levels.filter(whose=_ALL).sort("first_day").rows(named=True)


def _span(row: dict[str, Any]) -> str:
    first, last = row["first_day"], row["last_day"]
    month = f" {first:%B}" if (first.year, first.month) != (last.year, last.month) else ""
    return f"{first.day}{month} to {last.day} {last:%B %Y}"
