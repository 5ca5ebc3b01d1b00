"""A campaign's plan and pace in words and lines: what it should bring, and how far it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words
from workbench.show.fragment import Fragment
from workbench.show.tiles import Tile, tiles


def plan_tiles(figures: pl.DataFrame, roi: Sequence[float | None]) -> Fragment:
    """Return the figures of a plan as tiles, and the retailer's ROI, each with its interval.

    `figures`: one row per figure, with figure, expected, low and high (money). `roi`: expected,
    low, high.
    """
    money = [
        Tile(row["figure"], words.money(row["expected"]), _ends(row["low"], row["high"]))
        for row in figures.rows(named=True)
    ]
    back = Tile("ROI of the retailer", words.share(roi[0]), _ends(roi[1], roi[2], words.share))
    return tiles(*money, back)


def say_payers(payers: pl.DataFrame) -> str:
    """Say what each payer pays: one row per payer, with payer, cost, cost_low and cost_high."""
    said = words.join(
        f"{row['payer']} {words.money(row['cost'])} ({_ends(row['cost_low'], row['cost_high'])})"
        for row in payers.rows(named=True)
    )
    return said[:1].upper() + said[1:]


def pace(days: pl.DataFrame) -> alt.LayerChart:
    """Draw sales so far by day as a line, and the forecast with its interval as a band.

    `days`: one row per day, with day, sales, forecast, forecast_low and forecast_high, each all
    days up to it; the forecast may be null.
    """
    drawn = days.with_columns(
        date=canvas.text(days, "day", words.day),
        said=canvas.text(days, "sales", words.money),
        foreseen=canvas.text(days, "forecast", words.money),
    )
    base = alt.Chart(canvas.rows(drawn)).encode(
        x=alt.X(field="day", type="temporal", title=None).axis(
            grid=False, tickCount=8, format=canvas.DATES, labelOverlap=True, labelSeparation=8
        ),
        tooltip=canvas.tooltip(Day="date", Sales="said", Forecast="foreseen"),
    )
    known = base.transform_filter("isValid(datum.forecast)")
    band = known.mark_area(opacity=0.15, color=theme.QUIET).encode(
        y=_by("forecast_low"), y2=alt.Y2(field="forecast_high")
    )
    dashed = known.mark_line(strokeDash=[4, 3], color=theme.MUTED).encode(y=_by("forecast"))
    line = base.mark_line(color=theme.ACCENT, strokeWidth=3).encode(y=_by("sales"))
    return canvas.finish(
        alt.layer(band, dashed, line),
        title=say_pace(days),
        subtitle="Sales of the promoted products to those addressed, all days so far, before "
        "discounts; dashed: the forecast, grey: its 90% interval",
        alt_text="A line of sales so far by day, and a band of what was forecast",
        height=260,
    )


def say_pace(days: pl.DataFrame) -> str:
    """Say how sales so far stand to the forecast. `days` as `pace` takes them."""
    last = days.row(-1, named=True)
    said = f"{words.money(last['sales'])} sold in {words.some(days.height, 'day')}"
    if words.missing(last["forecast"]):
        return f"{said}; nothing was forecast"
    where = f"{words.money(last['forecast'])} were forecast by then"
    if last["sales"] > last["forecast_high"]:
        return f"{said}, more than expected: {where}"
    if last["sales"] < last["forecast_low"]:
        return f"{said}, less than expected: {where}"
    return f"{said}, as expected: {where}"


def say_lived(expected: Mapping[str, Any]) -> str:
    """Say what campaigns so far make one expect: campaigns, expected, low and high per customer."""
    if words.missing(expected["expected"]):
        return "No campaign so far tells what to expect"
    change, low, high = (words.gain(expected[name]) for name in ("expected", "low", "high"))
    many = words.some(expected["campaigns"], "measured campaign")
    return f"By {many} so far, one more changes sales by {change} per customer ({low} to {high})"


def say_stops(stops: pl.DataFrame) -> str:
    """Say whether a rule announced before stops a campaign: one row per rule, with its verdict."""
    met = stops.filter(pl.col("verdict") == "Stop")["rule"].to_list()
    if met:
        return f"Stop it, as was announced: {words.join(met)}"
    return "Go on: no stop rule is met" if stops.height else "No stop rule was announced"


def _by(field: str) -> alt.Y:
    return alt.Y(field=field, type="quantitative", title=None).axis(
        format=canvas.axis_format(words.money), tickCount=5
    )


def _ends(low: Any, high: Any, say: Callable[[Any], str] = words.money) -> str:
    if words.missing(low) or words.missing(high):
        return "cannot be told"
    return "no range told" if low == high else f"{say(low)} to {say(high)}"
