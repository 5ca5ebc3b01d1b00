"""Discounts: what was bought at which depth, and how much more of the same products."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.door.corner import MAPPING as DELIVERED
from workbench.measures import (
    discount_depth,
    discount_response,
    full_price,
    say_full_price,
    say_response,
)
from workbench.segments import rfm

WEEKS = "2026-01-05/2026-03-01"
FIRST = dt.date(2026, 1, 5)


def labels(**told: list[int]) -> pl.DataFrame:
    """Return labels, segment by segment."""
    rows = [(who, name) for name, ids in told.items() for who in ids]
    kinds = {"customer_id": pl.Int64, "segment": pl.Enum(list(told))}
    return pl.DataFrame(rows, kinds, orient="row")


def opened(
    home: Path, *lines: tuple[str, int, str, float, float], mapping: str = DELIVERED
) -> Shop:
    """Return a shop of receipts: card, days after the first, item, amount, discount."""
    rows = [
        f"{number},{card},{item},N,{FIRST + dt.timedelta(days=day)} 12:00:00,1,{paid:.2f},{off:.2f}"
        for number, (card, day, item, paid, off) in enumerate(lines, 1)
    ]
    deliver(home, receipts="\n".join([HEADER, *rows]) + "\n", mapping=mapping)
    return open_shop(home)


@pytest.fixture(name="shop")
def two_customers(tmp_path: Path) -> Shop:
    """Ann pays 8 at full price, 9 after 1 off, 6 after 4 off; bob 5 with 5 off, and a return."""
    return opened(
        tmp_path,
        ("ann", 0, "milk", 8.00, 0.00),
        ("ann", 1, "milk", 9.00, 1.00),
        ("ann", 2, "milk", 6.00, 4.00),
        ("bob", 3, "milk", 5.00, 5.00),
        ("bob", 4, "milk", -5.00, 0.00),
        ("cid", 5, "milk", 96.00, 4.00),
    )


def test_purchases_by_depth_by_hand(shop: Shop) -> None:
    """10 % of 10 is in the second depth, 40 % in the last, 4 % is no discount; no returns."""
    found = discount_depth(shop, WEEKS, labels(a=[1], b=[2, 3], c=[]))
    bought = found.filter(pl.col("sales") > 0).select("segment", "depth", "sales", "discount")
    assert bought.rows() == [
        ("a", "Full price", Decimal("8.00"), Decimal("0.00")),
        ("a", "5 to 15 %", Decimal("9.00"), Decimal("1.00")),
        ("a", "40 % and more", Decimal("6.00"), Decimal("4.00")),
        ("b", "Full price", Decimal("96.00"), Decimal("4.00")),
        ("b", "40 % and more", Decimal("5.00"), Decimal("5.00")),
    ]
    shares = found.group_by("segment", maintain_order=True).agg(pl.col("sales_share").sum())
    assert [round(share, 9) for share in shares["sales_share"]] == [1, 1, 0]
    assert found.filter(segment="c")["sales_share"].to_list() == [None] * 5
    assert found.filter(segment="a")["total_share"].sum() == pytest.approx(1)


def test_the_share_at_full_price_has_the_interval_of_a_ratio_of_sums(shop: Shop) -> None:
    """Of b 96 of 101; of one customer no interval is known."""
    found = full_price(shop, WEEKS, labels(a=[1], b=[2, 3]))
    assert found.row(0)[:3] == ("a", 1, None)
    row = found.row(1, named=True)
    assert row["full_price_share"] == pytest.approx(96 / 101)
    missed = 96 - 96 * 96 / 101
    reach = 1.96 * (2 * (missed**2 + (0 - 5 * 96 / 101) ** 2)) ** 0.5 / 101
    assert row["high_share"] - row["full_price_share"] == pytest.approx(reach)
    assert row["discount_share"] == pytest.approx(9 / 110)
    assert row["discount_per_customer"] == Decimal("4.50")


def test_the_sentence_says_whether_segments_differ_surely() -> None:
    """Least first; overlapping intervals are no finding."""
    frame = pl.DataFrame(
        {
            "segment": ["a", "b"],
            "full_price_share": [0.6, 0.4],
            "low_share": [0.55, 0.3],
            "high_share": [0.65, 0.5],
        }
    )
    assert say_full_price(frame) == "b: 40% bought at full price, a: 60%"
    wide = frame.with_columns(low_share=pl.lit(0.1), high_share=pl.lit(0.9))
    assert say_full_price(wide).endswith("no more than chance could make")
    assert say_full_price(frame.head(1)).startswith("No two segments")


def weekly(
    cards: str, week: int, item: str, pieces: int, off: float
) -> list[tuple[str, int, str, float, float]]:
    """Return the lines of a week: each card buys so many pieces at 10 less the discount."""
    return [(card, 7 * week + n, item, 10 - off, off) for card in cards for n in range(pieces)]


def test_under_twenty_products_nothing_is_said(tmp_path: Path) -> None:
    """One product is one product, whatever is bought of it; a depth without any has none."""
    lines = [line for week in range(7) for line in weekly("ab", week, "milk", 1, 0)]
    shop = opened(tmp_path, *lines, *weekly("ab", 7, "milk", 3, 3.0))
    found = discount_response(shop, WEEKS, labels(ann=[1], bob=[2]))
    told = dict(found.filter(segment="ann").select("depth", "products").rows())
    assert told == {"5 to 15 %": 0, "15 to 25 %": 0, "25 to 40 %": 1, "40 % and more": 0}
    assert found["times"].null_count() == found.height


def products(ann: int) -> list[tuple[str, int, str, float, float]]:
    """Return thirty products: one a week of each at full price, `ann` pieces in a week off."""
    lines = []
    for item in (f"item{n}" for n in range(30)):
        lines += [line for week in range(7) for line in weekly("ab", week, item, 1, 0)]
        lines += weekly("a", 7, item, ann, 2.0) + weekly("b", 7, item, 1, 2.0)
    return lines


def test_how_many_times_as_much(tmp_path: Path) -> None:
    """Three pieces instead of one at 20 % off is three times as much, 2.4 times the money."""
    shop = opened(tmp_path, *products(3))
    found = discount_response(shop, WEEKS, labels(ann=[1], bob=[2]))
    known = found.drop_nulls("times").select(
        "segment", "depth", "products", "times", "times_low", "discount_share", "times_the_money"
    )
    assert known.rows() == [
        ("ann", "15 to 25 %", 30, 3.0, 3.0, pytest.approx(0.2), pytest.approx(2.4)),
        ("bob", "15 to 25 %", 30, 1.0, 1.0, pytest.approx(0.2), pytest.approx(0.8)),
    ]
    assert say_response(found, "ann") == (
        "ann surely buy more from 15 to 25 % on: 3.0 times as much"
    )
    assert say_response(found, "bob") == "bob do not surely buy more at any discount"
    nothing = found.with_columns(times=pl.lit(None, pl.Float64))
    assert say_response(nothing, "ann").startswith("ann buy too few products")


def test_the_money_is_what_was_paid(tmp_path: Path) -> None:
    """Ten items at 40 % off bought as usual, ten at 80 % off five times as often: 16 for 20."""
    lines = []
    for number in range(20):
        item, deep = f"item{number}", number >= 10
        lines += [line for week in range(7) for line in weekly("a", week, item, 1, 0)]
        lines += weekly("a", 7, item, 5 if deep else 1, 8.0 if deep else 4.0)
    found = discount_response(opened(tmp_path, *lines), WEEKS, labels(ann=[1]))
    row = found.drop_nulls("times").row(0, named=True)
    assert (row["depth"], row["times"]) == ("40 % and more", 3.0)
    assert row["times_the_money"] == pytest.approx(0.8)


def test_days_after_the_last_whole_week_are_no_week(tmp_path: Path) -> None:
    """On a 57th day every item is off for a piece: a day, which is not set against weeks."""
    day = [("a", 56, f"item{n}", 6.0, 4.0) for n in range(30)]
    later = DELIVERED.replace("2026-03-01", "2026-03-02")
    shop = opened(tmp_path, *products(3), *day, mapping=later)
    found = discount_response(shop, "2026-01-05/2026-03-02", labels(ann=[1], bob=[2]))
    assert found.filter(depth="40 % and more")["products"].to_list() == [0, 0]
    assert found.filter(depth="15 to 25 %")["times"].to_list() == [3.0, 1.0]


def test_what_is_bought_only_at_a_discount_counts(tmp_path: Path) -> None:
    """Ann never buys half of the products at full price, and one of each when they are off."""
    lines = [
        line
        for line in products(1)
        if not (line[0] == "a" and int(line[2][4:]) % 2 and line[1] < 49)
    ]
    shop = opened(tmp_path, *lines)
    found = discount_response(shop, WEEKS, labels(ann=[1], bob=[2])).drop_nulls("times")
    assert found.select("segment", "times").rows() == [("ann", 2.0), ("bob", 1.0)]


def test_duckdb_gives_the_same_answers(corner_shop: Shop, sample_shop: Shop) -> None:
    """Values, types and order are those of Polars."""
    for shop, period in ((corner_shop, WEEKS), (sample_shop, "last 8 weeks")):
        told = rfm.label(shop, period)
        for verb in (discount_depth, full_price, discount_response):
            assert_frame_equal(verb(on_duckdb(shop), period, told), verb(shop, period, told))


def test_the_sample_retailers_champions_buy_more_the_deeper_the_discount(
    sample_shop: Shop,
) -> None:
    """Frozen: times as much as at full price in the last 26 weeks, by depth."""
    told = rfm.label(sample_shop, "last 26 weeks")
    found = discount_response(sample_shop, "last 26 weeks", told).filter(segment="Champions")
    assert [round(times, 1) for times in found["times"]] == [1.4, 1.7, 2.3, 4.8]
    assert found["times"].is_sorted()
    shares = full_price(sample_shop, "last 26 weeks", told)["full_price_share"]
    assert round(shares[0], 3) == 0.573
