"""Totals: what a plan sells, gains and costs, worked out by hand, and shared to the cent."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from crowd import planned

from workbench.campaigns.plans.propose import AS_PLANNED, settled
from workbench.campaigns.plans.totals import (
    Totals,
    forecast_of,
    payers_of,
    shared,
    totals,
    used_share,
)
from workbench.data import Shop

FORECASTS = pl.DataFrame(
    {
        "product_id": [1, 1],
        "base_units": [10.0, 10.0],
        "units": [20.0, 20.0],
        "units_low": [8.0, 8.0],
        "units_high": [30.0, 30.0],
        "price": [2.0, 2.0],
        "unit_margin": [1.0, 1.0],
    }
)


def figures(found: Totals) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Return each figure's expected, low and high."""
    return {row[0]: row[1:] for row in found.figures.rows()}  # type: ignore[misc]


def test_a_price_cut_worked_out_by_hand(crowd: Shop) -> None:
    """40 pieces at 2.00 where 20 would sell anyway, 20 % off; 80 of 100 customers get it."""
    found = totals(crowd, planned(pays={"retailer": 0.5, "supplier": 0.5}), FORECASTS, 100)
    assert figures(found) == {
        "Sales without the campaign": (Decimal(40), Decimal(40), Decimal(40)),
        "Sales, before the discount": (Decimal(80), Decimal(32), Decimal(120)),
        "More sales": (Decimal(40), Decimal(-8), Decimal(80)),
        "More margin, at shelf prices": (Decimal(20), Decimal(-4), Decimal(40)),
        "Discount given": (Decimal(16), Decimal("6.40"), Decimal(24)),
        "Messages": (Decimal("0.16"), Decimal("0.16"), Decimal("0.16")),
    }
    assert found.payers.select("payer", "discount_share", "cost").rows() == [
        ("retailer", 0.5, Decimal("8.16")),
        ("supplier", 0.5, Decimal(8)),
    ]
    assert found.expects["customers"] == 80
    assert found.expects["roi"] == [1.45, -2.19, 2.29]


def test_a_voucher_works_on_those_who_use_one(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in ten uses it: a tenth of the extra pieces, and a tenth of the discount."""
    monkeypatch.setitem(totals.__globals__, "used_share", lambda _: (0.1, 0.1, 0.1))
    found = figures(totals(crowd, planned(mechanic="coupon"), FORECASTS, 100))
    assert found["More sales"][0] == Decimal(4)
    assert found["Discount given"][0] == Decimal("1.60")


@pytest.mark.parametrize(
    ("mechanic", "terms", "given"),
    [
        ("free gift", {"gift": 2.0}, 160),
        ("coupon", {"discount": 0.5}, 80),
        ("free shipping", {"postage": 2.0}, 800),
    ],
)
def test_a_gift_or_voucher_is_used_once_by_each(
    crowd: Shop, mechanic: str, terms: dict[str, float], given: int
) -> None:
    """400 pieces at 2.00 for 80 customers: 80 gifts or vouchers, but up to 400 orders."""
    many = FORECASTS.with_columns(units=pl.lit(200.0))
    found = totals(crowd, planned(mechanic=mechanic, terms=terms), many, 100)
    assert figures(found)["Discount given"][0] == Decimal(given)


def test_an_unknown_cost_leaves_margin_and_return_unknown(crowd: Shop) -> None:
    """Null, not zero."""
    bare = FORECASTS.with_columns(unit_margin=pl.Series([None, 1.0], dtype=pl.Float64))
    found = totals(crowd, planned(), bare, 100)
    assert figures(found)["More margin, at shelf prices"] == (None, None, None)
    assert found.expects["roi"] == [None, None, None]


def test_products_without_a_forecast_are_left_out(crowd: Shop) -> None:
    """They add nothing, and do not make everything unknown."""
    rare = FORECASTS.with_columns(
        units=pl.Series([None, 20.0]),
        units_low=pl.Series([None, 8.0]),
        unit_margin=pl.Series([None, 1.0]),
    )
    assert figures(totals(crowd, planned(), rare, 100))["More sales"][0] == Decimal(20)


@pytest.mark.parametrize("cents", [0, 1, 2, 100, 101, 99_999])
@pytest.mark.parametrize(
    "pays",
    [
        {"retailer": 1.0},
        {"retailer": 0.5, "supplier": 0.5},
        {"retailer": 1 / 3, "supplier": 1 / 3, "partner": 1 / 3},
        {"retailer": 0.07, "supplier": 0.93},
    ],
)
def test_who_pays_adds_up_to_the_discount_given(cents: int, pays: dict[str, float]) -> None:
    """To the cent, and nobody pays less than nothing."""
    parts = shared(cents, pays)
    assert sum(parts.values()) == cents
    assert min(parts.values()) >= 0


def test_who_pays_follows_from_what_a_file_expects(crowd: Shop) -> None:
    """Other payers share the same discount; without an expectation there is nothing to share."""
    expects = totals(crowd, planned(), FORECASTS, 100).expects
    terms = {"channel": AS_PLANNED, "control": AS_PLANNED, "budget": "1,500"}
    campaign = settled(planned(expects=expects), supplier="75%", **terms)
    assert (campaign.budget, dict(campaign.pays)) == (1500, {"retailer": 0.25, "supplier": 0.75})
    paid = payers_of(campaign.pays, campaign.expects)
    assert paid["cost"].to_list() == [Decimal("4.16"), Decimal(12)]
    assert payers_of(campaign.pays, {}).is_empty()
    with pytest.raises(ValueError, match="budget: 'much' is not a number"):
        settled(campaign, supplier=AS_PLANNED, **terms | {"budget": "much"})


def foreseen(_: Any, offers: pl.DataFrame) -> pl.DataFrame:
    """Return a forecast of seven pieces a week, with and without the offer, for 11.20."""
    sales = {"sales": pl.lit("11.20"), "margin": pl.lit("2.80")}
    same = {name: pl.lit(7.0) for name in ("base_units", "units", "units_low", "units_high")}
    return offers.with_columns(**same, **{k: v.cast(pl.Decimal(38, 2)) for k, v in sales.items()})


def test_a_forecast_counts_the_days_of_each_week_and_leaves_out_the_control(
    crowd: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a Wednesday to the Monday after next: five, seven and one day; four in five get it."""
    monkeypatch.setitem(totals.__globals__, "forecast", foreseen)
    monkeypatch.setitem(totals.__globals__, "forecast_for", lambda told, *_: told)
    campaign = planned(days="2026-03-04/2026-03-16")
    found = forecast_of(crowd, campaign, None, pl.DataFrame())  # type: ignore[arg-type]
    assert found["days"].to_list() == [5, 7, 1]
    assert found["units"].round(6).to_list() == [4.0, 5.6, 0.8]
    assert found["discount_share"].to_list() == [0.2, 0.2, 0.2]
    assert found["price"].round(6).to_list() == [2.0, 2.0, 2.0]
    assert found["unit_margin"].round(6).to_list() == [0.8, 0.8, 0.8]


def test_what_nobody_addressed_buys_still_has_its_price(
    crowd: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bread was bought, but by none of them: no pieces and no money, at 2.00 each all the same."""
    monkeypatch.setitem(totals.__globals__, "forecast", foreseen)
    campaign, nobody = planned(), pl.DataFrame(schema={"customer_id": pl.Int64})
    told = forecast_of(crowd, campaign, None, nobody)  # type: ignore[arg-type]
    assert told["units"].to_list() == [0.0, 0.0]
    assert told["price"].round(6).to_list() == [2.0, 2.0]
    assert told["unit_margin"].round(6).to_list() == [0.8, 0.8]
    found = totals(crowd, campaign, told, 0)
    assert set(figures(found).values()) == {(Decimal(0), Decimal(0), Decimal(0))}


def test_past_use_is_unknown_where_there_were_no_campaigns(crowd: Shop) -> None:
    """Everybody or nobody: the interval says so."""
    assert used_share(crowd) == (1.0, 0.0, 1.0)
    found = figures(totals(crowd, planned(mechanic="coupon"), FORECASTS, 100))
    assert found["Discount given"] == (Decimal(16), Decimal(0), Decimal(24))


def test_past_use_on_the_sample(sample_shop: Shop) -> None:
    """792 of 6,589 pairs of campaign and household used a coupon."""
    share, low, high = used_share(sample_shop)
    assert (round(share, 4), round(low, 4), round(high, 4)) == (0.1202, 0.1126, 0.1283)
