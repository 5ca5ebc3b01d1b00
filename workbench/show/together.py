"""What is bought together: a small matrix of items, the darker the more beyond chance."""

from collections import Counter

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words


def together(pairs: pl.DataFrame, *, title: str, top: int = 10) -> alt.LayerChart:
    """Draw the items of the first pairs against each other, at most `top` of them.

    `pairs`: one row per pair, the most important first, with first, second, lift, lift_low,
    confidence_share and together. A pair that is not there is an empty cell.
    """
    names = _items(pairs, top)
    drawn = _drawn(pairs, names)
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="across", type="nominal", sort=names, title=None).axis(
            orient="top", labelAngle=-90, labelLimit=260
        ),
        y=alt.Y(field="down", type="nominal", sort=names, title=None).axis(labelLimit=260),
    )
    heat = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(field="least", type="quantitative", legend=None).scale(
            type="log", domain=[1, 2, 4, 16], range=theme.HEAT, clamp=True
        ),
        tooltip=canvas.tooltip(
            One="down", Other="across", Together="count", Lift="said", Lift_at_least="sure"
        ),
    )
    said = base.mark_text(fontSize=11, color=theme.INK).encode(
        text=alt.Text(field="said", type="nominal")
    )
    return canvas.finish(
        alt.layer(heat, said),
        title=title,
        subtitle="Times as often together as by chance; the darker, the more at least. "
        "An empty cell: too rare together to say",
        alt_text="A matrix of items that are bought together, with their lift",
        height=34 * max(len(names), 2),
        least=60 * len(names) + 200,
    )


def _items(pairs: pl.DataFrame, top: int) -> list[str]:
    """Return the items of the first pairs, those next to each other that go together."""
    seen: Counter[str] = Counter()
    for pair in pairs.select("first", "second").head(4 * top).rows():
        if len(seen.keys() | set(pair)) <= top:
            seen.update(pair)
    return list(seen)


def _drawn(pairs: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    inside = pairs.filter(pl.col("first").is_in(names), pl.col("second").is_in(names))
    told = inside.select(
        "first",
        "second",
        least=pl.col("lift_low").clip(1),
        said=canvas.text(inside, "lift", words.number),
        sure=canvas.text(inside, "lift_low", words.number),
        count=canvas.text(inside, "together", columns.figure("together", pl.Int64())),
    )
    return pl.concat(
        [
            told.rename({"first": "down", "second": "across"}),
            told.rename({"second": "down", "first": "across"}).select(
                "down", "across", pl.exclude("down", "across")
            ),
        ]
    )
