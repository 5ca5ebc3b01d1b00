"""Past promotions: uplift, what followed, what the rest of the shelf did, and the receipts."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from dairy import monday, open_dairy
from engines import on_duckdb
from polars.testing import assert_frame_equal

from workbench.campaigns.forecasts.weeks import product_weeks
from workbench.campaigns.offers.promotions import basket_share, promotion_effect, promotions
from workbench.data import Shop

QUIET = [f"{week} m{week} ann milk 4 4.00 0.00" for week in range(1, 12) if week not in (5, 6)]
MILK = [*QUIET, "5 m5 ann milk 10 7.50 2.50", "6 m6 ann milk 2 2.00 0.00"]
CHEESE = [f"{week} c{week} bob cheese 1 {3 if week == 5 else 5}.00 0.00" for week in range(1, 12)]
ALL = "2026-01-05/2026-03-22"


def test_a_promotion_is_compared_with_the_weeks_around_it(tmp_path: Path) -> None:
    """Ten pieces instead of four, two fewer afterwards, and the cheese sold two euros less.

    At 0.75 instead of 1.00 and a cost of 0.50, four pieces more in all bring 1.00, and the four
    that would have been sold anyway cost 1.00 of discount.
    """
    past = promotions(open_dairy(tmp_path, *MILK, *CHEESE), ALL)
    row = past.row(0, named=True)
    assert past.height == 1
    assert (row["first_week"], row["weeks"], row["units"]) == (monday(5), 1, 10.0)
    assert (row["sales"], row["retailer_paid"], row["maker_paid"]) == (
        *(Decimal("7.50"), Decimal("2.50")),
        Decimal("0.00"),
    )
    assert (row["discount_share"], row["display"], row["mailer"]) == (0.25, False, False)
    assert (row["baseline_units"], row["uplift_units"], row["after_units"]) == (4.0, 6.0, -2.0)
    assert row["uplift_units_low"] == pytest.approx(6 - 1.96 * (4 * (1 + 1 / 8)) ** 0.5)
    assert row["category_change"] == Decimal("-2.00")
    assert row["extra_margin"] == Decimal("0.00")


def test_promotions_of_a_product_are_taken_together(tmp_path: Path) -> None:
    """Shares are of the baseline: 6 of 4 more, 2 of 4 fewer afterwards."""
    effect = promotion_effect(promotions(open_dairy(tmp_path, *MILK, *CHEESE), ALL))
    row = effect.row(0, named=True)
    assert (row["promotions"], row["uplift_share"], row["after_share"]) == (1, 1.5, -0.5)
    assert (row["maker_share"], row["category_change"]) == (0.0, Decimal("-2.00"))


def test_what_followed_is_a_share_of_the_promotions_it_followed(tmp_path: Path) -> None:
    """The second promotion is in the last week: what followed is 2 of the first one's 4 fewer."""
    early = (row for row in MILK if not row.startswith("11 "))
    rows = [*early, "11 m11 ann milk 10 7.50 2.50"]
    row = promotion_effect(promotions(open_dairy(tmp_path, *rows), ALL)).row(0, named=True)
    assert (row["promotions"], row["uplift_share"], row["after_share"]) == (2, 1.5, -0.5)


def test_what_cannot_be_compared_is_empty(tmp_path: Path) -> None:
    """Three weeks without promotion are no baseline; what was promoted then stays known."""
    rows = [f"{week} r{week} ann milk 4 3.00 1.00" for week in (3, 4)]
    rows += [f"{week} r{week} ann milk 4 4.00 0.00" for week in (1, 2, 7)]
    past = promotions(open_dairy(tmp_path, *rows, last_week=7), "2026-01-05/2026-02-22")
    row = past.row(0, named=True)
    assert (past.height, row["weeks"], row["retailer_paid"]) == (1, 2, Decimal("2.00"))
    assert row["baseline_units"] is row["uplift_units"] is row["extra_margin"] is None
    assert promotion_effect(past).row(0, named=True)["uplift_share"] is None


def test_a_definition_says_what_a_promotion_is(tmp_path: Path) -> None:
    """Week 5 was discounted, week 9 on display: each definition names its own weeks."""
    shop = open_dairy(tmp_path, *MILK, shown=f"milk,N,{monday(9)},2,0")
    weeks = {
        how: promotions(shop, ALL, promoted=how)["first_week"].to_list()
        for how in ("any", "discount", "shown", "both")
    }
    five, nine = monday(5), monday(9)
    assert weeks == {"any": [five, nine], "discount": [five], "shown": [nine], "both": []}
    with pytest.raises(ValueError, match="allowed: any, discount, shown, both"):
        promotions(shop, ALL, promoted="cheap")


def test_the_basket_share_is_a_ratio_of_sums(tmp_path: Path) -> None:
    """Of 15.00 on two receipts with discounted milk, the milk was 3.00: a fifth, not the mean."""
    rows = [
        *("1 a ann milk 1 1.00 0.50", "1 a ann bread 4 9.00 0.00"),
        *("2 b ann milk 2 2.00 1.00", "2 b ann cheese 1 3.00 0.00"),
        *("3 c ann milk 1 1.50 0.00", "3 d bob milk 1 1.00 0.50"),
    ]
    shop = open_dairy(tmp_path, *rows, last_week=3)
    ann = _customers(shop, "ann")
    milk = _product(shop, "milk")
    found = basket_share(shop, "last 3 weeks", ann, among=[milk], base=2)
    row = found.row(0, named=True)
    assert (row["product_id"], row["receipts"], row["basket_share"]) == (milk, 2, 0.2)
    assert row["basket_value"] == Decimal("7.50")
    few = basket_share(shop, "last 3 weeks", ann, among=[milk], base=3)
    assert few["basket_share"].to_list() == [None]


def test_a_receipt_counts_as_shown_by_its_store_and_week(tmp_path: Path) -> None:
    """Milk was displayed in week 2 only; it was also discounted then, and in week 1."""
    rows = ["1 a ann milk 1 1.00 0.50", "2 b ann milk 1 1.00 0.50", "3 c ann milk 1 1.50 0.00"]
    shop = open_dairy(tmp_path, *rows, last_week=3, shown=f"milk,N,{monday(2)},2,0")
    ann, milk = _customers(shop, "ann"), [_product(shop, "milk")]
    counted = {
        how: basket_share(shop, "last 3 weeks", ann, among=milk, promoted=how)["receipts"][0]
        for how in ("any", "discount", "shown", "both")
    }
    assert counted == {"any": 2, "discount": 2, "shown": 1, "both": 1}


def test_an_unsold_week_keeps_the_price_of_the_week_before(tmp_path: Path) -> None:
    """And a week before the first sale has no price."""
    milk = ("2 a ann milk 2 3.00 1.00", "4 b ann milk 1 2.00 0.00")
    shop = open_dairy(tmp_path, "1 c bob bread 1 2.00 0.00", *milk, last_week=4)
    panel = product_weeks(shop, shop.span)
    assert panel["units"].to_list() == [0.0, 2.0, 0.0, 1.0]
    assert panel["shelf"].to_list() == [None, 200.0, 200.0, 200.0]
    assert panel["discount_share"].to_list() == [None, 0.25, 0.25, 0.0]


def test_product_weeks_are_the_same_on_the_second_engine(corner_shop: Shop) -> None:
    """Without tolerance."""
    window = corner_shop.span
    here, there = (product_weeks(shop, window) for shop in (corner_shop, on_duckdb(corner_shop)))
    assert_frame_equal(there, here, check_exact=True)


def test_most_promotions_of_the_sample_have_no_baseline(sample_shop: Shop) -> None:
    """Frozen, of yogurt: what can be measured went with 9 % more, and lost margin."""
    yogurt = _named(sample_shop.products, "category", "YOGURT")["product_id"].to_list()
    past = promotions(sample_shop, "last 52 weeks", among=yogurt)
    known = past.drop_nulls("baseline_units")
    assert (past.height, known.height) == (1957, 381)
    uplift = known["uplift_units"].sum() / known["baseline_units"].sum()
    assert uplift == pytest.approx(0.0872, abs=0.0001)
    assert known["extra_margin"].sum() == Decimal("-196.02")


def _customers(shop: Shop, *cards: str) -> pl.DataFrame:
    return _named(shop.customers, "customer", *cards).select("customer_id")


def _product(shop: Shop, name: str) -> int:
    return int(_named(shop.products, "product", name)["product_id"][0])


def _named(table: object, column: str, *names: str) -> pl.DataFrame:
    frame: pl.DataFrame = table.to_native().collect()  # type: ignore[attr-defined]
    return frame.filter(pl.col(column).is_in(names))
