"""Faults of the store: kills, full disks and bit rot never make a bad lake."""

import multiprocessing
import os
import resource
import signal
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shops import ingested as deliver
from shops import quiet

from workbench.data import open_shop, seals
from workbench.data.lake import Lake
from workbench.door import corner
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.measures import extent

MORE = corner.RECEIPTS + "13,0001,bread,N,2026-02-28 11:00:00,1,2.00,0.00\n"
OLD, NEW = Decimal("61.00"), Decimal("63.00")
KILLS = 30


def sales(home: Path) -> Decimal:
    """Return the sales of the newest edition."""
    return extent(open_shop(home))["sales"].item()


def load(home: Path) -> None:
    """Load the corner shop's second delivery, in a process that may be killed."""
    folder = home / "delivery"
    ingest([folder], Mapping.read(folder / "mapping.yaml"), home, progress=quiet)


def load_on_a_full_disk(home: Path, most: int) -> None:
    """Load it where no file can grow beyond some bytes; leave with 3 if it says so in words."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        load(home)
    except OSError as error:
        os._exit(3 if "make room" in str(error) else 4)


def test_kills_at_random_never_make_a_bad_lake(tmp_path: Path) -> None:
    """Thirty times kill -9 in a load: the old figures or the new, and in the end a good load."""
    deliver(tmp_path)
    corner.deliver(tmp_path / "delivery", receipts=MORE)
    processes, chance = multiprocessing.get_context("forkserver"), np.random.default_rng(5)
    processes.set_forkserver_preload(["workbench.door.ingest", __name__])
    killed = 0
    for _ in range(KILLS):
        loader = processes.Process(target=load, args=(tmp_path,))
        loader.start()
        loader.join(chance.uniform(0.1, 0.7))
        loader.kill()
        loader.join()
        killed += loader.exitcode == -signal.SIGKILL
        assert sales(tmp_path) in {OLD, NEW}
        if sales(tmp_path) == NEW:
            Lake(tmp_path).forget(Lake(tmp_path).edition())
    assert killed >= KILLS // 2
    load(tmp_path)
    assert sales(tmp_path) == NEW
    lake = Lake(tmp_path)
    assert seals.broken(lake, lake.edition()) == []
    assert [*lake.folder.glob(".work-*"), *lake.folder.glob("*/.parts-*")] == []


@pytest.mark.parametrize("most", [100, 2_000, 6_000])
def test_a_full_disk_is_told_and_leaves_the_old_edition(tmp_path: Path, most: int) -> None:
    """Wherever the room ends, the message says what to do, and nothing has changed."""
    deliver(tmp_path)
    corner.deliver(tmp_path / "delivery", receipts=MORE)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["workbench.door.ingest", __name__])
    loader = processes.Process(target=load_on_a_full_disk, args=(tmp_path, most))
    loader.start()
    loader.join(60)
    assert loader.exitcode == 3
    assert sales(tmp_path) == OLD
    load(tmp_path)
    assert sales(tmp_path) == NEW


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    """Reading the checksums again names the file that is not what was written."""
    deliver(tmp_path)
    lake = Lake(tmp_path)
    assert seals.broken(lake, lake.edition()) == []
    path = next((lake.folder / "corner-shop" / "lines").rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    wrong = f"{path.relative_to(lake.folder)} is not what was written: its checksum differs"
    assert seals.broken(lake, lake.edition()) == [wrong]


def test_a_lost_file_is_found(tmp_path: Path) -> None:
    """A data file that is gone is named."""
    deliver(tmp_path)
    lake = Lake(tmp_path)
    path = next((lake.folder / "corner-shop" / "lines").rglob("*.parquet"))
    path.unlink()
    assert seals.broken(lake, lake.edition()) == [f"{path.relative_to(lake.folder)} is gone"]


def test_a_duplicated_customer_does_not_double_sales(tmp_path: Path) -> None:
    """A customer described twice is one customer, and his lines count once."""
    table = "  customers:\n    file: cards.csv\n    columns: {customer: card, age: age}\n"
    cards = "card,age\n0012,30-39\n0012,40-49\n31,20-29\n"
    deliver(tmp_path, mapping=corner.MAPPING + table, cards=cards)
    shop = open_shop(tmp_path)
    joined = shop.lines.join(shop.customers, on="customer_id", how="left")
    assert joined.to_native().select(pl.col("sales").cast(pl.Int64).sum()).collect().item() == 6100
    assert extent(shop)["customers"].item() == 4
