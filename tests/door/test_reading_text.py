"""Delimited text of every make: the same rows, or a refusal that says what to do."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from taken import Row, raw, rejected, rows

from workbench.door import reading
from workbench.door.reading import FileRefused, encoding
from workbench.files import checksum

CAFE = "id,name\n0012,Café\n7,Öl\n"
READ = [(2, "0012", "Café"), (3, "7", "Öl")]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"a,b\n1,x;y\n2,z\n", "separator ,"),
        (b"a;b\n1;x,y\n2;z\n", "separator ;"),
        (b"a\tb\n1\tx,y\n2\tz\n", "separator tab"),
        (b"a|b\n1|x,y\n2|z\n", "separator |"),
        (b"sep=|\na|b;c\n1|x\n2|z\n", "separator |"),
    ],
)
def test_the_separator_is_found_and_named(tmp_path: Path, content: bytes, note: str) -> None:
    """It is the one that splits all the first lines alike, decimal commas or not."""
    found = raw(tmp_path, content)
    assert len(found.frame.collect_schema()) == 3
    assert note in found.notes
    assert [row[1] for row in rows(found)] == ["1", "2"]


def test_a_separator_and_a_quote_can_be_told(tmp_path: Path) -> None:
    """What the mapping says is not guessed."""
    found = raw(tmp_path, b"a^b\n'x^y'^2,5\n", separator="^", quote="'")
    assert rows(found) == [(2, "x^y", "2,5")]


def test_without_quotes_a_quote_is_a_letter(tmp_path: Path) -> None:
    """A file that does not quote is read as it stands."""
    assert rows(raw(tmp_path, b'a,b\n"x,2\n', quote="")) == [(2, '"x', "2")]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", "encoding utf-8 with a byte order mark"),
        ("utf-16", "encoding utf-16"),
        ("utf-32", "encoding utf-32"),
        ("cp1252", "encoding cp1252"),
    ],
)
def test_the_encoding_is_found_and_named(tmp_path: Path, name: str, note: str | None) -> None:
    """By its mark, as UTF-8 where all of it is, else as Windows wrote it; 0012 stays 0012."""
    found = raw(tmp_path, CAFE.encode(name))
    assert rows(found) == READ
    assert found.notes == (*([note] if note else []), "separator ,")


@pytest.mark.parametrize("name", ["latin-1", "cp850", "utf-16-be", "utf-8"])
def test_an_encoding_can_be_told(tmp_path: Path, name: str) -> None:
    """Any encoding that Python knows."""
    assert rows(raw(tmp_path, CAFE.encode(name), encoding=name)) == READ


def test_utf_16_of_both_byte_orders_is_known_by_its_mark(tmp_path: Path) -> None:
    """Little-endian and big-endian."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert rows(raw(tmp_path, mark + CAFE.encode(name))) == READ


def test_a_character_across_two_blocks_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recoding by blocks splits no character."""
    monkeypatch.setattr(encoding, "BLOCK", 3)
    assert rows(raw(tmp_path, CAFE.encode("utf-16"))) == READ


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_all_line_ends_give_the_same_rows(tmp_path: Path, end: str, last: bool) -> None:  # noqa: FBT001 (a case)
    """LF, CRLF and CR alone, with and without one after the last line."""
    text = end.join(["a,b", '1,"x"', "2,y"]) + (end if last else "")
    found = raw(tmp_path, text.encode())
    assert rows(found) == [(2, "1", "x"), (3, "2", "y")]
    assert ("the last line has no line end" in found.notes) is not last
    assert ("line ends CR" in found.notes) is (end == "\r")


def test_an_empty_field_is_null_and_an_empty_row_is_none(tmp_path: Path) -> None:
    """Rows without any value are left out and counted; lines keep their numbers."""
    found = raw(tmp_path, b'a,b\n\n1,""\n , \n,\n\n,2\n\n')
    assert rows(found) == [(3, "1", None), (7, None, "2")]
    assert "5 empty rows left out" in found.notes


def test_blanks_belong_to_a_value(tmp_path: Path) -> None:
    """Only headers are stripped here."""
    assert rows(raw(tmp_path, b" a ,b\n x, y \n")) == [(2, " x", " y ")]
    assert raw(tmp_path, b" a ,b\n x, y \n").frame.collect_schema().names()[1:] == ["a", "b"]


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    """The header is the first line that fills its columns; lines count from the file's first."""
    found = raw(tmp_path, b"Sales of January\n\nshop;A\nid;name;day;sales\n1;x;2;3\n4;y;5;6\n")
    assert rows(found) == [(5, "1", "x", "2", "3"), (6, "4", "y", "5", "6")]
    assert "3 lines above the header" in found.notes


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"Sales of January\nid,v\n1,2\n3,4\n", [(3, "1", "2"), (4, "3", "4")]),
        (b"Sales of January,\nid,v\n1,2\n3,4\n", [(3, "1", "2"), (4, "3", "4")]),
        (b",v\n0,2\n1,4\n", [(2, "0", "2"), (3, "1", "4")]),
        (b"id,v,note\n1,2,\n3,4,\n", [(2, "1", "2", None), (3, "3", "4", None)]),
        (b"id,v,note\n1,,\n3,,\n", [(2, "1", None, None), (3, "3", None, None)]),
        (b"id\n1\n\n2\n", [(2, "1"), (4, "2")]),
    ],
)
def test_a_header_is_not_taken_for_a_title(tmp_path: Path, content: bytes, kept: list[Row]) -> None:
    """Of two columns the first may have no name; columns may be empty below their name."""
    assert rows(raw(tmp_path, content)) == kept


def test_the_header_row_can_be_told(tmp_path: Path) -> None:
    """What stands above it is passed over."""
    found = raw(tmp_path, b"a,b\nc,d\n1,2\n", header_row=2)
    assert found.frame.collect_schema().names()[1:] == ["c", "d"]
    assert rows(found) == [(3, "1", "2")]


def test_a_column_without_a_name_gets_its_number(tmp_path: Path) -> None:
    """And the notes say so."""
    found = raw(tmp_path, b"a,,c\n1,2,3\n")
    assert found.frame.collect_schema().names()[1:] == ["a", "column_2", "c"]
    assert "1 column without a name" in found.notes


def test_a_header_that_looks_like_data_is_told(tmp_path: Path) -> None:
    """Only numbers and dates: perhaps the file has no header."""
    found = raw(tmp_path, b"12,2026-01-05,1.50\n13,2026-01-06,2.50\n")
    assert "the header looks like data: 12, 2026-01-05, 1.50" in found.notes


def test_a_hundred_columns_more_are_columns(tmp_path: Path) -> None:
    """Nothing is ignored here; the mapping says what is used."""
    names = ",".join(f"extra{place}" for place in range(100))
    found = raw(tmp_path, f"id,{names}\n0012{',x' * 100}\n".encode())
    assert rows(found) == [(2, "0012", *["x"] * 100)]


def test_a_header_alone_is_a_file_of_no_rows(tmp_path: Path) -> None:
    """A shop that sold nothing delivers this."""
    for content in (b"a,b\n", b"a,b"):
        found = raw(tmp_path, content)
        assert rows(found) == []
        assert found.frame.collect_schema().names()[1:] == ["a", "b"]


@pytest.mark.parametrize("value", ["12345678901234567890123", "abc", "NaN", "#DIV/0!", "1.234,50"])
def test_what_a_value_means_is_not_guessed(tmp_path: Path, value: str) -> None:
    """Ids beyond any number, words among numbers, other decimals: text as it stands."""
    content = "id;v\n" + "1;1\n" * 200 + f"2;{value}\n"
    assert rows(raw(tmp_path, content.encode()))[-1] == (202, "2", value)


def test_a_file_is_named_as_it_is_and_not_as_a_pattern(tmp_path: Path) -> None:
    """Brackets and stars in a name find no other file."""
    raw(tmp_path, b"a,b\n9,9\n", name="lines1.csv")
    assert rows(raw(tmp_path, b"a,b\n1,2\n", name="lines[1].csv")) == [(2, "1", "2")]


@pytest.mark.parametrize(
    ("content", "how", "words"),
    [
        (b"", {}, "it is empty"),
        (b"\n \n", {}, "it is empty"),
        (b"%PDF-1.7\n1,2\n", {}, "it is a PDF"),
        (b"<!DOCTYPE html>\n<table>", {}, "it is a web page"),
        (b"PAR1" + bytes(100), {}, "it is a Parquet file, not named .parquet"),
        (b"a,b,a\n1,2,3\n", {}, "column 'a' more than once"),
        (b"a,,column_2\n1,2,3\n", {}, "column 'column_2' more than once"),
        (b"(line),b\n1,2\n", {}, "column '(line)'"),
        (b"a,b\n1,2\n", {"header_row": 9}, "ends before line 9"),
        (b"a,b\n1,2\n", {"header_row": 0}, "header_row 0 is none: rows count from 1"),
        (b"a,b\n1,2\n", {"separator": "<>"}, "separator '<>' is not one plain (ASCII) char"),
        ("a§b\n1§2\n".encode(), {"separator": "§"}, "separator '§' is not one plain (ASCII)"),
        ("sep=§\na§b\n1§2\n".encode(), {}, "separator '§' is not one plain (ASCII) character"),
        (b"a,b\n1,2\n", {"quote": "''"}, "quote \"''\" is not one plain (ASCII) character"),
        (b"a,b\n1,2\n", {"separator": '"'}, "separator and quote are both '\"'"),
        (b"a,b\n1,caf\xe9\n", {"encoding": "utf-8"}, "line 2 is not utf-8: b'1,caf\\xe9"),
        (b"a,b\n1,2\n", {"encoding": "klingon"}, "encoding 'klingon' is not known"),
        (b"a,b\n1,caf\xe9\n2,\x81\n", {}, "line 3 is not cp1252: b'\\x81'"),
        ("a,b\né,1\nü,2\n".encode() + b"\xe9,3\n", {}, "line 4 is damaged: b'\\xe9,3"),
        ("a,b\né,1\nü,2\né".encode()[:-1], {}, "line 4 is damaged: b'\\xc3'"),
        (CAFE.encode("utf-16-le"), {}, "utf-16-le or utf-16-be"),
        (b"a\0,b\n" + b"1,2\n" * 20, {}, "its header has NUL bytes: 'a\\x00'"),
        (b'a,"b\n' + b"1,2\n" * 20, {}, "a quote is opened in its header and never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, how: dict[str, Any], words: str
) -> None:
    """The message names the file, the place, the value and the way out."""
    with pytest.raises(FileRefused, match=re.escape(words)) as refusal:
        raw(tmp_path, content, **how)
    assert re.fullmatch(
        r"lines\.csv is refused: [^\n]*(deliver|say|give|mend) [^\n]*", str(refusal.value)
    )


def test_a_file_without_line_ends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that long is a header."""
    monkeypatch.setattr(encoding, "LONGEST", 8)
    with pytest.raises(FileRefused, match="line 1 is longer than 8 bytes"):
        raw(tmp_path, b"a,b,c,d,e,f,g,h")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """By its name and folder."""
    with pytest.raises(FileRefused, match=re.escape(f"there is no such file in {tmp_path}")):
        reading.read(tmp_path / "lines.csv", reading.Reading(), tmp_path)


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a delivery is none."""
    found = reading.read_delimited

    def growing(path: Path, *rest: Any) -> reading.Raw:
        result = found(path, *rest)
        path.write_bytes(b"a,b\n1,2\n3,4\n")
        return result

    monkeypatch.setattr(reading, "read_delimited", growing)
    with pytest.raises(FileRefused, match=r"lines\.csv is refused: it changed while it was read"):
        raw(tmp_path, b"a,b\n1,2\n")


def test_a_file_that_changes_before_its_rows_are_used_is_found_out(tmp_path: Path) -> None:
    """Rows are read when they are used: the check can be made again then."""
    found = raw(tmp_path, b"a,b\n1,2\n")
    assert found.seen is not None
    found.seen.check()
    (tmp_path / "lines.csv").write_bytes(b"a,b\n1,2\n3,4\n")
    with pytest.raises(FileRefused, match="it changed while it was read"):
        found.seen.check()


def test_the_delivered_file_is_never_written_to(tmp_path: Path) -> None:
    """Recoded, mended and unpacked text goes to the folder for work."""
    content = b"a,b\r1,caf\xe9\r2\r"
    found = raw(tmp_path, content)
    assert rows(found) == [(2, "1", "café")]
    assert rejected(found) == [(3, "2", "1 field where the header has 2")]
    assert (tmp_path / "lines.csv").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines.csv", "work"]


def test_a_digest_tells_files_apart(tmp_path: Path) -> None:
    """SHA-256 of the content, whatever the name."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert checksum(path) == expected


def test_all_columns_are_text(tmp_path: Path) -> None:
    """The line is a number, everything else is as it was written."""
    schema = raw(tmp_path, b"a,b\n1,2026-01-05\n").frame.collect_schema()
    assert schema == {"(line)": pl.Int64, "a": pl.String, "b": pl.String}
