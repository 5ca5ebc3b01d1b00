"""Alert rules: small files that say what is watched, for whom, and how many a week at most.

A rule holds no data of anybody, so it is a file of the project, `reports/alerts/<name>.yaml`:

    name: Likely to stay away
    kind: churn               # one of `KINDS`
    when: {chance: 0.3}       # the kind's own thresholds
    budget: 50                # alerts a week at most, those held back among them
    for: CRM                  # the team that acts
    action: write, with the offer that the customer's card names
    channel: email            # or none, where nobody is written to
    weeks: 4                  # how long until it is known whether it came true
    held_back: 0.1            # share never acted upon, to learn what acting does
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from workbench import paths
from workbench.data.contracts import CONTRACTS
from workbench.kinds import Choice, Int, Many, Number, Text

NO_CHANNEL = "none"
CHANNELS = ("email", "sms", "post", "push", "service", NO_CHANNEL)
DATED = [name for name, table in CONTRACTS.items() if table.dated]


class Kind(NamedTuple):
    """What a kind of alert needs and means; `certain` events are sure to come."""

    settings: dict[str, Any]
    meaning: str
    true: str
    needs: tuple[str, ...] = ()
    certain: bool = False


AWAY = "no purchase"
AGAIN = "a purchase although nobody acted, which acting has to beat"
KINDS = {
    "churn": Kind(
        {"chance": Number[0, 1]},
        "the probability of buying nothing in the weeks to come is at least the chance (logistic "
        "regression on habits, fitted anew every four weeks on earlier days)",
        AWAY,
    ),
    "category lost": Kind(
        {"days": Int[2, 60], "quiet": Int[2, 20]},
        "bought the category on so many days of half a year, and not in the last quiet weeks, "
        "though the customer came in them; of several categories the one with most at stake",
        "none of the category bought, though the customer came",
    ),
    "segment fall": Kind(
        {"steps": Int[1, 2]},
        "spend of the last 13 weeks is so many tiers below that of the 13 before; tiers are the "
        "top fifth, the next three tenths and the lower half of the 13 before",
        "spend stays below what the former tier asks for",
    ),
    "big spender silent": Kind(
        {"gaps": Number[1, 20]},
        "among the top fifth by spend of half a year, and away for longer than so many own mean "
        "gaps, with at least four visits",
        AWAY,
    ),
    "birthday": Kind(
        {"days": Int[1, 31]},
        "the birthday lies in the days to come",
        AGAIN,
        needs=("people",),
        certain=True,
    ),
    "first purchase": Kind(
        {"days": Int[1, 31]},
        "came for the first time in the last days, with half a year of receipts before",
        AGAIN,
        certain=True,
    ),
    "cart abandoned": Kind(
        {"days": Int[1, 31]},
        "left a basket on the web site in the last days, and has not bought its products since",
        "none of these products bought",
        needs=("web_events",),
    ),
    "data late": Kind(
        {"days": Int[0, 60], "tables": Many[DATED]},
        "one of the tables ends more than so many days before the day expected, which is the last "
        "day of the receipts unless another is named",
        "there is nothing to foretell: it is a matter of the data",
        certain=True,
    ),
}
_KEYS: dict[str, Any] = {
    "name": Text[60],
    "kind": Choice[list(KINDS)],
    "budget": Int[1, 100_000],
    "for": Text[60],
    "action": Text[200],
    "channel": Choice[list(CHANNELS)],
    "weeks": Int[1, 26],
    "held_back": Number[0, 0.5],
}


@dataclass(frozen=True)
class Rule:
    """One alert rule as its file says; `key` is the file's name, `team` its `for`."""

    key: str
    name: str
    kind: str
    when: dict[str, Any]
    budget: int
    team: str
    action: str
    channel: str
    weeks: int
    held_back: float

    @property
    def what(self) -> Kind:
        """Return what its kind needs and means."""
        return KINDS[self.kind]


def names() -> list[str]:
    """Return the names of the rules that are kept as files, such as `churn`."""
    return sorted(path.stem for path in (paths.packs() / "alerts").glob("[!_]*.yaml"))


def titles() -> dict[str, str]:
    """Return the names of the rules with what each is called; a broken one keeps its name."""
    called = {name: name for name in names()}
    for name in called:
        with suppress(ValueError):
            called[name] = read_rule(name).name
    return called


def read_rule(name: str) -> Rule:
    """Return the rule of that name, or raise ValueError with file, key and way out."""
    path = paths.packs() / "alerts" / f"{name}.yaml"
    if name not in names():
        raise ValueError(f"no alert rule is called {name!r}; there are: {', '.join(names())}")
    try:
        return parsed(name, yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"alerts/{path.name}: {error}") from None


def rules() -> list[Rule]:
    """Return all rules, in the order of their names."""
    return [read_rule(name) for name in names()]


def parsed(key: str, given: Any) -> Rule:
    """Return a rule from what its file holds, or raise ValueError with key, value and way out."""
    given = dict(given) if isinstance(given, dict) else {}
    when = given.pop("when", None)
    values = _checked(given, _KEYS)
    settings = KINDS[values["kind"]].settings
    when = _checked(when if isinstance(when, dict) else {}, settings, "when: ")
    return Rule(key=key, team=values.pop("for"), when=when, **values)


def ledger(rules: Iterable[Rule]) -> dict[str, str]:
    """Return what each rule watches and what coming true means, with its thresholds and weeks."""
    return {
        rule.name: f"{rule.what.meaning} ({_said(rule.when)}; {rule.budget} a week at most). "
        f"Comes true if, within {rule.weeks} weeks: {rule.what.true}"
        for rule in rules
    }


def _checked(
    given: Mapping[str, Any], kinds: Mapping[str, Any], within: str = ""
) -> dict[str, Any]:
    """Return the values under exactly these keys, each as its kind reads it."""
    odd = [f"{key!r} is no key here" for key in given if key not in kinds]
    odd += [f"{key} is missing" for key in kinds if given.get(key) in (None, "")]
    if odd:
        raise ValueError(f"{within}{odd[0]}; needed are exactly: {', '.join(kinds)}")
    values = {}
    for key, kind in kinds.items():
        try:
            values[key] = kind.parse(given[key])
        except ValueError as error:
            raise ValueError(f"{within}{key}: {error}") from None
    return values


def _said(when: Mapping[str, Any]) -> str:
    lists = {
        key: ", ".join(value) if isinstance(value, list) else value for key, value in when.items()
    }
    return "; ".join(f"{key} {value}" for key, value in lists.items())
