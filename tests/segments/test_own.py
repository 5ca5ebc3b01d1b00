"""Your own segmentation: a file of customers and labels in the workbench's home."""

from pathlib import Path

import polars as pl
import pytest

from workbench import segments
from workbench.data import Shop
from workbench.measures import weigh

WEEKS = "2026-01-05/2026-03-01"
TIERS = "customer,segment\n0012,Gold\n40,Silver\n12,Gold\n"


def write(folder: Path, text: str, name: str = "tiers.csv") -> None:
    """Write a list."""
    (folder / name).write_text(text, encoding="utf-8")


def told(shop: Shop, name: str = "own/tiers") -> dict[str, str]:
    """Return the label of each customer, by the retailer's own id."""
    known = shop.customers.select("customer_id", "customer").collect("polars").to_native()
    labels = segments.find(name).label(shop, WEEKS)
    named = labels.join(known.cast({"customer_id": pl.Int64}), on="customer_id")
    return dict(named.select("customer", pl.col("segment").cast(pl.String)).rows())


def test_a_file_in_the_folder_is_a_segmentation(lists: Path, corner_shop: Shop) -> None:
    """Ids are text, so that 0012 and 12 are two customers; segments are in the file's order."""
    write(lists, TIERS)
    assert "own/tiers" in segments.choices()
    assert told(corner_shop) == {"0012": "Gold", "12": "Gold", "40": "Silver"}
    assert list(segments.find("own/tiers").SEGMENTS) == ["Gold", "Silver"]


@pytest.mark.parametrize(
    "text",
    [TIERS.replace(",", ";"), TIERS.replace(",", "\t"), "\ufeff" + TIERS, TIERS + "40,Silver"],
)
def test_the_usual_ways_of_writing_a_list_are_read(
    lists: Path, corner_shop: Shop, text: str
) -> None:
    """Semicolons, tabs, a mark at the start of the file, and a row twice change nothing."""
    write(lists, text)
    assert told(corner_shop) == {"0012": "Gold", "12": "Gold", "40": "Silver"}


def test_parquet_is_read_too(lists: Path, corner_shop: Shop) -> None:
    """Numbers as ids are those of the retailer where it writes them alike."""
    frame = pl.DataFrame({"customer": [12, 40], "segment": ["Gold", "Silver"]})
    frame.write_parquet(lists / "tiers.parquet")
    assert told(corner_shop) == {"12": "Gold", "40": "Silver"}


def test_who_is_not_on_the_list_is_unlabelled(lists: Path, corner_shop: Shop) -> None:
    """Its worth adds up to the whole, like that of every segmentation."""
    write(lists, "customer,segment\n0012,Gold\nnobody,Gold\n")
    worth = weigh(corner_shop, WEEKS, segments.find("own/tiers").label(corner_shop, WEEKS))
    nobody = segments.find("own/tiers").label(corner_shop, WEEKS).clear()
    assert worth["sales"].sum() == weigh(corner_shop, WEEKS, nobody)["sales"].sum()
    assert worth["segment"].to_list() == ["Gold", "Unlabelled"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,segment\n1,Gold\n", "has no column customer, only id, segment; name its columns"),
        ("customer,segment\n", "holds no customers"),
        ("customer,segment\n1,Gold\n2,\n", "row 3: customer or segment is empty"),
        ("customer,segment\n1,Gold\n1,Silver\n", "customer '1' is in Gold and Silver"),
        ("customer,segment\n1,Lost\n", "'Lost' has a meaning of its own"),
        (
            "customer,segment\n" + "".join(f"{n},{n}\n" for n in range(16)),
            "has 16 different segments, such as '0'; at most 15",
        ),
    ],
)
def test_what_is_wrong_with_a_list_is_said(lists: Path, text: str, problem: str) -> None:
    """The message names the file, the value and the way out."""
    write(lists, text)
    with pytest.raises(ValueError, match=f"segments/tiers.csv.*{problem}"):
        segments.find("own/tiers")


def test_a_list_of_strangers_is_refused(lists: Path, corner_shop: Shop) -> None:
    """Nothing would be shown, so the message shows how ids are written on both sides."""
    write(lists, "customer,segment\nC-1,Gold\n")
    with pytest.raises(ValueError, match=r"knows none of its customers, such as \['C-1'\]"):
        told(corner_shop)


def test_strangers_on_a_list_are_counted_and_told(lists: Path, corner_shop: Shop) -> None:
    """Lists are not kept by retailer, so ids that this one does not know are left out and said."""
    write(lists, TIERS + "W-7,Gold\nW-8,Gold\n")
    chosen = segments.find("own/tiers")
    labels = chosen.label(corner_shop, WEEKS)
    assert segments.say_labelled(corner_shop, chosen, labels) == (
        "3 customers are labelled, in 2 of 2 segments. Corner shop does not know 2 of the 5 "
        "customers in segments/tiers.csv, such as 'W-7'; they are left out."
    )


def test_without_strangers_nothing_is_said_of_them(lists: Path, corner_shop: Shop) -> None:
    """A list whose customers are all known, and a segmentation that is no list."""
    write(lists, TIERS)
    for name, said in (
        ("own/tiers", "3 customers are labelled, in 2 of 2 segments."),
        ("demographic", "4 customers are labelled, in 1 of 8 segments."),
    ):
        chosen = segments.find(name)
        labels = chosen.label(corner_shop, WEEKS)
        assert segments.say_labelled(corner_shop, chosen, labels) == said


def test_a_list_of_another_retailer_does_not_stop_the_others(
    lists: Path, corner_shop: Shop
) -> None:
    """It is refused by name where it is asked for, and named as left out where all are."""
    write(lists, "customer,segment\nW-7,Gold\n", "web.csv")
    write(lists, TIERS)
    labels = segments.label_all(corner_shop, WEEKS)
    assert "own/tiers" in labels
    assert "own/web" not in labels
    assert "own/web" in segments.say_left_out(labels)
