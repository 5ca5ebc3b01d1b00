"""Churn: probabilities of staying away, tested on weeks that were held out."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.data.period import Period
from workbench.data.shop import NotCovered
from workbench.measures import HABITS, churn, fallen, say_churn, say_fallen
from workbench.measures.customers import judge
from workbench.measures.customers.churn import Churn
from workbench.measures.customers.churn_methods import BOOSTING, RECENCY, STAKE
from workbench.measures.customers.habits import habits, visits

DAY = dt.date(2026, 2, 1)
PAST = (
    "ann 2026-01-05 bread 2.00",
    "ann 2026-01-07 wine 8.00",
    "ann 2026-01-15 milk 1.50",
    "ann 2026-01-25 bread 2.00",
    "bob 2026-01-20 milk 1.50",
    "- 2026-01-20 milk 1.50",
)
FUTURE = ("ann 2026-02-10 wine 8.00", "bob 2026-02-11 bread 2.00", "cid 2026-02-12 milk 1.50")


def habits_of(shop: Shop, days: list[dt.date], length: int) -> pl.DataFrame:
    """Return the habits of days, told from all that the shop knows, later days too."""
    return habits(visits(shop, Period(shop.first_day, shop.last_day)), days, length)


@pytest.fixture(scope="module", name="told")
def told_of_the_sample(sample_shop: Shop) -> Churn:
    """Churn of the sample retailer in the last 26 weeks."""
    return churn(sample_shop, "last 26 weeks")


def test_habits_are_those_of_the_weeks_before(tmp_path: Path) -> None:
    """Ann came four times, 20 days from first to last, a week ago."""
    found = habits_of(open_till(tmp_path, *PAST), [DAY], 28)
    ann, bob = found.rows(named=True)
    assert (ann["visit_days"], ann["sales"]) == (4, 1350)
    assert ann["mean_gap"] == pytest.approx(20 / 3)
    assert ann["away"] == pytest.approx(pl.Series([7.0]).log1p()[0])
    assert ann["longest gap"] == pytest.approx(pl.Series([10.0]).log1p()[0])
    assert ann["frequency trend"] == pytest.approx(pl.Series([2 / 4]).log()[0])
    assert (bob["visit_days"], bob["mean_gap"]) == (1, None)


def test_habits_know_nothing_of_what_came_after(tmp_path: Path) -> None:
    """Purchases planted after the day change no habit of the day."""
    without = habits_of(open_till(tmp_path / "a", *PAST), [DAY], 28)
    with_them = habits_of(open_till(tmp_path / "b", *PAST, *FUTURE), [DAY], 28)
    assert_frame_equal(with_them, without, check_exact=True)


def test_habits_are_the_same_on_the_second_engine(sample_shop: Shop) -> None:
    """Without tolerance."""
    days = [dt.date(2017, 12, 31), dt.date(2017, 11, 5)]
    here, there = (habits_of(shop, days, 91) for shop in (sample_shop, on_duckdb(sample_shop)))
    assert_frame_equal(there, here, check_exact=True)


def test_the_bars_are_met_on_the_sample_retailer(told: Churn) -> None:
    """Frozen: AUC .868 at four weeks against .796 of recency, surely better, and calibrated."""
    rows = {row["method"]: row for row in told.tested.rows(named=True)}
    assert rows[BOOSTING]["auc_share"] == pytest.approx(0.868, abs=0.004)
    assert rows[RECENCY]["auc_share"] == pytest.approx(0.796, abs=0.001)
    assert rows[BOOSTING]["auc_low"] > max(0.84, rows[RECENCY]["auc_high"])
    assert rows[BOOSTING]["brier_share"] < rows[RECENCY]["brier_share"]
    assert (told.reliable["customers"].sum(), told.reliable["happened"].sum()) == (2418, 416)
    gaps = (told.reliable["said_share"] - told.reliable["happened_share"]).abs()
    assert gaps.mean() < 0.02  # type: ignore[operator]
    assert say_churn(told, 4).startswith("Gradient boosting ranks surely better than days since")


@pytest.mark.parametrize(
    ("low", "ranked", "said"),
    [(0.75, 0.8, "surely better"), (0.7, 0.8, "not surely better"), (0.6, 0.7, "no better")],
)
def test_the_sentence_says_how_sure_the_model_is(low: float, ranked: float, said: str) -> None:
    """The days are right 70 times in 100, 74 at the most."""
    days = {"method": RECENCY, "auc_share": 0.7, "auc_high": 0.74, "brier_share": 0.2}
    model = {"method": BOOSTING, "auc_share": ranked, "auc_low": low, "brier_share": 0.1}
    none = pl.DataFrame()
    told = Churn(none, pl.DataFrame([days, model], infer_schema_length=None), none, none)
    assert say_churn(told, 4).startswith(f"Gradient boosting ranks {said} than days since the last")


def test_the_interval_of_a_ranking_by_hand() -> None:
    """Three who left, three who stayed: 7 of 9 pairs in order; variance 4/81 + 1/81 (DeLong)."""
    score, left = np.array([0.9, 0.8, 0.3, 0.5, 0.4, 0.2]), np.array([1.0, 1, 1, 0, 0, 0])
    found, low, high = judge.auc_interval(score, left)
    assert found == pytest.approx(7 / 9)
    assert low == pytest.approx(7 / 9 - 1.96 * 5**0.5 / 9)
    assert high == 1


def test_the_interval_of_a_ranking_is_that_of_resamples() -> None:
    """A thousand draws of 400 customers with many equal scores: within .01 at both ends."""
    drawn = np.random.default_rng(0)
    left = (drawn.random(400) < 0.3).astype(float)
    score = np.round(left + drawn.normal(size=400), 1)
    picks = drawn.integers(0, 400, size=(1000, 400))
    resampled = np.quantile([judge.auc(score[p], left[p]) for p in picks], [0.025, 0.975])
    assert judge.auc_interval(score, left)[1:] == pytest.approx(resampled, abs=0.01)


def test_rules_list_whom_they_name(told: Churn) -> None:
    """Frozen: 160 and 245 customers; the model is more precise on lists as long."""
    rules = told.tested.filter(pl.col("brier_share").is_not_null()).tail(2)
    assert rules["listed"].to_list() == [160, 245]
    assert rules["precision_share"].round(4).to_list() == [0.3875, 0.5878]
    assert (rules["same_size_share"] > rules["precision_share"]).all()


def test_money_at_stake_is_probability_times_usual_spend(told: Churn) -> None:
    """Half a year's sales over 26 weeks, times four weeks, times the probability."""
    one = told.customers.row(by_predicate=pl.col("customer_id") == 1053, named=True)
    assert float(one["usual_spend"]) == pytest.approx(float(one["sales"]) * 4 / 26, abs=0.01)
    stake = one["churn_share"] * float(one["usual_spend"])
    assert float(one["at_stake"]) == pytest.approx(stake, abs=0.01)
    assert told.customers["churn_share"].is_between(0, 1).all()
    assert told.tested.filter(pl.col("method") == STAKE)["brier_share"].to_list() == [None]


def test_what_it_rests_on_is_measured_by_shuffling(told: Churn) -> None:
    """Every habit is there once, the one that matters most first, and it surely matters."""
    assert set(told.drivers["habit"]) == set(HABITS)
    assert told.drivers["habit"][0] == "visit days"
    assert told.drivers["auc_low"][0] > 0.02


def test_the_same_seed_gives_the_same_figures(sample_shop: Shop) -> None:
    """To the bit."""
    first, second = (churn(sample_shop, "last 8 weeks", seed=3) for _ in range(2))
    assert all(one.equals(other) for one, other in zip(first, second, strict=True))


def test_later_days_do_not_change_what_is_said_of_earlier_ones(sample_shop: Shop) -> None:
    """What a period ending in October says is the same whether November is known or not."""
    until = dt.date(2017, 10, 29)
    period = "2017-09-04/2017-10-29"
    known = sample_shop.tables["lines"].filter(nw.col("day") <= until)
    blind = sample_shop.with_lines(known)
    for one, other in zip(churn(sample_shop, period), churn(blind, period), strict=True):
        assert_frame_equal(one, other, check_exact=True)


def test_too_little_data_is_refused(sample_shop: Shop, corner_shop: Shop) -> None:
    """By name, with the way out."""
    with pytest.raises(NotCovered, match="39 weeks of data are wanted before it"):
        churn(sample_shop, "last 26 weeks", weeks=13)
    with pytest.raises(ValueError, match="at least 10 of each are wanted"):
        churn(corner_shop, "last 2 weeks", weeks=2)


def test_what_fell_is_told_from_the_season(tmp_path: Path) -> None:
    """Ann halved her wine and kept her bread; cid and dan, the others, doubled their wine."""
    early, late = "2026-01-05", "2026-01-25"
    sales = [
        *(f"{who} {early} bread 4.00" for who in ("ann", "bob", "cid", "dan")),
        *(f"{who} {late} bread 4.00" for who in ("ann", "bob", "cid", "dan")),
        *(f"{who} {early} wine 8.00" for who in ("ann", "bob", "cid", "dan")),
        *(f"{who} {late} wine 4.00" for who in ("ann", "bob")),
        *(f"{who} {late} wine 16.00" for who in ("cid", "dan")),
    ]
    shop = open_till(tmp_path, *sales)
    listed = pl.DataFrame({"customer_id": [1, 2]})
    found = fallen(shop, "2026-01-05/2026-02-01", listed, base=2)
    told = found.select("category", "customers", "change_share", "others_share", "missing_share")
    assert told.rows() == [
        ("(everything)", 2, pytest.approx(-1 / 3), pytest.approx(2 / 3), pytest.approx(0.6)),
        ("Wine", 2, -0.5, 1.0, 0.75),
        ("Bakery", 2, 0.0, 0.0, 0.0),
    ]
    assert say_fallen(found).startswith("Wine fell first: even the lower bound is beyond all")


@pytest.mark.parametrize(("missing", "said"), [(-0.5, "not surely"), (0.3, "surely")])
def test_no_category_falls_where_all_do_or_none(missing: float, said: str) -> None:
    """Of everything they buy half more than expected, or a third less; of wine a tenth more."""
    told = {"category": ["(everything)", "Wine"], "missing_share": [missing, -0.1]}
    found = pl.DataFrame(told).with_columns(missing_low=pl.col("missing_share") - 0.1)
    assert say_fallen(found) == (
        f"No category stands out; all in all they bought {said} less than they would have had they "
        "changed as the others did"
    )


def test_everything_is_what_has_no_category_too(tmp_path: Path) -> None:
    """Ann and bob spent 8.00 on what the catalogue does not know, and now half on bread."""
    sales = [f"{who} 2026-01-05 gum 8.00" for who in ("ann", "bob", "cid", "dan")]
    sales += [f"{who} 2026-01-25 bread 4.00" for who in ("ann", "bob")]
    sales += [f"{who} 2026-01-25 gum 8.00" for who in ("cid", "dan")]
    listed = pl.DataFrame({"customer_id": [1, 2]})
    found = fallen(open_till(tmp_path, *sales), "2026-01-05/2026-02-01", listed, base=2)
    told = found.select("category", "sales_before", "change_share", "others_share").row(0)
    assert told == ("(everything)", Decimal("16.00"), -0.5, 0.0)


def test_what_fell_is_the_same_on_the_second_engine(sample_shop: Shop) -> None:
    """Without tolerance."""
    listed = pl.DataFrame({"customer_id": range(1, 200)})
    asked = (
        fallen(shop, "last 26 weeks", listed) for shop in (sample_shop, on_duckdb(sample_shop))
    )
    assert_frame_equal(*asked, check_exact=True)
