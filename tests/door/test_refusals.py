"""Deliveries that cannot be loaded: refused whole, by name, and nothing is published."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from shops import HEADER, quiet
from shops import ingested as deliver

from workbench.data import open_shop
from workbench.data.lake import Lake
from workbench.door import corner
from workbench.door.delivery import DeliveryError
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.measures import extent

RECEIPTS, MAPPING = corner.RECEIPTS, corner.MAPPING
TWO_AMOUNTS = RECEIPTS.replace("\n", ",9.99\n").replace("9.99", "amount", 1)
PROMOTIONS = """  promotions:
    file: promotions.csv
    columns: {product: item, store: shop, week: week}
"""


def refused(home: Path, message: str, *, receipts: str = RECEIPTS, mapping: str = MAPPING) -> None:
    """Expect a delivery to be refused with a message, and no edition to be published."""
    with pytest.raises(DeliveryError, match=re.escape(message)):
        deliver(home, receipts=receipts, mapping=mapping)
    assert Lake(home).numbers() == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "2026-01-06 18:30:00,1,8.00",
            "2026-01-06 18:30:00,1,8.oo",
            "receipts.csv is refused: 1 of 15 rows cannot be read, and the mapping allows a share "
            "of 0.01; the first is in line 4, column 'amount': '8.oo' is not readable as sales "
            "(money); correct the file, or in the mapping the format of that column or the share "
            "to reject",
        ),
        (
            "2026-01-06 18:30:00,1,",
            "2026-01-06 18:30:00,one,",
            "column 'quantity': 'one' is not readable",
        ),
        (
            "2026-01-06 18:30:00",
            "2026-02-30 18:30:00",
            "the first is in line 4, column 'time': '2026-02-30 18:30:00'",
        ),
        ("2026-01-06 18:30:00", "yesterday", "'yesterday' is not readable as sold_at (stamp)"),
        ("1,8.00,", "1,nan,", "column 'amount': 'nan'"),
        ("1,8.00,", "1,inf,", "column 'amount': 'inf'"),
        ("1,8.00,", "1,€8,", "column 'amount': '€8'"),
        ("1,8.00,", "1,21474836.48,", "column 'amount': '21474836.48'"),
        ("1,8.00,", "1,#DIV/0!,", "column 'amount': '#DIV/0!'"),
    ],
)
def test_a_value_that_cannot_be_read_refuses_the_file_whole(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The message names file, column, row and value; the other rows are not loaded either."""
    refused(tmp_path, message, receipts=RECEIPTS.replace(old, new, 1))


def test_the_number_of_unreadable_values_is_told(tmp_path: Path) -> None:
    """One look at the message says whether it is a typing error or the wrong format."""
    receipts = RECEIPTS.replace(",8.00,", ",8 euros,")
    refused(tmp_path, "3 of 15 rows cannot be read", receipts=receipts)


def test_the_row_named_is_the_one_that_cannot_be_read(tmp_path: Path) -> None:
    """A blank value, which means unknown, is not mistaken for the unreadable one."""
    receipts = RECEIPTS.replace("2.00,0.00", "2.00,  ", 1).replace("8.00,0.00", "8.00,none", 1)
    refused(tmp_path, "the first is in line 4, column 'card_discount': 'none'", receipts=receipts)


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    """A renamed column is found by reading the message."""
    refused(
        tmp_path,
        "receipts.csv has no column 'card'; it has: receipt, loyalty_card, item",
        receipts=RECEIPTS.replace("card", "loyalty_card", 1),
    )


def test_a_missing_file_is_named_with_the_folders_searched(tmp_path: Path) -> None:
    """The message says which table needs which file, and where it was looked for."""
    message = f"file receipts.csv.gz of table lines is not in {tmp_path / 'delivery'}"
    refused(tmp_path, message, mapping=MAPPING.replace("receipts.csv", "receipts.csv.gz"))


@pytest.mark.parametrize("broken", ["", HEADER + "\n"], ids=["empty", "header only"])
def test_a_receipts_file_without_receipts_is_refused_by_name(tmp_path: Path, broken: str) -> None:
    """A delivery without a single line has no days, and says so."""
    refused(tmp_path, "receipts.csv", receipts=broken)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("receipts.csv", TWO_AMOUNTS.encode()),
        ("receipts.parquet", b"PAR1 cut off"),
    ],
    ids=["a column twice", "cut parquet"],
)
def test_a_file_that_is_not_what_it_seems_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """A broken file is told with its name, not with an engine's error."""
    mapping = corner.deliver(tmp_path / "delivery", mapping=MAPPING.replace("receipts.csv", name))
    (tmp_path / "delivery" / name).write_bytes(content)
    with pytest.raises(DeliveryError, match=name):
        ingest([mapping.parent], Mapping.read(mapping), tmp_path, progress=quiet)
    assert Lake(tmp_path).numbers() == []


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + RECEIPTS.encode(), RECEIPTS.replace("\n", "\r\n").encode()],
    ids=["byte order mark", "line ends of Windows"],
)
def test_what_other_programs_add_to_a_text_file_does_no_harm(
    tmp_path: Path, content: bytes
) -> None:
    """A byte order mark and carriage returns are read as if they were not there."""
    mapping = corner.deliver(tmp_path / "delivery")
    (mapping.parent / "receipts.csv").write_bytes(content)
    ingest([mapping.parent], Mapping.read(mapping), tmp_path, progress=quiet)
    assert extent(open_shop(tmp_path))["sales"].to_list() == [Decimal("61.00")]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("bread,N,2026-01-05 09:00:00,1,2.00", "bread,N,,1,2.00", "time"),
        ("bread,N,2026-01-05 09:00:00,1,2.00", "bread,N,2026-01-05 09:00:00,1,", "amount"),
        ("1,0012,bread,", "1,0012,,", "item"),
        ("1,0012,bread,", ",0012,bread,", "receipt"),
    ],
    ids=["time", "amount", "product", "receipt"],
)
def test_a_required_value_that_is_missing_refuses_the_file(
    tmp_path: Path, old: str, new: str, column: str
) -> None:
    """An empty amount is not an amount of zero, and an empty time is no day."""
    refused(tmp_path, repr(column), receipts=RECEIPTS.replace(old, new, 1))


def test_a_day_that_reads_two_ways_is_refused_without_a_format(tmp_path: Path) -> None:
    """Both readings of 02/01/2026 fit, and nobody chose: it is not guessed."""
    receipts = f"{HEADER}\n1,0012,bread,N,02/01/2026 09:00:00,1,2.00,0.00\n"
    mapping = MAPPING.replace("last_day: 2026-03-01\n", "")
    refused(tmp_path, "time", receipts=receipts, mapping=mapping)


def test_a_day_is_read_as_the_mapping_says(tmp_path: Path) -> None:
    """With a format the same text has one reading."""
    receipts = f"{HEADER}\n1,0012,bread,N,02/01/2026 09:00:00,1,2.00,0.00\n"
    mapping = MAPPING.replace("last_day: 2026-03-01\n", "").replace(
        "sold_at: time", 'sold_at: {from: time, format: "%m/%d/%Y %H:%M:%S"}'
    )
    assert str(deliver(tmp_path, receipts=receipts, mapping=mapping).last_day) == "2026-02-01"


def test_a_table_delivered_without_rows_is_there_and_empty(tmp_path: Path) -> None:
    """A week without promotions is a header and no row, and no error."""
    edition = deliver(tmp_path, mapping=MAPPING + PROMOTIONS, promotions="item,shop,week\n")
    assert Lake(tmp_path).scan(edition, "promotions").collect().height == 0


def test_lines_are_needed(tmp_path: Path) -> None:
    """A mapping without receipts is refused in words."""
    without = MAPPING.partition("  lines:")[0] + "  products:" + MAPPING.partition("  products:")[2]
    with pytest.raises(ValueError, match="lines"):
        deliver(tmp_path, mapping=without)
    assert Lake(tmp_path).numbers() == []
