"""The backtest of a rule: counted by hand on a small shop, and as known on the sample."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from watched import FIRST, LAST, open_watched, rule, weekly

from workbench.campaigns.alerts.backtest import backtest, backtests, origins, say_backtest, say_best
from workbench.campaigns.alerts.listed import picked, replayed
from workbench.campaigns.alerts.rules import read_rule, rules
from workbench.data import Shop
from workbench.data.shop import NotCovered

STOPS = dt.date(2026, 10, 1)
PAUSE = dt.date(2026, 11, 12)


@pytest.fixture(name="shop", scope="module")
def a_shop_with_losses(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Ann and bob buy no bread from October on, bob until 12 November; cid always does."""
    sales = [
        *weekly("ann", "bread", "5.00", FIRST, STOPS),
        *weekly("bob", "bread", "2.00", FIRST, STOPS),
        *weekly("bob", "bread", "2.00", PAUSE, LAST),
        *weekly("cid", "bread", "1.00", FIRST, LAST),
        *(sale for card in ("ann", "bob") for sale in weekly(card, "milk", "1.00", FIRST, LAST)),
    ]
    return open_watched(tmp_path_factory.mktemp("losses"), *sales)


def test_a_rule_is_tested_as_in_life(shop: Shop) -> None:
    """On four week ends, 8 to 29 November, bread was lost by ann, and for one of them by bob.

    Both fire on the first; ann's came true, bob bought bread on the 12th. Nothing fires twice.
    Of the three customers' bread and two customers' milk one of five came true each week. By
    recency the same two would have been told of. At stake: 28/182 of ann's 105 and bob's 42.
    """
    asked = rule("category lost", when={"days": 8, "quiet": 5})
    assert origins(shop, asked, 4)[-1] == dt.date(2026, 11, 8)
    row = backtest(shop, asked, weeks=4).row(0, named=True)
    assert (row["weeks"], row["week_alerts"], row["precision_share"]) == (4, 0.5, 0.5)
    assert (row["random_share"], row["recency_share"]) == (0.2, 0.5)
    assert (row["recall_share"], row["note"]) == (1.0, None)
    assert row["week_stake"] == Decimal("5.65")
    assert 0 < row["precision_low_share"] < 0.5 < row["precision_high_share"] < 1


def test_the_budget_takes_most_at_stake_first(shop: Shop) -> None:
    """With one alert a week ann is told of before bob, who is no case any more a week later."""
    asked = rule("category lost", when={"days": 8, "quiet": 5}, budget=1)
    row = backtest(shop, asked, weeks=4).row(0, named=True)
    assert (row["week_alerts"], row["precision_share"]) == (0.25, 1.0)


def test_week_ends_are_those_whose_outcome_is_known(shop: Shop) -> None:
    """Sundays four weeks and more before the last day, as far as the history reaches back."""
    asked = rule("category lost")
    assert origins(shop, asked, 2) == [dt.date(2026, 11, 29), dt.date(2026, 11, 22)]
    assert min(origins(shop, asked, 200)) == dt.date(2026, 2, 8)
    young = replace(shop, edition=replace(shop.edition, last_day=dt.date(2026, 2, 15)))
    with pytest.raises(NotCovered, match="'Test' cannot be tested: it looks back to 182 days"):
        origins(young, asked, 4)
    assert "cannot be tested" in backtest(young, asked)["note"][0]


def test_what_cannot_be_foretold_says_so(shop: Shop) -> None:
    """Late data has no test; what is certain has no recall and is no better than recency."""
    late = backtest(shop, rule("data late", channel="none"))
    assert late["precision_share"][0] is None
    assert say_backtest(late) == ("Test: there is nothing to foretell: it is a matter of the data")
    born = backtest(shop, rule("birthday"), weeks=8).row(0, named=True)
    assert (born["precision_share"], born["recall_share"], born["recency_share"]) == (1, None, None)


def test_nothing_is_told_twice_for_a_reason() -> None:
    """Day after day, with a budget for each; no room is no alert."""
    cases = pl.DataFrame(
        {
            "as_of": [1, 1, 1, 2, 2, 2],
            "customer_id": [1, 2, 3, 1, 2, 3],
            "reason": ["a", "a", "a", "a", "b", "a"],
            "fires": [True, True, False, True, True, True],
            "reached": [True, True, True, True, True, False],
            "at_stake": [5, 9, 99, 5, 9, 99],
            "score": [None] * 6,
        },
        schema_overrides={"score": pl.Float64},
    )
    told = replayed(cases, [1, 5])
    assert told.select("as_of", "customer_id", "reason").rows() == [
        (1, 2, "a"),
        (2, 2, "b"),
        (2, 1, "a"),
    ]
    assert picked(cases, told.select("customer_id", "reason"), -3).is_empty()


def test_rules_of_the_sample_are_what_they_were(sample_shop: Shop) -> None:
    """Golden figures of the cheap rules; the others are seen on the page."""
    asked = [read_rule(name) for name in ("big-spender-silent", "cart-abandoned", "segment-fall")]
    tested = backtests(sample_shop, asked)
    golden = [
        (name, round(week, 2), round(share, 4), round(random, 4))
        for name, week, share, random in tested.select(
            "rule", "week_alerts", "precision_share", "random_share"
        ).rows()
    ]
    assert golden == [
        ("Big spender gone silent", 6.5, 0.1154, 0.0188),
        ("Left a basket behind", 23.0, 0.9783, 0.9785),
        ("Fell to a lower tier of spend", 45.62, 0.6822, 0.3124),
    ]
    assert say_best(tested).startswith("2 of 3 rules tested beat a list drawn at random, most of")
    assert say_backtest(tested[:1]) == (
        "Big spender gone silent: of 6 alerts a week 12 % came true (5 to 23 %), at random 2 %"
    )
    assert "No rule tested tells surely more" in say_best(tested[1:2])


def test_without_its_table_a_rule_is_not_tested(sample_shop: Shop) -> None:
    """The sample has no birthdays."""
    birthday = next(each for each in rules() if each.kind == "birthday")
    assert "has no table 'people'" in backtest(sample_shop, birthday)["note"][0]
