"""Cards of advice, and a chart of intervals that keeps its rows in order."""

import polars as pl
from looks import Dollars

from workbench import show


def test_cards_escape_what_they_show() -> None:
    """A category's name is text, in the page and beside it."""
    frame = pl.DataFrame({"part": ["Product"], "advice": ["<b>CHEESE</b>"], "evidence": ["a & b"]})
    shown = show.cards(frame, title="To <all>")
    assert "<b>" not in shown.html
    assert "&lt;b&gt;CHEESE&lt;/b&gt;" in shown.html
    assert "a &amp; b" in shown.html
    assert shown.text == "To <all>: Product: <b>CHEESE</b> (a & b)"


def test_an_option_of_one_unit_is_told_as_one() -> None:
    """A unit, not units; what is not known of its past is left out."""
    units = {"units": 1.0, "units_low": 0.5, "units_high": 2.0}
    prices = {"promo_price": 0.8, "price": 1.0, "unit_margin": 0.2}
    past = {"promotions": 0, "uplift_share": None, "maker_share": None}
    row = {"option": "A", "match": "good", "product": "Bread", "reason": "sold here"}
    text = str(show.options(pl.DataFrame([row | units | prices | past]), title="T"))
    assert "1 unit in the week (0.5 to 2)" in text


def test_a_row_without_an_interval_keeps_its_place() -> None:
    """The second of three has no ends, and stays the second."""
    frame = pl.DataFrame(
        {
            "group": ["a", "b", "c"],
            "amount": [1.0, 2.5, 3.0],
            "low": [0.5, None, 2.0],
            "high": [2.0, None, 4.0],
        }
    )
    show.house(Dollars())
    chart = show.intervals(frame, x="group", y="amount", low="low", high="high", title="T")
    drawn = chart.to_dict()
    layers = drawn["layer"]
    assert [layer["encoding"]["y"]["sort"] for layer in layers] == [["a", "b", "c"]] * 3
    said = [row["said"] for row in drawn["data"]["values"]]
    assert said == ["$1.00", "$2.50", "$3.00"]
