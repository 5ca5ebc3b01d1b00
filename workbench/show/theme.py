"""The house style: colours, type, chart theme, the renderer, and the currency of the shop.

`house(shop)` is the one call of a notebook. Charts stay ordinary Altair charts.
"""

from typing import Any, Protocol

import altair as alt

INK, MUTED, LINE, PAPER = "#17231d", "#55636b", "#d7dfdb", "#ffffff"
BRAND, ACCENT, QUIET = "#14532d", "#1b7145", "#8695a1"
GREEN, AMBER, RED = "#1a7f37", "#8a5a00", "#b42318"
FONT = '"Segoe UI", -apple-system, BlinkMacSystemFont, "Helvetica Neue", Arial, sans-serif'

# Distinct in hue and in lightness, so that they stay apart for the colour-blind and in print.
PALETTE = ["#1b7145", "#d08700", "#0072b2", "#a4457d", "#5aa9d6", "#b5411c", "#8695a1", "#6b5b12"]
MEASURES = {"Customers": QUIET, "Sales": ACCENT, "Margin": "#d08700"}
HEAT = ["#f2f8f4", "#cfe7d8", "#9fd0b3", "#6bb58b"]

MIME = "application/vnd.vegalite.v5+json"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_remembered = {"currency": ""}


class Shop(Protocol):
    """What the house style needs to know of a shop."""

    @property
    def currency(self) -> str:
        """The currency's three-letter code, such as USD."""


def house(shop: Shop | None = None) -> None:
    """Put on the house style: theme, renderer, and the shop's currency (none without a shop).

    Raises ValueError when the shop's currency is not a three-letter code.
    """
    code = "" if shop is None else shop.currency
    if code and not (code.isascii() and code.isalpha() and len(code) == 3):
        raise ValueError(f"currency {code!r} is not a three-letter code such as USD or EUR")
    _remembered["currency"] = code
    alt.theme.register("workbench", enable=True)(_theme)
    alt.renderers.register("workbench", _render)
    alt.renderers.enable("workbench")


def symbol() -> str:
    """Return what stands before an amount: $, CHF with a blank, or nothing without a shop."""
    code = _remembered["currency"]
    return _SYMBOLS.get(code, f"{code}\N{NO-BREAK SPACE}" if code else "")


def currency() -> str:
    """Return the remembered currency's code, or nothing without a shop."""
    return _remembered["currency"]


def _render(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    plain = {key: value for key, value in spec.items() if key != "$schema"}
    text = str(plain.get("description", "chart"))
    options: dict[str, Any] = {"actions": False, "renderer": "svg", "defaultStyle": _STYLE}
    if plain.get("width") == "container":
        options["patch"] = _FOLLOW
    bundle = {MIME: plain, "image/png": _DOT, "text/plain": text}
    return bundle, {MIME: {"embed_options": options}}


# Lab draws a chart before it has a place, and tells it nothing afterwards: look again now and
# then. The first signal of a chart as wide as its place is its width.
_FOLLOW = [
    {"op": "replace", "path": "/signals/0/init", "value": "containerSize()[0] || 680"},
    {
        "op": "add",
        "path": "/signals/0/on/-",
        "value": {
            "events": {"type": "timer", "throttle": 500},
            "update": "containerSize()[0] || width",
        },
    },
]

# One clear pixel. Jupyter's chart extension stores a picture of each chart beside it where
# there is none: that swells notebooks, and in Voilà it fails with an error on the page.
_DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
)


_STYLE = """
.vega-embed{display:block;width:100%;position:relative}
.vega-embed svg{max-width:100%;overflow:visible}
"""

_AXIS = {
    "domain": False,
    "ticks": False,
    "gridColor": "#e7ecea",
    "labelColor": MUTED,
    "labelFontSize": 12,
    "labelPadding": 6,
    "titleColor": MUTED,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "titlePadding": 10,
}
_TITLE = {
    "anchor": "start",
    "frame": "bounds",
    "color": INK,
    "fontSize": 16,
    "fontWeight": 600,
    "lineHeight": 20,
    "subtitleColor": MUTED,
    "subtitleFontSize": 12,
    "subtitleLineHeight": 16,
    "subtitlePadding": 5,
    "offset": 14,
}
_LEGEND = {
    "orient": "top",
    "title": None,
    "labelColor": INK,
    "labelFontSize": 12,
    "symbolType": "square",
    "offset": 6,
}


def _theme() -> alt.theme.ThemeConfig:
    config = {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None, "continuousHeight": 260},
        "title": _TITLE,
        "axis": _AXIS,
        "axisBand": {"grid": False, "labelColor": INK},
        "legend": _LEGEND,
        "range": {"category": PALETTE, "heatmap": HEAT, "ramp": HEAT},
        "bar": {"color": ACCENT},
        "rect": {"stroke": PAPER, "strokeWidth": 2},
        "line": {"color": ACCENT, "strokeWidth": 2.25},
        "point": {"color": ACCENT, "filled": True, "size": 60},
        "rule": {"color": MUTED},
        "text": {"color": INK, "fontSize": 12},
        "locale": {"number": _number_locale()},
    }
    return {"config": config}  # type: ignore[typeddict-item]


def _number_locale() -> dict[str, Any]:
    return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": [symbol(), ""]}
