"""Export: only those drawn who consent now, pseudonyms for others, and a log of every file."""

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from crowd import CONSENTS, PEOPLE, everybody, open_crowd, planned

from workbench import paths
from workbench.campaigns.audiences.audience import audience, draw
from workbench.campaigns.audiences.export import export, exports
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans.plan import Campaign
from workbench.data import Shop
from workbench.data.scope import Scope
from workbench.files import checksum


def drawn(shop: Shop, campaign: Campaign) -> Campaign:
    """Draw the groups of a campaign among everybody."""
    draw(shop, campaign, audience(shop, campaign, everybody(shop))).do()
    return campaign


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of an exported CSV file."""
    with (paths.home() / "exports" / "cheap-bread" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_without_groups_nothing_is_exported(crowd: Shop) -> None:
    """The way out is named; no file and no log row is left."""
    with pytest.raises(ValueError, match="draw its groups first"):
        export(crowd, planned()).do()
    assert not (paths.home() / "exports").exists()
    assert exports(crowd, planned()).is_empty()


def test_in_house_files_hold_the_addresses_of_those_drawn(crowd: Shop) -> None:
    """The control group is in no file; nothing is written before it is confirmed."""
    campaign = drawn(crowd, planned())
    offer = export(crowd, campaign)
    assert not (paths.home() / "exports").exists()
    said = offer.do()
    assert said.startswith("28 customers written to exports/cheap-bread/in-house-1.csv and ")
    held = assigned(paths.home(), crowd, campaign.slug).filter(pl.col("group") == CONTROL)
    control = set(everybody(crowd).join(held, on="customer_id", how="semi")["customer"])
    found = rows("in-house-1.csv")
    assert len(found) == 28
    assert not control & {row["customer"] for row in found}
    assert found[0] == {
        "customer": "c04",
        "offer": "target",
        "preferred_channel": "email",
        "campaign": "cheap-bread",
        "channel": "email",
        "first_name": "Name c04",
        "email": "c04@example.org",
    }


def test_others_get_pseudonyms_and_nothing_else(crowd: Shop) -> None:
    """Two agencies cannot match theirs, who does not share is in neither, ids are nowhere."""
    campaign = drawn(crowd, planned())
    for recipient in ("agency", "printer"):
        export(crowd, campaign, recipient=recipient).do()
    one, two = (
        {row["pseudonym"] for row in rows(name)} for name in ("agency-1.csv", "printer-2.csv")
    )
    assert len(one) == len(two) == 28 - c03_drawn(crowd)
    assert not one & two
    assert list(rows("agency-1.csv")[0]) == ["pseudonym", "offer"]
    text = (paths.home() / "exports" / "cheap-bread" / "agency-1.csv").read_text()
    assert not [card for card in everybody(crowd)["customer"] if card in text.split('"')]


def c03_drawn(shop: Shop) -> bool:
    """Return whether the one who consents to writing but not to sharing was drawn."""
    groups = assigned(paths.home(), shop, "cheap-bread").filter(pl.col("group") != CONTROL)
    return "c03" in everybody(shop).join(groups, on="customer_id", how="semi")["customer"]


def test_every_export_is_logged_with_its_consent_and_checksum(crowd: Shop) -> None:
    """Two files each: who, when by the data, how many, on which consent, and what they held."""
    campaign = drawn(crowd, planned())
    export(crowd, campaign).do()
    log = exports(crowd, campaign)
    assert log.drop("sha256").rows(named=True)[0] == {
        "recipient": "in-house",
        "file": "exports/cheap-bread/in-house-1.csv",
        "day": "2026-03-01",
        "data": "v1",
        "customers": 28,
        "refused": 0,
        "consent": "marketing, as on 2026-03-01",
    }
    for file, sha256 in log.select("file", "sha256").rows():
        assert checksum(paths.home() / file) == sha256
    export(crowd, campaign).do()
    assert exports(crowd, campaign)["file"].to_list() == [
        f"exports/cheap-bread/in-house-{number}.{kind}"
        for number in (1, 2)
        for kind in ("csv", "xlsx")
    ]
    north = replace(crowd, scope=Scope("North", "EUR"))
    assert exports(north, campaign).is_empty(), "another retailer's campaign of that name"


def test_consent_is_looked_at_again_on_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was drawn and has revoked since is refused and counted, even on a page opened before."""
    page = open_crowd(tmp_path, monkeypatch)
    campaign = drawn(page, planned())
    revoked = "".join(f"c{n:02},marketing,no,2026-02-20\n" for n in range(10, 30))
    held = assigned(tmp_path, page, campaign.slug).filter(pl.col("group") != CONTROL)
    cards = everybody(page).join(held, on="customer_id", how="semi")["customer"]
    gone = cards.filter(cards.is_between(pl.lit("c10"), pl.lit("c29"))).len()
    open_crowd(tmp_path, monkeypatch, consents=CONSENTS + revoked)
    assert f"{gone} of those drawn refused" in export(page, campaign).do()
    assert exports(page, campaign)["refused"].to_list() == [gone, gone]
    assert not [row for row in rows("in-house-1.csv") if "c10" <= row["customer"] <= "c29"]


def test_a_formula_in_a_name_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What customers call themselves never runs at whoever opens the file."""
    people = PEOPLE.replace("Name c04", "=HYPERLINK(A1)")
    shop = open_crowd(tmp_path, monkeypatch, people=people)
    export(shop, drawn(shop, planned())).do()
    assert rows("in-house-1.csv")[0]["first_name"] == "'=HYPERLINK(A1)"


@pytest.mark.parametrize("recipient", ["", "../x", "A", "a b", "a" * 41])
def test_a_recipient_is_a_plain_name(crowd: Shop, recipient: str) -> None:
    """It becomes a part of a file's name."""
    with pytest.raises(ValueError, match="letters, digits and dashes"):
        export(crowd, planned(), recipient=recipient)


def test_a_file_that_cannot_be_written_is_not_logged(
    crowd: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the log nor the folder keeps half an export."""

    def full(*_: object) -> None:
        raise OSError("no space left")

    campaign = drawn(crowd, planned())
    monkeypatch.setitem(export.__globals__["WRITERS"], "xlsx", full)
    with pytest.raises(OSError, match="no space"):
        export(crowd, campaign).do()
    assert exports(crowd, campaign).is_empty()
    folder = paths.home() / "exports" / "cheap-bread"
    assert not [path for path in folder.iterdir() if not path.name.startswith(".")]
