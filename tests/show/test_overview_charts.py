"""The tiles of the headline and the heat map of the hours."""

import datetime as dt

import polars as pl
import pytest

from workbench import show

DAYS = [dt.date(2026, 1, 5), dt.date(2026, 2, 2)]
LEVELS = pl.DataFrame(
    {
        "whose": ["All", "All"],
        "first_day": DAYS,
        "last_day": [dt.date(2026, 2, 1), dt.date(2026, 3, 1)],
        "customers": [4, 5],
        "visits": [10, 8],
        "visits_per_customer": [2.5, 1.6],
        "basket_value": [2.0, 3.0],
        "sales": [20.0, 24.0],
        "margin": [None, None],
    },
    schema_overrides={"margin": pl.Float64},
)
HOURS = pl.DataFrame(
    {
        "weekday": ["Monday", "Monday", "Monday", "Tuesday", "Tuesday", "Tuesday"],
        "hour": [8, 9, 10, 8, 9, 10],
        "visits": [0, 3, 0, 0, 1, 0],
        "visits_share": [0.0, 0.75, 0.0, 0.0, 0.25, 0.0],
        "basket_value": [None, 2.0, None, None, 4.0, None],
    },
    schema_overrides={"weekday": pl.Enum(["Monday", "Tuesday"])},
)


def test_the_growth_is_one_sentence() -> None:
    """Sales first, then what makes them."""
    assert show.say_growth(LEVELS) == (
        "Sales of 24.00, +20% on 5 Jan – 1 Feb 2026: 5 customers with a card (+25%), "
        "1.6 visits each (−36%), 3.00 a visit (+50%)"
    )


def test_each_tile_says_how_its_figure_changed() -> None:
    """An unknown margin is a dash, not a zero."""
    told = str(show.headline(LEVELS))
    assert "Sales: 24.00 (+20% on 5 Jan – 1 Feb 2026)" in told
    assert "Visits: 8 (−20% on" in told
    assert "Margin: – (– on" in told


def test_an_unknown_part_is_refused() -> None:
    """The error lists the parts there are."""
    with pytest.raises(ValueError, match="allowed: All"):
        show.headline(LEVELS, whose="Web")


def test_the_heat_map_leaves_out_closed_hours() -> None:
    """Only nine o'clock had visits, so only nine o'clock is drawn, Monday above."""
    chart = show.times(HOURS, title="Monday is the busiest day").to_dict()
    values = chart["data"]["values"]
    assert [(row["weekday"], row["hour"], row["percent"]) for row in values] == [
        ("Monday", 9, "75.0"),
        ("Tuesday", 9, "25.0"),
    ]
    assert chart["description"].startswith("Monday is the busiest day. A heat map of visits")


def test_a_closed_shop_has_a_heat_map_too() -> None:
    """Without a visit all hours are drawn, empty."""
    closed = HOURS.with_columns(visits=pl.lit(0), visits_share=pl.lit(None, dtype=pl.Float64))
    assert show.times(closed, title="Nobody came").to_dict()["title"]["text"] == ["Nobody came"]
