"""Options: the first product of each option as a card, with why, what for, and who pays."""

from typing import Any

import polars as pl

from workbench.show import words
from workbench.show.cards import cards
from workbench.show.fragment import Fragment


def options(frame: pl.DataFrame, *, title: str) -> Fragment:
    """Return one card per option, of its first product.

    `frame`: one row per option and rank, as product options are returned: option, product,
    reason, match, what past promotions went with, prices and the forecast, each with its ends.
    """
    first = frame.unique("option", keep="first", maintain_order=True)
    told = [
        (f"{row['option']}, {row['match']} match", row["product"], _evidence(row))
        for row in first.rows(named=True)
    ]
    return cards(pl.DataFrame(told, ["about", "advice", "evidence"], orient="row"), title=title)


def _evidence(row: dict[str, Any]) -> str:
    parts = (row["reason"], _forecast(row), _price(row), _past(row), _payers(row))
    return "\n".join(part[:1].upper() + part[1:] for part in parts if part)


def _forecast(row: dict[str, Any]) -> str:
    if words.missing(row["units"]):
        return "No forecast: it is sold too rarely"
    units, low, high = (words.number(row[name]) for name in ("units", "units_low", "units_high"))
    noun = "unit" if units == "1" else "units"
    return f"{units} {noun} in the week ({low} to {high})"


def _price(row: dict[str, Any]) -> str:
    price, before = words.money(row["promo_price"]), words.money(row["price"])
    return f"{price} instead of {before}; leaves {words.money(row['unit_margin'])} on each"


def _past(row: dict[str, Any]) -> str:
    many = words.some(row["promotions"], "past promotion")
    if words.missing(row["uplift_share"]):
        return f"{many}, with nothing to compare" if row["promotions"] else "Never on promotion"
    later = f"; {_sign(row, 'after')} in the weeks after" * (not words.missing(row["after_share"]))
    rest = words.gain(row["category_change"], decimals=0)
    return f"{many}: {_sign(row, 'uplift')}{later}; the rest of the category {rest}"


def _sign(row: dict[str, Any], name: str) -> str:
    figures = (row[f"{name}_share{end}"] for end in ("", "_low", "_high"))
    said, low, high = ("+" * (figure > 0) + words.share(figure) for figure in figures)
    return f"{said} ({low} to {high})"


def _payers(row: dict[str, Any]) -> str:
    if words.missing(row["maker_share"]):
        return ""
    return f"Makers paid {words.share(row['maker_share'])} of past discounts, the shop the rest"
