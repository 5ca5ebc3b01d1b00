"""A measure with its interval: a dot at the figure, a line over what it could as well be."""

import textwrap
from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words


def intervals(
    frame: pl.DataFrame,
    *,
    x: str,
    y: str,
    low: str = "low_share",
    high: str = "high_share",
    title: str,
    mark: float | None = None,
    level: int = 95,
) -> alt.LayerChart:
    """Draw `y` for each `x`, one row per `x` in the frame's order, with its `level` % interval.

    `low` and `high` name the columns of the interval's ends; `mark` is a value to compare with,
    drawn as a dashed line; without one the axis begins at zero. A null is drawn as a dash. Long
    names take several lines.
    """
    drawn = _drawn(frame, x, y, low, high)
    say, of = columns.figure(y, frame.schema[y]), columns.heading(y)
    lines_up = {columns.heading(x).replace(" ", "_"): "name", of.replace(" ", "_"): "said"}
    base = alt.Chart(canvas.rows(drawn)).encode(
        y=alt.Y(field="label", type="nominal", sort=drawn["label"].to_list(), title=None).axis(
            labelExpr=r"split(datum.label, '\n')", labelLimit=280
        ),
        tooltip=canvas.tooltip(**lines_up, At_least="least", At_most="most"),
    )
    by = f"{of} by {columns.heading(x).lower()}"
    return canvas.finish(
        alt.layer(*_reference(mark), *_layers(base, canvas.axis_format(say), _scale(drawn, mark))),
        title=title,
        subtitle=f"{by}; the line is the {level}% interval",
        alt_text=f"Dots of {by}, each with a line over its interval",
        height=max(_step(drawn) * drawn.height, 60),
    )


_WIDE = 36


def _scale(drawn: pl.DataFrame, mark: float | None) -> alt.Scale:
    """Return a scale over all intervals, with room for the figures on the right."""
    ends = [*drawn["low"], *drawn["value"], *drawn["high"], 0.0 if mark is None else mark]
    known = [end for end in ends if end is not None]
    low, high = min(known), max(known)
    ends = [low if low == 0 else low - 0.03 * (high - low), high if low < high else low + 1]
    return alt.Scale(domain=ends, range=canvas.beside(drawn["said"]), nice=False, zero=False)


def _step(drawn: pl.DataFrame) -> int:
    lines = drawn["label"].str.count_matches("\n").max() or 0
    return max(34, 16 * (int(lines) + 1) + 8)  # type: ignore[arg-type]


def _layers(base: alt.Chart, form: str, scale: alt.Scale) -> list[Any]:
    across = alt.X(field="low", type="quantitative", title=None, scale=scale)
    across = across.axis(format=form, tickCount=6, labelOverlap=True, labelSeparation=14)
    span = base.mark_rule(strokeWidth=4, opacity=0.35, color=theme.ACCENT).encode(
        x=across, x2=alt.X2(field="high")
    )
    dot = base.mark_point(size=110, opacity=1).encode(x=alt.X(field="value", type="quantitative"))
    said = base.mark_text(align="left", dx=10, color=theme.INK).encode(
        x=alt.X(field="end", type="quantitative"), text=alt.Text(field="said", type="nominal")
    )
    return [span, dot, said]


def _reference(mark: float | None) -> list[Any]:
    if mark is None:
        return []
    line = alt.Chart(canvas.rows(pl.DataFrame({"at": [mark]}))).mark_rule(strokeDash=[4, 3])
    return [line.encode(x=alt.X(field="at", type="quantitative"))]


def _drawn(frame: pl.DataFrame, x: str, y: str, low: str, high: str) -> pl.DataFrame:
    say = columns.figure(y, frame.schema[y])
    say = say if say is words.share else columns.aligned(frame[y])
    value = pl.col(y).cast(pl.Float64)
    names = canvas.text(frame, x, columns.figure(x, frame.schema[x]))
    return frame.select(
        name=names,
        label=pl.Series([textwrap.fill(name, _WIDE) for name in names], dtype=pl.String),
        value=value,
        low=pl.col(low).cast(pl.Float64),
        high=pl.col(high).cast(pl.Float64),
        end=pl.coalesce(pl.col(high).cast(pl.Float64), value, 0.0),
        said=canvas.text(frame, y, say),
        least=pl.Series([say(bound) for bound in frame[low]], dtype=pl.String),
        most=pl.Series([say(bound) for bound in frame[high]], dtype=pl.String),
    )
