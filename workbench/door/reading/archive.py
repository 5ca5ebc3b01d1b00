"""Packed files: one file out of a .gz or a .zip, whole and of a bearable size."""

import errno
import gzip
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from workbench.door.reading.raw import refused

BLOCK = 1 << 20
SMALL_ENOUGH = 20_000_000_000
TIMES_PACKED = 100
ENCRYPTED = 1
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
BROKEN = (
    *(EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error),
    *(NotImplementedError, UnicodeDecodeError),
)
ZIPPED_FORMATS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True)
class Opened:
    """A file to read at `path`: `name` is what messages call it, `suffix` tells its format."""

    path: Path
    name: Path
    suffix: str
    notes: tuple[str, ...] = ()


def opened(path: Path, member: str | None, work: Path) -> Opened:
    """Return a file itself, or what is packed in it, unpacked into `work`."""
    with path.open("rb") as file:
        head = file.read(len(ZIP))
    suffix = path.suffix.lower()
    if suffix == ".gz" or head.startswith(GZIP):
        return _from_gzip(path, work)
    if suffix == ".zip" or (head == ZIP and suffix not in ZIPPED_FORMATS):
        return _from_zip(path, member, work)
    return Opened(path, path, suffix)


def _from_gzip(path: Path, work: Path) -> Opened:
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    target = work / f"unpacked{suffix}"
    try:
        with gzip.open(path) as source:
            _copy(source, target, path)
    except BROKEN as error:
        raise refused(path, f"it is cut off or damaged ({error}); deliver it again") from None
    return Opened(target, path, suffix, ("unpacked from gzip",))


def _from_zip(path: Path, member: str | None, work: Path) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            info = _member(path, archive.infolist(), member)
            name = PurePosixPath(info.filename).name
            target = work / f"unpacked{Path(name).suffix.lower()}"
            with archive.open(info) as source:
                _copy(source, target, path)
    except BROKEN as error:
        raise refused(path, f"it is cut off or damaged ({error}); deliver it again") from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise refused(path, "its list of members is damaged; deliver it again") from None
    notes = (f"member {info.filename}",)
    return Opened(target, Path(f"{path.name}:{name}"), target.suffix, notes)


def _member(path: Path, infos: Sequence[zipfile.ZipInfo], member: str | None) -> zipfile.ZipInfo:
    files = {
        info.filename: info
        for info in infos
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    }
    names = ", ".join(files) or "nothing"
    if member is not None and member not in files:
        raise refused(path, f"it has no member {member!r}; it has: {names}")
    if member is None and len(files) != 1:
        raise refused(path, f"it holds {names}; name one in the mapping (read: member: ...)")
    info = files[member] if member is not None else next(iter(files.values()))
    if info.flag_bits & ENCRYPTED:
        raise refused(path, f"{info.filename} is encrypted; deliver it without a password")
    return info


def _copy(source: gzip.GzipFile | IO[bytes], target: Path, path: Path) -> None:
    most = max(SMALL_ENOUGH, TIMES_PACKED * path.stat().st_size)
    with target.open("wb") as out:
        while block := source.read(BLOCK):
            if out.tell() + len(block) > most:
                raise refused(
                    path, f"it unpacks to more than {most:,} bytes; deliver it in smaller files"
                )
            out.write(block)
    with target.open("rb") as file:
        head = file.read(len(ZIP))
    if head.startswith(GZIP) or (head == ZIP and target.suffix not in ZIPPED_FORMATS):
        raise refused(path, "it holds another archive; unpack that one first")
