"""Retention: a heat map of cohorts by months since they joined, with gaps for what is not over."""

from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words


def retention(table: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw a row per cohort and a column per month of age, with the share who came.

    `table`: one row per cohort (a date) and age, with customers, active, retention_share and
    truncated. A null is a gap; a cohort that is marked truncated has a star. Age 0, where
    everybody came by definition, is the cohort's size instead.
    """
    cells = _cells(table)
    cohorts = cells["cohort"].unique(maintain_order=True).to_list()
    base = alt.Chart(canvas.rows(cells)).encode(
        x=alt.X(field="age", type="ordinal", title="Months since the first visit").axis(
            orient="top", labelAngle=0
        ),
        y=alt.Y(field="cohort", type="nominal", sort=cohorts, title="First visit in").axis(
            labelLimit=140
        ),
    )
    starred = table["truncated"].any()
    return canvas.finish(
        _heat(base) + _said(base),
        title=title,
        subtitle="Share of each cohort who came in that month; the first column counts them"
        + ("; * there when the data begins, joined earlier" if starred else ""),
        alt_text="A heat map of retention by cohort and months since the first visit",
        height=max(32 * len(cohorts), 80),
        least=48 * table["age"].n_unique(),
    )


def _cells(table: pl.DataFrame) -> pl.DataFrame:
    months = [f"{day:%b %Y}" for day in table["cohort"]]
    share = pl.col("retention_share").cast(pl.Float64)
    later = pl.col("age") > 0
    return table.select(
        "age",
        cohort=pl.Series(months, dtype=pl.String)
        + pl.when("truncated").then(pl.lit(" *")).otherwise(pl.lit("")),
        share=pl.when(later).then(share),
        came=canvas.text(table, "active", words.count),
        of=canvas.text(table, "customers", words.count),
        percent=canvas.text(table, "retention_share", words.share),
        known=share.is_not_null(),
    ).with_columns(said=pl.when(later).then("percent").otherwise("of"))


def _heat(base: alt.Chart) -> Any:
    return (
        base.mark_rect(cornerRadius=2)
        .encode(
            color=alt.Color(field="share", type="quantitative", legend=None).scale(
                range=theme.HEAT, domain=[0, 1]
            ),
            tooltip=canvas.tooltip(
                First_visit_in="cohort", Months_since="age", Came="came", Of="of", Share="percent"
            ),
        )
        .transform_filter("datum.share !== null")
    )


def _said(base: alt.Chart) -> Any:
    text = base.mark_text(fontSize=12, color=theme.INK)
    return text.encode(text=alt.Text(field="said", type="nominal")).transform_filter("datum.known")
