"""Alert rules as files: those shipped can be read, and a wrong one says what is wrong."""

from typing import Any

import pytest
from watched import rule

from workbench.campaigns.alerts.rules import KINDS, ledger, names, parsed, read_rule, rules, titles

GIVEN: dict[str, Any] = {
    "name": "Silent",
    "kind": "big spender silent",
    "when": {"gaps": 3},
    "budget": 20,
    "for": "CRM",
    "action": "call",
    "channel": "service",
    "weeks": 4,
    "held_back": 0.1,
}


def test_every_kind_has_a_rule_that_is_shipped() -> None:
    """Eight kinds, eight files, each telling what it watches."""
    assert sorted(each.kind for each in rules()) == sorted(KINDS)
    assert [each.key for each in rules()] == names()
    assert titles() == {each.key: each.name for each in rules()}
    assert ledger(rules())["Data is late"].endswith(
        "(days 7; tables lines, promotions, web_events; 10 a week at most). Comes true if, within "
        "1 weeks: there is nothing to foretell: it is a matter of the data"
    )


def test_a_rule_says_what_its_file_says() -> None:
    """Thresholds are read by the kind's own settings."""
    read = parsed("silent", GIVEN)
    assert (read.key, read.team, read.budget, read.when) == ("silent", "CRM", 20, {"gaps": 3.0})
    assert rule("birthday").when == {"days": 7}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"badget": 5}, "'badget' is no key here; needed are exactly: name, kind, budget"),
        ({"action": None}, "action is missing"),
        ({"budget": "many"}, "budget: 'many' is not a whole number; allowed: 1 to 100000"),
        ({"kind": "churm"}, "did you mean 'churn'?"),
        ({"channel": "pigeon"}, "channel: 'pigeon' is not one of: email"),
        ({"held_back": 0.9}, "held_back: 0.9 is out of range; allowed: 0 to 0.5"),
        ({"when": {"days": 3}}, "when: 'days' is no key here; needed are exactly: gaps"),
        ({"when": {"gaps": "x"}}, "when: gaps: 'x' is not a number"),
        ({"when": None}, "when: gaps is missing"),
    ],
)
def test_a_wrong_rule_is_refused_by_key_and_value(change: dict[str, Any], said: str) -> None:
    """The way out is told."""
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        parsed("silent", GIVEN | change)


def test_what_is_no_rule_is_refused() -> None:
    """A list in a file, and a name without a file."""
    with pytest.raises(ValueError, match="name is missing"):
        parsed("silent", ["no", "rule"])
    with pytest.raises(ValueError, match="no alert rule is called 'chrun'; there are: big-"):
        read_rule("chrun")
