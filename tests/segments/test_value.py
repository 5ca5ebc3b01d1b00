"""Value: predictions by hand, a champion that has to win, and segments by predicted spend."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.segments import before_and_after, value
from workbench.segments._forecast import BOTH, LAST, LONG, MODEL

WEEKS = "last 26 weeks"
STEADY = tuple(f"ann 2026-{day} bread 10.00" for day in ("01-05", "01-12", "01-19", "01-26"))
STEADY += tuple(f"ann 2026-{day} bread 10.00" for day in ("02-02", "02-09", "02-16", "02-23"))


def errors(tested: pl.DataFrame) -> dict[str, float]:
    """Return the error of each way to predict."""
    return dict(tested.select("method", "error_share").rows())


def test_a_steady_customer_is_predicted_what_she_always_spends(tmp_path: Path) -> None:
    """Ten a week for eight weeks: forty in the next four."""
    labels = value.label(open_till(tmp_path, *STEADY), "last 8 weeks", weeks=4)
    assert labels.select("predicted_spend", "visits", "sales").rows() == [
        (Decimal("40.00"), 8, Decimal("80.00"))
    ]


def test_the_error_is_the_sum_of_all_misses_over_what_was_spent(tmp_path: Path) -> None:
    """Bob spent 18 and then nothing, ann is exact: 18 of 20 missed, or a third of 18."""
    shop = open_till(tmp_path, *STEADY, "bob 2026-02-10 wine 18.00")
    tested = value.backtest(shop, "last 8 weeks", weeks=2)
    assert tested["weeks"].unique().to_list() == [2.0]
    assert errors(tested)[LAST] == pytest.approx(18 / 20)
    assert errors(tested)[LONG] == pytest.approx(18 / 3 / 20)
    assert tested["method"][0] == LONG
    assert tested["champion"].to_list() == [True, False, False, False]


def test_at_most_a_third_of_the_period_is_held_out(tmp_path: Path) -> None:
    """Of eight weeks, 56 days, 18 are held out however far one wants to look ahead."""
    tested = value.backtest(open_till(tmp_path, *STEADY), "last 8 weeks", weeks=26)
    assert tested["weeks"].unique().to_list() == pytest.approx([18 / 7])


def test_where_nothing_was_spent_lately_nothing_is_claimed(tmp_path: Path) -> None:
    """No spend in the weeks held out: errors are unknown, and the verdict says so."""
    shop = open_till(tmp_path, "ann 2026-01-05 bread 2.00")
    tested = value.backtest(shop, "last 8 weeks")
    assert tested["error_share"].null_count() == 4
    assert "untested" in value.verdict(tested)


def test_who_brings_back_more_than_she_buys_is_expected_nothing(tmp_path: Path) -> None:
    """A prediction is never below zero, and such a customer is hardly any value."""
    shop = open_till(tmp_path, *STEADY, "bob 2026-02-10 wine 8.00", "bob 2026-02-11 wine -9.00")
    bob = value.label(shop, "last 8 weeks").filter(pl.col("customer_id") == 2)
    assert bob.select("segment", "predicted_spend").rows() == [("Hardly any", Decimal("0.00"))]


def test_customers_who_do_the_same_are_labelled_the_same(tmp_path: Path) -> None:
    """Nine alike share a segment, whatever the tenths would be."""
    alike = [f"c{n} 2026-02-10 bread 30.00" for n in range(9)]
    labels = value.label(open_till(tmp_path, *STEADY, *alike), "last 8 weeks")
    assert labels.filter(pl.col("visits") == 1)["segment"].n_unique() == 1


def test_the_period_before_sets_the_marks(sample_shop: Shop) -> None:
    """The labels before are those of that period alone."""
    before, _ = before_and_after(sample_shop, WEEKS, value.label)
    earlier = sample_shop.window(WEEKS).before()
    assert before.equals(value.label(sample_shop, earlier))


def test_on_the_sample_the_mean_of_both_beats_the_model(sample_shop: Shop) -> None:
    """Frozen: 13 weeks predicted from 39; the plain mean wins, the model is shown beside it."""
    found = errors(value.backtest(sample_shop, sample_shop.span))
    assert {name: round(error, 3) for name, error in found.items()} == {
        BOTH: 0.357,
        LAST: 0.371,
        MODEL: 0.384,
        LONG: 0.386,
    }


def test_the_segments_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: customers per segment and the share of spend each is expected to bring."""
    table = value.outlook(value.label(sample_shop, WEEKS))
    shares = [round(share, 2) for share in table["predicted_spend_share"]]
    assert table["customers"].to_list() == [241, 482, 724, 776, 190]
    assert shares == [0.35, 0.33, 0.23, 0.08, 0.0]


def test_duckdb_gives_the_same_labels(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    other = value.label(on_duckdb(sample_shop), WEEKS)
    assert_frame_equal(other, value.label(sample_shop, WEEKS), check_exact=True)
