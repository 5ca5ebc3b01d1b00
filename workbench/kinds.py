"""The kinds of notebook parameters: what the annotation of a parameter may be.

A parameters cell holds annotated plain variables, one per line, help in the comment:

    period: Period = "last 26 weeks"       # days to look at, both included
    bands: Int[3, 10] = 5                  # scores per dimension
    segment: Choice[SEGMENTS] = "At risk"  # whom to look at closely

A kind is an object with `parse(value)`, which takes text (from a link, a command line, a
schedule file) or a plain Python value and returns the checked plain value that the notebook
gets, or raises ValueError saying what is allowed. Period lives in `workbench.data`.
"""

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

MOST, MOST_NAMED = 60, 40
Options = Iterable[str] | Callable[[], Iterable[str]]


class _Bounded(type):
    """Lets a kind be written bare (`Int`) or with its bounds or options (`Int[3, 10]`)."""

    def __getitem__(cls, arguments: Any) -> Any:
        return cls(*arguments) if isinstance(arguments, tuple) else cls(arguments)


@dataclass(frozen=True)
class Int(metaclass=_Bounded):
    """A whole number, `Int` or `Int[low, high]` with both bounds allowed."""

    low: int | None = None
    high: int | None = None

    def parse(self, value: object) -> int:
        """Return the whole number, or raise ValueError naming the range."""
        number = _whole(value)
        if number is None:
            raise ValueError(f"{_short(value)} is not a whole number; allowed: {_range(self)}")
        _within(self, number)
        return number


@dataclass(frozen=True)
class Number(metaclass=_Bounded):
    """A finite number, `Number` or `Number[low, high]` with both bounds allowed."""

    low: float | None = None
    high: float | None = None

    def parse(self, value: object) -> float:
        """Return the number, or raise ValueError naming the range."""
        number = _number(value)
        if not math.isfinite(number):
            raise ValueError(f"{_short(value)} is not a number; allowed: {_range(self)}")
        _within(self, number)
        return number


@dataclass(frozen=True)
class Flag(metaclass=_Bounded):
    """Yes or no."""

    def parse(self, value: object) -> bool:
        """Return yes or no as a bool, or raise ValueError."""
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        known = words.get(str(value).strip().lower())
        if known is None:
            raise ValueError(f"{_short(value)} is neither yes nor no; allowed: true, false")
        return known


@dataclass(frozen=True)
class Date(metaclass=_Bounded):
    """A day, written 2017-12-31."""

    def parse(self, value: object) -> str:
        """Return the day as ISO text, or raise ValueError."""
        try:
            return dt.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            allowed = "a date like 2017-12-31"
            raise ValueError(f"{_short(value)} is not a day; allowed: {allowed}") from None


@dataclass(frozen=True)
class Text(metaclass=_Bounded):
    """One line of text, `Text` or `Text[most]` with at most that many characters."""

    most: int = 200

    def parse(self, value: object) -> str:
        """Return the line of text, or raise ValueError."""
        text = str(value)
        if len(text) > self.most or not text.isprintable():
            raise ValueError(f"{_short(text)} is not one line of at most {self.most} characters")
        return text


@dataclass(frozen=True)
class Choice(metaclass=_Bounded):
    """One of the given options: names, or a function that returns names, or what each is called."""

    given: Options

    @property
    def options(self) -> list[str]:
        """Return the names to choose from."""
        return list(self.labels)

    @property
    def labels(self) -> dict[str, str]:
        """Return what people read for each name: the name, where nothing else was given."""
        if not callable(self.given):
            return {name: name for name in self.given}
        found = self.given()
        return dict(found) if isinstance(found, Mapping) else {name: name for name in found}

    def parse(self, value: object) -> str:
        """Return the option, or raise ValueError listing them."""
        return _one_of(self.options, str(value))


@dataclass(frozen=True)
class Many(metaclass=_Bounded):
    """Some of the given options, written `["a", "b"]` or `a,b`; none means all."""

    given: Options

    @property
    def options(self) -> list[str]:
        """Return the names to choose from."""
        return list(self.given() if callable(self.given) else self.given)

    def parse(self, value: object) -> list[str]:
        """Return the options chosen, or raise ValueError listing them."""
        options = self.options
        return list(dict.fromkeys(_one_of(options, str(item)) for item in _items(value)))


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(value) if isinstance(value, str) else int(str(_number(value)).removesuffix(".0"))
    except ValueError:
        return None


def _number(value: object) -> float:
    """Return what a text or number says, or NaN."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _items(value: object) -> list[object]:
    if not isinstance(value, str):
        return [*value] if isinstance(value, Iterable) else [value]
    text = value.strip()
    if text.startswith("["):
        try:
            return list(json.loads(text))
        except (ValueError, RecursionError):
            raise ValueError(f"{_short(value)} is not a list such as a,b") from None
    return [item.strip() for item in text.split(",") if item.strip()]


def _one_of(options: list[str], value: str) -> str:
    if value in options:
        return value
    near = get_close_matches(value, options, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    more = [f"and {len(options) - MOST_NAMED:,} more"] if len(options) > MOST_NAMED else []
    named = ", ".join([*options[:MOST_NAMED], *more])
    raise ValueError(f"{_short(value)} is not one of: {named}{hint}")


def _within(kind: Int | Number, number: float) -> None:
    low, high = kind.low, kind.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(f"{_short(number)} is out of range; allowed: {_range(kind)}")


def _range(kind: Int | Number) -> str:
    if kind.low is None:
        return "any" if kind.high is None else f"up to {kind.high}"
    return f"from {kind.low}" if kind.high is None else f"{kind.low} to {kind.high}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MOST else f"{text[: MOST - 4]}...{text[-1]}"
