"""A change taken apart: bars that start where the last one ended, and the whole at the end."""

from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words

WHOLE = "Change"


def waterfall(
    parts: pl.DataFrame,
    *,
    x: str,
    y: str,
    title: str | None = None,
    top: int = 14,
    since: str = "the period before",
) -> alt.LayerChart:
    """Draw parts that add up: one row per part, in their order, and their sum as the last bar.

    Parts of nothing are left out; beyond the `top` largest, the rest is one bar. `since` says
    what the change is measured against.
    """
    steps = _steps(parts.select(name=pl.col(x).cast(pl.String), value=pl.col(y)), top)
    base = alt.Chart(canvas.rows(steps)).encode(
        y=alt.Y(field="name", type="nominal", sort=None, title=None).axis(labelLimit=300),
        tooltip=canvas.tooltip(Part="name", **{columns.heading(y): "said"}),
    )
    return canvas.finish(
        _zero() + _bars(base, steps) + _labels(base),
        title=title or say_waterfall(parts, x=x, y=y),
        subtitle=f"{columns.heading(y)} since {since}; each bar starts where the last one ended",
        alt_text=f"Bars take the change apart by {columns.heading(x).lower()}",
        height=28 * steps.height,
    )


def say_waterfall(parts: pl.DataFrame, *, x: str, y: str) -> str:
    """Say how much changed in all, with the largest part up and the largest down, if any."""
    ranked = parts.filter(pl.col(y) != 0).sort(y, descending=True, maintain_order=True)
    if ranked.is_empty():
        return "Nothing changed"
    ends = [ranked.filter(pl.col(y) > 0).head(1), ranked.filter(pl.col(y) < 0).tail(1)]
    said = [f"{name} {words.gain(value)}" for name, value in pl.concat(ends).select(x, y).rows()]
    return f"{words.gain(parts[y].sum())} in all; most from {words.join(said)}"


def _steps(parts: pl.DataFrame, top: int) -> pl.DataFrame:
    moved = parts.filter(pl.col("value") != 0)
    size = pl.col("value").abs().rank("ordinal", descending=True)
    large, rest = moved.filter(size <= top), moved.filter(size > top)
    tail = [("All others", rest["value"].sum())] if rest.height else []
    rows = [*large.rows(), *tail]
    ends = pl.Series([float(value) for _, value in rows], dtype=pl.Float64).cum_sum()
    starts = [0.0, *ends.to_list()]
    whole = (WHOLE, parts["value"].sum())
    shown = [(*row, start, end) for row, start, end in zip(rows, starts, ends, strict=False)]
    drawn = [_bar(*each) for each in shown] + [_bar(*whole, 0.0, float(whole[1]))]
    return pl.DataFrame(drawn, schema=_DRAWN, orient="row")


def _bar(name: str, value: Any, start: float, end: float) -> tuple[Any, ...]:
    kind = WHOLE if name == WHOLE else "Gain" if value > 0 else "Loss"
    return name, start, end, max(start, end), words.gain(value), kind


_DRAWN = {
    "name": pl.String,
    "start": pl.Float64,
    "end": pl.Float64,
    "at": pl.Float64,
    "said": pl.String,
    "kind": pl.String,
}


def _bars(base: alt.Chart, steps: pl.DataFrame) -> alt.Chart:
    kinds = {"Gain": theme.ACCENT, "Loss": theme.PALETTE[1], WHOLE: theme.QUIET}
    colour = alt.Color(field="kind", type="nominal", sort=None, title=None).scale(
        domain=list(kinds), range=list(kinds.values())
    )
    across = alt.X(field="start", type="quantitative", title=None)
    across = across.axis(format="$,.0f", tickCount=5, labelOverlap=True).scale(
        domain=_domain(steps), nice=False, range=canvas.beside(steps["said"])
    )
    bar = base.mark_bar(height={"band": 0.7})
    return bar.encode(x=across, x2=alt.X2(field="end"), color=colour)


def _domain(steps: pl.DataFrame) -> list[float]:
    """Return the ends of the axis."""
    ends = [0.0, *steps["start"], *steps["end"]]
    low, high = min(ends), max(ends)
    return [low, high] if high > low else [0.0, 1.0]


def _labels(base: alt.Chart) -> alt.Chart:
    at = alt.X(field="at", type="quantitative")
    text = base.mark_text(align="left", dx=5, color=theme.MUTED)
    return text.encode(x=at, text=alt.Text(field="said", type="nominal"))


def _zero() -> alt.Chart:
    line = alt.Chart(canvas.rows(pl.DataFrame({"zero": [0]}))).mark_rule(color=theme.LINE)
    return line.encode(x=alt.X(field="zero", type="quantitative"))
