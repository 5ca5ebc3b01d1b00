"""Shopping frequency: visits over the weeks a customer was there to make them."""

from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.segments import before_and_after, frequency_cohort

EIGHT, LAST_FOUR = "2026-01-05/2026-03-01", "2026-02-02/2026-03-01"


def row(labels: pl.DataFrame) -> tuple[object, ...]:
    """Return segment, visits, days exposed and rate of the first customer."""
    return labels.select("segment", "visits", "days_exposed", "rate").row(0)


def test_the_corner_shops_customers_by_hand(corner_shop: Shop) -> None:
    """Four visits in eight weeks are two per four; 31 came once in 41 days; 40 twice in 28."""
    labels = frequency_cohort.label(corner_shop, EIGHT)
    assert labels.select("customer_id", "segment", "visits", "days_exposed").rows() == [
        (1, "2 visits", 4, 56),
        (2, "1 visit", 2, 55),
        (3, "Under 1 visit", 1, 41),
        (4, "2 visits", 2, 28),
    ]


def test_a_newcomer_is_measured_from_the_first_visit_on(tmp_path: Path) -> None:
    """Five visits in the 40 days since the first are 3.5 per four weeks, not 2.5."""
    days = ("01-21", "01-22", "01-30", "02-10", "02-20")
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *(f"ann 2026-{d} milk 1.50" for d in days))
    assert row(frequency_cohort.label(shop, EIGHT)) == ("3 visits", 5, 40, 3.5)


def test_one_visit_on_the_last_day_is_no_habit(tmp_path: Path) -> None:
    """Whoever first came today is exposed four weeks, not one day."""
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", "ann 2026-03-01 milk 1.50")
    assert row(frequency_cohort.label(shop, EIGHT)) == ("1 visit", 1, 28, 1.0)


def test_a_period_shorter_than_four_weeks_is_its_own_exposure(tmp_path: Path) -> None:
    """One visit in one week is a rate of four."""
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", "ann 2026-03-01 milk 1.50")
    assert row(frequency_cohort.label(shop, "last 1 week")) == ("4 visits", 1, 7, 4.0)


def test_a_customer_seen_before_the_period_is_exposed_for_all_of_it(tmp_path: Path) -> None:
    """Ann came in January: of the last four weeks she missed the first three."""
    shop = open_till(tmp_path, "ann 2026-01-05 milk 1.50", "ann 2026-03-01 milk 1.50")
    assert row(frequency_cohort.label(shop, LAST_FOUR)) == ("1 visit", 1, 28, 1.0)


@pytest.mark.parametrize(
    ("visits", "band"),
    [(1, "1 visit"), (2, "2 visits"), (3, "3 visits"), (4, "4 visits"), (5, "5+ visits")],
)
def test_a_band_begins_at_its_number(tmp_path: Path, visits: int, band: str) -> None:
    """Exactly so many visits in four weeks; nine are in the open band too."""
    each = [f"ann 2026-02-{day:02} milk 1.50" for day in range(2, 2 + visits)]
    nine = [f"bob 2026-02-{day:02} milk 1.50" for day in range(2, 11)]
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *each, *nine)
    labels = frequency_cohort.label(shop, LAST_FOUR)
    bands = dict(labels.select("visits", "segment").rows())
    assert bands == {visits: band, 9: "5+ visits"}


def test_two_receipts_on_one_day_are_two_visits_or_one_day(tmp_path: Path) -> None:
    """It depends on what is counted, and both counts are told."""
    twice = ("ann 2026-02-02 milk 1.50", "ann 2026-02-02 bread 2.00")
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *twice)
    by_receipt = frequency_cohort.label(shop, LAST_FOUR)
    by_day = frequency_cohort.label(shop, LAST_FOUR, counted="days")
    assert row(by_receipt)[:2] == ("2 visits", 2)
    assert row(by_day)[:2] == ("1 visit", 1)
    assert by_receipt.select("receipts", "days").rows() == [(2, 1)]


def test_a_return_is_no_visit(corner_shop: Shop) -> None:
    """Card 12 only brought a bottle back in these weeks."""
    labels = frequency_cohort.label(corner_shop, LAST_FOUR, counted="days")
    assert labels["customer_id"].to_list() == [1, 4]


def test_nobody_moves_without_coming_more_or_less_often(tmp_path: Path) -> None:
    """The bands are fixed: two visits in four weeks are the same band before and now."""
    days = ("01-06", "01-20", "02-03", "02-17")
    crowd = [f"c{n} 2026-02-{n + 10} milk 1.50" for n in range(9)]
    ann = [f"ann 2026-{day} wine 8.00" for day in days]
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.50", *ann, *crowd)
    pair = before_and_after(shop, LAST_FOUR, frequency_cohort.label)
    customer = pair[0]["customer_id"].item()
    bands = [labels.filter(pl.col("customer_id") == customer)["segment"].item() for labels in pair]
    assert bands == ["2 visits", "2 visits"]


def test_another_way_to_count_is_refused(corner_shop: Shop) -> None:
    """The message names what is allowed."""
    with pytest.raises(ValueError, match="'weeks'; allowed: receipts, days"):
        frequency_cohort.label(corner_shop, EIGHT, counted="weeks")


def test_rates_are_ratios_of_sums_and_empty_bands_are_unknown(corner_shop: Shop) -> None:
    """0012 and 40 came six times in 84 days together: two per four weeks."""
    rates = frequency_cohort.rates(frequency_cohort.label(corner_shop, EIGHT))
    by_band = {str(name): rest for name, *rest in rates.iter_rows()}
    assert by_band["2 visits"] == [2, 6.0, 2.0, 2.0]
    assert by_band["5+ visits"] == [0, None, None, None]


def test_receipts_and_days_of_the_sample_differ(sample_shop: Shop) -> None:
    """Frozen: 63.1 receipts on 51.6 days per household and year; the bands of half a year."""
    year = frequency_cohort.label(sample_shop, "2017-01-01/2017-12-31")
    assert "63.1 receipts on 51.6 different days" in frequency_cohort.say_counts(year)
    half = frequency_cohort.rates(frequency_cohort.label(sample_shop, "last 26 weeks"))
    assert half["customers"].to_list() == [840, 219, 268, 352, 365, 369]
