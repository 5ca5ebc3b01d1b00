"""A finished report in other formats: Excel, PowerPoint and PDF."""

import datetime as dt
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest
from finished import finding, report
from pptx import Presentation

from workbench.run import findings, pdf
from workbench.run.deliver import write_formats

TABLES = {
    "worth": pl.DataFrame(
        {
            "segment": pl.Series(["=1+1", "Ann"], dtype=pl.Enum(["=1+1", "Ann"])),
            "sales": [Decimal("12.30"), None],
            "sales_share": [0.5, None],
            "day": [dt.date(2026, 3, 1), None],
            "customer_id": [1234, 5],
            "parts": [["a", "b"], None],
        }
    ),
    "a_table_with_a_very_long_name_of_its_own": pl.DataFrame({"note": ["http://x.example"]}),
    "a_table_with_a_very_long_name_of_another": pl.DataFrame(schema={"nobody": pl.Int64}),
}


def test_a_workbook_holds_every_table_and_says_what_it_is(tmp_path: Path) -> None:
    """One sheet for each table, whatever its name, after one about the run."""
    asked = {"bands": 5, "seed": 0, "against_all": False, "note": ""}
    made = replace(report(tmp_path / "tiny", TABLES), parameters=asked)
    assert write_formats(tmp_path / "tiny", made, ("html", "xlsx")) == []
    book = fastexcel.read_excel(tmp_path / "tiny" / "report.xlsx")
    assert book.sheet_names[0] == "About"
    assert len(set(book.sheet_names)) == 4
    about = dict(book.load_sheet("About").to_polars().rows())
    assert about["Report"] == "Tiny baskets"
    said = [about.get(f"Parameter {name}") for name in asked]
    assert said == ["5", "0", "False", None]
    worth = next(name for name in book.sheet_names if name.endswith(" worth"))
    assert about[f"Sheet {worth}"] == "2 rows"
    frame = book.load_sheet(worth).to_polars()
    assert frame.columns[:3] == ["Segment", "Sales", "Sales share"]
    assert frame["Segment"].to_list() == ["=1+1", "Ann"]
    assert frame["Sales"].to_list() == [12.3, None]
    assert frame["Parts"].to_list() == ["['a', 'b']", None]


def test_a_workbook_has_formats_and_no_formula_or_link(tmp_path: Path) -> None:
    """Money has cents, shares are per cent, days are days, ids have no thousands."""
    made = report(tmp_path / "tiny", TABLES)
    write_formats(tmp_path / "tiny", made, ("xlsx",))
    with ZipFile(tmp_path / "tiny" / "report.xlsx") as book:
        styles = book.read("xl/styles.xml").decode()
        sheets = "".join(book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n)
    assert "<f>" not in sheets
    assert "<hyperlink" not in sheets
    assert sheets.count('fitToHeight="0"') == sheets.count('orientation="landscape"') == 4
    for code in ("yyyy-mm-dd", "0.0%"):
        assert f'formatCode="{code}"' in styles


def test_slides_have_a_chart_each_with_its_finding_as_title(tmp_path: Path) -> None:
    """The title slide says what it rests on and what was found; notes describe the chart."""
    made = report(tmp_path / "tiny")
    assert write_formats(tmp_path / "tiny", made, ("pptx",)) == []
    first, second = Presentation(str(tmp_path / "tiny" / "report.pptx")).slides
    assert first.shapes.title.text_frame.text == "Tiny baskets"
    texts = [shape.text_frame.text for shape in first.shapes if shape.has_text_frame]
    assert "Sales rose\nAnn buys most" in texts
    assert second.shapes.title.text_frame.text == "Ann buys most"
    assert [shape.image.ext for shape in second.shapes if hasattr(shape, "image")] == ["png"]
    said = second.notes_slide.notes_text_frame.text
    assert said == ("Bars compare Ann and Bob. Corner shop, 23 Feb 2026 – 1 Mar 2026, data v1.")


def test_a_pdf_is_printed_by_the_browser(tmp_path: Path) -> None:
    """Chromium prints the page of the report."""
    report(tmp_path / "tiny")
    assert pdf.write(tmp_path / "tiny").read_bytes().startswith(b"%PDF-")


def test_a_report_without_its_pdf_is_still_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no browser, or one that makes none, the fault says which and the way out."""
    made = report(tmp_path / "tiny", TABLES)
    monkeypatch.setenv("WORKBENCH_CHROMIUM", "no-such-browser")
    faults = write_formats(tmp_path / "tiny", made, ("pdf", "xlsx"))
    assert [fault.partition(":")[0] for fault in faults] == [
        "Tiny baskets could not be made as pdf"
    ]
    assert "name it in WORKBENCH_CHROMIUM" in faults[0]
    assert (tmp_path / "tiny" / "report.xlsx").exists()
    monkeypatch.setenv("WORKBENCH_CHROMIUM", "true")
    assert "made no PDF" in write_formats(tmp_path / "tiny", made, ("pdf",))[0]


PRINTS = """#!/bin/sh
for word; do case $word in --print-to-pdf=*) echo %PDF-1.4 > "${word#*=}" ;; esac; done
"""


def browser(folder: Path, script: str) -> str:
    """Return the path of a program that stands for the browser."""
    path = folder / "browser"
    path.write_text(script)
    path.chmod(0o755)
    return str(path)


def test_half_a_pdf_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its copy is cut short nothing is left by its name, so that the next run prints it."""
    made = report(tmp_path / "tiny")
    monkeypatch.setenv("WORKBENCH_CHROMIUM", browser(tmp_path, PRINTS))

    def cut_short(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:3])
        raise OSError("no space left")

    with monkeypatch.context() as full:
        full.setattr(shutil, "move", cut_short)
        assert "no space left" in write_formats(tmp_path / "tiny", made, ("pdf",))[0]
    assert not (tmp_path / "tiny" / "report.pdf").exists()
    assert write_formats(tmp_path / "tiny", made, ("pdf",)) == []
    assert (tmp_path / "tiny" / "report.pdf").read_text() == "%PDF-1.4\n"


def test_a_browser_that_does_not_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is that of a file, and says for how long was waited."""
    report(tmp_path / "tiny")
    monkeypatch.setenv("WORKBENCH_CHROMIUM", browser(tmp_path, "#!/bin/sh\nexec sleep 60"))
    monkeypatch.setattr(pdf, "LIMIT", 0.2)
    with pytest.raises(OSError, match=r"made no PDF in 0\.2 seconds"):
        pdf.write(tmp_path / "tiny")


def test_the_sentences_of_a_report_come_in_order_and_once(tmp_path: Path) -> None:
    """Findings and the titles of charts; tables and tiles are not sentences."""
    twice = finding("Sales rose"), {"text/plain": "a table"}, finding("Sales rose")
    report(tmp_path / "one", shown=twice)
    report(tmp_path / "two")
    assert findings.sentences(tmp_path / "one") == ["Sales rose"]
    assert findings.sentences(tmp_path / "two") == ["Sales rose", "Ann buys most"]
    assert findings.sentences(tmp_path / "two", 1) == ["Sales rose"]
    assert findings.sentences(tmp_path / "absent") == []
