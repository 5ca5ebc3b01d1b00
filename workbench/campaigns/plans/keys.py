"""The keys of a campaign's file: what each may say, and the way out where it says other things."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from workbench import paths
from workbench.campaigns.plans.mechanics import MECHANICS
from workbench.data.period import Latest, Period
from workbench.kinds import Choice, Int, Number, Text

PAYERS = ("retailer", "supplier", "partner")
CHANNELS = {
    "email": ("marketing", 0.002),
    "sms": ("marketing", 0.06),
    "push": ("marketing", 0.0),
    "post": ("marketing", 0.75),
    "till": ("profiling", 0.01),
}
STOPS = {
    "cost over": "the discount given so far is more than this amount",
    "redeemed under": "after half of its days, fewer than this share of those addressed redeemed",
    "sales under": "after half of its days, sales are below this share of the forecast so far",
    "unsubscribed over": "more than this share of those written to unsubscribed",
}
NEEDED = (
    *("name", "owner", "objective", "segment", "period", "category", "products", "mechanic"),
    *("terms", "days", "channel", "control", "budget", "pays"),
)


def check(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all keys given, or raise ValueError naming the first that is wrong."""
    missing = [key for key in NEEDED if key not in given]
    if missing:
        raise ValueError(f"{' and '.join(missing)} missing; it needs {', '.join(NEEDED)}")
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ";"
            raise ValueError(f"{key!r} is no key here{hint} allowed: {', '.join(KEYS)}")
        try:
            found[key] = KEYS[key](value)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
    mechanic = MECHANICS[found["mechanic"]]
    return found | {"terms": mechanic.check(found["terms"])}


def templates() -> list[str]:
    """Return the names of the message templates there are."""
    folder = paths.templates() / "message"
    return sorted({path.name.partition(".")[0] for path in folder.glob("[!_]*.j2")})


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text; write one, in quotes if it looks like a number")
    return Text(200).parse(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError(f'{value!r} is no list of texts; write each in quotes, as ["0012"]')
    return tuple(map(_text, value))


def _products(value: Any) -> tuple[str, ...]:
    if not value:
        raise ValueError('names no product; write the retailer\'s ids, as ["0012"]')
    return _texts(value)


def _segment(value: Any) -> str:
    if not all(part.strip() for part in _text(value).partition(": ")[::2]):
        raise ValueError(f'{value!r} is no segment; write one as "rfm: At risk"')
    return str(value)


def _days(value: Any) -> Period:
    days = Period.parse(value)
    if isinstance(days, Latest):
        raise ValueError(f"'{value}' moves with the data; write days as 2018-01-08/2018-01-21")
    return days


def _terms(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no list of terms; write them as {{discount: 0.2}}")
    return dict(value)


def _figures(allowed: Iterable[str], kind: Number) -> Callable[[Any], dict[str, float]]:
    def checked(value: Any) -> dict[str, float]:
        return {
            Choice(allowed).parse(name): kind.parse(figure)
            for name, figure in _terms(value).items()
        }

    return checked


def _pays(value: Any) -> dict[str, float]:
    shares = _figures(PAYERS, Number(0, 1))(value)
    if round(sum(shares.values()), 6) != 1:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}; they have to make 1")
    return shares


def _message(value: Any) -> str | dict[str, str]:
    if not isinstance(value, Mapping):
        return Choice(templates).parse(value)
    if len(value) < 2:
        raise ValueError("names fewer than two offers to try; write the one template's name")
    return {_text(offer): Choice(templates).parse(name) for offer, name in value.items()}


def _expects(value: Any) -> dict[str, Any]:
    found = _terms(value)
    figures = [figure for each in found.values() if isinstance(each, list) for figure in each]
    if any(isinstance(each, list) and len(each) != 3 for each in found.values()) or not all(
        figure is None or isinstance(figure, int | float) for figure in figures
    ):
        raise ValueError("each figure is three numbers, expected, low, high; the planner writes it")
    return found


KEYS: dict[str, Callable[[Any], Any]] = {
    "name": _text,
    "owner": _text,
    "objective": _text,
    "segment": _segment,
    "period": lambda value: str(Period.parse(value)),
    "category": _text,
    "products": _products,
    "mechanic": Choice(MECHANICS).parse,
    "terms": _terms,
    "days": _days,
    "channel": Choice(CHANNELS).parse,
    "message": _message,
    "control": Number(0.01, 0.9).parse,
    "cap": Int(1, 100).parse,
    "exclude": _texts,
    "budget": Number(0).parse,
    "pays": _pays,
    "stop": _figures(STOPS, Number(0)),
    "code": _text,
    "expects": _expects,
}
