"""Shops made of a few literal sales, loaded through the ordinary door."""

import atexit
import hashlib
import shutil
import tempfile
from pathlib import Path

from workbench.data import Shop, open_shop
from workbench.data.lake import Edition, Lake
from workbench.door import corner
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping

HEADER = corner.RECEIPTS.splitlines()[0]
_KEPT = tempfile.TemporaryDirectory(prefix="workbench-shops-")
atexit.register(_KEPT.cleanup)


def quiet(_: str) -> None:
    """Say nothing about progress."""


def till(*sales: str) -> str:
    """Return a receipts file: each sale, `card day item amount`, is a receipt of its own.

    A card `-` is none; a negative amount is one piece brought back.

    >>> print(till("ann 2026-01-05 bread 2.00", "- 2026-01-06 milk 1.50").splitlines()[2])
    2,,milk,N,2026-01-06 12:00:00,1,1.50,0.00
    """
    rows = [HEADER]
    for number, sale in enumerate(sales, start=1):
        card, day, item, amount = sale.split()
        card = "" if card == "-" else card
        pieces = -1 if amount.startswith("-") else 1
        rows.append(f"{number},{card},{item},N,{day} 12:00:00,{pieces},{amount},0.00")
    return "\n".join(rows) + "\n"


def deliver(home: Path, **delivery: str) -> Edition:
    """Load a delivery as `ingested` does; the first of a home is a copy if it was loaded before."""
    if Lake(home).numbers():
        return ingested(home, **delivery)
    digest = hashlib.sha256(repr(sorted(delivery.items())).encode()).hexdigest()
    kept = Path(_KEPT.name) / digest
    if not Lake(kept).numbers():
        ingested(kept, **delivery)
    shutil.copytree(kept, home, dirs_exist_ok=True)
    return Lake(home).edition()


def ingested(
    home: Path,
    *,
    receipts: str = corner.RECEIPTS,
    mapping: str = corner.MAPPING,
    **files: str,
) -> Edition:
    """Load a delivery like the corner shop's; `files` are further CSV files by name."""
    path = corner.deliver(home / "delivery", receipts=receipts, mapping=mapping)
    for name, text in files.items():
        (path.parent / f"{name}.csv").write_text(text, encoding="utf-8")
    return ingest([path.parent], Mapping.read(path), home, progress=quiet)


def open_till(home: Path, *sales: str, mapping: str = corner.MAPPING) -> Shop:
    """Return the shop of a few literal sales, complete to the last day in the mapping."""
    deliver(home, receipts=till(*sales), mapping=mapping)
    return open_shop(home)
