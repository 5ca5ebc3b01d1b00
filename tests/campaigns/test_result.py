"""Results: the design first, placebos beside the figure, money by payer, and a true sentence."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from crowd import CARDS, has_run, open_crowd
from shops import deliver

from workbench import paths, show
from workbench.campaigns.audiences.groups import assign, held_out, split
from workbench.campaigns.results import design, placebo, result
from workbench.campaigns.results.placebo import verdict
from workbench.campaigns.results.uplift import MATCHED, RANDOMISED, effects, study
from workbench.data import Period, Shop, open_shop
from workbench.data.engine import fetch
from workbench.data.shop import NotCovered
from workbench.door import corner

CAMPAIGNS = """\
  campaigns:
    file: campaigns.csv
    columns: {campaign: id, kind: type, starts: from, ends: to}
  targets:
    file: targets.csv
    columns: {campaign: id, customer: card}
"""
COUPONS = (
    corner.MAPPING.replace(
        "loyalty_discount: card_discount",
        "loyalty_discount: card_discount\n      match_discount: match\n"
        "      coupon_discount: coupon",
    )
    + CAMPAIGNS
    + """\
  coupons:
    file: coupons.csv
    columns: {campaign: id, coupon: coupon, product: item}
  redemptions:
    file: redemptions.csv
    columns: {campaign: id, coupon: coupon, customer: card, day: day}
"""
)
RECEIPTS = """\
receipt,card,item,shop,time,quantity,amount,card_discount,match,coupon
1,ann,bread,N,2026-02-03 12:00:00,1,8.00,1.50,0.50,0.70
2,ann,milk,N,2026-02-03 12:00:00,1,2.00,0.00,0.25,0.10
3,ann,bread,N,2026-02-05 12:00:00,1,8.00,0.00,0.30,0.40
4,bob,bread,N,2026-02-03 12:00:00,1,8.00,0.00,0.20,0.60
5,bob,bread,N,2026-01-05 12:00:00,1,8.00,0.00,0.00,0.00
"""


@pytest.fixture(name="coupon_shop")
def a_shop_with_a_coupon(tmp_path: Path) -> Shop:
    """Return a shop in which ann redeemed the coupon for bread on 3 Feb, and bob did not."""
    files = {
        "campaigns": "id,type,from,to\nspring,coupon,2026-02-02,2026-02-15\n",
        "targets": "id,card\nspring,ann\nspring,bob\n",
        "coupons": "id,coupon,item\nspring,c1,bread\n",
        "redemptions": "id,coupon,card,day\nspring,c1,ann,2026-02-03\n",
    }
    deliver(tmp_path, receipts=RECEIPTS, mapping=COUPONS, **files)
    return open_shop(tmp_path)


def everybody(shop: Shop) -> pl.DataFrame:
    """Return all customers of a shop."""
    return fetch(shop.customers.select("customer_id"), by=["customer_id"])


def test_a_campaign_without_a_lot_is_matched(sample_shop: Shop, tmp_path: Path) -> None:
    """Its targets against all others, with the reason in figures."""
    ran = design.run(sample_shop, "19", tmp_path)
    assert (ran.design, ran.kind, ran.by_lot) == (MATCHED, "Type B", False)
    assert ran.window == Period(dt.date(2017, 11, 15), dt.date(2017, 12, 17))
    assert ran.said.startswith("Design: matched. 130 of 2,469 customers were chosen for it")
    assert ran.groups["group"].value_counts().sort("group").rows() == [
        ("control", 2339),
        ("target", 130),
    ]
    assert len(ran.products) == 375


def test_a_campaign_whose_groups_were_drawn_is_randomised(
    sample_shop: Shop, tmp_path: Path
) -> None:
    """The journal decides, not the list of targets."""
    free = everybody(sample_shop).join(held_out(sample_shop), on="customer_id", how="anti")
    assign(tmp_path, sample_shop, "19", split(free, control=0.2))
    ran = design.run(sample_shop, "19", tmp_path)
    assert (ran.design, ran.groups.height) == (RANDOMISED, free.height)
    assert ran.study(sample_shop).design == RANDOMISED


def test_a_plan_with_a_code_is_the_campaign_of_the_data(sample_shop: Shop, tmp_path: Path) -> None:
    """Found by either name, and measured by the groups that were drawn for the plan."""
    slug = "winter-cheese-for-champions"
    assert design.run(sample_shop, slug, tmp_path).name == "22"
    free = everybody(sample_shop).join(held_out(sample_shop), on="customer_id", how="anti")
    assign(tmp_path, sample_shop, slug, split(free, control=0.2))
    assert design.run(sample_shop, "22", tmp_path).by_lot


def test_a_campaign_for_everybody_has_no_design(coupon_shop: Shop, tmp_path: Path) -> None:
    """Where nobody is left to compare with, the reason is told, and measuring refuses by name."""
    ran = design.run(coupon_shop, "spring", tmp_path)
    assert ran.design == design.NONE
    assert "2 of 2 customers were chosen for it, not drawn; that leaves too few" in ran.said
    with pytest.raises(ValueError, match="campaign spring cannot be measured"):
        ran.study(coupon_shop)


def test_the_latest_is_one_that_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spring was for everybody, so that winter, for half of them, is offered and taken."""
    days = "winter,A,2026-01-19,2026-01-25\nspring,A,2026-02-16,2026-02-22\n"
    chosen = [("winter", card) for card in CARDS[:20]] + [("spring", card) for card in CARDS]
    targets = "".join(f"{name},{card}\n" for name, card in chosen)
    files = {"campaigns": f"id,type,from,to\n{days}", "targets": f"id,card\n{targets}"}
    shop = open_crowd(tmp_path, monkeypatch, more=CAMPAIGNS, **files)
    assert design.names() == [design.LATEST, "winter"]
    assert design.run(shop).name == "winter"


def test_incomplete_windows_are_refused_by_name(sample_shop: Shop, tmp_path: Path) -> None:
    """Of the sample's 27 campaigns nine do not lie in the data with as many days before."""
    theirs = [ran for ran in design.runs(sample_shop, tmp_path) if ran.number]
    refused = [ran.name for ran in theirs if design.refusal(sample_shop, ran.window)]
    assert len(theirs) == 27
    assert refused == ["24", "25", "26", "27", "15", "20", "21", "22", "23"]
    with pytest.raises(
        NotCovered, match=r"campaign 27 cannot be measured: .* 23 Dec 2016 to 7 Feb 2017"
    ):
        design.run(sample_shop, "27", tmp_path).study(sample_shop)
    assert design.run(sample_shop, home=tmp_path).name == "19"
    with pytest.raises(ValueError, match="no campaign '99' can be measured; there are"):
        design.run(sample_shop, "99", tmp_path)


@pytest.mark.parametrize(
    ("chosen", "low", "high", "found", "said"),
    [
        (RANDOMISED, 1.0, 5.0, [9.0], placebo.MORE),
        (RANDOMISED, -1.0, 5.0, [], placebo.NO_EFFECT),
        (MATCHED, 1.0, 5.0, [0.5, -3.0], placebo.MORE),
        (MATCHED, 1.0, 5.0, [2.0, -3.0], placebo.NO_DIFFERENCE),
        (MATCHED, -5.0, -1.0, [3.0], placebo.LESS),
        (MATCHED, -5.0, -1.0, [-2.0], placebo.NO_DIFFERENCE),
        (MATCHED, 1.0, 5.0, [], placebo.UNTOLD),
        (RANDOMISED, None, None, [], placebo.UNTOLD),
    ],
)
def test_a_verdict_needs_more_than_the_interval(
    chosen: str, low: float, high: float, found: list[float], said: str
) -> None:
    """Without lot the interval has to lie beyond every placebo too."""
    assert verdict(chosen, low, high, found) == said


def test_the_result_of_a_campaign_of_the_sample(sample_shop: Shop, tmp_path: Path) -> None:
    """+197 naive, +20 matched, among its seven placebos; the parts add up; and the sentence."""
    ran = design.run(sample_shop, "19", tmp_path)
    told = placebo.judged(ran.study(sample_shop), result.outcomes(ran))
    sales = told.row(0, named=True)
    assert [round(sales[name]) for name in ("uplift", "low", "high")] == [20, -7, 48]
    assert (sales["placebos"], sales["placebos_found"]) == (7, 2)
    assert set(told["verdict"]) == {placebo.NO_DIFFERENCE}
    parts = told.filter(pl.col("outcome").is_in(["promoted", "category", "rest"]))
    assert parts["total"].sum() == pytest.approx(sales["total"])
    show.house(sample_shop)
    assert show.say_result(ran.name, told, by_lot=False) == (
        "Campaign 19: its 130 customers spent $20 more each (−$7 to +$48) than others of the same "
        "past. That cannot be told from no campaign: earlier weeks without it show +$6 to +$43"
    )


def test_the_sentence_by_lot(sample_shop: Shop) -> None:
    """Sure effects are called so; an unsure one says what would have shown."""
    show.house(sample_shop)
    row = {"offer": "target", "outcome": "sales", "uplift": 12.0, "low": 5.0, "high": 19.0}
    row |= {"total": 1200.0, "smallest": 10.0, "treated": 100, "verdict": placebo.MORE}
    more = show.say_result("spring", pl.DataFrame([row]), by_lot=True)
    assert more == (
        "Campaign spring: its 100 customers spent $12 more each (+$5 to +$19) than those left out "
        "by lot: surely more than without it, +$1,200 in all"
    )
    none = pl.DataFrame([row | {"low": -2.0, "verdict": placebo.NO_EFFECT, "offer": "a"}] * 2)
    assert show.say_result("spring", none, by_lot=True).endswith(
        "no effect that is sure; one of $10 each would have shown"
    )


def test_what_others_do_and_whether_they_are_alike(sample_shop: Shop, tmp_path: Path) -> None:
    """Targets of 18 had spent .8 to 1 standard deviation more; weighted, a quarter at most."""
    ran = design.run(sample_shop, "18", tmp_path)
    observed = ran.study(sample_shop)
    alike = result.likeness(observed)
    assert alike["unweighted"].min() > 0.7
    assert alike["weighted"].abs().max() < 0.3
    shared = result.overlap(observed).row(0, named=True)
    assert (shared["treated"], shared["control"]) == (1133, 1302)
    assert shared["like_share"] > 0.98
    assert 100 < shared["standing"] < 400
    crowd = dict(result.crowding(sample_shop, ran).select("group", "others_share").rows())
    assert crowd["target"] == pytest.approx(0.55, abs=0.005)


def test_customers_of_other_plans_are_counted(
    crowd: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the data has no campaigns: nobody, until ten others' targets are drawn."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    free = everybody(crowd).join(held_out(crowd), on="customer_id", how="anti")
    has_run(crowd, tmp_path, "Bread", free)
    bread = design.run(crowd, "bread")
    assert result.crowding(crowd, bread)["others_share"].to_list() == [0.0, 0.0]
    has_run(crowd, tmp_path, "Other", free.head(20))
    found = result.crowding(crowd, bread)
    assert (found["customers"] * found["others_share"]).sum() == pytest.approx(10)


def test_by_lot_everybody_counts_the_same(sample_shop: Shop) -> None:
    """No weights, and somebody alike for all."""
    days = {"starts": dt.date(2017, 10, 30), "ends": dt.date(2017, 12, 24)}
    observed = study(sample_shop, split(everybody(sample_shop), control=0.3), **days)
    shared = result.overlap(observed).row(0, named=True)
    assert (shared["like_share"], shared["standing"]) == (1.0, shared["control"])
    alike = result.likeness(observed)
    assert alike["weighted"].to_list() == alike["unweighted"].to_list()


def test_answers_of_the_sample(sample_shop: Shop, tmp_path: Path) -> None:
    """15 of the 130 customers of campaign 19 redeemed."""
    told = result.answers(sample_shop, design.run(sample_shop, "19", tmp_path))
    row = told.row(0, named=True)
    assert (row["customers"], row["redeemers"]) == (130, 15)
    assert row["low_share"] < row["conversion_share"] < row["high_share"]


def test_who_pays_adds_up_to_the_discount_given(coupon_shop: Shop, tmp_path: Path) -> None:
    """Of ann's coupon, on its day and product: .50 the retailer's, .70 the maker's."""
    ran = design.run(coupon_shop, "spring", tmp_path)
    margin = {"outcome": "margin", "total": 10.0, "total_low": -4.0, "total_high": 24.0}
    told = result.account(coupon_shop, ran, pl.DataFrame([margin]), contact=0.25)
    retailer, makers = told.rows(named=True)
    assert (retailer["gave_amount"], makers["gave_amount"]) == (0.5, 0.7)
    assert (retailer["contact_amount"], retailer["cost_amount"]) == (0.5, 1.0)
    assert retailer["brought_amount"] == 10.5
    assert (retailer["roi_share"], retailer["roi_low_share"]) == (9.5, -4.5)
    assert (makers["roi_share"], makers["brought_amount"]) == (None, None)


def test_what_cannot_be_told_of_the_money_is_null(coupon_shop: Shop, tmp_path: Path) -> None:
    """Neither a return without a margin, nor discounts of a campaign without redemptions."""
    ran = design.run(coupon_shop, "spring", tmp_path)
    unknown = pl.DataFrame([{"outcome": "margin", "total": None, "total_low": None}])
    nothing = unknown.with_columns(total_high=pl.lit(None, pl.Float64)).cast(
        {"total": pl.Float64, "total_low": pl.Float64}
    )
    assert result.account(coupon_shop, ran, nothing)["roi_share"].to_list() == [None, None]
    planned = replace(ran, number=None)
    assert result.account(coupon_shop, planned, nothing)["gave_amount"].to_list() == [None, None]
    assert result.answers(coupon_shop, planned)["redeemers"].to_list() == [None]


def test_the_plain_comparison_beside_the_one_to_rest_on(sample_shop: Shop, tmp_path: Path) -> None:
    """The first is wrong by more than what the campaign could be about; placebos pass for more."""
    observed = design.run(sample_shop, "19", tmp_path).study(sample_shop)
    show.house(sample_shop)
    said = show.say_naive(effects(observed, ["sales"]))
    assert said == "Naive difference +$197 per target, the figure to rest on +$20"
    windows = placebo.placebo(observed)
    assert windows["window"][:2].to_list() == ["Campaign, from 15 Nov", "Placebo, from 13 Oct"]
    assert show.say_placebos(windows) == "Of 7 placebos, 2 would pass for an effect"
    assert show.say_placebos(windows.head(1)).startswith("The data has no earlier weeks")


def test_names_of_several_offers_say_which() -> None:
    """And money is called so; of one offer the name alone stands."""
    frame = pl.DataFrame({"offer": ["a", "b"], "method": ["CUPED", "CUPED"], "uplift": [1.0, 2.0]})
    told = result.shown(frame, "method")
    assert told.rows() == [("a", "a: CUPED", 1.0), ("b", "b: CUPED", 2.0)]
    assert told.columns[2] == "uplift_amount"
    assert result.shown(frame.head(1), "method")["method"].to_list() == ["CUPED"]
