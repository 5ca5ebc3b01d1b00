"""The journal: written whole by one writer at a time, and able to forget a person."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from workbench.journal import OF, RETAILER, Table, forget

NOTES = Table(
    "notes", {"customer": "TEXT NOT NULL", "note": "TEXT", "at": "INTEGER"}, ("customer",)
)
COUNTS = Table("counts", {"name": "TEXT", "value": "INTEGER"}, ("name",))


def write(home: Path, customer: str, note: str = "seen") -> bool:
    """Write a note about a customer."""
    with NOTES.writing(home) as journal:
        return NOTES.put(journal, {"customer": customer, "note": note, "at": 1})


def test_nothing_has_happened_in_a_new_home(tmp_path: Path) -> None:
    """Reading an absent journal, or an absent table of one, gives no rows, and makes no file."""
    assert NOTES.read(tmp_path).schema.names() == ["customer", "note", "at"]
    assert not any(tmp_path.iterdir())
    write(tmp_path, "ann")
    assert COUNTS.read(tmp_path).is_empty()


def test_a_key_is_written_once(tmp_path: Path) -> None:
    """The first row of a key stays; the second says that it was not written."""
    assert write(tmp_path, "ann", "first")
    assert not write(tmp_path, "ann", "second")
    assert NOTES.read(tmp_path).rows() == [("ann", "first", 1)]


def test_what_fails_half_way_is_not_written(tmp_path: Path) -> None:
    """An error within takes back all of it."""

    def half() -> None:
        with NOTES.writing(tmp_path) as journal:
            NOTES.put(journal, {"customer": "bob", "note": "lost", "at": 2})
            raise RuntimeError

    write(tmp_path, "ann")
    with pytest.raises(RuntimeError):
        half()
    assert NOTES.read(tmp_path)["customer"].to_list() == ["ann"]


def test_no_update_of_several_writers_is_lost(tmp_path: Path) -> None:
    """Four writers that read and add one, twenty-five times each, come to a hundred."""
    with COUNTS.writing(tmp_path) as journal:
        COUNTS.put(journal, {"name": "all", "value": 0})

    def add(_: int) -> None:
        with COUNTS.writing(tmp_path) as journal:
            (value,) = journal.execute("SELECT value FROM counts").fetchone()
            journal.execute("UPDATE counts SET value = ?", [value + 1])

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(add, range(100)))
    assert COUNTS.read(tmp_path).rows() == [("all", 100)]


def test_a_new_journal_is_opened_by_many_at_once(tmp_path: Path) -> None:
    """Whoever comes while another makes the file waits, as any writer does."""
    people = [f"person {number}" for number in range(8)]
    for home in (tmp_path / str(number) for number in range(25)):
        arrived = Barrier(len(people))

        def note(person: str, home: Path = home, arrived: Barrier = arrived) -> bool:
            arrived.wait()
            return write(home, person)

        with ThreadPoolExecutor(len(people)) as crowd:
            assert all(crowd.map(note, people))


def test_rows_are_chosen_by_a_condition_in_the_order_of_the_key(tmp_path: Path) -> None:
    """Values stand for question marks, so that no text becomes SQL."""
    for customer in ("cem", "ann", "o'neil"):
        write(tmp_path, customer)
    assert NOTES.read(tmp_path, "customer <> ?", ["o'neil"])["customer"].to_list() == ["ann", "cem"]


def test_a_person_is_forgotten_down_to_the_bytes(tmp_path: Path) -> None:
    """Neither rows nor the file's free pages keep the id; other people stay."""
    write(tmp_path, "customer-4711", "likes figs")
    write(tmp_path, "ann")
    with COUNTS.writing(tmp_path) as journal:
        COUNTS.put(journal, {"name": "kept", "value": 1})
    assert forget(tmp_path, "customer-4711", "North") == 1
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"4711" not in kept
    assert b"figs" not in kept
    assert NOTES.read(tmp_path)["customer"].to_list() == ["ann"]
    assert forget(tmp_path, "customer-4711", "North") == 0


def test_a_person_is_forgotten_of_one_retailer(tmp_path: Path) -> None:
    """Another retailer's customer of the same id stays; a row of nobody's retailer goes."""
    calls = Table(
        "calls",
        {"retailer": RETAILER, "customer": "TEXT NOT NULL", "day": "TEXT"},
        ("retailer", "customer", "day"),
    )
    with calls.writing(tmp_path) as journal:
        for retailer in ("North", "South"):
            calls.put(journal, {"retailer": retailer, "customer": "7", "day": "Monday"})
        calls.put(journal, {"customer": "7", "day": "Tuesday"})
    assert forget(tmp_path, "7", "North") == 2
    assert calls.read(tmp_path).rows() == [("South", "7", "Monday")]


def test_a_table_of_an_older_version_is_read_and_then_made_anew(tmp_path: Path) -> None:
    """Its rows stay, of nobody's retailer, and the new key tells retailers apart."""
    write(tmp_path, "ann", "first")
    later = Table("notes", {"retailer": RETAILER, **NOTES.columns}, ("retailer", "customer"))
    assert later.read(tmp_path, OF, ["North"]).rows() == [("", "ann", "first", 1)]
    with later.writing(tmp_path) as journal:
        assert later.put(journal, {"retailer": "North", "customer": "ann", "note": "second"})
    assert later.read(tmp_path)["note"].to_list() == ["first", "second"]
