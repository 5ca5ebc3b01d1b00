"""Rows that cannot be read: set apart with file, line, value and reason, and nothing lost."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import HEADER, quiet

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.door.delivery import DeliveryError
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.measures import extent

HALF = corner.MAPPING.replace("    file: receipts.csv", "    file: receipts.csv\n    reject: 0.5")
GOOD = "1,ann,bread,N,2026-01-05 09:00:00,1,2.00,0.00"
NO_DAY = "2,bob,milk,N,2026-02-30 09:00:00,1,1.50,0.00"
NO_MONEY = "3,bob,milk,N,2026-01-06 09:00:00,1,1.5O,0.00"
SHORT = "4,bob,milk"
FINE = "5,bob,wine,N,2026-01-07 09:00:00,1,8.00,0.00"


def load(home: Path, *lines: str, mapping: str = HALF) -> Shop:
    """Load a receipts file of these lines and open the data."""
    path = corner.deliver(
        home / "delivery", receipts="\n".join([HEADER, *lines, ""]), mapping=mapping
    )
    ingest([path.parent], Mapping.read(path), home, progress=quiet)
    return open_shop(home, reviewing=True)


def table(shop: Shop, name: str) -> pl.DataFrame:
    """Return a table whole."""
    return pl.DataFrame(shop.table(name).collect("polars").to_native())


def test_each_bad_row_is_told_with_file_line_value_and_reason(tmp_path: Path) -> None:
    """Two good rows are loaded; three are in quarantine, the money of one of them readable."""
    shop = load(tmp_path, GOOD, NO_DAY, NO_MONEY, SHORT, FINE, GOOD.replace("1,", "6,", 1))
    assert extent(shop)["sales"].item() == Decimal("12.00")
    assert table(shop, "quarantine").select(
        "edition", "table", "file", "line", "column", "value", "reason", "sales"
    ).rows() == [
        (1, "lines", "receipts.csv", 3, "time", "2026-02-30 09:00:00",
         "is not readable as sold_at (stamp)", 150),
        (1, "lines", "receipts.csv", 4, "amount", "1.5O",
         "is not readable as sales (money)", None),
        (1, "lines", "receipts.csv", 5, None, "4,bob,milk",
         "3 fields where the header has 8", None),
    ]  # fmt: skip


def test_kept_and_quarantined_add_up_to_what_was_delivered(tmp_path: Path) -> None:
    """In rows and in money, as far as it can be read."""
    shop = load(tmp_path, GOOD, NO_DAY, NO_MONEY, SHORT, FINE, GOOD.replace("1,", "6,", 1))
    row = table(shop, "files").filter(pl.col("table") == "lines").row(0, named=True)
    assert (row["rows"], row["kept"], row["quarantined"]) == (6, 3, 3)
    assert (row["sales"], row["sales_kept"], row["sales_quarantined"]) == (1350, 1200, 150)


def test_a_missing_value_that_is_needed_is_told_as_missing(tmp_path: Path) -> None:
    """An empty amount is not a word that cannot be read."""
    shop = load(tmp_path, GOOD, FINE, GOOD.replace("2.00", "").replace("1,", "6,", 1))
    assert table(shop, "quarantine").select("value", "reason").rows() == [
        (None, "missing, and sales needs a value")
    ]


@pytest.mark.parametrize(("reject", "good", "loads"), [(0.01, 99, True), (0.01, 98, False)])
def test_the_share_to_reject_is_the_mappings(
    tmp_path: Path, reject: float, good: int, *, loads: bool
) -> None:
    """One of a hundred rows is within a hundredth; one of ninety-nine is not."""
    rows = [GOOD.replace("1,", f"{n},", 1) for n in range(good)]
    mapping = HALF.replace("reject: 0.5", f"reject: {reject}")
    if loads:
        assert table(load(tmp_path, *rows, NO_DAY, mapping=mapping), "quarantine").height == 1
    else:
        with pytest.raises(DeliveryError, match=r"1 of 99 rows cannot be read"):
            load(tmp_path, *rows, NO_DAY, mapping=mapping)


def test_the_share_to_reject_holds_for_money_too(tmp_path: Path) -> None:
    """One row of a thousand is few, but not when it is a tenth of the takings."""
    rows = [GOOD.replace("1,", f"{n},", 1) for n in range(999)]
    dear = NO_DAY.replace("1.50", "222.00")
    with pytest.raises(DeliveryError, match=r"rows with 222.00 of 2,220.00 in money cannot be"):
        load(tmp_path, *rows, dear, mapping=HALF.replace("reject: 0.5", "reject: 0.01"))


def test_nothing_may_be_rejected_where_the_mapping_says_so(tmp_path: Path) -> None:
    """With a share of 0 one bad row of many refuses the file."""
    rows = [GOOD.replace("1,", f"{n},", 1) for n in range(200)]
    with pytest.raises(DeliveryError, match=r"1 of 201 rows cannot be read"):
        load(tmp_path, *rows, NO_DAY, mapping=HALF.replace("reject: 0.5", "reject: 0"))


def test_personal_values_do_not_go_into_the_quarantine(tmp_path: Path) -> None:
    """A birthday that cannot be read is told by its line, never by what stands there."""
    columns = "{customer: card, birthday: born}"
    people = f"  people:\n    file: people.csv\n    reject: 0.7\n    columns: {columns}\n"
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "people.csv").write_text(
        "card,born\nann,1980-01-01\nbob,31.12.1979\ncarl\n"
    )
    shop = load(tmp_path, GOOD, FINE, mapping=HALF + people)
    rows = table(shop, "quarantine").select("line", "column", "value").rows()
    assert rows == [(3, "born", None), (4, None, None)]


def test_an_address_among_the_receipts_does_not_go_there_either(tmp_path: Path) -> None:
    """A row whose cells have moved may hold anybody's."""
    moved = "3,bob,milk,N,2026-01-06 09:00:00,1,bob@example.org,0.00"
    rows = table(load(tmp_path, GOOD, NO_DAY, moved, FINE), "quarantine").select("line", "value")
    assert rows.rows() == [(3, "2026-02-30 09:00:00"), (4, None)]


def test_numbers_of_cards_and_telephones_do_not_go_there(tmp_path: Path) -> None:
    """Neither into the quarantine nor, where the file is refused, into the message and its log."""
    paid = GOOD.replace("2.00", "4111 1111 1111 1111")
    called = "3,bob,milk,+49 171 2345678"
    rows = table(load(tmp_path, GOOD, FINE, paid, called), "quarantine").select("line", "value")
    assert rows.rows() == [(4, "•••"), (5, "3,bob,milk,•••")]
    with pytest.raises(DeliveryError, match=r"in line 2, column 'amount': '•••' is not readable"):
        load(tmp_path / "strict", paid, mapping=HALF.replace("reject: 0.5", "reject: 0"))


def test_no_cell_of_a_table_about_people_goes_there(tmp_path: Path) -> None:
    """A name where a day should be is not shown."""
    columns = '{customer: card, purpose: purpose, granted: "yes", since: since}'
    consents = f"  consents:\n    file: consents.csv\n    reject: 1\n    columns: {columns}\n"
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "consents.csv").write_text(
        "card,purpose,yes,since\nann,marketing,yes,Annabel\n"
    )
    shop = load(tmp_path, GOOD, mapping=HALF + consents)
    assert table(shop, "quarantine").select("column", "value").rows() == [("since", None)]


def test_control_totals_count_money_in_quarantine_too(tmp_path: Path) -> None:
    """What could not be read was delivered all the same."""
    totals = HALF.replace("    reject: 0.5", "    reject: 1\n    totals: {sales: 1.50}")
    free = GOOD.replace("2.00", "0.00")
    assert table(load(tmp_path, free, NO_DAY, mapping=totals), "quarantine").height == 1


def test_control_totals_must_be_met(tmp_path: Path) -> None:
    """A file that was cut off between two lines is found by the sums that were promised."""
    totals = HALF.replace("    reject: 0.5", "    totals: {rows: 2, sales: 10.00}")
    assert extent(load(tmp_path, GOOD, FINE, mapping=totals))["lines"].item() == 2
    with pytest.raises(DeliveryError, match=r"1 rows arrived where the mapping's totals say 2"):
        load(tmp_path / "cut", GOOD, mapping=totals)


@pytest.mark.parametrize(
    ("marks", "line"),
    [
        ("{column: receipt, starts: C}", "C2,ann,wine,N,2026-01-06 09:00:00,1,8.00,0.00"),
        ("{column: item, values: [wine]}", "2,ann,wine,N,2026-01-06 09:00:00,-1,-8.00,0.00"),
    ],
)
def test_what_is_marked_as_a_return_takes_its_amounts_off(
    tmp_path: Path, marks: str, line: str
) -> None:
    """However the source signs them: eight come off two."""
    mapping = HALF.replace("    reject: 0.5", f"    returns: {marks}")
    shop = load(tmp_path, GOOD, line, mapping=mapping)
    assert extent(shop)["sales"].item() == Decimal("-6.00")
    lines = table(shop, "lines").sort("sales")
    assert lines.select("quantity", "sales", "new_basket").rows() == [
        (-1000, -800, 0),
        (1000, 200, 1),
    ]
    findings = table(shop, "findings").filter(pl.col("finding") == "rows marked as returns")
    assert findings.select("rows", "of_rows").rows() == [(1, 2)]


@pytest.mark.parametrize(("repeated", "sold"), [("add", "4.00"), ("once", "2.00")])
def test_rows_alike_add_up_or_count_once_as_the_mapping_says(
    tmp_path: Path, repeated: str, sold: str
) -> None:
    """A till that scans twice means two; an export that repeats itself means one."""
    mapping = HALF.replace("    reject: 0.5", f"    repeated: {repeated}")
    shop = load(tmp_path, GOOD, GOOD, mapping=mapping)
    assert extent(shop)["sales"].item() == Decimal(sold)
    alike = table(shop, "findings").filter(pl.col("finding") == "rows alike in every column")
    assert alike["rows"].to_list() == [1]


@pytest.mark.parametrize(
    ("column", "told", "line", "found"),
    [
        ("sales: amount", "sales: {from: amount, times: quantity}",
         "1,ann,milk,N,2026-01-05 09:00:00,3,2.55,0.00", ("sales", 765)),
        ("sales: amount", "sales: {from: amount, times: quantity, unit: 0.01}",
         "1,ann,milk,N,2026-01-05 09:00:00,3,1234,0.00", ("sales", 3702)),
        ("quantity: quantity", "quantity: {from: quantity, times: receipt}",
         "6,ann,milk,N,2026-01-05 09:00:00,2,2.55,0.00", ("quantity", 12_000)),
        ("sales: amount", 'sales: {from: amount, decimal: ";", thousands: "."}',
         "1,ann,milk,N,2026-01-05 09:00:00,1,2.55,0.00", None),
        ("sales: amount", 'sales: {from: amount, thousands: " "}',
         "1,ann,milk,N,2026-01-05 09:00:00,1,1 234.50 €,0.00", ("sales", 123_450)),
        ("sales: amount", 'sales: {from: amount, decimal: "."}',
         "1,ann,milk,N,2026-01-05 09:00:00,-1,(2.50),0.00", ("sales", -250)),
        ("sales: amount", 'sales: {from: amount, decimal: "."}',
         "1,ann,milk,N,2026-01-05 09:00:00,-1,2.50-,0.00", ("sales", -250)),
        ("loyalty_discount: card_discount", "loyalty_discount: {from: card_discount, sign: -1}",
         "1,ann,milk,N,2026-01-05 09:00:00,1,2.55,-0.45", ("loyalty_discount", 45)),
        ("quantity: quantity", "quantity: {from: quantity, unit: 0.001}",
         "1,ann,milk,N,2026-01-05 09:00:00,250,2.55,0.00", ("quantity", 250)),
    ],
)  # fmt: skip
def test_numbers_are_read_as_the_mapping_says(
    tmp_path: Path, column: str, told: str, line: str, found: tuple[str, int] | None
) -> None:
    """Products, decimals, accounting signs, discounts of either sign and other units."""
    mapping = HALF.replace(column, told)
    if found is None:
        with pytest.raises(ValueError, match=r"';' is not allowed"):
            load(tmp_path, line, mapping=mapping)
    else:
        name, value = found
        assert table(load(tmp_path, line, mapping=mapping), "lines")[name].to_list() == [value]


def test_a_column_may_be_the_same_for_every_row_or_come_in_two(tmp_path: Path) -> None:
    """A web shop has one store; a day and a time of their own make a moment."""
    mapping = HALF.replace("store: shop", "store: {always: web}").replace(
        "sold_at: time", 'sold_at: {from: [shop, time], format: "%Y-%m-%d %H:%M"}'
    )
    shop = load(tmp_path, "1,ann,milk,2026-01-05,09:30,1,2.55,0.00", mapping=mapping)
    assert table(shop, "stores")["store"].to_list() == ["web"]
    assert table(shop, "lines").select("minute").rows() == [(570,)]


def test_words_for_unknown_are_the_mappings(tmp_path: Path) -> None:
    """N/A in a card column is a customer without a card where the mapping says so."""
    line = GOOD.replace("ann", "N/A")
    mapping = HALF.replace("    reject: 0.5", '    nulls: ["N/A"]')
    assert extent(load(tmp_path / "told", line, mapping=mapping))["customers"].item() == 0
    assert extent(load(tmp_path / "not", line))["customers"].item() == 1


def test_columns_that_are_not_mapped_are_listed(tmp_path: Path) -> None:
    """Nobody wonders later where a column went."""
    mapping = HALF.replace("      loyalty_discount: card_discount\n", "")
    findings = table(load(tmp_path, GOOD, mapping=mapping), "findings")
    row = findings.filter(pl.col("finding") == "columns not mapped", pl.col("table") == "lines")
    assert row.select("rows", "of_rows", "examples").rows() == [(1, 8, "card_discount")]
