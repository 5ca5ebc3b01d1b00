"""Guesses at which sheet is which table: the receipts first, then what stands beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.data.contracts import CONTRACTS
from workbench.door.suggest.columns import Entry, by_values, entries, matched, suits, unknowns
from workbench.door.suggest.evidence import Seen
from workbench.door.suggest.receipts import line_entries, merchandise, returns
from workbench.door.suggest.sheets import Sheet

DELIVERED = tuple(name for name, contract in CONTRACTS.items() if not contract.made)
BESIDE = {"lines": ("products", "people"), "customers": ("people",), "people": ("customers",)}
Found = Mapping[str, Seen]


@dataclass(frozen=True)
class Guess:
    """A table of the mapping: its sheet, its options, its columns, and the columns left out."""

    table: str
    sheet: Sheet
    options: list[Entry]
    columns: list[Entry]
    unused: list[str]


def tables(found: Sequence[Sheet]) -> list[Guess]:
    """Return the tables that the sheets seem to be, in the order of the contracts."""
    placed = _placed(found)
    if "lines" not in placed:
        placed |= _by_values([sheet for sheet in found if sheet not in _sheets(placed)])
    placed |= _beside(placed)
    return [_guess(name, *placed[name], placed) for name in DELIVERED if name in placed]


def _placed(found: Sequence[Sheet]) -> dict[str, tuple[Sheet, Found]]:
    """Return the table of each sheet; of several sheets of one table the largest is taken."""
    placed: dict[str, tuple[Sheet, Found]] = {}
    for sheet in sorted(found, key=lambda sheet: -sheet.rows):
        likely = {name: matched(name, sheet.columns) for name in DELIVERED}
        suiting = {name: seen for name, seen in likely.items() if suits(name, seen)}
        if suiting:
            table = "lines" if "lines" in suiting else max(suiting, key=lambda n: len(suiting[n]))
            placed.setdefault(table, (sheet, suiting[table]))
    return placed


def _by_values(left: Sequence[Sheet]) -> dict[str, tuple[Sheet, Found]]:
    for sheet in sorted(left, key=lambda sheet: -sheet.rows):
        if found := by_values(sheet.columns):
            return {"lines": (sheet, found)}
    return {}


def _beside(placed: Mapping[str, tuple[Sheet, Found]]) -> dict[str, tuple[Sheet, Found]]:
    """Return the tables that a sheet feeds beside its own: names of products, of people."""
    more: dict[str, tuple[Sheet, Found]] = {}
    for table, others in BESIDE.items():
        if table not in placed:
            continue
        sheet, _ = placed[table]
        for other in others:
            found = matched(other, sheet.columns)
            if other not in placed and set(CONTRACTS[other].required) < found.keys():
                more[other] = (sheet, found)
    return more


def _sheets(placed: Mapping[str, tuple[Sheet, Found]]) -> list[Sheet]:
    return [sheet for sheet, _ in placed.values()]


def _names_used(placed: Mapping[str, tuple[Sheet, Found]], sheet: Sheet) -> set[str]:
    return {
        seen.name for other, found in placed.values() if other is sheet for seen in found.values()
    }


def _guess(
    table: str, sheet: Sheet, found: Found, placed: Mapping[str, tuple[Sheet, Found]]
) -> Guess:
    options = [Entry("file", sheet.file)]
    if sheet.read:
        options.append(Entry("read", sheet.read))
    if nulls := unknowns(found.values()):
        options.append(Entry("nulls", nulls, ["words that seem to mean: unknown"]))
    taken = _names_used(placed, sheet)
    if table == "lines":
        options += _lines_options(sheet, found)
        columns = line_entries(found, sheet.columns)
    else:
        columns = entries(table, found)
    if table == "products" and (fees := merchandise(found)):
        columns.append(fees)
    for entry in [*options, *columns]:
        taken |= _speaks_of(entry.value)
    unused = [name for name in sheet.names if name not in taken]
    return Guess(table, sheet, options, columns, unused)


def _lines_options(sheet: Sheet, found: Found) -> list[Entry]:
    options = []
    if sheet.alike:
        note = (
            f"DOUBT: {sheet.alike:,} rows have a twin, alike in every column: add counts both, as "
            "two pieces of a product in one receipt; once counts one, as a row exported twice"
        )
        options.append(Entry("repeated", "add", [note]))
    if back := returns(found, sheet.columns):
        options.append(back)
    return options


def _speaks_of(value: Any) -> set[str]:
    """Return the names of columns in the value of a mapping's line."""
    if isinstance(value, dict):
        named = [value[key] for key in ("from", "times", "column") if key in value]
        return {name for each in named for name in (each if isinstance(each, list) else [each])}
    return {value} if isinstance(value, str) else set()
