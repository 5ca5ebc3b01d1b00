"""Several retailers in one lake: tables and versions of their own, and nothing added up."""

from decimal import Decimal
from pathlib import Path

import pytest
from shops import quiet, till

from workbench.data import open_shop
from workbench.door import corner
from workbench.door.draft import place_of
from workbench.door.ingest import ingest
from workbench.door.mapping import Mapping
from workbench.measures import extent

OTHER = corner.MAPPING.replace("Corner shop", "Other shop").replace("EUR", "CHF")


def load(home: Path, mapping: str, *sales: str) -> str:
    """Load a retailer's few sales and return the version that they make."""
    folder = home / mapping.splitlines()[0].removeprefix("retailer: ")
    path = corner.deliver(folder, receipts=till(*sales), mapping=mapping)
    return ingest([folder], Mapping.read(path), home, progress=quiet).version


def test_retailers_do_not_see_each_other(tmp_path: Path) -> None:
    """Each has its own sales, customers and currency, and a load of one leaves the other alone."""
    assert load(tmp_path, corner.MAPPING, "ann 2026-01-05 bread 1.00") == "v1"
    assert load(tmp_path, OTHER, "bob 2026-01-05 bread 2.00") == "v2"
    assert load(tmp_path, corner.MAPPING, "ann 2026-01-05 bread 1.00", "ann 2026-01-06 milk 4.00")
    ours, theirs = (open_shop(tmp_path, retailer=name) for name in ("Corner shop", "Other shop"))
    assert (ours.version, ours.currency, theirs.version, theirs.currency) == (
        "v3",
        "EUR",
        "v2",
        "CHF",
    )
    assert extent(ours)["sales"].item() == Decimal("5.00")
    assert extent(theirs)["sales"].item() == Decimal("2.00")


def test_the_newest_load_is_opened_where_none_is_named(tmp_path: Path) -> None:
    """A version names its retailer, since all versions are numbered in one sequence."""
    load(tmp_path, corner.MAPPING, "ann 2026-01-05 bread 1.00")
    load(tmp_path, OTHER, "bob 2026-01-05 bread 2.00")
    assert open_shop(tmp_path).retailer == "Other shop"
    assert open_shop(tmp_path, "v1").retailer == "Corner shop"


def test_a_retailer_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    """The message lists the names."""
    load(tmp_path, corner.MAPPING, "ann 2026-01-05 bread 1.00")
    with pytest.raises(ValueError, match=r"no store has the retailer 'Nobody'.*Corner shop"):
        open_shop(tmp_path, retailer="Nobody")


def test_retailers_of_like_names_have_folders_of_their_own(tmp_path: Path) -> None:
    """Names that read alike in plain letters are still two retailers."""
    assert place_of("Corner-Shop!") == place_of("Corner shop")
    load(tmp_path, corner.MAPPING, "ann 2026-01-05 bread 1.00")
    load(tmp_path, OTHER.replace("Other shop", "Corner-Shop!"), "bob 2026-01-05 bread 2.00")
    shop = open_shop(tmp_path, retailer="Corner shop")
    assert extent(shop)["sales"].item() == Decimal("1.00")


def test_no_retailer_s_name_makes_its_tables_look_like_leftovers(tmp_path: Path) -> None:
    """The next load clears up what a killed one left, and only that."""
    names = ("Editions", "Work wear", "Parts Direct")
    for name in names:
        mapping = corner.MAPPING.replace("Corner shop", name)
        load(tmp_path, mapping, "ann 2026-01-05 bread 1.00")
    load(tmp_path, OTHER, "bob 2026-01-05 bread 2.00")
    kept = [extent(open_shop(tmp_path, retailer=name))["sales"].item() for name in names]
    assert kept == [Decimal("1.00")] * 3
