"""RFM: checked by hand on the corner shop, and frozen on the sample retailer."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.door import corner
from workbench.segments import before_and_after, rfm

WEEKS = "last 26 weeks"


def segments(labels: pl.DataFrame) -> dict[int, str]:
    """Return the segment of each customer."""
    return dict(labels.select("customer_id", "segment").rows())


def test_the_corner_shops_customers_by_hand(corner_shop: Shop) -> None:
    """0012, 12, 31 and 40 in all eight weeks: days since, visits, net sales, scores, segment."""
    labels = rfm.label(corner_shop, "last 8 weeks", bands=3).sort("customer_id")
    assert labels.rows() == [
        (1, "Loyal", 13, 4, Decimal("14.50"), 2, 3, 2),
        (2, "Asleep", 33, 2, Decimal("8.00"), 1, 1, 1),
        (3, "Asleep", 40, 1, Decimal("6.00"), 1, 1, 1),
        (4, "Occasional", 6, 2, Decimal("29.00"), 3, 1, 3),
    ]
    assert labels.columns == [
        *("customer_id", "segment", "recency_days", "visits", "sales"),
        *("recency_score", "frequency_score", "monetary_score"),
    ]


def test_recency_counts_from_the_last_day_of_the_period(corner_shop: Shop) -> None:
    """In January 12 was last seen on the 27th: four days before the 31st."""
    labels = rfm.label(corner_shop, "2026-01-05/2026-01-31", bands=3)
    assert labels.filter(pl.col("customer_id") == 2)["recency_days"].to_list() == [4]


def test_only_customers_with_a_card_and_a_visit_are_labelled(corner_shop: Shop) -> None:
    """No card, stayed away, or (12) only brought a bottle back: no visit, no label."""
    labels = rfm.label(corner_shop, "last 4 weeks", bands=3)
    assert sorted(labels["customer_id"]) == [1, 4]


def test_a_period_in_which_nobody_came_has_no_labels(corner_shop: Shop) -> None:
    """No customers is an empty table with the usual columns, and no error."""
    empty = rfm.label(corner_shop, "2026-01-08/2026-01-08")
    assert empty.height == 0
    assert empty.schema == rfm.label(corner_shop, "last 8 weeks").schema


def test_a_return_takes_its_amount_off(tmp_path: Path) -> None:
    """Eight for wine and eight back are net sales of nothing."""
    shop = open_till(tmp_path, "ann 2026-01-05 wine 8.00", "ann 2026-02-10 wine -8.00")
    assert rfm.label(shop, "last 8 weeks")["sales"].to_list() == [Decimal("0.00")]


def test_customers_who_do_the_same_are_labelled_the_same(tmp_path: Path) -> None:
    """Ten customers with one visit each on one day share every score."""
    alike = [f"c{n} 2026-02-10 bread 2.00" for n in range(10)]
    first_day = "- 2026-01-05 milk 1.50"
    shop = open_till(
        tmp_path, first_day, *alike, "dan 2026-02-28 wine 9.00", "dan 2026-02-27 wine 9.00"
    )
    labels = rfm.label(shop, "last 8 weeks").filter(pl.col("visits") == 1)
    assert labels.drop("customer_id").unique().height == 1
    assert labels.height == 10


@pytest.mark.parametrize("bands", range(3, 11))
def test_the_segments_partition_the_grid(bands: int) -> None:
    """Every pair of scores has exactly one segment, for every scale."""
    grid = rfm.grid(rfm_labels(), bands=bands)
    assert grid.select("recency_score", "frequency_score").n_unique() == bands * bands
    assert grid["segment"].null_count() == 0


@pytest.mark.parametrize("bands", range(3, 11))
def test_every_segment_has_a_place_in_the_grid(bands: int) -> None:
    """No scale that can be chosen leaves a segment that nobody could ever be in."""
    assert set(rfm.grid(rfm_labels(), bands=bands)["segment"]) == set(rfm.SEGMENTS)


def rfm_labels() -> pl.DataFrame:
    """Return three customers' scores."""
    return pl.DataFrame({"recency_score": [1, 1, 3], "frequency_score": [1, 1, 2]})


@pytest.mark.parametrize("bands", range(3, 11))
def test_the_ends_of_the_grid_have_the_names_they_deserve(bands: int) -> None:
    """Lately and often is a champion, long ago and often at risk, long ago and rarely asleep."""
    cells = {(r, f): name for r, f, _, name in rfm.grid(rfm_labels(), bands=bands).rows()}
    assert cells[bands, bands] == "Champions"
    assert cells[1, bands] == "At risk"
    assert cells[1, 1] == "Asleep"
    assert cells[bands, 1] == "Occasional"


def test_a_cell_of_the_grid_that_nobody_is_in_counts_zero() -> None:
    """The grid is whole: all cells are there, with their customers."""
    counts = rfm.grid(rfm_labels(), bands=3)["customers"].to_list()
    assert counts == [2, 0, 0, 0, 0, 0, 0, 1, 0]


EARLY = ("ann 2026-01-05 bread 2.00", "ann 2026-01-27 bread 2.00", "bob 2026-01-20 bread 2.00")
EARLY_BIG = ("eve 2026-01-07 wine 9.00", "eve 2026-01-31 wine 9.00", "fay 2026-01-10 milk 1.00")
SAME_AGAIN = ("ann 2026-02-02 bread 2.00", "ann 2026-02-24 bread 2.00")
CROWD = tuple(f"new{n} 2026-02-28 bread 5.00" for n in range(9)) * 3


def test_with_the_cuts_of_the_period_before_nobody_moves_without_doing_otherwise(
    tmp_path: Path,
) -> None:
    """Ann does the same four weeks later while a crowd arrives: her scores stay."""
    shop = open_till(tmp_path, *EARLY, *EARLY_BIG, *SAME_AGAIN, *CROWD)
    first, second = "2026-01-05/2026-02-01", "2026-02-02/2026-03-01"
    kept = rfm.label(shop, second, cuts_from=first)
    ann = pl.col("customer_id") == 1
    measured = ["segment", "visits", "recency_days", "recency_score", "frequency_score"]
    before = rfm.label(shop, first).filter(ann).select(measured)
    assert kept.filter(ann).select(measured).rows() == before.rows()
    own_cuts = rfm.label(shop, second).filter(ann)
    assert own_cuts["recency_score"].item() < before["recency_score"].item()


def test_before_and_after_share_the_cut_points_of_the_first(corner_shop: Shop) -> None:
    """The last four weeks and the four before, by hand: only those who did otherwise moved."""
    before, after = before_and_after(corner_shop, "last 4 weeks", rfm.label, bands=3)
    assert segments(before) == {1: "At risk", 2: "Promising", 3: "Occasional"}
    assert segments(after) == {1: "Needs attention", 4: "Promising"}


def test_cut_points_of_a_period_the_data_lacks_are_refused(corner_shop: Shop) -> None:
    """There is no quiet falling back to other cut points."""
    with pytest.raises(NotCovered, match="8 Dec 2025 to 4 Jan 2026"):
        rfm.label(corner_shop, "last 8 weeks", cuts_from="2025-12-08/2026-01-04")


def test_what_each_score_means_is_told_with_its_realised_size(corner_shop: Shop) -> None:
    """Per score, best first: from, to and customers of each measure; an empty score counts 0."""
    sizes = rfm.sizes(rfm.label(corner_shop, "last 8 weeks", bands=3), bands=3)
    assert sizes.select("score", "^recency.*$").rows() == [
        (3, 6, 6, 1),
        (2, 13, 13, 1),
        (1, 33, 40, 2),
    ]
    assert sizes.select("score", "^visits.*$").rows() == [
        (3, 4, 4, 1),
        (2, None, None, 0),
        (1, 1, 2, 3),
    ]
    five = rfm.sizes(rfm.label(corner_shop, "last 8 weeks"))
    assert five.filter(pl.col("score") == 5).select("^recency.*$").rows() == [(None, None, 0)]


def test_the_segments_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: customers per segment in the last 26 weeks, best first."""
    labels = rfm.label(sample_shop, WEEKS)
    sizes = labels.group_by("segment").len().sort("segment")
    assert sizes.rows() == [
        ("Champions", 602),
        ("Loyal", 205),
        ("Promising", 157),
        ("Occasional", 287),
        ("Needs attention", 109),
        ("At risk", 348),
        ("Asleep", 705),
    ]
    assert labels["customer_id"].n_unique() == 2413


def test_the_scores_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: what each score stands for and how many customers have it, 5 to 1."""
    sizes = rfm.sizes(rfm.label(sample_shop, WEEKS))
    recency = [(5, 0, 0, 426), (4, 1, 2, 479), (3, 3, 7, 455), (2, 8, 21, 560), (1, 22, 180, 493)]
    visits = [
        (5, 50, 377, 482),
        (4, 29, 49, 472),
        (3, 18, 28, 467),
        (2, 9, 17, 497),
        (1, 1, 8, 495),
    ]
    assert sizes.select("score", "^recency.*$").rows() == recency
    assert sizes.select("score", "^visits.*$").rows() == visits
    assert sizes["sales_customers"].to_list() == [482, 483, 482, 483, 483]


def test_the_choices_that_were_made_are_written_down() -> None:
    """Every segment has a meaning and every measure a definition for the page."""
    assert all(rfm.SEGMENTS.values())
    assert {"Recency", "Frequency", "Monetary value", "Scores"} <= set(rfm.DEFINITION)
    assert "cost_rates" in corner.MAPPING
