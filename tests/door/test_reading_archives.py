"""Packed files and Parquet: read whole, or refused whole."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from taken import raw, rows

from workbench.door.reading import FileRefused, archive

CSV = b"id,v\n0012,x\n7,y\n"
READ = [(2, "0012", "x"), (3, "7", "y")]
MANY = b"id,v\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(5_000))


def zipped(**members: bytes) -> bytes:
    """Return a zip archive of members, by name with `_` for the dot."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("_", "."), content)
    return held.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a Parquet file."""
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


@pytest.mark.parametrize("name", ["lines.csv.gz", "lines.gz", "lines.csv"])
def test_gzip_is_unpacked(tmp_path: Path, name: str) -> None:
    """By what is in it, whatever its name."""
    found = raw(tmp_path, gzip.compress(CSV), name)
    assert rows(found) == READ
    assert found.notes == ("unpacked from gzip", "separator ,")


def test_gzip_keeps_the_format_that_its_name_tells(tmp_path: Path) -> None:
    """JSON lines stay JSON lines."""
    assert rows(raw(tmp_path, gzip.compress(b'{"id":"0012"}\n'), "a.jsonl.gz")) == [(1, "0012")]


def test_a_zip_of_one_file_is_unpacked(tmp_path: Path) -> None:
    """Folders and a computer's own files do not count."""
    held = io.BytesIO(zipped(lines_csv=CSV))
    with zipfile.ZipFile(held, "a") as file:
        file.mkdir("folder")
        file.writestr("__MACOSX/._lines.csv", b"x")
    found = raw(tmp_path, held.getvalue(), "lines.zip")
    assert rows(found) == READ
    assert "member lines.csv" in found.notes


def test_a_member_of_a_zip_can_be_named(tmp_path: Path) -> None:
    """The others are left alone."""
    content = zipped(lines_csv=CSV, other_csv=b"a\n1\n")
    assert rows(raw(tmp_path, content, "all.zip", member="lines.csv")) == READ


def test_a_member_that_points_outside_writes_nothing_there(tmp_path: Path) -> None:
    """A name with dots and slashes is only a name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("../../escaped.csv", CSV)
    assert rows(raw(tmp_path, held.getvalue(), "lines.zip")) == READ
    assert list(tmp_path.parent.rglob("escaped.csv")) == []


def locked() -> bytes:
    """Return an archive whose member says that it is encrypted."""
    content = bytearray(zipped(lines_csv=CSV))
    content[6] |= archive.ENCRYPTED
    content[content.index(b"PK\x01\x02") + 8] |= archive.ENCRYPTED
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (gzip.compress(MANY)[:-300], "a.csv.gz", "cut off or damaged (Compressed file ended"),
        (
            gzip.compress(MANY)[:-4] + b"\0\0\0\0",
            "a.csv.gz",
            "cut off or damaged (Incorrect length",
        ),
        (gzip.compress(MANY) + b"rubbish", "a.csv.gz", "cut off or damaged (Not a gzipped file"),
        (CSV, "a.csv.gz", "cut off or damaged (Not a gzipped file"),
        (gzip.compress(gzip.compress(CSV)), "a.csv.gz", "holds another archive"),
        (zipped(a_csv=CSV, b_csv=CSV), "a.zip", "it holds a.csv, b.csv; name one"),
        (zipped(), "a.zip", "it holds nothing; name one"),
        (zipped(a_csv=MANY)[:-300], "a.zip", "cut off or damaged (File is not a zip file"),
        (CSV, "a.zip", "cut off or damaged (File is not a zip file"),
        (zipped(a_csv=zipped(b_csv=CSV)), "a.zip", "holds another archive"),
        (locked(), "a.zip", "lines.csv is encrypted"),
        (b"", "a.csv.gz", "it is empty"),
    ],
    ids=[
        *("cut gz", "gz of another length", "gz and more", "no gz", "gz in gz"),
        *("two members", "no member", "cut zip", "no zip", "zip in zip", "encrypted", "empty"),
    ],
)
def test_a_broken_archive_is_refused_whole(
    tmp_path: Path, content: bytes, name: str, words: str
) -> None:
    """No row of it is read."""
    with pytest.raises(FileRefused, match=rf"{re.escape(name)} is refused.*{re.escape(words)}"):
        raw(tmp_path, content, name)


def test_a_flipped_byte_in_an_archive_is_found(tmp_path: Path) -> None:
    """By the archive's own checksum."""
    content = bytearray(zipped(a_csv=MANY))
    content[len(content) // 2] ^= 1
    with pytest.raises(FileRefused, match="cut off or damaged"):
        raw(tmp_path, bytes(content), "a.zip")


def test_a_list_of_members_that_points_nowhere_is_refused(tmp_path: Path) -> None:
    """Its offset lies before the file's beginning."""
    content = bytearray(zipped(a_csv=CSV))
    content[-6:-2] = (len(content) - 1).to_bytes(4, "little")
    with pytest.raises(FileRefused, match=r"a\.zip is refused: .*; deliver it again"):
        raw(tmp_path, bytes(content), "a.zip")


def test_a_member_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the names that are."""
    with pytest.raises(FileRefused, match=r"no member 'c\.csv'; it has: a\.csv, b\.csv"):
        raw(tmp_path, zipped(a_csv=CSV, b_csv=CSV), "a.zip", member="c.csv")


def test_a_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a hundred times its packed size is unpacked only where it is small."""
    monkeypatch.setattr(archive, "SMALL_ENOUGH", 1_000)
    bomb = b"0" * 10_000_000
    for content, name in ((gzip.compress(bomb), "a.csv.gz"), (zipped(a_csv=bomb), "a.zip")):
        with pytest.raises(FileRefused, match=r"it unpacks to more than [\d,]+ bytes"):
            raw(tmp_path, content, name)
    unpacked = [path.stat().st_size for path in (tmp_path / "work").rglob("unpacked.csv")]
    assert max(unpacked) < 2_500_000


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """And its text ids; the line is the row."""
    frame = pl.DataFrame({"id": ["0012", None], "n": [1, 2], "v": [1.5, None]})
    found = raw(tmp_path, parquet(frame), "lines.parquet")
    assert rows(found) == [(1, "0012", 1, 1.5), (2, None, 2, None)]
    assert dict(found.frame.collect_schema())["n"] == pl.Int64


@pytest.mark.parametrize("cut", [0, 3, 20, -3])
def test_a_truncated_parquet_file_is_refused_whole(tmp_path: Path, cut: int) -> None:
    """Its end says where everything is: without it there is nothing."""
    content = parquet(pl.DataFrame({"id": ["0012"]}))[:cut]
    with pytest.raises(FileRefused, match=r"lines\.parquet is refused: .*; deliver it again"):
        raw(tmp_path, content, "lines.parquet")


def test_a_parquet_file_with_a_hole_is_refused_when_it_is_read(tmp_path: Path) -> None:
    """A page that was never written is found although the end is whole."""
    content = bytearray(parquet(pl.DataFrame({"id": [str(n) for n in range(1_000)]})))
    content[4:400] = bytes(396)
    with pytest.raises(FileRefused, match=r"lines\.parquet is refused: .*; deliver it again"):
        raw(tmp_path, bytes(content), "lines.parquet")
