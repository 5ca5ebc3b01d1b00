"""Weather: how each area's sales of a category answer to days warmer than their season's norm."""

from statistics import NormalDist
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch
from workbench.data.shop import Shop
from workbench.measures.assortment.season import Daily
from workbench.measures.chance import Z95

DEGREES, APART, FEWEST, SURE = 5, 14, 300, 0.05
MORE, LESS, NONE = "sells more", "sells less", "no answer for certain"
HEADINGS = {
    "segment": "Area",
    "answer_share": "Five degrees warmer",
    "placebo_share": "Placebos as strong",
}
DEFINITION = {
    "Norm": "the temperature of the day by the year's course: two waves a year and a straight "
    "line; the deviation from it is the weather, mean of the area's stores",
    "Answer": "change of a day's sales of the category when it is 5 degrees Celsius warmer than "
    "the norm: log-linear, beside the year's course, the days of the week and the rain",
    "Placebo": "the same deviations moved by 14 days or more along the year: sales cannot answer "
    "to another day's weather, so what they seem to answer is chance. The 95 % interval is 1.96 "
    "times the spread of these",
    "For certain": "the answer is so far outside its placebos that, times the number of answers "
    "looked at, chance is under 5 %",
}
ANSWERS: Any = {"segment": pl.String, "category": pl.String, "days": pl.Int64}
ANSWERS |= dict.fromkeys(("answer_share", "low_share", "high_share", "placebo_share"), pl.Float64)
ANSWERS |= {"reading": pl.String}


def answers(shop: Shop, found: Daily) -> pl.DataFrame:
    """Return one row per area and category with sales: how sales answer to 5 degrees more.

    Columns: segment, category, days, answer_share (change of sales), low_share, high_share (95 %),
    placebo_share (of the placebos, as strong) and reading; the strongest first. Without the table
    `weather`, or with fewer than 300 days of it in an area, there is no row.
    """
    told = [row for area in sorted(set(found.areas)) for row in _of_area(shop, found, area)]
    answers = pl.DataFrame(told, ANSWERS, orient="row")
    z = NormalDist().inv_cdf(1 - SURE / 2 / max(len(told), 1)) / Z95
    middle, low = pl.col("answer_share").log1p(), pl.col("low_share").log1p()
    sure = middle.abs() > (middle - low) * z
    reading = pl.when(sure & (middle > 0)).then(pl.lit(MORE)).when(sure).then(pl.lit(LESS))
    return answers.with_columns(reading=reading.otherwise(pl.lit(NONE))).sort(
        middle.abs() / (middle - low), "segment", "category", descending=[True, False, False]
    )


def say_answers(told: pl.DataFrame) -> str:
    """Return how many categories answer to the weather, or that there is none to answer to."""
    if told.is_empty():
        return "The data holds no year of weather: deliver the temperature of each store and day"
    sure = told.filter(pl.col("reading") != NONE)
    head = f"{sure.height} of {told.height} areas and categories surely answer to warmer days"
    if sure.is_empty():
        return head
    first = sure.row(0, named=True)
    return (
        f"{head}; the surest is {first['category']} in {first['segment']}: "
        f"{first['answer_share']:+.1%} for {DEGREES} degrees more"
    )


def _of_area(shop: Shop, found: Daily, area: str) -> list[list[Any]]:
    days = _weather(shop, found, area)
    if days.height < FEWEST:
        return []
    at = (days["day"] - found.window.first).dt.total_days().to_numpy()
    course = _course(at)
    weekday = np.eye(7)[days["day"].dt.weekday().to_numpy() - 1][:, 1:]
    warm = days["temperature"].to_numpy() / 10
    warmer = (warm - course @ np.linalg.lstsq(course, warm)[0]) / DEGREES
    rain = np.nan_to_num(days["rain"].cast(pl.Float64).to_numpy()) / 10
    beside = np.column_stack([course[:, 1:], weekday, rain / max(rain.std(), 1)])
    inside = np.array(found.areas) == area
    sales = found.sales[:, inside][:, :, at].sum(axis=1).clip(0)
    return [
        [area, name, len(at), *_answer(own / own.mean(), beside, warmer), None]
        for name, own in zip(found.categories, sales, strict=True)
        if own.sum() > 0
    ]


def _weather(shop: Shop, found: Daily, area: str) -> pl.DataFrame:
    """Return one row per day of an area: mean temperature and rain of its stores, in tenths."""
    if not shop.has("weather"):
        return pl.DataFrame(schema={"day": pl.Date})
    own = [s for s, segment in zip(found.stores, found.areas, strict=True) if segment == area]
    days = nw.col("day").is_between(found.window.first, found.window.last)
    asked = shop.table("weather").filter(days, nw.col("store_id").is_in(own)).group_by("day")
    means = {name: nw.col(name).cast(nw.Float64).mean() for name in ("temperature", "rain")}
    return fetch(asked.agg(**means), by=["day"])


def _course(at: Any) -> Any:
    """Return the year's course at some days: a level, a line, and two waves a year."""
    turns = 2 * np.pi * np.outer(at, [1, 2]) / 365.25
    return np.column_stack([np.ones(len(at)), at / 365.25, np.sin(turns), np.cos(turns)])


def _answer(own: Any, beside: Any, warmer: Any) -> list[float]:
    """Return the answer with its interval, and the share of placebos as strong."""
    from sklearn.linear_model import PoissonRegressor

    model: Any = PoissonRegressor(alpha=0, max_iter=1000, tol=1e-6)
    usual = model.fit(beside, own).predict(beside)
    slope = model.fit(np.column_stack([beside, warmer]), own).coef_[-1]
    moved = np.array([np.roll(warmer, n) for n in (0, *range(APART, len(own) - APART))])
    steps = moved @ (own - usual) / (moved**2 @ usual)
    reach = Z95 * steps[1:].std()
    ends = np.expm1([slope, slope - reach, slope + reach])
    return [*map(float, ends), float((np.abs(steps[1:]) >= abs(steps[0])).mean())]
