"""Traits: each is a share over a stated threshold, and a customer may show several."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shops import HEADER, deliver, open_till

from workbench.data import Shop, open_shop
from workbench.segments import traits
from workbench.segments.traits import THRESHOLDS, TRAITS

MONDAYS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(8)]
WEEKLY = [f"ann {day} {item} 2.00" for day in MONDAYS for item in ("bread", "milk")]
ONCE = ["bob 2026-01-05 wine 90.00", "bob 2026-01-06 bread 10.00"]


def row(shown: pl.DataFrame, customer: int) -> dict[str, object]:
    """Return one customer's traits by name."""
    return shown.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_shares_by_hand(tmp_path: Path) -> None:
    """Ann comes in all eight weeks and spends half on bread; brands are unknown here."""
    shown = traits.traits(open_till(tmp_path, *WEEKLY, *ONCE), "last 8 weeks", visits=1)
    ann, bob = row(shown, 1), row(shown, 2)
    assert [ann[share] for share in TRAITS.values()] == [1.0, None, 0.5, 0.25, 0.0, 0.0]
    assert (bob["weeks_share"], bob["top_category_share"], bob["peak_share"]) == (0.125, 0.9, 1.0)


def test_a_customer_may_show_several_and_is_labelled_by_the_strongest(tmp_path: Path) -> None:
    """Bob is three times over the mark of a category, and a little over that of a season."""
    shown = traits.traits(open_till(tmp_path, *WEEKLY, *ONCE), "last 8 weeks", visits=1)
    bob = row(shown, 2)
    assert (bob["product_specific"], bob["seasonal"], bob["traits"]) == (True, True, 2)
    assert bob["segment"] == "Product-specific"


def test_with_too_few_visits_no_trait_is_said(tmp_path: Path) -> None:
    """Two receipts of bob are not a habit."""
    shown = traits.traits(open_till(tmp_path, *WEEKLY, *ONCE), "last 8 weeks", visits=3)
    bob = row(shown, 2)
    assert (bob["segment"], bob["traits"]) == ("No strong trait", 0)


def test_the_threshold_decides(tmp_path: Path) -> None:
    """From a share of 0.95 on one category, bob's 0.9 is no longer enough."""
    shop = open_till(tmp_path, *WEEKLY, *ONCE)
    strict = {"Product-specific": 0.95}
    shown = traits.traits(shop, "last 8 weeks", visits=1, thresholds=strict)
    assert row(shown, 2)["product_specific"] is False
    assert row(shown, 2)["segment"] == "Seasonal"


def test_what_was_brought_back_is_no_habit(tmp_path: Path) -> None:
    """The wine came back: all that bob spent is on bread."""
    shop = open_till(tmp_path, *WEEKLY, *ONCE, "bob 2026-01-07 wine -90.00")
    bob = row(traits.traits(shop, "last 8 weeks", visits=1), 2)
    assert bob["top_category_share"] == 1.0


def test_discounts_count_by_what_was_spent_with_them(corner_shop: Shop) -> None:
    """Of 14.50, card holder 0012 spent 3.00 on milk with half a euro off."""
    shown = traits.traits(corner_shop, "last 8 weeks", visits=1)
    assert row(shown, 1)["discount_share"] == pytest.approx(3.0 / 14.5)


def test_no_more_is_discounted_than_was_kept(tmp_path: Path) -> None:
    """Discounted milk of 10.00 came back; of the 2.00 kept, half is milk."""
    rows = ["1,ann,milk,N,2026-01-05 12:00:00,1,10.00,2.00"]
    rows += ["2,ann,milk,N,2026-01-06 12:00:00,-1,-10.00,0.00"]
    rows += [f"3,ann,{item},N,2026-01-07 12:00:00,1,1.00,0.00" for item in ("milk", "bread")]
    deliver(tmp_path, receipts="\n".join([HEADER, *rows]) + "\n")
    shown = traits.traits(open_shop(tmp_path), "last 8 weeks", visits=1)
    assert row(shown, 1)["discount_share"] == 0.5


def test_overlaps_count_everybody_who_shows_a_trait(tmp_path: Path) -> None:
    """Bob's is the only season, and it goes with his one category."""
    shown = traits.traits(open_till(tmp_path, *WEEKLY, *ONCE), "last 8 weeks", visits=1)
    season = traits.overlaps(shown).row(by_predicate=pl.col("trait") == "Seasonal", named=True)
    assert (season["customers"], season["customers_share"], season["alone_share"]) == (1, 0.5, 0)
    assert (season["product_specific_share"], season["frequent_share"]) == (1.0, 0.0)
    assert season["threshold_share"] == THRESHOLDS["Seasonal"]


def test_the_traits_of_the_sample_retailer(sample_shop: Shop) -> None:
    """Frozen: customers by strongest trait in the last 26 weeks."""
    labels = traits.label(sample_shop, "last 26 weeks")
    assert labels["segment"].value_counts().sort("segment").rows() == [
        ("Frequent", 277),
        ("Brand loyalist", 117),
        ("Product-specific", 102),
        ("Seasonal", 349),
        ("Impulse", 228),
        ("Bargain hunter", 120),
        ("No strong trait", 1220),
    ]


def test_duckdb_gives_the_same_answer(sample_shop: Shop) -> None:
    """Values, types and order are those of Polars, without tolerance."""
    shops = (on_duckdb(sample_shop), sample_shop)
    assert_frame_equal(*(traits.traits(s, "last 8 weeks") for s in shops), check_exact=True)


def test_a_threshold_of_no_trait_is_refused(corner_shop: Shop) -> None:
    """A name that is misspelt changes nothing in silence."""
    with pytest.raises(ValueError, match="'Freqent' is no trait; allowed: "):
        traits.label(corner_shop, "last 4 weeks", thresholds={"Freqent": 0.5})
