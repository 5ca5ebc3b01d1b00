"""A crowd of forty card holders with names, addresses and consents, for campaigns to address."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from shops import deliver, till

from workbench.campaigns.audiences.groups import assign, split
from workbench.campaigns.plans import plan
from workbench.campaigns.plans.plan import Campaign
from workbench.data import Shop, open_shop
from workbench.data.engine import fetch
from workbench.door import corner

CARDS = [f"c{number:02}" for number in range(40)]
MAPPING = (
    corner.MAPPING
    + """\
  people:
    file: people.csv
    columns: {customer: card, first_name: name, email: mail, phone: tel}
  consents:
    file: consents.csv
    columns: {customer: card, purpose: purpose, granted: "yes", since: since}
  contacts:
    file: messages.csv
    columns: {customer: card, channel: channel, subject: subject, sent: sent, opened: opened,
              clicked: clicked}
"""
)
# c00 to c03 lack, in turn: consent, an address, peace (five messages), consent to sharing
PEOPLE = "card,name,mail,tel\n" + "".join(
    f"{card},Name {card},{'' if card == 'c01' else card + '@example.org'},+33 1 {card[1:]}\n"
    for card in CARDS
)
CONSENTS = "card,purpose,yes,since\n" + "".join(
    f"{card},marketing,{'no' if card == 'c00' else 'yes'},2026-01-01\n"
    f"{card},sharing,{'no' if card == 'c03' else 'yes'},2026-01-01\n"
    for card in CARDS
)
MESSAGES = (
    "card,channel,subject,sent,opened,clicked\n"
    + "".join(f"c02,email,news {day},2026-02-1{day},,\n" for day in range(5))
    + "c04,email,cheap bread,2026-02-23,2026-02-24,2026-02-24\n"
    "c05,sms,cheap bread,2026-02-23,2026-02-24,\n"
    "c06,email,cheap bread,2026-02-23,,\n"
)
TERMS: dict[str, Any] = {
    "segment": "rfm: At risk",
    "period": "2026-01-05/2026-02-15",
    "category": "Bakery",
    "products": ["bread"],
    "mechanic": "price cut",
    "terms": {"discount": 0.2},
    "days": "2026-02-23/2026-03-08",
}


def open_crowd(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, more: str = "", **files: str
) -> Shop:
    """Return the shop of the crowd in a home of its own; `more` tables of the mapping."""
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    sales = [f"{card} 2026-01-{5 + n % 20:02} bread {2 + n % 5}.00" for n, card in enumerate(CARDS)]
    sales += [f"{card} 2026-02-24 bread 1.60" for card in CARDS[:10]]
    given = {"people": PEOPLE, "consents": CONSENTS, "messages": MESSAGES} | files
    deliver(home, receipts=till(*sales), mapping=MAPPING + more, **given)
    return open_shop(home)


def everybody(shop: Shop) -> pl.DataFrame:
    """Return all customers: customer_id, customer."""
    return fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])


def planned(**terms: Any) -> Campaign:
    """Return a campaign on bread, as its file would state it."""
    return plan.draft("Cheap bread", **TERMS | terms)


def has_run(shop: Shop, home: Path, name: str, customers: pl.DataFrame) -> None:
    """Write a campaign of the last two weeks, and draw half of some customers for its offer."""
    campaign = plan.draft(name, **TERMS | {"days": "2026-02-16/2026-03-01"})
    plan.save(campaign).do()
    assign(home, shop, campaign.slug, split(customers, control=0.5))


def written(project: Path, **terms: Any) -> Path:
    """Write a campaign's file by hand and return its path."""
    given = yaml.safe_load(planned(**terms).text())
    path = project / "reports" / "campaigns" / "cheap-bread.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(given, sort_keys=False), encoding="utf-8")
    return path
