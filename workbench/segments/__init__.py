"""Segmentations: one module each, found by being in this folder.

A segmentation module has

- `SEGMENTS`: its labels in order, best first, each with its meaning
- `DEFINITION`: what it measures and the choices made, for the ledger on its page
- `label(shop, period, *, cuts_from=None, ...)`: one row per customer who bought in the period,
  with at least `customer_id` and `segment` (an Enum in the order of `SEGMENTS`); `cuts_from`
  names another period whose cut points are used, so that movement between the two is real
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, Protocol, cast

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop


class Segmentation(Protocol):
    """The shape of a segmentation module."""

    SEGMENTS: dict[str, str]
    DEFINITION: dict[str, str]

    def label(self, shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
        """Return one row per customer of the period: customer_id, segment."""


def names() -> list[str]:
    """Return the names of all segmentations."""
    found = pkgutil.iter_modules(__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def find(name: str) -> Segmentation:
    """Return a segmentation by name, or raise ValueError naming those there are."""
    if name not in names():
        raise ValueError(f"no segmentation is called {name!r}; there are: {', '.join(names())}")
    return cast(Segmentation, importlib.import_module(f"{__name__}.{name}"))


def before_and_after(
    shop: Shop,
    period: str | Period | Latest,
    label: Callable[..., pl.DataFrame],
    **choices: Any,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the labels of the period before and of the period, by the same cut points.

    The period before is equally long and ends the day before; its cut points hold for both, so
    that a customer moves only by behaving differently. `choices` go to `label`. Raises
    NotCovered where the data does not reach back that far.
    """
    earlier = shop.window(period).before()
    before = label(shop, earlier, **choices)
    return before, label(shop, period, cuts_from=earlier, **choices)
