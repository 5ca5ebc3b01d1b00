"""Choices from the data: the categories of the open shop, and none without a shop."""

from pathlib import Path

import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.choices import anchors, categories, category_of
from workbench.data.shop import open_shop


def test_the_categories_are_sorted_after_the_word_for_the_largest(
    corner_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The candle, which is in no category, is skipped."""
    monkeypatch.setenv("WORKBENCH_HOME", str(corner_home))
    assert categories() == ["(largest)", "Bakery", "Dairy", "Wine"]
    assert anchors() == ["(none)", "Bakery", "Dairy", "Wine"]


def test_without_data_there_is_only_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's parameters can be read before any data has been loaded."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    assert (categories(), anchors()) == (["(largest)"], ["(none)"])


def test_the_largest_category_is_merchandise(sample_shop: Shop) -> None:
    """Fuel sells most and is not merchandise; soft drinks come next."""
    assert category_of(sample_shop) == "SOFT DRINKS"


def test_a_category_without_sales_is_refused(corner_home: Path) -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match="called 'Fish'; did you mean 'Bakery' or 'Dairy'"):
        category_of(open_shop(corner_home), "Fish")


def test_a_category_that_was_all_brought_back_was_sold(tmp_path: Path) -> None:
    """Its first sale is enough; one that was never sold is refused."""
    shop = open_till(
        tmp_path,
        "ann 2026-01-05 wine 8.00",
        "ann 2026-01-06 wine -8.00",
        "ann 2026-01-07 milk 1.50",
    )
    assert category_of(shop, "Wine") == "Wine"
    with pytest.raises(ValueError, match="no category with sales is called 'Bakery'"):
        category_of(shop, "Bakery")
