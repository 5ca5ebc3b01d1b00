"""A first mapping for files nobody has described yet, with its guesses and doubts as comments.

What the files do not tell stands as CHOOSE, which no load accepts: whoever knows the retailer
replaces it by one of the readings in the comment above.
"""

import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from workbench.door.mapping import OPEN
from workbench.door.reading import FileRefused
from workbench.door.reading.raw import plural
from workbench.door.suggest.columns import Entry
from workbench.door.suggest.sheets import ROWS, Sheet, sheets
from workbench.door.suggest.synonyms import COUNTRIES, SIGNS, closeness, plain
from workbench.door.suggest.tables import Guess, tables

WIDTH = 98
HEAD = (
    f"A first mapping, guessed from the first {ROWS:,} rows of each file. Every {OPEN} has to be "
    "replaced before anything is loaded; every DOUBT is worth a look."
)


def suggest(source: Path) -> str:
    """Return a mapping of the files in a folder (or of one file) as YAML text.

    Looks at the first 100,000 rows of each file. Raises FileRefused where nothing can be read.
    """
    found, refused = sheets(source)
    if not found:
        why = "; ".join(refused) or f"{source} holds no file"
        raise FileRefused(f"nothing to suggest a mapping from: {why}")
    guesses = tables(found)
    lines = [line for each in _top(found) for line in _written(each, 0)] + [""]
    lines += _comment("cost_rates: {default: 0.7}  would declare costs; without them no margin", 0)
    lines += ["tables:" if guesses else "tables: {}"]
    lines += [line for guess in guesses for line in _table(guess)]
    used = {guess.sheet.file for guess in guesses}
    left = [f"{sheet.file} is not used: its columns are those of no table: {_names(sheet)}"
            for sheet in found if sheet.file not in used]  # fmt: skip
    lines += [line for text in [*left, *refused] for line in _comment(text, 0)]
    return "\n".join([*_head(lines), *lines]) + "\n"


def _head(lines: Sequence[str]) -> list[str]:
    choices = sum(1 for line in lines if line.lstrip().startswith("# CHOOSE:"))
    doubts = sum(1 for line in lines if line.lstrip().startswith("# DOUBT:"))
    return [*_comment(HEAD, 0), *_comment(f"To choose: {choices}. Doubts: {doubts}.", 0), ""]


def _top(found: Sequence[Sheet]) -> list[Entry]:
    currency, zone = _country(found)
    where = f"; perhaps {zone}, by the countries named" if zone else ", such as Europe/Paris"
    return [
        Entry("retailer", OPEN, ["CHOOSE: the retailer's name"]),
        _currency(found, currency),
        Entry("zone", OPEN, [f"CHOOSE: the clock of its shops{where}"]),
    ]


def _currency(found: Sequence[Sheet], guess: str | None) -> Entry:
    for sheet in found:
        for seen in sheet.columns:
            if closeness("currency", seen.name) == 1 and len(seen.distinct) == 1:
                return Entry("currency", str(seen.distinct[0]), [f"the only one in {seen.name!r}"])
    signs = {
        sign
        for sheet in found
        for seen in sheet.columns
        for sign in SIGNS
        if seen.writing and seen.writing.signs and seen.distinct.str.contains(sign).any()
    }
    if len(signs) == 1:
        sign = signs.pop()
        return Entry("currency", SIGNS[sign], [f"amounts are written with {sign}"])
    perhaps = f"; perhaps {guess}, by the countries named" if guess else ", such as EUR"
    return Entry("currency", OPEN, [f"CHOOSE: the ISO code of its currency{perhaps}"])


def _country(found: Sequence[Sheet]) -> tuple[str, str] | tuple[None, None]:
    """Return currency and zone of the country that most rows name, if any does."""
    for sheet in found:
        for seen in sheet.columns:
            if closeness("country", seen.name) == 1 and len(seen.distinct):
                most = seen.values.drop_nulls().value_counts(sort=True).row(0)[0]
                return COUNTRIES.get(plain(str(most))) or (None, None)
    return None, None


def _table(guess: Guess) -> Iterator[str]:
    yield f"  {guess.table}:"
    yield from _comment("; ".join([plural(guess.sheet.rows, "row"), *guess.sheet.notes]), 4)
    for option in guess.options:
        yield from _written(option, 4)
    yield "    columns:"
    for column in guess.columns:
        yield from _written(column, 6)
    if guess.unused:
        yield from _comment(f"not used: {', '.join(guess.unused)}", 6)


def _written(entry: Entry, indent: int) -> Iterator[str]:
    for note in entry.notes:
        yield from _comment(note, indent)
    yield f"{' ' * indent}{entry.name}: {flow(entry.value)}"


def _comment(text: str, indent: int) -> list[str]:
    margin = " " * indent + "# "
    safe = " ".join(text.split())
    return textwrap.wrap(
        safe, WIDTH, initial_indent=margin, subsequent_indent=margin + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def flow(value: Any) -> str:
    """Return a value as YAML on one line; blanks that look like others are written as codes.

    >>> flow({"from": "Prix", "decimal": ",", "no": ["D", "no"]})
    "{from: Prix, decimal: ',', 'no': [D, 'no']}"
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and any(blank != " " and blank.isspace() for blank in value):
        return json.dumps(value)
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**6)
    return text.strip()[1:-1]


def _names(sheet: Sheet) -> str:
    return ", ".join(seen.name for seen in sheet.columns)
