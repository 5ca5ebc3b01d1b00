"""The glossary: read from the modules that are there, in their own words."""

import sys
from pathlib import Path

import pytest

from workbench import measures, segments
from workbench.glossary import glossary, mentioning, say_found


def test_a_module_s_definition_and_segments_are_terms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subject is named by its docstring; a module without definitions says nothing."""
    package = tmp_path / "parts_for_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "halves.py").write_text(
        '"""Halves: odd and even."""\nDEFINITION = {"Half": "by number"}\n'
        'SEGMENTS = {"odd": "1, 3"}'
    )
    (package / "plain.py").write_text('"""Nothing is defined here."""')
    monkeypatch.syspath_prepend(str(tmp_path))
    import parts_for_test  # type: ignore[import-not-found]

    assert glossary(parts_for_test).rows() == [
        ("Halves", "Half", "by number"),
        ("Halves", "odd", "1, 3"),
    ]
    del sys.modules["parts_for_test"]


def test_every_segmentation_is_explained() -> None:
    """All labels of all segmentations found on disk are in it, each with its meaning."""
    terms = glossary(segments, measures)
    known = set(terms.select("term", "meaning").rows())
    for name in segments.names():
        assert set(segments.find(name).SEGMENTS.items()) <= known
    assert terms.null_count().sum_horizontal().item() == 0


def test_a_word_finds_what_mentions_it() -> None:
    """Letters may be large or small, and signs of patterns are only signs."""
    terms = glossary(segments)
    assert mentioning(terms, " CHAMPIONS ")["term"].to_list() == ["Champions"]
    assert mentioning(terms, ".*").is_empty()
    assert mentioning(terms, "").equals(terms)
    said = say_found(mentioning(terms, "champions"), "champions")
    assert said == "'champions' stands in 1 of the terms and their meanings"
