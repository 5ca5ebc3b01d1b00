"""Consents are read on a day, and pseudonyms tell nobody anything but "the same one again"."""

import re
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb

from workbench.data import Shop
from workbench.data.engine import fetch
from workbench.data.privacy import (
    consented,
    consents_of,
    masked,
    pseudonyms,
    workspace_key,
)

CONSENTS = """\
1 marketing yes 2026-01-01 -
1 sharing   no  2026-01-01 -
2 marketing yes 2026-01-01 -
2 marketing no  2026-02-01 -
3 marketing yes 2026-01-01 2026-02-15
3 profiling no  2026-01-01 -
3 profiling yes 2026-02-01 -
4 marketing yes 2026-03-02 -
"""
ENGINES: dict[str, Callable[[Shop], Shop]] = {"polars": lambda shop: shop, "duckdb": on_duckdb}
every_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


@pytest.fixture(name="shop")
def asked(corner_shop: Shop) -> Shop:
    """The corner shop's four card holders, complete to 1 March, with a history of decisions."""
    rows = [line.split() for line in CONSENTS.splitlines()]
    frame = pl.DataFrame(
        [
            (int(who), purpose, answer == "yes", date.fromisoformat(since), _day(until))
            for who, purpose, answer, since, until in rows
        ],
        schema={
            "customer_id": pl.Int32,
            "purpose": pl.String,
            "granted": pl.Boolean,
            "since": pl.Date,
            "until": pl.Date,
        },
        orient="row",
    )
    tables = {
        "consents": nw.from_native(frame.lazy()),
        "customers": corner_shop.table("customers"),
    }
    return replace(corner_shop, tables=tables)


def _day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def who(shop: Shop, purpose: str, day: date | None = None) -> list[int]:
    """Return the customers who consent, by their number."""
    answer = consented(shop, purpose, day)
    return fetch(answer, by=["customer_id"])["customer_id"].to_list()


@every_engine
def test_a_consent_holds_from_its_first_to_its_last_day(
    shop: Shop, engine: Callable[[Shop], Shop]
) -> None:
    """Before `since` there is none, on the day of `until` there still is, the day after not."""
    shop = engine(shop)
    assert who(shop, "marketing", date(2025, 12, 31)) == []
    assert who(shop, "marketing", date(2026, 1, 1)) == [1, 2, 3]
    assert who(shop, "marketing", date(2026, 2, 15)) == [1, 3]
    assert who(shop, "marketing", date(2026, 2, 16)) == [1]
    assert who(shop, "marketing", date(2026, 3, 2)) == [1, 4]


@every_engine
def test_the_latest_decision_counts(shop: Shop, engine: Callable[[Shop], Shop]) -> None:
    """A yes revoked is a no, a no followed by a yes is a yes, each from its own day on."""
    shop = engine(shop)
    assert who(shop, "marketing", date(2026, 1, 31)) == [1, 2, 3]
    assert who(shop, "marketing", date(2026, 2, 1)) == [1, 3]
    assert who(shop, "profiling", date(2026, 1, 31)) == []
    assert who(shop, "profiling", date(2026, 2, 1)) == [3]


def test_without_a_day_the_last_complete_one_counts(shop: Shop) -> None:
    """A consent that begins the day after is not yet one."""
    assert shop.last_day == date(2026, 3, 1)
    assert who(shop, "marketing") == [1]


def test_no_decision_means_no(shop: Shop) -> None:
    """Nobody has agreed to sharing: one said no, the others were not asked."""
    assert who(shop, "sharing") == []


def test_an_unknown_purpose_is_refused_by_name(shop: Shop) -> None:
    """The error says which there are."""
    with pytest.raises(ValueError, match="'newsletter' is unknown; allowed: marketing, profiling"):
        consented(shop, "newsletter")


def test_a_shop_without_consents_says_so(corner_shop: Shop) -> None:
    """Nothing is exported by mistake where nobody ever asked."""
    with pytest.raises(ValueError, match="has no table 'consents'"):
        consented(corner_shop, "marketing")


@every_engine
def test_the_counts_of_consents_add_up(shop: Shop, engine: Callable[[Shop], Shop]) -> None:
    """Granted, refused and ended are those asked; with the unknown ones all four customers."""
    found = consents_of(engine(shop), date(2026, 2, 16))
    assert found.columns == [
        *("purpose", "customers", "asked", "granted", "refused", "ended", "unknown"),
    ]
    assert found.rows() == [
        ("marketing", 4, 3, 1, 0, 2, 1),
        ("profiling", 4, 1, 1, 0, 0, 3),
        ("sharing", 4, 1, 0, 1, 0, 3),
    ]


def test_the_counts_are_those_of_the_day(shop: Shop) -> None:
    """On the first of March the fourth customer's consent has not begun; a day later it has."""
    assert consents_of(shop).row(0) == ("marketing", 4, 3, 1, 0, 2, 1)
    assert consents_of(shop, date(2026, 3, 2)).row(0) == ("marketing", 4, 4, 2, 0, 2, 0)


def test_a_pseudonym_is_always_the_same_for_one_recipient() -> None:
    """The same id, recipient and key give the same pseudonym, whoever else is in the export."""
    first = pseudonyms(pl.Series("customer", ["0012", "12", None]), "maker", b"key")
    again = pseudonyms(pl.Series("customer", ["12"]), "maker", b"key")
    assert first[1] == again[0]
    assert first[2] is None
    assert first.n_unique() == 3
    assert first[0] == "93375d1f71e271d748a16b9f0578f6fe"


def test_two_recipients_and_two_workspaces_have_nothing_to_compare() -> None:
    """Another recipient or another key gives other pseudonyms of the same customers."""
    ids = pl.Series("customer", [str(number) for number in range(100)])
    seen = [
        set(pseudonyms(ids, recipient, key))
        for recipient, key in [("maker", b"key"), ("agency", b"key"), ("maker", b"other")]
    ]
    assert len(set().union(*seen)) == 300


def test_a_pseudonym_needs_a_recipient() -> None:
    """A blank recipient would make everybody's pseudonyms comparable."""
    with pytest.raises(ValueError, match="needs the name of its recipient"):
        pseudonyms(pl.Series(["1"]), " ", b"key")


def test_a_workspace_has_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    """Made once, 32 random bytes, mode 0600 in a folder of mode 0700, nothing beside it."""
    key = workspace_key(tmp_path)
    path = tmp_path / "private" / "key"
    assert len(key) == 32
    assert workspace_key(tmp_path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert workspace_key(tmp_path / "other") != key


def test_many_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Whoever comes second takes the key of the first."""
    keys: list[bytes] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        keys.append(workspace_key(tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    """A file cut short is no key; the error says what to do."""
    workspace_key(tmp_path)
    (tmp_path / "private" / "key").write_bytes(b"short")
    with pytest.raises(ValueError, match="holds 5 bytes instead of 32; put back a copy"):
        workspace_key(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "ann.lee+shop@mail.example",
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "+49 (0)171 / 234 56 78",
        "(555) 867-5309",
        "01.23.45.67.89",
        "5558675309",
        "20 12 12 12",
        "DE89370400440532013000",
    ],
)
def test_what_may_lead_to_a_person_is_masked_wherever_it_stands(text: str) -> None:
    """However its groups are written, alone or within a line; what is around it stays."""
    assert text not in masked(text)
    assert not any(group in masked(text) for group in re.findall(r"\d{3,}", text))
    assert masked(f"7,{text},milk;2.00") == f"7,{masked(text)},milk;2.00"


@pytest.mark.parametrize(
    "text",
    ["2026-02-30 09:00:00", "30.02.2026", "20260230", "21474836.48", "1,234,567.89", "0012", '5"'],
)
def test_days_amounts_and_short_numbers_are_not_masked(text: str) -> None:
    """Whoever repairs a file sees what cannot be read."""
    assert masked(text) == text
    assert masked(f"7;{text};milk") == f"7;{text};milk"
