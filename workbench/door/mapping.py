"""A mapping: which file and column of a retailer's export is which of ours.

A mapping is a YAML file (see `workbench/door/mappings/` for examples):

    retailer: Corner shop        # its name; stores carry it
    currency: EUR
    zone: Europe/Paris           # the clock of its shops
    last_day: 2026-01-31         # the last complete day, if not the last day with a receipt
    cost_rates: {default: 0.7}   # cost per department as a share of the shelf price: declared
    tables:
      lines:
        file: "receipts-*.csv"   # a name or a pattern; every match is read, in order of name
        read: {separator: ";", encoding: cp1252}   # only what cannot be found out
        nulls: ["N/A", "-"]      # words that mean: unknown
        reject: 0.01             # the share of a file's rows, and of its money, that may be
                                 # unreadable before the file is refused whole
        totals: {rows: 1200}     # what must arrive: rows, sales
        repeated: once           # rows alike in every mapped column: add (if not said) or once
        returns: {column: kind, values: [R]}       # or starts: C; such rows take amounts off
        columns:
          customer: card         # our name: their name
          store: {always: web}   # the same for every row
          sales: {from: price, times: pieces, decimal: ",", thousands: "."}
          loyalty_discount: {from: discount, sign: -1}
          quantity: {from: grams, unit: 0.001}     # one of theirs in ours
          sold_at: {from: [date, time], format: "%d/%m/%Y %H:%M", zone: UTC}
"""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from workbench.data.contract import Kind
from workbench.data.contracts import CONTRACTS
from workbench.door.reading import Reading

OPEN = "CHOOSE"
AS_FOUND = Reading()
REJECT = 0.01


class MappingError(ValueError):
    """A mapping that cannot be followed; the text says what, where and the way out."""


@dataclass(frozen=True)
class Source:
    """One delivered column: its names in the file, and what its values need to be read.

    Several names are joined with blanks. `always` is a constant instead of a name.
    """

    names: tuple[str, ...] = ()
    always: str | None = None
    zone: str | None = None
    format: str | None = None
    weeks_from: dt.date | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    times: str | None = None
    decimal: str = ""
    thousands: str = ""
    unit: float = 1
    sign: int = 1

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the columns of the file that it is made of."""
        return (*self.names, self.times) if self.times else self.names


@dataclass(frozen=True)
class Returns:
    """What marks a return or cancellation: a column's values, or how they start."""

    column: str
    values: tuple[str, ...] = ()
    starts: str = ""


@dataclass(frozen=True)
class TableSource:
    """One delivered table: its files, how they are read, and our column names to theirs."""

    file: str
    columns: Map[str, Source]
    read: Reading = AS_FOUND
    nulls: tuple[str, ...] = ()
    reject: float = REJECT
    totals: Map[str, float] = field(default_factory=dict)
    repeated: str = "add"
    returns: Returns | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Mapping:
    """A whole mapping, checked against the contracts."""

    retailer: str
    currency: str
    zone: str
    tables: Map[str, TableSource]
    last_day: dt.date | None = None
    cost_rates: Map[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Mapping":
        """Read and check a mapping file, or raise MappingError naming file, place and way out."""
        try:
            given = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MappingError(f"mapping {path} does not exist; name one with --mapping") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise MappingError(f"mapping {path} is not readable YAML: {error}") from None
        try:
            _refuse_open(given)
            zone = _zone(given["zone"])
            return cls(
                retailer=str(given["retailer"]),
                currency=str(given["currency"]),
                zone=zone,
                tables={name: _table(name, spec, zone) for name, spec in given["tables"].items()},
                last_day=_day("last_day", given.get("last_day")),
                cost_rates=_rates(given.get("cost_rates", {})),
            )
        except KeyError as error:
            raise MappingError(f"mapping {path} lacks {error}") from None
        except (TypeError, AttributeError):
            raise MappingError(f"mapping {path} does not have the shape of a mapping") from None
        except MappingError as error:
            raise MappingError(f"mapping {path}: {error}") from None


def _digest(given: object) -> str:
    text = json.dumps(given, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_open(given: object, place: str = "") -> None:
    """Refuse a mapping that still has a choice to be made."""
    if isinstance(given, dict):
        for name, value in given.items():
            _refuse_open(value, f"{place}.{name}".strip("."))
    elif given == OPEN:
        raise MappingError(f"{place} still says {OPEN}; the comment beside it names the readings")


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise MappingError(f"zone {name!r} is unknown; use a name like Europe/Paris") from None


def _day(name: str, value: object) -> dt.date | None:
    if value is None or type(value) is dt.date:
        return value
    raise MappingError(f"{name} {value!r} is not a day; write it like 2017-12-31")


def _rates(given: Map[str, object]) -> Map[str, float]:
    for department, rate in given.items():
        if not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise MappingError(
                f"cost rate {rate!r} of {department} is not a share of the shelf price; allowed: "
                "0 to 1, such as 0.72"
            )
    return {department: float(rate) for department, rate in given.items()}  # type: ignore[arg-type]


def _table(name: str, spec: Map[str, Any], zone: str) -> TableSource:
    delivered = {table: contract for table, contract in CONTRACTS.items() if not contract.made}
    if name not in delivered:
        raise MappingError(f"table {name!r} is unknown; allowed: {', '.join(delivered)}")
    contract = delivered[name]
    known = [column.name for column in contract.columns]
    if strange := [column for column in spec["columns"] if column not in known]:
        raise MappingError(f"{name} has no column {strange[0]!r}; allowed: {', '.join(known)}")
    if missing := [column for column in contract.required if column not in spec["columns"]]:
        raise MappingError(f"{name} needs the column {missing[0]!r}; map it to one of the file's")
    options = dict(spec)
    meant = {key: options[key] for key in options if key not in ("file", "reject", "totals")}
    file = options.pop("file")
    columns = {key: _source(value) for key, value in options.pop("columns").items()}
    moments = [column.name for column in contract.columns if column.kind is Kind.STAMP]
    if zoned := [key for key, source in columns.items() if source.zone and key not in moments]:
        raise MappingError(
            f"{name} has a zone for {zoned[0]!r}, which is no moment; leave it out (moments: "
            f"{', '.join(moments) or 'none'})"
        )
    return TableSource(
        file, columns, **_options(f"table {name}", options, _TABLE), meaning=_digest([meant, zone])
    )


def _source(value: object) -> Source:
    if not isinstance(value, dict):
        return Source(_words(value))
    options = dict(value)
    names = () if "always" in options else _words(options.pop("from"))
    place = f"column {' '.join(names) or options['always']!r}"
    return Source(names, **_options(place, options, _COLUMN, "from"))


def _options(
    place: str, given: Map[str, Any], known: Map[str, Callable[[Any], Any]], *also: str
) -> dict[str, Any]:
    """Read options by name, each by its own reader."""
    if strange := [name for name in given if name not in known]:
        allowed = ", ".join([*also, *known])
        raise MappingError(f"{place} has an unknown option {strange[0]!r}; allowed: {allowed}")
    try:
        return {name: known[name](value) for name, value in given.items()}
    except MappingError as error:
        raise MappingError(f"{place}: {error}") from None
    except (TypeError, ValueError):
        raise MappingError(f"{place} has an option of the wrong kind: {dict(given)}") from None


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _reading(given: Map[str, Any]) -> Reading:
    kinds = dict.fromkeys(("separator", "encoding", "quote", "member", "each"), str)
    return Reading(**_options("read", given, kinds | {"header_row": int, "sheet": _sheet}))


def _sheet(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)


def _returns(given: Map[str, Any]) -> Returns:
    return Returns(**_options("returns", given, {"column": str, "values": _words, "starts": str}))


def _totals(given: Map[str, Any]) -> Map[str, float]:
    return _options("totals", given, {"rows": _number, "sales": _number})


def _number(value: object) -> float:
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise MappingError(f"{value!r} is not a number; write it like 1200 or 10.50")


def _share(value: object) -> float:
    share = float(value)  # type: ignore[arg-type]
    if not 0 <= share <= 1:
        raise MappingError(f"reject {value!r} is not a share; allowed: 0 to 1, such as 0.01")
    return share


def _one_of(*allowed: object) -> Callable[[object], Any]:
    def read(value: object) -> object:
        if value not in allowed:
            raise MappingError(f"{value!r} is not allowed; allowed: {', '.join(map(str, allowed))}")
        return value

    return read


_TABLE: Map[str, Callable[[Any], Any]] = {
    "read": _reading,
    "nulls": _words,
    "reject": _share,
    "totals": _totals,
    "repeated": _one_of("add", "once"),
    "returns": _returns,
}
_COLUMN: Map[str, Callable[[Any], Any]] = {
    "always": str,
    "zone": _zone,
    "format": str,
    "weeks_from": lambda value: _day("weeks_from", value),
    "yes": _words,
    "no": _words,
    "times": str,
    "decimal": _one_of(".", ","),
    "thousands": str,
    "unit": float,
    "sign": _one_of(1, -1),
}
