"""JSON records: one object per line, or one array of objects, as columns of text.

An object inside a record gives dotted columns, a list its JSON text; numbers keep every digit.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.door.reading.encoding import as_utf8, ends_with_a_line_end
from workbench.door.reading.raw import (
    LINE,
    SHOWN,
    Raw,
    Reading,
    plural,
    refuse_too_many,
    refused,
    rejects,
)
from workbench.door.reading.spool import Spool

JSON = (".jsonl", ".ndjson", ".json")
LARGEST_ARRAY = 1_000_000_000
MOST_COLUMNS = 2_000


class Number(str):
    """A number as written."""

    __slots__ = ()


def read_json(path: Path, name: Path, how: Reading, work: Path) -> Raw:
    """Return JSON records; with `how.each`, one row per element of that list of each record."""
    path, notes = as_utf8(path, name, how.encoding, work)
    spool = Spool(work / "records")
    rejected: list[tuple[int, str, str]] = []
    without = 0
    for line, text in _texts(path, name):
        try:
            rows = _rows(_parsed(text), how.each)
        except (ValueError, RecursionError) as error:
            rejected.append((line, text[:SHOWN], _reason(error)))
            refuse_too_many(name, rejected)
            continue
        without += not rows
        for row in rows:
            spool.add(line, row)
        if len(spool.columns) > MOST_COLUMNS:
            raise refused(
                name, f"line {line} brings its keys to over {MOST_COLUMNS:,}; deliver fewer"
            )
    if rejected and not spool.rows:
        line, value, reason = rejected[0]
        raise refused(
            name, f"no line is a JSON record; line {line}: {value!r}: {reason}; deliver JSON lines"
        )
    if without:
        notes.append(f"{plural(without, 'record')} without {how.each}")
    if not ends_with_a_line_end(path):
        notes.append("the last line has no line end")
    return Raw(spool.frame(), spool.rows + len(rejected), rejects(rejected), tuple(notes))


def _texts(path: Path, name: Path) -> Iterator[tuple[int, str]]:
    """Yield each record's line and text."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        first = file.readline()
        while first and not first.strip():
            first = file.readline()
        if first.lstrip().startswith("["):
            yield from _elements(path, name)
            return
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.strip()


def _elements(path: Path, name: Path) -> Iterator[tuple[int, str]]:
    if path.stat().st_size > LARGEST_ARRAY:
        raise refused(
            name, f"an array of over {LARGEST_ARRAY:,} bytes; deliver one record per line (.jsonl)"
        )
    text = path.read_text(encoding="utf-8-sig")
    decoder, place = json.JSONDecoder(), text.index("[") + 1
    line, counted = 1, 0
    while True:
        place = _skip(text, place)
        line, counted = line + text.count("\n", counted, place), place
        if text[place : place + 1] == "]":
            if rest := text[place + 1 :].strip():
                raise refused(name, f"something stands after its array: {rest[:40]!r}; mend it")
            return
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise refused(
                name,
                f"line {line} is not JSON: {text[place : place + 40]!r} ({_reason(error)}); mend",
            ) from None
        yield line, text[place:end]
        place = end


def _skip(text: str, place: int) -> int:
    """Return the place of the next element, or of what ends the array."""
    while place < len(text) and text[place] in " \t\r\n,":
        place += 1
    return place


def _parsed(text: str) -> dict[str, Any]:
    record = DECODER.decode(text)
    if not isinstance(record, dict):
        raise ValueError("a record is an object in braces")
    if "\\ud" in text.lower():
        _json(record).encode()
    return record


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} stands there twice")
    return found


ENCODER = json.JSONEncoder(ensure_ascii=False)
DECODER = json.JSONDecoder(
    parse_int=Number,
    parse_float=Number,
    parse_constant=_no_number,
    object_pairs_hook=_object,
)


def _rows(record: dict[str, Any], each: str | None) -> list[dict[str, str | None]]:
    if each is None:
        return [_flat(record, lists=True)]
    elements = _at(record, each)
    if elements is None:
        return []
    if not isinstance(elements, list):
        raise ValueError(f"{each} is no list")
    parent = _flat(record, lists=False)
    return [parent | _flat({each: element}, lists=True) for element in elements]


def _at(record: dict[str, Any], each: str) -> Any:
    """Return what stands at a dotted path; None where nothing does."""
    found: Any = record
    for key in each.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _flat(record: dict[str, Any], *, lists: bool) -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, value in _leaves(record, ""):
        if isinstance(value, list) and not lists:
            continue
        if key in flat or key == LINE:
            raise ValueError(f"two values are called {key}")
        flat[key] = _text(value)
    return flat


def _leaves(record: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _text(value: Any) -> str | None:
    """Return a value as text; null stays null."""
    return value if value is None or isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    """Return a value as JSON text, numbers as written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_json(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_json(key)}: {_json(value[key])}' for key in value)}}}"
    return ENCODER.encode(value)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at character {error.colno}: {error.msg}"
    if isinstance(error, UnicodeEncodeError):
        return "half a character (a lone surrogate)"
    return str(error) if isinstance(error, ValueError) else "too deeply nested"
