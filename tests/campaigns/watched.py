"""A shop of seventeen months in which alerts have something to tell, of a few literal habits."""

import datetime as dt
from pathlib import Path
from typing import Any

from shops import deliver, till

from workbench.campaigns.alerts.rules import Rule, parsed
from workbench.data import Shop, open_shop
from workbench.door import corner

FIRST, LAST = dt.date(2025, 8, 7), dt.date(2026, 12, 27)
MAPPING = (
    corner.MAPPING.replace("last_day: 2026-03-01", f"last_day: {LAST}")
    + """\
  consents:
    file: consents.csv
    columns: {customer: card, purpose: purpose, granted: "yes", since: since}
  people:
    file: people.csv
    columns: {customer: card, first_name: name, birthday: born}
  web_events:
    file: events.csv
    columns: {customer: card, at: at, event: event, product: item}
"""
)
PEOPLE = "card,name,born\nann,Ann,1980-11-25\nbob,Bob,1980-06-01\ncid,Cid,1984-02-29\n"
EVENTS = (
    "card,at,event,item\n"
    "ann,2026-11-20 10:00:00,abandon,milk\n"
    "bob,2026-11-21 10:00:00,abandon,wine\n"
    "bob,2026-11-21 12:00:00,order,wine\n"
    "cid,2026-11-21 10:00:00,abandon,milk\n"
)
CONSENTS = "card,purpose,yes,since\n"


def weekly(card: str, item: str, amount: str, first: dt.date, last: dt.date) -> list[str]:
    """Return a sale a week, from a day up to another."""
    weeks = range((last - first).days // 7 + 1)
    return [f"{card} {first + dt.timedelta(weeks=n)} {item} {amount}" for n in weeks]


def open_watched(home: Path, *sales: str, allowed: str = "ann bob cid", **files: str) -> Shop:
    """Return a shop of sales to the end of the year, whose named customers may be written to."""
    consents = CONSENTS + "".join(f"{card},marketing,yes,2026-01-01\n" for card in allowed.split())
    given = {"people": PEOPLE, "events": EVENTS, "consents": consents} | files
    always = weekly("-", "bread", "1.00", FIRST, LAST)
    deliver(home, receipts=till(*always, *sales), mapping=MAPPING, **given)
    return open_shop(home)


def rule(kind: str, *, key: str = "test", **terms: Any) -> Rule:
    """Return a rule of a kind, with whatever terms are not given filled in."""
    usual: dict[str, Any] = {
        "name": "Test",
        "kind": kind,
        "budget": 10,
        "for": "CRM",
        "action": "write",
        "channel": "email",
        "weeks": 4,
        "held_back": 0.0,
    }
    when = {
        "churn": {"chance": 0.3},
        "category lost": {"days": 8, "quiet": 6},
        "segment fall": {"steps": 1},
        "big spender silent": {"gaps": 3},
        "data late": {"days": 2, "tables": ["lines", "web_events"]},
    }
    return parsed(key, usual | {"when": when.get(kind, {"days": 7})} | terms)
