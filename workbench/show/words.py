"""Figures as people read them: money, shares, counts, changes, periods and lists as text.

Every function takes a plain value and returns text. A value that cannot be observed (None or
not a number) is an en dash, never 0.
"""

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal

from workbench.show import theme

DASH = "–"
MINUS = "−"

Figure = int | float | Decimal | None


def money(value: Figure, *, decimals: int | None = None) -> str:
    """Return an amount in the house's currency, whole from 1,000 on: $12.50, $1,069,306."""
    if missing(value):
        return DASH
    amount = float(value)  # type: ignore[arg-type]
    fitting = 0 if abs(amount) >= 1000 or amount == 0 else 2
    text = _signed(amount, fitting if decimals is None else decimals)
    return MINUS * text.startswith(MINUS) + theme.symbol() + text.removeprefix(MINUS)


def gain(value: Figure, *, decimals: int | None = None) -> str:
    """Return an amount with its sign, plus too: +$12.50, −$1,069,306."""
    said = money(value, decimals=decimals)
    return said if missing(value) or float(value) <= 0 else f"+{said}"  # type: ignore[arg-type]


def share(value: Figure, *, decimals: int | None = None) -> str:
    """Return a fraction of one as a percentage, with a decimal below ten: 0.463 is 46%."""
    if missing(value):
        return DASH
    percent = 100 * float(value)  # type: ignore[arg-type]
    if 0 < abs(percent) < 0.05:
        return "<0.1%" if percent > 0 else f">{MINUS}0.1%"
    fitting = 1 if 0 < abs(percent) < 9.95 else 0
    return _signed(percent, fitting if decimals is None else decimals) + "%"


def count(value: Figure) -> str:
    """Return a whole number with thousands apart: 2469 is 2,469."""
    return DASH if missing(value) else _signed(float(value), 0)  # type: ignore[arg-type]


def number(value: Figure, *, decimals: int | None = None) -> str:
    """Return a measured number: whole from 100 on, with one decimal below."""
    if missing(value):
        return DASH
    measured = float(value)  # type: ignore[arg-type]
    fitting = 0 if abs(measured) >= 100 or measured == int(measured) else 1
    return _signed(measured, fitting if decimals is None else decimals)


def change(now: Figure, before: Figure) -> str:
    """Return the change from before to now in percent of before, with its sign: +12%.

    Of nothing, and of a negative amount, no percentage says anything: a dash.
    """
    if missing(now) or missing(before) or float(before) <= 0:  # type: ignore[arg-type]
        return DASH
    moved = float(now) / float(before) - 1  # type: ignore[arg-type]
    return ("+" if moved > 0 else "") + share(moved)


def times(value: Figure) -> str:
    """Return a ratio as a multiple: 2.41 is 2.4 times."""
    return DASH if missing(value) else f"{_signed(float(value), 1)} times"  # type: ignore[arg-type]


def day(value: dt.date | None) -> str:
    """Return a day: 31 Dec 2017."""
    return DASH if value is None else f"{value.day} {value:%b %Y}"


def period(first: dt.date, last: dt.date) -> str:
    """Return the days from first to last, both included: 3 Jul – 31 Dec 2017."""
    if first == last:
        return day(last)
    if first.year == last.year:
        return f"{first.day} {first:%b} {DASH} {day(last)}"
    return f"{day(first)} {DASH} {day(last)}"


def join(items: Iterable[str]) -> str:
    """Return a list as a phrase: a, b and c."""
    names = list(items)
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


def some(value: Figure, noun: str, nouns: str = "") -> str:
    """Return a count with its noun: 1 customer, 2,469 customers."""
    return f"{count(value)} {noun if value == 1 else nouns or noun + 's'}"


def plain(value: object) -> str:
    """Return a name as it is, and a yes or no in words; without one, a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return DASH if missing(value) else str(value)


def tidy(text: str) -> str:
    """Return a text without the signs that turn the direction of the words after it."""
    return text.translate(_TURNS)


def missing(value: object) -> bool:
    """Say whether a value cannot be observed: None, or not a finite number."""
    return value is None or (isinstance(value, int | float | Decimal) and not math.isfinite(value))


_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def _signed(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text
