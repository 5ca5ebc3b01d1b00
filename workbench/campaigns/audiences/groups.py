"""Groups: who of an audience gets which offer and who none, drawn once by lot and kept."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from workbench.data.engine import fetch
from workbench.data.privacy import digests
from workbench.data.shop import Shop
from workbench.journal import OF, RETAILER, Table

CONTROL = "control"
HELD_OUT = 0.02
USUAL_STRATA = ("segment", "sales")
ASSIGNMENTS = Table(
    "assignments",
    {
        "retailer": RETAILER,
        "campaign": "TEXT NOT NULL",
        "customer": "TEXT NOT NULL",
        "grp": "TEXT NOT NULL",
        "stratum": "TEXT NOT NULL",
        "seed": "INTEGER NOT NULL",
        "assigned_on": "TEXT NOT NULL",
    },
    ("retailer", "campaign", "customer"),
)
_CUT = 5
_CERTAIN = 2**64
_ALIKE = 0.1


def split(
    customers: pl.DataFrame,
    *,
    control: float = 0.1,
    offers: Sequence[str] = ("target",),
    strata: Sequence[str] | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Return one row per customer: customer_id, group (an Enum, control first), stratum.

    `strata` names columns of `customers` within whose values each group has its share, give or
    take one customer; amounts are cut into fifths. Without it, segment and sales are taken where
    the frame has them. The offers get equal parts of what is not control. The same customers,
    strata and seed give the same groups whatever the order of the rows. Raises ValueError.
    """
    _check(customers, control, offers)
    names = [n for n in USUAL_STRATA if n in customers.columns] if strata is None else strata
    kinds = pl.concat_str(
        [_stratum(customers[name]) for name in names] or pl.lit("all"), separator=" / "
    )
    rng = np.random.default_rng(seed)
    placed = customers.select(pl.col("customer_id").cast(pl.Int64), stratum=kinds).sort(
        "customer_id"
    )
    placed = placed.with_columns(lot=rng.random(placed.height)).sort("stratum", "lot")
    group = pl.Series("group", _dealt(placed.height, control, offers, rng))
    return placed.select("customer_id", group.cast(pl.Enum([CONTROL, *offers])), "stratum").sort(
        "customer_id"
    )


def assign(home: Path, shop: Shop, campaign: str, groups: pl.DataFrame, *, seed: int = 0) -> int:
    """Store the groups of a campaign, once and for good; return how many customers they hold.

    `groups` is what `split` returns. The day written is the data's last. Raises ValueError for a
    campaign whose groups were drawn before, and where customers of the hold-out are among them.
    """
    kept_out = groups.join(held_out(shop), on="customer_id", how="semi").height
    if kept_out:
        raise ValueError(
            f"{kept_out} of the customers belong to the hold-out, who get no campaign at all; "
            "leave out those whom held_out names before the groups are drawn"
        )
    rows = _customers(shop).join(groups, on="customer_id", validate="1:1")
    with ASSIGNMENTS.writing(home) as journal:
        found = f"SELECT 1 FROM assignments WHERE campaign = ? AND {OF}"  # noqa: S608 - our own words
        if journal.execute(found, [campaign, shop.retailer]).fetchone():
            raise ValueError(
                f"the groups of {campaign!r} were drawn before and are never drawn again; "
                "give a new campaign a name of its own"
            )
        for row in rows.iter_rows(named=True):
            ASSIGNMENTS.put(journal, _row(row, campaign, seed, shop))
    return rows.height


def assigned(home: Path, shop: Shop, campaign: str) -> pl.DataFrame:
    """Return one row per customer of the stored groups: customer_id, group, stratum, by id.

    No rows where none were drawn.
    """
    stored = ASSIGNMENTS.read(home, f"campaign = ? AND {OF}", [campaign, shop.retailer])
    found = stored.select("customer", "stratum", group="grp").join(_customers(shop), on="customer")
    return found.select("customer_id", "group", "stratum").sort("customer_id")


def held_out(shop: Shop, share: float = HELD_OUT) -> pl.DataFrame:
    """Return one row per customer of the hold-out, who never get a campaign: customer_id.

    Who is in it follows from the customer's own id and the retailer's name alone: it is the same
    in every data version and needs no storing, and a larger share only adds to a smaller one. As
    control of all others it shows, by `uplift`, what all campaigns together change.
    """
    known = _customers(shop)
    marks = digests(known["customer"], f"hold-out of {shop.retailer}".encode())
    point = marks.str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).cast(pl.Float64)
    return known.filter(point / _CERTAIN < share).select("customer_id")


def balance(groups: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return one row per offer and measure: how alike offer and control were before.

    `before`: one row per customer with customer_id and numbers; who is not in it counts as 0. A
    column `weight` in the groups weighs the customers. Columns: offer, measure, offer_mean,
    control_mean, difference (in standard deviations of the offer's customers), alike (under a
    tenth of one).
    """
    joined = groups.join(before, on="customer_id", how="left", maintain_order="left")
    names = [name for name in before.columns if name != "customer_id"]
    weight = pl.col("weight") if "weight" in groups.columns else pl.lit(1.0)
    long = (
        joined.select(
            pl.col("group").cast(pl.String),
            pl.col(names).fill_null(0).cast(pl.Float64),
            weight=weight,
        )
        .unpivot(names, index=["group", "weight"], variable_name="measure")
        .group_by("group", "measure", maintain_order=True)
        .agg(
            mean=(pl.col("value") * pl.col("weight")).sum() / pl.col("weight").sum(),
            spread=pl.col("value").std(),
        )
    )
    control = long.filter(pl.col("group") == CONTROL).select("measure", control_mean="mean")
    spread = pl.when(pl.col("spread") > 0).then(pl.col("spread"))
    told = long.filter(pl.col("group") != CONTROL).join(
        control, on="measure", maintain_order="left"
    )
    return (
        told.select(
            *(pl.col("group").alias("offer"), "measure", pl.col("mean").alias("offer_mean")),
            "control_mean",
            difference=(pl.col("mean") - pl.col("control_mean")) / spread,
        )
        .with_columns(alike=pl.col("difference").abs() < _ALIKE)
        .sort("offer", maintain_order=True)
    )


def _check(customers: pl.DataFrame, control: float, offers: Sequence[str]) -> None:
    if not 0 < control < 1:
        raise ValueError(f"control={control} is no share of an audience; allowed: between 0 and 1")
    if not offers or CONTROL in offers or len(set(offers)) < len(offers):
        raise ValueError(f"offers={list(offers)} need names of their own, none of them {CONTROL!r}")
    twice = customers.height - customers["customer_id"].n_unique()
    if twice:
        raise ValueError(f"{twice} rows name a customer again; groups need one row per customer")


def _stratum(column: pl.Series) -> pl.Series:
    """Return a name as it is, and an amount as the fifth it lies in; equal amounts share one."""
    if column.is_empty() or not column.dtype.is_numeric():
        return column.cast(pl.String).fill_null("unknown")
    values = column.cast(pl.Float64).fill_null(0.0).to_numpy()
    cuts = np.unique(np.quantile(values, np.arange(1, _CUT) / _CUT))
    fifth = np.searchsorted(cuts, values, side="left") + 1
    return pl.Series([f"{column.name} {place}" for place in fifth], dtype=pl.String)


def _dealt(size: int, control: float, offers: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return the group of each place: every so many-th is control, the rest are dealt in turn."""
    passed = np.floor(np.arange(size + 1) * control + rng.random())
    is_control = np.diff(passed) > 0
    turn = np.cumsum(~is_control) - 1 + rng.integers(len(offers))
    return [
        CONTROL if out else offers[place % len(offers)]
        for out, place in zip(is_control, turn, strict=True)
    ]


def _customers(shop: Shop) -> pl.DataFrame:
    return fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])


def _row(row: dict[str, object], campaign: str, seed: int, shop: Shop) -> dict[str, object]:
    kept = {"customer": row["customer"], "grp": row["group"], "stratum": row["stratum"]}
    kept |= {"retailer": shop.retailer, "campaign": campaign}
    return {**kept, "seed": seed, "assigned_on": str(shop.last_day)}
