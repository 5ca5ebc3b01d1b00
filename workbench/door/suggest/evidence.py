"""What the values of a delivered column say: numbers and how they are written, dates and which
formats read them, words that mean "unknown".

Nothing is decided here: where two readings fit, both are told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import polars as pl

from workbench.door.suggest.synonyms import UNKNOWN

ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
ENOUGH = 0.9
TRIED = 5_000
_SIGNS = r"\p{Sc}|\b[A-Z]{3}\b|\s*[()]\s*|^\s*[-+\x{2212}]\s*|\s*-\s*$"
_NEGATIVE = r"^\s*(?:\p{Sc}|[A-Z]{3})?\s*[-\x{2212}(]|-\s*$"
SPACES = (" ", "\u00a0", "\u202f")
WRITINGS = (
    *((".", ""), (",", ""), (".", ","), (",", "."), (".", "'"), (".", "’")),
    *product((",", "."), SPACES),
)
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y"),
    *(f"{first}{sep}{second}{sep}{year}" for sep in "/-" for year in ("%Y", "%y")
      for first, second in (("%d", "%m"), ("%m", "%d"))),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
)  # fmt: skip
_CLOCKS = (
    *("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M", " %H:%M:%S%.f", "T%H:%M:%S%.f"),
    *("T%H:%M:%SZ", "T%H:%M:%S%.fZ", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", " %H.%M", " %Hh%M"),
)
_DATE = (
    r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8}|\d{1,2}[ -]\p{L}{3,}[ -]\d{2,4}"
    r"|\p{L}{3,} \d{1,2},? \d{4})"
)
CLOCK = r"^\d{1,2}[:h.]\d{2}([:.]\d{2})?( ?[AaPp][Mm])?$"


@dataclass(frozen=True)
class Writing:
    """How a column's numbers are written.

    `open` tells that dots or commas may be decimals or thousands as well; `settled` that only
    the other columns say which; `signs` that there are currency signs, parentheses or minus signs
    at the end.
    """

    decimal: str
    thousands: str
    open: bool
    settled: bool
    signs: bool
    whole: bool

    @property
    def plain(self) -> bool:
        """Return whether they are read without being told how."""
        return (self.decimal, self.thousands) == (".", "") and not (self.open or self.signs)


@dataclass(frozen=True, eq=False)
class Seen:
    """A delivered column as far as it was looked at: its name and its values.

    `house` says how numbers of the same file are written (decimal, thousands), if any tells.
    """

    name: str
    delivered: pl.Series
    house: tuple[str, str] | None = None

    @cached_property
    def values(self) -> pl.Series:
        """Return the values: text without blanks around it; blanks and unknowns are null."""
        if self.delivered.dtype != pl.String:
            return self.delivered
        text = self.delivered.str.strip_chars()
        unknown = text.is_in(["", *self.nulls])
        return text.set(unknown.fill_null(False), None)

    @cached_property
    def nulls(self) -> tuple[str, ...]:
        """Return the words among the values that mean unknown, as they are written."""
        if self.delivered.dtype != pl.String:
            return ()
        words = self.delivered.str.strip_chars().drop_nulls().unique()
        return tuple(words.filter(words.str.to_lowercase().is_in(UNKNOWN)).sort())

    @cached_property
    def distinct(self) -> pl.Series:
        """Return the different values, null not being one."""
        return self.values.drop_nulls().unique(maintain_order=True)

    @property
    def unique(self) -> bool:
        """Return whether every row has a value of its own."""
        return len(self.values) > 0 and len(self.distinct) == len(self.values)

    @cached_property
    def writing(self) -> Writing | None:
        """Return how its numbers are written, or None where they are none."""
        if self.delivered.dtype.is_numeric():
            whole = self.delivered.dtype.is_integer()
            return Writing(".", "", open=False, settled=False, signs=False, whole=whole)
        if self.delivered.dtype != pl.String:
            return None
        return _writing(self.values, self.house)

    @cached_property
    def formats(self) -> tuple[str, ...]:
        """Return the formats that read its values as dates: those that read all of them, or
        else those that read nearly all.
        """
        if self.delivered.dtype != pl.String or self.iso:
            return ()
        few, many = self.distinct.head(50), self.distinct.head(TRIED)
        if few.is_empty() or few.str.contains(_DATE).sum() < ENOUGH * len(few):
            return ()
        likely = [form for form in _formats() if _share_read(few, form) >= ENOUGH]
        shares = {form: _share_read(many, form) for form in likely}
        needed = 1 if 1 in shares.values() else ENOUGH
        return tuple(form for form, share in shares.items() if share >= needed)

    @cached_property
    def iso(self) -> bool:
        """Return whether the values are dates that are read without being told how."""
        if self.delivered.dtype != pl.String:
            return self.delivered.dtype.is_temporal() and self.delivered.dtype != pl.Time
        many = self.distinct.head(TRIED)
        read = many.to_frame().select(pl.coalesce(read_days(many, form) for form in ISO))
        return len(many) > 0 and read.to_series().null_count() <= (1 - ENOUGH) * len(many)

    @property
    def dated(self) -> bool:
        """Return whether the values are days or moments."""
        return self.iso or bool(self.formats)

    @property
    def clock(self) -> bool:
        """Return whether the values are times of a day, without a day."""
        if self.delivered.dtype != pl.String or self.distinct.is_empty():
            return self.delivered.dtype == pl.Time
        return bool(self.distinct.head(TRIED).str.contains(CLOCK).all())

    def numbers(self) -> pl.Series:
        """Return the values as floating-point numbers, null where they are none."""
        if self.delivered.dtype.is_numeric():
            return self.delivered.cast(pl.Float64)
        if self.writing is None:
            return pl.Series(self.name, [None] * len(self.values), dtype=pl.Float64)
        text = _bare(self.values)
        if self.writing.thousands:
            text = text.str.replace_all(self.writing.thousands, "", literal=True)
        number = text.str.replace(self.writing.decimal, ".", literal=True)
        sign = self.values.str.contains(_NEGATIVE).cast(pl.Int8) * -2 + 1
        return number.cast(pl.Float64, strict=False) * sign


def _formats() -> Iterator[str]:
    return (day + clock for day, clock in product(_DAYS, _CLOCKS))


def read_days(values: pl.Series, form: str) -> pl.Series:
    """Return text as moments by a format, null where it does not fit or the year is absurd."""
    read = values.str.to_datetime(form, time_unit="us", strict=False)
    return read.set(~read.dt.year().is_between(1900, 2100).fill_null(True), None)


def rivals(formats: Iterable[str]) -> list[str]:
    """Return the first format of each order of day, month and year.

    >>> rivals(["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M"])
    ['%d/%m/%Y', '%m/%d/%Y']
    """
    orders: dict[str, str] = {}
    for form in formats:
        order = "".join(re.findall("%([dmybBY])", form)).lower().replace("b", "m")
        orders.setdefault(order, form)
    return list(orders.values())


def _share_read(values: pl.Series, form: str) -> float:
    if values.is_empty():
        return 0.0
    return 1 - read_days(values, form).null_count() / len(values)


def _bare(values: pl.Series) -> pl.Series:
    """Return numbers without signs, currency and parentheses."""
    return values.str.replace_all(_SIGNS, "").str.strip_chars()


def _pattern(decimal: str, thousands: str) -> str:
    point = re.escape(decimal)
    if not thousands:
        return rf"^\d+({point}\d+)?$"
    return rf"^([1-9]\d{{0,2}}({re.escape(thousands)}\d{{3}})+|\d+)({point}\d+)?$"


def house_of(columns: Iterable[Seen]) -> tuple[str, str] | None:
    """Return how a file's numbers are written, if columns that leave no doubt agree on it."""
    told = [seen.writing for seen in columns if seen.writing]
    sure = {(each.decimal, each.thousands) for each in told if not each.open and not each.whole}
    decimals = {decimal for decimal, _ in sure}
    marks = {thousands for _, thousands in sure if thousands}
    if len(decimals) != 1 or len(marks) > 1:
        return None
    return decimals.pop(), marks.pop() if marks else ""


def _writing(values: pl.Series, house: tuple[str, str] | None) -> Writing | None:
    tried = values.drop_nulls().unique(maintain_order=True).head(TRIED)
    bare = _bare(tried)
    if tried.is_empty():
        return None
    fits = {writing: float(bare.str.contains(_pattern(*writing)).mean()) for writing in WRITINGS}  # type: ignore[arg-type]
    best = max(fits.values())
    if best < ENOUGH:
        return None
    equal = [writing for writing, share in fits.items() if share == best]
    two = _two_readings(bare, equal)
    decimal, thousands = house if house in equal else equal[0]
    return Writing(
        decimal,
        thousands,
        open=two and house not in equal,
        settled=two and house in equal,
        signs=bool((bare != tried.str.replace(r"^-", "")).any()),
        whole=not bare.str.contains(r"[.,]").any(),
    )


def _two_readings(bare: pl.Series, equal: list[tuple[str, str]]) -> bool:
    """Return whether a dot (or a comma) is a decimal point in one reading, not in another."""
    return any(
        any(decimal == sign for decimal, _ in equal)
        and any(thousands == sign for _, thousands in equal)
        and bool(bare.str.contains(sign, literal=True).any())
        for sign in ".,"
    )
