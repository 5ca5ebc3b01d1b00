"""Migration: everybody is somewhere before and after, with what they spent."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop
from workbench.data.shop import NotCovered
from workbench.door import corner
from workbench.measures import largest_moves, migrate, weigh
from workbench.segments import before_and_after, rfm

NOW, BEFORE = "2026-02-02/2026-03-01", "2026-01-05/2026-02-01"
NO_COSTS = corner.MAPPING.replace("cost_rates: {default: 0.5, Drinks: 0.75}\n", "")
FOOD_COSTS = corner.MAPPING.replace("{default: 0.5, Drinks: 0.75}", "{Food: 0.5}")
SALES = ("ann 2026-01-05 bread 5.00", "ann 2026-02-03 bread 3.00", "bob 2026-02-04 wine 8.00")


@pytest.fixture
def moves(corner_shop: Shop) -> pl.DataFrame:
    """Who moved in the corner shop between the last four weeks and the four before."""
    return migrate(corner_shop, NOW, *before_and_after(corner_shop, NOW, rfm.label, bands=3))


def halves(*customers: int) -> pl.DataFrame:
    """Return labels that put all these customers into the first of two segments."""
    schema = {"customer_id": pl.Int64, "segment": pl.Enum(["one", "other"])}
    return pl.DataFrame([(c, "one") for c in customers], schema, orient="row")


def test_the_corner_shops_moves_by_hand(moves: pl.DataFrame) -> None:
    """0012, 12 and 31 were there before, 40 is new; 31 is lost; each carries what was spent."""
    took_place = moves.filter(pl.col("customers") > 0)
    amounts = ("sales_before", "sales_after", "margin_before", "margin_after")
    found = [
        (before, after, *(str(amount) for amount in rest))
        for before, after, *rest in took_place.select("before", "after", *amounts).iter_rows()
    ]
    assert found == [
        ("Promising", "Lost", "16.00", "-8.00", "4.00", "-2.00"),
        ("Occasional", "Lost", "6.00", "0.00", "3.00", "0.00"),
        ("At risk", "Needs attention", "7.00", "7.50", "3.25", "3.75"),
        ("New", "Promising", "0.00", "29.00", "0.00", "8.50"),
    ]
    assert took_place["customers"].to_list() == [1, 1, 1, 1]


def test_every_pair_is_there_even_where_nobody_took_it(moves: pl.DataFrame) -> None:
    """Seven segments and New by seven and Lost, with 0 where nobody moved."""
    assert moves.height == 8 * 8 - 1
    stayed = moves.filter((pl.col("before") == "Loyal") & (pl.col("after") == "Loyal"))
    assert stayed.select("customers", "sales_before").rows() == [(0, Decimal("0.00"))]


def test_nobody_is_new_and_lost_at_once(moves: pl.DataFrame) -> None:
    """The pair that cannot be is not in the table."""
    assert moves.filter((pl.col("before") == "New") & (pl.col("after") == "Lost")).is_empty()


def test_shares_are_of_those_who_were_there_before(sample_shop: Shop) -> None:
    """Each segment's row, New's among them, sums to one."""
    pair = before_and_after(sample_shop, "last 26 weeks", rfm.label)
    rows = (
        migrate(sample_shop, "last 26 weeks", *pair)
        .group_by("before")
        .agg(pl.col("customers_share").sum())
    )
    assert rows["customers_share"].to_list() == pytest.approx([1.0] * 8)


def test_a_segment_that_was_empty_has_no_shares(moves: pl.DataFrame) -> None:
    """Where nobody was before there is nothing to have a share of."""
    loyal = moves.filter(pl.col("before") == "Loyal")
    assert loyal["customers_share"].to_list() == [None] * 8


@pytest.mark.parametrize("side", ["before", "after"])
def test_rows_and_columns_add_up_to_what_the_segments_are_worth(
    sample_shop: Shop, side: str
) -> None:
    """Customers, sales and margin by segment before and after are those of the two periods."""
    labels = dict(
        zip(
            ("before", "after"),
            before_and_after(sample_shop, "last 26 weeks", rfm.label),
            strict=True,
        )
    )
    window = sample_shop.window("last 26 weeks")
    moves = migrate(sample_shop, window, labels["before"], labels["after"])
    moved = moves.group_by(pl.col(side).cast(pl.String)).agg(
        pl.col("customers", f"sales_{side}", f"margin_{side}").sum()
    )
    period = window.before() if side == "before" else window
    worth = weigh(sample_shop, period, labels[side]).filter(pl.col("segment") != "Unlabelled")
    expected = worth.select(pl.col("segment").cast(pl.String), "customers", "sales", "margin")
    outside = {"New", "Lost"}
    assert {row for row in moved.rows() if row[0] not in outside} == set(expected.rows())


def test_the_sample_retailers_moves(sample_shop: Shop) -> None:
    """Frozen: of 563 champions 326 stayed, 100 are at risk now, none is lost; 75 are new."""
    pair = before_and_after(sample_shop, "last 26 weeks", rfm.label)
    moves = migrate(sample_shop, "last 26 weeks", *pair)
    counts = {(before, after): count for before, after, count, *_ in moves.iter_rows()}
    assert counts["Champions", "Champions"] == 326
    assert counts["Champions", "At risk"] == 100
    assert counts["Champions", "Lost"] == 0
    assert sum(n for (before, _), n in counts.items() if before == "Champions") == 563
    assert sum(n for (before, _), n in counts.items() if before == "New") == 75


def test_without_costs_there_is_no_margin_to_move(tmp_path: Path) -> None:
    """Margins are unknown in every row, not zero."""
    shop = open_till(tmp_path, *SALES, mapping=NO_COSTS)
    moves = migrate(shop, NOW, halves(1), halves(1, 2))
    assert moves["margin_before"].null_count() == moves.height
    assert moves["margin_after"].null_count() == moves.height


def test_where_the_cost_of_something_is_unknown_the_margin_that_moved_is(tmp_path: Path) -> None:
    """Bob bought wine, whose cost nobody knows; ann's margin stays known."""
    shop = open_till(tmp_path, *SALES, mapping=FOOD_COSTS)
    moves = migrate(shop, NOW, halves(1), halves(1, 2)).filter(pl.col("customers") > 0)
    assert moves.select("before", "margin_after").rows() == [
        ("one", Decimal("1.50")),
        ("New", None),
    ]


def test_a_period_whose_predecessor_the_data_lacks_is_refused(corner_shop: Shop) -> None:
    """Nobody can be followed from days that are not there."""
    with pytest.raises(NotCovered, match="10 Nov 2025 to 4 Jan 2026"):
        migrate(corner_shop, "last 8 weeks", halves(1), halves(1))


def test_a_customer_labelled_twice_is_refused(corner_shop: Shop) -> None:
    """Two labels for one customer would count her twice."""
    with pytest.raises(pl.exceptions.ComputeError, match="join keys did not fulfill 1:1"):
        migrate(corner_shop, NOW, halves(1, 1), halves(1))


def test_the_moves_that_changed_sales_most_come_first(moves: pl.DataFrame) -> None:
    """Who came new brings 29.00, who brought wine back takes 24.00 away; stayers are left out."""
    found = largest_moves(moves, top=2).select("before", "after", "sales_change", "margin_change")
    assert [tuple(str(value) for value in row) for row in found.iter_rows()] == [
        ("New", "Promising", "29.00", "8.50"),
        ("Promising", "Lost", "-24.00", "-6.00"),
    ]
