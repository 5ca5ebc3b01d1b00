"""Waterfalls: every bar starts where the last one ended, and the last one is the whole."""

from decimal import Decimal

import polars as pl

from workbench import show
from workbench.show.waterfall import say_waterfall, waterfall

PARTS = pl.DataFrame(
    {
        "source": ["New", "Lost", "Nothing", "Maker B"],
        "change": [Decimal("50.00"), Decimal("-80.00"), Decimal("0.00"), Decimal("10.00")],
    }
)


def bars(chart: object) -> list[tuple[str, float, float, str]]:
    """Return name, start, end and kind of the drawn bars."""
    layers = chart.to_dict()["layer"]  # type: ignore[attr-defined]
    (drawn,) = (layer for layer in layers if layer["mark"]["type"] == "bar")
    rows = drawn["data"]["values"]
    return [(row["name"], row["start"], row["end"], row["kind"]) for row in rows]


def test_each_bar_starts_where_the_last_one_ended() -> None:
    """Fifty up, eighty down, ten up: minus twenty in all; a part of nothing is not drawn."""
    show.house()
    assert bars(waterfall(PARTS, x="source", y="change")) == [
        ("New", 0, 50, "Gain"),
        ("Lost", 50, -30, "Loss"),
        ("Maker B", -30, -20, "Gain"),
        ("Change", 0, -20, "Change"),
    ]


def test_small_parts_are_one_bar() -> None:
    """Beyond the two largest the rest is drawn together, so that the bars still add up."""
    show.house()
    drawn = bars(waterfall(PARTS, x="source", y="change", top=2))
    assert drawn[2:] == [("All others", -30, -20, "Gain"), ("Change", 0, -20, "Change")]


def test_the_finding_names_the_ends() -> None:
    """The whole change, the largest gain and the largest loss."""
    show.house()
    said = say_waterfall(PARTS, x="source", y="change")
    assert said == "−20.00 in all; most from New +50.00 and Lost −80.00"
    assert say_waterfall(PARTS.clear(), x="source", y="change") == "Nothing changed"


def test_where_all_parts_go_one_way_the_smallest_is_no_cause() -> None:
    """Only the largest fall is named."""
    show.house()
    falls = PARTS.with_columns(change=-pl.col("change").abs())
    said = say_waterfall(falls, x="source", y="change")
    assert said == "−140.00 in all; most from Lost −80.00"


def test_the_axis_leaves_room_for_the_labels() -> None:
    """From minus thirty to fifty, and on the right what the longest label takes."""
    show.house()
    layers = waterfall(PARTS, x="source", y="change").to_dict()["layer"]
    (scale,) = (
        layer["encoding"]["x"]["scale"] for layer in layers if layer["mark"]["type"] == "bar"
    )
    assert scale["domain"] == [-30, 50]
    assert scale["range"] == [0, {"expr": "max(width - 56, 30)"}]  # for +30.00
