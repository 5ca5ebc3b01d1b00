"""Loads: the ledger of files, the quarantine and the restated days, as a page shows them."""

from dataclasses import replace
from decimal import Decimal

import narwhals as nw
import polars as pl
import pytest
from plain import Delivery, line

from workbench.data import Shop, open_shop
from workbench.measures import loads


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with one unreadable line, and a receipt that a second load changes."""
    home = tmp_path_factory.mktemp("loads")
    first = Delivery().sells(line("late", 40, sales="two"))
    first.load(home)
    first.sells(line("0-0", 0, sales="9.00", time="09:30")).load(home)
    return open_shop(home)


def test_files_are_listed_newest_load_first(shop: Shop) -> None:
    """Each file and table once for each load that took it in, with its rows."""
    lines = loads.files(shop).filter(table="lines")
    assert lines["data"].to_list() == ["v2", "v1"]
    assert lines.select("rows", "kept", "quarantined").row(1) == (1121, 1120, 1)


def test_refused_rows_are_summed_by_reason(shop: Shop) -> None:
    """File, column, reason, and where the first of them stands."""
    row = loads.quarantined(shop).filter(data="v1").row(0, named=True)
    assert (row["file"], row["table"], row["rows"]) == ("lines.csv", "lines", 1)
    assert (row["value"], row["first_line"]) == ("two", 2)


def test_a_shop_older_than_its_ledger_has_none(corner_shop: Shop) -> None:
    """Frames without rows, and a sentence instead of a fault."""
    made = ("files", "quarantine", "restated")
    old = replace(
        corner_shop, tables={k: v for k, v in corner_shop.tables.items() if k not in made}
    )
    found = (loads.files(old), loads.quarantined(old), loads.restated(old))
    assert [frame.height for frame in found] == [0, 0, 0]
    sentence = "No row is in quarantine. No stored day was changed by a later file."
    assert loads.say(found[1], found[2]) == sentence


def test_days_changed_later_are_told_in_money(shop: Shop) -> None:
    """Before, after and the difference, of the load that changed the day."""
    changed = loads.restated(shop)
    assert changed.filter(pl.col("sales_change") == 0).is_empty()
    assert changed["data"].unique().to_list() == ["v2"]
    assert "Days changed by a later file: 1." in loads.say(loads.quarantined(shop), changed)
    assert changed["sales_after"].item() - changed["sales_before"].item() == Decimal("9.00")


def test_a_row_whose_money_cannot_be_read_adds_none(shop: Shop) -> None:
    """Sales that are not known are unknown, not zero."""
    assert loads.quarantined(shop)["sales"].to_list() == [None, None]


def test_what_an_older_load_kept_of_a_person_is_not_shown(shop: Shop) -> None:
    """The value of the first row, where it was stored with a card's number in it."""
    stored = shop.tables["quarantine"].collect("polars").to_native()
    rows = pl.DataFrame(stored).with_columns(value=pl.lit("4111 1111 1111 1111"))
    old = replace(shop, tables={**shop.tables, "quarantine": nw.from_native(rows.lazy())})
    assert loads.quarantined(old)["value"].unique().to_list() == ["•••"]
