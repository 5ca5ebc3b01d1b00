"""Clusters: figures by hand, groups where there are some, and no names where there are none."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.segments import before_and_after, clusters

WEEKS = "last 26 weeks"


def crowd(kinds: dict[str, tuple[float, float]], size: int) -> pl.DataFrame:
    """Return labels of `size` customers of each segment around given visits and baskets."""
    rng = np.random.default_rng(3)
    parts = [
        pl.DataFrame(
            {
                "visits": rng.normal(visits, 1, size).round().astype(int),
                "basket_value": rng.normal(basket, 1, size),
                "segment": [segment] * size,
            }
        )
        for segment, (visits, basket) in kinds.items()
    ]
    others = [name for name in clusters.FIGURES if name not in ("visits", "basket_value")]
    figures = {name: rng.random(size * len(kinds)) / 10 for name in others}
    whole = pl.concat(parts).with_columns(**{name: pl.Series(v) for name, v in figures.items()})
    return whole.with_columns(
        pl.col("segment").cast(pl.Enum(list(clusters.SEGMENTS))), nearness=pl.lit(0.5)
    )


REAL = {"Cluster 1": (60.0, 20.0), "Cluster 2": (10.0, 90.0)}


def test_the_figures_of_the_corner_shop_by_hand(corner_shop: Shop) -> None:
    """0012: four visits, 14.50, six times a category, half a euro off 15.00; all at nine.

    12 comes at half past six in the evening and brought a bottle back: 8.00 over two visits, each
    of one category.
    """
    labels = clusters.label(corner_shop, "last 8 weeks", clusters=2).sort("customer_id")
    figures = labels.select("visits", "basket_value", "categories_per_visit", "discount_share")
    assert figures.row(0) == (4, Decimal("3.62"), 1.5, pytest.approx(0.5 / 15))
    times = labels.select("visits", "weekend_share", "evening_share", "sales")
    assert times.row(1) == (2, 0.0, 1.0, Decimal("8.00"))
    assert figures.row(1)[2] == 1.0


def test_weekends_are_saturday_and_sunday(tmp_path: Path) -> None:
    """Friday, Saturday, Sunday and Monday: half of the visits."""
    days = ("2026-01-09", "2026-01-10", "2026-01-11", "2026-01-12")
    shop = open_till(tmp_path, "- 2026-01-05 milk 1.00", *(f"ann {day} bread 2.00" for day in days))
    assert clusters.label(shop, "last 8 weeks")["weekend_share"].to_list() == [0.5]


def test_the_first_cluster_is_the_one_with_the_greatest_sales(sample_shop: Shop) -> None:
    """Numbers follow the sales of all members together."""
    labels = clusters.label(sample_shop, WEEKS, clusters=5)
    sales = labels.group_by("segment").agg(pl.col("sales").sum()).sort("segment")["sales"]
    assert len(sales) == 5
    assert sales.to_list() == sorted(sales, reverse=True)


def test_customers_who_do_the_same_are_in_one_cluster(tmp_path: Path) -> None:
    """Three alike and one other cannot make four clusters."""
    alike = [f"c{n} 2026-02-10 bread 3.00" for n in range(3)]
    labels = clusters.label(
        open_till(tmp_path, "dan 2026-01-05 wine 90.00", *alike), "last 8 weeks", clusters=4
    )
    assert labels.filter(pl.col("sales") == 3)["segment"].n_unique() == 1
    assert labels["segment"].n_unique() == 2


def test_the_period_before_sets_the_clusters(sample_shop: Shop) -> None:
    """Labelled by its own cuts a period is as without; the labels before are its own."""
    before, _ = before_and_after(sample_shop, WEEKS, clusters.label)
    earlier = sample_shop.window(WEEKS).before()
    assert before.equals(clusters.label(sample_shop, earlier))
    assert before.equals(clusters.label(sample_shop, earlier, cuts_from=earlier))


@pytest.mark.parametrize("number", [1, 6])
def test_another_number_of_clusters_is_refused(corner_shop: Shop, number: int) -> None:
    """Two to five can be told apart."""
    with pytest.raises(ValueError, match=f"clusters={number} is out of range; allowed: 2 to 5"):
        clusters.label(corner_shop, "last 8 weeks", clusters=number)


def test_groups_that_are_real_are_found_again_and_named() -> None:
    """Two crowds far apart: a sure Jaccard, and the two figures that part them as their name."""
    table = clusters.portrait(crowd(REAL, 150), clusters=2)
    assert table["overlap_share"].to_list() == pytest.approx([1, 1])
    assert [set(name.split(", ")) for name in table["name"]] == [
        {"come often", "small baskets"},
        {"come rarely", "large baskets"},
    ]


def test_groups_that_are_not_real_have_no_name() -> None:
    """One crowd cut by chance into five: the pieces are not found again."""
    same = {f"Cluster {n}": (30.0, 30.0) for n in range(1, 6)}
    table = clusters.portrait(crowd(same, 60), clusters=5)
    assert table["overlap_share"].max() < clusters.STABLE  # type: ignore[operator]
    assert table["name"].to_list() == ["(no name)"] * 5


def test_real_groups_stand_further_apart_than_chance() -> None:
    """The silhouette of two crowds beats that of shuffled figures."""
    real = clusters.separation(crowd(REAL, 150), clusters=2)
    assert real["silhouette"].item() > real["silhouette_by_chance"].item() + 0.1


def test_one_cluster_is_not_judged(tmp_path: Path) -> None:
    """A single customer has nobody to stand apart from."""
    labels = clusters.label(open_till(tmp_path, "ann 2026-01-05 bread 2.00"), "last 8 weeks")
    table = clusters.portrait(labels)
    assert table.select("segment", "name", "customers", "overlap_share").rows() == [
        ("Cluster 1", "(no name)", 1, None)
    ]
    assert "cannot be judged" in clusters.verdict(table, clusters.separation(labels))


def test_the_verdict_on_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: most clusters are found again, but customers blend into each other."""
    labels = clusters.label(sample_shop, WEEKS)
    sizes = labels.group_by("segment").len().sort("segment")["len"].to_list()
    assert sum(sizes) == 2413
    assert sizes == pytest.approx([854, 833, 464, 262], abs=25)
    table, apart = clusters.portrait(labels), clusters.separation(labels)
    assert table["overlap_share"][0] > clusters.STABLE
    assert "customers blend into each other" in clusters.verdict(table, apart)


def test_a_seed_gives_one_answer(sample_shop: Shop) -> None:
    """Labels and portrait are equal to the bit in a second run."""
    labels = [clusters.label(sample_shop, WEEKS, seed=7) for _ in range(2)]
    assert labels[0].equals(labels[1])
    assert clusters.portrait(labels[0], seed=7).equals(clusters.portrait(labels[1], seed=7))


def test_duckdb_gives_the_same_labels(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    other = clusters.label(on_duckdb(sample_shop), WEEKS)
    assert_frame_equal(other, clusters.label(sample_shop, WEEKS), check_exact=True)
