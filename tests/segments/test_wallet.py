"""Share of wallet: the type of share is stated, groups have ratios of sums, headroom is money."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import open_till

from workbench.data import Shop
from workbench.segments import wallet

SALES = (
    "ann 2026-01-05 wine 8.00",
    "ann 2026-01-06 bread 2.00",
    "bob 2026-01-07 wine 4.00",
    "bob 2026-01-08 bread 6.00",
    "cat 2026-01-09 wine 1.00",
    "cat 2026-01-10 bread 9.00",
    "dan 2026-01-11 wine 5.00",
    "dan 2026-01-12 wine -5.00",
    "dan 2026-01-13 bread 10.00",
)
WEEKS = "last 8 weeks"


def label(shop: Shop, share: str = "realistic") -> pl.DataFrame:
    """Return the wine wallets of eight weeks."""
    return wallet.label(shop, WEEKS, category="Wine", share=share)


def test_shares_and_headroom_by_hand(tmp_path: Path) -> None:
    """All spend ten; the best tenth spends eight on wine, so bob has half and room for four."""
    labels = label(open_till(tmp_path, *SALES))
    assert dict(labels.select("customer_id", "segment").rows()) == {
        1: "High share",
        2: "Middle",
        3: "Low",
        4: "None",
    }
    bob = labels.filter(pl.col("customer_id") == 2).drop("customer_id", "segment", "visits")
    assert bob.rows() == [
        (1, Decimal("10.00"), Decimal("4.00"), Decimal("8.00"), Decimal("4.00"), 0.4, 0.5)
    ]


def test_a_purchase_brought_back_is_no_share(tmp_path: Path) -> None:
    """Dan brought his wine back: he has none of it, and all of the headroom."""
    dan = label(open_till(tmp_path, *SALES)).filter(pl.col("customer_id") == 4)
    assert dan.select("segment", "realistic_wallet_share", "headroom").rows() == [
        ("None", 0.0, Decimal("8.00"))
    ]


def test_the_share_of_a_group_is_a_ratio_of_sums(tmp_path: Path) -> None:
    """Thirteen of forty is spent on wine; the mean of the four shares is another figure."""
    more = ("dan 2026-01-14 bread 50.00",)
    labels = label(open_till(tmp_path, *SALES, *more))
    whole = wallet.headroom(labels.with_columns(all=pl.lit("all")), by="all")
    assert whole["internal_wallet_share"].to_list() == pytest.approx([13 / 90])
    assert labels["internal_wallet_share"].mean() == pytest.approx(1.3 / 4)


def test_who_buys_more_than_peers_ever_do_has_a_high_share(sample_shop: Shop) -> None:
    """Where the best tenth buys no coffee, a wallet of nothing does not make a buyer Low."""
    labels = wallet.label(sample_shop, "last 26 weeks", category="COFFEE")
    nothing = labels.filter((pl.col("realistic_wallet") == 0) & (pl.col("category_sales") > 0))
    assert set(nothing["segment"]) == {"High share"}
    assert nothing["realistic_wallet_share"].null_count() == nothing.height > 0


def test_where_no_peers_have_a_wallet_every_buyer_has_a_high_share(tmp_path: Path) -> None:
    """One of twenty buys wine: the best tenth of peers buys none, so there is no third to be in."""
    others = tuple(f"{name}{name} 2026-01-05 bread 8.00" for name in "abcdefghijklmnopqrs")
    labels = label(open_till(tmp_path, "zoe 2026-01-05 wine 8.00", *others))
    assert labels.group_by("segment").len().sort("segment").rows() == [
        ("High share", 1),
        ("None", 19),
    ]


def test_an_unknown_share_is_refused_with_those_there_are(corner_shop: Shop) -> None:
    """A market share would need data from outside."""
    with pytest.raises(ValueError, match="called 'market'; there are: realistic, internal"):
        label(corner_shop, "market")


def test_fuel_is_not_part_of_a_grocery_wallet(sample_shop: Shop) -> None:
    """The wallet of a category is over merchandise; that of fuel is over fuel and merchandise."""
    drinks = wallet.label(sample_shop, "last 26 weeks")
    fuel = wallet.label(sample_shop, "last 26 weeks", category="COUPON/MISC ITEMS")
    assert drinks["sales"].sum() < fuel["sales"].sum()
    assert fuel["internal_wallet_share"].max() <= 1


def test_the_soft_drinks_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: 85 thousand dollars are spent on them, and peers' best would add 106 thousand."""
    labels = wallet.label(sample_shop, "last 26 weeks")
    found = wallet.headroom(labels)
    assert found.select("segment", "customers", "category_sales", "headroom").rows() == [
        ("High share", 681, Decimal("55364.48"), Decimal("10155.44")),
        ("Middle", 681, Decimal("22215.50"), Decimal("36960.64")),
        ("Low", 681, Decimal("7132.74"), Decimal("49015.17")),
        ("None", 370, Decimal("0.00"), Decimal("10151.22")),
    ]


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    asked = (wallet.label(shop, WEEKS) for shop in (on_duckdb(sample_shop), sample_shop))
    assert_frame_equal(*asked, check_exact=True)
