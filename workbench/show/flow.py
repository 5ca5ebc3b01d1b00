"""Who moved: the matrix of segments in the period before and now, in customers."""

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words
from workbench.show.sentences import LOST, NEW, say_flow


def flow(moves: pl.DataFrame, *, title: str | None = None) -> alt.LayerChart:
    """Draw the migration matrix: a row per segment before, a column per segment now.

    `moves`: one row per pair of segments, with customers and customers_share (the fraction of
    the row); New before and Lost after. The diagonal, which stayed, is framed. A segment that
    nobody was in, before or now, is left out.
    """
    before, after = _named(moves, "before"), _named(moves, "after")
    base = _matrix(_cells(moves, before, after), before, after)
    return canvas.finish(
        _heat(base) + _stayed(base) + _numbers(base),
        title=title or say_flow(moves),
        subtitle="Customers, and their share of the row; the frame marks those who stayed",
        alt_text="A matrix of customers by segment in the period before and segment now",
        height=44 * len(before),
        least=86 * len(after),
    )


def _matrix(cells: pl.DataFrame, before: list[str], after: list[str]) -> alt.Chart:
    across = alt.X(field="after", type="nominal", sort=after, title="Now").axis(
        orient="top",
        labelAngle=0,
        labelExpr="split(datum.label, ' ')",
        labelLimit=110,
        labelPadding=6 + 14 * max(name.count(" ") for name in after),
    )
    down = alt.Y(field="before", type="nominal", sort=before, title="Before").axis(labelLimit=140)
    return alt.Chart(canvas.rows(cells)).encode(x=across, y=down)


def _heat(base: alt.Chart) -> alt.Chart:
    return base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(field="share", type="quantitative", legend=None).scale(
            range=theme.HEAT, domain=[0, 0.25, 0.5, 1]
        ),
        tooltip=canvas.tooltip(
            Before="before", Now="after", Customers="count", Share_of_row="percent",
            Sales_before="sales_before", Sales_now="sales_after",
        ),
    )  # fmt: skip


def _stayed(base: alt.Chart) -> alt.Chart:
    frame = base.mark_rect(filled=False, stroke=theme.BRAND, strokeWidth=2, cornerRadius=2)
    return frame.transform_filter("datum.stayed")


def _numbers(base: alt.Chart) -> alt.LayerChart:
    count, percent = (alt.Text(field=name, type="nominal") for name in ("count", "percent"))
    above = base.mark_text(fontSize=12, dy=-6).encode(text=count)
    below = base.mark_text(fontSize=11, dy=9, color=theme.MUTED).encode(text=percent)
    alone = base.mark_text(fontSize=12, color=theme.MUTED).encode(text=count)
    return (
        above.transform_filter("datum.percent !== ''")
        + below.transform_filter("datum.percent !== ''")
        + alone.transform_filter("datum.percent === ''")
    )


def _named(moves: pl.DataFrame, side: str) -> list[str]:
    """Return the segments of a side in their order, with New or Lost, without the empty ones."""
    there = moves.filter(pl.col("customers") > 0)
    seen = {*there["before"].cast(pl.String), *there["after"].cast(pl.String), NEW, LOST}
    return [name for name in canvas.order(moves[side]) if name in seen]


def _cells(moves: pl.DataFrame, before: list[str], after: list[str]) -> pl.DataFrame:
    pairs = [{"before": was, "after": now} for was in before for now in after]
    kinds = {"before": pl.String, "after": pl.String}
    whole = pl.DataFrame(pairs, kinds).join(
        moves.with_columns(pl.col("before", "after").cast(pl.String)),
        on=["before", "after"],
        how="left",
        validate="1:1",
        maintain_order="left",
    )
    seen = (pl.col("before") != NEW) | (pl.col("after") != LOST)
    whole = whole.with_columns(customers=pl.when(seen).then(pl.col("customers").fill_null(0)))
    return whole.select(
        "before",
        "after",
        share=pl.when(pl.col("customers") > 0).then(pl.col("customers_share").cast(pl.Float64)),
        stayed=pl.col("before") == pl.col("after"),
        count=canvas.text(whole, "customers", words.count),
        percent=_percent(whole),
        sales_before=canvas.text(whole, "sales_before", words.money),
        sales_after=canvas.text(whole, "sales_after", words.money),
    )


def _percent(whole: pl.DataFrame) -> pl.Series:
    said = [
        words.share(row["customers_share"]) if row["customers"] else ""
        for row in whole.iter_rows(named=True)
    ]
    return pl.Series(said, dtype=pl.String)
