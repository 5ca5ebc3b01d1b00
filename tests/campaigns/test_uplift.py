"""Uplift: by hand, against simulation, and with a known effect planted in the sample."""

import datetime as dt
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.campaigns.audiences.groups import split
from workbench.campaigns.results import estimators as by
from workbench.campaigns.results.result import by_segment
from workbench.campaigns.results.uplift import MATCHED, effects, study, uplift
from workbench.data import Shop
from workbench.data.shop import NotCovered

WEEK = {"starts": dt.date(2026, 2, 2), "ends": dt.date(2026, 2, 8)}
AUTUMN = {"starts": dt.date(2017, 10, 30), "ends": dt.date(2017, 12, 24)}
REPEATS = 300


def named(shop: Shop, **groups: str) -> pl.DataFrame:
    """Return groups from cards: `target="ann bob"`."""
    rows = [(card, group) for group, cards in groups.items() for card in cards.split()]
    drawn = pl.DataFrame(rows, schema=["customer", "group"], orient="row")
    ids = shop.customers.select("customer_id", "customer").to_native().collect()
    return ids.join(drawn, on="customer").select("customer_id", "group")


def everybody(shop: Shop) -> pl.DataFrame:
    """Return all customers of a shop."""
    return shop.customers.select("customer_id").to_native().collect()


def used(effects: pl.DataFrame) -> dict[str, object]:
    """Return the row to rest on."""
    return effects.filter("used").row(0, named=True)


@pytest.fixture(name="till")
def a_till(tmp_path: Path) -> Shop:
    """Return a shop of two targets, ann and bob, and three others, one of whom stays away."""
    return open_till(
        tmp_path,
        "ann 2026-01-27 bread 4.00",
        "ann 2026-02-02 bread 9.00",
        "bob 2026-01-28 milk 2.00",
        "bob 2026-02-08 bread 3.00",
        "cat 2026-01-27 bread 4.00",
        "cat 2026-02-03 bread 5.00",
        "dan 2026-01-29 milk 2.00",
        "dan 2026-02-09 milk 8.00",
        "eve 2026-01-05 milk 2.00",
    )


def test_the_plain_difference_by_hand(till: Shop) -> None:
    """Targets spent 9 and 3, control 5 and 0 (dan came a day late): 6 - 2.5."""
    groups = named(till, target="ann bob", control="cat dan")
    plain = uplift(till, groups, **WEEK).row(0, named=True)
    assert plain["method"] == "Plain difference"
    assert (plain["treated"], plain["control"]) == (2, 2)
    assert (plain["treated_mean"], plain["control_mean"], plain["uplift"]) == (6.0, 2.5, 3.5)
    error = ((18 / 2) + (12.5 / 2)) ** 0.5
    assert plain["smallest"] == pytest.approx(2.8 * error)
    assert plain["high"] == pytest.approx(3.5 + 12.7062 * error, rel=1e-4)
    assert (plain["total"], plain["uplift_share"]) == (7.0, pytest.approx(3.5 / 2.5))


def test_visits_and_promoted_products_by_hand(till: Shop) -> None:
    """Bread is promoted: targets bought 6 of it on average, control 2.5, and nothing else."""
    bread = till.products.to_native().collect().filter(pl.col("product") == "bread")["product_id"]
    groups = named(till, target="ann bob", control="cat dan")
    outcomes = ["visits", "promoted", "category", "rest", "sales"]
    told = uplift(till, groups, **WEEK, outcome=outcomes, products=bread.to_list())
    plain = told.filter(pl.col("method") == "Plain difference")
    assert plain["uplift"].to_list() == [0.5, 3.5, 0.0, 0.0, 3.5]


def test_difference_in_differences_by_hand(till: Shop) -> None:
    """Targets went from 3 to 6, the others who came before from 2 (4, 2, 0) to 1.7: 3.3 more."""
    groups = named(till, target="ann bob", control="cat dan eve")
    told = uplift(till, groups, **WEEK, design=MATCHED, before_days=28)
    rows = {row["method"]: row for row in told.iter_rows(named=True)}
    change = rows["Difference in differences"]
    before = {"ann": 4 / 4, "bob": 2 / 4, "cat": 4 / 4, "dan": 2 / 4, "eve": 2 / 4}
    others = (5 - before["cat"] - before["dan"] - before["eve"]) / 3
    assert change["uplift"] == pytest.approx((12 - before["ann"] - before["bob"]) / 2 - others)
    assert rows["Naive difference"]["uplift"] == pytest.approx(6 - 5 / 3)


def test_who_never_came_before_is_compared_only_by_lot(till: Shop) -> None:
    """Eve was last seen four weeks before: with one window before the campaign she is not there."""
    groups = named(till, target="ann bob", control="cat dan eve")
    by_lot = uplift(till, groups, **WEEK, before_days=7)
    matched = uplift(till, groups, **WEEK, before_days=7, design=MATCHED)
    assert (by_lot["control"][0], matched["control"][0]) == (3, 2)


def test_a_group_of_one_has_no_figure(till: Shop) -> None:
    """Null, not 0."""
    row = used(uplift(till, named(till, target="ann", control="cat dan"), **WEEK))
    assert (row["uplift"], row["low"], row["total"], row["smallest"]) == (None,) * 4
    assert row["treated_mean"] == 9.0


def test_windows_the_data_lacks_are_refused(till: Shop) -> None:
    """The campaign's own, and the one before it."""
    groups = named(till, target="ann bob", control="cat dan")
    with pytest.raises(NotCovered, match="2 Feb 2026 to 30 Mar 2026"):
        uplift(till, groups, starts=WEEK["starts"], ends=dt.date(2026, 3, 30))
    with pytest.raises(NotCovered, match="10 Dec 2025 to 5 Jan 2026"):
        uplift(till, groups, starts=dt.date(2026, 1, 6), ends=dt.date(2026, 2, 1))
    with pytest.raises(ValueError, match="design 'none' cannot be measured"):
        uplift(till, groups, **WEEK, design="none")


def test_offers_are_each_measured_against_control(till: Shop) -> None:
    """Two offers with two customers each."""
    groups = named(till, a="ann eve", b="bob dan", control="cat nobody")
    assert uplift(till, groups, **WEEK)["offer"].unique(maintain_order=True).to_list() == ["a", "b"]


def world(seed: int, size: int, *, lot: bool) -> tuple[by.Floats, by.Flags, by.Floats]:
    """Return spend with 10 more for each treated, who is treated, and three windows before."""
    rng = np.random.default_rng(seed)
    taste = rng.gamma(2.0, 30.0, size)
    past = np.column_stack([taste * rng.gamma(4.0, 0.25, size) for _ in range(3)])
    known = np.log1p(past).mean(axis=1)
    chance = 0.3 if lot else 1 / (1 + np.exp(1.2 - 1.2 * (known - known.mean())))
    treated = rng.random(size) < chance
    return taste * rng.gamma(4.0, 0.25, size) + 10 * treated, treated, past


def scaled(past: by.Floats) -> by.Floats:
    """Return the windows before and their logarithms, each with mean 0 and spread 1."""
    both = np.hstack([past, np.log1p(past)])
    return (both - both.mean(axis=0)) / both.std(axis=0)


def covered(found: list[tuple[float, float, float]]) -> float:
    """Return how often 10 lies in the interval of an effect, its error and reach."""
    return sum(abs(effect - 10) <= reach * error for effect, error, reach in found) / len(found)


def test_cuped_s_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    """And is much narrower than the plain one."""
    worlds = [world(seed, 400, lot=True) for seed in range(REPEATS)]
    cuped, plain = (
        [(*by.contrast(method(y, p), t), by.reach(t)) for y, t, p in worlds]
        for method in (by.cuped, lambda y, _: by.plain(y))
    )
    assert 0.93 <= covered(cuped) <= 0.97
    assert 0.93 <= covered(plain) <= 0.975
    assert sum(row[1] for row in cuped) < 0.8 * sum(row[1] for row in plain)


def test_aipw_takes_away_the_selection_that_the_naive_difference_shows() -> None:
    """Bias within 2 % of what the treated spend, coverage of nine in ten at least."""
    found, naive, spend = [], [], []
    for seed in range(200):
        y, treated, past = world(seed, 600, lot=False)
        traits = scaled(past)
        adjusted = by.aipw(y, treated, traits, by.balancing(treated, traits))
        found.append((*by.contrast(adjusted, treated), by.reach(treated)))
        naive.append(by.contrast(by.plain(y), treated)[0] - 10)
        spend.append(y[treated].mean())
    bias = np.mean([row[0] for row in found]) - 10
    assert abs(bias) < 0.02 * np.mean(spend)
    assert covered(found) >= 0.9
    assert np.mean(naive) > 0.25 * np.mean(spend)


def test_weights_make_controls_resemble_the_treated() -> None:
    """The means of the past, weighted by the odds, are those of the treated; the plain are not."""
    _, treated, past = world(3, 1000, lot=False)
    odds = by.balancing(treated, scaled(past))
    weighted = odds[~treated] @ past[~treated] / odds[~treated].sum()
    assert weighted == pytest.approx(past[treated].mean(axis=0), rel=0.01)
    assert odds[~treated].sum() == pytest.approx(treated.sum())
    assert (past[~treated].mean(axis=0) < 0.8 * past[treated].mean(axis=0)).all()
    assert np.isnan(by.balancing(treated[:12], past[:12])).all()


def with_gift(shop: Shop, groups: pl.DataFrame) -> Shop:
    """Return the shop in which targets spent a fifth more on every line of the campaign."""
    targets = groups.filter(pl.col("group") == "target")["customer_id"].to_list()
    given = nw.col("day").is_between(AUTUMN["starts"], AUTUMN["ends"])
    given &= nw.col("customer_id").is_in(targets)
    more = nw.when(given).then((nw.col("sales") * 1.2).round().cast(nw.Int32))
    lines = shop.tables["lines"].with_columns(sales=more.otherwise(nw.col("sales")))
    return shop.with_lines(lines)


def test_a_known_effect_by_lot_is_found_in_the_sample(sample_shop: Shop) -> None:
    """A fifth more for those drawn: found within its interval, and not where nothing was given."""
    groups = split(everybody(sample_shop), control=0.3, seed=2)
    nothing = used(uplift(sample_shop, groups, **AUTUMN))
    assert nothing["low"] < 0 < nothing["high"]
    gift = used(uplift(with_gift(sample_shop, groups), groups, **AUTUMN))
    truth = nothing["treated_mean"] * 0.2
    assert gift["treated_mean"] == pytest.approx(nothing["treated_mean"] * 1.2, rel=1e-3)
    assert gift["low"] < truth < gift["high"]
    assert gift["low"] > 0
    assert gift["uplift_share"] == pytest.approx(0.2, abs=0.08)


def test_segments_of_a_lot_and_the_parts_of_the_basket(sample_shop: Shop) -> None:
    """Parts of the basket add up to all sales; who fell before rebounds with no campaign."""
    groups = split(everybody(sample_shop), control=0.3, seed=2)
    products = sample_shop.products.head(20000).select("product_id").to_native().collect()
    observed = study(sample_shop, groups, **AUTUMN, products=products["product_id"].to_list())
    told = effects(observed, ["sales", "promoted", "category", "rest"]).filter("used")
    assert told["uplift"][0] == pytest.approx(told["uplift"][1:].sum())
    kind = pl.Enum(["fell", "rose"])
    fell = pl.when(pl.col("sales_1") < pl.col("sales_2")).then(pl.lit("fell"))
    labels = observed.customers.select(
        "customer_id", segment=fell.otherwise(pl.lit("rose")).cast(kind)
    )
    segments = by_segment(observed, labels)
    assert segments["segment"].to_list() == ["fell", "rose"]
    assert segments["treated"].sum() == told["treated"][0]
    assert segments["total"].sum() == pytest.approx(told["total"][0], rel=0.35, abs=4000)
    assert segments["control_change"][0] > 0 > segments["control_change"][1]


def test_duckdb_gives_the_same_figures(sample_shop: Shop) -> None:
    """To the bit."""
    groups = split(everybody(sample_shop), control=0.3, seed=2)
    here, there = (
        uplift(shop, groups, **AUTUMN, outcome=["sales", "margin", "promoted"], products=[5, 6, 7])
        for shop in (sample_shop, on_duckdb(sample_shop))
    )
    assert_frame_equal(there, here, check_exact=True)
