"""The decision hierarchy: Q by hand and by brute force, the tree, and what parts the customers."""

from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shelf import open_shelf

from workbench.data import Shop
from workbench.measures import complements, hierarchy, needs, say_parts, stand_ins_of

WEEKS = "last 8 weeks"
SIX = (
    "a red",
    "a white",
    "b red",
    "b white",
    "c red",
    "c red",
    "d white",
    "d dry",
    "e dry",
    "e dry",
)


def q_of(pairs: pl.DataFrame) -> dict[frozenset[str], float]:
    """Return Q by pair of the source's product names."""
    rows = pairs.select("first", "second", "q_share").rows()
    return {frozenset(name.split("(")[1][:-1] for name in (a, b)): q for a, b, q in rows}


def test_q_of_six_customers_by_hand(tmp_path: Path) -> None:
    """Two have both, one each only one, one neither; who had both on one receipt is left out."""
    shop = open_shelf(tmp_path, *SIX, "f red white", "f dry")
    pairs = hierarchy(shop, WEEKS, "Wine").pairs
    assert q_of(pairs)[frozenset({"red", "white"})] == pytest.approx(
        (2 * 1 - 1 * 1) / (2 * 1 + 1 * 1)
    )
    row = pairs.filter(pl.col("together") == 1).row(0, named=True)
    assert row["buyers"] == 2


def test_q_is_that_of_brute_force(tmp_path: Path) -> None:
    """Counted customer by customer, in bands of those with about as many receipts."""
    draw = np.random.default_rng(5)
    names = ("red", "white", "dry", "sweet")
    receipts = [
        (f"c{draw.integers(40)}", tuple(sorted(set(draw.choice(names, draw.integers(1, 3))))))
        for _ in range(120)
    ]
    shop = open_shelf(tmp_path, *(" ".join((card, *items)) for card, items in receipts))
    found = q_of(hierarchy(shop, WEEKS, "Wine").pairs)
    assert len(found) == 6
    for one, other in combinations(names, 2):
        assert found[frozenset({one, other})] == pytest.approx(brute(receipts, one, other))


def brute(receipts: list[tuple[str, tuple[str, ...]]], one: str, other: str) -> float:
    """Return Yule's Q of two items by going through the customers."""
    bands: dict[int, list[float]] = {}
    for card in sorted({card for card, _ in receipts}):
        theirs = [items for whose, items in receipts if whose == card]
        if any(one in items and other in items for items in theirs):
            continue
        band = sum(len(theirs) >= step for step in (1, 2, 3, 5, 8))
        has = [any(name in items for items in theirs) for name in (one, other)]
        cell = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}
        bands.setdefault(band, [0, 0, 0, 0])[cell[has[0], has[1]]] += 1
    like = sum(a * d / (a + b + c + d) for a, b, c, d in bands.values())
    unlike = sum(b * c / (a + b + c + d) for a, b, c, d in bands.values())
    return (like - unlike) / (like + unlike)


def test_two_kinds_of_customers_make_two_needs(tmp_path: Path) -> None:
    """Some drink red and white, others dry and sweet: two branches, joined last and lowest."""
    reds = [f"r{n} {item}" for n in range(6) for item in ("red", "white")]
    drys = [f"d{n} {item}" for n in range(6) for item in ("dry", "sweet")]
    both = ["x red", "x dry", "y white", "y sweet"]
    items, joins, pairs, _ = hierarchy(
        open_shelf(tmp_path, *reds, *drys, *both), WEEKS, "Wine", needs=2
    )
    groups = dict(items.select("item", "need").rows())
    assert groups["own label (red)"] == groups["own label (white)"]
    assert groups["maker m1 (dry)"] == groups["maker m1 (sweet)"] != groups["own label (red)"]
    assert joins["q"].to_list() == sorted(joins["q"], reverse=True)
    assert joins["q"][-1] < 0 < joins["q"][0]
    assert needs(items).select("need", "items").rows() == [("A", 2), ("B", 2)]
    assert stand_ins_of(pairs).height == 2
    assert complements(pairs).is_empty()


def test_a_category_of_one_item_is_refused(tmp_path: Path) -> None:
    """There is no tree of one leaf."""
    with pytest.raises(ValueError, match="fewer than two items"):
        hierarchy(open_shelf(tmp_path, "a red", "b red", "a white"), WEEKS, "Wine")


def test_on_the_sample_milk_is_chosen_by_type_first(sample_shop: Shop) -> None:
    """Alike in type 12 %, others -8 %; chance would seldom make a third of that difference."""
    found = hierarchy(sample_shop, "last 52 weeks", "FLUID MILK PRODUCTS")
    best = found.parts.row(0, named=True)
    assert best["trait"] == "product type"
    assert best["alike_share"] == pytest.approx(0.117, abs=0.001)
    assert best["other_share"] == pytest.approx(-0.079, abs=0.001)
    assert best["chance_share"] < 0.07
    assert say_parts(found.parts).startswith("Customers keep to one product type most")
