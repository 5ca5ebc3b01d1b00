"""What each segment is worth: its share of customers, sales and margin, side by side."""

from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words
from workbench.show.sentences import UNLABELLED, say_weight

_SHARES = {
    "customers_share": "Customers",
    "sales_share": "Sales",
    "margin_share": "Margin",
}


def weight(worth: pl.DataFrame) -> alt.LayerChart:
    """Draw grouped bars of the shares of customers, sales and margin, one group per segment.

    `worth`: one row per segment in its order, shares as fractions of the whole. A share that
    cannot be observed is null and drawn as a dash. Unlabelled comes last, greyed.
    """
    order = [name for name in canvas.order(worth["segment"]) if name in set(worth["segment"])]
    bars = _bars(worth)
    top = max(bars["share"].drop_nulls().to_list(), default=1.0)
    base = alt.Chart(canvas.rows(bars)).encode(
        y=alt.Y(field="segment", type="nominal", sort=order, title=None).axis(labelLimit=180),
        yOffset=alt.YOffset(field="measure", type="nominal", sort=list(theme.MEASURES)),
        tooltip=canvas.tooltip(Segment="segment", Measure="measure", Share="text", Amount="amount"),
    )
    bar = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X(field="share", type="quantitative", title=None)
        .axis(format="%", tickCount=5)
        .scale(domain=[0, top], nice=False, range=canvas.beside(bars["text"])),
        color=_colour(),
        opacity=_greyed(),
    )
    label = base.mark_text(align="left", dx=5, fontSize=11).encode(
        x=alt.X(field="at", type="quantitative"),
        text=alt.Text(field="text", type="nominal"),
        color=alt.value(theme.MUTED),
    )
    return canvas.finish(
        bar + label,
        title=say_weight(worth),
        subtitle=_denominator(worth),
        alt_text="Bars compare the share of customers, sales and margin of each segment",
        height=52 * len(order),
    )


def _bars(worth: pl.DataFrame) -> pl.DataFrame:
    parts = [
        worth.select(
            segment=pl.col("segment").cast(pl.String),
            measure=pl.lit(name),
            share=pl.col(column).cast(pl.Float64),
            at=pl.col(column).cast(pl.Float64).fill_null(0),
            grey=pl.col("segment").cast(pl.String) == UNLABELLED,
            text=canvas.text(worth, column, words.share),
            amount=_amount(worth, column.removesuffix("_share")),
        )
        for column, name in _SHARES.items()
    ]
    return pl.concat(parts)


def _amount(worth: pl.DataFrame, column: str) -> pl.Series:
    said = words.count if column == "customers" else words.money
    return canvas.text(worth, column, said)


def _denominator(worth: pl.DataFrame) -> str:
    said = "Share of all customers, all sales and all margin in the period"
    return f"{said}; {UNLABELLED}: no card or no label" if _has_rest(worth) else said


def _has_rest(worth: pl.DataFrame) -> bool:
    return UNLABELLED in worth["segment"].cast(pl.String).to_list()


def _colour() -> alt.Color:
    scale = alt.Scale(domain=list(theme.MEASURES), range=list(theme.MEASURES.values()))
    return alt.Color(field="measure", type="nominal", scale=scale, sort=list(theme.MEASURES))


def _greyed() -> Any:
    return alt.condition("datum.grey", alt.value(0.35), alt.value(1))
