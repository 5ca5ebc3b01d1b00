"""A mapping: which file and column of a retailer's export is which of ours.

A mapping is a YAML file (see `workbench/door/mappings/` for an example):

    retailer: Corner shop        # its name; stores carry it
    currency: EUR
    zone: Europe/Paris           # the clock of its shops
    last_day: 2026-01-31         # the last complete day, if not the last day with a receipt
    cost_rates: {default: 0.7}   # cost per department as a share of the shelf price: declared
    tables:
      lines:
        file: receipts.csv       # beside the other files of the delivery
        columns:
          customer: card         # our name: their name
          sold_at: {from: time, zone: UTC, format: "%Y-%m-%d %H:%M:%S"}
"""

import datetime as dt
import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from workbench.data.contracts import CONTRACTS


class MappingError(ValueError):
    """A mapping that cannot be followed; the text says what, where and the way out."""


@dataclass(frozen=True)
class Source:
    """One delivered column: the name in the file, and what its values need to be read."""

    name: str
    zone: str | None = None
    format: str | None = None
    weeks_from: dt.date | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSource:
    """One delivered table: its file, and our column names to theirs."""

    file: str
    columns: Map[str, Source]


@dataclass(frozen=True)
class Mapping:
    """A whole mapping, checked against the contracts."""

    retailer: str
    currency: str
    zone: str
    tables: Map[str, TableSource]
    last_day: dt.date | None = None
    cost_rates: Map[str, float] = field(default_factory=dict)
    fingerprint: str = ""

    @classmethod
    def read(cls, path: Path) -> "Mapping":
        """Read and check a mapping file, or raise MappingError naming file, place and way out."""
        try:
            text = path.read_text(encoding="utf-8")
            given = yaml.safe_load(text)
        except FileNotFoundError:
            raise MappingError(f"mapping {path} does not exist; name one with --mapping") from None
        except yaml.YAMLError as error:
            raise MappingError(f"mapping {path} is not readable YAML: {error}") from None
        try:
            return cls(
                retailer=str(given["retailer"]),
                currency=str(given["currency"]),
                zone=_zone(given["zone"]),
                tables=_tables(given["tables"]),
                last_day=_day("last_day", given.get("last_day")),
                cost_rates=_rates(given.get("cost_rates", {})),
                fingerprint=hashlib.sha256(text.encode()).hexdigest(),
            )
        except KeyError as error:
            raise MappingError(f"mapping {path} lacks {error}") from None
        except (TypeError, AttributeError):
            raise MappingError(f"mapping {path} does not have the shape of a mapping") from None
        except MappingError as error:
            raise MappingError(f"mapping {path}: {error}") from None


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


def _tables(given: Map[str, Any]) -> Map[str, "TableSource"]:
    if "lines" not in given:
        raise MappingError("the table 'lines' is missing; map the receipts first")
    return {name: _table(name, spec) for name, spec in given.items()}


def _table(name: str, spec: Map[str, Any]) -> TableSource:
    delivered = {table: contract for table, contract in CONTRACTS.items() if not contract.made}
    if name not in delivered:
        raise MappingError(f"table {name!r} is unknown; allowed: {', '.join(delivered)}")
    contract = delivered[name]
    known = [column.name for column in contract.columns]
    if strange := [column for column in spec["columns"] if column not in known]:
        raise MappingError(f"{name} has no column {strange[0]!r}; allowed: {', '.join(known)}")
    if missing := [column for column in contract.required if column not in spec["columns"]]:
        raise MappingError(f"{name} needs the column {missing[0]!r}; map it to one of the file's")
    return TableSource(
        spec["file"], {key: _source(value) for key, value in spec["columns"].items()}
    )


def _source(value: str | Map[str, Any]) -> Source:
    if isinstance(value, str):
        return Source(value)
    options = dict(value)
    name = options.pop("from")
    for words in ("yes", "no"):
        told = options.get(words, ())
        options[words] = (told,) if isinstance(told, str) else tuple(map(str, told))
    if "zone" in options:
        options["zone"] = _zone(options["zone"])
    if "weeks_from" in options:
        options["weeks_from"] = _day("weeks_from", options["weeks_from"])
    try:
        return Source(name, **options)
    except TypeError:
        allowed = "from, zone, format, weeks_from, yes, no"
        raise MappingError(f"column {name!r} has an unknown option; allowed: {allowed}") from None
