"""A planted name, address and telephone number are in no file but those that are meant to hold it.

A person is loaded through the door, among rows that cannot be read; then the notebooks that speak
of customers, a pack, the alerts, an export to the house and to an agency, a dry run, a sending
and the app do their work. Every file of the home is opened and searched.
"""

import base64
import gzip
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
from crowd import CARDS, CONSENTS, MAPPING, MESSAGES, planned, written
from mailserver import receiving
from served import serving
from shops import deliver, till
from test_export import drawn
from test_send import settings

from workbench import paths
from workbench.campaigns.alerts import rules, states
from workbench.campaigns.audiences.export import export
from workbench.campaigns.audiences.send import send
from workbench.data import Shop, open_shop
from workbench.run import pack, report

WHO, MAIL, PHONE = "c10", "planted.person@secret.example", "+33 1 98 76 54 32"
PLANTED = {
    "mail": re.compile(r"planted\.person", re.IGNORECASE),
    "phone": re.compile(r"98\D{0,3}76\D{0,3}54\D{0,3}32"),
    "name": re.compile("Plantedine", re.IGNORECASE),
}
RULES = ("birthday", "churn", "first-purchase")
PEOPLE = "card,name,mail,tel,born\n" + "".join(
    f"{WHO},Plantedine,{MAIL},{PHONE},2001-03-03\n"
    if card == WHO
    else f"{card},Name {card},{card}@example.org,,\n"
    for card in CARDS
)
# Rows whose cells are in each other's places, as a broken extract has them.
BROKEN = {
    "people": f"c11,{PHONE},Plantedine,,{MAIL}\n",
    "messages": f"{WHO},email,news,{MAIL},{PHONE},\n",
    "consents": f"{WHO},marketing,yes,Plantedine of {MAIL}\n",
}
PACK = f"""
title: Shared
formats: [html, xlsx]
notebooks:
  - data_health
  - customers/alerts
  - {{notebook: customers/alert, each: {{rule: [{", ".join(RULES)}]}}}}
  - campaigns/audience
"""
# The card shows whom it is of; the house's own files carry what a message needs.
CARD = "home/reports/card"
EXPORTS = "home/exports/cheap-bread"
MEANT = {
    f"{CARD}/report.html": {"name"},
    f"{CARD}/notebook.ipynb": {"name"},
    f"{CARD}/tables/who.parquet": {"name"},
    f"{EXPORTS}/in-house-1.csv": {"name", "mail"},
    f"{EXPORTS}/in-house-1.xlsx": {"name", "mail"},
    f"{EXPORTS}/dry-run/000007.eml": {"name", "mail"},
}
DATA = ("home/delivery/", "home/lake/")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop of forty people, one of them planted, in a project with alerts and a pack."""
    for name in ("notebooks", "templates"):
        (tmp_path / name).symlink_to(paths.project() / name)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "shared.yaml").write_text(PACK)
    folder = tmp_path / "reports" / "alerts"
    folder.mkdir()
    for name in RULES:
        shutil.copy(paths.packs() / "alerts" / f"{name}.yaml", folder)
    written(tmp_path)
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return loaded(tmp_path / "home")


def loaded(home: Path) -> Shop:
    """Load a year of sales, in which each stays away for ten weeks at a time, and broken rows."""
    weeks = pl.date_range(pl.date(2025, 3, 3), pl.date(2026, 2, 23), "1w", eager=True)
    sales = [
        f"{card} {day} bread {2 + n % 5}.00"
        for n, card in enumerate(CARDS)
        for week, day in enumerate(weeks)
        if (week + 3 * n) // 10 % 2
    ]
    given = {"people": PEOPLE, "consents": CONSENTS, "messages": MESSAGES}
    given["consents"] += "".join(f"{card},profiling,yes,2025-09-01\n" for card in CARDS)
    mapping = MAPPING.replace("phone: tel}", "phone: tel, birthday: born}")
    for name, row in BROKEN.items():
        given[name] += row
        mapping = mapping.replace(f"file: {name}.csv", f"file: {name}.csv\n    reject: 0.5")
    deliver(home, receipts=till(*sales), mapping=mapping, **given)
    return open_shop(home)


def do_everything(shop: Shop) -> None:
    """Make the reports, and do what a campaign and the alerts offer to do."""
    assert report.run("customers/card", {"customer": WHO}, out=paths.home() / "reports/card").good
    made = pack.run_pack("shared", jobs=1)
    assert [r.error for r in made.results if not r.good] == []
    for name in RULES:
        states.offer(shop, rules.read_rule(name), next(iter(states.OFFERS))).do()
    campaign = drawn(shop, planned())
    export(shop, campaign).do()
    export(shop, campaign, recipient="agency").do()
    with receiving() as inbox:
        settings(inbox)
        send(shop, campaign)
        send(shop, campaign, live=True)
    assert MAIL in inbox.recipients


def look_at_everything(folder: Path) -> None:
    """Open a report, the page of a pack, and the card by a link that holds an address."""
    link = f"app/customers/card?customer={MAIL}&note={quote(PHONE)}"
    with serving(folder, paths.home()) as server:
        for page in ("reports/card/report.html", "packs/shared/index.html", link):
            assert server.ask(f"/{page}")[0] == 200


@pytest.mark.usefixtures("forks")
def test_what_was_planted_is_only_where_it_is_meant_to_be(
    shop: Shop, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Pages, tables, workbooks, journal, logs and what was printed are all searched."""
    do_everything(shop)
    look_at_everything(tmp_path)
    (tmp_path / "printed.txt").write_text("".join(capfd.readouterr()))
    assert (tmp_path / "home" / "logs" / "access.log").stat().st_size
    assert found(tmp_path) == MEANT


def found(folder: Path) -> dict[str, set[str]]:
    """Return what was found of the person, by file, beside the data itself."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    held = {name: _in(path) for name, path in files.items() if not name.startswith(DATA)}
    return {name: words for name, words in held.items() if words}


def _in(path: Path) -> set[str]:
    texts = list(_texts(path))
    return {word for word, form in PLANTED.items() if any(map(form.search, texts))}


def _texts(path: Path) -> Iterator[str]:
    """Yield all that a file says, unpacked."""
    raw = path.read_bytes()
    yield raw.decode(errors="replace")
    if path.suffix == ".parquet":
        yield pl.read_parquet(path).write_ndjson()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode(errors="replace") for name in packed.namelist())
    elif raw.startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as journal:
            yield from journal.iterdump()
    elif path.suffix == ".html":
        for island in re.findall(rb"[A-Za-z0-9+/]{80,}={0,2}", raw):
            plain = base64.b64decode(island + b"=" * (-len(island) % 4))
            packed = plain.startswith(b"\x1f\x8b")
            yield (gzip.decompress(plain) if packed else plain).decode(errors="replace")
