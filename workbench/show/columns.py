"""What a column means to people: its heading, and the words for its values.

Both follow from the name and the type: `_share` is a fraction of one, `index` is 100 for the
average, decimals and names such as `sales` are money, `_id` is a name and not a number.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from workbench.glossary import called
from workbench.show import words

_AMOUNTS = {"sales", "margin", "spend", "value", "cost", "price", "revenue", "amount"}
_HEADINGS = {
    "index_low": "Index, at least",
    "index_high": "Index, at most",
    "auc_share": "AUC",
    "precision_share": "Precision",
    "recall_share": "Recall",
    "auc_lost_share": "AUC lost",
    "conversion_share": "Conversion",
    "gap_share": "Gap to the median price",
    "score_share": "Score",
    "low_share": "At least",
    "high_share": "At most",
}


_NAMES = ("measure", "segmentation")


def _named(value: object) -> str:
    """Return the name of a column or a segmentation in words, any other text as it is."""
    return heading(value) if isinstance(value, str) and value.isidentifier() else words.plain(value)


def heading(name: str) -> str:
    """Return a column's name as a heading: sales_share is Share of sales."""
    if name in _HEADINGS:
        return _HEADINGS[name]
    if name.endswith("_share"):
        name = f"share of {name.removesuffix('_share')}"
    return called(name)


def figure(name: str, kind: pl.DataType) -> Callable[[Any], str]:
    """Return the words for the values of a column of this name and type."""
    if not (kind.is_numeric() or kind.is_temporal()):
        return _named if name in _NAMES else words.plain
    if kind.is_temporal():
        return words.day if kind == pl.Date else words.plain
    if name.endswith("_share") or name in ("share", "penetration", "wallet"):
        return words.share
    if name.startswith("index") or name.endswith("_index"):
        return words.count
    if kind.is_decimal() or (kind.is_float() and _AMOUNTS & set(name.split("_"))):
        return words.money
    if name.endswith(("_id", "year")):
        return words.plain
    return words.count if kind.is_integer() else words.number


def aligned(column: pl.Series) -> Callable[[Any], str]:
    """Return the words for a whole column, with the same decimals in every row."""
    say = figure(column.name, column.dtype)
    if say is words.share:
        return partial(words.share, decimals=1)
    if say not in (words.money, words.number):
        return say
    largest = column.cast(pl.Float64).abs().max() or 0
    many, few = (1000, 2) if say is words.money else (100, 1)
    return partial(say, decimals=0 if largest >= many else few)  # type: ignore[operator]
