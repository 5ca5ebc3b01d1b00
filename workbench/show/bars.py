"""Plain bars: names ranked by a measure, or a measure along an order such as hours."""

from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme
from workbench.show.sentences import say_peak


def bars(
    frame: pl.DataFrame, *, x: str, y: str, title: str | None = None, top: int = 20
) -> alt.LayerChart:
    """Draw the measure `y` for each `x`, one row per `x`.

    Names are ranked by the measure, the first `top` of them; an Enum keeps its order; numbers
    and dates stand along an axis. A null is drawn as a dash, a null name called Unknown.
    """
    kind = frame.schema[x]
    along = kind.is_numeric() or kind.is_temporal()
    named = not along and not isinstance(kind, pl.Enum)
    ordered = frame.sort(y, descending=True, nulls_last=True, maintain_order=True).head(top)
    shown = ordered if named else frame
    drawn = _drawn(shown, x, y)
    chart = _columns(drawn, frame.schema, x, y) if along else _rows(drawn, y)
    return canvas.finish(
        chart,
        title=title or say_peak(frame, x=x, y=y),
        subtitle=_subtitle(frame, shown, x, y),
        alt_text=f"Bars of {columns.heading(y).lower()} by {columns.heading(x).lower()}",
        height=240 if along else max(28 * drawn.height, 60),
    )


def hours(frame: pl.DataFrame, *, y: str = "baskets", title: str | None = None) -> alt.LayerChart:
    """Draw the measure `y` by hour of the day: one row per hour, 0 to 23."""
    return bars(frame, x="hour", y=y, title=title)


def _drawn(frame: pl.DataFrame, x: str, y: str) -> pl.DataFrame:
    named = canvas.text(frame, x, columns.figure(x, frame.schema[x]))
    return frame.select(
        name=pl.when(pl.col(x).is_null()).then(pl.lit("Unknown")).otherwise(named),
        value=pl.col(y).cast(pl.Float64),
        at=pl.col(y).cast(pl.Float64).fill_null(0),
        said=canvas.text(frame, y, columns.figure(y, frame.schema[y])),
    )


def _rows(drawn: pl.DataFrame, y: str) -> Any:
    top = float(drawn["value"].max() or 1)  # type: ignore[arg-type]
    room = canvas.beside(drawn["said"])
    base = alt.Chart(canvas.rows(drawn)).encode(
        y=alt.Y(field="name", type="nominal", sort=None, title=None).axis(labelLimit=220),
        tooltip=canvas.tooltip(Name="name", **{columns.heading(y).replace(" ", "_"): "said"}),
    )
    bar = base.mark_bar(cornerRadiusEnd=2, height={"band": 0.7}).encode(
        x=alt.X(field="value", type="quantitative", axis=None).scale(domainMax=top, range=room)
    )
    label = base.mark_text(align="left", dx=5, color=theme.MUTED).encode(
        x=alt.X(field="at", type="quantitative"), text=alt.Text(field="said", type="nominal")
    )
    return bar + label


def _columns(drawn: pl.DataFrame, schema: pl.Schema, x: str, y: str) -> Any:
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="name", type="nominal", sort=None, title=columns.heading(x)).axis(
            labelAngle=0, labelOverlap=True
        ),
        tooltip=canvas.tooltip(**{columns.heading(x).replace(" ", "_"): "name"}, Value="said"),
    )
    bar = base.mark_bar(cornerRadiusEnd=2).encode(
        y=alt.Y(field="value", type="quantitative", title=None).axis(
            format=canvas.axis_format(columns.figure(y, schema[y])), tickCount=5
        )
    )
    return alt.layer(bar)


def _subtitle(frame: pl.DataFrame, shown: pl.DataFrame, x: str, y: str) -> str:
    said = f"{columns.heading(y)} by {columns.heading(x).lower()}"
    return (
        said
        if shown.height == frame.height
        else f"{said}, first {shown.height:,} of {frame.height:,}"
    )
