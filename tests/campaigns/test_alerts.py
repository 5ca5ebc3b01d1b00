"""Alerts in life: fired once for a reason, within the budget; moved on; closed; their result."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner
from watched import open_watched, rule, weekly

from workbench.campaigns.alerts.listed import CONTROL, TARGET, group_of
from workbench.campaigns.alerts.result import alert_groups, alert_result, say_result
from workbench.campaigns.alerts.rules import Rule, rules
from workbench.campaigns.alerts.states import ALERTS, close, due, fire, known, mark, offer
from workbench.campaigns.alerts.views import alerts_of, say_week, states, week
from workbench.campaigns.results.uplift import uplift
from workbench.cli import app
from workbench.data import Shop, open_shop
from workbench.journal import forget

DAY, END = dt.date(2026, 11, 22), dt.date(2026, 12, 20)
CARDS = [f"n{number:02}" for number in range(40)]
WEEK = dt.timedelta(days=7)


def newcomers(**terms: Any) -> Rule:
    """Return a rule on who came for the first time in the last month."""
    usual: dict[str, Any] = {"when": {"days": 31}, "budget": 100, "held_back": 0.3}
    return rule("first purchase", **usual | terms)


def sales_of(card: str, place: int) -> list[str]:
    """Return a newcomer's weekly sales: 10.00, and 15.00 where the alert is acted upon later."""
    first = dt.date(2026, 11, 16) + dt.timedelta(days=place % 3)
    if place == 39:
        return [f"{card} {first} wine 10.00"]
    later = "15.00" if group_of(newcomers(), card) == TARGET else "10.00"
    after = weekly(card, "wine", later, first + WEEK, END)
    return [f"{card} {first} wine 10.00", *after]


@pytest.fixture(name="loaded", scope="module")
def a_home_of_newcomers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty newcomers, all but the first with consent; the last comes only once."""
    sales = [sale for place, card in enumerate(CARDS) for sale in sales_of(card, place)]
    home = tmp_path_factory.mktemp("newcomers")
    open_watched(home, *sales, allowed=" ".join(CARDS[1:]))
    return home


@pytest.fixture(name="whole", scope="module")
def their_shop(loaded: Path) -> Shop:
    """Return the shop of the newcomers, at the end of its data."""
    return open_shop(loaded)


@pytest.fixture(name="shop")
def the_shop_on_the_day(whole: Shop) -> Shop:
    """The shop when its data ended on the day."""
    return on(whole, DAY)


def on(shop: Shop, day: dt.date) -> Shop:
    """Return a shop as it was when its data ended on a day."""
    return replace(shop, edition=replace(shop.edition, last_day=day))


def test_the_same_reason_fires_once(whole: Shop, tmp_path: Path) -> None:
    """Nothing new on the same data; a week later only those beyond the first week's budget."""
    asked = newcomers(budget=15)
    fired = [fire(on(whole, day), asked, tmp_path).alerts for day in (DAY, DAY, DAY + WEEK)]
    assert [each.height for each in fired] == [15, 0, 15]
    assert known(on(whole, DAY + WEEK), asked, tmp_path).height == 30
    assert due(on(whole, DAY), asked, tmp_path).alerts.is_empty()


def test_the_budget_is_a_week_s(whole: Shop, tmp_path: Path) -> None:
    """A day later there is only room for what the days before left."""
    few, more = newcomers(budget=15), newcomers(budget=18)
    fire(on(whole, DAY), few, tmp_path)
    assert fire(on(whole, DAY + dt.timedelta(days=1)), more, tmp_path).alerts.height == 3


def test_who_did_not_consent_is_left_out_and_counted(shop: Shop, tmp_path: Path) -> None:
    """Of forty newcomers the first may not be written to."""
    found = due(shop, newcomers(), tmp_path)
    assert (found.alerts.height, found.left_out) == (39, 1)
    assert "n00" not in found.alerts["customer"]
    assert not any(tmp_path.iterdir()), "asking writes nothing"


def test_who_is_held_back_is_drawn_once_for_all() -> None:
    """About the rule's share, always the same of a rule, others of another rule."""
    people = [str(number) for number in range(2000)]
    asked, other = newcomers(held_back=0.1), newcomers(held_back=0.1, key="other")
    drawn = [group_of(asked, name) for name in people]
    assert 160 < drawn.count(CONTROL) < 240
    assert drawn == [group_of(asked, name) for name in people]
    assert drawn != [group_of(other, name) for name in people]
    assert group_of(newcomers(held_back=0), "1") == TARGET


def test_a_page_lists_the_same_before_and_after_firing(shop: Shop, tmp_path: Path) -> None:
    """This week's list is what was fired and what is due, so that a report keeps its tables."""
    before = week(shop, [newcomers()], tmp_path)
    fire(shop, newcomers(), tmp_path)
    after = week(shop, [newcomers()], tmp_path)
    assert_frame_equal(before.alerts, after.alerts)
    assert_frame_equal(before.rules, after.rules)
    held = before.rules["held_back"][0]
    assert before.alerts.height == 39 - held
    assert say_week(*before) == (
        f"{39 - held} alerts to act upon this week, for 1 team; {held} more are held back, and 1 "
        "met a rule without consent to be reached"
    )


def test_without_rules_there_is_nothing_to_tell(shop: Shop, tmp_path: Path) -> None:
    """A project may have none: the page is empty, and no error."""
    told = week(shop, [], tmp_path)
    assert told.alerts.is_empty()
    assert told.alerts.columns == ["rule", "customer_id", "reason", "at_stake"]
    assert say_week(*told).startswith("0 alerts to act upon this week, for 0 teams")
    assert states(shop, [], tmp_path).is_empty()


def test_alerts_move_on_and_those_held_back_do_not(shop: Shop, tmp_path: Path) -> None:
    """New, seen, acted; nothing moves back, and each day written is one of the data."""
    asked = newcomers()
    fire(shop, asked, tmp_path)
    held = states(shop, [asked], tmp_path)["held_back"][0]
    assert mark(shop, asked, "seen", tmp_path) == 39 - held
    assert mark(shop, asked, "acted", tmp_path) == 39 - held
    assert mark(shop, asked, "seen", tmp_path) == 0
    row = states(shop, [asked], tmp_path).row(0, named=True)
    assert (row["fired"], row["acted"], row["new"], row["seen"]) == (39, 39 - held, 0, 0)
    days = ALERTS.read(tmp_path, "grp = ?", [TARGET]).select("fired_on", "seen_on", "acted_on")
    assert days.unique().row(0) == ("2026-11-22",) * 3
    with pytest.raises(ValueError, match="cannot be marked as 'done'; allowed: seen, acted"):
        mark(shop, asked, "done", tmp_path)


def test_an_offer_does_nothing_until_it_is_confirmed(shop: Shop, tmp_path: Path) -> None:
    """Then it says what it did."""
    steps = [offer(shop, newcomers(held_back=0), state, tmp_path) for state in ("new", "acted")]
    assert known(shop, home=tmp_path).is_empty()
    assert steps[0].question == "Should all open alerts of 'Test' be written down as new, " + (
        "as of 22 Nov 2026?"
    )
    assert [step.do() for step in steps] == ["39 written down as new", "39 marked as acted upon"]
    assert steps[1].command == "workbench alerts test --mark acted"


def test_alerts_close_when_their_weeks_are_over(whole: Shop, tmp_path: Path) -> None:
    """A day too early none; then all, those held back too, each with what came true."""
    asked = newcomers()
    fire(on(whole, DAY), asked, tmp_path)
    assert close(on(whole, END - dt.timedelta(days=1)), asked, tmp_path) == 0
    assert close(on(whole, END), asked, tmp_path) == 39
    assert close(on(whole, END), asked, tmp_path) == 0
    closed = known(on(whole, END), asked, tmp_path)
    assert closed["closed_on"].unique().to_list() == ["2026-12-20"]
    came = dict(closed.select("customer", "outcome").rows())
    assert came.pop("n39") == "did not come true"
    assert set(came.values()) == {"came true"}
    assert states(on(whole, END), [asked], tmp_path)["came_true"][0] == 38


def test_acting_is_measured_against_those_held_back(whole: Shop, tmp_path: Path) -> None:
    """Of 24 acted upon all but one came four times for 15, those held back for 10."""
    asked, ended = newcomers(), on(whole, END)
    fire(on(whole, DAY), asked, tmp_path)
    assert alert_groups(ended, asked, tmp_path).is_empty(), "nobody was acted upon"
    mark(on(whole, DAY), asked, "acted", tmp_path)
    groups = alert_groups(ended, asked, tmp_path)
    assert groups.height == 39
    assert groups["group"].unique().sort().to_list() == [CONTROL, TARGET]
    found = alert_result(ended, asked, tmp_path)
    plain = found.filter(method="Plain difference").row(0, named=True)
    assert (plain["treated"], plain["control_mean"]) == (24, pytest.approx(40))
    assert plain["uplift"] == pytest.approx(60 * 23 / 24 - 40)
    assert 0 < plain["low"] < plain["uplift"] < plain["high"]
    fixed = uplift(ended, groups, starts=DAY + dt.timedelta(days=1), ends=END, before_days=28)
    same = fixed.filter(method="Plain difference").row(0, named=True)
    assert same["uplift"] == pytest.approx(plain["uplift"]), "a campaign of these groups"
    assert say_result(asked, found).startswith(
        "Those reached spent 17.50 more each in 4 weeks than "
    )


def test_a_customer_of_both_groups_counts_once(shop: Shop, tmp_path: Path) -> None:
    """Held back first and reached a week later, when less was held back: held back."""
    first, later = "2026-11-15", "2026-11-22"
    fired = [("n01", later, TARGET), ("n01", first, CONTROL), ("n02", first, TARGET)]
    shared = {"retailer": shop.retailer, "rule": "test", "state": "acted"}
    with ALERTS.writing(tmp_path) as journal:
        for card, day, grp in fired:
            acted = day if grp == TARGET else None
            row = {"customer": card, "reason": day, "fired_on": day, "grp": grp, "acted_on": acted}
            ALERTS.put(journal, shared | row)
    told = alert_groups(shop, newcomers(), tmp_path).select("group", "fired_on").rows()
    assert told == [(CONTROL, dt.date(2026, 11, 15)), (TARGET, dt.date(2026, 11, 15))]


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((-5.0, -9.0, -1.0), "5.00 less each in 4 weeks than those held back, surely less (-9.00"),
        ((-5.0, -9.0, 1.0), "5.00 less each in 4 weeks than those held back, not surely less ("),
        ((5.0, 1.0, 9.0), "5.00 more each in 4 weeks than those held back, surely more (+1.00"),
    ],
)
def test_less_is_told_as_less(figures: tuple[float, ...], said: str) -> None:
    """With its interval: surely where 0 is outside of it."""
    names = ("uplift", "low", "high")
    row = {"method": "CUPED", "treated": 9, "control": 9, **dict(zip(names, figures, strict=True))}
    assert f"Those reached spent {said}" in say_result(newcomers(), pl.DataFrame([row]))


def test_a_result_waits_for_the_weeks(shop: Shop, tmp_path: Path) -> None:
    """On the day itself the sizes are known, and nothing else."""
    fire(shop, newcomers(), tmp_path)
    mark(shop, newcomers(), "acted", tmp_path)
    found = alert_result(shop, newcomers(), tmp_path)
    row = found.row(0, named=True)
    assert (row["treated"] + row["control"], row["uplift"]) == (39, None)
    assert "is not known yet: it takes 4 weeks" in say_result(newcomers(), found)


def test_a_customer_s_alerts_are_told_and_forgotten(shop: Shop, tmp_path: Path) -> None:
    """With state and reason, until the person is erased."""
    fire(shop, newcomers(held_back=0), tmp_path)
    someone = known(shop, home=tmp_path).row(0, named=True)
    told = alerts_of(shop, someone["customer_id"], tmp_path)
    assert told.columns == ["rule", "reason", "fired_on", "state", "outcome"]
    assert told.row(0) == ("test", someone["reason"], DAY, "new", None)
    forget(tmp_path, someone["customer"], shop.retailer)
    assert alerts_of(shop, someone["customer_id"], tmp_path).is_empty()


def test_late_data_is_told_without_a_customer(shop: Shop, tmp_path: Path) -> None:
    """Once, whatever day is expected."""
    late = rule("data late", channel="none")
    for _ in range(2):
        fire(shop, late, tmp_path, expected=DAY + WEEK)
    rows = ALERTS.read(tmp_path).select("customer", "reason").rows()
    assert rows == [("", "receipts end on 22 Nov 2026"), ("", "web events end on 21 Nov 2026")]
    assert week(shop, [late], tmp_path).alerts["customer_id"].to_list() == [None, None]


def test_the_command_fires_and_marks(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count by rule, or why it cannot be asked here; a rule that is not there is an error."""
    (tmp_path / "lake").symlink_to(loaded / "lake")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    run = CliRunner().invoke
    first = run(app, ["alerts", "data-late", "--expected", "2027-02-01"])
    assert first.exit_code == 0
    assert first.stdout.splitlines()[1:] == [
        "data-late: 2 new, 0 of them held back; 0 closed",
    ]
    marked = run(app, ["alerts", "data-late", "--mark", "acted"])
    assert marked.stdout.splitlines()[1] == "data-late: 2 marked as acted upon"
    learnt = run(app, ["alerts", "churn"])
    assert (learnt.exit_code, "cannot be learnt" in learnt.stdout) == (0, True)
    lost = run(app, ["alerts", "chrun"])
    assert (lost.exit_code, "no alert rule is called 'chrun'" in str(lost.exception)) == (1, True)
    assert "say which rule's" in str(run(app, ["alerts", "--mark", "seen"]).exception)


def test_a_page_of_all_rules_says_which_cannot_be_asked(shop: Shop, tmp_path: Path) -> None:
    """Forty newcomers are too few to learn from; the other rules are told as ever."""
    told = week(shop, rules(), tmp_path)
    notes = dict(told.rules.drop_nulls("note").select("rule", "note").rows())
    assert list(notes) == ["Likely to stay away"]
    assert "cannot be learnt" in notes["Likely to stay away"]
    assert told.alerts["rule"].unique().to_list() == ["First purchase"]
