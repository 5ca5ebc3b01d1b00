"""JSON records: flat columns of text, every digit kept, each bad line told."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from taken import raw, rejected, rows

from workbench.door.reading import FileRefused, jsonlines, spool


def table(folder: Path, content: str, name: str = "profiles.jsonl", **how: Any) -> dict[str, Any]:
    """Return the columns of a JSON file."""
    found = raw(folder, content.encode(), name, **how)
    rows(found)
    return found.frame.collect().to_dict(as_series=False)


def test_one_line_is_one_row(tmp_path: Path) -> None:
    """Keys are columns; a record without a key has null there; empty lines are passed over."""
    found = table(tmp_path, '{"id": "0012", "v": "x"}\n\n{"id": "7", "w": "é"}\n')
    assert found == {
        "(line)": [1, 3],
        "id": ["0012", "7"],
        "v": ["x", None],
        "w": [None, "é"],
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", "1"),
        ("41.10", "41.10"),
        ("1e3", "1e3"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('""', None),
        ('"null"', "null"),
        ('[1.50, "a", true, {"x": null}]', '[1.50, "a", true, {"x": null}]'),
        ("[]", "[]"),
        ('"\\ud83d\\ude00"', "😀"),
    ],
)
def test_a_value_is_the_text_it_was(tmp_path: Path, value: str, text: str | None) -> None:
    """No number is rounded, no word translated; a list is its JSON text."""
    assert table(tmp_path, f'{{"v": {value}}}\n')["v"] == [text]


def test_objects_inside_a_record_give_dotted_columns(tmp_path: Path) -> None:
    """However deep."""
    found = table(tmp_path, '{"id": 1, "traits": {"age": 41, "home": {"zip": "0012"}}}\n')
    assert found == {"(line)": [1], "id": ["1"], "traits.age": ["41"], "traits.home.zip": ["0012"]}


CONSENTS = (
    '{"id": "a", "traits": {"age": 41}, "tags": ["t"], "consents": '
    '[{"purpose": "mail", "given": true}, {"purpose": "profile", "since": "2026-01-05"}]}\n'
    '{"id": "b"}\n{"id": "c", "consents": []}\n{"id": "d", "consents": "all"}\n'
)


def test_each_element_of_a_list_is_a_row(tmp_path: Path) -> None:
    """It carries its record's own values, but none of its other lists."""
    found = raw(tmp_path, CONSENTS.encode(), "profiles.jsonl", each="consents")
    columns = ["id", "traits.age", "consents.purpose", "consents.given", "consents.since"]
    assert found.frame.collect_schema().names()[1:] == columns
    assert rows(found) == [
        (1, "a", "41", "mail", "true", None),
        (1, "a", "41", "profile", None, "2026-01-05"),
    ]
    assert rejected(found) == [(4, '{"id": "d", "consents": "all"}', "consents is no list")]
    assert "2 records without consents" in found.notes


def test_a_list_of_plain_values_is_one_column(tmp_path: Path) -> None:
    """Also one that stands deeper inside."""
    found = table(tmp_path, '{"id": "a", "p": {"tags": ["x", 2]}}\n', each="p.tags")
    assert found == {"(line)": [1, 1], "id": ["a", "a"], "p.tags": ["x", "2"]}


def test_one_array_of_records_is_read_as_lines_are(tmp_path: Path) -> None:
    """A record's line is where it begins."""
    content = '\n[\n {"id": 1.0},\n {"id": 2,\n  "v": "x"}\n]\n'
    found = table(tmp_path, content, "profiles.json")
    assert found == {"(line)": [3, 4], "id": ["1.0", "2"], "v": [None, "x"]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nope", "not JSON at character 1: Expecting value"),
        ('{"id": 2', "not JSON at character 9: Expecting ',' delimiter"),
        ("7", "a record is an object in braces"),
        ('{"id": 1, "id": 2}', "key 'id' stands there twice"),
        ('{"id": NaN}', "NaN is no number"),
        ('{"id": Infinity}', "Infinity is no number"),
        ('{"a": {"b": 1}, "a.b": 2}', "two values are called a.b"),
        ('{"(line)": 1}', "two values are called (line)"),
        ('{"id": "\\ud800"}', "half a character (a lone surrogate)"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "too deeply nested"),
    ],
)
def test_a_line_that_is_no_record_is_rejected_alone(tmp_path: Path, line: str, reason: str) -> None:
    """With its number, its beginning and the reason."""
    found = raw(tmp_path, f'{{"id": 1}}\n{line}\n{{"id": 3}}\n'.encode(), "profiles.ndjson")
    assert rows(found) == [(1, "1"), (3, "3")]
    assert rejected(found) == [(2, line[:200], reason)]


def test_a_half_written_last_line_is_rejected(tmp_path: Path) -> None:
    """And a whole one without its line end is read, and told."""
    found = raw(tmp_path, b'{"id": 1}\n{"id": 2', "profiles.jsonl")
    assert [row[0] for row in rejected(found)] == [2]
    whole = raw(tmp_path, b'{"id": 1}\n{"id": 2}', "profiles.jsonl")
    assert rows(whole) == [(1, "1"), (2, "2")]
    assert whole.notes == ("the last line has no line end",)


def test_encodings_are_those_of_any_text(tmp_path: Path) -> None:
    """UTF-8 with and without mark, UTF-16, Windows."""
    for name in ("utf-8-sig", "utf-16", "cp1252"):
        found = raw(tmp_path, '{"name": "Café"}\n'.encode(name), "profiles.jsonl")
        assert rows(found) == [(1, "Café")]


def test_records_in_batches_keep_all_their_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that comes late, or goes early, is a column of all."""
    monkeypatch.setattr(spool, "BATCH", 2)
    content = '{"a": 1}\n' * 3 + '{"b": 2}\n' * 2 + '{"b": 3, "c": 4}\n'
    assert table(tmp_path, content) == {
        "(line)": [1, 2, 3, 4, 5, 6],
        "a": ["1", "1", "1", None, None, None],
        "b": [None, None, None, "2", "2", "3"],
        "c": [None, None, None, None, None, "4"],
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ('{\n "id": 1\n}\n', "no line is a JSON record; line 1: '{': not JSON"),
        ('[{"id": 1},\n{"id": 2 "v": 3}]', 'line 2 is not JSON: \'{"id": 2 "v": 3}]\''),
        ('[{"id": 1},\n', "line 2 is not JSON: ''"),
        ('[{"id": 1}]\n{"id": 2}\n', "something stands after its array: '{\"id\": 2}'"),
    ],
)
def test_a_file_of_no_records_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """With the place and what stands there."""
    with pytest.raises(FileRefused, match=rf"profiles\.json is refused: {re.escape(words)}"):
        raw(tmp_path, content.encode(), "profiles.json")


def test_keys_that_are_values_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column per customer is no table."""
    monkeypatch.setattr(jsonlines, "MOST_COLUMNS", 2)
    with pytest.raises(FileRefused, match=r"line 2 brings its keys to over 2"):
        raw(tmp_path, b'{"a": 1, "b": 1}\n{"c": 1}\n', "profiles.jsonl")


def test_an_array_too_large_to_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines can be read one by one, an array cannot."""
    monkeypatch.setattr(jsonlines, "LARGEST_ARRAY", 5)
    with pytest.raises(FileRefused, match=r"deliver one record per line"):
        raw(tmp_path, b'[{"a": 1}]', "profiles.json")


def test_columns_are_text(tmp_path: Path) -> None:
    """Whatever the value."""
    found = raw(tmp_path, b'{"a": 1, "b": null}\n', "profiles.jsonl")
    assert found.frame.collect_schema() == {"(line)": pl.Int64, "a": pl.String, "b": pl.String}
