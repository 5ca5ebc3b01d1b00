"""Segmentations are found by being in their folder."""

from pathlib import Path

import pytest

from workbench import segments
from workbench.data import Shop
from workbench.measures import migrate, noise_floor, profile, segment_trend, weigh

FEBRUARY = "2026-02-02/2026-03-01"

MODULE = '''"""Two halves."""

import polars as pl

from workbench.data.activity import shoppers

SEGMENTS = {"first": "a", "second": "b"}
DEFINITION = {"Half": "customers with an odd number, and with an even one"}


def label(shop, period, *, cuts_from=None):
    """Label every customer of the period."""
    came = shoppers(shop, period)
    odd = pl.when(pl.col("customer_id") % 2 == 1).then(pl.lit("first")).otherwise(pl.lit("second"))
    return came.select("customer_id", segment=odd.cast(pl.Enum(list(SEGMENTS))))
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


def test_whatever_takes_a_segmentation_takes_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corner_shop: Shop
) -> None:
    """Added as one file, it is offered, weighed, followed, profiled, crossed and in rules."""
    (tmp_path / "halves_for_rules.py").write_text(MODULE)
    monkeypatch.setattr(segments, "__path__", [*segments.__path__, str(tmp_path)])
    rules = tmp_path / "reports" / "segments"
    rules.mkdir(parents=True)
    (rules / "odd.yaml").write_text(
        "name: Odd\nowner: CRM\npurpose: to see\nwhat: {halves_for_rules: [first]}\n"
    )
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    halves, first = segments.choose("halves_for_rules")
    before, after = segments.before_and_after(corner_shop, FEBRUARY, halves.label)
    floor = noise_floor(corner_shop, FEBRUARY, halves.label)
    assert first == "first"
    assert "halves_for_rules" in segments.choices()
    assert weigh(corner_shop, FEBRUARY, after)["customers"].to_list() == [1, 1, 1]
    assert migrate(corner_shop, FEBRUARY, before, after)["customers"].sum() == 4
    assert floor["customers_expected"].sum() == pytest.approx(4)
    assert set(profile(corner_shop, FEBRUARY, after)["segment"]) == {"first", "second"}
    assert segment_trend(corner_shop, FEBRUARY, halves.label).height == 6
    assert segments.cross(after, after).height == after.height
    odd = segments.find("saved/odd").label(corner_shop, FEBRUARY)
    assert (odd["segment"] == "Odd").sum() == (after["segment"] == "first").sum() == 1


@pytest.mark.parametrize("name", ["rfn", "", "_labels", "os", "../rfm"])
def test_a_segmentation_that_does_not_exist_is_named_with_those_that_do(name: str) -> None:
    """The message gives the names to choose from."""
    with pytest.raises(ValueError, match=r"no segmentation is called .*; there are: .*rfm"):
        segments.find(name)


def test_every_segment_can_be_named_in_one_text(corner_shop: Shop) -> None:
    """A segmentation and a segment of it, and the customers that are meant."""
    assert "rfm: At risk" in segments.whom()
    labels = segments.find("rfm").label(corner_shop, "last 8 weeks")
    name = str(labels["segment"][0])
    found = segments.members(corner_shop, "last 8 weeks", f"rfm: {name}")
    meant = labels.filter(labels["segment"].cast(str) == name).sort("customer_id")
    assert found["customer_id"].to_list() == meant["customer_id"].to_list()
    every = [f"rfm: {segment}" for segment in labels["segment"].cast(str).unique()]
    assert segments.members(corner_shop, "last 8 weeks", *every).height == labels.height
    assert segments.members(corner_shop, "last 8 weeks").is_empty()
    with pytest.raises(ValueError, match="'nobody' is no segment of rfm"):
        segments.members(corner_shop, "last 8 weeks", "rfm: nobody")
