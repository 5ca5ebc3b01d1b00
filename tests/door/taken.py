"""Files made on the spot and read, shared by the tests of reading."""

from pathlib import Path
from typing import Any

from workbench.door.reading import LINE, Raw, Reading, read

Row = tuple[Any, ...]


def raw(folder: Path, content: bytes, name: str = "lines.csv", **how: Any) -> Raw:
    """Write a file and return its reading."""
    path = folder / name
    path.write_bytes(content)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return read(path, Reading(**how), work)


def rows(found: Raw) -> list[Row]:
    """Return the rows of a reading, line first; what is kept and rejected is all there is."""
    frame = found.frame.collect(engine="streaming")
    assert frame.columns[0] == LINE
    assert frame.height + found.rejected.height == found.delivered
    return frame.rows()


def rejected(found: Raw) -> list[Row]:
    """Return the rejected lines of a reading: line, value, reason."""
    assert found.rejected.columns == ["line", "value", "reason"]
    return found.rejected.rows()
