"""Transfer: what buyers spend less after an item went, and what is said where too little went."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal
from shelf import open_shelf

from workbench.data import Shop
from workbench.measures.assortment import transfer as module
from workbench.measures.assortment.transfer import (
    GONE,
    STAYED,
    TRANSFER,
    rate_of,
    say_transfer,
    transfer,
)

END = dt.date(2026, 3, 30)
WENT = pl.DataFrame({"reading": [GONE], "product_id": [1], "category_id": [7], "week": [END]})


def spent(after: int) -> pl.DataFrame:
    """Return weekly sales: two buyers of item 1, and five who only ever buy item 2 for as much.

    All spend 200 a week, the buyers half of it on item 1, and `after` once it is gone.
    """
    weeks = [END + dt.timedelta(weeks=n) for n in range(-12, 14)]
    rows = [
        (customer, 7, product, week, sales)
        for week in weeks
        for customer in range(1, 8)
        for product, sales in week_of(customer, gone=week > END, after=after)
    ]
    names = ("customer_id", "category_id", "product_id", "at", "sales")
    return pl.DataFrame(rows, names, orient="row")


def week_of(customer: int, *, gone: bool, after: int) -> list[tuple[int, int]]:
    """Return what a customer buys in a week."""
    if customer > 2:
        return [(2, 200)]
    return [(2, after)] if gone else [(1, 100), (2, 100)]


@pytest.mark.parametrize(("after", "lost"), [(200, 0), (150, 1300), (100, 2600)])
def test_what_is_lost_is_what_the_buyers_spend_less_than_others_alike(
    after: int, lost: int
) -> None:
    """Of 2 x 1,300 spent on the item nothing, half or all leaves the category."""
    row = module._lost(*module._summed(spent(after), WENT)).row(0, named=True)
    assert (row["buyers"], row["own"], row["own_after"], row["lost"]) == (2, 2600, 0, lost)


def test_without_five_others_alike_nothing_is_known() -> None:
    """Four are not enough to say what would have been."""
    few = spent(100).filter(pl.col("customer_id") < 7)
    assert module._lost(*module._summed(few, WENT)).is_empty()


def events(reading: str, own: int, own_after: int, lost: int) -> pl.DataFrame:
    """Return thirty like events."""
    row = {"reading": reading, "buyers": 2, "own": own, "own_after": own_after, "lost": lost}
    return pl.DataFrame([row] * 30)


def test_the_rate_is_of_what_would_have_been_spent_and_less_the_placebo() -> None:
    """Half would have been spent on the items; a fifth of that was lost, a tenth with placebos."""
    found = pl.concat([events(GONE, 1000, 0, 100), events(STAYED, 1000, 500, 50)])
    rates = module._rates(found, 0, 50)
    assert rates.select("reading", "share").rows() == [
        (GONE, pytest.approx(0.2)),
        (STAYED, pytest.approx(0.1)),
        (TRANSFER, pytest.approx(0.9)),
    ]
    assert rate_of(rates) == (pytest.approx(0.9), pytest.approx(0.9), pytest.approx(0.9))


def test_where_nothing_went_all_and_nothing_may_be_transferred(tmp_path: Path) -> None:
    """The rate is unknown, its ends are 0 and 1, and the sentence says so."""
    told = transfer(open_shelf(tmp_path, "a red", "b white"))
    assert rate_of(told.rates) == (None, 0.0, 1.0)
    assert say_transfer(told).startswith("Too few items ever went")


def test_a_store_that_closed_delists_nothing(tmp_path: Path) -> None:
    """Only the store that still sells at the end of the data is looked at."""
    shop = open_shelf(tmp_path, "2025-09-01:a red@W", "2026-02-20:a red@N")
    stores = dict(shop.stores.to_native().collect().select("store", "store_id").rows())
    assert module._going_on(shop) == [stores["N"]]


def test_on_the_sample_most_is_transferred_and_placebos_lose_little(sample_shop: Shop) -> None:
    """221 delistings: .69 (.40 to .96); 565 placebos: .01, and 0 in the interval."""
    told = transfer(sample_shop)
    rows = {row["reading"]: row for row in told.rates.rows(named=True)}
    assert rows[TRANSFER]["items"] == 221
    assert rows[TRANSFER]["share"] == pytest.approx(0.695, abs=0.005)
    assert rows[TRANSFER]["low_share"] == pytest.approx(0.40, abs=0.03)
    assert rows[TRANSFER]["high_share"] == pytest.approx(0.96, abs=0.03)
    assert rows[STAYED]["share"] == pytest.approx(0.007, abs=0.005)
    assert rows[STAYED]["low_share"] < 0 < rows[STAYED]["high_share"]
    assert "69% stay" in say_transfer(told)


def test_duckdb_gives_the_same_transfer(sample_shop: Shop) -> None:
    """Rates, intervals and events are equal to the bit."""
    here, there = (transfer(shop, draws=19) for shop in (sample_shop, on_duckdb(sample_shop)))
    assert_frame_equal(there.rates, here.rates, check_exact=True)
    assert_frame_equal(there.events, here.events, check_exact=True)
