"""Agreement: how far two labels of the same customers are alike, beyond chance."""

import polars as pl
import pytest

from workbench.segments import agreement, say_agreement


def labels(said: str, first: int = 1) -> pl.DataFrame:
    """Return a letter's label for each customer, numbered from `first`."""
    kinds = pl.Enum(["a", "b", "x"])
    ids = list(range(first, first + len(said)))
    return pl.DataFrame({"customer_id": ids, "segment": pl.Series(list(said), dtype=kinds)})


def test_agreement_by_hand() -> None:
    """Of ten, seven alike; by chance 0.6 x 0.5 + 0.4 x 0.5 = 0.5, so 0.2 of possible 0.5."""
    both = agreement(labels("aaaaaabbbb"), labels("aaaabbbbba"))
    assert both.row(0)[:2] == ("labelled in both", 10)
    assert both.row(0)[2:] == pytest.approx((0.7, 0.5, 0.4))
    assert say_agreement(both) == (
        "70% of 10 customers are labelled alike both times; 50% would be by chance (kappa 0.40)"
    )


def test_who_is_missing_once_is_not_counted() -> None:
    """Only customers 2 and 3 are in both."""
    assert agreement(labels("abb"), labels("bba", first=2))["customers"].to_list() == [2, 2]


def test_unclear_labels_are_also_left_out() -> None:
    """The second row has those with a clear label in both."""
    both = agreement(labels("abx"), labels("axx"), unclear=["x"])
    assert both["customers"].to_list() == [3, 1]
    assert both["alike_share"].to_list() == pytest.approx([2 / 3, 1])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Too few customers came twice to say whether labels hold"),
        ("aaa", "All 3 customers have one label: whether labels hold is not told"),
    ],
)
def test_without_two_kinds_there_is_no_kappa(given: str, said: str) -> None:
    """Nobody, or one label for all: chance agrees as much as can be."""
    both = agreement(labels(given), labels(given))
    assert both["kappa"].to_list() == [None, None]
    assert say_agreement(both) == said
