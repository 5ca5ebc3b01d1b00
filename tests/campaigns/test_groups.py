"""Groups: dealt by lot within strata, stored once, and a hold-out that nobody draws."""

from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench import journal
from workbench.campaigns.audiences.groups import assign, assigned, balance, held_out, split
from workbench.data import Shop

AUDIENCE = pl.DataFrame(
    {
        "customer_id": range(1, 201),
        "segment": ["Champions"] * 60 + ["At risk"] * 140,
        "sales": [float(number % 50) for number in range(200)],
    }
)


def sizes(groups: pl.DataFrame) -> dict[str, int]:
    """Return how many customers each group has."""
    return dict(groups.group_by(pl.col("group").cast(pl.String)).len().sort("group").rows())


def some_till(home: Path, customers: int = 20) -> Shop:
    """Return a shop of customers who each bought once."""
    return open_till(home, *(f"c{place} 2026-02-03 bread 2.00" for place in range(customers)))


def test_each_stratum_has_its_share_of_each_group() -> None:
    """A tenth is control, of the whole and, give or take one, of every segment and fifth."""
    groups = split(AUDIENCE, control=0.1, seed=7)
    assert sizes(groups) == {"control": 20, "target": 180}
    strata = groups.group_by("stratum").agg(
        all=pl.len(), control=(pl.col("group") == "control").sum()
    )
    assert strata.height == 10
    assert strata["all"].sum() == 200
    assert strata.filter((pl.col("control") - 0.1 * pl.col("all")).abs() >= 1).is_empty()


def test_offers_share_alike_what_is_not_control() -> None:
    """Three offers of sixty, none larger than another by more than one."""
    groups = split(AUDIENCE, control=0.1, offers=("a", "b", "c"), strata=["segment"])
    assert sizes(groups) == {"a": 60, "b": 60, "c": 60, "control": 20}
    assert groups.schema["group"].categories.to_list() == ["control", "a", "b", "c"]


def test_the_seed_draws_the_groups_and_the_order_of_the_rows_does_not() -> None:
    """The same audience shuffled gives the same groups; another seed gives others."""
    shuffled = AUDIENCE.sample(fraction=1, shuffle=True, seed=3)
    assert split(shuffled, seed=5).equals(split(AUDIENCE, seed=5))
    assert not split(AUDIENCE, seed=6).equals(split(AUDIENCE, seed=5))


def test_every_customer_is_as_likely_to_be_control_as_every_other() -> None:
    """Over five hundred seeds each is control about fifty times."""
    few = AUDIENCE.head(30)
    drawn = pl.concat(split(few, control=0.1, seed=seed) for seed in range(500))
    times = drawn.group_by("customer_id").agg(times=(pl.col("group") == "control").sum())
    assert times["times"].min() > 20
    assert times["times"].max() < 85


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"control": 0.0}, "control=0.0 is no share"),
        ({"control": 1.5}, "allowed: between 0 and 1"),
        ({"offers": ("control",)}, "names of their own"),
        ({"offers": ()}, "names of their own"),
    ],
)
def test_groups_that_cannot_be_drawn_are_refused(how: dict[str, object], said: str) -> None:
    """With the value and the way out."""
    with pytest.raises(ValueError, match=said):
        split(AUDIENCE, **how)  # type: ignore[arg-type]


def test_a_customer_named_twice_is_refused() -> None:
    """Nobody can be target and control at once."""
    with pytest.raises(ValueError, match="1 rows name a customer again"):
        split(pl.concat([AUDIENCE, AUDIENCE.head(1)]))


def test_groups_are_stored_once_and_read_back(tmp_path: Path) -> None:
    """By the retailer's own ids, with seed and day; a second draw is refused."""
    shop = some_till(tmp_path)
    free = shop.customers.select("customer_id").to_native().collect()
    free = free.join(held_out(shop), on="customer_id", how="anti")
    groups = split(free, control=0.25, seed=4)
    assert assign(tmp_path, shop, "spring", groups, seed=4) == free.height
    back = assigned(tmp_path, shop, "spring")
    assert back.rows() == groups.with_columns(pl.col("group").cast(pl.String)).rows()
    with pytest.raises(ValueError, match="'spring' were drawn before"):
        assign(tmp_path, shop, "spring", split(free, seed=5), seed=5)
    assert assigned(tmp_path, shop, "spring").equals(back)
    assert assigned(tmp_path, shop, "autumn").is_empty()
    assert journal.forget(tmp_path, "c3", shop.retailer) == 1
    assert assigned(tmp_path, shop, "spring").height == free.height - 1


def test_the_hold_out_gets_no_campaign(tmp_path: Path) -> None:
    """A larger share of it only adds to a smaller one; groups that hold any of it are refused."""
    shop = some_till(tmp_path, 300)
    small, large = held_out(shop, 0.05), held_out(shop, 0.2)
    assert 5 < small.height < 30
    assert 40 < large.height < 80
    assert small.join(large, on="customer_id", how="anti").is_empty()
    everybody = shop.customers.select("customer_id").to_native().collect()
    with pytest.raises(ValueError, match="belong to the hold-out"):
        assign(tmp_path, shop, "spring", split(everybody))


def test_balance_by_hand() -> None:
    """Means of 3 and 2, the offer's spread being the root of 2; with weights, none apart."""
    groups = pl.DataFrame(
        {"customer_id": [1, 2, 3, 4], "group": ["target", "target", "control", "control"]}
    )
    before = pl.DataFrame({"customer_id": [1, 2, 3, 4], "sales": [2.0, 4.0, 1.0, 3.0]})
    plain = balance(groups, before).row(0, named=True)
    assert (plain["offer"], plain["offer_mean"], plain["control_mean"]) == ("target", 3.0, 2.0)
    assert plain["difference"] == pytest.approx(1 / 2**0.5)
    assert plain["alike"] is False
    weighed = groups.with_columns(weight=pl.Series([1.0, 1.0, 0.0, 2.0]))
    assert balance(weighed, before)["difference"].to_list() == [0.0]


def test_a_draw_from_the_sample_is_balanced(sample_shop: Shop) -> None:
    """In what was spent before, within a tenth of a standard deviation."""
    from datetime import date

    from workbench.campaigns.audiences.power import spend_before

    everybody = sample_shop.customers.select("customer_id").to_native().collect()
    before = spend_before(sample_shop, everybody, starts=date(2017, 10, 30), days=28)
    told = balance(split(before, control=0.2), before)
    assert told["measure"].to_list() == ["sales", "sales_earlier"]
    assert told["alike"].all()
