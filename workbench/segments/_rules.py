"""Rules: who is in a saved segment, as conditions over segmentations, figures and consents.

A condition is a mapping of one of

    all: [condition, ...]            any: [condition, ...]            not: condition
    rfm: [At risk, Asleep]           in one of these segments of a segmentation, by its name
    wallet: {internal_wallet_share: {under: 0.2}}     a figure behind its label
    customer: {age: [35-44, 45-54]}  what the retailer knows of a customer
    consent: marketing               consents to the purpose on the period's last day

A segmentation's own choices stand beside it: `{wallet: [Low], with: {category: COFFEE}}`. A
figure that is unknown meets no bound.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.data.privacy import PURPOSES, consented
from workbench.data.shop import Shop

BOUNDS: dict[str, Callable[[pl.Expr, float], pl.Expr]] = {
    "under": lambda figure, bound: figure < bound,
    "at most": lambda figure, bound: figure <= bound,
    "at least": lambda figure, bound: figure >= bound,
    "over": lambda figure, bound: figure > bound,
}
Find = Callable[[str], Any]
_WORDS = ("all", "any", "not", "customer", "consent")


@dataclass
class Moment:
    """A shop and its days, and who was labelled by any part of a rule that was asked there."""

    shop: Shop
    window: Period
    cuts_from: Period | None
    found: dict[str, pl.DataFrame] = field(default_factory=dict)

    def labels(self, part: "Part") -> pl.DataFrame:
        """Return a part's labels here, made once."""
        if str(part) not in self.found:
            label = part.segmentation.label
            labels = label(self.shop, self.window, cuts_from=self.cuts_from, **part.choices)
            self.found[str(part)] = labels.with_columns(pl.col("customer_id").cast(pl.Int64))
        return self.found[str(part)]


class Condition(Protocol):
    """What a customer meets or not; its text says it in words."""

    def met(self, moment: Moment) -> pl.Expr:
        """Return a flag over `customer_id`."""


@dataclass(frozen=True)
class Part:
    """A segmentation by name, with its choices."""

    name: str
    segmentation: Any
    choices: Mapping[str, Any]

    def __str__(self) -> str:
        chosen = [f"{name} {value}" for name, value in self.choices.items()]
        return f"{self.name} ({', '.join(chosen)})" if chosen else self.name


@dataclass(frozen=True)
class Joined:
    """All or any of several conditions."""

    word: str
    parts: tuple[Condition, ...]

    def met(self, moment: Moment) -> pl.Expr:
        """Return the parts' flags, joined."""
        join = pl.all_horizontal if self.word == "all" else pl.any_horizontal
        return join(*(part.met(moment) for part in self.parts))

    def __str__(self) -> str:
        between = " and " if self.word == "all" else " or "
        return f"({between.join(map(str, self.parts))})"


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    part: Condition

    def met(self, moment: Moment) -> pl.Expr:
        """Return the part's flag, turned round."""
        return ~self.part.met(moment)

    def __str__(self) -> str:
        return f"not {self.part}"


@dataclass(frozen=True)
class InSegments:
    """In one of some segments of a segmentation."""

    part: Part
    segments: tuple[str, ...]

    def met(self, moment: Moment) -> pl.Expr:
        """Return whether the customer's label is one of them."""
        inside = pl.col("segment").cast(pl.String).is_in(self.segments)
        return _is_in(moment.labels(self.part).filter(inside))

    def __str__(self) -> str:
        return f"{self.part} is {' or '.join(self.segments)}"


@dataclass(frozen=True)
class Figure:
    """A figure behind the label of a segmentation, within its bounds."""

    part: Part
    name: str
    bounds: Mapping[str, float]

    def met(self, moment: Moment) -> pl.Expr:
        """Return whether the customer's figure is known and keeps the bounds."""
        labels = moment.labels(self.part)
        kinds = {name: kind for name, kind in labels.schema.items() if kind.is_numeric()}
        if self.name not in kinds:
            allowed = ", ".join(name for name in kinds if name != "customer_id")
            raise ValueError(f"{self.part} has no figure {self.name!r}; allowed: {allowed}")
        figure = pl.col(self.name).cast(pl.Float64)
        kept = (BOUNDS[word](figure, bound) for word, bound in self.bounds.items())
        return _is_in(labels.filter(pl.all_horizontal(*kept)))

    def __str__(self) -> str:
        said = " and ".join(f"{word} {bound:g}" for word, bound in self.bounds.items())
        return f"{self.part} {self.name} {said}"


@dataclass(frozen=True)
class Known:
    """One of some values of what the retailer knows of a customer."""

    column: str
    values: tuple[str, ...]

    def met(self, moment: Moment) -> pl.Expr:
        """Return whether the customer's value is one of them."""
        customers = moment.shop.customers
        if self.column not in customers.collect_schema().names():
            raise ValueError(f"{moment.shop.retailer} knows no {self.column!r} of its customers")
        known = fetch(customers.select("customer_id", self.column), by=["customer_id"])
        return _is_in(known.filter(pl.col(self.column).is_in(self.values)))

    def __str__(self) -> str:
        return f"{self.column} is {' or '.join(self.values)}"


@dataclass(frozen=True)
class Consents:
    """Consent to a purpose, as it holds on the period's last day."""

    purpose: str

    def met(self, moment: Moment) -> pl.Expr:
        """Return whether the customer consents; no decision is a no."""
        willing = consented(moment.shop, self.purpose, moment.window.last)
        return _is_in(fetch(willing.select("customer_id"), by=["customer_id"]))

    def __str__(self) -> str:
        return f"consents to {self.purpose}"


def parse(given: Any, find: Find, where: str) -> Condition:
    """Return the condition that is written, or raise ValueError naming the place and the way out.

    `find` gives a segmentation by its name; `where` names the place for the messages.
    """
    word = _word(given, where)
    inside, value = f"{where}: {word}", given[word]
    if "with" in given and word in _WORDS:
        raise ValueError(f"{inside}: `with` says how a segmentation is made; write it beside one")
    if word in ("all", "any"):
        parts = _listed(value, inside)
        return Joined(
            word, tuple(parse(part, find, f"{inside}, {n}") for n, part in enumerate(parts, 1))
        )
    if word == "not":
        return Not(parse(value, find, inside))
    if word == "consent":
        return Consents(_one_of(value, PURPOSES, inside))
    if word == "customer":
        return _one_condition(value, lambda column, of: Known(column, _texts(of, inside)), inside)
    return _segmented(_part(word, given.get("with", {}), find, inside), value, inside)


def _segmented(part: Part, value: Any, where: str) -> Condition:
    if isinstance(value, Mapping):
        return _one_condition(value, lambda name, of: Figure(part, name, _bounds(of, where)), where)
    allowed = list(part.segmentation.SEGMENTS)
    return InSegments(part, tuple(_one_of(name, allowed, where) for name in _texts(value, where)))


def _part(name: str, chosen: Any, find: Find, where: str) -> Part:
    try:
        segmentation = find(name)
    except ValueError as error:
        raise ValueError(f"{where}: {error}; or one of: {', '.join(_WORDS)}") from None
    known = [name for name in inspect.signature(segmentation.label).parameters if name != "self"]
    for choice in _mapping(chosen, f"{where}: with"):
        _one_of(choice, [name for name in known[2:] if name != "cuts_from"], f"{where}: with")
    return Part(name, segmentation, chosen)


def _one_condition(given: Any, make: Callable[[str, Any], Condition], where: str) -> Condition:
    parts = tuple(make(str(name), of) for name, of in _mapping(given, where).items())
    if not parts:
        raise ValueError(f"{where}: names nothing; write what is asked, or leave it out")
    return parts[0] if len(parts) == 1 else Joined("all", parts)


def _word(given: Any, where: str) -> str:
    words = [word for word in _mapping(given, where) if word != "with"]
    if len(words) != 1:
        raise ValueError(
            f"{where}: {words} where one condition is wanted; join several with `all` or `any`"
        )
    return str(words[0])


def _bounds(given: Any, where: str) -> dict[str, float]:
    bounds = _mapping(given, where)
    for word, bound in bounds.items():
        _one_of(word, BOUNDS, where)
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise ValueError(f"{where}: {word} {bound!r} is not a number; write one")
    return dict(bounds)


def _mapping(given: Any, where: str) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{where}: {given!r} is no condition; write one as `rfm: [At risk]`")
    return given


def _listed(given: Any, where: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise ValueError(f"{where}: {given!r} is no list of conditions; write each after a dash")
    return given


def _texts(given: Any, where: str) -> tuple[str, ...]:
    values = given if isinstance(given, list) else [given]
    if not values or any(isinstance(value, Mapping | list) or value is None for value in values):
        raise ValueError(f"{where}: {given!r} is no list of names; write one as [a, b]")
    return tuple(map(str, values))


def _one_of(given: Any, allowed: Any, where: str) -> str:
    names = list(allowed)
    if given in names:
        return str(given)
    near = get_close_matches(str(given), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{where}: {given!r} is not one of: {', '.join(names) or '(none)'}{hint}")


def _is_in(customers: pl.DataFrame) -> pl.Expr:
    return pl.col("customer_id").is_in(customers["customer_id"].cast(pl.Int64).implode())
