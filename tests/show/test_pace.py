"""A campaign's plan and pace: money with its interval, and a line against a band."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from test_charts import rows, spec

from workbench import show


def days(sales: float, forecast: float | None = 100.0) -> pl.DataFrame:
    """Two days of a campaign, the second of which has come to some sales."""
    known = forecast is not None
    return pl.DataFrame(
        {
            "day": [dt.date(2024, 6, 1), dt.date(2024, 6, 2)],
            "sales": [10.0, sales],
            "forecast": [50.0 if known else None, forecast],
            "forecast_low": [40.0 if known else None, 80.0 if known else None],
            "forecast_high": [60.0 if known else None, 120.0 if known else None],
        },
        schema_overrides=dict.fromkeys(["forecast", "forecast_low", "forecast_high"], pl.Float64),
    )


@pytest.mark.parametrize(
    ("sales", "forecast", "said"),
    [
        (110.0, 100.0, "110.00 sold in 2 days, as expected: 100.00 were forecast by then"),
        (130.0, 100.0, "130.00 sold in 2 days, more than expected: 100.00 were forecast by then"),
        (70.0, 100.0, "70.00 sold in 2 days, less than expected: 100.00 were forecast by then"),
        (70.0, None, "70.00 sold in 2 days; nothing was forecast"),
    ],
)
def test_the_title_says_how_sales_stand_to_the_forecast(
    sales: float, forecast: float | None, said: str
) -> None:
    """Beyond the interval it is more or less than expected, within it it is not."""
    assert " ".join(spec(show.pace(days(sales, forecast)))["title"]["text"]) == said


def test_a_forecast_that_is_not_there_is_not_drawn_as_zero() -> None:
    """The rows keep their nulls, and the words a dash."""
    found = rows(spec(show.pace(days(70.0, None))))
    assert [(row["sales"], row["forecast"], row["foreseen"]) for row in found] == [
        (10.0, None, "–"),
        (70.0, None, "–"),
    ]


def test_tiles_give_each_figure_its_interval() -> None:
    """What does not depend on chance says so, and what is unknown is a dash."""
    figures = pl.DataFrame(
        {
            "figure": ["Messages", "More sales"],
            "expected": [Decimal(2), Decimal(50)],
            "low": [Decimal(2), Decimal(-25)],
            "high": [Decimal(2), Decimal(143)],
        }
    )
    text = str(show.plan_tiles(figures, [None, None, None]))
    for said in ("Messages", "no range told", "−25.00 to 143.00", "cannot be told"):
        assert said in text


def test_sentences_on_payers_stop_rules_and_the_past() -> None:
    """Each in one line."""
    payers = pl.DataFrame(
        {
            "payer": ["retailer", "supplier"],
            "cost": [Decimal(8), Decimal(7)],
            "cost_low": [Decimal(4), Decimal(7)],
            "cost_high": [Decimal(12), Decimal(7)],
        }
    )
    said = show.say_payers(payers)
    assert said == "Retailer 8.00 (4.00 to 12.00) and supplier 7.00 (no range told)"
    maker = payers.tail(1).with_columns(payer=pl.lit("maker of CHF goods"))
    assert show.say_payers(maker) == "Maker of CHF goods 7.00 (no range told)"
    stops = pl.DataFrame({"rule": ["cost over", "sales under"], "verdict": ["Stop", "Go on"]})
    assert show.say_stops(stops) == "Stop it, as was announced: cost over"
    assert show.say_stops(stops.tail(1)) == "Go on: no stop rule is met"
    assert show.say_stops(stops.clear()) == "No stop rule was announced"
    lived = {"campaigns": 16, "expected": -11.2, "low": -55.5, "high": 33.0}
    assert show.say_lived(lived) == (
        "By 16 measured campaigns so far, one more changes sales by −11.20 per customer "
        "(−55.50 to +33.00)"
    )
    nothing = lived | {"expected": None}
    assert show.say_lived(nothing) == "No campaign so far tells what to expect"
