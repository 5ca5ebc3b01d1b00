"""What every chart shares: plain rows to draw, and a title, subtitle and text for the blind."""

import datetime as dt
import textwrap
from collections.abc import Callable
from typing import Any, cast

import altair as alt
import polars as pl

from workbench.show import words

MOST = 400
_DAYS = dict.fromkeys(("week", "date", "day"), "%-d %b")
DATES: dict[str, Any] = {"year": "%Y", "quarter": "%B", "month": "%B", **_DAYS}  # of a time axis


def rows(frame: pl.DataFrame) -> alt.Data:
    """Return a frame as rows a chart can carry: amounts as floats, labels as text.

    Raises ValueError above 400 rows: a chart shows an aggregate, not the lines beneath it.
    """
    if frame.height > MOST:
        raise ValueError(
            f"a chart draws at most {MOST} rows, this frame has {frame.height:,}; "
            "aggregate it first, for example by week"
        )
    plain = frame.with_columns(
        pl.col(pl.Decimal).cast(pl.Float64),
        pl.col(pl.Enum, pl.Categorical).cast(pl.String),
    )
    return alt.Data(values=[_plain(row) for row in plain.iter_rows(named=True)])


def finish(
    chart: Any, *, title: str, subtitle: str, alt_text: str, height: int, least: int = 0
) -> alt.LayerChart:
    """Return the chart as wide as its place, with title, subtitle and a text alternative.

    `least` is the width in pixels below which a narrow page scrolls it rather than squeeze it.
    """
    finished = chart.properties(
        usermeta={"least": least},
        width="container",
        height=height,
        title=alt.TitleParams(text=_lines(title, 62), subtitle=_lines(subtitle, 88)),
        description=words.tidy(f"{title}. {alt_text}"),
    )
    return cast(alt.LayerChart, finished)


def beside(said: pl.Series) -> list[Any]:
    """Return the range of an axis that leaves room on its right for figures said beside marks."""
    longest = max((len(one) for one in said.drop_nulls()), default=0)
    return [0, alt.expr(f"max(width - {7 * longest + 14}, 30)")]


def tooltip(**columns: str) -> list[alt.Tooltip]:
    """Return tooltip lines, each a heading and the column that holds its ready-made text."""
    return [
        alt.Tooltip(field=column, type="nominal", title=name.replace("_", " "))
        for name, column in columns.items()
    ]


def text(frame: pl.DataFrame, column: str, words: Callable[[Any], str]) -> pl.Series:
    """Return a column's values in words, null as a dash."""
    return pl.Series([words(value) for value in frame[column]], dtype=pl.String)


def order(column: pl.Series) -> list[str]:
    """Return a column's labels in their declared order, or as they come without one."""
    if isinstance(column.dtype, pl.Enum):
        return column.dtype.categories.to_list()
    return column.cast(pl.String).unique(maintain_order=True).drop_nulls().to_list()


def axis_format(say: Callable[[Any], str]) -> str:
    """Return the format of an axis whose values are said in these words."""
    formats: dict[Any, str] = {words.share: "%", words.money: "$,.0f", words.number: ",~f"}
    return formats.get(say, ",.0f")


def _lines(text: str, width: int) -> list[str]:
    return textwrap.wrap(words.tidy(text), width, break_long_words=False) or [""]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _local(value) for name, value in row.items()}


def _local(value: Any) -> Any:
    # A bare ISO day is read as UTC by browsers, and lands on the day before in the Americas.
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat()
    return f"{value}T00:00:00" if isinstance(value, dt.date) else value
