"""A measure over days, weeks or months; what is missing is a gap in the line, never a zero."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words
from workbench.show.sentences import say_peak


def trend(
    frame: pl.DataFrame,
    *,
    x: str,
    y: str,
    title: str | None = None,
    notes: Mapping[dt.date, str] | None = None,
) -> alt.LayerChart:
    """Draw the measure `y` by the dates `x`, one row per day, week or month.

    Dates without a row and null values are gaps. `notes` are words written at a date.
    """
    whole = _with_gaps(frame.select(x=pl.col(x), y=pl.col(y)).sort("x"))
    said = columns.figure(y, frame.schema[y])
    drawn = whole.with_columns(
        day=canvas.text(whole, "x", words.day),
        said=canvas.text(whole, "y", said),
    )
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="x", type="temporal", title=None).axis(
            grid=False, tickCount=8, format=canvas.DATES, labelOverlap=True, labelSeparation=8
        ),
        y=alt.Y(field="y", type="quantitative", title=None).axis(
            format=canvas.axis_format(said), tickCount=5
        ),
        tooltip=canvas.tooltip(Date="day", **{columns.heading(y).replace(" ", "_"): "said"}),
    )
    line = base.mark_line()
    hover = base.mark_point(size=160, opacity=0, aria=False)
    layers = [line + hover, *_alone(drawn), *_notes(notes or {})]
    return canvas.finish(
        alt.layer(*layers),
        title=title or say_peak(frame, x=x, y=y),
        subtitle=f"{columns.heading(y)}, {_span(whole)}{_gaps(whole)}",
        alt_text=f"A line of {columns.heading(y).lower()} over time",
        height=260,
    )


def _with_gaps(known: pl.DataFrame) -> pl.DataFrame:
    days = known["x"].to_list()
    if len(days) < 2 or known.schema["x"] != pl.Date:
        return known
    for step in ("1mo", "1w", "1d"):
        every = pl.date_range(days[0], days[-1], step, eager=True).to_list()
        if set(days) <= set(every):
            break
    whole = pl.DataFrame({"x": every}, schema={"x": pl.Date})
    return whole.join(known, on="x", how="left", maintain_order="left")


def _span(whole: pl.DataFrame) -> str:
    if whole.is_empty():
        return "no dates"
    return words.period(whole["x"].min(), whole["x"].max())  # type: ignore[arg-type]


def _gaps(whole: pl.DataFrame) -> str:
    return "; a gap is a time without data" if whole["y"].null_count() else ""


def _alone(drawn: pl.DataFrame) -> list[Any]:
    """Return the dates between two gaps as points, since a line needs two."""
    gap = pl.col("y").is_null()
    between = ~gap & gap.shift(1, fill_value=True) & gap.shift(-1, fill_value=True)
    points = drawn.filter(between)
    if points.is_empty():
        return []
    return [alt.Chart(canvas.rows(points)).mark_point(size=30).encode(x=_at("x"), y=_high("y"))]


def _notes(notes: Mapping[dt.date, str]) -> list[Any]:
    if not notes:
        return []
    places = pl.DataFrame({"x": list(notes), "note": list(notes.values())}, _PLACES)
    base = alt.Chart(canvas.rows(places)).encode(x=_at("x"))
    rule = base.mark_rule(strokeDash=[3, 3], color=theme.MUTED)
    label = base.mark_text(align="left", dx=5, fontSize=11).encode(
        text=alt.Text(field="note", type="nominal"), y=alt.value(6)
    )
    return [rule, label]


def _at(field: str) -> alt.X:
    return alt.X(field=field, type="temporal")


def _high(field: str) -> alt.Y:
    return alt.Y(field=field, type="quantitative")


_PLACES = {"x": pl.Date, "note": pl.String}
