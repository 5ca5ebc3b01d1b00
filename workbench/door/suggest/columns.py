"""Guesses at a mapping's tables: which delivered column is which of ours, and how it is read.

Every guess carries its reasons as notes. What cannot be known from the file is left open, to be
chosen by somebody who knows, never guessed silently.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.data.contracts import CONTRACTS
from workbench.door.mapping import OPEN
from workbench.door.suggest import evidence
from workbench.door.suggest.evidence import Seen
from workbench.door.suggest.synonyms import closeness, words

CLOSE = 0.5
FEW = 4
WRITTEN = (Kind.MONEY, Kind.QUANTITY, Kind.TENTHS, Kind.LATITUDE, Kind.LONGITUDE)
AMOUNTS = (*WRITTEN, Kind.WHOLE, Kind.RATE)
DAYS = (Kind.STAMP, Kind.DAY, Kind.WEEK)
YES = ("yes", "y", "true", "1", "oui", "o", "vrai", "ja", "j", "si", "sí", "s", "sì", "granted")
PRICE = Column("price", Kind.MONEY, "per piece")
CLOCK = Column("clock", Kind.TEXT, "the time of the day, in a column of its own")
UNIQUE = ("products", "customers", "people", "stores")
OWN = {"products": "product", "stores": "store", "campaigns": "campaign"}
MORE_THAN_KEYS = (*UNIQUE, "promotions")


@dataclass
class Entry:
    """One line of a mapping, `name: value`, with the notes that are written above it."""

    name: str
    value: Any
    notes: list[str] = field(default_factory=list)


def matched(table: str, columns: Sequence[Seen]) -> dict[str, Seen]:
    """Return our columns of a table and the delivered ones that seem to be them."""
    wanted = list(CONTRACTS[table].columns) + ([PRICE, CLOCK] if table == "lines" else [])
    scored = [
        (-_closeness(table, ours, seen), rank, place, ours, seen)
        for rank, ours in enumerate(wanted)
        for place, seen in enumerate(columns)
        if _fits(ours, seen)
    ]
    found: dict[str, Seen] = {}
    for score, _, _, ours, seen in sorted(scored, key=lambda each: each[:3]):
        if -score >= CLOSE and ours.name not in found and seen not in found.values():
            found[ours.name] = seen
    return found


def _closeness(table: str, ours: Column, seen: Seen) -> float:
    """Return how well a column's name means ours; a mere `id` is that of the table's own rows."""
    own = OWN.get(table, "customer")
    if words(seen.name) == ("id",) and ours.name == own and table != "lines":
        return CLOSE
    return closeness(ours.name, seen.name)


def _fits(ours: Column, seen: Seen) -> bool:
    """Return whether a column's values can be what ours holds."""
    if ours.name == CLOCK.name:
        return seen.clock
    if seen.distinct.is_empty():
        return not ours.required and ours.name != PRICE.name
    if ours.kind in DAYS:
        return seen.dated or (ours.kind is Kind.WEEK and _whole(seen))
    if ours.kind in AMOUNTS:
        return seen.writing is not None
    if ours.kind is Kind.FLAG:
        return 0 < len(seen.distinct) <= FEW
    if ours.kind in (Kind.ID, Kind.KEY):
        return seen.writing is None or _whole(seen)
    return True


def _whole(seen: Seen) -> bool:
    return seen.writing is not None and seen.writing.whole


def suits(table: str, found: Mapping[str, Seen]) -> bool:
    """Return whether the columns found in a file make it one of a table."""
    if table == "lines":
        amount, many = {"sales", "price"} & found.keys(), {"quantity", "basket"} & found.keys()
        return bool({"product", "sold_at"} <= found.keys() and amount and many)
    contract = CONTRACTS[table]
    if not set(contract.required) <= found.keys():
        return False
    if table in UNIQUE and not found[contract.columns[0].name].unique:
        return False
    return table not in MORE_THAN_KEYS or len(found) > len(contract.required)


def by_values(columns: Sequence[Seen]) -> dict[str, Seen]:
    """Return receipt lines' columns by name where there is one, else by their values.

    There has to be just one column of dates, and just one of amounts beside those known.
    Nothing is returned where the values do not tell.
    """
    found = matched("lines", columns)
    if "sold_at" not in found:
        dates = [seen for seen in columns if seen.dated]
        found |= {"sold_at": dates[0]} if len(dates) == 1 else {}
    if not {"sales", PRICE.name} & found.keys():
        amounts = [
            seen
            for seen in columns
            if seen.writing and not seen.writing.whole and seen not in found.values()
        ]
        found |= {"sales": amounts[0]} if len(amounts) == 1 else {}
    return found if "sold_at" in found and {"sales", PRICE.name} & found.keys() else {}


def entry(column: Column, seen: Seen) -> Entry:
    """Return how a column of ours is read from a delivered one."""
    if seen.distinct.is_empty():
        return Entry(column.name, seen.name, ["DOUBT: empty in all rows looked at"])
    if column.kind in WRITTEN:
        options, notes = number(seen)
    elif column.kind in DAYS and not _whole_weeks(column, seen):
        options, notes = moment(seen, stamp=column.kind is Kind.STAMP)
    elif column.kind is Kind.FLAG:
        options, notes = _answers(seen)
    elif _whole_weeks(column, seen):
        options = {"weeks_from": OPEN}
        notes = ["CHOOSE: the Monday that week 1 begins on, such as 2026-01-05"]
    else:
        options, notes = {}, []
    return Entry(column.name, source(seen, options), notes)


def source(seen: Seen, options: Mapping[str, Any]) -> Any:
    """Return a delivered column as a mapping names it, with the options that read it, if any."""
    return {"from": seen.name, **options} if options else seen.name


def _whole_weeks(column: Column, seen: Seen) -> bool:
    return column.kind is Kind.WEEK and _whole(seen) and not seen.dated


def number(seen: Seen) -> tuple[dict[str, Any], list[str]]:
    """Return the options that read a column's numbers, and notes on them."""
    writing = seen.writing
    if writing is None or writing.plain:
        return {}, _unread(seen, seen.numbers(), "number")
    if writing.open:
        example = seen.distinct.filter(seen.distinct.str.contains(r"[.,]")).head(1).item()
        sign, other = (".", ",") if "." in example else (",", ".")
        return {"decimal": OPEN}, [
            f"CHOOSE: in {example!r} the sign {sign!r} parts decimals (decimal: {sign!r}) or "
            f"thousands (decimal: {other!r}, thousands: {sign!r}); no value tells"
        ]
    options = {"decimal": writing.decimal}
    if writing.thousands:
        options["thousands"] = writing.thousands
    notes = _unread(seen, seen.numbers(), "number")
    if writing.settled:
        notes.append("DOUBT: read as the numbers of the other columns are written")
    return options, notes


def moment(seen: Seen, *, stamp: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the options that read a column's dates, and notes on them."""
    if not seen.formats or seen.iso:
        return {}, []
    rivals = evidence.rivals(seen.formats)
    if len(rivals) > 1:
        return {"format": OPEN}, [_choice(seen, rivals)]
    form = rivals[0]
    options = {"format": form}
    if stamp and form.endswith("Z"):
        options["zone"] = "UTC"
    return options, _unread(seen, evidence.read_days(seen.values, form), "date")


def _choice(seen: Seen, rivals: Sequence[str]) -> str:
    one, other = (evidence.read_days(seen.distinct, form) for form in rivals[:2])
    example = pl.concat([seen.distinct.filter(one != other), seen.distinct]).head(1)
    told = []
    for form in rivals:
        day = evidence.read_days(example, form).dt.strftime("%-d %B %Y").item()
        days = evidence.read_days(seen.values, form).dt.strftime("%Y-%m-%d").drop_nulls().sort()
        first, last = days[0], days[-1]
        told.append(f"{day} (format: {form!r}; the days then run from {first} to {last})")
    return f"CHOOSE: {example.item()!r} is " + " or ".join(told)


def _answers(seen: Seen) -> tuple[dict[str, Any], list[str]]:
    known = {"true", "yes", "1", "false", "no", "0"}
    answers = sorted(str(value) for value in seen.distinct.to_list())
    if {answer.lower() for answer in answers} <= known:
        return {}, []
    yes = [answer for answer in answers if answer.lower() in YES]
    others = ", ".join(answer for answer in answers if answer not in yes) or "none seen"
    if not yes:
        return {"yes": OPEN}, [f"CHOOSE: the answers that mean yes, of: {others}"]
    return {"yes": yes}, [f"every other answer is a no: {others}"]


def _unread(seen: Seen, read: pl.Series, what: str) -> list[str]:
    lost = seen.values.filter(read.is_null() & seen.values.is_not_null())
    if lost.is_empty():
        return []
    return [
        f"DOUBT: {len(lost):,} of {len(seen.values):,} values are no {what}, such as {lost[0]!r}: "
        "such rows go to quarantine"
    ]


def entries(table: str, found: Mapping[str, Seen]) -> list[Entry]:
    """Return a table's columns as lines of a mapping, in the order of the contract."""
    columns = CONTRACTS[table].columns
    return [entry(column, found[column.name]) for column in columns if column.name in found]


def unknowns(found: Iterable[Seen]) -> list[str]:
    """Return the words that mean unknown in any of the columns, each once."""
    return sorted({word for seen in found for word in seen.nulls})
