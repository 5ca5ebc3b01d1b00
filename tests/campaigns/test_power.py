"""Power: the smallest effect seen, by hand, against simulation, and on the sample."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shops import open_till

from workbench import show
from workbench.campaigns.audiences.power import power, spend_before
from workbench.campaigns.results.estimators import contrast, cuped, reach
from workbench.data import Shop


def test_the_smallest_effect_by_hand() -> None:
    """100 customers who spend 10 or 30 (standard deviation about 10) and not as before."""
    spend = [10.0, 30.0] * 50
    before = pl.DataFrame(
        {"customer_id": range(100), "sales": spend, "sales_earlier": [20.0] * 100}
    )
    row = power(before, shares=[0.2]).row(0, named=True)
    assert (row["control"], row["target"]) == (20, 80)
    spread = 10 * (100 / 99) ** 0.5
    assert row["plain_amount"] == pytest.approx(2.8 * spread * (1 / 20 + 1 / 80) ** 0.5)
    assert row["seen_amount"] == row["plain_amount"]
    assert row["seen_share"] == pytest.approx(row["seen_amount"] / 20)


def test_several_offers_share_the_targets() -> None:
    """Two offers of 40 each against 20."""
    before = pl.DataFrame(
        {"customer_id": range(100), "sales": range(100), "sales_earlier": range(100)},
        schema_overrides={"sales": pl.Float64, "sales_earlier": pl.Float64},
    )
    row = power(before, shares=[0.2], offers=2).row(0, named=True)
    assert (row["control"], row["target"]) == (20, 40)
    assert row["seen_amount"] == pytest.approx(0, abs=1e-6)


def test_without_spend_before_no_effect_is_promised() -> None:
    """A hundred customers who bought nothing: what chance would do to them is not known."""
    nothing = pl.DataFrame(
        {"customer_id": range(100), "sales": [0.0] * 100, "sales_earlier": [0.0] * 100}
    )
    curve = power(nothing, shares=[0.2])
    assert curve.is_empty()
    assert "seen_amount" in curve.columns
    assert show.say_power(curve, 0.2) == (
        "Too few customers, or too little spend before: no effect can be told from chance"
    )


def test_an_effect_of_that_size_is_found_four_times_in_five() -> None:
    """Four hundred campaigns with the smallest effect seen: 80 % of them find it, give or take."""
    rng = np.random.default_rng(1)
    taste = rng.gamma(2.0, 30.0, (400, 300))
    earlier, sales = (taste * rng.gamma(4.0, 0.25, taste.shape) for _ in range(2))
    one = pl.DataFrame({"customer_id": range(300), "sales": sales[0], "sales_earlier": earlier[0]})
    pooled = pl.DataFrame({"sales": sales.ravel(), "sales_earlier": earlier.ravel()})
    effect = power(pooled.head(300 * 400), shares=[0.3])["seen_amount"][0] * 400**0.5
    assert power(one, shares=[0.3])["seen_amount"][0] == pytest.approx(effect, rel=0.35)
    treated = np.arange(300) >= 90
    found = 0
    for place in range(400):
        later = sales[place] + effect * treated
        got, error = contrast(cuped(later, earlier[place][:, None]), treated)
        found += got > reach(treated) * error
    assert 0.74 <= found / 400 <= 0.86


def test_spend_before_by_hand(tmp_path: Path) -> None:
    """The week before from 27 Jan on, the one before that from 20 Jan; nobody is left out."""
    shop = open_till(
        tmp_path,
        "ann 2026-01-20 bread 2.00",
        "ann 2026-02-02 bread 4.00",
        "ann 2026-02-03 bread 8.00",
        "bob 2026-01-26 milk 1.00",
        "cat 2026-01-06 milk 1.00",
    )
    everybody = shop.customers.select("customer_id").to_native().collect()
    before = spend_before(shop, everybody, starts=date(2026, 2, 3), days=7)
    assert before.select("sales", "sales_earlier").rows() == [(4.0, 2.0), (0.0, 1.0), (0.0, 0.0)]


def test_the_sentence_on_the_sample(sample_shop: Shop) -> None:
    """A fifth as control of everybody sees a tenth of four weeks' spend."""
    everybody = sample_shop.customers.select("customer_id").to_native().collect()
    curve = power(spend_before(sample_shop, everybody, starts=date(2017, 10, 30), days=28))
    assert curve["seen_amount"].is_sorted(descending=True)
    show.house(sample_shop)
    assert show.say_power(curve, 0.2) == (
        "With 494 customers in the control group and 1,975 in the target group you can see effects "
        "above $14.76 per customer, 11% of what they spend"
    )
    assert show.say_power(curve.clear(), 0.2).startswith("Too few customers")
