"""Reviews: when somebody last looked whether a segmentation still serves."""

import datetime as dt
from collections.abc import Callable

import pytest

from workbench import segments
from workbench.data import Shop

LAST = dt.date(2026, 3, 1)
Save = Callable[[str, str], None]
RULE = "name: Ours\nowner: CRM\npurpose: to see\nwhat: {rfm: [Asleep]}\n"


def test_a_review_is_due_after_a_quarter_of_a_year(save: Save) -> None:
    """Counted back from the data's last day, whatever day it is; an unreadable file has none."""
    save("_reviewed", "rfm: 2025-11-29\nwallet: 2025-11-28\n")
    save("ours", RULE + "reviewed: 2026-02-28\n")
    save("broken", "name: [")
    names = ["rfm", "wallet", "traits", "saved/ours", "saved/broken"]
    found = segments.reviews(names, LAST)
    assert found.select("segmentation", "days_ago", "review").rows() == [
        ("rfm", 92, "fine"),
        ("wallet", 93, "due"),
        ("traits", None, "never"),
        ("saved/ours", 1, "fine"),
        ("saved/broken", None, "never"),
    ]
    assert segments.say_reviews(found) == "3 of 5 segmentations wait for their quarterly review"
    assert "1 of 2 segmentations waits for its" in segments.say_reviews(found.head(2))
    assert segments.say_reviews(found.head(1)).startswith("Every segmentation was reviewed")


def test_the_list_of_reviews_is_no_saved_segment(save: Save) -> None:
    """A file with an underscore is not offered."""
    save("_reviewed", "rfm: 2025-11-29\n")
    assert "saved/_reviewed" not in segments.choices()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rfm: last year\n", "rfm has no day like 2017-12-31"),
        ("rfm\n", "holds no reviews; write one per line"),
        ("rfm: [", "is not readable as YAML"),
    ],
)
def test_what_is_wrong_with_the_list_of_reviews_is_said(
    save: Save, text: str, problem: str
) -> None:
    """The message names the file and the way out."""
    save("_reviewed", text)
    with pytest.raises(ValueError, match=f"segments/_reviewed.yaml:? {problem}"):
        segments.reviews(["rfm"], LAST)


def test_what_cannot_be_asked_of_a_shop_is_left_out_and_named(
    save: Save, corner_shop: Shop
) -> None:
    """Variation needs a period before; a rule on consents needs consents; RFM needs neither."""
    save("ours", "name: Ours\nowner: CRM\npurpose: to see\nwhat: {consent: marketing}\n")
    found = segments.label_all(corner_shop, "last 8 weeks")
    assert {"rfm", "wallet"} <= set(found)
    assert not {"frequency_variation", "saved/ours"} & set(found)
    assert "saved/ours" in segments.say_left_out(found)
    everything = dict.fromkeys(segments.choices(), found["rfm"])
    assert segments.say_left_out(everything) == "Every segmentation there is was compared."
