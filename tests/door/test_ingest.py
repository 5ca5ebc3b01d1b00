"""Loads: whole or absent, once for the same files, and never under a reader's feet."""

import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from shops import ingested as deliver
from shops import quiet, till

from workbench.data import Shop, open_shop
from workbench.data.lake import Edition, Lake
from workbench.door import corner
from workbench.door.delivery import DeliveryError
from workbench.door.draft import Draft
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping, MappingError
from workbench.measures import extent

MORE = corner.RECEIPTS + "13,0001,bread,N,2026-02-28 11:00:00,1,2.00,0.00\n"


def sales(shop: Shop) -> Decimal:
    """Return a shop's sales."""
    return extent(shop)["sales"].item()


def found(shop: Shop, table: str, finding: str) -> tuple[int, int]:
    """Return a finding of the door: how many rows, of how many."""
    findings = shop.table("findings").collect("polars").to_native()
    row = findings.filter(pl.col("table") == table, pl.col("finding") == finding)
    return row.select("rows", "of_rows").row(0)


def versions(home: Path) -> dict[str, int]:
    """Return the newest Delta version of every table in a lake."""
    logs = (home / "lake").glob("*/*/_delta_log")
    return {log.parent.name: DeltaTable(log.parent).version() for log in logs}


def test_the_same_files_a_second_time_change_nothing(tmp_path: Path) -> None:
    """Same edition, same Delta versions, no new file."""
    first = deliver(tmp_path)
    before = versions(tmp_path)
    assert deliver(tmp_path) == first
    assert versions(tmp_path) == before
    assert Lake(tmp_path).numbers() == [1]


def test_changed_files_make_a_new_edition(tmp_path: Path) -> None:
    """A receipt more is a new version of the data with its sales."""
    deliver(tmp_path)
    edition = deliver(tmp_path, receipts=MORE)
    assert edition.version == "v2"
    assert sales(open_shop(tmp_path)) == Decimal("63.00")


def test_a_changed_mapping_makes_a_new_edition(tmp_path: Path) -> None:
    """What the same files mean is part of the delivery."""
    deliver(tmp_path)
    mapping = corner.MAPPING.replace("Corner shop", "Corner shop and sons")
    assert deliver(tmp_path, mapping=mapping).number == 2
    assert open_shop(tmp_path).retailer == "Corner shop and sons"


def test_files_that_come_back_change_nothing(tmp_path: Path) -> None:
    """The ledger knows the older file by its content: what came after it stays."""
    deliver(tmp_path)
    deliver(tmp_path, receipts=MORE)
    assert deliver(tmp_path).number == 2
    assert sales(open_shop(tmp_path)) == Decimal("63.00")


def test_an_older_edition_stays_readable_with_its_figures(tmp_path: Path) -> None:
    """A report can be repeated on the data of its day."""
    deliver(tmp_path)
    deliver(tmp_path, receipts=MORE)
    assert sales(open_shop(tmp_path, "v1")) == Decimal("61.00")
    assert sales(open_shop(tmp_path, "v2")) == Decimal("63.00")


def test_a_shop_that_is_open_does_not_see_what_comes_later(tmp_path: Path) -> None:
    """A run shows one version from its first to its last table."""
    deliver(tmp_path)
    shop = open_shop(tmp_path)
    deliver(tmp_path, receipts=MORE)
    assert shop.version == "v1"
    assert sales(shop) == Decimal("61.00")


def test_a_load_that_ends_before_it_is_published_leaves_the_old_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written but not published is not seen, and the next load succeeds."""
    deliver(tmp_path)

    def cut_off(_: Lake, __: Edition) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "publish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            deliver(tmp_path, receipts=MORE)
    assert Lake(tmp_path).numbers() == [1]
    assert sales(open_shop(tmp_path)) == Decimal("61.00")
    assert deliver(tmp_path, receipts=MORE).number == 2
    assert sales(open_shop(tmp_path)) == Decimal("63.00")


def test_whichever_write_fails_the_old_edition_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first, second, third ... write fails, until a load gets through: 63.00 or 61.00 only."""
    deliver(tmp_path)
    real, calls = Draft._write, iter(())

    def failing(draft: Draft, table: str, rows: pl.DataFrame, **how: object) -> None:
        if next(calls):
            raise OSError("no space left on device")
        real(draft, table, rows, **how)

    monkeypatch.setattr(Draft, "_write", failing)
    for failures in range(100):
        calls = (number == failures for number in range(1000))
        try:
            deliver(tmp_path, receipts=MORE)
            break
        except OSError:
            assert sales(open_shop(tmp_path)) == Decimal("61.00")
    assert failures > 5
    assert sales(open_shop(tmp_path)) == Decimal("63.00")


KILLED = """
import os, signal, sys
from pathlib import Path
from workbench.door.draft import Draft
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping

def say(text):
    if text == "writing receipts of 202602":
        os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
folder = home / "delivery"
ingest([folder], Mapping.read(folder / "mapping.yaml"), home, progress=say)
"""


def test_a_load_that_is_killed_leaves_the_old_edition_and_no_lock(tmp_path: Path) -> None:
    """After kill -9 in the middle of the receipts the old figures stand and a load works."""
    deliver(tmp_path)
    corner.deliver(tmp_path / "delivery", receipts=MORE)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert sales(open_shop(tmp_path)) == Decimal("61.00")
    assert deliver(tmp_path, receipts=MORE).number == 2
    assert sales(open_shop(tmp_path)) == Decimal("63.00")


def test_a_writer_waits_for_the_one_before(tmp_path: Path) -> None:
    """While the lake is being written a second load neither fails nor starts."""
    writer = threading.Thread(target=deliver, args=(tmp_path,))
    with Lake(tmp_path).writing():
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()
        assert Lake(tmp_path).numbers() == []
    writer.join(60)
    assert Lake(tmp_path).numbers() == [1]


def test_two_loads_at_once_both_land(tmp_path: Path) -> None:
    """One after the other: the second adds to what the first brought."""
    homes = {"a": till("ann 2026-01-05 bread 1.00"), "b": till("bob 2026-01-06 bread 2.00")}
    mappings = [corner.deliver(tmp_path / name, receipts=text) for name, text in homes.items()]
    writers = [
        threading.Thread(
            target=ingest,
            args=([mapping.parent], Mapping.read(mapping), tmp_path / "home"),
            kwargs={"progress": quiet},
        )
        for mapping in mappings
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    first, both = (sales(open_shop(tmp_path / "home", version)) for version in ("v1", "v2"))
    assert first in {Decimal("1.00"), Decimal("2.00")}
    assert both == Decimal("3.00")


def test_known_customers_keep_their_number_when_new_ones_sort_before_them(tmp_path: Path) -> None:
    """Surrogates are given once: 0001 comes later, and gets the next number."""
    deliver(tmp_path)
    deliver(tmp_path, receipts=MORE)
    customers = open_shop(tmp_path).customers.collect("polars").to_native()
    assert sorted(customers.select("customer_id", "customer").rows()) == [
        (1, "0012"),
        (2, "12"),
        (3, "31"),
        (4, "40"),
        (5, "0001"),
    ]


def test_a_load_leaves_no_temporary_files(tmp_path: Path) -> None:
    """What passes through parts on its way is gone afterwards."""
    deliver(tmp_path)
    assert list((tmp_path / "lake").glob(".*-*")) == []


def test_lines_with_the_same_receipt_and_product_are_merged_and_counted(tmp_path: Path) -> None:
    """The till wrote bread twice on one receipt: one row with both amounts, and a finding."""
    twice = corner.RECEIPTS + "12,,milk,S,2026-03-01 12:00:00,1,1.50,0.00\n"
    deliver(tmp_path, receipts=twice)
    shop = open_shop(tmp_path)
    assert extent(shop)["lines"].item() == 15
    assert sales(shop) == Decimal("62.50")
    assert found(shop, "lines", "rows merged with one of the same key") == (1, 16)


@pytest.mark.parametrize(("cards", "known"), [([12.0, None], ["12"]), ([12.5, None], None)])
def test_cards_that_became_floats_where_some_are_missing_are_the_cards_they_were(
    tmp_path: Path, cards: list[float | None], known: list[str] | None
) -> None:
    """12.0 in a Parquet file is card 12; half a card is no card, and refuses the file."""
    rows = pl.read_csv(corner.RECEIPTS.encode()).head(2).with_columns(card=pl.Series(cards))
    mapping = corner.deliver(
        tmp_path / "till", mapping=corner.MAPPING.replace("receipts.csv", "receipts.parquet")
    )
    rows.write_parquet(mapping.parent / "receipts.parquet")
    if known is None:
        with pytest.raises(DeliveryError, match=r"'12.5' is not readable as customer"):
            ingest([mapping.parent], Mapping.read(mapping), tmp_path, progress=quiet)
    else:
        ingest([mapping.parent], Mapping.read(mapping), tmp_path, progress=quiet)
        customers = open_shop(tmp_path).customers.collect("polars")
        assert customers["customer"].to_list() == known


def test_a_last_day_before_the_first_is_refused_by_its_name(tmp_path: Path) -> None:
    """The year is mistyped in the mapping, and nothing is published."""
    mapping = corner.MAPPING.replace("last_day: 2026-03-01", "last_day: 2016-03-01")
    with pytest.raises(MappingError, match="last_day 2016-03-01 is before 2026-01-05, the first"):
        deliver(tmp_path, mapping=mapping)
    assert Lake(tmp_path).numbers() == []


CATALOGUE_TWICE = "item,group,shelf\nbread,Food,Bakery\nbread,Drinks,Wine\n"


def test_a_product_described_twice_is_kept_once_and_counted(tmp_path: Path) -> None:
    """The first description stands, and the findings tell that there was another."""
    mapping = corner.MAPPING.replace("catalogue.csv", "twice.csv")
    deliver(tmp_path, mapping=mapping, twice=CATALOGUE_TWICE)
    shop = open_shop(tmp_path)
    products = shop.products.collect("polars").to_native()
    bread = products.filter(pl.col("product") == "bread")
    assert bread["department"].to_list() == ["Food"]
    assert found(shop, "products", "rows merged with one of the same key") == (1, 2)


def test_an_edition_that_was_not_named_yet_is_not_seen(tmp_path: Path) -> None:
    """What a writer left aside is no edition."""
    deliver(tmp_path)
    (tmp_path / "lake" / "editions" / "000002.tmp").write_text("{half an edi")
    assert open_shop(tmp_path).version == "v1"
    assert deliver(tmp_path, receipts=MORE).number == 2


def test_a_receipt_number_used_again_elsewhere_is_another_basket(tmp_path: Path) -> None:
    """Tills start from 1 in each store and every day: store, day and number make a receipt."""
    elsewhere = "1,,bread,S,2026-01-05 09:00:00,1,2.00,0.00\n"
    tomorrow = "1,,bread,N,2026-01-06 09:00:00,1,2.00,0.00\n"
    deliver(tmp_path, receipts=corner.RECEIPTS + elsewhere + tomorrow)
    assert extent(open_shop(tmp_path))["baskets"].item() == 13


def test_cents_are_read_exactly(tmp_path: Path) -> None:
    """A thousand times 0.29 is 290.00, which floats would miss."""
    sold = [f"ann 2026-01-{5 + n % 20:02d} bread 0.29" for n in range(1000)]
    deliver(tmp_path, receipts=till(*sold))
    assert sales(open_shop(tmp_path)) == Decimal("290.00")


def test_tables_that_are_not_delivered_again_stay(tmp_path: Path) -> None:
    """Next month's receipts come without a catalogue: the departments are those of before."""
    deliver(tmp_path)
    deliver(tmp_path, mapping=corner.MAPPING.partition("  products:")[0])
    products = open_shop(tmp_path).products.collect("polars").to_native().sort("product")
    assert products["department"].to_list() == ["Food", None, "Food", "Drinks"]


def test_another_retailer_takes_nothing_over(tmp_path: Path) -> None:
    """A shop of another name has its own products and customers, numbered from one."""
    deliver(tmp_path)
    other = corner.MAPPING.replace("Corner shop", "Other shop").partition("  products:")[0]
    deliver(tmp_path, mapping=other)
    shop = open_shop(tmp_path)
    products = shop.products.collect("polars").to_native()
    assert (shop.version, products["department"].null_count()) == ("v2", 4)


@pytest.mark.parametrize("astray", ["1970-01-01", "2062-02-23"])
def test_a_receipt_dated_astray_does_not_move_the_days_of_the_data(
    tmp_path: Path, astray: str
) -> None:
    """A clock that was not set, a year mistyped: kept, noted, and left out of the analyses."""
    sold = [f"ann 2026-01-{5 + n % 20:02d} bread 0.29" for n in range(200)]
    mapping = corner.MAPPING.replace("last_day: 2026-03-01\n", "")
    edition = deliver(tmp_path, receipts=till(*sold, f"ann {astray} bread 7.00"), mapping=mapping)
    assert (str(edition.first_day), str(edition.last_day)) == ("2026-01-05", "2026-01-24")
    shop = open_shop(tmp_path)
    assert sales(shop) == Decimal("58.00")
    side = "before the first day" if astray < "2026" else "after the last complete day"
    assert found(shop, "lines", f"rows {side}") == (1, 201)


def test_seasons_years_apart_are_all_the_days_of_the_data(tmp_path: Path) -> None:
    """A shop that sold much in 2024 and again in 2026 has both."""
    mapping = corner.MAPPING.replace("last_day: 2026-03-01\n", "")
    sold = ["ann 2024-01-05 bread 0.29", "ann 2026-01-05 bread 0.29"]
    edition = deliver(tmp_path, receipts=till(*sold), mapping=mapping)
    assert (str(edition.first_day), str(edition.last_day)) == ("2024-01-05", "2026-01-05")
