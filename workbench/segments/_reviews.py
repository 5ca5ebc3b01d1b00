"""When somebody last looked whether a segmentation still serves.

A saved segment says so in its file. For every other segmentation the day is written down in
`reports/segments/_reviewed.yaml`, one `name: 2017-12-31` per line.
"""

import datetime as dt
from collections.abc import Iterable

import polars as pl

from workbench.segments import _saved

QUARTER = 92
_STATUS = pl.Enum(["never", "due", "fine"])


def reviews(names: Iterable[str], last_day: dt.date) -> pl.DataFrame:
    """Return one row per segmentation: segmentation, reviewed, days_ago, review.

    `days_ago` counts from the data's last day. The review is due after a quarter of a year,
    never where no day is known, and fine otherwise. Raises ValueError for a file that holds
    something other than days.
    """
    days = {**_written(), **_saved.reviewed()}
    rows = [(name, days.get(name)) for name in names]
    table = pl.DataFrame(rows, {"segmentation": pl.String(), "reviewed": pl.Date()}, orient="row")
    ago = (pl.lit(last_day) - pl.col("reviewed")).dt.total_days()
    status = pl.when(ago.is_null()).then(pl.lit("never")).when(ago > QUARTER).then(pl.lit("due"))
    return table.with_columns(days_ago=ago, review=status.otherwise(pl.lit("fine")).cast(_STATUS))


def say_reviews(table: pl.DataFrame) -> str:
    """Return the sentence that says how many segmentations wait for their quarterly review."""
    waiting = table.filter(pl.col("review") != "fine").height
    if not waiting:
        return "Every segmentation was reviewed in the last quarter of a year of the data"
    wait = "waits for its" if waiting == 1 else "wait for their"
    return f"{waiting} of {table.height} segmentations {wait} quarterly review"


def _written() -> dict[str, dt.date]:
    path = _saved.folder() / "_reviewed.yaml"
    if not path.exists():
        return {}
    file, given = _saved.said(path), _saved.given_in(path)
    if not isinstance(given, dict):
        raise ValueError(f"{file} holds no reviews; write one per line, such as rfm: 2017-12-31")
    wrong = [name for name, day in given.items() if type(day) is not dt.date]
    if wrong:
        raise ValueError(f"{file}: {wrong[0]} has no day like 2017-12-31")
    return dict(given)
