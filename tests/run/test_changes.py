"""What changed since the run before: to the cent, and only where windows follow each other."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from finished import finding, report
from shops import deliver, till
from tiny import page

from workbench.door import corner
from workbench.run import report as reports
from workbench.run.changes import Changes, changes

FIRST = dt.date(2026, 2, 16)
CAUSES = pl.DataFrame(
    {"part": ["Customers", "Price", "Mix"], "sales_change": [Decimal(20), Decimal(-5), Decimal(0)]}
)


def levels(*weeks: tuple[int, str]) -> pl.DataFrame:
    """Return the headline of some weeks, each with its number and sales."""
    return pl.DataFrame(
        [
            {
                "whose": whose,
                "first_day": FIRST + dt.timedelta(weeks=week),
                "last_day": FIRST + dt.timedelta(weeks=week, days=6),
                "customers": 10 * week,
                "visits": 1200 * week,
                "basket_value": Decimal("9.50"),
                "sales": Decimal(sales),
            }
            for whose in ("With a card", "All")
            for week, sales in weeks
        ]
    )


def compare(tmp_path: Path, now: pl.DataFrame, before: pl.DataFrame) -> Changes:
    """Compare two reports of the business, the first with its causes."""
    report(tmp_path / "now", {"levels": now, "causes": CAUSES})
    report(tmp_path / "before", {"levels": before})
    return changes(tmp_path / "now", tmp_path / "before")


def test_a_week_that_follows_the_one_told_of_is_taken_apart(tmp_path: Path) -> None:
    """The growth in words, that the old figure stands, and the parts of the change."""
    found = compare(tmp_path, levels((1, "100"), (2, "115")), levels((0, "90"), (1, "100")))
    assert found == Changes(
        (
            "Sales of 2 to 8 March 2026 were 115 EUR; the run before told of 100 for 23 February "
            "to 1 March 2026, +15.0%; customers 10 to 20, visits 1,200 to 2,400, basket value "
            "9.50 to 9.50",
            "The sales told of 23 February to 1 March 2026 still stand, to the cent",
        ),
        (("Customers", "+20.00 EUR"), ("Price", "-5.00 EUR")),
    )


def test_days_that_were_restated_are_told_to_the_cent(tmp_path: Path) -> None:
    """What was told before and what it is now differ by what came in since."""
    found = compare(tmp_path, levels((1, "100.25"), (2, "115")), levels((1, "100")))
    assert found.said[1] == (
        "Restated: +0.25 EUR came in since for 23 February to 1 March 2026, which were told of"
    )
    assert found.split[0] == ("Restated days", "+0.25 EUR")


def test_the_same_days_again_have_no_growth(tmp_path: Path) -> None:
    """Only a restatement can change them, and there is nothing to take apart."""
    found = compare(tmp_path, levels((1, "100"), (2, "115")), levels((1, "100"), (2, "110")))
    assert len(found.said) == 1
    assert found.said[0].startswith("Restated: +5.00 EUR came in since for 2 to 8 March 2026")
    assert found.split == ()


def test_windows_that_do_not_meet_are_not_taken_apart(tmp_path: Path) -> None:
    """After a missed week the stored causes speak of another change."""
    found = compare(tmp_path, levels((3, "100"), (4, "115")), levels((1, "0")))
    assert len(found.said) == 1
    assert "told of 0 for 23 February to 1 March 2026; customers 10 to 40" in found.said[0]
    assert found.split == ()


def test_other_reports_say_what_their_first_sentence_was(tmp_path: Path) -> None:
    """If it is another now; a report that is new or failed has nothing to say."""
    report(tmp_path / "now", shown=(finding("Ann leads"),))
    report(tmp_path / "before", shown=(finding("Bob leads"),))
    report(tmp_path / "failed", shown=(finding("Cid leads"),), status="failed")
    assert changes(tmp_path / "now", tmp_path / "before") == Changes(was="Bob leads")
    for other in ("now", "failed", "absent"):
        assert changes(tmp_path / "now", tmp_path / other) == Changes()


def test_two_loads_a_week_apart_are_told_apart_to_the_cent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overview of each week, made on the data of its day; a late receipt restates a day."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    first = ("ann 2026-02-16 bread 2.00", "ann 2026-02-23 bread 2.00", "bob 2026-02-24 milk 3.00")
    later = ("ann 2026-03-02 bread 2.00", "bob 2026-03-03 milk 3.00", "cid 2026-03-04 wine 8.00")
    late = "- 2026-02-25 milk 1.25"
    for name, sales, last_day in (
        ("before", first, "2026-03-01"),
        ("now", (*first, *later, late), "2026-03-08"),
    ):
        mapping = corner.MAPPING.replace("2026-03-01", last_day)
        version = deliver(tmp_path, receipts=till(*sales), mapping=mapping).version
        given = {"period": "last 1 week"}
        place = tmp_path / name
        reports.run("customers/overview", given, out=place, data_version=version, export=page)
    found = changes(tmp_path / "now", tmp_path / "before")
    assert found.said[0].startswith(
        "Sales of 2 to 8 March 2026 were 13 EUR; the run before told of 5 for 23 February to 1 "
        "March 2026, +160.0%; customers 2 to 3"
    )
    assert found.said[1].startswith("Restated: +1.25 EUR came in since for 23 February to 1 March")
    parts = [Decimal(amount.split()[0]) for _, amount in found.split]
    assert sum(parts) == 13 - 5
    assert [part for part, _ in found.split][:2] == ["Restated days", "Customers"]
