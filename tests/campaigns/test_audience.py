"""Audience: who may be addressed, step by step, and groups drawn once."""

from pathlib import Path

import polars as pl
import pytest
from crowd import CARDS, CONSENTS, everybody, open_crowd, planned

from workbench import paths
from workbench.campaigns.audiences.audience import SENDS, audience, draw, groups_of, say_audience
from workbench.campaigns.audiences.groups import held_out
from workbench.campaigns.audiences.message import tokens
from workbench.campaigns.audiences.send import unsubscribe
from workbench.data import Shop


def cards(crowd: Shop, found: pl.DataFrame) -> set[str]:
    """Return the cards of customers."""
    return set(everybody(crowd).join(found, on="customer_id", how="semi")["customer"])


def test_each_step_says_whom_it_leaves_out(crowd: Shop) -> None:
    """Of forty: one without consent, one without address, one written to often, two held out."""
    found = audience(crowd, planned(), everybody(crowd))
    assert found.steps.select("step", "customers", "left_out").rows() == [
        ("In the segment", 40, 0),
        ("Consent to marketing", 39, 1),
        ("Not unsubscribed", 39, 0),
        ("Reachable", 38, 1),
        ("Not written to too often", 37, 1),
        ("Not excluded", 37, 0),
        ("Not in the hold-out", 35, 2),
    ]
    out = {"c00", "c01", "c02"} | cards(crowd, held_out(crowd))
    assert cards(crowd, found.customers) == set(CARDS) - out
    assert say_audience(found, planned()).startswith(
        "Cheap bread: 35 of 40 may be addressed by email"
    )


def test_sharing_needs_a_consent_of_its_own(crowd: Shop) -> None:
    """Who may be written to may not always be told to others."""
    found = audience(crowd, planned(), everybody(crowd), purposes=["sharing"])
    assert "c03" not in cards(crowd, found.customers)
    assert found.steps.row(2)[:3] == ("Consent to sharing", 38, 1)


def test_a_consent_that_is_not_there_is_a_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a decision nobody is addressed."""
    only = "".join(
        line for line in CONSENTS.splitlines(keepends=True) if line[:3] in ("car", "c05")
    )
    crowd = open_crowd(tmp_path, monkeypatch, consents=only)
    found = audience(crowd, planned(), everybody(crowd))
    assert cards(crowd, found.customers) == {"c05"}


def test_the_cap_counts_what_was_sent_here_as_well(crowd: Shop) -> None:
    """Messages of the data and of the journal, in the four weeks before it starts."""
    assert "c02" in cards(crowd, audience(crowd, planned(cap=6), everybody(crowd)).customers)
    row = {"customer": "c05", "offer": "target", "channel": "email", "state": "sent"}
    with SENDS.writing(paths.home()) as journal:
        for number, day in enumerate(["2026-02-20", "2026-02-22", "2026-01-02"]):
            SENDS.put(journal, {**row, "campaign": f"k{number}", "day": day, "message": "<m>"})
    assert "c05" not in cards(crowd, audience(crowd, planned(cap=2), everybody(crowd)).customers)
    assert "c05" in cards(crowd, audience(crowd, planned(cap=3), everybody(crowd)).customers)


def test_who_is_excluded_or_unsubscribed_is_out(crowd: Shop) -> None:
    """By list, and by their own word, which is taken once and holds for its channel."""
    people = everybody(crowd)
    barred = people.filter(pl.col("customer") == "c07")
    token = tokens(people["customer"])[people["customer"].to_list().index("c08")]
    assert unsubscribe(crowd, f" {token.upper()} ") == "they get nothing by email any more"
    assert unsubscribe(crowd, token) == "they had unsubscribed before"
    found = cards(crowd, audience(crowd, planned(), people, excluded=barred).customers)
    assert not {"c07", "c08"} & found
    by_sms = audience(crowd, planned(channel="sms"), people)
    assert "c08" in cards(crowd, by_sms.customers)
    with pytest.raises(ValueError, match="nobody's"):
        unsubscribe(crowd, "0" * 32)


def test_a_channel_without_addresses_in_the_data(crowd: Shop) -> None:
    """A till knows its customers; an address book is not asked."""
    assert "c01" in cards(
        crowd, audience(crowd, planned(channel="post"), everybody(crowd)).customers
    )


def test_the_channel_they_open_most_is_told(crowd: Shop) -> None:
    """Null where nothing was ever opened."""
    found = audience(crowd, planned(), everybody(crowd)).customers.join(
        everybody(crowd), on="customer_id"
    )
    told = dict(found.select("customer", "preferred_channel").rows())
    assert [told[card] for card in ("c04", "c05", "c06")] == ["email", "sms", None]


def test_groups_are_drawn_once_and_stored(crowd: Shop) -> None:
    """The action says how many; nothing is drawn before it is confirmed, or twice."""
    campaign = planned()
    offer = draw(crowd, campaign, audience(crowd, campaign, everybody(crowd)), seed=3)
    assert "35 customers" in offer.question
    assert groups_of(crowd, campaign).is_empty()
    stored = "35 customers are drawn and stored for cheap-bread: 28 target, 7 control"
    assert offer.do() == stored
    assert groups_of(crowd, campaign).rows() == [("target", 28), ("control", 7)]
    with pytest.raises(ValueError, match="drawn before"):
        offer.do()
    again = draw(crowd, campaign, audience(crowd, campaign, everybody(crowd)))
    assert "are drawn: 28 target, 7 control. They stay as they are." in again.question


def test_offers_are_tried_against_each_other(crowd: Shop) -> None:
    """Two messages, two equal groups, one control."""
    campaign = planned(message={"A": "offer", "B": "thank-you"})
    draw(crowd, campaign, audience(crowd, campaign, everybody(crowd))).do()
    assert groups_of(crowd, campaign)["group"].to_list() == ["A", "B", "control"]
    assert groups_of(crowd, campaign)["customers"].to_list() == [14, 14, 7]


def test_no_step_is_blamed_where_nobody_is_lost(crowd: Shop) -> None:
    """Of those who may be addressed all may be addressed."""
    open_to_all = audience(crowd, planned(), everybody(crowd)).customers
    found = audience(crowd, planned(), open_to_all)
    assert say_audience(found, planned()) == "Cheap bread: 35 of 35 may be addressed by email"


def test_nobody_left_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty audience is a sentence, not an error."""
    crowd = open_crowd(tmp_path, monkeypatch, consents="card,purpose,yes,since\n")
    found = audience(crowd, planned(), everybody(crowd))
    assert say_audience(found, planned()) == "Cheap bread: nobody of 40 may be addressed by email"
