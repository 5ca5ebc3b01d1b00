"""Checks: each tells what is wrong with a plan before it runs, and the way out."""

from typing import Any

import polars as pl
import pytest
from crowd import TERMS, everybody, open_crowd, planned
from test_totals import FORECASTS

from workbench import paths
from workbench.campaigns.audiences.audience import audience, draw
from workbench.campaigns.plans import plan
from workbench.campaigns.plans.checks import check_plan, power_of, say_plan
from workbench.campaigns.plans.plan import Campaign
from workbench.campaigns.plans.totals import totals
from workbench.data import Shop
from workbench.data.engine import fetch


@pytest.fixture(autouse=True)
def project(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project without campaigns."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))


def checked(shop: Shop, campaign: Campaign, **columns: Any) -> dict[str, tuple[str, Any, str]]:
    """Return each check's status, count and meaning for a plan on bread."""
    bread = fetch(shop.products.select("product_id", "product"), by=["product"]).filter(
        product="bread"
    )
    forecasts = FORECASTS.with_columns(product_id=pl.lit(bread["product_id"][0]), **columns)
    found = audience(shop, campaign, everybody(shop))
    expects = totals(shop, campaign, forecasts, found.customers.height).expects
    rows = check_plan(shop, campaign, found, forecasts, expects)
    return {
        row["check"]: (row["status"], row["count"], row["meaning"]) for row in rows.rows(named=True)
    }


def later(**terms: Any) -> Campaign:
    """Return a campaign of the days to come."""
    return planned(**{"days": "2026-03-09/2026-03-22", "budget": 100} | terms)


def test_a_plan_with_nothing_in_its_way(crowd: Shop) -> None:
    """Green where the data can tell; amber where it cannot, as of stock."""
    found = checked(crowd, later())
    assert {name: row[0] for name, row in found.items()} == {
        "Products known": "green",
        "Forecast": "green",
        "In stock": "amber",
        "Margin of a piece": "green",
        "Consent": "green",
        "Overlap": "green",
        "Large enough to see": "green",
        "Budget": "green",
        "Pays for the retailer": "green",
        "Days": "green",
    }
    assert found["Consent"][1] == 1
    assert found["In stock"][2] == "stock is not in the data, so nobody knows"


@pytest.mark.parametrize(
    ("terms", "check", "status", "said"),
    [
        ({"products": ["bread", "x1"]}, "Products known", "red", "unknown here: x1"),
        ({"terms": {"discount": 0.6}}, "Margin of a piece", "red", "sold below cost"),
        (
            {"terms": {"discount": 0.6}, "pays": {"supplier": 1}},
            "Margin of a piece",
            "green",
            "positive",
        ),
        ({"budget": 10}, "Budget", "red", "10.00; it may cost up to 24.06"),
        ({"budget": 0}, "Budget", "amber", "none is set; it may cost up to 24.06"),
        ({"terms": {"discount": 0.5}}, "Pays for the retailer", "amber", "more than it brings"),
        ({"mechanic": "flash sale"}, "Days", "red", "too long for a flash sale"),
        ({"days": "2026-02-23/2026-03-08"}, "Days", "amber", "has begun"),
        ({"terms": {"discount": 0.01}, "control": 0.02}, "Large enough to see", "amber", "too few"),
    ],
)
def test_what_is_wrong_is_told(
    crowd: Shop, terms: dict[str, Any], check: str, status: str, said: str
) -> None:
    """Colour and words."""
    found = checked(crowd, later(**terms))[check]
    assert found[0] == status
    assert said in found[2]


def test_a_product_without_forecast_or_cost_is_told(crowd: Shop) -> None:
    """Neither is taken for zero."""
    found = checked(
        crowd, later(), units=pl.lit(None, pl.Float64), unit_margin=pl.lit(None, pl.Float64)
    )
    assert found["Forecast"][:2] == ("amber", 1)
    assert found["Margin of a piece"] == ("amber", 1, "the cost is unknown")


def test_nobody_to_address_is_red(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan for nobody cannot run."""
    shop = open_crowd(tmp_path / "home", monkeypatch, consents="card,purpose,yes,since\n")
    assert checked(shop, later())["Consent"] == ("red", 40, "nobody may be addressed")


def test_stock_is_what_lay_there_at_the_newest_count(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enough an older week, short now: 39 pieces for 40 forecast."""
    columns = "{product: item, store: shop, week: week, units: units}"
    stock = "item,shop,week,units\nbread,N,2026-02-16,500\nbread,N,2026-02-23,{}\n"
    mapping = f"  stock:\n    file: stock.csv\n    columns: {columns}\n"
    for units, status in ((39, "red"), (41, "green")):
        home = tmp_path / str(units)
        shop = open_crowd(home, monkeypatch, more=mapping, stock=stock.format(units))
        assert checked(shop, later())["In stock"][0] == status


def test_customers_and_products_of_another_campaign_are_told(crowd: Shop) -> None:
    """Only where its days meet ours; the seven it holds out as control are not addressed."""
    other = plan.draft("Other", **{**TERMS, "days": "2026-03-20/2026-03-30"})
    plan.save(other).do()
    draw(crowd, other, audience(crowd, other, everybody(crowd))).do()
    found = checked(crowd, later())["Overlap"]
    assert found[:2] == ("amber", 28)
    assert found[2].endswith("the same products are in other")
    assert checked(crowd, later(days="2026-03-09/2026-03-15"))["Overlap"][0] == "green"


def test_the_smallest_effect_seen_is_that_of_the_planned_size(crowd: Shop) -> None:
    """The first row is the planned share; without data that far back there is none."""
    found = audience(crowd, later(), everybody(crowd))
    assert power_of(crowd, later(control=0.25), found).row(0)[:3] == (0.25, 9, 26)
    long = later(days="2026-03-09/2026-06-30")
    assert power_of(crowd, long, found).is_empty()
    assert checked(crowd, long)["Large enough to see"][2] == (
        "too few customers, or too little spend before, to tell"
    )


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["green", "red", "amber"], "Not yet: b"),
        (["amber", "green", "amber"], "It can go ahead; think of: a, c"),
        (["green", "green", "green"], "It can go ahead: nothing stands in its way"),
    ],
)
def test_one_sentence_says_whether_it_can_go_ahead(statuses: list[str], said: str) -> None:
    """Red before amber."""
    assert say_plan(pl.DataFrame({"check": ["A", "B", "C"], "status": statuses})) == said
