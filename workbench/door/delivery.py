"""A delivery: the files of one load, and each of them as it has landed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs

from workbench.door.mapping import Mapping
from workbench.door.reading import FileRefused
from workbench.files import checksum

WRONG = "(wrong)"
DeliveryError = FileRefused


@dataclass(frozen=True)
class Delivered:
    """One file of a table: where it is, what identifies its content, its name in its folder."""

    table: str
    path: Path
    sha256: str
    name: str


def files(folders: Sequence[Path], mapping: Mapping) -> list[Delivered]:
    """Return the files of a delivery, table by table in order of name.

    `folders` may name files too. A file of the same name in several folders is taken from the
    first. Raises DeliveryError for a table without a file.
    """
    found = []
    seals: dict[Path, str] = {}
    for table, source in mapping.tables.items():
        for name, path in _matching(folders, table, source.file):
            if path not in seals:
                seals[path] = checksum(path)
            found.append(Delivered(table, path, seals[path], name))
    return found


def _matching(folders: Sequence[Path], table: str, pattern: str) -> list[tuple[str, Path]]:
    """Return the files of a table in order of their names, which say where in a folder they are."""
    paths: dict[str, Path] = {}
    for folder in folders:
        root = folder.parent if folder.is_file() else folder
        for path in [folder] if folder.is_file() else folder.glob(pattern):
            if path.is_file() and path.match(pattern):
                paths.setdefault(path.relative_to(root).as_posix(), path)
    if not paths:
        places = ", ".join(str(folder) for folder in folders)
        raise DeliveryError(f"file {pattern} of table {table} is not in {places}")
    return sorted(paths.items())


@dataclass(frozen=True)
class Landed:
    """One file's typed rows in the work folder, and what was found on the way.

    `rows` has the columns of the contract, keys as the source's text; `quarantine` one row per
    row left out: line, column, value, reason, sales (cents, null where not readable).
    """

    file: Delivered
    parquet: Path
    delivered: int
    kept: int
    quarantine: pl.DataFrame
    notes: tuple[str, ...]
    unused: tuple[str, ...]
    columns: int
    sales_kept: int | None
    shifted: int
    returned: int

    @property
    def rows(self) -> pl.LazyFrame:
        """Return the kept rows."""
        good = pl.scan_parquet(self.parquet).filter(pl.col(WRONG).is_null())
        return good.select(~cs.starts_with("("))

    @property
    def sales_quarantined(self) -> int | None:
        """Return the cents in quarantine, as far as they can be read."""
        return None if self.sales_kept is None else int(self.quarantine["sales"].sum())
