"""Text files in any encoding and with any line ends, as UTF-8 with lines that end in LF."""

import codecs
from pathlib import Path

import polars as pl

from workbench.door.reading.raw import plural, refused

BLOCK = 1 << 20
LONGEST = 16 * BLOCK
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
NAMED = {"utf-8-sig": "utf-8 with a byte order mark", "iso8859-1": "latin-1"}
OTHERS = {
    b"%pdf": "a PDF",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"par1": "a Parquet file, not named .parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook, not named .xls",
}
SAY = "its encoding in the mapping (read: encoding: ...)"


def as_utf8(path: Path, name: Path, encoding: str | None, work: Path) -> tuple[Path, list[str]]:
    """Return a text file as a UTF-8 file, itself where it already is one, and notes on it.

    `name` is what the file is called in messages; `encoding` None means: by its byte order mark,
    UTF-8 where all of it is, else cp1252.
    """
    with path.open("rb") as file:
        head = file.read(LONGEST)
    if not head.strip():
        raise refused(name, "it is empty; deliver it again")
    start = head[:20].lower()
    other = next((what for mark, what in OTHERS.items() if start.startswith(mark)), None)
    if other:
        raise refused(name, f"it is {other}, it begins with {head[:20]!r}; deliver it as text")
    found = _encoding(path, name, head, encoding)
    old_mac = _ends_in_cr(head, found)
    notes = [] if found == "utf-8" else [f"encoding {NAMED.get(found, found)}"]
    if old_mac:
        notes.append("line ends CR")
    if found not in ("utf-8", "utf-8-sig") or old_mac:
        target = work / "text"
        _recode(path, name, found, target, old_mac=old_mac)
        path = target
    elif len(head) == LONGEST and b"\n" not in head:
        raise refused(name, f"line 1 is longer than {LONGEST:,} bytes; deliver it with line ends")
    return path, notes


def ends_with_a_line_end(path: Path) -> bool:
    """Return whether the last byte of a file is a line end."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() == b"\n"


def _encoding(path: Path, name: Path, head: bytes, given: str | None) -> str:
    mark = next((found for bom, found in MARKS.items() if head.startswith(bom)), None)
    if mark and mark != "utf-8-sig":
        return mark
    if head[:BLOCK].count(0) * 10 > len(head[:BLOCK]) and given is None:
        raise refused(
            name,
            f"line 1 is full of NUL bytes ({head[:12]!r}), as in UTF-16 without a mark; say {SAY}, "
            "utf-16-le or utf-16-be",
        )
    if given is None:
        return (mark or "utf-8") if _is_utf8(path) else _fallback(path, name)
    try:
        known = codecs.lookup(given).name
    except LookupError:
        raise refused(name, f"encoding {given!r} is not known; say {SAY}") from None
    if known in ("utf-8", "utf-8-sig") and not _is_utf8(path):
        line, value, _, _ = _lines_not_utf8(path)
        raise refused(name, f"line {line} is not {given}: {value!r}; say {SAY}")
    return mark or known


def _is_utf8(path: Path) -> bool:
    longest = pl.scan_lines(path, glob=False).select(pl.col("line").str.len_bytes().max())
    try:
        longest.collect(engine="streaming")
    except pl.exceptions.ComputeError:
        return False
    return True


def _fallback(path: Path, name: Path) -> str:
    line, value, bad, good = _lines_not_utf8(path)
    if good > bad:
        raise refused(
            name,
            f"line {line} is damaged: {value!r} is not UTF-8, while {plural(good, 'other line')} "
            f"with special characters are; deliver it again, or say {SAY}",
        )
    return "cp1252"


def _lines_not_utf8(path: Path) -> tuple[int, bytes, int, int]:
    """Return the first line that is not UTF-8, its bytes there, how many are not, how many are."""
    first, value, bad, good = 0, b"", 0, 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError as error:
                bad += 1
                if not first:
                    first, value = number, line[max(error.start - 10, 0) : error.end + 10]
    return first, value, bad, good


def _ends_in_cr(head: bytes, encoding: str) -> bool:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    return "\r" in text and "\n" not in text


def _recode(path: Path, name: Path, encoding: str, target: Path, *, old_mac: bool) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as source, target.open("wb") as out:
        while True:
            block = source.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                value = error.object[error.start : error.end]
                raise refused(
                    name,
                    f"line {line} is not {encoding}: {value!r}; deliver it again, or say {SAY}",
                ) from None
            text = text.replace("\r", "\n") if old_mac else text
            line += text.count("\n")
            out.write(text.encode("utf-8", "surrogatepass"))
            if not block:
                return
