"""Profiles: what a segment buys more, with its bound, and nothing ranked on a few customers."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shops import deliver, open_till

from workbench.data import Shop, open_shop
from workbench.data.engine import fetch, total
from workbench.door import corner
from workbench.measures import profile, weigh
from workbench.measures.profile import ITEMS
from workbench.segments import rfm

SALES = (
    "- 2026-01-05 wine 100.00",
    "ann 2026-02-02 bread 6.00",
    "ann 2026-02-03 wine 2.00",
    "bob 2026-02-04 bread 2.00",
    "cat 2026-02-05 wine 10.00",
)
WEEKS = "last 4 weeks"
LABELS = pl.DataFrame(
    {"customer_id": [1, 2, 3], "segment": ["A", "A", "B"]},
    schema={"customer_id": pl.Int64, "segment": pl.Enum(["A", "B"])},
)


def rows(found: pl.DataFrame, *columns: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return some columns by segment and department."""
    return {
        (row[0], row[1]): row[2:] for row in found.select("segment", "department", *columns).rows()
    }


def test_the_index_compares_shares_of_money_with_all_card_customers(tmp_path: Path) -> None:
    """A spends 8 of 10 on food, all spend 8 of 20: twice the average. Cash is in neither."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=1)
    shares = rows(found, "sales", "sales_share", "total_share", "index")
    assert shares["A", "Food"] == (Decimal("8.00"), 0.8, 0.4, 200.0)
    assert shares["A", "Drinks"] == pytest.approx((Decimal("2.00"), 0.2, 0.6, 100 / 3))
    assert shares["B", "Drinks"] == pytest.approx((Decimal("10.00"), 1.0, 0.6, 500 / 3))


def test_penetration_counts_customers(tmp_path: Path) -> None:
    """Both of A bought food, two of all three did: index 150."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=1)
    bought = rows(found, "customers", "penetration", "penetration_index")
    assert bought["A", "Food"] == pytest.approx((2, 1.0, 150.0))
    assert bought["A", "Drinks"] == pytest.approx((1, 0.5, 75.0))


def test_the_lower_bound_by_hand(tmp_path: Path) -> None:
    """Food of A: residuals -0.4 and 0.4, error 0.08, so 0.8 - 1.96 x 0.08 over 0.4."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=1)
    assert rows(found, "index_low")["A", "Food"] == pytest.approx((160.8,))


def test_one_customer_gives_no_bound(tmp_path: Path) -> None:
    """Nothing can be said of the spread of a single customer."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=1)
    assert rows(found, "index_low")["B", "Drinks"] == (None,)


def test_under_the_base_an_item_has_an_index_but_no_bound(tmp_path: Path) -> None:
    """Two customers bought food: with a base of three it is not to be ranked."""
    found = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=3)
    assert rows(found, "index", "index_low")["A", "Food"] == (200.0, None)
    two = profile(open_till(tmp_path, *SALES), WEEKS, LABELS, base=2)
    assert rows(two, "index_low")["A", "Food"] == pytest.approx((160.8,))


def test_what_has_no_name_is_kept_as_unknown(corner_shop: Shop) -> None:
    """The candle is in no department, and its sales are in the profile."""
    labels = rfm.label(corner_shop, WEEKS)
    found = profile(corner_shop, WEEKS, labels).filter(pl.col("department") == "(unknown)")
    assert found["sales"].to_list() == [Decimal("5.00")]


def test_a_customer_who_only_brought_something_back_did_not_buy_it(tmp_path: Path) -> None:
    """A return is netted before anybody is counted as a buyer."""
    back = "bob 2026-02-06 wine -4.00"
    found = profile(open_till(tmp_path, *SALES, back), WEEKS, LABELS, base=1)
    assert rows(found, "customers", "sales")["A", "Drinks"] == (1, Decimal("-2.00"))


def test_an_index_over_nothing_is_unknown(tmp_path: Path) -> None:
    """What A bought B brought back: wine has no share of the whole to compare with."""
    back = ("cat 2026-02-06 wine -10.00", "cat 2026-02-07 wine -2.00", "cat 2026-02-08 bread 2.00")
    found = profile(open_till(tmp_path, *SALES, *back), WEEKS, LABELS, base=1)
    assert rows(found, "index", "index_low")["A", "Drinks"] == (None, None)


def test_another_way_to_profile_is_refused_with_those_there_are(corner_shop: Shop) -> None:
    """The message names what was asked and what is allowed."""
    with pytest.raises(ValueError, match="cannot profile by 'flavour'; allowed: department, cat"):
        profile(corner_shop, WEEKS, LABELS, by="flavour")


def test_a_catalogue_may_say_what_products_look_like_and_are_made_of(tmp_path: Path) -> None:
    """A mapping names colour and material as any column; what nobody says is unknown."""
    mapping = corner.MAPPING.replace("category: shelf", "category: shelf, colour: looks")
    catalogue = "item,group,shelf,looks\nbread,Food,Bakery,brown\nwine,Drinks,Wine,red\n"
    deliver(tmp_path, mapping=mapping, catalogue=catalogue)
    shop = open_shop(tmp_path)
    told = profile(shop, WEEKS, LABELS, by="colour")
    assert set(told["colour"]) == {"brown", "red", "(unknown)"}
    assert set(profile(shop, WEEKS, LABELS, by="material")["material"]) == {"(unknown)"}


def test_a_customer_labelled_twice_is_refused(corner_shop: Shop) -> None:
    """Two labels for one customer would count her sales twice."""
    twice = pl.concat([LABELS, LABELS])
    with pytest.raises(pl.exceptions.ComputeError, match="join keys did not fulfill m:1"):
        profile(corner_shop, WEEKS, twice)


@pytest.mark.parametrize("by", ITEMS)
def test_the_items_of_a_segment_add_up_to_what_it_spends(sample_shop: Shop, by: str) -> None:
    """By department, category, subcategory, brand and store the sums are those of the worth."""
    labels = rfm.label(sample_shop, "last 26 weeks")
    worth = weigh(sample_shop, "last 26 weeks", labels).filter(pl.col("customers") > 0)
    found = profile(sample_shop, "last 26 weeks", labels, by=by)
    sums = found.group_by("segment").agg(pl.col("sales").sum(), pl.col("sales_share").sum())
    name = pl.col("segment").cast(pl.String)
    assert set(sums.select(name, "sales").rows()) == set(worth.select(name, "sales").rows())
    assert sums["sales_share"].to_list() == pytest.approx([1.0] * 7)


@pytest.mark.parametrize("department", ["GROCERY", "PASTRY", "FUEL"])
def test_the_lower_bound_is_that_of_a_bootstrap_over_customers(
    sample_shop: Shop, department: str
) -> None:
    """Two thousand seeded resamples of the sleepers agree within a sixth of the distance."""
    labels = rfm.label(sample_shop, "last 26 weeks")
    found = profile(sample_shop, "last 26 weeks", labels).filter(
        (pl.col("segment") == "Asleep") & (pl.col("department") == department)
    )
    asleep = labels.filter(pl.col("segment") == "Asleep").select("customer_id")
    spent = _spent(sample_shop, department).join(asleep, on="customer_id", how="semi")
    draws = np.random.default_rng(7).multinomial(
        spent.height, np.full(spent.height, 1 / spent.height), size=2000
    )
    shares = (draws @ spent["item"].to_numpy()) / (draws @ spent["spend"].to_numpy())
    low = 100 * np.quantile(shares, 0.025) / found["total_share"].item()
    distance = found["index"].item() - low
    assert found["index_low"].item() == pytest.approx(low, abs=distance / 6)


def _spent(shop: Shop, department: str) -> pl.DataFrame:
    """Return one row per customer: cents spent in all, and in one department."""
    lines = shop.during("last 26 weeks").lines.join(shop.categories, on="category_id", how="left")
    question = lines.group_by("customer_id", "department").agg(sales=total("sales"))
    item = pl.when(pl.col("department") == department).then("sales").otherwise(0)
    return (
        fetch(question, by=["customer_id", "department"])
        .group_by("customer_id")
        .agg(spend=pl.col("sales").sum(), item=item.sum())
    )
