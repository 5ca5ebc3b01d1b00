"""Running: sales against the forecast, answers the data knows of, and rules that stop it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from crowd import CARDS, TERMS, everybody, open_crowd, planned
from test_export import drawn

from workbench import paths
from workbench.campaigns.audiences.audience import SENDS, UNSUBSCRIBED
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans import plan
from workbench.campaigns.plans.running import addressed, running
from workbench.data import Shop

EXPECTS = {"sales": [28.0, 14.0, 42.0]}
CODES = """\
  campaigns:
    file: campaigns.csv
    columns: {campaign: id, kind: kind, starts: starts, ends: ends}
  targets:
    file: targets.csv
    columns: {campaign: id, customer: card}
  redemptions:
    file: redemptions.csv
    columns: {campaign: id, coupon: coupon, customer: card, day: day}
"""
FILES = {
    "campaigns": "id,kind,starts,ends\n22,A,2026-02-23,2026-03-08\n",
    "targets": "id,card\n" + "".join(f"22,{card}\n" for card in CARDS[4:8]),
    "redemptions": "id,coupon,card,day\n22,x,c04,2026-02-24\n22,y,c04,2026-02-25\n"
    "22,x,c30,2026-02-24\n",
}


def told(shop: Shop) -> list[str]:
    """Return the cards drawn for the offer."""
    groups = assigned(paths.home(), shop, "cheap-bread").filter(pl.col("group") != CONTROL)
    return everybody(shop).join(groups, on="customer_id", how="semi")["customer"].to_list()


def answers(shop: Shop, **terms: Any) -> dict[str, int | None]:
    """Return how many gave each answer."""
    return dict(running(shop, planned(**terms)).answers.select("answer", "customers").rows())


def test_sales_of_those_addressed_stand_beside_the_forecast(crowd: Shop) -> None:
    """Seven of fourteen days: everybody addressed of c00 to c09 bought for 1.60 on the second."""
    drawn(crowd, planned())
    bought = len([card for card in told(crowd) if card < "c10"])
    days = running(crowd, planned(expects=EXPECTS)).days
    assert days["day"].dt.day().to_list() == [23, 24, 25, 26, 27, 28, 1]
    assert days["sales"].round(6).to_list() == [0.0, *[round(1.6 * bought, 6)] * 6]
    assert days["forecast"].round(9).to_list() == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
    assert days.row(-1)[-2:] == (7.0, 21.0)
    assert running(crowd, planned()).days["forecast"].null_count() == 7


def test_answers_come_from_the_contacts_under_its_name(crowd: Shop) -> None:
    """Three messages called as the campaign is, to those addressed; coupons cannot be told."""
    drawn(crowd, planned())
    mine = set(told(crowd))
    assert answers(crowd) == {
        "Addressed": 28,
        "Written to": len(mine & {"c04", "c05", "c06"}),
        "Opened": len(mine & {"c04", "c05"}),
        "Clicked": len(mine & {"c04"}),
        "Used a coupon": None,
        "Unsubscribed": 0,
    }


def test_what_was_sent_from_here_counts(crowd: Shop) -> None:
    """Messages in the journal, and who unsubscribed since the first day."""
    drawn(crowd, planned())
    row = {"campaign": "cheap-bread", "offer": "target", "channel": "email", "day": "2026-02-23"}
    with SENDS.writing(paths.home()) as journal:
        for card in told(crowd)[:20]:
            SENDS.put(journal, {**row, "customer": card, "state": "sent", "message": "<m>"})
    with UNSUBSCRIBED.writing(paths.home()) as journal:
        for card, day in zip(told(crowd), ["2026-02-24", "2026-02-22"], strict=False):
            UNSUBSCRIBED.put(journal, {"customer": card, "channel": "email", "day": day})
    found = answers(crowd)
    assert (found["Written to"], found["Unsubscribed"]) == (20, 1)


def test_the_retailers_own_list_and_coupons_under_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a draw those of the list are addressed; coupons count once per customer."""
    shop = open_crowd(tmp_path, monkeypatch, more=CODES, **FILES)
    campaign = planned(code="22")
    listed = everybody(shop).join(addressed(shop, campaign), on="customer_id", how="semi")
    assert listed["customer"].to_list() == CARDS[4:8]
    found = answers(shop, code="22")
    assert (found["Addressed"], found["Used a coupon"], found["Written to"]) == (4, 1, 3)
    with pytest.raises(ValueError, match=r"code '99' is no campaign of the data"):
        running(shop, planned(code="99"))


@pytest.mark.parametrize(
    ("stop", "now", "verdict"),
    [
        ({"sales under": 0.5}, "57.1%", "Go on"),
        ({"sales under": 0.9}, "57.1%", "Stop"),
        ({"cost over": 0}, "0.00", "Go on"),
        ({"unsubscribed over": 0.02}, "0.0%", "Go on"),
        ({"redeemed under": 0.02}, None, "Cannot be told"),
    ],
)
def test_a_rule_stops_it_only_when_it_is_met(
    crowd: Shop, stop: dict[str, float], now: str | None, verdict: str
) -> None:
    """Half of its days are over; what the data cannot tell stops nothing."""
    drawn(crowd, planned())
    found = running(crowd, planned(expects=EXPECTS, stop=stop)).stops
    assert found.select("rule", "now", "verdict").row(0) == (next(iter(stop)), now, verdict)


def test_it_is_too_early_before_half_of_its_days(crowd: Shop) -> None:
    """Few sales in the first days mean nothing yet."""
    drawn(crowd, planned())
    long = planned(days="2026-02-23/2026-03-29", expects=EXPECTS, stop={"sales under": 0.9})
    assert running(crowd, long).stops["verdict"].to_list() == ["Too early"]


def test_what_has_not_begun_or_addresses_nobody_says_so(crowd: Shop) -> None:
    """The way out is named."""
    with pytest.raises(ValueError, match="draw its groups first"):
        running(crowd, planned())
    with pytest.raises(ValueError, match="starts on 2026-03-09, and the data is complete to"):
        running(crowd, planned(days="2026-03-09/2026-03-22"))


def test_the_latest_that_has_begun_is_shown(
    tmp_path: Path, crowd: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later one that has not is passed over."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    with pytest.raises(ValueError, match="no campaign has begun by 1 Mar 2026"):
        plan.begun(plan.LATEST, crowd.last_day)
    plan.save(planned()).do()
    plan.save(plan.draft("Later", **{**TERMS, "days": "2026-03-09/2026-03-22"})).do()
    assert plan.begun(plan.LATEST, crowd.last_day).slug == "cheap-bread"
