"""Files as retailers export them, read into text columns; nothing is lost without a word.

Every record of a file is either a row of the frame or a rejected line with its reason; a file
that cannot be read that way is refused whole.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from workbench.door.reading.archive import Opened, opened
from workbench.door.reading.columnar import read_parquet
from workbench.door.reading.delimited import read_delimited
from workbench.door.reading.jsonlines import JSON, read_json
from workbench.door.reading.raw import LINE, FileRefused, Raw, Reading, Seen, first_line, refused
from workbench.door.reading.workbook import ENDINGS, read_workbook

__all__ = ["LINE", "FileRefused", "Raw", "Reading", "read"]


def read(path: Path, how: Reading, work: Path) -> Raw:
    """Return a file's records; `work` is a folder for what has to be unpacked or rewritten.

    Raises FileRefused for a file that cannot be read whole.
    """
    seen = Seen.now(path)
    if how.header_row is not None and how.header_row < 1:
        raise refused(path, f"header_row {how.header_row} is none: rows count from 1; say another")
    room = Path(tempfile.mkdtemp(dir=work))
    file = opened(path, how.member, room)
    try:
        raw = _read(file, how, room)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise refused(path, f"it cannot be read ({first_line(error)}); deliver it again") from None
    seen.check()
    return replace(raw, notes=(*file.notes, *raw.notes), seen=seen)


def _read(file: Opened, how: Reading, work: Path) -> Raw:
    if file.suffix in (".parquet", ".pq"):
        return read_parquet(file.path, file.name)
    if file.suffix in ENDINGS:
        return read_workbook(file.path, file.name, how)
    if file.suffix in JSON:
        return read_json(file.path, file.name, how, work)
    return read_delimited(file.path, file.name, how, work)
