"""Segmentations are found by being in their folder."""

from pathlib import Path

import pytest

from workbench import segments

MODULE = '''"""Two halves."""

SEGMENTS = {"first": "a", "second": "b"}
'''


def test_a_module_in_the_folder_is_found_without_being_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file on the package's path is a segmentation; one with an underscore is not."""
    (tmp_path / "halves_for_test.py").write_text(MODULE)
    (tmp_path / "_shared_for_test.py").write_text(MODULE)
    monkeypatch.setattr(segments, "__path__", [*segments.__path__, str(tmp_path)])
    assert "halves_for_test" in segments.names()
    assert "_shared_for_test" not in segments.names()
    assert list(segments.find("halves_for_test").SEGMENTS) == ["first", "second"]


@pytest.mark.parametrize("name", ["rfn", "", "_labels", "os", "../rfm"])
def test_a_segmentation_that_does_not_exist_is_named_with_those_that_do(name: str) -> None:
    """The message gives the names to choose from."""
    with pytest.raises(ValueError, match=r"no segmentation is called .*; there are: .*rfm"):
        segments.find(name)
