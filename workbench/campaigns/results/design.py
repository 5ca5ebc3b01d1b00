"""Design: how a campaign's customers were chosen, told before any result of it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans import plan
from workbench.campaigns.results.estimators import FOLDS
from workbench.campaigns.results.uplift import MATCHED, RANDOMISED, Study, study
from workbench.data.engine import fetch, height
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

    `groups` has one row per customer, customer_id and group; it is empty where none are
    known. `number` is its id among the retailer's campaigns, if it has one.
    """

    name: str
    kind: str
    window: Period
    products: tuple[int, ...]
    design: str
    reason: str
    groups: pl.DataFrame = field(repr=False)
    number: int | None = None

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
    """Return what a notebook offers: the word for the latest, and all that can be measured."""
    try:
        shop = open_shop(accept=(), reviewing=True)
    except NoLake:
        return [LATEST]
    return [LATEST, *_measurable(shop, paths.home())["campaign"]]


def runs(shop: Shop, home: Path | None = None) -> list[Run]:
    """Return every campaign of the retailer's data and of the planner's files, in days' order."""
    return [_run(shop, row, home or paths.home()) for row in _listed(shop).iter_rows(named=True)]


def run(shop: Shop, campaign: str = LATEST, home: Path | None = None) -> Run:
    """Return a campaign by name, or the latest whose window and the one before are in the data.

    Raises ValueError for a name that there is not, with those near to it.
    """
    home = home or paths.home()
    if campaign == LATEST:
        listed = _measurable(shop, home).tail(1)
    else:
        named = (pl.col("campaign") == campaign) | (pl.col("slug") == campaign)
        listed = _listed(shop).filter(named)
    if listed.is_empty():
        known = _listed(shop)["campaign"].to_list()
        near = get_close_matches(campaign, known, n=3) or known
        raise ValueError(f"no campaign {campaign!r} can be measured; there are: {', '.join(near)}")
    return _run(shop, listed.row(0, named=True), home)


def _measurable(shop: Shop, home: Path) -> pl.DataFrame:
    """Return the rows of `_listed` whose windows are in the data and that left somebody out."""
    listed, everybody, chosen = _listed(shop), height(shop.customers), _chosen(shop)

    def compared(row: Mapping[str, Any]) -> bool:
        if _enough(chosen.get(row["campaign_id"], 0), everybody):
            return True
        return _by_lot(assigned(home, shop, row["slug"] or row["campaign"]))

    told = [
        not refusal(shop, Period(row["starts"], row["ends"])) and compared(row)
        for row in listed.iter_rows(named=True)
    ]
    return listed.filter(pl.Series(told, dtype=pl.Boolean))


def refusal(shop: Shop, window: Period) -> str:
    """Return why a campaign of these days cannot be measured, or nothing."""
    try:
        shop.window(window)
        shop.window(window.before())
    except NotCovered as error:
        return str(error)
    return ""


def _listed(shop: Shop) -> pl.DataFrame:
    """Return one row per campaign: campaign, kind, starts, ends, campaign_id, slug of its plan.

    A plan whose code is a campaign of the data is that campaign and no other.
    """
    columns = ["campaign", "kind", "starts", "ends", "campaign_id"]
    kinds = [pl.String, pl.String, pl.Date, pl.Date, pl.Int64]
    theirs = pl.DataFrame(schema=dict(zip(columns, kinds, strict=True)))
    if shop.has("campaigns"):
        theirs = fetch(shop.table("campaigns").select(columns), by=["campaign_id"])
    files = [plan.read(slug) for slug in plan.names()]
    names = theirs["campaign"].to_list()
    coded = {file.code: file.slug for file in files if file.code in names}
    rows = [
        (file.slug, file.mechanic, file.days.first, file.days.last, None)
        for file in files
        if file.code not in names
    ]
    ours = pl.DataFrame(rows, theirs.schema, orient="row").with_columns(slug=pl.col("campaign"))
    slug = pl.col("campaign").replace_strict(coded, default=None, return_dtype=pl.String)
    return pl.concat([theirs.with_columns(slug=slug), ours]).sort("starts", "ends", "campaign")


def _run(shop: Shop, row: Mapping[str, Any], home: Path) -> Run:
    name, number, window = row["campaign"], row["campaign_id"], Period(row["starts"], row["ends"])
    if number is None:
        products = _products(shop, plan.read(row["slug"]).products)
    else:
        products = _coupons(shop, number)
    drawn = assigned(home, shop, row["slug"] or name).select("customer_id", "group")
    groups, design, reason = _groups(shop, drawn, number)
    return Run(name, row["kind"], window, products, design, reason, groups, number)


def _chosen(shop: Shop) -> dict[int, int]:
    """Return how many customers each campaign of the data was for, by its number."""
    if not shop.has("targets"):
        return {}
    sizes = shop.table("targets").select("campaign_id", "customer_id").unique()
    counted = sizes.group_by("campaign_id").agg(customers=nw.len())
    return dict(fetch(counted, by=["campaign_id"]).rows())


def _by_lot(drawn: pl.DataFrame) -> bool:
    """Return whether some of those drawn, and not all, are control."""
    return 0 < drawn.filter(pl.col("group") == CONTROL).height < drawn.height


def _enough(targets: int, everybody: int) -> bool:
    """Return whether there are targets and others enough to compare."""
    return min(targets, everybody - targets) >= 2 * FOLDS


def _groups(shop: Shop, drawn: pl.DataFrame, number: int | None) -> tuple[pl.DataFrame, str, str]:
    """Return a campaign's groups, its design and the reason for calling it so."""
    if _by_lot(drawn):
        held = drawn.filter(pl.col("group") == CONTROL).height
        return drawn, RANDOMISED, f"{held:,} of {drawn.height:,} customers were drawn as control"
    if number is None or not shop.has("targets"):
        return drawn, NONE, "it has no stored groups; they are drawn before it starts"
    ours = shop.table("targets").filter(nw.col("campaign_id") == number)
    targets = fetch(ours.select("customer_id").unique(), by=["customer_id"])
    everybody = fetch(shop.customers.select("customer_id"), by=["customer_id"])
    chosen = pl.col("customer_id").is_in(targets["customer_id"].implode())
    groups = everybody.with_columns(
        group=pl.when(chosen).then(pl.lit("target")).otherwise(pl.lit(CONTROL))
    )
    told = f"{targets.height:,} of {everybody.height:,} customers were chosen for it, not drawn"
    if not _enough(targets.height, everybody.height):
        return groups, NONE, f"{told}; that leaves too few to compare"
    return groups, MATCHED, told


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
