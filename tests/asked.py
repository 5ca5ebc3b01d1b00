"""Every question that is found on disk: each segmentation, each verb of a shop and a period."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from workbench import campaigns, measures, segments
from workbench.data import Shop
from workbench.measures import OBJECTIVES
from workbench.measures.assortment.areas import Areas, areas
from workbench.measures.assortment.transfer import transfer
from workbench.segments import cross, demographic, rfm

Verb = Callable[..., Any]


def _found() -> Iterator[tuple[str, Verb]]:
    for name in segments.names():
        yield f"label {name}", segments.find(name).label
    for tower in (measures, campaigns):
        for module in pkgutil.walk_packages(tower.__path__, f"{tower.__name__}."):
            for name, verb in vars(importlib.import_module(module.name)).items():
                own = inspect.isfunction(verb) and verb.__module__ == module.name
                if own and not name.startswith("_") and _asks(verb):
                    yield name, verb


def _asks(verb: Verb) -> bool:
    asked = inspect.signature(verb)
    part = asked.return_annotation in (nw.LazyFrame[Any], Iterator[pl.DataFrame])
    return [*asked.parameters][:2] == ["shop", "period"] and not part


VERBS = dict(_found())


class Asker:
    """Asks verbs of a shop and a period; what they demand beside goes by the parameter's name.

    `few` are choices for the verbs that have them, such as how often to draw.
    """

    category, by, segment = "SOFT DRINKS", "department", "At risk"
    objective = next(iter(OBJECTIVES))
    label = staticmethod(rfm.label)
    among: tuple[int, ...] = ()

    def __init__(self, shop: Shop, period: str, **few: int) -> None:
        self.shop, self.period, self.few = shop, period, few
        self.targets: dict[str, float] = {}

    def ask(self, verb: Verb) -> Any:
        """Return the answer of a verb."""
        return verb(self.shop, **self.arguments(verb))

    def arguments(self, verb: Verb) -> dict[str, Any]:
        """Return the arguments of a verb: those it demands, and of `few` those it knows."""
        parameters = [*inspect.signature(verb).parameters.values()][1:]
        named = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
        needed = {
            each.name: getattr(self, each.name) for each in named if each.default is each.empty
        }
        return needed | {each.name: self.few[each.name] for each in named if each.name in self.few}

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Return the segments of RFM, which serve as any labels."""
        return rfm.label(self.shop, self.period)

    before = after = peers = property(lambda self: self.labels)

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Return the customers of one segment."""
        return self.labels.filter(pl.col("segment") == self.segment)

    @cached_property
    def loyal(self) -> list[int]:
        """Return the numbers of a hundred customers."""
        return self.labels["customer_id"].head(100).to_list()

    @cached_property
    def customer_id(self) -> int:
        """Return the number of one customer; 1 where nobody came."""
        return next(iter(self.loyal), 1)

    @cached_property
    def both(self) -> pl.DataFrame:
        """Return two segmentations crossed."""
        return cross(self.labels, demographic.label(self.shop, self.period))

    @cached_property
    def found(self) -> Areas:
        """Return the areas."""
        return self.ask(areas)

    @cached_property
    def stores(self) -> pl.DataFrame:
        """Return the stores of the areas."""
        return self.found.stores

    @cached_property
    def rates(self) -> pl.DataFrame:
        """Return how much of what a product would sell goes to others when it is away."""
        return transfer(self.shop, **self.arguments(transfer)).rates
