"""The data passport: known figures, colours, and the stop at a red check with its override."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from engines import UNREAD, on_duckdb
from plain import Delivery, line
from polars.testing import assert_frame_equal

from workbench.data import Shop, open_shop
from workbench.data.checks.check import AMBER, GREEN, NEVER, RED, Check
from workbench.data.checks.named import CHECKS
from workbench.data.passport import FINDINGS, colour, examine, passport, reds
from workbench.data.verdict import RedPassport, UnknownCheck

# Counts and what they are out of, worked out from the source's own files.
SAMPLE = {
    "unknown products": (4_836, 1_469_307),
    "products without a category": (2_209, 1_469_307),
    "no card": (0, 1_469_307),
    "quantity zero": (8_869, 1_469_307),
    "sales zero": (11_246, 1_469_307),  # 11,226 zeros, 20 below half a cent
    "negative sales": (0, 1_469_307),
    "free goods": (3_507, 1_469_307),
    "days by another clock": (250_533, 1_469_307),
    "days without a receipt": (1, 365),
    "days in a part of a week": (1, 365),
    "early customers": (1_977, 2_469),
    "customers seen on one day": (34, 2_469),
    "customers without details": (1_668, 2_469),
    "promotions merged": (12_785, 20_940_529),
    "coupons merged": (4_872, 116_204),
    "coupons of several campaigns": (151, 981),
    "widest coupon": (14_477, 92_351),
    "campaigns cut off": (9, 27),
}
CORNER = {
    "no card": (2, 15),
    "negative sales": (1, 15),
    "unknown products": (1, 15),
    "receipts that only bring back": (1, 12),
    "returns without a purchase": (0, 1),
    "days without a receipt": (44, 56),
    "days in a part of a week": (0, 56),
    "early customers": (3, 4),
    "customers seen on one day": (1, 4),
    "declared costs": (4, 4),
    "declared tables": (1, 5),
}
STRANGE = [
    line(f"strange {n}", 40, product="x1", time=f"{10 + n // 60}:{n % 60:02d}") for n in range(60)
]
SHARE = Check("a check", "lines", 0.1, 0.5, "Some.", "None.")


def counts(passport: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Return what each check counted, out of what."""
    return {row[0]: row[1:] for row in passport.select("check", "count", "out_of").rows()}


@pytest.fixture(scope="module")
def found(sample_shop: Shop) -> pl.DataFrame:
    """The passport of the sample retailer."""
    return passport(sample_shop)


@pytest.fixture(scope="module")
def red_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose data has 60 of 1,180 lines, over five in a hundred, of unknown products."""
    home = tmp_path_factory.mktemp("red")
    Delivery().sells(*STRANGE).load(home)
    return home


@pytest.mark.parametrize("check", SAMPLE)
def test_a_known_figure_of_the_sample_retailer_is_found(found: pl.DataFrame, check: str) -> None:
    """The passport counts what is known to be there, and says out of how many."""
    assert counts(found)[check] == SAMPLE[check]


@pytest.mark.parametrize(
    ("check", "share"),
    [("units that are not merchandise", 0.988), ("days by another clock", 0.171)],
)
def test_a_known_share_of_the_sample_retailer_is_found(
    found: pl.DataFrame, check: str, share: float
) -> None:
    """Units are nearly all fuel and coupons; a sixth of the lines are dated a day off in UTC."""
    assert found.filter(check=check)["share"].item() == pytest.approx(share, abs=0.0005)


def test_the_sample_retailer_is_amber(sample_shop: Shop, found: pl.DataFrame) -> None:
    """Nothing about it makes an analysis unsafe, and much is to be known."""
    assert sample_shop.edition.colour == colour(found) == AMBER
    assert sample_shop.edition.passport == reds(found) == {}
    noted = found["status"].cast(pl.String).to_list().count(AMBER)
    assert str(sample_shop.verdict) == f"data v1, passport amber ({noted} amber, 0 red)"


def test_the_corner_shops_figures_by_hand(corner_shop: Shop) -> None:
    """Two cash lines, a return, a candle from nowhere, 44 days without a receipt, one stranger."""
    assert CORNER.items() <= counts(passport(corner_shop)).items()
    assert corner_shop.edition.colour == AMBER


def test_every_check_says_what_it_means_and_what_is_done() -> None:
    """Nobody is left alone with a number: a check is a name, two sentences and two shares."""
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 25
    assert all(check.meaning.endswith(".") and check.treatment.endswith(".") for check in CHECKS)
    assert all(0 <= check.amber < check.red for check in CHECKS)


def test_the_worst_comes_first(found: pl.DataFrame) -> None:
    """Red before amber before green, and in each the largest share first."""
    severity = {RED: 0, AMBER: 1, GREEN: 2}
    rows = found.select("status", "share").rows()
    places = [(severity[status], -share) for status, share in rows]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("count", "out_of", "status"),
    [
        (0, 0, GREEN),
        (10, 100, GREEN),
        (11, 100, AMBER),
        (49, 100, AMBER),
        (50, 100, RED),
        (99, 99, AMBER),
    ],
    ids=["of nothing", "at the mark", "above it", "below red", "at red", "too few to condemn"],
)
def test_a_status_follows_the_share(count: int, out_of: int, status: str) -> None:
    """Amber above the first share, red from the second on, and no verdict on a handful."""
    assert SHARE.status(count, out_of) == status
    assert replace(SHARE, red=NEVER).status(count, out_of) != RED


@pytest.mark.parametrize("name", ["sample_shop", "corner_shop"])
def test_duckdb_finds_the_same(name: str, request: pytest.FixtureRequest) -> None:
    """Every count, and every example, on another engine."""
    shop: Shop = request.getfixturevalue(name)
    small = {table: rows for table, rows in shop.tables.items() if table not in UNREAD}
    nothing = pl.DataFrame(schema=FINDINGS)
    here, there = replace(shop, tables=small), on_duckdb(shop)
    assert_frame_equal(examine(there, nothing), examine(here, nothing), check_exact=True)


def test_an_edition_keeps_its_red_checks(red_home: Path) -> None:
    """The stop needs no second look at the data."""
    edition = open_shop(red_home).edition
    assert edition.passport == {"unknown products": ["products", "categories"]}
    assert edition.colour == RED


def test_a_red_check_stops_the_tables_it_concerns(red_home: Path) -> None:
    """The message says which check, what it found and the way out; other tables stay open."""
    shop = open_shop(red_home)
    with pytest.raises(RedPassport) as stop:
        _ = shop.products
    for said in (
        "data v1", "'products'", "unknown products (60 of 1,180)", "Correct the delivery",
        '--accept "unknown products"', 'WORKBENCH_ACCEPT="unknown products"',
    ):  # fmt: skip
        assert said in str(stop.value)
    assert shop.lines is not None


def test_a_red_check_may_be_accepted_by_its_name(red_home: Path) -> None:
    """Whoever goes on in spite of it says so, and every page repeats it."""
    shop = open_shop(red_home, accept=["unknown products"])
    assert shop.products is not None
    assert str(shop.verdict).endswith(" amber, 1 red), accepted: unknown products")


def test_the_environment_accepts_as_well(red_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel hears of it through its environment; an argument goes before that."""
    monkeypatch.setenv("WORKBENCH_ACCEPT", "no card, unknown products")
    assert open_shop(red_home).accepted == {"no card", "unknown products"}
    with pytest.raises(RedPassport):
        _ = open_shop(red_home, accept=[]).products


def test_accepting_another_check_does_not_help(red_home: Path) -> None:
    """Each red check is accepted by its own name."""
    with pytest.raises(RedPassport):
        _ = open_shop(red_home, accept=["no card"]).products


def test_a_name_that_is_no_check_is_refused_with_those_there_are(red_home: Path) -> None:
    """A slip of the pen does not pass for an acceptance."""
    with pytest.raises(UnknownCheck, match="no check is called 'unknown'; there are: ") as refusal:
        open_shop(red_home, accept=["unknown"])
    assert "unknown products" in str(refusal.value)


def test_the_passport_itself_can_always_be_read(red_home: Path) -> None:
    """The page that explains a red check is not stopped by it."""
    shop = open_shop(red_home, reviewing=True)
    assert shop.products is not None
    assert reds(passport(shop)) == shop.edition.passport


def test_no_customer_is_named_in_a_passport(sample_shop: Shop, found: pl.DataFrame) -> None:
    """Examples of checks of customers say days and numbers of cards, never whose."""
    personal = found.filter(pl.col("check").str.contains("customer|card"))
    told = " ".join(personal["examples"].to_list())
    assert set(told.replace("(", " ").replace(")", " ").replace(",", " ").split()) <= {
        "25", "Sep", "2017", "1",
    }  # fmt: skip
    assert personal.height >= 6
    assert sample_shop.reviewing is False
