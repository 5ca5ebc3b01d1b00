"""Every question that is found on disk: each segmentation, each verb that notebooks ask a shop."""

import importlib
import inspect
import json
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from functools import cached_property
from types import FunctionType
from typing import Any, ClassVar

import narwhals as nw
import polars as pl
import polars.selectors as cs

from workbench import campaigns, measures, paths, segments
from workbench.actions import Action
from workbench.campaigns.alerts.rules import rules
from workbench.campaigns.audiences.audience import Audience
from workbench.campaigns.forecasts.forecast import Forecaster, learn_forecast
from workbench.campaigns.offers.options import product_options
from workbench.campaigns.plans import plan, totals
from workbench.campaigns.results import design, placebo, result
from workbench.data import Shop
from workbench.measures import OBJECTIVES
from workbench.measures.assortment import diagnosis, prices, range_items, season
from workbench.measures.assortment.areas import Areas, areas
from workbench.measures.assortment.stock_cover import stock_cover
from workbench.measures.assortment.transfer import transfer
from workbench.measures.business.comparison import Comparison
from workbench.segments import (
    basket_variation,
    big_spenders,
    cross,
    demographic,
    frequency_variation,
    never_buy,
    rfm,
)

Verb = Callable[..., Any]
PARTS = (nw.LazyFrame[Any], Iterator[pl.DataFrame], Action)  # of a question, or what is done
# Parameters that mean something else where they have this type, or in this module.
MEANT = {
    ("both", Comparison): "comparison",
    ("found", season.Daily): "day_by_day",
    ("found", Audience): "audience",
    ("customers", int): "reached",
    ("campaign", "running"): "begun",
    ("earlier", "basket_variation"): "by_basket",
    ("earlier", "frequency_variation"): "by_frequency",
    ("labels", "never_buy"): "strangers",
}


def _named() -> dict[str, list[Verb]]:
    """Return the functions whose first parameter is a shop, by name."""
    found = defaultdict(list)
    for tower in (measures, campaigns, segments):
        modules = [
            module.name for module in pkgutil.walk_packages(tower.__path__, f"{tower.__name__}.")
        ]
        shown = [name for name in modules if "._" not in name]
        for place in (tower, *map(importlib.import_module, shown)):
            for name, verb in vars(place).items():
                own = isinstance(verb, FunctionType) and verb.__module__ == place.__name__
                if own and not name.startswith("_") and next(iter(_parameters(verb)), "") == "shop":
                    found[name].append(verb)
    return dict(found)


def _parameters(verb: Verb) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(verb).parameters)


def _demanded(verb: Verb) -> list[inspect.Parameter]:
    """Return the parameters beside the shop that have no default."""
    asked = [*_parameters(verb).values()][1:]
    return [each for each in asked if each.default is each.empty and each.kind != each.VAR_KEYWORD]


def _held(verb: Verb) -> dict[str, str]:
    """Return what a verb demands by parameter: the name under which the Asker has it."""
    module = verb.__module__.rpartition(".")[2]
    return {
        each.name: MEANT.get(
            (each.name, module), MEANT.get((each.name, each.annotation), each.name)
        )
        for each in _demanded(verb)
    }


def _can_be_asked(verb: Verb) -> bool:
    return all(name == "period" or hasattr(Asker, name) for name in _held(verb).values())


def in_notebooks() -> set[str]:
    """Return the names of what the notebooks call with the shop first."""
    files = [path.read_text(encoding="utf-8") for path in paths.notebooks().rglob("*.ipynb")]
    cells = [cell for file in files for cell in json.loads(file)["cells"]]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return set(re.findall(r"\b(\w+)\(shop\b", code))


NAMED = _named()


def _found() -> Iterator[tuple[str, Verb]]:
    for name in segments.names():
        yield f"label {name}", segments.find(name).label
    asked = in_notebooks()
    for name, verbs in NAMED.items():
        for verb in verbs:
            whole = inspect.signature(verb).return_annotation not in PARTS
            tower, module = verb.__module__.split(".")[1], verb.__module__.rpartition(".")[2]
            dated = [*_parameters(verb)][:2] == ["shop", "period"] and tower != "segments"
            if name != "label" and whole and _can_be_asked(verb) and (dated or name in asked):
                yield name if len(verbs) == 1 else f"{name} ({module})", verb


class Asker:
    """Asks verbs of a shop and a period; what they demand beside goes by the parameter's name.

    `few` are choices for the verbs that have them, such as how often to draw.
    """

    category, by, segment, days = "SOFT DRINKS", "department", "At risk", "next 2 weeks"
    weeks, discount = 4, 0.2
    objective = next(iter(OBJECTIVES))
    segmentation, label = segments.find("rfm"), staticmethod(rfm.label)
    among: tuple[int, ...] = ()
    targets: ClassVar[dict[str, float]] = {}

    def __init__(self, shop: Shop, period: str, **few: int) -> None:
        self.shop, self.period, self.few = shop, period, few

    def ask(self, verb: Verb) -> Any:
        """Return the answer of a verb."""
        return verb(self.shop, **self.arguments(verb))

    def arguments(self, verb: Verb) -> dict[str, Any]:
        """Return the arguments of a verb: those it demands, and of `few` those it knows."""
        needed = {name: getattr(self, held) for name, held in _held(verb).items()}
        return needed | {name: self.few[name] for name in _parameters(verb) if name in self.few}

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Return the segments of RFM, which serve as any labels."""
        return rfm.label(self.shop, self.period)

    before = after = peers = property(lambda self: self.labels)
    by_basket = property(lambda self: basket_variation.label(self.shop, self.period))
    by_frequency = property(lambda self: frequency_variation.label(self.shop, self.period))
    strangers = property(lambda self: self.ask(never_buy.label))

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
    def comparison(self) -> Comparison:
        """Return the period beside the one before it."""
        return measures.compared(self.shop, self.period)

    @cached_property
    def cover(self) -> pl.DataFrame:
        """Return how long stocks last."""
        return self.ask(stock_cover)

    @property
    def until(self) -> Any:
        """Return the last day."""
        return self.shop.window(self.period).last

    @cached_property
    def found(self) -> Areas:
        """Return the areas."""
        return self.ask(areas)

    @cached_property
    def stores(self) -> pl.DataFrame:
        """Return the stores of the areas."""
        return self.found.stores

    @cached_property
    def day_by_day(self) -> season.Daily:
        """Return sales by area and day."""
        return self.ask(season.daily)

    @cached_property
    def rates(self) -> pl.DataFrame:
        """Return how much of what a product would sell goes to others when it is away."""
        return self.ask(transfer).rates

    @cached_property
    def sold(self) -> pl.DataFrame:
        """Return what the items of a category sold."""
        return self.ask(range_items.range_sales)

    @cached_property
    def best(self) -> pl.DataFrame:
        """Return the customers who spend most."""
        return big_spenders.label(self.shop, self.period).filter(segment="Heavy")

    @cached_property
    def prices(self) -> pl.DataFrame:
        """Return shelf prices of a category."""
        return self.ask(prices.shelf_prices)

    @cached_property
    def case(self) -> diagnosis.Case:
        """Return the case of a category."""
        return self.ask(diagnosis.open_case)

    @cached_property
    def causes(self) -> pl.DataFrame:
        """Return what the case's change is made of."""
        return diagnosis.tree(self.case)

    @cached_property
    def learnt(self) -> Forecaster:
        """Return what past promotions teach."""
        return self.ask(learn_forecast)

    forecaster = property(lambda self: self.learnt)

    @cached_property
    def options(self) -> pl.DataFrame:
        """Return products to offer."""
        return self.ask(product_options)

    @property
    def products(self) -> list[int]:
        """Return the numbers of products to offer."""
        return self.options["product_id"].unique().sort().to_list()

    @property
    def rules(self) -> Any:
        """Return every rule of alerts."""
        return rules()

    @property
    def rule(self) -> Any:
        """Return a rule that looks back at the category that each customer lost."""
        return next(rule for rule in rules() if rule.kind == "category lost")

    @property
    def campaign(self) -> plan.Campaign:
        """Return the campaign that starts last."""
        return plan.read()

    @property
    def begun(self) -> plan.Campaign:
        """Return a campaign that has begun."""
        return plan.begun(plan.LATEST, self.shop.last_day)

    @cached_property
    def audience(self) -> Audience:
        """Return whom the campaign reaches."""
        return campaigns.audience(self.shop, self.campaign, self.customers)

    @property
    def reached(self) -> int:
        """Return how many the campaign reaches."""
        return self.audience.customers.height

    @cached_property
    def forecasts(self) -> pl.DataFrame:
        """Return what the campaign is expected to sell."""
        return self.ask(totals.forecast_of)

    @property
    def expects(self) -> dict[str, Any]:
        """Return what the campaign's file expects."""
        return dict(self.campaign.expects)

    @cached_property
    def run(self) -> design.Run:
        """Return the latest campaign that can be measured."""
        return design.run(self.shop)

    @property
    def groups(self) -> pl.DataFrame:
        """Return whom that campaign was for."""
        return self.run.groups

    starts = property(lambda self: self.run.window.first)
    ends = property(lambda self: self.run.window.last)

    @cached_property
    def told(self) -> pl.DataFrame:
        """Return what that campaign came to."""
        return placebo.judged(self.run.study(self.shop), result.outcomes(self.run))


def not_numbers(answer: Any) -> list[str]:
    """Return the columns of an answer's frames that hold what is not a number."""
    if isinstance(answer, pl.DataFrame):
        return [each.name for each in answer.select(cs.float()) if each.is_nan().any()]
    parts: Iterable[Any] = answer if isinstance(answer, list | tuple) else ()
    if isinstance(answer, dict) or is_dataclass(answer):
        parts = (answer if isinstance(answer, dict) else vars(answer)).values()
    return [name for part in parts for name in not_numbers(part)]


VERBS = dict(_found())
