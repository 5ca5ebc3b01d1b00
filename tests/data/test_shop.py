"""Opening a shop: which version, which days, and what is said where there is none."""

from pathlib import Path

import narwhals as nw
import pytest
from plain import MAPPING, Delivery, line
from shops import deliver

from workbench.data import Latest, Period, Shop, open_shop
from workbench.data.lake import NoLake
from workbench.data.scope import OutOfScope
from workbench.data.shop import NotCovered
from workbench.data.verdict import RedPassport
from workbench.door import corner

PINNED = "WORKBENCH_DATA_VERSION"
MORE = corner.RECEIPTS + "13,0001,bread,N,2026-02-28 11:00:00,1,2.00,0.00\n"


@pytest.fixture(scope="module")
def two_editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with two editions."""
    home = tmp_path_factory.mktemp("two")
    deliver(home)
    deliver(home, receipts=MORE)
    return home


def test_without_data_the_message_names_the_commands_that_make_some(tmp_path: Path) -> None:
    """Nobody has to look up how to begin; a visitor of an app sees no path of the machine."""
    with pytest.raises(NoLake) as refusal:
        open_shop(tmp_path)
    message = str(refusal.value)
    assert str(tmp_path) not in message
    assert "`workbench demo`" in message
    assert "`workbench ingest`" in message


def test_the_newest_edition_is_opened(two_editions: Path) -> None:
    """Without a word the shop is that of the last load."""
    assert open_shop(two_editions).version == "v2"


def test_the_environment_pins_the_version(
    two_editions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run sees the version it was started with."""
    monkeypatch.setenv(PINNED, "v1")
    assert open_shop(two_editions).version == "v1"


def test_a_version_that_is_asked_for_goes_before_the_pinned_one(
    two_editions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the caller names is what it gets."""
    monkeypatch.setenv(PINNED, "v1")
    assert open_shop(two_editions, "v2").version == "v2"


def test_a_home_may_be_named_by_the_environment(
    two_editions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook opens the shop without naming a folder."""
    monkeypatch.setenv("WORKBENCH_HOME", str(two_editions))
    assert open_shop().version == "v2"


@pytest.mark.parametrize("version", ["v3", "v0", "latest", "../v1", "v²", "-1", "v1\n"])
def test_a_version_that_is_not_there_is_named_with_those_there_are(
    two_editions: Path, version: str
) -> None:
    """The message gives the versions to choose from."""
    with pytest.raises(NoLake, match="is not in the lake; there are: v1, v2"):
        open_shop(two_editions, version)


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("last 4 weeks", "2026-02-02/2026-03-01"),
        ("last 1 month", "2026-02-01/2026-02-28"),
        (Latest(1, "day"), "2026-03-01/2026-03-01"),
        (Period.parse("2026-01-05/2026-01-05"), "2026-01-05/2026-01-05"),
    ],
)
def test_a_window_is_counted_back_from_the_last_complete_day(
    corner_shop: Shop, period: str | Period | Latest, days: str
) -> None:
    """The analysis date comes from the data, not from the clock."""
    assert str(corner_shop.window(period)) == days


@pytest.mark.parametrize(
    ("period", "meant"),
    [
        ("2026-01-04/2026-02-01", "4 Jan 2026 to 1 Feb 2026"),
        ("2026-02-02/2026-03-02", "2 Feb 2026 to 2 Mar 2026"),
        ("last 9 weeks", "last 9 weeks (29 Dec 2025 to 1 Mar 2026)"),
        ("last 2 months", "last 2 months (1 Jan 2026 to 28 Feb 2026)"),
    ],
)
def test_a_window_the_data_does_not_cover_is_refused_by_name(
    corner_shop: Shop, period: str, meant: str
) -> None:
    """The message names the days meant and the days there are."""
    with pytest.raises(NotCovered) as refusal:
        corner_shop.window(period)
    assert f"does not cover the period {meant}" in str(refusal.value)
    assert "from 5 Jan 2026 to 1 Mar 2026;" in str(refusal.value)


def test_narrowing_keeps_the_lines_of_the_days_both_included(corner_shop: Shop) -> None:
    """From the sixth to the fourteenth of January there are three lines."""
    lines = corner_shop.during("2026-01-06/2026-01-14").lines.collect("polars").to_native()
    assert sorted(lines["day"].dt.day()) == [6, 7, 14]


def test_a_table_that_was_not_delivered_is_named_with_those_there_are(corner_shop: Shop) -> None:
    """The message gives the tables and the way to get another."""
    assert not corner_shop.has("coupons")
    with pytest.raises(ValueError, match="coupons") as refusal:
        corner_shop.table("coupons")
    assert "baskets" in str(refusal.value)
    assert "`workbench ingest`" in str(refusal.value)


@pytest.fixture(scope="module")
def mixed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 1,120 lines in euros, three in francs, two of them on the web, two of Other."""
    home = tmp_path_factory.mktemp("mixed")
    stores = ("C,store,,Plain shop,CHF", "W,web,,Plain shop,CHF", "O,store,,Other,EUR")
    francs = [line("1c", 40, store="C"), line("1w", 40, store="W"), line("2w", 41, store="W")]
    others = [line("1o", 40, store="O", card="2"), line("2o", 41, store="O", card="2")]
    Delivery().adds("stores", *stores).sells(*francs, *others).load(home)
    return home


def count(shop: Shop) -> int:
    """Return how many lines a shop has."""
    return int(shop.lines.select(lines=nw.len()).collect("polars").to_native().item())


def test_receipts_of_another_retailer_or_currency_are_never_added_up(mixed_home: Path) -> None:
    """The shop is that of the edition's retailer in its currency."""
    shop = open_shop(mixed_home)
    assert (count(shop), shop.retailer, shop.currency) == (1120, "Plain shop", "EUR")


@pytest.mark.parametrize(
    ("asked", "lines", "retailer", "currency"),
    [
        ({"currency": "CHF"}, 3, "Plain shop", "CHF"),
        ({"retailer": "Other"}, 2, "Other", "EUR"),
        ({"retailer": "Plain shop"}, 1120, "Plain shop", "EUR"),
    ],
)
def test_another_retailer_or_currency_is_opened_by_name(
    mixed_home: Path, asked: dict[str, str], lines: int, retailer: str, currency: str
) -> None:
    """Each is looked at by itself, when opened and afterwards."""
    for shop in (open_shop(mixed_home, **asked), open_shop(mixed_home).only(**asked)):
        assert (count(shop), shop.retailer, shop.currency) == (lines, retailer, currency)


def test_one_channel_may_be_looked_at(mixed_home: Path) -> None:
    """Of the three lines in francs two were sold on the web."""
    assert count(open_shop(mixed_home).only(currency="CHF", channel="web")) == 2
    assert count(open_shop(mixed_home).only(channel="store")) == 1120


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"currency": "USD"}, "no store has the currency 'USD'; there are: CHF, EUR"),
        (
            {"retailer": "Nobody"},
            "no store has the retailer 'Nobody'; there are: Other, Plain shop",
        ),
        ({"channel": "web"}, "no store has the channel 'web'; there are: store"),
    ],
)
def test_what_no_store_has_is_refused_with_what_there_is(
    mixed_home: Path, asked: dict[str, str], said: str
) -> None:
    """A name that is not there does not give an empty shop."""
    with pytest.raises(OutOfScope, match=said):
        open_shop(mixed_home).only(**asked)


def test_where_all_stores_are_one_retailers_nothing_is_narrowed(corner_shop: Shop) -> None:
    """The question to the lake stays as short as it was."""
    assert corner_shop.scope is not None
    assert corner_shop.scope.stores is None


def test_stores_that_share_another_name_are_the_retailers_all_the_same(tmp_path: Path) -> None:
    """A shop is opened by its mapping's name, whatever company its stores belong to."""
    stores = ("N,store,,Stores Ltd,CHF", "S,store,,Stores Ltd,CHF")
    Delivery().has("stores", *stores).load(tmp_path)
    for shop in (open_shop(tmp_path), open_shop(tmp_path, retailer="Plain shop")):
        assert (count(shop), shop.retailer, shop.currency) == (1120, "Plain shop", "CHF")
    assert open_shop(tmp_path, retailer="Stores Ltd").retailer == "Stores Ltd"


def test_each_retailer_of_a_lake_is_opened_by_its_name(tmp_path: Path) -> None:
    """The newest data is opened where none is named, whosever it is."""
    Delivery().load(tmp_path)
    Delivery(mapping=MAPPING.replace("Plain shop", "Second shop")).has("stores").load(tmp_path)
    assert open_shop(tmp_path).retailer == "Second shop"
    assert open_shop(tmp_path, retailer="Plain shop").version == "v1"


def test_without_a_store_of_the_retailers_own_nothing_is_added_up(tmp_path: Path) -> None:
    """Where each store sells in another currency than the mapping says, the lines are stopped."""
    Delivery().has("stores", "N,store,,Plain shop,CHF", "S,store,,Plain shop,USD").load(tmp_path)
    with pytest.raises(RedPassport, match=r"other retailers or currencies \(1,120 of 1,120\)"):
        _ = open_shop(tmp_path).lines
