"""Design: how a campaign's customers were chosen, told before any result of it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.campaigns import plan
from workbench.campaigns.estimators import FOLDS
from workbench.campaigns.groups import CONTROL, assigned
from workbench.campaigns.uplift import MATCHED, RANDOMISED, Study, study
from workbench.data.engine import fetch
from workbench.data.lake import NoLake
from workbench.data.period import Period
from workbench.data.shop import NotCovered, Shop, open_shop

NONE = "none"
DESIGNS = {
    RANDOMISED: "control customers were drawn by lot before the campaign: the difference is its "
    "effect, give or take chance",
    MATCHED: "targets were chosen, and others not: these are made comparable by what they bought "
    "before, which takes away what the past tells and nothing else",
    NONE: "nobody known was left out, so there is nobody to compare with, and no effect is shown",
}
LATEST = "(latest that can be measured)"


@dataclass(frozen=True)
class Run:
    """A campaign that ran: its days, its products by id, and how its customers were chosen.

    `groups` has one row per customer, customer_id and group; it is empty where nobody can be
    compared. `number` is its id among the retailer's campaigns, if it has one.
    """

    name: str
    kind: str
    window: Period
    products: tuple[int, ...]
    design: str
    reason: str
    groups: pl.DataFrame = field(repr=False)
    number: int | None = None
    pays: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_lot(self) -> bool:
        """Return whether its control customers were drawn."""
        return self.design == RANDOMISED

    @property
    def said(self) -> str:
        """Return in words how its customers were chosen, and what that lets one conclude."""
        return f"Design: {self.design}. {self.reason}. {DESIGNS[self.design].capitalize()}."

    def study(self, shop: Shop, *, seed: int = 0) -> Study:
        """Return what its groups bought; raises ValueError naming it where that cannot be told."""
        if self.design == NONE:
            raise ValueError(f"campaign {self.name} cannot be measured: {self.reason}")
        days = {"starts": self.window.first, "ends": self.window.last}
        try:
            how = {"products": self.products, "design": self.design, "seed": seed}
            return study(shop, self.groups, **days, **how)  # type: ignore[arg-type]
        except NotCovered as error:
            raise NotCovered(f"campaign {self.name} cannot be measured: {error}") from None


def names() -> list[str]:
    """Return what a notebook offers: the word for the latest measurable, and all campaigns."""
    try:
        return [LATEST, *_listed(open_shop(accept=(), reviewing=True))["campaign"]]
    except NoLake:
        return [LATEST]


def runs(shop: Shop, home: Path | None = None) -> list[Run]:
    """Return every campaign of the retailer's data and of the planner's files, in days' order."""
    return [_run(shop, row, home or paths.home()) for row in _listed(shop).iter_rows(named=True)]


def run(shop: Shop, campaign: str = LATEST, home: Path | None = None) -> Run:
    """Return a campaign by name, or the latest whose window and the one before are in the data.

    Raises ValueError for a name that there is not, with those near to it.
    """
    listed = _listed(shop)
    if campaign == LATEST:
        complete = [not refusal(shop, Period(*days)) for days in listed["starts", "ends"].rows()]
        listed = listed.filter(pl.Series(complete, dtype=pl.Boolean)).tail(1)
    else:
        listed = listed.filter(pl.col("campaign") == campaign)
    if listed.is_empty():
        known = _listed(shop)["campaign"].to_list()
        near = get_close_matches(campaign, known, n=3) or known
        raise ValueError(f"no campaign {campaign!r} can be measured; there are: {', '.join(near)}")
    return _run(shop, listed.row(0, named=True), home or paths.home())


def refusal(shop: Shop, window: Period) -> str:
    """Return why a campaign of these days cannot be measured, or nothing."""
    try:
        shop.window(window)
        shop.window(window.before())
    except NotCovered as error:
        return str(error)
    return ""


def _listed(shop: Shop) -> pl.DataFrame:
    """Return one row per campaign: campaign, kind, starts, ends, campaign_id, planned."""
    columns = ["campaign", "kind", "starts", "ends", "campaign_id"]
    kinds = [pl.String, pl.String, pl.Date, pl.Date, pl.Int64]
    theirs = pl.DataFrame(schema=dict(zip(columns, kinds, strict=True)))
    if shop.has("campaigns"):
        theirs = fetch(shop.table("campaigns").select(columns), by=["campaign_id"])
    numbers = dict(theirs.select("campaign", "campaign_id").rows())
    rows = [
        (p.slug, p.mechanic, p.days.first, p.days.last, numbers.get(p.code))
        for p in map(plan.read, plan.names())
    ]
    ours = pl.DataFrame(rows, theirs.schema, orient="row").with_columns(planned=pl.lit(value=True))
    both = pl.concat([theirs.with_columns(planned=pl.lit(value=False)), ours])
    return both.sort("starts", "ends", "campaign")


def _run(shop: Shop, row: Mapping[str, Any], home: Path) -> Run:
    name, number = row["campaign"], row["campaign_id"]
    file = plan.read(name) if row["planned"] else None
    products = _products(shop, file.products) if file else _coupons(shop, number)
    groups, design, reason = _groups(shop, name, number, home)
    window = Period(row["starts"], row["ends"])
    pays = file.pays if file else {}
    return Run(name, row["kind"], window, products, design, reason, groups, number, pays)


def _groups(shop: Shop, name: str, number: int | None, home: Path) -> tuple[pl.DataFrame, str, str]:
    """Return a campaign's groups, its design and the reason for calling it so."""
    drawn = assigned(home, shop, name).select("customer_id", "group")
    held = drawn.filter(pl.col("group") == CONTROL).height
    if held and held < drawn.height:
        return drawn, RANDOMISED, f"{held:,} of {drawn.height:,} customers were drawn as control"
    nobody = pl.DataFrame(schema={"customer_id": pl.Int64, "group": pl.String})
    if number is None or not shop.has("targets"):
        return nobody, NONE, "it has no stored groups; they are drawn before it starts"
    ours = shop.table("targets").filter(nw.col("campaign_id") == number)
    targets = fetch(ours.select("customer_id").unique(), by=["customer_id"])
    everybody = fetch(shop.customers.select("customer_id"), by=["customer_id"])
    chosen = pl.col("customer_id").is_in(targets["customer_id"].implode())
    group = pl.when(chosen).then(pl.lit("target")).otherwise(pl.lit(CONTROL))
    others = everybody.height - targets.height
    told = f"{targets.height:,} of {everybody.height:,} customers were chosen for it, not drawn"
    if min(targets.height, others) < 2 * FOLDS:
        return nobody, NONE, f"{told}; that leaves too few to compare"
    return everybody.with_columns(group=group), MATCHED, told


def _products(shop: Shop, products: Sequence[str]) -> tuple[int, ...]:
    ours = shop.products.filter(nw.col("product").is_in(list(products)))
    return tuple(fetch(ours.select("product_id"), by=["product_id"])["product_id"])


def _coupons(shop: Shop, number: int | None) -> tuple[int, ...]:
    """Return the products that a campaign's coupons are good for."""
    if not shop.has("coupons"):
        return ()
    good_for = shop.table("coupons").filter(nw.col("campaign_id") == number)
    found = fetch(good_for.select("product_id").unique(), by=["product_id"])
    return tuple(found["product_id"].drop_nulls())
