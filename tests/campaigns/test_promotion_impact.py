"""Promotion impact: return, halo and buyers by hand; weeks without promotion show nothing."""

from decimal import Decimal
from pathlib import Path

import dairy
import polars as pl
import pytest
from dairy import monday, open_dairy

from workbench.campaigns.offers.promotion_impact import (
    REPEAT,
    STOP,
    UNSURE,
    advice,
    calendar,
    promotion_impact,
    say_impact,
)
from workbench.campaigns.offers.promotion_placebo import placebo_promotions, say_placebo
from workbench.data import Shop
from workbench.door import corner

QUIET = [f"{week} m{week} ann milk 4 4.00 0.00" for week in range(1, 12) if week not in (5, 6)]
MILK = [
    *(*QUIET, "5 m5 ann milk 10 7.50 2.50", "6 m6 ann milk 2 2.00 0.00"),
    "5 m5 ann bread 1 9.00 0.00",
]
ALL, FROM_THE_FIFTEENTH = "2026-01-05/2026-03-22", "2026-04-06/2026-06-07"


def test_the_return_and_the_halo_by_hand(tmp_path: Path) -> None:
    """Nothing was gained on 2.50 of discount, and the receipt held bread for 9.00 besides.

    Without it 4 pieces were to be expected, give or take 1.96 x sqrt(4 x 9/8), at a margin of
    0.50 each; in the weeks after 8, give or take 1.96 x sqrt(8 x 10/8), at 0.25.
    """
    past = promotion_impact(open_dairy(tmp_path, *MILK), ALL, category="Dairy")
    row = past.row(0, named=True)
    reach = 1.96 * ((4 * 9 / 8) * 0.5**2 + (8 * 10 / 8) * 0.25**2) ** 0.5
    assert (past.height, row["extra_margin"], row["return_share"]) == (1, 0, 0.0)
    assert row["return_high_share"] == pytest.approx(reach / 2.5)
    assert row["verdict"] == UNSURE
    assert (row["halo_change"], row["customers"]) == (Decimal("9.00"), 1)
    assert row["existing_share"] is None


def test_who_bought_is_told_from_the_weeks_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann had bought the maker, bob another of the category, cat neither, dan too long ago."""
    products = "{product: item, department: group, category: shelf"
    monkeypatch.setattr(
        corner, "MAPPING", corner.MAPPING.replace(products, products + ", maker: by")
    )
    catalogue = "item,group,shelf,by\nmilk,Food,Dairy,A\ncheese,Food,Dairy,B\nbread,Food,Bakery,B\n"
    monkeypatch.setattr(dairy, "CATALOGUE", catalogue)
    rows = [
        *("1 a dan milk 1 1.00 0.00", "10 b ann milk 1 1.00 0.00", "11 c bob cheese 1 5.00 0.00"),
        *(f"15 {name} {name} milk 1 0.75 0.25" for name in ("ann", "bob", "cat", "dan")),
        *("16 d cat bread 1 2.00 0.00", "19 e ann milk 1 1.00 0.00"),
    ]
    shop = open_dairy(tmp_path, *rows, last_week=22)
    row = promotion_impact(shop, FROM_THE_FIFTEENTH, category="Dairy").row(0, named=True)
    shares = [row[f"{kind}_share"] for kind in ("existing", "new_to_brand", "new_to_category")]
    assert (row["first_week"], row["customers"], shares) == (monday(15), 4, [0.25, 0.25, 0.5])
    assert row["return_share"] is None


def test_promotions_of_a_product_are_judged_together() -> None:
    """Two that each may be chance are none together; what cannot be told is not counted."""
    rows = [("a", 10, 6.0, -1.0), ("a", 10, 6.0, -1.0), ("b", 10, -5.0, -9.0), ("c", 10, 1.0, -1.0)]
    past = pl.DataFrame(
        [
            (name, paid, extra, low, 2 * extra - low, extra / paid, "")
            for name, paid, extra, low in rows
        ],
        ["product", "retailer_paid", "extra_margin", *_ENDS, "return_share", "verdict"],
        orient="row",
    )
    money = pl.col("retailer_paid", "extra_margin", *_ENDS).cast(pl.Decimal(38, 2))
    found = advice(past.with_columns(money))
    assert found.select("product", "promotions", "verdict").rows() == [
        *(("a", 2, REPEAT), ("c", 1, UNSURE)),
        ("b", 1, STOP),
    ]
    assert found["return_low_share"][0] == pytest.approx((12 - 2**0.5 * 7) / 20)
    said = say_impact(past, found, "EUR")
    assert said.startswith("Of 3 products, 1 to repeat, 1 to stop, 1 unsure. 4 ")
    assert said.endswith("cost the retailer 40 EUR, and extra margin came to 8 EUR")
    assert say_impact(past, found.head(0), "EUR").startswith("No promotion")


_ENDS = ("extra_margin_low", "extra_margin_high")


def test_the_calendar_has_every_week() -> None:
    """One of two weeks, one of one week three weeks later, and a week of none between."""
    past = pl.DataFrame(
        {
            "product": ["a", "b"],
            "first_week": [monday(1), monday(4)],
            "weeks": [2, 1],
            "display": [True, False],
            "mailer": [False, False],
        }
    )
    found = calendar(past)
    assert found["products"].to_list() == [1, 1, 0, 1]
    assert found["displayed"].to_list() == [1, 1, 0, 0]
    assert calendar(past.head(0)).is_empty()


def test_a_quiet_week_measured_as_a_promotion_shows_nothing(tmp_path: Path) -> None:
    """Four pieces a week are four pieces a week."""
    shop = open_dairy(tmp_path, *MILK)
    tried = pl.concat(
        placebo_promotions(shop, ALL, category="Dairy", seed=seed) for seed in range(6)
    )
    assert set(tried.select("baseline_units", "uplift_units").rows()) == {(4.0, 0.0)}
    assert not set(tried["first_week"]) & {monday(5), monday(6), monday(7)}


@pytest.mark.parametrize("category", ["SOFT DRINKS", "FLUID MILK PRODUCTS"])
def test_placebos_show_no_effect_on_the_sample(sample_shop: Shop, category: str) -> None:
    """Their intervals leave out nothing about as often as chance does, and so does their sum."""
    tried = pl.concat(
        placebo_promotions(sample_shop, "last 52 weeks", category=category, seed=seed)
        for seed in range(3)
    )
    out = tried.filter((pl.col("uplift_units_low") > 0) | (pl.col("uplift_units_high") < 0))
    assert tried.height > 60
    assert out.height / tried.height < 0.1
    half = (tried["uplift_units_high"] - tried["uplift_units_low"]) / 2
    assert abs(tried["uplift_units"].sum()) < (half**2).sum() ** 0.5
    assert "ordinary weeks measured as promotions" in say_placebo(tried)


def test_the_sample_s_promotions(sample_shop: Shop) -> None:
    """Of thousands few can be measured, and of what they cost half came back at most."""
    past = promotion_impact(sample_shop, "last 52 weeks", category="SOFT DRINKS")
    known = past.drop_nulls("return_share")
    assert (past.height, known.height) == (3331, 238)
    assert known["extra_margin"].sum() == Decimal("-2932.00")
    whole = past.drop_nulls("existing_share").select(
        pl.sum_horizontal("existing_share", "new_to_brand_share", "new_to_category_share")
    )
    assert whole.to_series().to_list() == pytest.approx([1.0] * whole.height)
