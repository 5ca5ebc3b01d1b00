"""Two segmentations at once: customers of each combination, coloured by what they spend."""

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words


def crossing(pairs: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw a matrix of customers: a row per first segment, a column per second.

    `pairs`: one row per combination, with first, second, customers, customers_expected, sales,
    spend_per_customer and index. The colour is what a customer spends. A combination of nobody
    is an empty cell.
    """
    down, across = (_named(pairs, side) for side in ("first", "second"))
    base = alt.Chart(canvas.rows(_drawn(pairs))).encode(
        x=alt.X(field="second", type="nominal", sort=across, title=None).axis(
            orient="top",
            labelAngle=0,
            labelExpr="split(datum.label, ' ')",
            labelLimit=110,
            labelPadding=6 + 14 * max(name.count(" ") for name in across or [""]),
        ),
        y=alt.Y(field="first", type="nominal", sort=down, title=None).axis(labelLimit=180),
    )
    heat = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(field="heat", type="quantitative", legend=None).scale(
            range=theme.HEAT, domain=[0, 50, 100, 250], clamp=True
        ),
        tooltip=canvas.tooltip(
            First="first", Second="second", Customers="count", Expected="expected",
            Sales="sales", Spend_per_customer="spend",
        ),
    )  # fmt: skip
    count, spend = (alt.Text(field=name, type="nominal") for name in ("count", "spend"))
    above = base.mark_text(fontSize=12, dy=-6).encode(text=count)
    below = base.mark_text(fontSize=11, dy=9).encode(text=spend)
    return canvas.finish(
        alt.layer(heat, above, below),
        title=title,
        subtitle="Customers, and what one of them spends; the darker, the more",
        alt_text="A matrix of customers by the segments of two segmentations",
        height=44 * len(down),
        least=86 * len(across),
    )


def _named(pairs: pl.DataFrame, side: str) -> list[str]:
    there = set(pairs[side].cast(pl.String))
    return [name for name in canvas.order(pairs[side]) if name in there]


def _drawn(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        first=pl.col("first").cast(pl.String),
        second=pl.col("second").cast(pl.String),
        heat=pl.col("index").cast(pl.Float64),
        count=canvas.text(pairs, "customers", words.count),
        expected=canvas.text(pairs, "customers_expected", words.count),
        sales=canvas.text(pairs, "sales", words.money),
        spend=canvas.text(pairs, "spend_per_customer", words.money),
    )
