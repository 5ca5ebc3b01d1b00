"""Tiles, notes and findings."""

import re

import pytest
from looks import HOSTILE, Dollars, worth

from workbench import show


def text(html: str) -> str:
    """Return the text of some HTML, its words one blank apart."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_worth_tiles() -> None:
    """A segment's figures stand against all customers, sales without a card left out there."""
    show.house(Dollars())
    said = text(show.worth_tiles(worth(), "Champions")._repr_html_())
    assert said == (
        "Champions: customers 20 20% of all Sales $5,000 50% of all Margin $900.00 50% of all "
        "Spend per customer $250.00 $90.00 over all labelled customers"
    )


def test_worth_tiles_of_unlabelled() -> None:
    """What cannot be observed is a dash, not a zero."""
    said = text(show.worth_tiles(worth(), "Unlabelled")._repr_html_())
    assert said.startswith("Unlabelled: customers – – of all")


def test_worth_tiles_of_nobody() -> None:
    """An unknown segment is refused with the names that are allowed."""
    with pytest.raises(ValueError, match="'VIP' is not a segment; allowed: Champions, At risk"):
        show.worth_tiles(worth(), "VIP")


def test_tile_status_is_not_colour_alone() -> None:
    """A status shows a sign and a word, in the page and in plain text."""
    shown = show.tiles(show.Tile("Stock", "3", "days", status="red"))
    assert text(shown._repr_html_()) == "Stock 3 days ✕ Fault"
    assert repr(shown) == "Stock: 3 (days, Fault)"


def test_unknown_status() -> None:
    """A status we have no sign for is refused with the allowed ones."""
    with pytest.raises(ValueError, match="'blue' is not a status; allowed: green, amber, red"):
        show.tiles(show.Tile("Stock", "3", status="blue"))


@pytest.mark.parametrize(
    "html",
    [
        show.note(HOSTILE)._repr_html_(),
        show.finding(HOSTILE)._repr_html_(),
        show.watermark(HOSTILE)._repr_html_(),
        show.tiles(show.Tile(HOSTILE, HOSTILE, HOSTILE))._repr_html_(),
        show.table(worth(HOSTILE), title=HOSTILE)._repr_html_(),
        show.ledger({HOSTILE: HOSTILE})._repr_html_(),
    ],
    ids=["note", "finding", "watermark", "tiles", "table", "ledger"],
)
def test_labels_stay_text(html: str) -> None:
    """Markup in a label is escaped wherever it is shown."""
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;/script&gt;" in html
