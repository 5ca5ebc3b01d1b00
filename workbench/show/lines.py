"""How segments went over the last periods: the chosen one in colour, the others behind it."""

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words


def lines(
    steps: pl.DataFrame,
    segment: str,
    *,
    y: str = "customers",
    about: str = "",
    each: str = "segment",
) -> alt.LayerChart:
    """Draw the measure `y` of each segment by the last day of each period.

    `steps`: one row per period and segment, with last_day and `y`, as a trend returns it. The
    chosen segment is in colour with its figures, every other is a grey line. A null is a gap.
    `about` names what the figures are of, such as a category, and `each` what a line stands for.
    """
    drawn = _drawn(steps, segment, y)
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="ends", type="ordinal", title="Period up to", sort=None).axis(labelAngle=0),
        y=alt.Y(field="value", type="quantitative", title=None).axis(
            format=canvas.axis_format(columns.figure(y, steps.schema[y])), tickCount=5
        ),
        detail=alt.Detail(field="segment", type="nominal"),
        tooltip=canvas.tooltip(
            **{each.capitalize(): "segment"},
            Period_up_to="ends",
            **{columns.heading(y).replace(" ", "_"): "said"},
        ),
    )
    others, own = (base.transform_filter(f"{sign}datum.own") for sign in ("!", ""))
    grey, bold = _line(others, theme.QUIET, 1.5), _line(own, theme.ACCENT, 3)
    named = f"{about}: " if about else ""
    said = own.mark_text(dy=-14, color=theme.INK).encode(text=alt.Text(field="said"))
    return canvas.finish(
        alt.layer(grey, bold, said),
        title=named + say_lines(steps, segment, y=y),
        subtitle=f"{columns.heading(y)} of {segment} by period; grey: the other {each}s",
        alt_text=f"{named}Lines of {columns.heading(y).lower()} over the last periods, "
        f"one per {each}",
        height=280,
    )


def say_lines(steps: pl.DataFrame, segment: str, *, y: str = "customers") -> str:
    """Say from what to what a segment's measure went, from the first period to the last."""
    own = steps.filter(pl.col("segment").cast(pl.String) == segment).sort("last_day")
    say = columns.figure(y, steps.schema[y])
    known = own.drop_nulls(y)
    if known.is_empty():
        return f"{segment} cannot be observed in these periods"
    first, last = known[y][0], known[y][-1]
    if known.height == 1:
        return f"{columns.heading(y)} of {segment}: {say(last)}"
    went = f"{columns.heading(y)} of {segment} went from {say(first)} to {say(last)}"
    changed = words.change(last, first)
    return went if changed == words.DASH else f"{went} ({changed})"


def _drawn(steps: pl.DataFrame, segment: str, y: str) -> pl.DataFrame:
    ordered = steps.sort("last_day", maintain_order=True)
    return ordered.select(
        segment=pl.col("segment").cast(pl.String),
        own=pl.col("segment").cast(pl.String) == segment,
        ends=canvas.text(ordered, "last_day", words.day),
        value=pl.col(y).cast(pl.Float64),
        said=canvas.text(ordered, y, columns.figure(y, steps.schema[y])),
    )


def _line(base: alt.Chart, color: str, width: float) -> alt.Chart:
    dot = alt.OverlayMarkDef(color=color, size=20 * width, opacity=1)
    return base.mark_line(color=color, strokeWidth=width, point=dot)
