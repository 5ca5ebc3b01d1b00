"""A delivery: the files of one load, read by a mapping into typed columns with text keys.

Nothing is read whole: every table is a lazy frame. A file with a missing column or a value
that cannot be read is refused whole, by name, and nothing of the delivery is loaded.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.data.contracts import CONTRACTS
from workbench.door import cast
from workbench.door.mapping import Mapping

AS_TEXT = (Kind.ID, Kind.KEY, Kind.TEXT)


class DeliveryError(ValueError):
    """A delivery that cannot be loaded; the text says file, column, value and way out."""


@dataclass(frozen=True)
class Delivery:
    """Folders of files, the mapping that reads them, and a folder for what is in between."""

    folders: Sequence[Path]
    mapping: Mapping
    work: Path

    def path(self, table: str) -> Path:
        """Return the file of a table, from the first folder that has it."""
        name = self.mapping.tables[table].file
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        places = ", ".join(str(folder) for folder in self.folders)
        raise DeliveryError(f"file {name} of table {table} is not in {places}")

    def fingerprint(self) -> str:
        """Return what identifies the delivery: the content of its files and of its mapping."""
        digest = hashlib.sha256(self.mapping.fingerprint.encode())
        for table in sorted(self.mapping.tables):
            with self.path(table).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def raw(self, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table's file as delivered; text files are parsed once."""
        path = self.path(table)
        if path.suffix == ".parquet":
            return pl.scan_parquet(path)
        parsed = self.work / f"{table}.parquet"
        if not parsed.exists():
            _refuse_repeated(path)
            pl.scan_csv(path, infer_schema=False).sink_parquet(parsed)
        return pl.scan_parquet(parsed)

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a lazy frame of a table's typed columns; one that is not delivered is null."""
        frame = self.raw(table)
        schema, columns = frame.collect_schema(), self.mapping.tables[table].columns
        exprs: dict[str, pl.Expr] = {}
        for column in CONTRACTS[table].columns:
            if column.name in columns:
                source = columns[column.name]
                dtype = schema[source.name]
                exprs |= cast.expressions(column, source, dtype, self.mapping.zone)
            else:
                exprs |= _absent(column)
        return frame.select(**exprs)

    def check(self, table: str) -> int:
        """Return the rows delivered, or raise DeliveryError for what cannot be read."""
        try:
            return self._checked(table)
        except (pl.exceptions.PolarsError, OSError) as error:
            first = str(error).partition("\n")[0]
            raise DeliveryError(
                f"{self.path(table).name} is refused: {first}; deliver it again as UTF-8 text with "
                "commas, or as Parquet"
            ) from None

    def _checked(self, table: str) -> int:
        frame = self.raw(table)
        schema, columns = frame.collect_schema(), self.mapping.tables[table].columns
        for source in columns.values():
            if source.name not in schema:
                known = ", ".join(schema)
                raise DeliveryError(
                    f"{self.path(table).name} has no column {source.name!r}; it has: {known}"
                )
        bad = {
            column.name: cast.unread(
                column, columns[column.name], schema[columns[column.name].name], self.mapping.zone
            )
            for column in CONTRACTS[table].columns
            if column.name in columns and (column.required or column.kind not in AS_TEXT)
        }
        counts = {name: unread.sum() for name, unread in bad.items()}
        found = frame.select(rows=pl.len(), **counts).collect().row(0, named=True)
        for name, unread in bad.items():
            if found[name]:
                raise self._unreadable(table, name, unread, found[name])
        if table == "lines" and not found["rows"]:
            raise DeliveryError(f"{self.path(table).name} is refused: it holds no receipt")
        return int(found["rows"])

    def shifted(self, table: str, column: str) -> int:
        """Return how many rows fall on another day on the shops' clock than on the source's."""
        source = self.mapping.tables[table].columns[column]
        frame = self.raw(table)
        if not source.zone:
            return 0
        stamp = Column(column, Kind.STAMP, "")
        dtype = frame.collect_schema()[source.name]
        local = cast.expressions(stamp, source, dtype, self.mapping.zone)["day"]
        theirs = cast.expressions(stamp, source, dtype, source.zone)["day"]
        return int(frame.select((local != theirs).sum()).collect().item())

    def _unreadable(self, table: str, name: str, unread: pl.Expr, count: int) -> DeliveryError:
        source = self.mapping.tables[table].columns[name].name
        kind = next(c.kind for c in CONTRACTS[table].columns if c.name == name)
        rows = self.raw(table).with_row_index("row", offset=1)
        row, value = rows.filter(unread).select("row", source).head(1).collect().row(0)
        return DeliveryError(
            f"{self.path(table).name} is refused: {count} values of {source!r} are not readable "
            f"as {name} ({kind.name.lower()}), the first in row {row}: {value!r}; correct the "
            "file or the mapping's format of that column"
        )


def _refuse_repeated(path: Path) -> None:
    header = pl.read_csv(path, has_header=False, n_rows=1, infer_schema=False).row(0)
    if twice := [name for name in header if header.count(name) > 1]:
        raise DeliveryError(
            f"{path.name} is refused: two columns are called {twice[0]!r}; rename one of them"
        )


def _absent(column: Column) -> dict[str, pl.Expr]:
    if column.kind in (Kind.ID, Kind.KEY):
        return {column.name: pl.lit(None, dtype=pl.String)}
    return {name: pl.lit(None, dtype=dtype) for name, dtype in column.stored.items()}
