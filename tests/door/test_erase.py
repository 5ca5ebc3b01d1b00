"""Erasure: a person leaves every table, file, log and report, and the money stays to the cent."""

import json
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shops import ingested, quiet

from workbench.data import open_shop, seals
from workbench.data.lake import Edition, Lake
from workbench.data.privacy import consents_of, workspace_key
from workbench.door import corner
from workbench.door.erase import (
    Nobody,
    Receipt,
    counted,
    erase,
    erased,
    gone,
    hashed,
    unnamed,
    without,
)
from workbench.door.erase.mentions import Person
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.journal import Table
from workbench.measures import extent

ANN, MAIL, PHONE = "CARD-00417", "ann.oneil@example.org", "+33 1 99 00 11 22"
RECEIPTS = corner.RECEIPTS.replace("0012", ANN)
MORE = RECEIPTS + f"13,{ANN},bread,N,2026-02-28 11:00:00,1,2.00,0.00\n"
PEOPLE = (
    f"card,name,mail,tel,born\n{ANN},Annabel,{MAIL},{PHONE},1980-05-17\n12,Bob,b@example.org,,\n"
)
CONSENTS = f"card,purpose,yes,since\n{ANN},marketing,yes,2026-01-01\n12,marketing,no,2026-01-01\n"
MESSAGES = (
    f"card,channel,subject,sent\n{ANN},email,January news for Annabel,2026-01-10\n"
    "12,email,January news,2026-01-10\n"
)
ANSWERS = f"card,question,answer,by,day\n{ANN},Where do you live?,near {MAIL},survey,2026-01-15\n"
EVENTS = f"card,at,event\n{ANN},2026-01-15 10:00:00,view\n12,2026-01-16 10:00:00,view\n"
MAPPING = (
    corner.MAPPING.replace("file: receipts.csv", "file: receipts.csv\n    reject: 1")
    + """\
  people:
    file: people.csv
    columns: {customer: card, first_name: name, email: mail, phone: tel, birthday: born}
  consents:
    file: consents.csv
    columns: {customer: card, purpose: purpose, granted: "yes", since: since}
  contacts:
    file: messages.csv
    columns: {customer: card, channel: channel, subject: subject, sent: sent}
  attributes:
    file: answers.csv
    columns: {customer: card, attribute: question, value: answer, source: by, since: day}
  web_events:
    file: events.csv
    columns: {customer: card, at: at, event: event}
"""
)

NOTES = Table("notes", {"customer": "TEXT NOT NULL", "reason": "TEXT"}, ("customer",))


def deliver(folder: Path, home: Path, *, receipts: str = RECEIPTS) -> Edition:
    """Load the corner shop with a person in every table about customers."""
    mapping = corner.deliver(folder, receipts=f"{receipts}14,{ANN},milk\n", mapping=MAPPING)
    texts = {"people": PEOPLE, "consents": CONSENTS, "answers": ANSWERS, "events": EVENTS}
    for name, text in (texts | {"messages": MESSAGES}).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return ingest([folder], Mapping.read(mapping), home, progress=quiet)


def forget(home: Path, customer: str = ANN) -> Receipt:
    """Erase a customer without a word."""
    return erase(home, customer, progress=quiet)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two editions, reports, an own segmentation and a log that name the person.

    The person is customer 4: of the cards 12, 31, 40 and CARD-00417 the last.
    """
    folder = tmp_path_factory.mktemp("lived-in")
    home = folder / "home"
    deliver(folder / "delivery", home)
    deliver(folder / "delivery", home, receipts=MORE)
    report(home / "reports" / "customers", page="<p>nobody</p>", customer_id=[1, 4])
    report(home / "reports" / "letters", page=f"<p>Write to {MAIL}</p>", customer_id=[])
    report(home / "reports" / "cards", page="<p>nobody</p>", card=["12", ANN])
    report(home / "packs" / "demo" / "totals", page="<p>63.00</p>", customer_id=[1, 2])
    (home / "packs" / "demo" / "index.html").write_text(f"<a>{ANN}</a>", encoding="utf-8")
    (home / "segments").mkdir()
    tiers = f"customer,segment\n{ANN},Gold\n12,Silver\n"
    (home / "segments" / "tiers.csv").write_text(tiers, encoding="utf-8")
    pl.DataFrame({"customer": ["12", ANN]}).write_parquet(home / "segments" / "regulars.parquet")
    log = "started\nGET /?who=ann.oneil%40example.org\nstopped\n"
    (home / "serve.log").write_text(log, encoding="utf-8")
    with NOTES.writing(home) as journal:
        for customer in (ANN, "12"):
            NOTES.put(journal, {"customer": customer, "reason": f"no visit of {customer}"})
    return home


@pytest.fixture(name="home")
def a_copy_of_it(lived_in: Path, tmp_path: Path) -> Path:
    """A copy of that workspace, to erase the person from."""
    return Path(shutil.copytree(lived_in, tmp_path / "home"))


def report(folder: Path, *, page: str, **columns: list[Any]) -> None:
    """Write a report's folder as a run leaves it."""
    (folder / "tables").mkdir(parents=True)
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "run.json").write_text(json.dumps({"notebook": "customers"}), encoding="utf-8")
    overrides = {"customer_id": pl.Int32} if "customer_id" in columns else {}
    table = pl.DataFrame(columns, schema_overrides=overrides)
    table.write_parquet(folder / "tables" / "who.parquet")


def contents(home: Path) -> Iterator[tuple[str, str]]:
    """Yield every file's name and all that stands in it, Parquet decoded."""
    for path in sorted(home.rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".parquet":
                text += pl.read_parquet(path).write_csv()
            yield str(path.relative_to(home)), text


def naming(home: Path) -> list[str]:
    """Return the files that hold the person's card, e-mail, telephone or name."""
    words = (ANN, MAIL, PHONE, "Annabel", "ann.oneil")
    return [name for name, text in contents(home) if any(word in text for word in words)]


def test_a_person_leaves_every_file_of_the_workspace(home: Path) -> None:
    """Before, tables, logs and reports hold the person; after, no byte of any file does."""
    assert len(naming(home)) > 10
    forget(home)
    assert naming(home) == []
    for path in home.rglob("*.parquet"):
        frame = pl.read_parquet(path, hive_partitioning=False)
        assert "customer_id" not in frame.columns or 4 not in frame["customer_id"]


def test_the_money_stays_as_sales_without_a_card(home: Path) -> None:
    """63.00 in 16 lines as before; of four customers three are left, with what they bought."""
    before = extent(open_shop(home)).select("lines", "baskets", "sales").row(0)
    kept = per_customer(home)
    forget(home)
    shop = open_shop(home)
    assert extent(shop).select("lines", "baskets", "sales").row(0) == before
    assert before[0::2] == (16, Decimal("63.00"))
    after = per_customer(home)
    assert (kept.pop(None), kept.pop(4)) == ((2, 350), (7, 1650))
    assert after.pop(None) == (9, 2000)
    assert after == kept


def per_customer(home: Path) -> dict[int | None, tuple[int, int]]:
    """Return lines and cents by customer."""
    lines: pl.DataFrame = open_shop(home).lines.collect("polars").to_native()
    counted = lines.group_by("customer_id").agg(pl.len(), pl.col("sales").cast(pl.Int64).sum())
    return {who: (count, sales) for who, count, sales in counted.iter_rows()}


def test_the_lake_keeps_its_order(home: Path) -> None:
    """Lines are sorted by card, day and basket, and their baskets are those of the other table."""
    forget(home)
    shop = open_shop(home)
    lines = pl.DataFrame(shop.lines.collect("polars").to_native())
    for month in lines.partition_by("month"):
        order = month.select("customer_id", "day", "basket_id", "product_id")
        assert order.equals(order.sort(pl.all(), nulls_last=True))
    baskets = pl.DataFrame(shop.table("baskets").collect("polars").to_native())
    assert set(baskets["basket_id"]) == set(lines["basket_id"])
    assert baskets.filter(pl.col("customer_id").is_null()).height == 7


def test_others_keep_their_rows(home: Path) -> None:
    """The other customer's consent, message and event are there, as they were."""
    forget(home)
    shop = open_shop(home)
    tables = ("people", "consents", "contacts", "web_events", "attributes")
    assert {name: len(shop.table(name).collect("polars")) for name in tables} == {
        **dict.fromkeys(("people", "consents", "contacts", "web_events"), 1),
        "attributes": 0,
    }
    assert consents_of(shop).row(0) == ("marketing", 3, 1, 0, 1, 0, 2)


def test_the_receipt_says_what_was_removed_and_names_nobody(home: Path) -> None:
    """Tables with rows, files, sales before and after, and what is out of reach."""
    receipt = forget(home)
    assert receipt.path.read_text(encoding="utf-8") == receipt.text
    assert receipt.path.parent == home / "erasures"
    assert str(receipt).startswith(receipt.text)
    for line in (
        "Retailer: Corner shop",
        "Data: v3; no longer there: v1, v2",
        *("- customers: 1", "- people: 1", "- consents: 1", "- contacts: 1", "- attributes: 1"),
        "- web_events: 1",
        "- quarantine (value): 2",
        "Receipts that stay as sales without a card: 7 lines in 5 baskets",
        "Sales before and after: 63.00 EUR",
        "Entries of the journal removed (alerts, groups of campaigns, what was sent): 1",
        *("- reports/customers", "- reports/letters", "- packs/demo/index.html"),
        *("- reports/cards", "- segments/regulars.parquet", "- segments/tiers.csv", "- serve.log"),
        *("- people.csv", "- receipts.csv"),
    ):
        assert line in receipt.text.splitlines(), line
    assert "packs/demo/totals" not in receipt.text


def test_the_journal_knows_the_person_no_more(home: Path) -> None:
    """What happened to others stays written down."""
    forget(home)
    assert NOTES.read(home).rows() == [("12", "no visit of 12")]


def test_files_lose_the_lines_of_the_person_only(home: Path) -> None:
    """The own segmentation keeps the other customer, the log its other lines."""
    forget(home)
    tiers = home / "segments" / "tiers.csv"
    assert tiers.read_text(encoding="utf-8") == "customer,segment\n12,Silver\n"
    assert pl.read_parquet(home / "segments" / "regulars.parquet").rows() == [("12",)]
    assert (home / "serve.log").read_text(encoding="utf-8") == "started\nstopped\n"
    assert (home / "packs" / "demo" / "totals" / "report.html").exists()


def test_ids_that_a_list_holds_as_numbers_are_found(home: Path) -> None:
    """An own segmentation may be a Parquet file with numbers for ids."""
    path = home / "segments" / "numbers.parquet"
    pl.DataFrame({"customer": [12, 31], "segment": ["Gold", "Silver"]}).write_parquet(path)
    forget(home, "12")
    assert pl.read_parquet(path).rows() == [(31, "Silver")]


def test_a_former_address_names_the_person_too(tmp_path: Path) -> None:
    """The newest data has another e-mail address than the log; both are the person's."""
    home, folder = tmp_path / "home", tmp_path / "delivery"
    deliver(folder, home)
    people = PEOPLE.replace(MAIL, "annabel@example.org")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    ingest([folder], Mapping.read(folder / "mapping.yaml"), home, progress=quiet)
    log = f"sent to {MAIL}\nsent to annabel@example.org\nsent to b@example.org\n"
    (home / "send.log").write_text(log, encoding="utf-8")
    forget(home)
    assert (home / "send.log").read_text(encoding="utf-8") == "sent to b@example.org\n"


def test_the_retailer_s_own_files_are_left_and_told(tmp_path: Path) -> None:
    """A delivery inside the workspace is not touched, whatever it names."""
    home = tmp_path / "home"
    deliver(home / "delivery", home)
    receipt = forget(home)
    assert (home / "delivery" / "people.csv").read_text(encoding="utf-8") == PEOPLE
    assert "- delivery/people.csv" in receipt.text.splitlines()


def test_a_file_that_is_only_called_like_a_record_makes_no_report(home: Path) -> None:
    """What lies beside it is looked at file by file: the plan stays, the list is told."""
    delivery = home / "delivery"
    delivery.mkdir()
    (delivery / "run.json").write_text('{"exported": 1}', encoding="utf-8")
    (delivery / "plan.txt").write_text("no name", encoding="utf-8")
    (delivery / "list.csv").write_text(f"card\n{ANN}\n", encoding="utf-8")
    receipt = forget(home)
    names = sorted(path.name for path in delivery.iterdir())
    assert names == ["list.csv", "plan.txt", "run.json"]
    assert "- delivery/list.csv" in receipt.text.splitlines()


def test_older_editions_are_gone(home: Path) -> None:
    """Nobody can look the person up in the data of yesterday; that of today is sealed."""
    forget(home)
    lake = Lake(home)
    assert lake.numbers() == [3]
    assert seals.broken(lake, lake.edition()) == []
    editions = sorted(path.name for path in (home / "lake" / "editions").iterdir())
    assert editions == ["000003.json", "000003.sha256"]
    folders = sorted(path.name for path in (home / "lake").iterdir() if path.is_dir())
    assert folders == ["corner-shop-3", "editions"]


def test_one_person_after_another_can_be_erased(home: Path) -> None:
    """Each takes one edition; the catalogue and the sales stay readable."""
    forget(home)
    forget(home, "12")
    shop = open_shop(home)
    assert shop.version == "v4"
    assert extent(shop).select("customers", "sales").row(0) == (2, Decimal("63.00"))
    assert len(shop.products.collect("polars")) == 4
    assert erased(home) == set(hashed(pl.Series([ANN, "12"]), workspace_key(home), shop.retailer))


def test_an_unknown_id_is_nobody(home: Path) -> None:
    """Nothing is done for an id that nobody has, such as 0012 where there is a 12."""
    with pytest.raises(Nobody, match="nobody of the id '0012' in the data of Corner shop"):
        forget(home, "0012")
    assert Lake(home).numbers() == [1, 2]


def test_a_second_erasure_finds_nobody(home: Path) -> None:
    """The first receipt stays as it was."""
    receipt = forget(home)
    with pytest.raises(Nobody):
        forget(home)
    assert receipt.path.read_text(encoding="utf-8") == receipt.text


def test_the_memory_of_the_erased_names_nobody(home: Path) -> None:
    """What is kept is a keyed hash that only this workspace can make again."""
    forget(home)
    key, ids = workspace_key(home), pl.Series([ANN, "12"])
    theirs, other = hashed(ids, key, "Corner shop")
    assert erased(home) == {theirs}
    assert other not in erased(home)
    assert hashed(ids, b"another key", "Corner shop")[0] != theirs
    assert hashed(ids, key, "Another shop")[0] != theirs
    assert stat.S_IMODE((home / "private").stat().st_mode) == 0o700


def test_a_later_delivery_brings_nobody_back(home: Path) -> None:
    """The door knows the id again: lines lose their card, other rows are left out."""
    forget(home)
    rows = pl.LazyFrame({"customer": [ANN, "12", None], "sales": [100, 200, 300]})
    assert gone(home, "Corner shop", [rows]) == [ANN]
    assert gone(home, "Another shop", [rows]) == []
    assert without(rows, "lines", [ANN]).collect().rows() == [
        *((None, 100), ("12", 200), (None, 300)),
    ]
    assert counted([rows, rows, pl.LazyFrame({"store": ["N"]})], [ANN]) == 2
    assert without(rows, "contacts", [ANN]).collect().rows() == [("12", 200), (None, 300)]


def test_loading_the_same_files_again_brings_nobody_back(home: Path, tmp_path: Path) -> None:
    """The files that named the person come again with one receipt more: no byte names them."""
    forget(home)
    more = MORE + f"14,{ANN},wine,N,2026-02-28 12:00:00,1,8.00,0.00\n"
    edition = deliver(tmp_path / "delivery", home, receipts=more)
    assert edition.version == "v4"
    assert naming(home) == []
    shop = open_shop(home)
    assert extent(shop).select("customers", "sales").row(0) == (3, Decimal("71.00"))
    assert len(shop.table("people").collect("polars")) == 1
    findings: pl.DataFrame = shop.table("findings").collect("polars").to_native()
    told = findings.filter(pl.col("finding") == "rows of customers who were erased")
    assert dict(told.select("table", "rows").iter_rows())["lines"] == 8


def test_a_later_load_gives_what_the_person_bought_to_nobody(tmp_path: Path) -> None:
    """Two cards on one receipt: when all months are laid out again, 12 does not get 0012's part."""
    receipts = corner.RECEIPTS + "1,12,wine,N,2026-01-05 09:00:00,1,8.00,0.00\n"
    ingested(tmp_path, receipts=receipts)
    forget(tmp_path, "0012")
    before = per_customer(tmp_path)
    mapping = corner.MAPPING.replace("default: 0.5", "default: 0.25")
    assert ingested(tmp_path, receipts=receipts, mapping=mapping).version == "v3"
    assert per_customer(tmp_path) == before
    assert before[2] == (4, 1600)


def test_rows_of_the_erased_are_not_taken_for_ids_delivered_twice(tmp_path: Path) -> None:
    """The cards come again with the person among them, and each of the others once."""
    table = "  customers:\n    file: cards.csv\n    columns: {customer: card, age: age}\n"
    cards, mapping = "card,age\n0012,30-39\n31,20-29\n", corner.MAPPING + table
    ingested(tmp_path, mapping=mapping, cards=cards)
    forget(tmp_path, "0012")
    ingested(tmp_path, mapping=mapping, cards=f"{cards}40,30-39\n")
    findings: pl.DataFrame = open_shop(tmp_path).table("findings").collect("polars").to_native()
    merged = findings.filter(table="customers", finding="rows merged with one of the same key")
    assert merged.select("rows", "of_rows").rows() == [(0, 3)]


def test_a_later_quarantine_does_not_show_the_person(home: Path) -> None:
    """A line that cannot be read is not kept as text if a word in it names somebody erased."""
    forget(home)
    texts = pl.Series("value", [f"1;{ANN};x", f'{{"to": "{MAIL.upper()}"}}', "12;x", None])
    assert unnamed(home, "Corner shop", texts).to_list() == [None, None, "12;x", None]


def test_without_an_erasure_nothing_is_looked_for(tmp_path: Path) -> None:
    """A workspace that erased nobody has no memory, and needs no key."""
    rows = pl.LazyFrame({"customer": [ANN]})
    assert gone(tmp_path, "Corner shop", [rows]) == []
    assert counted([rows], []) == 0
    assert erased(tmp_path) == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_of_several_retailers_only_the_one_that_is_meant_forgets(tmp_path: Path) -> None:
    """The same card number at two retailers is two persons; it has to be said which."""
    home = tmp_path / "home"
    deliver(tmp_path / "one", home)
    other = MAPPING.replace("retailer: Corner shop", "retailer: Station shop")
    folder = tmp_path / "two"
    deliver(folder, tmp_path / "elsewhere")
    (folder / "mapping.yaml").write_text(other, encoding="utf-8")
    ingest([folder], Mapping.read(folder / "mapping.yaml"), home, progress=quiet)
    with pytest.raises(ValueError, match="is known to Corner shop, Station shop; say which"):
        forget(home)
    erase(home, ANN, retailer="Corner shop", progress=quiet)
    lake = Lake(home)
    cards = {
        name: set(lake.scan(lake.edition(retailer=name), "customers").collect()["customer"])
        for name in ("Corner shop", "Station shop")
    }
    assert cards == {
        "Corner shop": {"12", "31", "40"},
        "Station shop": {"12", "31", "40", ANN},
    }


KILLED = """
import os, signal, sys
from pathlib import Path
from workbench.data.lake import Lake
from workbench.door import erase

home, place = Path(sys.argv[1]), sys.argv[2]

def say(text):
    if text == place:
        os.kill(os.getpid(), signal.SIGKILL)

forget = Lake.forget
def killed(lake, edition):
    say("forgetting")
    forget(lake, edition)

Lake.forget = killed
erase.erase(home, sys.argv[3], progress=say)
"""


@pytest.mark.parametrize(
    ("place", "numbers"),
    [
        ("looking through reports and logs", [1, 2]),
        ("writing contacts", [1, 2]),
        ("writing receipts of 202602", [1, 2]),
        ("forgetting", [1, 2, 3]),
    ],
)
def test_an_erasure_that_is_killed_leaves_a_readable_lake_and_can_be_finished(
    home: Path, place: str, numbers: list[int]
) -> None:
    """After kill -9 the sales are what they were; the next call ends what was begun."""
    command = [sys.executable, "-c", KILLED, str(home), place, ANN]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert Lake(home).numbers() == numbers
    assert extent(open_shop(home))["sales"].item() == Decimal("63.00")
    receipt = forget(home)
    assert "Sales before and after: 63.00 EUR" in receipt.text
    assert naming(home) == []
    assert len(Lake(home).numbers()) == 1
    assert list((home / "erasures").iterdir()) == [receipt.path]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("0012", True),
        ("card 0012, Gold", True),
        ("10012", False),
        ("0012a", False),
        ("Ann", True),
        ("Anna", False),
        ("o&#x27;neil@example.org", True),
        ("o%27neil%40example.org", True),
        ("O'NEIL@EXAMPLE.ORG", True),
    ],
)
def test_a_person_is_found_by_whole_words_however_they_are_escaped(text: str, named: bool) -> None:  # noqa: FBT001 - a column of the table above
    """In text, in a page, in a link; part of another word is somebody else."""
    person = Person("0012", 1, ("o'neil@example.org", "Ann"))
    assert person.named_in(text) == named
