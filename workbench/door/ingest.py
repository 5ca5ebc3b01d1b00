"""The door: a retailer's files become one new edition of the lake, whole or not at all.

A load adds to what the retailer's lake has: files that the ledger knows are passed over, rows of
new ones are merged by natural key, month by month, and days that they change are listed. Readers
keep the edition they opened; the new one appears when everything is written.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from workbench.data import seals
from workbench.data.lake import Edition, Lake
from workbench.door import books, filling, ledger
from workbench.door.delivery import Delivered, Landed, files
from workbench.door.draft import Draft, new_place
from workbench.door.erase import memory
from workbench.door.examine import examined
from workbench.door.landing import land, refuse_other_totals
from workbench.door.load import Load, Progress
from workbench.door.mapping import Mapping, MappingError
from workbench.door.reading import Raw, Reading, read


def ingest(
    sources: Sequence[Path],
    mapping: Mapping,
    home: Path,
    *,
    synthetic: Sequence[str] = (),
    replace: bool = False,
    progress: Progress = print,
) -> Edition:
    """Load the files of folders into the lake of `home` and return the edition that holds them.

    `synthetic` names tables that are declared stand-ins, to be labelled wherever they show. With
    `replace` the tables of the mapping hold these files only, whatever was loaded before. Raises
    MappingError, or DeliveryError for a file that is missing or refused.
    """
    lake = Lake(home)
    with lake.writing(), lake.workplace() as work:
        draft = _draft(lake, mapping.retailer)
        delivery, known = files(sources, mapping), draft.read("files")
        anew = set(mapping.tables) if replace else ledger.changed(known, mapping)
        if not replace:
            ledger.refuse_lost(known, anew, delivery)
        known = known.filter(~pl.col("table").is_in(list(anew)))
        new, settings = ledger.unknown(known, delivery), _settings(mapping, synthetic)
        if draft.last and not new and not anew and draft.last.fingerprint == settings:
            return draft.last
        declared = _synthetic(mapping, draft.last, synthetic)
        load = Load(home, mapping, draft, work, _next(lake), progress, anew, declared)
        _land(load, new)
        restated = filling.fill(load)
        edition = _edition(load, settings)
        _note_outside(load, edition)
        books.keep(load, known, restated)
        progress("examining the data")
        edition = examined(draft, edition)
        seals.seal(lake, edition, draft.last)
        lake.publish(edition)
    return edition


def _draft(lake: Lake, retailer: str) -> Draft:
    """Return a draft on the retailer's newest edition, or on nothing, in a folder of its own."""
    mine = [edition for edition in lake.editions() if edition.retailer == retailer]
    if mine:
        return Draft(lake, mine[-1].place, mine[-1])
    return Draft(lake, new_place(lake, retailer, _next(lake)), None)


def _next(lake: Lake) -> int:
    numbers = lake.numbers()
    return numbers[-1] + 1 if numbers else 1


def _edition(load: Load, settings: str) -> Edition:
    """Return the edition of what the draft holds, not yet examined."""
    mapping, days = load.mapping, load.days()
    if mapping.last_day and mapping.last_day < days.first:
        raise MappingError(
            f"the mapping's last_day {mapping.last_day} is before {days.first}, the first day with "
            "receipts; correct it, or leave it out where the last day is complete"
        )
    return Edition(
        number=load.number,
        retailer=mapping.retailer,
        currency=mapping.currency,
        zone=mapping.zone,
        first_day=days.first,
        last_day=mapping.last_day or days.last,
        fingerprint=settings,
        tables=dict(load.draft.tables),
        synthetic=load.synthetic,
        place=load.draft.place,
    )


def _settings(mapping: Mapping, synthetic: Sequence[str]) -> str:
    """Return what identifies the mapping apart from how its tables are read."""
    settings = [mapping.currency, mapping.zone, mapping.last_day, mapping.cost_rates, *synthetic]
    return hashlib.sha256(json.dumps(settings, default=str, sort_keys=True).encode()).hexdigest()


def _note_outside(load: Load, edition: Edition) -> None:
    """Note the stored rows before the first and after the last complete day."""
    rows = int(load.daily["len"].sum())
    for finding, apart in (
        ("rows before the first day", pl.col("day") < edition.first_day),
        ("rows after the last complete day", pl.col("day") > edition.last_day),
    ):
        found = load.daily.filter(apart)
        examples = ", ".join(map(str, found["day"].head(5)))
        load.found("lines", finding, int(found["len"].sum()), rows, examples)


def _synthetic(mapping: Mapping, last: Edition | None, given: Sequence[str]) -> tuple[str, ...]:
    """Return the tables that are declared. A mapping without lines and costs leaves costs be."""
    of_costs = {"costs"} if {"lines", "costs"} & set(mapping.tables) else set()
    declared = {"costs"} if mapping.cost_rates and "costs" not in mapping.tables else set()
    kept = set(last.synthetic) - set(mapping.tables) - of_costs if last else set()
    return tuple(sorted({*given, *declared, *kept}))


def _land(load: Load, new: Iterable[Delivered]) -> None:
    """Read every new file, once for all tables it feeds, and note what was found in it."""
    readings: dict[tuple[Path, Reading], Raw] = {}
    for file in new:
        load.progress(f"reading {file.name} for {file.table}")
        how = load.mapping.tables[file.table].read
        if (file.path, how) not in readings:
            readings[file.path, how] = read(file.path, how, load.work)
        landed = land(file, load.mapping, readings[file.path, how], load.work)
        load.landed.setdefault(file.table, []).append(landed)
    for table, all_ in load.landed.items():
        refuse_other_totals(all_, load.mapping.tables[table])
        _note(load, table, all_)


def _note(load: Load, table: str, landed: Sequence[Landed]) -> None:
    rows = load.delivered(table)
    load.found(table, "rows delivered", rows, rows)
    erased = memory.counted([one.rows for one in landed], load.gone)
    load.found(table, "rows of customers who were erased", erased, rows)
    wrong = pl.concat([one.quarantine for one in landed])
    reasons = wrong.group_by("reason", maintain_order=True).len()
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons.head(5).iter_rows())
    load.found(table, "rows quarantined", wrong.height, rows, told)
    unused = sorted({name for one in landed for name in one.unused})
    columns = max(one.columns for one in landed)
    load.found(table, "columns not mapped", len(unused), columns, ", ".join(unused[:20]))
    if table == "lines":
        shifted = sum(one.shifted for one in landed)
        load.found(table, "rows on another day by the shops' clock", shifted, rows)
        returned = sum(one.returned for one in landed)
        load.found(table, "rows marked as returns", returned, rows)
