"""Never buys: nobody is said never to buy who had few chances, or only brought something back."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.segments import before_and_after, never_buy

WEEKS = "last 26 weeks"
OFTEN = [f"ann 2026-01-{day:02} bread 2.00" for day in range(5, 29)]
WINE = [f"bob 2026-02-{day:02} wine 8.00" for day in range(1, 9)]
WATER = [f"bob 2026-02-{day:02} milk 1.00" for day in range(9, 17)]
RARE = ["cat 2026-02-03 bread 2.00", "cat 2026-02-04 bread 4.00"]


def segments(labels: pl.DataFrame) -> dict[int, str]:
    """Return the segment of each customer."""
    return dict(labels.select("customer_id", "segment").rows())


def test_many_visits_without_a_purchase_are_never_and_few_are_too_early(tmp_path: Path) -> None:
    """Bob buys wine on half of 16 receipts; ann on none of 24, cat on none of two."""
    shop = open_till(tmp_path, *OFTEN, *WINE, *WATER, *RARE)
    labels = never_buy.label(shop, "last 8 weeks", category="Wine")
    assert segments(labels) == {1: "Never buys", 2: "Buys", 3: "Too early to say"}
    cat = labels.filter(pl.col("customer_id") == 3)
    assert cat.drop("customer_id", "segment").rows() == [
        (2, 0, 1.0, 0.25, Decimal("6.00"), Decimal("3.00"), Decimal("0.00"))
    ]


def test_the_asked_number_of_visits_and_the_mark_both_hold(tmp_path: Path) -> None:
    """Cat's chance of none is a quarter: under a mark of 0.3 she is a never, from 2 visits on."""
    shop = open_till(tmp_path, *OFTEN, *WINE, *WATER, *RARE)
    two = never_buy.label(shop, "last 8 weeks", category="Wine", visits=2, chance=0.3)
    three = never_buy.label(shop, "last 8 weeks", category="Wine", visits=3, chance=0.3)
    assert (segments(two)[3], segments(three)[3]) == ("Never buys", "Too early to say")


def test_who_brought_it_all_back_bought_none(tmp_path: Path) -> None:
    """Ann bought a bottle once and brought it back: in 25 visits she never buys wine."""
    back = ["ann 2026-02-01 wine 8.00", "ann 2026-02-02 wine -8.00"]
    shop = open_till(tmp_path, *OFTEN, *back, *WINE, *WATER)
    labels = never_buy.label(shop, "last 8 weeks", category="Wine")
    assert segments(labels)[1] == "Never buys"


def test_an_anchor_narrows_the_scope_and_the_rate(tmp_path: Path) -> None:
    """Of those who buy bread nobody buys wine, so nothing can be said; bob is out of scope."""
    shop = open_till(tmp_path, *OFTEN, *WINE, *WATER)
    labels = never_buy.label(shop, "last 8 weeks", category="Wine", anchor="Bakery")
    assert segments(labels) == {1: "Too early to say", 2: "Not in scope"}
    assert labels["none_share"].to_list() == [1.0, 1.0]


def test_the_rate_of_the_period_before_holds_for_both(tmp_path: Path) -> None:
    """Wine was bought on every receipt of a buyer before, on half of them now: none of 2 is 0."""
    before = ["bob 2026-01-06 wine 8.00", "ann 2026-01-05 bread 2.00"]
    shop = open_till(tmp_path, *before, *WINE, *WATER, *RARE)
    _, after = before_and_after(
        shop, "last 4 weeks", never_buy.label, category="Wine", visits=2, chance=0.3
    )
    assert after.filter(pl.col("customer_id") == 3)["none_share"].to_list() == [0.0]


def test_the_largest_category_is_asked_where_none_is_named(corner_shop: Shop) -> None:
    """Wine makes most of the corner shop's sales: 12 and 40 buy it, 0012 and 31 do not."""
    labels = never_buy.label(corner_shop, "last 8 weeks")
    buyers = labels.filter(pl.col("segment") == "Buys")["customer_id"].to_list()
    assert buyers == [2, 4]


def test_an_unknown_category_is_refused_with_those_like_it(corner_shop: Shop) -> None:
    """The message names what was asked and what may have been meant."""
    with pytest.raises(ValueError, match="is called 'Wein'; did you mean 'Wine'"):
        never_buy.label(corner_shop, "last 8 weeks", category="Wein")


def test_light_shoppers_look_like_never_buyers_and_are_not_called_so(sample_shop: Shop) -> None:
    """Frozen: of the fewest visits half show no cheese, and nobody is said never to buy it."""
    labels = never_buy.label(sample_shop, WEEKS, category="CHEESE")
    assert labels["segment"].value_counts().sort("segment").rows() == [
        ("Buys", 1963),
        ("Never buys", 111),
        ("Too early to say", 339),
    ]
    exposure = never_buy.exposure(labels)
    assert exposure["non_buyers"].to_list() == [258, 104, 45, 27, 16]
    assert exposure["never_buys_share"][0] == 0
    assert exposure["by_accident_share"].is_sorted(descending=True)


def test_candidates_are_ranked_by_the_value_of_their_basket(sample_shop: Shop) -> None:
    """The list holds never-buyers only, the most valuable basket first, by the source's id."""
    labels = never_buy.label(sample_shop, WEEKS, category="COFFEE")
    listed = never_buy.candidates(sample_shop, labels, top=5)
    best = labels.filter(pl.col("segment") == "Never buys")["basket_value"].max()
    assert listed["basket_value"][0] == best
    assert listed["basket_value"].is_sorted(descending=True)
    assert listed.schema["customer"] == pl.String


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance, anchor included."""
    asked = {"category": "COFFEE", "anchor": "CHEESE"}
    found = never_buy.label(on_duckdb(sample_shop), WEEKS, **asked)  # type: ignore[arg-type]
    expected = never_buy.label(sample_shop, WEEKS, **asked)  # type: ignore[arg-type]
    assert_frame_equal(found, expected, check_exact=True)
