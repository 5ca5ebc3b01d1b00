"""A first mapping, suggested from files: what it tells, what it leaves open, that it loads."""

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from shops import quiet

from workbench.data import Shop, open_shop
from workbench.data.privacy import consents_of
from workbench.door import corner
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping, MappingError
from workbench.door.reading import FileRefused
from workbench.door.suggest import suggest
from workbench.measures import extent

FRENCH = """\
N° ticket;Carte fidélité;Code article;Libellé;Rayon;Magasin;Date;Heure;Qté;Montant TTC;Remise;Caisse
1;0012;B1;Pain de campagne;Boulangerie;N;05/01/2026;09:00;1;2,00;0,00;7
1;0012;M1;Lait entier;Crèmerie;N;05/01/2026;09:00;2;3,00;-0,50;7
2;12;V1;Vin rouge;Cave;N;06/01/2026;18:30;1;1.208,00;0,00;8
3;;B1;Pain de campagne;Boulangerie;S;07/01/2026;10:15;1;2,00;0,00;8
4;31;L1;Sac en papier;N/C;S;11/01/2026;09:00;1;0,10;0,00;7
"""
WEB = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
536365,85123A,WHITE HANGING HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom
536366,85123A,WHITE HANGING HEART,1,12/1/2010 8:28,2.55,,United Kingdom
536370,POST,POSTAGE,3,12/1/2010 8:45,18.00,12583,France
C536379,85123A,WHITE HANGING HEART,-1,12/1/2010 9:41,2.55,17850,United Kingdom
C536380,D,Discount,-1,12/1/2010 9:49,27.50,14527,United Kingdom
536381,22139,RETRO TEA SET,10,12/2/2010 9:00,4.95,15311,United Kingdom
536381,22140,RETRO TEA POT,1,12/2/2010 9:00,4.95,15311,United Kingdom
536381,22141,RETRO TEA CUP,2,12/2/2010 9:00,1.95,15311,United Kingdom
"""
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"


def table(folder: Path, text: str, name: str = "export.csv") -> dict[str, Any]:
    """Return what is suggested for the receipt lines of one file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(suggest(folder))["tables"]["lines"]
    return found


def load(folder: Path, text: str, home: Path, **choices: str) -> Shop:
    """Fill in the choices of a suggested mapping, load the files and return the shop.

    `choices` replace the word CHOOSE in the line of that name.
    """
    for name, value in choices.items():
        line = next(line for line in text.splitlines() if line.strip().startswith(f"{name}: "))
        text = text.replace(line, line.replace("CHOOSE", value))
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    ingest([folder], Mapping.read(path), home, progress=quiet)
    return open_shop(home)


def totals(shop: Shop) -> tuple[int, Decimal]:
    """Return how many lines a shop has, and its sales."""
    return extent(shop).select("lines", "sales").row(0)


def test_a_corner_shop_s_files_explain_themselves(tmp_path: Path) -> None:
    """Once name, currency and zone are filled in the suggestion loads: 15 lines, 61.00."""
    folder = corner.deliver(tmp_path / "files").parent
    text = suggest(folder)
    (folder / "mapping.yaml").unlink()
    assert "To choose: 3." in text
    shop = load(folder, text, tmp_path, retailer="Corner", currency="EUR", zone="Europe/Paris")
    assert totals(shop) == (15, Decimal("61.00"))
    assert shop.products.collect("polars").to_native()["department"].to_list() == [
        *("Food", None, "Food", "Drinks"),
    ]
    customers = shop.customers.collect("polars").to_native()
    assert customers["customer"].to_list() == ["0012", "12", "31", "40"]


def test_a_french_export_explains_itself_but_for_the_order_of_day_and_month(
    tmp_path: Path,
) -> None:
    """Semicolons, cp1252, 1.208,00, day and time apart, a discount below zero: all found out."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "ventes_2026-01.csv").write_bytes(FRENCH.encode("cp1252"))
    text = suggest(folder)
    given = yaml.safe_load(text)
    lines = given["tables"]["lines"]
    assert lines["read"] == {"separator": ";", "encoding": "cp1252"}
    assert lines["columns"] == {
        "basket": "N° ticket",
        "customer": "Carte fidélité",
        "product": "Code article",
        "store": "Magasin",
        "sold_at": {"from": ["Date", "Heure"], "format": "CHOOSE"},
        "quantity": {"from": "Qté", "decimal": ",", "thousands": "."},
        "sales": {"from": "Montant TTC", "decimal": ",", "thousands": "."},
        "loyalty_discount": {"from": "Remise", "decimal": ",", "thousands": ".", "sign": -1},
    }
    assert "# not used: Caisse" in text
    shop = load(
        folder,
        text,
        tmp_path,
        retailer="Épicerie",
        currency="EUR",
        zone="Europe/Paris",
        sold_at=f'"{DAY_FIRST}"',
    )
    assert totals(shop) == (5, Decimal("1215.10"))
    assert (str(shop.first_day), str(shop.last_day)) == ("2026-01-05", "2026-01-11")
    discounts = shop.lines.select("loyalty_discount").collect("polars").to_native()
    assert discounts["loyalty_discount"].sum() == 50


def test_a_web_shop_s_export_explains_itself_but_for_the_order_of_day_and_month(
    tmp_path: Path,
) -> None:
    """Price times pieces, cancellations, postage that is no merchandise, twins: all found out."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "online.csv").write_text(WEB, encoding="utf-8")
    text = suggest(folder)
    tables = yaml.safe_load(text)["tables"]
    assert tables["lines"]["columns"]["sales"] == {"from": "Price", "times": "Quantity"}
    assert tables["lines"]["returns"] == {"column": "InvoiceNo", "starts": "C"}
    assert tables["lines"]["repeated"] == "add"
    assert tables["products"]["columns"]["merchandise"] == {
        "from": "StockCode",
        "no": ["D", "POST"],
    }
    assert "perhaps Europe/London" in text
    assert "perhaps GBP" in text
    shop = load(
        folder,
        text.replace("repeated: add", "repeated: once"),
        tmp_path,
        retailer="Web shop",
        currency="GBP",
        zone="Europe/London",
        sold_at=f'"{MONTH_FIRST}"',
    )
    assert totals(shop) == (9, Decimal("120.49"))
    assert str(shop.last_day) == "2010-12-02"


def test_what_is_left_open_loads_nothing(tmp_path: Path) -> None:
    """A mapping with a choice to be made is refused, naming the place."""
    corner.deliver(tmp_path / "files")
    path = tmp_path / "mapping.yaml"
    path.write_text(suggest(tmp_path / "files"), encoding="utf-8")
    with pytest.raises(MappingError, match="retailer still says CHOOSE"):
        Mapping.read(path)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("01/02/2026", "03/04/2026"), "CHOOSE"),
        (("01/02/2026", "13/04/2026"), "%d/%m/%Y"),
        (("01/02/2026", "12/31/2026"), "%m/%d/%Y"),
        (("05/05/2026", "06/06/2026"), "CHOOSE"),
        (("01-02-26", "03-04-26"), "CHOOSE"),
        (("01.02.2026", "03.04.2026"), "%d.%m.%Y"),
        (("20260102", "20260304"), "%Y%m%d"),
        (("2 Jan 2026", "13 Feb 2026"), "%d %b %Y"),
        (("2026-01-02", "2026-03-04"), None),
        (("2026-01-02 10:00", "2026-03-04"), None),
    ],
)
def test_dates_are_read_where_one_reading_fits_and_left_open_where_two_do(
    tmp_path: Path, days: tuple[str, str], expected: str | None
) -> None:
    """A day after the twelfth decides; the lake's own form needs no format."""
    first, second = days
    text = f"receipt,item,date,pieces,amount\n1,a,{first},1,2.00\n2,b,{second},1,3.00\n"
    sold_at = table(tmp_path / "files", text)["columns"]["sold_at"]
    assert sold_at == ("date" if expected is None else {"from": "date", "format": expected})


def test_both_readings_of_a_date_are_told_with_the_days_they_give(tmp_path: Path) -> None:
    """The comment holds what is needed to choose."""
    text = "receipt,item,date,pieces,amount\n1,a,01/02/2026,1,2.00\n2,b,03/04/2026,1,3.00\n"
    table(tmp_path / "files", text)
    told = " ".join(suggest(tmp_path / "files").replace("#", "").split())
    assert (
        "'01/02/2026' is 1 February 2026 (format: '%d/%m/%Y'; the days then run from 2026-02-01 "
        "to 2026-04-03) or 2 January 2026 (format: '%m/%d/%Y'; the days then run from 2026-01-02 "
        "to 2026-03-04)"
    ) in told


def test_a_day_whose_time_no_format_reads_still_tells_what_to_choose(tmp_path: Path) -> None:
    """The times are left out, told as a doubt; the day's two readings stand beside it."""
    text = (
        "receipt,item,date,time,pieces,amount\n"
        "1,a,01/02/2026,09.15.30,1,2.00\n2,b,03/04/2026,10.15.30,1,3.00\n"
    )
    sold_at = table(tmp_path / "files", text)["columns"]["sold_at"]
    assert sold_at == {"from": "date", "format": "CHOOSE"}
    told = " ".join(suggest(tmp_path / "files").replace("#", "").split())
    assert "CHOOSE: '01/02/2026' is 1 February 2026 (format: '%d/%m/%Y'" in told
    assert "the times in 'time' are left out" in told
    assert "To choose: 4." in told


def test_daily_files_are_one_pattern_and_decide_together(tmp_path: Path) -> None:
    """The thirteenth of the month is in the second file only."""
    header = "receipt,item,date,pieces,amount\n"
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "till-01.csv").write_text(f"{header}1,a,12/01/2026,1,2.00\n", encoding="utf-8")
    (folder / "till-02.csv").write_text(f"{header}2,b,13/01/2026,1,3.00\n", encoding="utf-8")
    lines = yaml.safe_load(suggest(folder))["tables"]["lines"]
    assert lines["file"] == "till-*.csv"
    assert lines["columns"]["sold_at"] == {"from": "date", "format": "%d/%m/%Y"}


@pytest.mark.parametrize(
    ("amounts", "options"),
    [
        (("1.50", "-2"), {}),
        (("1,50", "2"), {"decimal": ","}),
        (("1.234,50", "2,00"), {"decimal": ",", "thousands": "."}),
        (("1 234,50", "2,00"), {"decimal": ",", "thousands": " "}),
        (("1\u202f234,50", "2,00"), {"decimal": ",", "thousands": "\u202f"}),
        (("1'234.50", "2.00"), {"decimal": ".", "thousands": "'"}),
        (("£1.50", "(2.00)"), {"decimal": "."}),
        (("1.234", "2.500"), {"decimal": "CHOOSE"}),
        (("0.234", "2.500"), {}),
    ],
)
def test_numbers_are_read_as_they_are_written(
    tmp_path: Path, amounts: tuple[str, str], options: dict[str, str]
) -> None:
    """Decimals, thousands and signs are found out; 1.234 alone is left open."""
    first, second = amounts
    text = (
        f"ticket;artikel;datum;menge;betrag\n1;a;2026-01-05;1;{first}\n2;b;2026-01-06;1;{second}\n"
    )
    sales = table(tmp_path / "files", text)["columns"]["sales"]
    assert sales == ({"from": "betrag", **options} if options else "betrag")


@pytest.mark.parametrize(
    "header",
    [
        "Belegnummer,Kundennummer,Artikelnummer,Filiale,Belegdatum,Menge,Umsatz,Rabatt",
        "Recibo,Tarjeta,Artículo,Tienda,Fecha,Cantidad,Importe,Descuento",
        "Scontrino,Tessera,Articolo,Negozio,Data,Quantità,Importo,Sconto",
        "Bonnummer,Klantnummer,Artikelcode,Filiaal,Datum,Aantal,Bedrag,Korting",
        "transaction_id,customer_id,sku,store_id,transaction_date,qty,net_amount,discount",
    ],
)
def test_columns_are_known_by_their_names_in_six_languages(tmp_path: Path, header: str) -> None:
    """German, Spanish, Italian, Dutch and English; the French and the camel case are above."""
    rows = "17,0012,B1,N,2026-01-05,1,2.00,0.10\n18,12,M1,S,2026-01-06,2,3.00,0.00\n"
    columns = table(tmp_path / "files", f"{header}\n{rows}")["columns"]
    ours = [
        *("basket", "customer", "product", "store", "sold_at", "quantity", "sales"),
        "loyalty_discount",
    ]
    assert columns == dict(zip(ours, header.split(","), strict=True))


def test_names_that_say_nothing_are_read_by_their_values(tmp_path: Path) -> None:
    """The one column of dates, of amounts, of numbers that repeat on one moment; not the rest."""
    rows = "".join(
        f"T{number // 2},I{number % 3},2026-01-{5 + number // 2:02} 09:00:00,{number}.50\n"
        for number in range(8)
    )
    columns = table(tmp_path / "files", f"c1,c2,c3,c4\n{rows}")["columns"]
    assert columns == {
        "basket": "c1",
        "product": "CHOOSE",
        "store": {"always": "shop"},
        "sold_at": "c3",
        "quantity": {"always": "1"},
        "sales": "c4",
    }


def test_a_price_that_grows_with_the_pieces_is_the_line_s(tmp_path: Path) -> None:
    """Three at 6.00 where one is 2.00: not multiplied again, and told as a doubt."""
    text = (
        "receipt,item,date,pieces,price\n"
        "1,a,2026-01-05,1,2.00\n2,a,2026-01-05,3,6.00\n3,a,2026-01-06,2,4.00\n"
    )
    assert table(tmp_path / "files", text)["columns"]["sales"] == "price"
    assert "it grows with the pieces" in suggest(tmp_path / "files")


def test_amounts_that_are_prices_per_piece_are_multiplied(tmp_path: Path) -> None:
    """A column called total that equals the price whatever the pieces is no total."""
    text = (
        "receipt,item,date,pieces,price,total\n"
        "1,a,2026-01-05,1,2.00,2.00\n2,a,2026-01-05,3,2.00,2.00\n3,a,2026-01-06,2,2.00,2.00\n"
    )
    sales = table(tmp_path / "files", text)["columns"]["sales"]
    assert sales == {"from": "price", "times": "pieces"}


def test_words_that_mark_returns_are_found(tmp_path: Path) -> None:
    """A column with few values, one of which says return, marks returns."""
    text = (
        "receipt,item,date,pieces,amount,vorgang\n"
        "1,a,2026-01-05,1,2.00,Verkauf\n2,a,2026-01-05,1,2.00,Storno\n"
    )
    assert table(tmp_path / "files", text)["returns"] == {"column": "vorgang", "values": ["Storno"]}


def test_words_that_mean_unknown_are_found(tmp_path: Path) -> None:
    """N/A among the cards and - among the stores are listed once for the table."""
    text = (
        "receipt,card,item,shop,date,pieces,amount\n"
        "1,N/A,a,-,2026-01-05,1,2.00\n2,0012,a,N,2026-01-05,1,2.00\n"
    )
    assert table(tmp_path / "files", text)["nulls"] == ["-", "N/A"]


def test_personal_data_goes_to_the_table_for_it(tmp_path: Path) -> None:
    """Of a file of card holders, ages are customers' and addresses people's."""
    folder = corner.deliver(tmp_path / "files").parent
    (folder / "members.csv").write_text(
        "Card,First name,E-mail,Date of birth,Age band\n"
        "0012,Ann,ann@example.org,1980-05-17,40-49\n12,Bob,bob@example.org,1990-12-01,30-39\n",
        encoding="utf-8",
    )
    tables = yaml.safe_load(suggest(folder))["tables"]
    assert tables["customers"]["columns"] == {"customer": "Card", "age": "Age band"}
    assert tables["people"]["columns"] == {
        "customer": "Card",
        "first_name": "First name",
        "email": "E-mail",
        "birthday": "Date of birth",
    }


PROFILES = """\
{"id": "0012", "traits": {"firstname": "Ann", "email": "ann@example.org", "age": "40-49"}, \
"consents": [{"purpose": "marketing", "granted": true, "since": "2025-03-01", "until": null}, \
{"purpose": "sharing", "granted": false, "since": "2025-03-01", "until": null}]}
{"id": "12", "traits": {"firstname": "Bob", "email": null, "age": null}, "consents": []}
"""


def test_profiles_of_a_platform_become_customers_people_and_consents(tmp_path: Path) -> None:
    """Traits inside a record and lists of records are found, and load beside the receipts."""
    folder = corner.deliver(tmp_path / "files").parent
    (folder / "mapping.yaml").unlink()
    (folder / "profiles.jsonl").write_text(PROFILES, encoding="utf-8")
    text = suggest(folder)
    tables = yaml.safe_load(text)["tables"]
    assert tables["customers"]["columns"] == {"customer": "id", "age": "traits.age"}
    assert tables["people"]["columns"] == {
        "customer": "id",
        "first_name": "traits.firstname",
        "email": "traits.email",
    }
    assert tables["consents"] == {
        "file": "profiles.jsonl",
        "read": {"each": "consents"},
        "columns": {
            "customer": "id",
            "purpose": "consents.purpose",
            "granted": "consents.granted",
            "since": "consents.since",
            "until": "consents.until",
        },
    }
    shop = load(folder, text, tmp_path, retailer="Corner", currency="EUR", zone="Europe/Paris")
    asked = consents_of(shop).select("customers", "asked", "granted", "refused")
    assert asked.rows() == [(4, 1, 1, 0), (4, 0, 0, 0), (4, 1, 0, 1)]


def test_lists_of_packed_records_are_found_too(tmp_path: Path) -> None:
    """JSON lines in gzip give the same tables as without."""
    folder = corner.deliver(tmp_path / "files").parent
    (folder / "profiles.JSONL.gz").write_bytes(gzip.compress(PROFILES.encode()))
    consents = yaml.safe_load(suggest(folder))["tables"]["consents"]
    assert consents["file"] == "profiles.JSONL.gz"
    assert consents["read"] == {"each": "consents"}


def test_a_file_that_is_no_table_is_named_with_its_columns(tmp_path: Path) -> None:
    """Nothing of a delivery is left out without a word."""
    folder = corner.deliver(tmp_path / "files").parent
    (folder / "weather.csv").write_text("rain,wind\nyes,no\n", encoding="utf-8")
    (folder / "broken.parquet").write_bytes(b"PAR1 and no more")
    text = " ".join(suggest(folder).split())
    assert "weather.csv is not used: its columns are those of no table: rain, wind" in text
    assert "broken.parquet is refused" in text


def test_a_typed_file_needs_no_formats(tmp_path: Path) -> None:
    """Numbers and moments of a Parquet file are read as they are."""
    folder = tmp_path / "files"
    folder.mkdir()
    frame = pl.read_csv(corner.RECEIPTS.encode(), try_parse_dates=True)
    frame.write_parquet(folder / "receipts.parquet")
    columns = yaml.safe_load(suggest(folder))["tables"]["lines"]["columns"]
    assert columns["sold_at"] == "time"
    assert columns["sales"] == "amount"


def test_a_folder_without_files_has_no_mapping(tmp_path: Path) -> None:
    """The error says that there is nothing."""
    with pytest.raises(FileRefused, match="holds no file"):
        suggest(tmp_path)
