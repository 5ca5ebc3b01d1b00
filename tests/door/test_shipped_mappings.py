"""The mappings that ship as examples load the exports that they are for, to the cent."""

import json
from datetime import date
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shops import quiet

from workbench.data import Shop, open_shop
from workbench.data.privacy import consented, consents_of
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.measures import extent

ONLINE = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom
536366,85123A,WHITE HANGING HEART,1,2010-12-01 08:28:00,2.55,,United Kingdom
536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.00,12583,France
C536379,85123A,WHITE HANGING HEART,-1,2010-12-01 09:41:00,2.55,17850,United Kingdom
C536380,D,Discount,-1,2010-12-01 09:49:00,27.50,14527,United Kingdom
536381,22139,RETRO TEA SET,10,2010-12-02 09:00:00,4.95,15311,United Kingdom
"""
RECEIPTS = """\
receipt,customer,product,store,time,quantity,amount
1,0012,bread,N,2026-01-05 09:00:00,1,2.00
2,,milk,N,2026-01-06 09:00:00,1,1.50
3,31,wine,N,2026-02-02 23:30:00,2,16.00
"""
ANN = {
    "id": "0012",
    "traits": {
        "first_name": "Ann",
        "email": "ann@example.org",
        "phone": "+33 1 99 00 00 00",
        "birthday": "1980-05-17",
        "age": "40-49",
        "household_size": 2,
    },
    "consents": [
        {
            "purpose": "marketing",
            "granted": True,
            "since": "2025-03-01",
            "until": None,
            "source": "web form",
        },
        {
            "purpose": "marketing",
            "granted": False,
            "since": "2026-01-20",
            "until": None,
            "source": "hotline",
        },
    ],
    "messages": [
        {
            "channel": "email",
            "subject": "newsletter",
            "sent": "2026-01-10",
            "opened": "2026-01-11",
            "clicked": None,
        }
    ],
    "answers": [
        {"question": "would recommend", "answer": 9, "source": "survey", "day": "2026-01-20"}
    ],
}
BOB = {"id": "77", "traits": {"first_name": "Bob", "email": None}, "consents": []}
EVENTS = [
    {
        "profile": "0012",
        "at": "2026-01-31T23:30:00Z",
        "event": "view",
        "product": "wine",
        "seconds": 30,
    }
]


def load(home: Path, mapping: str, **contents: str) -> Shop:
    """Load literal files with a shipped mapping; `online__csv` is the file online.csv."""
    folder = home / "delivery"
    folder.mkdir()
    for name, text in contents.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    with as_file(files("workbench.door") / "mappings" / f"{mapping}.yaml") as path:
        ingest([folder], Mapping.read(path), home, progress=quiet)
    return open_shop(home)


def whole(shop: Shop, table: str) -> pl.DataFrame:
    """Return a table as a Polars frame."""
    frame: pl.DataFrame = shop.table(table).collect("polars").to_native()
    return frame


def jsonl(*records: dict[str, Any]) -> str:
    """Return records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture(name="online", scope="module")
def web_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The web shop: seven lines in six invoices, two of them cancellations."""
    return load(tmp_path_factory.mktemp("web"), "webshop", online__csv=ONLINE)


@pytest.fixture(name="platform", scope="module")
def platform_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two profiles of a customer-data platform, one of them without a receipt."""
    return load(
        tmp_path_factory.mktemp("platform"),
        "cdp",
        receipts__csv=RECEIPTS,
        profiles__jsonl=jsonl(ANN, BOB),
        events__jsonl=jsonl(*EVENTS),
    )


def test_a_web_shop_s_sales_are_price_times_pieces(online: Shop) -> None:
    """15.30 + 20.34 + 2.55 + 54.00 - 2.55 - 27.50 + 49.50, the repeated row once."""
    found = extent(online).row(0, named=True)
    assert found["sales"] == Decimal("111.64")
    assert found["lines"] == 7
    assert (str(online.first_day), str(online.last_day)) == ("2010-12-01", "2010-12-02")


def test_cancellations_take_off_and_are_no_baskets(online: Shop) -> None:
    """Of six invoices four are baskets; the other two bring things back."""
    lines = whole(online, "lines")
    assert lines["new_basket"].sum() == 4
    assert lines.filter(pl.col("sales") < 0)["sales"].sort().to_list() == [-2750, -255]


def test_lines_without_a_customer_stay(online: Shop) -> None:
    """The sale of 2.55 to nobody known is there, without a card."""
    assert whole(online, "lines").filter(pl.col("customer_id").is_null())["sales"].to_list() == [
        255
    ]


def test_postage_and_corrections_are_no_merchandise(online: Shop) -> None:
    """POST and D are takings, but are left out where things are counted."""
    products = whole(online, "products")
    assert products.filter(~pl.col("merchandise"))["product"].sort().to_list() == ["D", "POST"]
    assert products.filter(pl.col("merchandise")).height == 3


def test_the_web_shop_is_one_store_on_the_web(online: Shop) -> None:
    """Its channel is web."""
    assert whole(online, "stores").select("store", "channel", "currency").rows() == [
        ("web", "web", "GBP"),
    ]


def test_a_platform_s_profiles_are_customers_and_people(platform: Shop) -> None:
    """Traits go where they belong, ids as they came; whoever has a receipt only is there too."""
    customers = whole(platform, "customers").select("customer", "age", "household_size")
    assert sorted(customers.rows()) == [
        ("0012", "40-49", "2"),
        ("31", None, None),
        ("77", None, None),
    ]
    people = whole(platform, "people").drop("customer_id")
    assert sorted(people.rows()) == [
        ("Ann", "ann@example.org", "+33 1 99 00 00 00", date(1980, 5, 17)),
        ("Bob", None, None, None),
    ]


def test_a_platform_s_consents_are_a_history(platform: Shop) -> None:
    """A yes until the no that follows it."""
    before = consented(platform, "marketing", date(2026, 1, 19)).collect("polars")
    after = consented(platform, "marketing", date(2026, 1, 20)).collect("polars")
    assert (len(before), len(after)) == (1, 0)
    assert consents_of(platform).row(0) == ("marketing", 3, 1, 0, 0, 1, 2)


def test_a_platform_s_messages_answers_and_events_arrive(platform: Shop) -> None:
    """An event of 23:30 in Greenwich is one of the next day in Paris."""
    contacts = whole(platform, "contacts").select("channel", "subject", "sent", "opened", "clicked")
    assert contacts.rows() == [
        ("email", "newsletter", date(2026, 1, 10), date(2026, 1, 11), None),
    ]
    answers = whole(platform, "attributes").select("attribute", "value", "source", "since")
    assert answers.rows() == [("would recommend", "9", "survey", date(2026, 1, 20))]
    events = whole(platform, "web_events").select("day", "minute", "event", "seconds")
    assert events.rows() == [(date(2026, 2, 1), 30, "view", 30)]


def test_a_platform_s_receipts_keep_their_money(platform: Shop) -> None:
    """Two cards and one sale without: 19.50."""
    found = extent(platform).row(0, named=True)
    assert (found["lines"], found["sales"]) == (3, Decimal("19.50"))
