"""Season and weather: areas that begin apart or together, and sales that answer or do not."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shops import HEADER, deliver

from workbench.data import Period, Shop, open_shop
from workbench.data.shop import NotCovered
from workbench.door import corner
from workbench.measures.assortment.season import (
    EARLIER,
    LATER,
    SAME,
    UNKNOWN,
    Daily,
    daily,
    say_starts,
    season,
    starts,
)
from workbench.measures.assortment.weather import MORE, NONE, answers, say_answers

FIRST, LAST, DAYS = dt.date(2025, 3, 3), dt.date(2026, 3, 1), 364
YEAR = Period(FIRST, LAST)
AREAS = ["Area 1"] * 5 + ["Area 2"] * 5
STORES = pl.DataFrame({"store": ["N", "S"], "segment": ["Area 1", "Area 2"]})
WEATHER = (
    "  weather:\n    file: weather.csv\n    columns: {store: shop, day: day, temperature: mean}\n"
)


def simulated(weeks_ahead: int, peak: float = 8.0) -> Daily:
    """Return a year of ice with a season, in Area 2 so many weeks ahead, and of salt without."""
    rng, day = np.random.default_rng(1), np.arange(DAYS)
    moved = [7 * weeks_ahead * (area == "Area 2") for area in AREAS]
    ice = [30 * (1 + peak * np.exp(-(((day + m - 180) / 20) ** 2))) for m in moved]
    sales = rng.poisson([ice, np.full((len(AREAS), DAYS), 30)]).astype(float)
    rest = rng.poisson(3000, sales[0].shape)
    whole = sales.sum(axis=0) + rest
    return Daily(YEAR, ["ice", "salt"], list(range(1, 11)), AREAS, sales, whole)


def open_year(home: Path, mapping: str = corner.MAPPING, **files: str) -> Shop:
    """Return a year of bread in N and S, with wine once in S; fuel is left out."""
    rows = [HEADER]
    for week in range(52):
        day = FIRST + dt.timedelta(weeks=week)
        rows += [f"{week}{s},,bread,{s},{day} 12:00:00,1,2.00,0.00" for s in "NS"]
    rows.append(f"w,,wine,S,{LAST} 12:00:00,1,6.00,0.00")
    deliver(home, receipts="\n".join([*rows, ""]), mapping=mapping, **files)
    return open_shop(home)


@pytest.mark.parametrize(("weeks", "reading"), [(3, EARLIER), (-2, LATER), (0, SAME)])
def test_an_area_that_begins_earlier_later_or_together_is_said_to(weeks: int, reading: str) -> None:
    """The weeks are found, with an interval around them; for what has no season nothing is said."""
    told = starts(simulated(weeks), "Area 2")
    ice = told.row(by_predicate=pl.col("category") == "ice", named=True)
    assert (ice["weeks_earlier"], ice["reading"]) == (weeks, reading)
    assert ice["latest"] <= weeks <= ice["earliest"]
    assert told.filter(category="salt")["reading"].to_list() == [UNKNOWN]
    mirrored = starts(simulated(weeks), "Area 1").filter(category="ice")
    assert mirrored["weeks_earlier"].to_list() == [-weeks]
    said = say_starts(told, "Area 2")
    assert said.startswith(
        "Area 2 against the other areas: "
        + (
            f"ice {abs(weeks)} weeks {reading}."
            if weeks
            else "no category surely earlier or later."
        )
    )


def test_one_week_is_said_as_one() -> None:
    """A week, not weeks."""
    told = pl.DataFrame({"category": ["ice"], "weeks_earlier": [-1], "reading": [LATER]})
    assert say_starts(told, "Area 2").startswith(
        "Area 2 against the other areas: ice 1 week later."
    )


def test_stores_shuffled_among_areas_differ_by_chance_only() -> None:
    """Of flat categories, hardly any is called earlier or later."""
    rng = np.random.default_rng(0)
    sales = rng.poisson(20, (20, 10, DAYS)).astype(float)
    flat = Daily(
        YEAR, [f"c{n}" for n in range(20)], list(range(10)), AREAS, sales, sales.sum(axis=0)
    )
    told = starts(flat, "Area 2", draws=199)
    assert told.filter(pl.col("reading").is_in([EARLIER, LATER])).height == 0
    assert (told["chance_share"] < 0.05).sum() <= 3


def test_the_index_is_a_share_over_the_year_s_share(tmp_path: Path) -> None:
    """In S wine has 6.00 of the last four weeks' 14.00, and 6.00 of the year's 110.00."""
    found = daily(open_year(tmp_path), "last 52 weeks", STORES)
    assert found.whole.sum(axis=1).tolist() == [10_400, 11_000]
    year = season(found, "Wine").filter(segment="Area 2")
    assert year["index"].to_list()[:-1] == [0] * 12
    assert year["index"][-1] == pytest.approx(100 * (6 / 14) / (6 / 110))
    assert year["last_day"][-1] == LAST
    none = season(found, "Wine").filter(segment="Area 1")
    assert none["index"].null_count() == 13
    with pytest.raises(
        ValueError, match="'Dairy' is no merchandise looked at here; there are: Bakery, Wine"
    ):
        season(found, "Dairy")
    with pytest.raises(ValueError, match="'Area 3' has no stores"):
        starts(found, "Area 3")


def test_less_than_a_year_shows_no_season(tmp_path: Path, corner_shop: Shop) -> None:
    """A short period stands for the year up to its end; data of less than a year is refused."""
    shop = open_year(tmp_path)
    assert daily(shop, "last 8 weeks", STORES).window == YEAR
    with pytest.raises(NotCovered, match="a season needs a full year, 52 weeks up to 2026-03-01"):
        daily(corner_shop, "last 8 weeks", STORES)


def warm_days() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a year of days warmer or colder than usual, in degrees, each like the one before."""
    rng, found = np.random.default_rng(7), np.zeros(DAYS)
    for day in range(1, DAYS):
        found[day] = 0.6 * found[day - 1] + rng.normal(0, 2.4)
    return found


def test_sales_that_answer_to_warm_days_are_found_and_no_others(tmp_path: Path) -> None:
    """Ice sells 4 % more per degree, 22 % for five, in both areas; salt does not mind."""
    warm = warm_days()
    degrees = 12 + 9 * np.sin(2 * np.pi * np.arange(DAYS) / 365) + warm
    rows = ["shop,day,mean"]
    for number, mean in enumerate(degrees):
        rows += [f"{s},{FIRST + dt.timedelta(days=number)},{mean:.1f}" for s in "NS"]
    shop = open_year(tmp_path, corner.MAPPING + WEATHER, weather="\n".join([*rows, ""]))
    found = simulated(0, peak=0.0)
    sales = found.sales * np.stack([np.exp(0.04 * warm), np.ones(DAYS)])[:, None]
    ids = shop.stores.to_native().collect().sort("store")["store_id"].to_list()
    told = answers(shop, found._replace(sales=sales, stores=[ids[0]] * 5 + [ids[1]] * 5))
    ice, salt = (told.filter(category=name) for name in ("ice", "salt"))
    assert ice["reading"].to_list() == [MORE, MORE]
    inside = pl.lit(np.expm1(0.2)).is_between("low_share", "high_share")
    assert ice.select(inside.all()).item()
    assert ice["placebo_share"].to_list() == [0, 0]
    assert salt["reading"].to_list() == [NONE, NONE]
    assert say_answers(told).startswith("2 of 4 areas and categories surely answer to warmer days")


def test_without_weather_nothing_answers(tmp_path: Path) -> None:
    """The sentence says what is missing."""
    told = answers(open_year(tmp_path), simulated(0))
    assert told.is_empty()
    assert say_answers(told).startswith("The data holds no year of weather")
