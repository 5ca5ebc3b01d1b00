"""Gain and loss: all sources together are the brand's change, to the cent."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import deliver, till

from workbench.data import Shop, open_shop
from workbench.data.brands import OWN_LABEL, brand_of
from workbench.door import corner
from workbench.measures import gain_loss

MAPPING = corner.MAPPING.replace(
    "{product: item, department: group, category: shelf}",
    "{product: item, department: group, category: shelf, maker: by}",
)
CATALOGUE = "item,group,shelf,by\nred,Drinks,Wine,A\nwhite,Drinks,Wine,B\nrose,Drinks,Wine,C\n"
FOUR = "last 4 weeks"
BEFORE, NOW = "2026-01-12", "2026-02-12"


def wine_shop(home: Path, *sales: str) -> Shop:
    """Return a shop that sells wine of three makers."""
    first = "- 2026-01-05 white 1.00"
    deliver(home, receipts=till(first, *sales), mapping=MAPPING, catalogue=CATALOGUE)
    return open_shop(home)


def sources(shop: Shop, brand: str = "Maker A") -> dict[str, Decimal]:
    """Return the sources of a maker's change that are not nothing."""
    found = gain_loss(shop, FOUR, category="Wine", brand=brand)
    return dict(found.filter(pl.col("change") != 0).select("source", "change").rows())


def test_who_buys_the_other_brand_for_the_same_money_switched(tmp_path: Path) -> None:
    """Eight of A became eight of B: all of it is a switch, none of it less buying."""
    shop = wine_shop(tmp_path, f"ann {BEFORE} red 8.00", f"ann {NOW} white 8.00")
    assert sources(shop) == {"Maker B": Decimal("-8.00")}
    assert sources(shop, "Maker B") == {
        "Maker A": Decimal("8.00"),
        "Without a card": Decimal("-1.00"),
    }


def test_what_no_other_brand_gained_is_less_buying(tmp_path: Path) -> None:
    """Ten of A became four of B: four were switched, six are not bought any more."""
    shop = wine_shop(tmp_path, f"ann {BEFORE} red 10.00", f"ann {NOW} white 4.00")
    assert sources(shop) == {"Decreased buying": Decimal("-6.00"), "Maker B": Decimal("-4.00")}


def test_a_switch_is_shared_in_proportion(tmp_path: Path) -> None:
    """A gained nine, B lost six and C three: two thirds came from B."""
    shop = wine_shop(
        tmp_path,
        f"ann {BEFORE} white 6.00",
        f"ann {BEFORE} rose 3.00",
        f"ann {NOW} red 9.00",
    )
    assert sources(shop) == {"Maker B": Decimal("6.00"), "Maker C": Decimal("3.00")}


def test_new_lost_and_unfollowed_buyers_are_apart(tmp_path: Path) -> None:
    """Bob is new to wine, cat is lost to it, and cash cannot be followed."""
    shop = wine_shop(tmp_path, f"bob {NOW} red 5.00", f"cat {BEFORE} red 7.00", f"- {NOW} red 2.00")
    assert sources(shop) == {
        "New category buyers": Decimal("5.00"),
        "Lost category buyers": Decimal("-7.00"),
        "Without a card": Decimal("2.00"),
    }


def test_who_only_brings_something_back_is_no_new_buyer(tmp_path: Path) -> None:
    """A bottle brought back counts in the change, under its own name."""
    shop = wine_shop(tmp_path, f"dan {NOW} red -8.00", f"ann {NOW} red 30.00")
    assert sources(shop)["Returns only"] == Decimal("-8.00")


def test_cents_that_cannot_be_halved_are_not_lost(tmp_path: Path) -> None:
    """One cent came from two brands alike: one of them gets it, and the sum is one cent."""
    shop = wine_shop(
        tmp_path,
        f"ann {BEFORE} white 5.00",
        f"ann {BEFORE} rose 5.00",
        f"ann {NOW} white 4.99",
        f"ann {NOW} rose 4.99",
        f"ann {NOW} red 0.01",
    )
    assert sum(sources(shop).values()) == Decimal("0.01")


def test_items_are_compared_where_they_are_asked_for(tmp_path: Path) -> None:
    """Red became rose: the single products are the rivals."""
    shop = wine_shop(tmp_path, f"ann {BEFORE} red 8.00", f"ann {NOW} rose 8.00")
    found = gain_loss(shop, FOUR, category="Wine", brand="red", between="item")
    moved = found.filter(pl.col("change") != 0).select("source", "change")
    assert moved.rows() == [("rose", Decimal("-8.00"))]


def test_another_kind_of_rival_is_refused(tmp_path: Path) -> None:
    """The message names what was asked and what is allowed."""
    shop = wine_shop(tmp_path, f"ann {NOW} red 3.00")
    with pytest.raises(ValueError, match="cannot compare by 'colour'; allowed: brand, item"):
        gain_loss(shop, FOUR, category="Wine", between="colour")


def test_an_unknown_brand_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """The message names what was asked and what may have been meant."""
    shop = wine_shop(tmp_path, f"ann {NOW} red 3.00")
    with pytest.raises(ValueError, match="is called 'Makre A'; try Maker A"):
        sources(shop, "Makre A")


@pytest.mark.parametrize("category", ["SOFT DRINKS", "COFFEE", "CHEESE", "FROZEN PIZZA"])
@pytest.mark.parametrize("brand", ["", OWN_LABEL])
def test_the_sources_add_up_to_the_cent(sample_shop: Shop, category: str, brand: str) -> None:
    """The sum over all sources is the change of the brand's net sales in the receipts."""
    asked = {"category": category, "brand": brand}
    found = gain_loss(sample_shop, "last 26 weeks", **asked)
    focus = brand_of(sample_shop, category, brand)
    window = sample_shop.window("last 26 weeks")
    now, before = (_sales(sample_shop, str(p), category, focus) for p in (window, window.before()))
    assert found["change"].sum() == Decimal(now - before) / 100


def test_what_one_brand_gains_from_another_the_other_loses_to_it(sample_shop: Shop) -> None:
    """Frozen: own-label soft drinks took 503.53 from the largest maker, seen from either side."""
    ours = gain_loss(sample_shop, "last 26 weeks", brand=OWN_LABEL)
    theirs = gain_loss(sample_shop, "last 26 weeks")
    from_them = ours.filter(pl.col("source") == "Maker 103")["change"].item()
    to_us = theirs.filter(pl.col("source") == OWN_LABEL)["change"].item()
    assert (from_them, to_us) == (Decimal("503.53"), Decimal("-503.53"))


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    asked = (gain_loss(shop, "last 13 weeks") for shop in (on_duckdb(sample_shop), sample_shop))
    assert_frame_equal(*asked, check_exact=True)


def _sales(shop: Shop, period: str, category: str, brand: str) -> int:
    """Return a brand's net sales in cents, straight from the lines."""
    lines = shop.during(period).lines.to_native().select("product_id", "sales", "category_id")
    products = shop.products.to_native().select("product_id", "own_label", "maker")
    named = shop.categories.to_native().filter(pl.col("category") == category)
    sold = lines.join(named, on="category_id", how="semi").join(products, on="product_id")
    own = pl.col("own_label").fill_null(value=False)
    theirs = ~own & (pl.col("maker") == brand.removeprefix("Maker "))
    wanted = sold.filter(own if brand == OWN_LABEL else theirs)
    return int(wanted.select(pl.col("sales").cast(pl.Int64).sum()).collect().item())
