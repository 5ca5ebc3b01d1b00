"""What a run leaves behind: its result tables, their fingerprints, and the shop they speak of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

SHOP = ("version", "retailer", "currency", "last_day")
ROWS_AT_ONCE = 50_000
FACTS = "facts.json"


def tables(namespace: Mapping[str, object]) -> dict[str, pl.DataFrame]:
    """Return the result tables: every frame under a name without a leading underscore."""
    return {
        name: value
        for name, value in sorted(namespace.items())
        if isinstance(value, pl.DataFrame) and not name.startswith("_")
    }


def fingerprint(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of a frame's schema and values, in the order of its rows.

    The same values give the same text whatever their chunks, the process or the machine.
    """
    digest = hashlib.sha256()
    digest.update(f"{frame.height} rows\n".encode())
    for column in frame:
        digest.update(f"{column.name!r} {column.dtype}\n".encode())
        values = _physical(column)
        for start in range(0, frame.height, ROWS_AT_ONCE):
            digest.update(repr(values.slice(start, ROWS_AT_ONCE).to_list()).encode())
    return digest.hexdigest()


def shop(namespace: Mapping[str, object]) -> Any | None:
    """Return the shop among the globals of a notebook, or None."""
    return next((v for n, v in namespace.items() if not n.startswith("_") and _is_shop(v)), None)


def _is_shop(value: object) -> bool:
    if isinstance(value, type | ModuleType):
        return False
    return all(hasattr(value, name) for name in SHOP)


def _physical(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Enum | pl.Categorical):
        return column.cast(pl.String)
    return column.set(column == 0, 0) if column.dtype.is_float() else column.to_physical()


def save(namespace: Mapping[str, object], folder: str, stretches: list[str]) -> None:
    """Write the result tables as Parquet and what a run's record states about them as JSON.

    `stretches` names the parameters that hold periods, to be stated as the days they meant.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, frame in tables(namespace).items():
        frame.write_parquet(target / f"{name}.parquet")
    (target.parent / FACTS).write_text(json.dumps(facts(namespace, stretches)), encoding="utf-8")


def facts(namespace: Mapping[str, object], stretches: list[str]) -> dict[str, Any]:
    """Return what a run's record states: each table's fingerprint and rows, and the data."""
    found = {
        name: {"sha256": fingerprint(frame), "rows": frame.height}
        for name, frame in tables(namespace).items()
    }
    source = shop(namespace)
    return {"tables": found, **_data(source), "period": _days(source, namespace, stretches)}


def _data(source: Any | None) -> dict[str, Any]:
    names = ("retailer", "currency", "last_day")
    stated: dict[str, Any] = {name: _stated(source, name) for name in names}
    synthetic = sorted(getattr(source, "synthetic", None) or ())
    stated |= {"data_version": _stated(source, "version"), "passport": passport(source)}
    return {**stated, "synthetic": synthetic}


def passport(source: Any | None) -> dict[str, Any]:
    """Return what the figures rest on: the sentence, colour, amber, red, and checks accepted."""
    verdict = getattr(source, "verdict", None)
    if not is_dataclass(verdict) or isinstance(verdict, type):
        return {}
    about = {name: value for name, value in asdict(verdict).items() if name != "version"}
    return {"said": str(verdict), **about}


def _stated(source: Any | None, name: str) -> str | None:
    return None if source is None else str(getattr(source, name))


def _days(source: Any | None, namespace: Mapping[str, object], stretches: list[str]) -> str | None:
    if not stretches:
        return None
    named = str(namespace.get(stretches[0], ""))
    window = getattr(source, "window", None)
    return str(window(named)) if window else named
