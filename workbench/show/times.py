"""When people shop: a heat map of weekdays and hours."""

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words


def times(hours: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw visits by hour (across) and weekday (down), the darker the more.

    `hours`: one row per weekday and hour, with visits, visits_share and basket_value. Hours in
    which nobody came on any day are left out at both ends of the day.
    """
    open_hours = hours.filter(pl.col("visits") > 0)["hour"]
    first, last = (open_hours.min(), open_hours.max()) if open_hours.len() else (0, 23)
    drawn = _drawn(hours.filter(pl.col("hour").is_between(first, last)))
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="hour", type="ordinal", title="Hour of the day").axis(labelAngle=0),
        y=alt.Y(field="weekday", type="nominal", sort=canvas.order(hours["weekday"]), title=None),
    )
    heat = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(field="visits", type="quantitative", legend=None).scale(
            range=theme.HEAT, domainMin=0
        ),
        tooltip=canvas.tooltip(
            Weekday="weekday", Hour="hour", Visits="count", Share="share", Basket="basket"
        ),
    )
    said = base.mark_text(fontSize=10, color=theme.INK).encode(
        text=alt.Text(field="percent", type="nominal")
    )
    return canvas.finish(
        alt.layer(heat, said),
        title=title,
        subtitle="Share of all visits in percent by weekday and hour of the shops' own clock",
        alt_text="A heat map of visits by weekday and hour",
        height=34 * hours["weekday"].n_unique(),
        least=24 * drawn["hour"].n_unique() + 120,
    )


def _drawn(hours: pl.DataFrame) -> pl.DataFrame:
    share = pl.col("visits_share")
    return hours.select(
        "hour",
        "visits",
        weekday=pl.col("weekday").cast(pl.String),
        count=canvas.text(hours, "visits", words.count),
        share=canvas.text(hours, "visits_share", words.share),
        basket=canvas.text(hours, "basket_value", words.money),
        percent=pl.when(share >= 0.001).then((100 * share).round(1).cast(pl.String)).fill_null(""),
    )
