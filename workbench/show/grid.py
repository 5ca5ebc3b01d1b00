"""The RFM grid: customers by recency and frequency score, with the named regions drawn in."""

import textwrap
from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words
from workbench.show.sentences import say_grid

_X, _Y = "recency_score", "frequency_score"


def grid(cells: pl.DataFrame) -> alt.LayerChart:
    """Draw a heat map of customers by recency score (across) and frequency score (up).

    `cells`: one row per pair of scores, with customers and the segment that the pair is
    named; lines part the segments, and each name stands once, in the middle of its region.
    """
    whole = _cells(cells)
    heat = _heat(whole)
    edges = alt.Chart(canvas.rows(_edges(whole))).mark_rule(color=theme.BRAND, strokeWidth=1.75)
    chart = (
        heat
        + edges.encode(
            x=alt.X(field="x", type="quantitative"),
            x2=alt.X2(field="x2"),
            y=alt.Y(field="y", type="quantitative"),
            y2=alt.Y2(field="y2"),
        )
        + _counts(whole)
        + _names(whole)
    )
    return canvas.finish(
        chart,
        title=say_grid(cells),
        subtitle="Customers by score; the highest score is the most recent and the most frequent",
        alt_text="A heat map of customers by recency score and frequency score, named by region",
        height=max(40 * whole[_Y].n_unique(), 380),
        least=330,
    )


def _cells(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.select(
        pl.col(_X, _Y).cast(pl.Int64),
        pl.col("customers"),
        segment=pl.col("segment").cast(pl.String),
        left=pl.col(_X) - 0.5,
        right=pl.col(_X) + 0.5,
        low=pl.col(_Y) - 0.5,
        high=pl.col(_Y) + 0.5,
        count=canvas.text(cells, "customers", words.count),
    )


def _heat(whole: pl.DataFrame) -> Any:
    return (
        alt.Chart(canvas.rows(whole))
        .mark_rect()
        .encode(
            x=_axis("left", whole[_X], "Recency score"),
            x2=alt.X2(field="right"),
            y=_axis("low", whole[_Y], "Frequency score"),
            y2=alt.Y2(field="high"),
            color=alt.Color(field="customers", type="quantitative", legend=None).scale(
                range=theme.HEAT, domainMin=0
            ),
            tooltip=canvas.tooltip(
                Segment="segment", Customers="count", Recency_score=_X, Frequency_score=_Y
            ),
        )
    )


def _axis(field: str, scores: pl.Series, title: str) -> Any:
    channel = alt.X if field == "left" else alt.Y
    low, high = int(scores.min()), int(scores.max())  # type: ignore[arg-type]
    return (
        channel(field=field, type="quantitative", title=title)
        .scale(domain=[low - 0.5, high + 0.5], nice=False, zero=False)
        .axis(values=list(range(low, high + 1)), format="d", grid=False)
    )


def _counts(whole: pl.DataFrame) -> Any:
    return _text(whole, "count").mark_text(dy=8, fontSize=12, color=theme.INK)


def _names(whole: pl.DataFrame) -> Any:
    lines = pl.col("segment").map_elements(_in_lines, return_dtype=pl.String)
    above = alt.expr("-9 - 13 * (length(split(datum.segment, '\\n')) - 1)")
    size = alt.expr("width < 400 ? 9 : 12")
    return _text(_middles(whole).with_columns(lines), "segment").mark_text(
        dy=above, lineBreak="\n", lineHeight=13, fontSize=size, fontWeight="bold", color=theme.BRAND
    )


def _in_lines(name: str) -> str:
    """Return a name in lines that are narrower than a cell."""
    return textwrap.fill(name, _FITS, break_long_words=False)


_FITS = 12


def _text(frame: pl.DataFrame, field: str) -> Any:
    return alt.Chart(canvas.rows(frame)).encode(
        x=alt.X(field=_X, type="quantitative"),
        y=alt.Y(field=_Y, type="quantitative"),
        text=alt.Text(field=field, type="nominal"),
    )


def _middles(whole: pl.DataFrame) -> pl.DataFrame:
    off = sum((pl.col(axis) - pl.col(axis).mean().over("segment")).pow(2) for axis in (_X, _Y))
    nearest = whole.sort(off, pl.col(_Y), pl.col(_X), descending=[False, True, True])
    return nearest.unique("segment", keep="first", maintain_order=True)


def _edges(whole: pl.DataFrame) -> pl.DataFrame:
    named = {(row[_X], row[_Y]): row["segment"] for row in whole.iter_rows(named=True)}
    lines = []
    for (x, y), name in named.items():
        if named.get((x + 1, y), name) != name:
            lines.append((x + 0.5, x + 0.5, y - 0.5, y + 0.5))
        if named.get((x, y + 1), name) != name:
            lines.append((x - 0.5, x + 0.5, y + 0.5, y + 0.5))
    return pl.DataFrame(lines, schema=["x", "x2", "y", "y2"], orient="row")
