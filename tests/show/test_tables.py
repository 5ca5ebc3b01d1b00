"""Tables in the house style."""

import re

import polars as pl
import pytest
from looks import Dollars, checks, worth

from workbench import show


def rows(html: str) -> list[list[str]]:
    """Return the cells of each row of a table, as text."""
    found = re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in found]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_table() -> None:
    """Headings, money, shares and nulls read as people read them."""
    show.house(Dollars())
    columns = ["segment", "customers", "customers_share", "sales", "basket_value"]
    html = show.table(worth(), columns=columns)._repr_html_()
    assert rows(html) == [
        ["Segment", "Customers", "Share of customers", "Sales", "Basket value"],
        ["Champions", "20", "20.0%", "$5,000", "$12.50"],
        ["At risk", "80", "80.0%", "$4,000", "$8.00"],
        ["Unlabelled", "–", "–", "$1,000", "$10.00"],
    ]


def test_table_says_what_its_cells_head() -> None:
    """Column headings and the rows' names are headers for assistive technology."""
    html = show.table(worth(), columns=["segment", "customers"])._repr_html_()
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 3


def test_table_title_and_headings() -> None:
    """A title and what it is of stand above what scrolls sideways; headings can be given."""
    headings = {"segment": "Group"}
    said = {"title": "Worth", "subtitle": "Of <all>", "headings": headings}
    above, _, html = show.table(worth(), columns=["segment"], **said).html.partition("<div id=")
    assert re.findall(r">([^<]+)</div>", above) == ["Worth", "Of &lt;all&gt;"]
    assert [row[0] for row in rows(html)][:2] == ["Group", "Champions"]


def test_table_is_the_same_again() -> None:
    """The same frame gives the same HTML, another frame another id."""
    first, again = show.table(worth()), show.table(worth())
    other = show.table(worth().head(1))
    assert first.html == again.html
    assert re.findall(r'<div id="(.*?)"', first.html) != re.findall(r'<div id="(.*?)"', other.html)


def test_table_bars_keep_the_figure() -> None:
    """A bar within a cell is as long as its share of the largest, and the figure stays."""
    html = show.table(worth(), columns=["segment", "sales_share"], bars=["sales_share"]).html
    assert [row[1] for row in rows(html)[1:]] == ["50.0%", "40.0%", "10.0%"]
    assert re.findall(r"#cfe7d8 ([\d.]+%)", html) == ["100.0%", "80.0%", "20.0%"]


def test_table_cut_short_says_so() -> None:
    """A long frame shows its first rows and how many there are."""
    html = show.table(pl.DataFrame({"n": range(1234)})).html
    assert "First 200 of 1,234 rows" in html
    assert len(rows(html)) == 1 + 200 + 1


def test_table_of_nothing() -> None:
    """A frame without rows is headings, and a word on what there is none of."""
    nothing = show.table(worth().head(0), columns=["segment"], empty="No segments")
    assert rows(nothing.html) == [["Segment"], ["No segments"]]


def test_checks_show_status_in_words() -> None:
    """A status is a sign and a word besides its colour; what is fine is folded away."""
    html = show.checks(checks()).html
    known, fine = html.split("<details", 1)
    assert [row[1] for row in rows(known)] == ["Status", "▲ Note", "✕ Fault"]
    assert [row[1] for row in rows(fine)] == ["Status", "✓ Fine"]
    assert "1 check found nothing to be known" in fine


def test_ledger() -> None:
    """Definitions stand as names and meanings, from a mapping or a frame."""
    expected = [["Name", "Meaning"], ["Recency", "Days since"]]
    assert rows(show.ledger({"Recency": "Days since"}).html) == expected
    frame = pl.DataFrame({"name": ["Recency"], "meaning": ["Days since"]})
    assert rows(show.ledger(frame).html) == expected


def test_figures_needs_one_row() -> None:
    """Figures of several rows are refused with the number of rows."""
    with pytest.raises(ValueError, match="this frame has 3"):
        show.figures(worth())


def test_terms_are_folded_under_their_subjects() -> None:
    """One fold per subject, open when there are few; what is written is text."""
    rows = [("Halves", "odd", "1 <b>"), ("Halves", "even", "2"), ("Thirds", "first", "a")]
    terms = pl.DataFrame(rows, ["subject", "term", "meaning"], orient="row")
    few = show.folded(terms)
    assert few.html.count("<details open>") == 2
    assert "<b>" not in few.html
    assert few.text == "Halves: 2; Thirds: 1"
    many = show.folded(pl.concat(terms.with_columns(subject=pl.lit(f"s{n}")) for n in range(9)))
    assert (many.html.count("<details>"), many.html.count("open")) == (9, 0)
