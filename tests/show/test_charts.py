"""Charts: what they find, what they say to those who cannot see them, what they draw."""

import datetime as dt
import json
from typing import Any

import polars as pl
import pytest
import vl_convert
from looks import HOSTILE, Dollars, cells, days, moves, profile, worth

from workbench import show


@pytest.fixture(autouse=True)
def _dollars() -> None:
    show.house(Dollars())


def hours() -> pl.DataFrame:
    """One row per hour."""
    return pl.DataFrame({"hour": [16, 17], "baskets": [5, 9]})


CHARTS = {
    "weight": (lambda: show.weight(worth()), "Champions are 20% of customers and 50% of sales"),
    "grid": (
        lambda: show.grid(cells()),
        "Champions is the largest group: 70 customers, 70% of all",
    ),
    "flow": (lambda: show.flow(moves()), "60% stayed in their segment; 10 customers were lost"),
    "index": (
        lambda: show.index(profile(), "At risk"),
        "Meat stands out for At risk: index 140, at least 121",
    ),
    "trend": (
        lambda: show.trend(days(), x="day", y="sales"),
        "Highest sales on 2 Jan 2024: $120.00",
    ),
    "bars": (
        lambda: show.bars(profile(), x="department", y="sales"),
        "Highest sales in Bread: $900.00",
    ),
    "hours": (lambda: show.hours(hours()), "Most baskets at hour 17: 9"),
}


def spec(chart: Any) -> dict[str, Any]:
    """Return the chart as the mime type that Lab and the apps draw."""
    data, _ = chart._repr_mimebundle_()
    drawn: dict[str, Any] = data["application/vnd.vegalite.v5+json"]
    return drawn


def texts(chart: Any) -> str:
    """Return the chart's picture as SVG, drawn by the library itself."""
    return vl_convert.vegalite_to_svg({**spec(chart), "width": 600}, allowed_base_urls=[])


def rows(drawn: Any) -> list[dict[str, Any]]:
    """Return all rows of data anywhere in a chart."""
    if isinstance(drawn, dict):
        own = drawn.get("values") if isinstance(drawn.get("values"), list) else []
        inner = [row for value in drawn.values() for row in rows(value)]
        return [row for row in own or [] if isinstance(row, dict)] + inner
    return [row for value in drawn for row in rows(value)] if isinstance(drawn, list) else []


@pytest.mark.parametrize("name", CHARTS)
def test_title_is_the_finding(name: str) -> None:
    """Each chart's title is what it shows, and its text alternative begins with it."""
    make, finding = CHARTS[name]
    drawn = spec(make())
    assert " ".join(drawn["title"]["text"]) == finding
    assert drawn["description"].startswith(f"{finding}. ")
    assert " ".join(drawn["title"]["subtitle"])


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_draws(name: str) -> None:
    """The library draws each chart without a network."""
    make, _ = CHARTS[name]
    assert texts(make()).startswith("<svg")


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_the_same_again(name: str) -> None:
    """The same frame gives the same chart, to the letter."""
    make, _ = CHARTS[name]
    assert json.dumps(spec(make())) == json.dumps(spec(make()))


def test_weight_shows_what_is_missing_as_a_dash() -> None:
    """A share that cannot be observed is a dash and no bar."""
    found = [row for row in rows(spec(show.weight(worth()))) if row["segment"] == "Unlabelled"]
    assert [(row["measure"], row["share"], row["text"], row["grey"]) for row in found] == [
        ("Customers", None, "–", True),
        ("Sales", 0.1, "10%", True),
        ("Margin", 0.056, "5.6%", True),
    ]


def test_flow_fills_the_matrix() -> None:
    """A pair nobody moved between is 0, and one that cannot be observed a dash."""
    found = {(row["before"], row["after"]): row["count"] for row in rows(spec(show.flow(moves())))}
    assert len(found) == 9
    assert found["At risk", "Champions"] == "0"
    assert found["Champions", "At risk"] == "30"
    assert found["New", "Lost"] == "–"


def test_flow_leaves_out_segments_of_nobody() -> None:
    """A segment empty before and now takes no row and no column; one that emptied keeps both."""
    kinds = {"before": pl.Enum(["a", "b", "c", "New"]), "after": pl.Enum(["a", "b", "c", "Lost"])}
    pairs = {"before": ["a", "b", "c"], "after": ["a", "a", "c"], "customers": [5, 2, 0]}
    money = dict.fromkeys(["customers_share", "sales_before", "sales_after"], 0.0)
    frame = pl.DataFrame(pairs, schema_overrides=kinds).with_columns(
        **{name: pl.lit(value) for name, value in money.items()}
    )
    found = rows(spec(show.flow(frame)))
    assert {row["before"] for row in found} == {"a", "b", "New"}
    assert {row["after"] for row in found} == {"a", "b", "Lost"}


def test_grid_breaks_names_that_are_wider_than_a_cell() -> None:
    """Each word of a long name is a line of its own."""
    named = cells().with_columns(segment=pl.lit("Needs attention"))
    drawn = texts(show.grid(named))
    assert drawn.count(">Needs</tspan>") == drawn.count(">attention</tspan>") == 1


def test_grid_names_each_region_once() -> None:
    """Each region's name stands once, and lines part it from others."""
    drawn = texts(show.grid(cells()))
    assert drawn.count(">Champions<") == 1
    assert drawn.count(">At risk<") == 1


def test_index_ranks_by_the_bound_and_leaves_out_small_bases() -> None:
    """The order is that of the lower bound; items with too small a base are only counted."""
    chart = spec(show.index(profile(), "At risk"))
    names = [row["item"] for row in rows(chart) if "item" in row]
    assert list(dict.fromkeys(names)) == ["Meat", "Bread"]
    assert "1 with too small a base left out" in " ".join(chart["title"]["subtitle"])


def test_index_without_items_says_so_in_its_text_alternative() -> None:
    """No list of nothing."""
    chart = spec(show.index(profile().with_columns(index_low=pl.lit(None, pl.Float64)), "At risk"))
    assert "No department has a base large enough for an index" in chart["description"]


def test_trend_leaves_gaps() -> None:
    """A day without a row is there as a null, so that the line breaks, and days stay days."""
    found = rows(spec(show.trend(days(), x="day", y="sales")))
    assert [(row["x"], row["y"]) for row in found] == [
        ("2024-01-01T00:00:00", 100.0),
        ("2024-01-02T00:00:00", 120.0),
        ("2024-01-03T00:00:00", None),
        ("2024-01-04T00:00:00", 90.0),
        ("2024-01-05T00:00:00", 80.0),
    ]


def test_trend_of_weeks_fills_weeks() -> None:
    """Weekly dates are filled by the week, not by the day."""
    weeks = pl.DataFrame({"week": [dt.date(2024, 1, 1), dt.date(2024, 1, 15)], "baskets": [4, 5]})
    found = rows(spec(show.trend(weeks, x="week", y="baskets")))
    assert [row["x"][:10] for row in found][:3] == ["2024-01-01", "2024-01-08", "2024-01-15"]


def test_trend_notes() -> None:
    """A note is written at its date."""
    notes = {dt.date(2024, 1, 2): "Opening"}
    assert ">Opening<" in texts(show.trend(days(), x="day", y="sales", notes=notes))


def test_bars_rank_names_and_keep_an_order() -> None:
    """Names are ranked by the measure, an Enum keeps its order, `top` cuts and says so."""
    ranked = spec(show.bars(profile(), x="department", y="index", top=2))
    assert [row["name"] for row in rows(ranked)] == ["Fish", "Meat"]
    assert " ".join(ranked["title"]["subtitle"]).endswith("first 2 of 3")
    ordered = spec(show.bars(worth(), x="segment", y="sales_share"))
    assert [row["name"] for row in rows(ordered)] == ["Champions", "At risk", "Unlabelled"]


def test_a_name_that_is_not_known_is_called_unknown() -> None:
    """Ranked or in order, a bar without a name says so."""
    for kind in (pl.String, pl.Enum(["Bread"])):
        frame = pl.DataFrame({"item": ["Bread", None], "customers": [5, 9]})
        chart = show.bars(frame.cast({"item": kind}), x="item", y="customers")
        assert {row["name"]: row["said"] for row in rows(spec(chart))} == {
            "Bread": "5", "Unknown": "9",
        }  # fmt: skip


@pytest.mark.parametrize(
    "chart",
    [
        show.bars(profile(), x="department", y="sales", title="What sells"),
        show.flow(moves(), title="What sells"),
    ],
)
def test_title_can_be_given(chart: Any) -> None:
    """A title of one's own replaces the computed one."""
    assert spec(chart)["title"]["text"] == ["What sells"]


def test_too_many_rows() -> None:
    """A chart of lines instead of an aggregate is refused in words."""
    long = pl.DataFrame({"n": range(500), "baskets": range(500)})
    with pytest.raises(ValueError, match="at most 400 rows, this frame has 500"):
        show.bars(long, x="n", y="baskets")


def test_amounts_carry_the_currency() -> None:
    """The axis and the tooltips speak the shop's currency."""
    drawn = texts(show.trend(days(), x="day", y="sales"))
    assert ">$100<" in drawn


def test_hostile_labels_are_text() -> None:
    """Markup in a label is drawn as letters."""
    for chart in (show.weight(worth(HOSTILE)), show.index(profile(HOSTILE), "At risk")):
        assert "<script" not in texts(chart)
        assert "&lt;/script&gt;" in texts(chart)
        assert "\u202e" not in " ".join(spec(chart)["title"]["text"])


def test_chart_speaks_without_a_picture() -> None:
    """Where no chart can be drawn its text alternative is shown, and no schema is claimed."""
    data, metadata = show.weight(worth())._repr_mimebundle_()
    assert data["text/plain"] == data["application/vnd.vegalite.v5+json"]["description"]
    assert "$schema" not in data["application/vnd.vegalite.v5+json"]
    options = metadata["application/vnd.vegalite.v5+json"]["embed_options"]
    assert options["actions"] is False
