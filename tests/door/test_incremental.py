"""A folder that grows: files taken in once, late and overlapping receipts merged, days restated."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import HEADER, quiet

from workbench.data import Shop, open_shop
from workbench.data.attributes import values
from workbench.data.lake import Lake
from workbench.door import corner, merging, receipts
from workbench.door.draft import Draft
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping, MappingError
from workbench.measures import extent

LONG_AGO = 1_500_000_000
MAPPING = corner.MAPPING.replace("receipts.csv", "till-*.csv").replace("last_day: 2026-03-01\n", "")
RATES = "cost_rates: {default: 0.5, Drinks: 0.75}\n"
ANN = "1,ann,bread,N,2026-01-05 09:00:00,1,2.00,0.00"
BOB = "2,bob,milk,N,2026-01-05 10:00:00,1,1.50,0.00"
TUESDAY = "1,ann,milk,N,2026-01-06 09:00:00,1,1.50,0.00"
WEDNESDAY = "1,ann,milk,N,2026-01-07 09:00:00,1,1.50,0.00"
FEBRUARY = "1,ann,wine,N,2026-02-02 09:00:00,1,8.00,0.00"


class Till:
    """A folder that the till writes into, and the lake that it is loaded into."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "till"
        self.mapping = corner.deliver(self.folder, mapping=MAPPING)

    def writes(self, name: str, *lines: str) -> "Till":
        """Add a file of receipt lines to the folder."""
        text = "\n".join([HEADER, *lines, ""])
        (self.folder / f"till-{name}.csv").write_text(text, encoding="utf-8")
        return self

    def loads(self, *, replace: bool = False) -> Shop:
        """Load what is in the folder, and open the data."""
        mapping = Mapping.read(self.mapping)
        ingest([self.folder], mapping, self.home, replace=replace, progress=quiet)
        return open_shop(self.home)


def sales(shop: Shop) -> Decimal:
    """Return a shop's sales."""
    return extent(shop)["sales"].item()


def table(shop: Shop, name: str) -> pl.DataFrame:
    """Return a table whole."""
    return pl.DataFrame(shop.table(name).collect("polars").to_native())


def test_each_day_adds_its_file(tmp_path: Path) -> None:
    """The folder keeps all files; only the new one is taken in, and the figures add up."""
    till = Till(tmp_path).writes("05", ANN, BOB)
    assert sales(till.loads()) == Decimal("3.50")
    shop = till.writes("06", TUESDAY).loads()
    assert (shop.version, sales(shop), shop.last_day) == ("v2", Decimal("5.00"), date(2026, 1, 6))
    taken = table(shop, "files").filter(pl.col("table") == "lines")
    assert taken.select("file", "edition", "rows", "kept", "sales").rows() == [
        ("till-05.csv", 1, 2, 2, 350),
        ("till-06.csv", 2, 1, 1, 150),
    ]


def test_all_at_once_gives_what_day_by_day_gives(tmp_path: Path) -> None:
    """Customers may be numbered otherwise; every other figure of every line is the same."""
    one = Till(tmp_path / "one").writes("05", ANN, BOB).writes("06", TUESDAY)
    two = Till(tmp_path / "two").writes("05", ANN, BOB)
    two.loads()
    two.writes("06", TUESDAY)
    lines = [table(till.loads(), "lines").sort("day", "sales") for till in (one, two)]
    assert lines[0].equals(lines[1])


def test_a_file_delivered_twice_under_another_name_changes_nothing(tmp_path: Path) -> None:
    """Content counts, not the name."""
    till = Till(tmp_path).writes("05", ANN, BOB)
    till.loads()
    assert till.writes("05-again", ANN, BOB).loads().version == "v1"


def test_only_the_months_that_change_are_written(tmp_path: Path) -> None:
    """January's data files stay as they are when February comes."""
    till = Till(tmp_path).writes("01", ANN)
    till.loads()
    january = tmp_path / "lake" / "corner-shop" / "lines" / "month=202601"
    before = sorted(path.name for path in january.iterdir())
    till.writes("02", FEBRUARY).loads()
    assert sorted(path.name for path in january.iterdir()) == before


def test_receipts_that_come_again_with_others_are_not_doubled(tmp_path: Path) -> None:
    """The second file overlaps the first by a receipt, as exports of the last seven days do."""
    till = Till(tmp_path).writes("05", ANN, BOB)
    till.loads()
    shop = till.writes("06", BOB, TUESDAY).loads()
    assert sales(shop) == Decimal("5.00")
    assert table(shop, "restated").is_empty()


def test_a_late_receipt_restates_its_day(tmp_path: Path) -> None:
    """Bob's receipt of Monday arrives on Tuesday: Monday is listed with before and after."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    shop = till.writes("06", BOB, TUESDAY).loads()
    assert table(shop, "restated").select(
        "edition", "day", "lines_before", "lines_after", "sales_before", "sales_after"
    ).rows() == [(2, date(2026, 1, 5), 1, 2, 200, 350)]


def test_a_correction_stands_in_place_of_what_it_corrects(tmp_path: Path) -> None:
    """The same receipt and product with another amount: the later file is right."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    shop = till.writes("06", ANN.replace("1,2.00", "2,4.00")).loads()
    assert sales(shop) == Decimal("4.00")
    assert table(shop, "restated").select("sales_before", "sales_after").rows() == [(200, 400)]


def test_a_card_that_is_known_later_is_the_receipts_card(tmp_path: Path) -> None:
    """The receipt came without a card first; it is one basket, and now Ann's."""
    till = Till(tmp_path).writes("05", ANN.replace("ann", ""))
    till.loads()
    shop = till.writes("06", ANN).loads()
    assert (extent(shop)["baskets"].item(), extent(shop)["customers"].item()) == (1, 1)


def test_the_restated_days_of_earlier_loads_stay_listed(tmp_path: Path) -> None:
    """Every edition knows the whole history."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    till.writes("06", BOB).loads()
    shop = till.writes("07", TUESDAY).loads()
    assert table(shop, "restated")["edition"].to_list() == [2]


def test_new_descriptions_reach_the_lines_that_are_there(tmp_path: Path) -> None:
    """Bread moves to another department, with another cost: all months are laid out again."""
    till = Till(tmp_path).writes("05", ANN)
    before = table(till.loads(), "lines")
    (till.folder / "catalogue.csv").write_text("item,group,shelf\nbread,Drinks,Bakery\n")
    after = table(till.loads(), "lines")
    assert before["margin"].to_list() == [100]
    assert after["margin"].to_list() == [50]
    assert before["category_id"].to_list() != after["category_id"].to_list()


def test_a_cost_rate_that_changes_reaches_the_lines_that_are_there(tmp_path: Path) -> None:
    """No file is new, but the mapping declares another cost."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    till.mapping.write_text(till.mapping.read_text().replace("default: 0.5", "default: 0.25"))
    assert table(till.loads(), "lines")["margin"].to_list() == [150]


def test_a_table_that_is_read_in_another_way_is_loaded_anew(tmp_path: Path) -> None:
    """The clock of the source was told wrong: its days move, and nothing is doubled."""
    till = Till(tmp_path).writes("05", ANN.replace("09:00", "23:30"))
    assert till.loads().last_day == date(2026, 1, 5)
    text = till.mapping.read_text().replace("sold_at: time", "sold_at: {from: time, zone: UTC}")
    till.mapping.write_text(text)
    shop = till.loads()
    assert (shop.first_day, sales(shop)) == (date(2026, 1, 6), Decimal("2.00"))


def test_reading_in_another_way_needs_the_files_of_before(tmp_path: Path) -> None:
    """Without them their receipts would be lost: the message names one and the way out."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    (till.folder / "till-05.csv").unlink()
    till.writes("06", TUESDAY)
    text = till.mapping.read_text().replace("sold_at: time", "sold_at: {from: time, zone: UTC}")
    till.mapping.write_text(text)
    with pytest.raises(MappingError, match=r"till-05.csv .* not among these files; .* --replace"):
        till.loads()
    assert sales(open_shop(tmp_path)) == Decimal("2.00")
    assert sales(till.loads(replace=True)) == Decimal("1.50")


def test_replacing_forgets_what_was_loaded_before(tmp_path: Path) -> None:
    """What the files say is all there is; the edition before still has the rest."""
    till = Till(tmp_path).writes("05", ANN, BOB)
    till.loads()
    (till.folder / "till-05.csv").unlink()
    assert sales(till.writes("06", TUESDAY).loads(replace=True)) == Decimal("1.50")
    assert sales(open_shop(tmp_path, "v1")) == Decimal("3.50")


def test_days_that_are_replaced_are_restated(tmp_path: Path) -> None:
    """Monday loses Bob, Tuesday stays, February goes; Wednesday is new and was never told."""
    till = Till(tmp_path).writes("05", ANN, BOB, TUESDAY, FEBRUARY)
    till.loads()
    shop = till.writes("05", ANN, TUESDAY, WEDNESDAY).loads(replace=True)
    assert table(shop, "restated").select(
        "edition", "day", "lines_before", "lines_after", "sales_before", "sales_after"
    ).rows() == [(2, date(2026, 1, 5), 2, 1, 350, 200), (2, date(2026, 2, 2), 1, 0, 800, 0)]


def test_a_wrong_file_among_good_ones_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """The good file of the same delivery is not taken in either, until the wrong one is mended."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    till.writes("06", TUESDAY).writes("07", TUESDAY.replace("1.50", "a lot"))
    with pytest.raises(ValueError, match=r"till-07.csv is refused"):
        till.loads()
    assert open_shop(tmp_path).version == "v1"
    assert sales(till.writes("07", FEBRUARY).loads()) == Decimal("11.50")


def test_facts_kept_by_month_are_merged_by_their_key(tmp_path: Path) -> None:
    """Stock of a week that is counted again stands in place of the first count."""
    till = Till(tmp_path).writes("05", ANN)
    columns = "{product: item, store: shop, week: week, units: units}"
    stock = f"  stock:\n    file: stock-*.csv\n    columns: {columns}\n"
    till.mapping.write_text(till.mapping.read_text() + stock)
    head = "item,shop,week,units\n"
    (till.folder / "stock-1.csv").write_text(head + "bread,N,2026-01-05,7\nmilk,N,2026-01-05,3\n")
    till.loads()
    (till.folder / "stock-2.csv").write_text(head + "bread,N,2026-01-05,6\nbread,N,2026-02-02,5\n")
    kept = table(till.loads(), "stock").sort("week", "product_id")
    assert kept["units"].to_list() == [6000, 3000, 5000]


def test_what_was_said_before_stays_beside_what_is_said_later(tmp_path: Path) -> None:
    """Two answers in one file, a third in a later one: each period has the newest until then."""
    till = Till(tmp_path).writes("05", ANN, FEBRUARY)
    columns = "{customer: card, attribute: about, value: value, source: by, since: since}"
    said = f"  attributes:\n    file: said-*.csv\n    columns: {columns}\n"
    till.mapping.write_text(till.mapping.read_text() + said)
    head = "card,about,value,by,since\n"
    first = "ann,stars,10,survey,2026-01-20\nann,stars,9,survey,2026-01-05\n"
    (till.folder / "said-1.csv").write_text(head + first)
    till.loads()
    (till.folder / "said-2.csv").write_text(f"{head}ann,stars,8,survey,2026-02-01\n")
    shop = till.loads()
    periods = [f"2026-01-05/{last}" for last in ("2026-01-10", "2026-01-31", "2026-02-02")]
    found = [values(shop, period, "stars")["value"].to_list() for period in periods]
    assert found == [["9"], ["10"], ["8"]]


def test_products_left_in_one_minute_are_all_kept(tmp_path: Path) -> None:
    """An abandoned basket of three things is three events."""
    till = Till(tmp_path).writes("05", ANN)
    columns = "{customer: card, at: at, event: event, product: item}"
    events = f"  web_events:\n    file: events.csv\n    columns: {columns}\n"
    till.mapping.write_text(till.mapping.read_text() + events)
    left = [f"ann,2026-01-05 10:00:00,abandon,{item}\n" for item in ("bread", "milk", "wine")]
    (till.folder / "events.csv").write_text("card,at,event,item\n" + "".join(left))
    assert table(till.loads(), "web_events")["product_id"].sort().to_list() == [1, 2, 3]


def test_files_of_one_name_in_folders_by_day_are_all_read(tmp_path: Path) -> None:
    """Each is known by where it lies, and known again."""
    till = Till(tmp_path)
    till.mapping.write_text(MAPPING.replace("till-*.csv", "'*/till.csv'"))
    for day, line in {"05": ANN, "06": TUESDAY}.items():
        (till.folder / day).mkdir()
        (till.folder / day / "till.csv").write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    shop = till.loads()
    files = table(shop, "files").filter(pl.col("table") == "lines")
    assert (sales(shop), files["file"].to_list()) == (
        Decimal("3.50"),
        ["05/till.csv", "06/till.csv"],
    )
    assert till.loads().version == "v1"


def test_what_was_found_in_the_receipts_stays_found_when_only_a_catalogue_comes(
    tmp_path: Path,
) -> None:
    """A third of the lines are there twice: that is as red after the next file as before it."""
    lines = [ANN.replace("1,", f"{number},", 1) for number in range(100)]
    till = Till(tmp_path).writes("05", *lines, *lines[:50])
    found = [till.loads().edition.passport]
    (till.folder / "catalogue.csv").write_text("item,group,shelf\nbread,Food,Rolls\n")
    found.append(till.loads().edition.passport)
    assert ["lines alike in every column" in passport for passport in found] == [True, True]


def test_costs_that_are_declared_no_longer_are_unknown(tmp_path: Path) -> None:
    """Without its rates in the mapping no margin rests on them."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    till.mapping.write_text(MAPPING.replace(RATES, ""))
    shop = till.loads()
    assert (shop.has("costs"), shop.edition.synthetic) == (False, ())
    assert table(shop, "lines")["margin"].to_list() == [None]


def test_a_mapping_without_receipts_leaves_declared_costs(tmp_path: Path) -> None:
    """It brings a catalogue only, and says nothing of what things cost."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    columns = "{product: item, department: group, category: shelf}"
    catalogue = f"tables:\n  products:\n    file: catalogue.csv\n    columns: {columns}\n"
    till.mapping.write_text(MAPPING.replace(RATES, "").partition("tables:")[0] + catalogue)
    (till.folder / "catalogue.csv").write_text("item,group,shelf\nmilk,Food,Shelf 9\n")
    shop = till.loads()
    assert (shop.version, shop.has("costs"), shop.edition.synthetic) == ("v2", True, ("costs",))


def test_recorded_costs_take_the_place_of_all_declared_ones(tmp_path: Path) -> None:
    """The file has the cost of milk; that of bread is not what was assumed before."""
    till = Till(tmp_path).writes("05", ANN, BOB)
    till.loads()
    columns = "{product: item, cost_rate: rate, basis: basis}"
    costs = f"  costs:\n    file: costs.csv\n    columns: {columns}\n"
    till.mapping.write_text(MAPPING.replace(RATES, "") + costs)
    (till.folder / "costs.csv").write_text("item,rate,basis\nmilk,0.4,recorded\n")
    shop = till.loads()
    assert table(shop, "costs").select("cost_rate", "basis").rows() == [(4000, "recorded")]
    assert table(shop, "lines").sort("product_id")["margin"].to_list() == [None, 90]


def test_a_month_too_large_for_memory_is_written_some_days_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two days in one go or one after the other: the same lines, each customer's (or category's)
    together, no basket number twice, and a week of both added up.
    """
    cash = [
        row.replace("1,ann,milk", "7,,wine").replace("2,bob,milk", "8,,wine")
        for row in (BOB, TUESDAY)
    ]
    whole = Till(tmp_path / "whole").writes("all", ANN, BOB, TUESDAY, *cash).loads()
    monkeypatch.setattr(merging, "MOST_ROWS", 1)
    sliced = Till(tmp_path / "sliced").writes("all", ANN, BOB, TUESDAY, *cash).loads()
    for name, (first, *_) in receipts.ORDER.items():
        one, other = (table(shop, name).drop("basket_id", strict=False) for shop in (whole, sliced))
        assert one.sort(one.columns).equals(other.sort(other.columns))
        assert other[first].rle_id().n_unique() == other[first].n_unique()
    assert table(sliced, "baskets")["basket_id"].n_unique() == 5


def test_a_small_table_that_is_replaced_keeps_nothing_of_before(tmp_path: Path) -> None:
    """Costs that were delivered once and are no longer in the new file are unknown again."""
    till = Till(tmp_path).writes("05", ANN)
    text = till.mapping.read_text().replace(RATES, "")
    columns = "{product: item, cost_rate: rate, basis: basis}"
    till.mapping.write_text(f"{text}  costs:\n    file: costs.csv\n    columns: {columns}\n")
    costs, head = till.folder / "costs.csv", "item,rate,basis\n"
    costs.write_text(f"{head}bread,0.5,recorded\nmilk,0.5,recorded\n")
    assert table(till.loads(), "costs").height == 2
    costs.write_text(f"{head}milk,0.5,recorded\n")
    assert table(till.loads(replace=True), "costs").height == 1
    assert table(open_shop(tmp_path), "lines")["margin"].to_list() == [None]


def test_every_version_stays_readable_however_often_is_loaded(tmp_path: Path) -> None:
    """A hundred commits make Delta tidy its log; the first version's figures are still there."""
    till = Till(tmp_path).writes("05", ANN)
    till.loads()
    draft = Draft(Lake(tmp_path), "corner-shop", Lake(tmp_path).edition())
    log = tmp_path / "lake" / "corner-shop" / "costs" / "_delta_log"
    for _ in range(110):
        draft.replace("costs", draft.read("costs"))
        for entry in log.glob("*.json"):
            os.utime(entry, (LONG_AGO, LONG_AGO))
    assert list(log.glob("*.checkpoint.parquet"))
    assert len(list(log.glob("*.json"))) > 110
    assert table(open_shop(tmp_path, "v1"), "costs").height == 3
