"""Separation: scored on customers that were not looked at, with the chance in it."""

import numpy as np
import polars as pl
import pytest

from workbench.data import Shop
from workbench.measures import (
    best_and_rival,
    figures,
    nothing,
    outcome,
    say_figures,
    say_separation,
    separation,
)
from workbench.segments import big_spenders, demographic

SIZE = 400
RNG = np.random.default_rng(7)
IDS = pl.Series("customer_id", range(SIZE), dtype=pl.Int64)
HALF = IDS < SIZE // 2


def labels(values: pl.Series) -> pl.DataFrame:
    """Return labels of all customers."""
    return pl.DataFrame({"customer_id": IDS, "segment": values.cast(pl.String)})


def outcomes(values: object) -> pl.DataFrame:
    """Return outcomes of all customers."""
    return pl.DataFrame({"customer_id": IDS, "outcome": pl.Series(values, dtype=pl.Float64)})


TRUE = labels(HALF)
BLIND = labels(pl.Series(RNG.integers(0, 2, SIZE)))
ALONE = labels(IDS)
ONE = labels(pl.Series(["all"] * SIZE))
SPEND = outcomes(HALF.cast(pl.Float64) * 10 + RNG.normal(0, 5, SIZE))
DID = outcomes(RNG.random(SIZE) < np.where(HALF, 0.8, 0.2))


def scores(of: pl.DataFrame, **named: pl.DataFrame) -> dict[str, float]:
    """Return the score of each segmentation."""
    return dict(separation(of, named, draws=50).select("segmentation", "score_share").rows())


def test_what_segments_explain_of_an_amount() -> None:
    """Means of 10 and 0 with a spread of 5 explain half of the variance: 25 of 25 + 25."""
    found = scores(SPEND, true=TRUE, one=ONE)
    assert found["true"] == pytest.approx(0.5, abs=0.06)
    assert found["one"] == 0 == nothing(SPEND)


def test_how_often_segments_put_the_right_one_first() -> None:
    """Eight of ten against two of ten: .8 x .8 right, and half of the ties, are 80 %."""
    found = scores(DID, true=TRUE, one=ONE)
    assert found["true"] == pytest.approx(0.8, abs=0.04)
    assert found["one"] == 0.5 == nothing(DID)


def test_segments_of_chance_and_segments_of_one_explain_nothing() -> None:
    """What was not looked at cannot be guessed by knowing each customer by name."""
    for of in (SPEND, DID):
        table = separation(of, {"blind": BLIND, "alone": ALONE, "true": TRUE}, draws=50)
        judged = {row["segmentation"]: row for row in table.rows(named=True)}
        assert judged["true"]["against_best"] == "best"
        assert judged["true"]["beyond_nothing"]
        for name in ("blind", "alone"):
            assert judged[name]["against_best"] == "worse"
            assert not judged[name]["beyond_nothing"]
            assert judged[name]["score_share"] <= nothing(of) + 0.02


def test_two_equal_segmentations_are_not_told_apart() -> None:
    """A difference within chance is not called one."""
    turned = TRUE.with_columns(segment=pl.when(IDS == 3).then(pl.lit("x")).otherwise("segment"))
    table = separation(SPEND, {"true": TRUE, "turned": turned}, draws=50)
    assert set(table["against_best"].cast(pl.String)) == {"best", "not surely worse"}
    assert say_separation(table, "value").endswith("best; 1 other is not surely worse")


def test_the_interval_covers_what_customers_like_these_would_show() -> None:
    """Of 60 samples of customers whose half explains a half, most intervals hold the half."""
    rng, held = np.random.default_rng(1), 0
    for seed in range(60):
        of = outcomes(HALF.cast(pl.Float64) * 10 + rng.normal(0, 5, SIZE))
        row = separation(of, {"true": TRUE}, draws=40, seed=seed).row(0, named=True)
        held += row["low_share"] < 0.5 < row["high_share"]
    assert 50 <= held <= 60


def test_customers_without_a_label_are_a_group_of_their_own() -> None:
    """Half of the customers labelled tells as much as both halves labelled."""
    known = TRUE.filter(HALF)
    table = separation(SPEND, {"true": TRUE, "known": known}, draws=20)
    assert table["groups"].to_list() == [2, 2]
    assert table["score_share"][0] == pytest.approx(table["score_share"][1])


def test_a_seed_gives_one_answer() -> None:
    """The same seed the same table, another seed another interval."""
    first, again, other = (
        separation(DID, {"true": TRUE}, draws=20, seed=seed) for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert first["low_share"][0] != other["low_share"][0]


@pytest.mark.parametrize("value", [0.0, 1.0, 7.5])
def test_where_all_did_the_same_nothing_can_be_told(value: float) -> None:
    """Nulls, and a sentence that says so."""
    table = separation(outcomes([value] * SIZE), {"true": TRUE}, draws=20)
    assert table.row(0)[2:] == (None,) * 5
    assert say_separation(table, "value").startswith("Nothing can be said about value")


def test_without_customers_nothing_can_be_told() -> None:
    """An objective that is about nobody."""
    table = separation(DID.clear(), {"true": TRUE}, draws=20)
    assert table.row(0)[2:] == (None,) * 5


def test_sentences_name_the_best_only_where_it_is_sure() -> None:
    """Chance alone is no finding."""
    assert say_separation(separation(SPEND, {"a": BLIND}, draws=50), "value") == (
        "For value no segmentation is surely better than none"
    )
    sure = separation(SPEND, {"a": TRUE, "b": BLIND}, draws=50)
    assert say_separation(sure, "value") == (
        "For value, a tells customers apart best, surely better than all others"
    )
    assert say_figures(sure) == "Alone, a tells most, surely more than every other figure"
    assert best_and_rival(sure, "b") == ("a", "b")
    assert best_and_rival(sure, "a") == ("a", "b")
    with pytest.raises(ValueError, match="c was left out of the comparison; there are: a, b"):
        best_and_rival(sure, "c")


def test_figures_are_banded_once() -> None:
    """Scores, names that were there and figures that band alike are left out; ties stay whole."""
    first = pl.DataFrame(
        {
            "customer_id": range(10),
            "segment": ["x"] * 10,
            "visits": [1, 1, 1, 1, 1, 6, 7, 8, 9, None],
            "recency_score": range(10),
            "own_label": [True] * 10,
        }
    )
    second = first.select("customer_id", "segment", "visits", twice=pl.col("visits") * 2)
    found = figures({"first": first, "second": second})
    assert list(found) == ["visits"]
    bands = found["visits"]["segment"].to_list()
    assert len(set(bands[:5])) == 1
    assert bands[-1] is None
    assert len(set(bands)) >= 4


def test_the_sample_retailers_spending_is_foretold_best_by_value(sample_shop: Shop) -> None:
    """Frozen: big spenders explain half of what is spent in the next 13 weeks, stages of life
    a fifth.
    """
    of = outcome(sample_shop, "last 13 weeks", "value")
    before = sample_shop.window("last 13 weeks").before()
    named = {
        "big_spenders": big_spenders.label(sample_shop, before),
        "demographic": demographic.label(sample_shop, before),
    }
    found = separation(of, named)
    assert found["segmentation"].to_list() == ["big_spenders", "demographic"]
    assert [round(score, 2) for score in found["score_share"]] == [0.52, 0.2]
    assert found["against_best"].to_list() == ["best", "worse"]
