"""Mappings: a file that cannot be followed is refused with file, place and way out."""

from pathlib import Path

import pytest

from workbench.door.corner import MAPPING
from workbench.door.mapping import Mapping, MappingError

ZONED = "{store: s, day: {from: d, zone: UTC}, temperature: t}"


def read(folder: Path, text: str) -> Mapping:
    """Read a mapping from its text."""
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return Mapping.read(path)


def test_a_mapping_says_which_column_of_which_file_is_which_of_ours(tmp_path: Path) -> None:
    """Names, files, columns and declared cost rates are read."""
    mapping = read(tmp_path, MAPPING)
    assert (mapping.retailer, mapping.currency, mapping.zone) == (
        "Corner shop",
        "EUR",
        "Europe/Paris",
    )
    assert mapping.tables["lines"].file == "receipts.csv"
    assert mapping.tables["lines"].columns["customer"].names == ("card",)
    assert mapping.cost_rates == {"default": 0.5, "Drinks": 0.75}


def test_a_column_may_say_how_its_values_are_written(tmp_path: Path) -> None:
    """A column's zone, format and words for yes are read."""
    spec = '{from: time, zone: UTC, format: "%d/%m/%Y"}'
    mapping = read(tmp_path, MAPPING.replace("sold_at: time", f"sold_at: {spec}"))
    sold_at = mapping.tables["lines"].columns["sold_at"]
    assert (sold_at.names, sold_at.zone, sold_at.format) == (("time",), "UTC", "%d/%m/%Y")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  products:", "  produce:", "table 'produce' is unknown; allowed: lines, products, "),
        ("customer: card", "cardholder: card", "lines has no column 'cardholder'; allowed: basket"),
        ("basket: receipt\n", "\n", "lines needs the column 'basket'; map it to one of the file's"),
        ("Europe/Paris", "Europe/Pariss", "zone 'Europe/Pariss' is unknown; use a name like"),
        ("Europe/Paris", "../../etc/passwd", "zone '../../etc/passwd' is unknown"),
        ("retailer: Corner shop", "shop: Corner", "lacks 'retailer'"),
        ("file: receipts.csv", "path: receipts.csv", "lacks 'file'"),
        ("sold_at: time", "sold_at: {from: time, tz: UTC}", "column 'time' has an unknown option"),
        ("sold_at: time", "sold_at: {zone: UTC}", "lacks 'from'"),
        (
            "sold_at: time",
            "sold_at: {from: time, format: CHOOSE}",
            "sold_at.format still says CHOOSE",
        ),
        ("sales: amount", "sales: {from: amount, decimal: ;}", "';' is not allowed; allowed: ., ,"),
        ("sales: amount", "sales: {from: amount, sign: 2}", "2 is not allowed; allowed: 1, -1"),
        ("sales: amount", "sales: {from: amount, unit: lb}", "has an option of the wrong kind"),
        ("file: receipts.csv", "file: receipts.csv\n    reject: 5", "reject 5 is not a share"),
        ("file: receipts.csv", "file: receipts.csv\n    reread: 5", "unknown option 'reread'"),
        (
            "file: receipts.csv",
            "file: receipts.csv\n    totals: {row: 2}",
            "totals has an unknown option 'row'; allowed: rows, sales",
        ),
        (
            "file: receipts.csv",
            "file: receipts.csv\n    totals: {rows: two}",
            "totals: 'two' is not a number; write it like 1200 or 10.50",
        ),
        (
            "  products:",
            f"  weather:\n    file: w.csv\n    columns: {ZONED}\n  products:",
            "weather has a zone for 'day', which is no moment; leave it out (moments: none)",
        ),
        ("file: receipts.csv", "file: receipts.csv\n    read: {charset: x}", "option 'charset'"),
        ("tables:", "tables: [", "is not readable YAML"),
    ],
)
def test_a_mapping_that_cannot_be_followed_says_where_and_the_way_out(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Each mistake is one paragraph naming the file, the place and what is allowed."""
    with pytest.raises(MappingError) as refusal:
        read(tmp_path, MAPPING.replace(old, new))
    assert str(tmp_path / "mapping.yaml") in str(refusal.value)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("baskets", "{basket: a, customer: b, store: c}"),
        ("categories", "{department: a, category: b}"),
        ("passport", "{table: a, finding: b, rows: c, of_rows: d}"),
    ],
)
def test_a_table_that_the_door_makes_itself_cannot_be_delivered(
    tmp_path: Path, table: str, columns: str
) -> None:
    """Receipts, the tree of categories and the findings follow from the other tables."""
    spec = f"  {table}:\n    file: {table}.csv\n    columns: {columns}\n"
    with pytest.raises(MappingError, match=f"table '{table}'"):
        read(tmp_path, MAPPING + spec)


@pytest.mark.parametrize("text", ["", "[]", "just words", "7"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    """YAML of another shape is named as such."""
    with pytest.raises(MappingError, match="does not have the shape of a mapping"):
        read(tmp_path, text)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message names the file and the option that gives another."""
    with pytest.raises(MappingError, match=r"nowhere.yaml does not exist; .* --mapping"):
        Mapping.read(tmp_path / "nowhere.yaml")


def test_a_mapping_cannot_run_code(tmp_path: Path) -> None:
    """YAML tags that make Python objects are refused."""
    with pytest.raises(MappingError, match="is not readable YAML"):
        read(tmp_path, "retailer: !!python/object/apply:os.getcwd []\n")


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("last_day: 2026-03-01", "last_day: soon", "soon"),
        ("default: 0.5", "default: lots", "lots"),
        ("default: 0.5", "default: 72", "72"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(tmp_path: Path, old: str, new: str, value: str) -> None:
    """A day that is no day and a cost rate that is no share are refused before any file is read."""
    with pytest.raises(MappingError, match=value):
        read(tmp_path, MAPPING.replace(old, new))
