"""Segments over periods, and figures with their intervals."""

import datetime as dt
import json

import polars as pl
import pytest
from test_charts import rows, spec, texts

from workbench import show

DAYS = [dt.date(2024, 3, 31), dt.date(2024, 6, 30)]


def steps() -> pl.DataFrame:
    """Two segments in two periods: Gold grows from 100 to 120, Tin from nobody to 9."""
    frame = pl.DataFrame(
        {
            "last_day": [DAYS[0], DAYS[0], DAYS[1], DAYS[1]],
            "segment": ["Gold", "Tin", "Gold", "Tin"],
            "customers": [100, None, 120, 9],
        }
    )
    return frame.with_columns(pl.col("segment").cast(pl.Enum(["Gold", "Tin"])))


def rates() -> pl.DataFrame:
    """Three segments, of which nothing is known of the last."""
    return pl.DataFrame(
        {
            "segment": ["Tin", "Gold", "Lead"],
            "conversion_share": [0.2, 0.3, None],
            "low_share": [0.1, 0.25, None],
            "high_share": [0.32, 0.35, None],
        }
    )


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        ("Gold", "Customers of Gold went from 100 to 120 (+20%)"),
        ("Tin", "Customers of Tin: 9"),
        ("Lead", "Lead cannot be observed in these periods"),
    ],
)
def test_the_title_says_how_the_chosen_segment_went(segment: str, said: str) -> None:
    """From the first period in which it can be observed to the last."""
    assert " ".join(spec(show.lines(steps(), segment))["title"]["text"]) == said


def test_lines_name_what_they_are_of_and_what_each_stands_for() -> None:
    """Title, subtitle, text alternative and the figures at the mouse say so."""
    chart = spec(show.lines(steps(), "Gold", about="Ice cream", each="area"))
    title = chart["title"]
    assert " ".join(title["text"]) == "Ice cream: Customers of Gold went from 100 to 120 (+20%)"
    assert "grey: the other areas" in " ".join(title["subtitle"])
    assert "Ice cream: Lines of customers over the last periods" in chart["description"]
    assert '"title": "Area"' in json.dumps(chart)


def test_only_the_chosen_segment_is_in_colour() -> None:
    """The others are grey lines behind it; a period that cannot be observed is a gap."""
    found = rows(spec(show.lines(steps(), "Gold")))
    assert [(row["segment"], row["own"], row["ends"], row["value"]) for row in found] == [
        ("Gold", True, "31 Mar 2024", 100.0),
        ("Tin", False, "31 Mar 2024", None),
        ("Gold", True, "30 Jun 2024", 120.0),
        ("Tin", False, "30 Jun 2024", 9.0),
    ]


def test_an_interval_is_drawn_beside_its_figure_in_the_frames_order() -> None:
    """What is not known is a dash without a dot, and not zero."""
    chart = show.intervals(rates(), x="segment", y="conversion_share", title="Gold is best")
    found = [(row["name"], row["low"], row["high"], row["said"]) for row in rows(spec(chart))]
    assert found == [
        ("Tin", 0.1, 0.32, "20%"),
        ("Gold", 0.25, 0.35, "30%"),
        ("Lead", None, None, "–"),
    ]
    assert ">30%<" in texts(chart)


def test_a_value_to_compare_with_is_drawn_where_there_is_one() -> None:
    """A dashed line at the mark."""
    chart = show.intervals(rates(), x="segment", y="conversion_share", title="Gold", mark=0.22)
    assert {"at": 0.22} in rows(spec(chart))


def test_where_nothing_is_known_there_are_dashes_only() -> None:
    """No figure makes no scale, so one is given."""
    chart = show.intervals(rates().tail(1), x="segment", y="conversion_share", title="Nothing")
    assert [row["said"] for row in rows(spec(chart))] == ["–"]
    assert "Infinity" not in texts(chart)
    assert spec(chart)["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_the_last_figure_has_room_on_the_right() -> None:
    """However narrow the chart is; the axis begins at zero without a mark."""
    chart = show.intervals(rates(), x="segment", y="conversion_share", title="Gold is best")
    scale = spec(chart)["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domain"] == [0, 0.35]
    assert scale["range"] == [0, {"expr": "max(width - 35, 30)"}]  # three letters, 10 beside


def test_the_axis_begins_near_the_lowest_interval_where_there_is_a_mark() -> None:
    """Figures near 100 are not pressed together by an axis from zero."""
    frame = rates().head(2).with_columns(pl.col("low_share", "high_share", "conversion_share") + 1)
    look = {"x": "segment", "y": "conversion_share", "mark": 1.2}
    assert ">0%<" not in texts(show.intervals(frame, title="Near one", **look))


def test_a_long_name_takes_lines_instead_of_being_cut() -> None:
    """Every word of the name is drawn."""
    long = "DIAPERS & DISPOSABLES + BABY HBC OF ANOTHER KIND"
    frame = rates().head(1).with_columns(segment=pl.lit(long))
    chart = show.intervals(frame, x="segment", y="conversion_share", title="Together")
    assert rows(spec(chart))[0]["label"].split("\n") == [
        "DIAPERS & DISPOSABLES + BABY HBC OF",
        "ANOTHER KIND",
    ]
    assert ">ANOTHER KIND<" in texts(chart)
