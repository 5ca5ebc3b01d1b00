"""A tree of items: what stands in for what, branches joined the further left the less alike."""

from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words


def tree(items: pl.DataFrame, joins: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw items as the leaves of a tree, one colour for each of its groups.

    `items`: one row per item, with place, item, need and buyers. `joins`: one row per join of
    two branches, with first_place, second_place, first_q, second_q and q.
    """
    leaves = items.select(
        at=pl.col("place").cast(pl.Float64),
        name=pl.format("{} · {}", "need", "item"),
        need="need",
        said=canvas.text(items, "buyers", words.count),
    )
    high = alt.Scale(domain=[-0.6, items.height - 0.4], nice=False, reverse=True)
    low = min([0.0, *joins["q"].to_list()])
    across = alt.Scale(domain=[low - 0.03, 1], nice=False)
    base = alt.Chart(canvas.rows(_branches(joins))).encode(
        x=alt.X(field="from", type="quantitative", scale=across, title="Q").axis(
            format="%", tickCount=6, labelOverlap=True
        ),
        x2=alt.X2(field="to"),
        y=alt.Y(field="at", type="quantitative", scale=high, axis=None),
        y2=alt.Y2(field="until"),
    )
    names = alt.Chart(canvas.rows(leaves)).encode(
        x=alt.datum(1.0),
        y=alt.Y(field="at", type="quantitative", scale=high, axis=None),
        color=alt.Color(field="need", type="nominal", legend=None).scale(range=theme.PALETTE),
        tooltip=canvas.tooltip(Item="name", Buyers="said"),
    )
    dot = names.mark_point(size=70, opacity=1)
    label = names.mark_text(align="left", dx=9).encode(text=alt.Text(field="name", type="nominal"))
    return canvas.finish(
        alt.layer(base.mark_rule(color=theme.QUIET, strokeWidth=1.5), dot, label),
        title=title,
        subtitle="Items whose branches meet near the right are bought by the same customers, "
        "not at the same time; the letter and colour is the need",
        alt_text=f"A tree of {items.height} items, joined where the same customers buy them",
        height=max(20 * items.height, 80),
        least=900,
    )


def _branches(joins: pl.DataFrame) -> pl.DataFrame:
    """Return three lines per join: along each branch, and across both."""
    arms: list[dict[str, Any]] = [
        {"from": q, "to": "q", "at": at, "until": at}
        for at, q in (("first_place", "first_q"), ("second_place", "second_q"))
    ]
    arms.append({"from": "q", "to": "q", "at": "first_place", "until": "second_place"})
    return pl.concat(
        joins.select(**{key: pl.col(name) for key, name in arm.items()}) for arm in arms
    )
