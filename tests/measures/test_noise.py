"""The noise floor: what moves although nobody changed, and what moves beyond it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.data.activity import activity
from workbench.data.engine import fetch
from workbench.data.shop import NotCovered
from workbench.measures import beyond_chance, migrate, noise, noise_floor, say_chance, surprises
from workbench.segments import before_and_after, clusters, rfm

NOW = "2026-02-02/2026-03-01"
DAYS = ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")
DAYS_NOW = ("2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23")


def came(shop: Shop, period: Any, *, cuts_from: Any = None) -> pl.DataFrame:
    """Label by visits: at least four, or fewer."""
    del cuts_from
    often = pl.when(pl.col("baskets") >= 4).then(pl.lit("Often")).otherwise(pl.lit("Rarely"))
    seen = activity(shop, period).drop_nulls("customer_id")
    return seen.select("customer_id", segment=often.cast(pl.Enum(["Often", "Rarely"])))


def eats(shop: Shop, period: Any, *, cuts_from: Any = None) -> pl.DataFrame:
    """Label by what was bought: bread, the catalogue's first product, or something else."""
    del cuts_from
    bought = shop.during(period).lines.select("customer_id", "product_id").unique()
    bread = pl.when((pl.col("product_id") == 1).any()).then(pl.lit("Bread"))
    return (
        fetch(bought, by=["customer_id", "product_id"])
        .drop_nulls("customer_id")
        .group_by("customer_id")
        .agg(segment=bread.otherwise(pl.lit("Other")).cast(pl.Enum(["Bread", "Other"])))
    )


def expected(floor: pl.DataFrame) -> dict[tuple[str, str], tuple[float, int, int]]:
    """Return mean, low and high by pair, where a draw had anybody."""
    return {(row[0], row[1]): row[2:] for row in floor.rows() if row[4]}


def test_one_visit_falls_into_either_period_by_the_toss_of_a_coin(tmp_path: Path) -> None:
    """Forty customers with a receipt each, all now: by chance some twenty would be lost."""
    early = "- 2026-01-05 milk 1.50"
    shop = open_till(tmp_path, early, *(f"c{n} 2026-02-10 milk 1.00" for n in range(40)))
    found = expected(noise_floor(shop, NOW, came))
    assert set(found) == {("Rarely", "Lost"), ("New", "Rarely")}
    mean, low, high = found["New", "Rarely"]
    assert mean == pytest.approx(20, abs=3)
    assert 8 < low < 20 < high < 32


def test_a_part_of_the_customers_stands_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty of forty: twice as many are expected of all, and who is dealt widens the band."""
    early = "- 2026-01-05 milk 1.50"
    shop = open_till(tmp_path, early, *(f"c{n:02} 2026-02-10 milk 1.00" for n in range(40)))
    every = expected(noise_floor(shop, NOW, came))["New", "Rarely"]
    monkeypatch.setattr(noise, "DEALT", 20)
    found = noise_floor(shop, NOW, came)
    assert found["customers_expected"].sum() == 40
    mean, low, high = expected(found)["New", "Rarely"]
    assert mean == pytest.approx(every[0], abs=5)
    assert low < every[1]
    assert high > every[2]


def test_everybody_who_came_is_somewhere(corner_shop: Shop) -> None:
    """A draw loses no customer: the expected numbers add up to those of both periods."""
    floor = noise_floor(corner_shop, NOW, rfm.label, bands=3)
    assert floor["customers_expected"].sum() == pytest.approx(4)


def test_the_pairs_are_those_of_the_migration(corner_shop: Shop) -> None:
    """Floor and movement have the same rows in the same order."""
    floor = noise_floor(corner_shop, NOW, rfm.label, bands=3)
    moves = migrate(corner_shop, NOW, *before_and_after(corner_shop, NOW, rfm.label, bands=3))
    assert_frame_equal(floor.select("before", "after"), moves.select("before", "after"))


def test_a_label_by_what_is_in_the_basket_redraws_its_lines(tmp_path: Path) -> None:
    """Who buys nothing but bread cannot become anything else by chance."""
    sales = [f"ann {day} bread 2.00" for day in (*DAYS, *DAYS_NOW)]
    sales += [f"bob {day} wine 8.00" for day in (*DAYS, *DAYS_NOW)]
    stays = {("Bread", "Bread"), ("Other", "Other"), ("Bread", "Lost"), ("Other", "Lost")}
    found = expected(noise_floor(open_till(tmp_path, *sales), NOW, eats))
    assert set(found) <= stays | {("New", "Bread"), ("New", "Other")}
    assert found["Bread", "Bread"][0] > 0.8


def test_a_real_change_exceeds_chance(tmp_path: Path) -> None:
    """Twenty customers come eight times before and once now: chance would leave half often."""
    sales = [
        f"c{n} {day} milk 1.00"
        for n in range(20)
        for day in (*DAYS, *(day[:-1] + "4" for day in DAYS), DAYS_NOW[0])
    ]
    shop = open_till(tmp_path, *sales)
    moves = migrate(shop, NOW, *before_and_after(shop, NOW, came))
    told = beyond_chance(moves, noise_floor(shop, NOW, came)).select(
        "before", "after", "customers", "against_chance"
    )
    against = {(before, after): (n, said) for before, after, n, said in told.rows()}
    assert against["Often", "Rarely"] == (20, "more")
    assert against["Often", "Often"] == (0, "fewer")
    assert against["New", "Often"] == (0, "within")


def test_moves_beyond_chance_are_ranked_by_how_far() -> None:
    """What chance explains is left out, and the sentence counts those in both periods."""
    pair = {"before": ["a", "a", "b", "New"], "after": ["a", "b", "b", "Lost"]}
    counts = {"customers": [5, 30, 9, 4], "customers_expected": [20.0, 10.0, 9.0, 4.0]}
    band = {"customers_low": [15, 6, 5, 1], "customers_high": [25, 14, 13, 8]}
    floor = pl.DataFrame(pair | counts | band)
    told = beyond_chance(floor.select("before", "after", "customers"), floor.drop("customers"))
    found = surprises(told).select("before", "after", "customers", "against_chance").rows()
    assert found == [("a", "b", 30, "more"), ("a", "a", 5, "fewer")]
    assert say_chance(told) == (
        "30 customers changed segment; 10 would have by chance alone, "
        "without anybody changing habits"
    )
    assert say_chance(told.clear()) == "Nobody came in both periods"


def test_a_seed_gives_one_floor(corner_shop: Shop) -> None:
    """The same seed the same numbers, another seed others."""
    floors = [noise_floor(corner_shop, NOW, rfm.label, seed=seed, bands=3) for seed in (1, 1, 2)]
    assert floors[0].equals(floors[1])
    assert not floors[0].equals(floors[2])


def test_too_few_draws_are_refused(corner_shop: Shop) -> None:
    """Ten draws have no band of nine in ten."""
    with pytest.raises(ValueError, match="draws=10 leave no band"):
        noise_floor(corner_shop, NOW, rfm.label, draws=10)


def test_a_period_whose_predecessor_the_data_lacks_is_refused(corner_shop: Shop) -> None:
    """There is nothing to draw from days that are not there."""
    with pytest.raises(NotCovered, match="10 Nov 2025 to 4 Jan 2026"):
        noise_floor(corner_shop, "last 8 weeks", rfm.label)


def test_duckdb_gives_the_same_floor(corner_shop: Shop) -> None:
    """What is redrawn is the same receipts in the same order."""
    floors = [
        noise_floor(s, NOW, rfm.label, bands=3) for s in (corner_shop, on_duckdb(corner_shop))
    ]
    assert_frame_equal(*floors, check_exact=True)


def test_the_sample_retailers_champions_move_more_than_by_chance(sample_shop: Shop) -> None:
    """Frozen: chance would keep some 420 of the champions, 326 stayed."""
    weeks = "last 26 weeks"
    found = expected(noise_floor(sample_shop, weeks, rfm.label))
    mean, low, high = found["Champions", "Champions"]
    assert (round(mean), low, high) == (420, 393, 442)


def test_a_draw_that_empties_a_period_tells_nothing(corner_shop: Shop) -> None:
    """Four receipts in two fortnights: some draw leaves the first without any, so no figure."""
    fortnight = "2026-02-16/2026-03-01"
    floor = noise_floor(corner_shop, fortnight, rfm.label)
    figures = floor.select("customers_expected", "customers_low", "customers_high")
    assert floor.height > 0
    assert figures.null_count().row(0) == (floor.height,) * 3
    moves = migrate(corner_shop, fortnight, *before_and_after(corner_shop, fortnight, rfm.label))
    told = beyond_chance(moves, floor)
    assert told["against_chance"].null_count() == told.height
    assert surprises(told).is_empty()
    assert say_chance(told).endswith("too few receipts to tell chance from change")


def test_a_choice_that_cannot_be_labelled_is_still_an_error(corner_shop: Shop) -> None:
    """Only what a draw does is not told; a wrong choice is said."""
    with pytest.raises(ValueError, match="clusters=9 is out of range"):
        noise_floor(corner_shop, NOW, clusters.label, clusters=9)
