"""Receipt lines on their way into the lake: margins to the cent, baskets as they were closed."""

from pathlib import Path

import polars as pl
import pytest
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.door import corner

MAPPING = corner.MAPPING.replace("last_day: 2026-03-01\n", "")


def sold(home: Path, *lines: str) -> pl.DataFrame:
    """Return the stored lines of a shop that sold these, in their order."""
    deliver(home, receipts="\n".join([HEADER, *lines, ""]), mapping=MAPPING)
    shop: Shop = open_shop(home)
    return pl.DataFrame(shop.lines.collect("polars").to_native())


@pytest.mark.parametrize(
    ("amount", "discount", "margin"),
    [
        ("0.29", "0.00", 14),  # cost 14.5 cents, rounded to 15
        ("0.27", "0.00", 13),  # cost 13.5 cents, rounded to 14
        ("0.30", "0.00", 15),
        ("1.00", "0.50", 25),  # the shelf price was 1.50, so the cost is 0.75
        ("0.00", "1.00", -50),  # given away, and it had cost 0.50
        ("21000000.00", "1000000.00", 1_000_000_000),
    ],
)
def test_margin_is_sales_less_a_share_of_the_shelf_price(
    tmp_path: Path, amount: str, discount: str, margin: int
) -> None:
    """Cost is rounded to the cent, half up; a discount does not make goods cheaper to buy."""
    lines = sold(tmp_path, f"1,ann,bread,N,2026-01-05 09:00:00,1,{amount},{discount}")
    assert lines["margin"].to_list() == [margin]


def test_what_is_brought_back_takes_its_margin_with_it(tmp_path: Path) -> None:
    """A sale and its return leave no margin, not even a cent of rounding."""
    there = "1,ann,bread,N,2026-01-05 09:00:00,1,0.29,0.00"
    back = "2,ann,bread,N,2026-01-06 09:00:00,-1,-0.29,0.00"
    assert sold(tmp_path, there, back)["margin"].sum() == 0


def test_a_receipt_is_one_basket_however_its_lines_are_ordered(tmp_path: Path) -> None:
    """The lines of two receipts come mixed up, as some exports are sorted by product."""
    lines = sold(
        tmp_path,
        "1,ann,bread,N,2026-01-05 09:00:00,1,2.00,0.00",
        "2,ann,bread,N,2026-01-05 18:00:00,1,2.00,0.00",
        "1,ann,milk,N,2026-01-05 09:00:00,1,1.50,0.00",
        "2,ann,milk,N,2026-01-05 18:00:00,1,1.50,0.00",
    )
    number = pl.col("basket_id") - pl.col("basket_id").min()
    assert lines.select(number, "new_basket").rows() == [(0, 1), (0, 0), (1, 1), (1, 0)]


def test_a_receipt_whose_lines_carry_the_card_only_once_is_one_basket(tmp_path: Path) -> None:
    """Store, day and number make a receipt, as the data model says."""
    lines = sold(
        tmp_path,
        "1,ann,bread,N,2026-01-05 09:00:00,1,2.00,0.00",
        "1,,milk,N,2026-01-05 09:00:00,1,1.50,0.00",
    )
    assert lines["new_basket"].sum() == 1


def test_baskets_of_different_months_have_different_numbers(tmp_path: Path) -> None:
    """The last of January and the first of February: no number twice, whatever is loaded when."""
    lines = sold(
        tmp_path,
        "7,ann,bread,N,2026-01-31 23:59:00,1,2.00,0.00",
        "7,ann,bread,N,2026-02-01 00:01:00,1,2.00,0.00",
    ).sort("month")
    assert lines.select("month", "basket_id", "new_basket").rows() == [
        (202601, 202601_000000001, 1),
        (202602, 202602_000000001, 1),
    ]


def test_a_discount_that_is_not_delivered_is_nothing(tmp_path: Path) -> None:
    """An empty discount is no discount, and does not make the margin unknown."""
    lines = sold(tmp_path, "1,ann,bread,N,2026-01-05 09:00:00,1,2.00,")
    assert lines.select("loyalty_discount", "coupon_discount", "margin").rows() == [(0, 0, 100)]
