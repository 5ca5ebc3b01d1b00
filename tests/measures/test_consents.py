"""Consents: how many agreed to what, said in one sentence, and nothing where nobody was asked."""

import datetime as dt
from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest

from workbench.data import Shop
from workbench.measures import consents

BEGAN = dt.date(2026, 1, 1)


def test_the_four_card_holders_by_hand(corner_shop: Shop) -> None:
    """Two agreed to marketing of whom one took it back; the others were not asked."""
    rows = [
        (1, "marketing", True, BEGAN, None),
        (2, "marketing", True, BEGAN, None),
        (2, "marketing", False, dt.date(2026, 2, 1), None),
        (3, "sharing", False, BEGAN, None),
    ]
    names = ["customer_id", "purpose", "granted", "since", "until"]
    kinds = [pl.Int32, pl.String, pl.Boolean, pl.Date, pl.Date]
    frame = pl.DataFrame(rows, dict(zip(names, kinds, strict=True)), orient="row")
    asked = {"consents": nw.from_native(frame.lazy())}
    found = consents.decided(replace(corner_shop, tables={**corner_shop.tables, **asked}))
    assert found.rows() == [
        ("marketing", 4, 1, 0, 1, 2, 0.25),
        ("profiling", 4, 0, 0, 0, 4, 0.0),
        ("sharing", 4, 0, 1, 0, 3, 0.0),
    ]
    assert consents.say(found) == (
        "1 of 4 customers agreed to marketing, 0 to profiling and 0 to sharing; "
        "no decision counts as a no"
    )


def test_where_no_consents_were_delivered_nobody_agreed(corner_shop: Shop) -> None:
    """There is no row, and the sentence says what that means."""
    found = consents.decided(corner_shop)
    assert found.is_empty()
    assert "nobody counts as having agreed" in consents.say(found)


def test_the_samples_consents_are_those_of_its_customers(sample_shop: Shop) -> None:
    """Frozen: three in five agreed to marketing, and all of the shop's customers are counted."""
    found = consents.decided(sample_shop)
    states = pl.sum_horizontal("granted", "refused", "ended", "unknown")
    assert found.select(states).to_series().to_list() == found["customers"].to_list()
    assert found["granted"].to_list() == [1_508, 1_892, 610]
    assert found["granted_share"][0] == pytest.approx(1_508 / 2_469)
