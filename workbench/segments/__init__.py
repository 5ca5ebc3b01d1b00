"""Segmentations: one module each, found by being in this folder; and the retailer's own.

A segmentation module has

- `SEGMENTS`: its labels in order, best first, each with its meaning
- `DEFINITION`: what it measures and the choices made, for the ledger on its page
- `label(shop, period, *, cuts_from=None, ...)`: one row per customer who bought in the period,
  with at least `customer_id` and `segment` (an Enum in the order of `SEGMENTS`); `cuts_from`
  names another period whose cut points are used, so that movement between the two is real

A saved segment (`saved/<name>`, a rule in `reports/segments/<name>.yaml`) and an own list of
customers (`own/<name>`, a file in the folder `segments` of the workbench's home) have the same
three, so that whatever takes a segmentation takes them, by name.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, cast

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.glossary import called
from workbench.segments import _own, _saved
from workbench.segments._agreement import agreement, say_agreement
from workbench.segments._cross import cross
from workbench.segments._membership import membership
from workbench.segments._reviews import reviews, say_reviews

__all__ = [
    "Segmentation",
    "agreement",
    "before_and_after",
    "choices",
    "choose",
    "cross",
    "find",
    "label_all",
    "members",
    "membership",
    "names",
    "reviews",
    "say_agreement",
    "say_labelled",
    "say_left_out",
    "say_reviews",
    "targets",
    "whom",
]


class Segmentation(Protocol):
    """The shape of a segmentation: a module, a saved segment or an own list."""

    @property
    def SEGMENTS(self) -> dict[str, str]:  # noqa: N802 - a module's constant
        """The labels in order, best first, each with its meaning."""

    @property
    def DEFINITION(self) -> dict[str, str]:  # noqa: N802
        """What is measured, and the choices made."""

    def label(self, shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
        """Return one row per customer of the period: customer_id, segment."""


def names() -> list[str]:
    """Return the names of all segmentations that are modules."""
    found = pkgutil.iter_modules(__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def choices() -> dict[str, str]:
    """Return the names of all segmentations, modules, saved segments, own lists, as people read."""
    own = {name: name for name in (*_saved.names(), *_own.names())}
    return {name: called(name) for name in names()} | own


def find(name: str) -> Segmentation:
    """Return a segmentation by name, or raise ValueError naming those there are.

    A saved segment or an own list whose file cannot be read is a ValueError that says why.
    """
    return _find(name, within=())


def choose(name: str, segment: str = "") -> tuple[Segmentation, str]:
    """Return a segmentation by name and one of its segments: the first for an empty text.

    Raises ValueError naming those there are for a name that does not exist.
    """
    segmentation = find(name)
    allowed = list(segmentation.SEGMENTS)
    if segment and segment not in allowed:
        raise ValueError(f"{segment!r} is no segment of {name}; allowed: {', '.join(allowed)}")
    return segmentation, segment or allowed[0]


def whom() -> dict[str, str]:
    """Return every segment there is as one text, such as `rfm: At risk`, with its title.

    A saved segment or an own list that cannot be read is left out.
    """
    found: dict[str, str] = {}
    for name, title in choices().items():
        with suppress(ValueError):
            found |= {f"{name}: {each}": f"{title}: {each}" for each in find(name).SEGMENTS}
    return found


def members(shop: Shop, period: str | Period | Latest, *chosen: str) -> pl.DataFrame:
    """Return the customers of some segments, each written as `rfm: At risk`: customer_id, by id.

    Raises ValueError naming those there are for one that does not exist.
    """
    found = [pl.DataFrame(schema={"customer_id": pl.Int64})]
    for name, _, segment in (each.partition(": ") for each in chosen):
        segmentation, wanted = choose(name, segment)
        inside = pl.col("segment").cast(pl.String) == wanted
        labels = segmentation.label(shop, period).filter(inside)
        found.append(labels.select(pl.col("customer_id").cast(pl.Int64)))
    return pl.concat(found).unique().sort("customer_id")


def targets(segmentation: Segmentation) -> Mapping[str, Any]:
    """Return the targets a segmentation carries: segment to target; empty where it has none."""
    return getattr(segmentation, "TARGETS", {})


def say_labelled(shop: Shop, segmentation: Segmentation, labels: pl.DataFrame) -> str:
    """Say how many customers are labelled, and whom of an own list the shop does not know."""
    of = f"{labels['segment'].n_unique()} of {len(segmentation.SEGMENTS)} segments"
    labelled = f"{labels.height:,} customers are labelled, in {of}."
    if not isinstance(segmentation, _own.OwnList):
        return labelled
    strangers = segmentation.say_strangers(shop)
    return f"{labelled} {strangers}." if strangers else labelled


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


def label_all(shop: Shop, period: str | Period | Latest) -> dict[str, pl.DataFrame]:
    """Return the labels of every segmentation there is, by name, each with its own defaults.

    One that looks back further than the data goes, or asks what this shop does not know, is
    left out; see `say_left_out`.
    """
    found = {}
    for name in choices():
        with suppress(ValueError):
            found[name] = find(name).label(shop, period)
    return found


def say_left_out(labels: Mapping[str, pl.DataFrame]) -> str:
    """Return the sentence that names the segmentations which `label_all` left out."""
    missing = [name for name in choices() if name not in labels]
    if not missing:
        return "Every segmentation there is was compared."
    return (
        f"Left out, since they need more data than there is or cannot be read: "
        f"{', '.join(missing)}. The page of any segmentation says what each lacks."
    )


def _find(name: str, *, within: tuple[str, ...]) -> Segmentation:
    if name in within:
        circle = " -> ".join([*within, name])
        raise ValueError(f"saved segments rest on each other in a circle: {circle}")
    if name in names():
        return cast(Segmentation, importlib.import_module(f"{__name__}.{name}"))
    if name in _saved.names():
        return _saved.read(name, partial(_find, within=(*within, name)))
    if name in _own.names():
        return _own.read(name)
    raise ValueError(f"no segmentation is called {name!r}; there are: {', '.join(choices())}")
