"""What a segment buys more of than all customers: indices with their lower bounds."""

import altair as alt
import polars as pl

from workbench.show import canvas, columns, theme, words
from workbench.show.sentences import item_column, say_index


def index(
    profile: pl.DataFrame, segment: str, *, top: int = 10, against: str = "all customers"
) -> alt.LayerChart:
    """Draw the items with the highest sure index: a dot at the index, a line to its bound.

    `profile`: one row per segment and item, with index (100 = those it is `against`) and
    index_low, its lower bound, null where the base is too small. Ranked by the bound.
    """
    item = item_column(profile)
    rows = profile.filter(pl.col("segment").cast(pl.String) == segment)
    best = _best(rows, item, top)
    names = best["item"].to_list()
    base = _lines_up(best, names, columns.heading(item))
    return canvas.finish(
        _average() + _bound(base, best, against) + _dots(base),
        title=say_index(profile, segment),
        subtitle=_subtitle(rows, len(names)),
        alt_text=_told(names, columns.heading(item)),
        height=max(34 * len(names), 60),
    )


def _told(names: list[str], item: str) -> str:
    if not names:
        return f"No {item.lower()} has a base large enough for an index"
    return f"Dots show the index of {words.join(names[:5])}, lines reach down to its bound"


def _lines_up(best: pl.DataFrame, names: list[str], item: str) -> alt.Chart:
    return alt.Chart(canvas.rows(best)).encode(
        y=alt.Y(field="item", type="nominal", sort=names, title=None).axis(labelLimit=220),
        color=alt.Color(field="sure", type="nominal", legend=None).scale(
            domain=[True, False], range=[theme.ACCENT, theme.QUIET]
        ),
        tooltip=canvas.tooltip(
            **{item.replace(" ", "_"): "item"},
            Index="said", At_least="least", Penetration="penetration", Share_of_sales="share",
        ),
    )  # fmt: skip


def _average() -> alt.Chart:
    base = alt.Chart(canvas.rows(pl.DataFrame({"at": [100]})))
    return base.mark_rule(strokeDash=[4, 3]).encode(x=_at("at"))


def _bound(base: alt.Chart, best: pl.DataFrame, against: str) -> alt.Chart:
    title = f"Index ({against} = 100)"
    across = alt.X(field="index_low", type="quantitative", title=title)
    across = across.scale(
        zero=False, nice=False, domain=_domain(best), range=canvas.beside(best["said"])
    )
    across = across.axis(tickCount=6, format=",d", titleAnchor="end", labelOverlap=True)
    return base.mark_rule(strokeWidth=4, opacity=0.45).encode(x=across, x2=alt.X2(field="index"))


def _dots(base: alt.Chart) -> alt.LayerChart:
    dot = base.mark_point(size=110, opacity=1).encode(x=_at("index"))
    said = alt.Text(field="said", type="nominal")
    label = base.mark_text(align="left", dx=11).encode(
        x=_at("index"), text=said, color=alt.value(theme.INK)
    )
    return dot + label


def _best(rows: pl.DataFrame, item: str, top: int) -> pl.DataFrame:
    ranked = rows.drop_nulls("index_low").sort("index_low", descending=True, maintain_order=True)
    best = ranked.head(top)
    return best.select(
        pl.col("index", "index_low").cast(pl.Float64),
        item=pl.col(item).cast(pl.String).fill_null("Unknown"),
        sure=pl.col("index_low") > 100,
        said=canvas.text(best, "index", words.count),
        least=canvas.text(best, "index_low", words.count),
        penetration=canvas.text(best, "penetration", words.share),
        share=canvas.text(best, "sales_share", words.share),
    )


def _domain(best: pl.DataFrame) -> list[float]:
    low = best["index_low"].min()
    high = best["index"].max()
    left, right = min(100.0, float(low or 100)), max(110.0, float(high or 110))  # type: ignore[arg-type]
    return [left - 0.03 * (right - left), right]


def _subtitle(rows: pl.DataFrame, shown: int) -> str:
    small = rows["index_low"].null_count()
    left_out = f"; {small} with too small a base left out" if small else ""
    ranked = f"The first {shown} of {rows.height:,}, ranked by the lower bound{left_out}"
    return f"{ranked}. Grey: not surely above average"


def _at(field: str) -> alt.X:
    return alt.X(field=field, type="quantitative")
