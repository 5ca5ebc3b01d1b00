"""Sharing: the cells that may leave the house, and the ledger of what has left it.

A reader of several packs can subtract one from another. What any two or more of them tell by
subtraction is therefore held to the same rules as what each of them shows.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from workbench import paths
from workbench.actions import Action
from workbench.data.brands import OWN_LABEL, UNKNOWN
from workbench.data.choices import ids_of
from workbench.data.engine import fetch, total
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.journal import Table

LEAST, DOMINANCE = 20, 0.5
MONEY_STEP, COUNT_STEP = 1000, 5
ALL = ("*",)
SHARED = Table(
    "shared_packs",
    dict.fromkeys(["supplier", "recipient", "category", "first", "last"], "TEXT NOT NULL")
    | {"by_month": "INTEGER NOT NULL", "hidden": "TEXT NOT NULL", "least": "INTEGER NOT NULL"}
    | {"households": "INTEGER NOT NULL"}
    | dict.fromkeys(["valid_until", "data", "filter", "purchases"], "TEXT NOT NULL"),
    ("filter", "recipient", "data"),
)
_GOODS = ("product_id", "product", "maker", "own_label")
_DAY = dt.timedelta(days=1)
Edge = tuple[dt.date, dt.date]


class NotShareable(ValueError):  # noqa: N818 - reads as the fact it states
    """Figures in which somebody could be made out; the text says which, and the way out."""


@dataclass(frozen=True)
class Claim:
    """What a pack says: of which supplier, category and days, by month or not; and what not:

    `hidden` are the supplier's products without figures, by the retailer's own numbers, or
    `ALL`: those that sold cannot be told from it either.
    """

    supplier: str
    category: str
    window: Period
    by_month: bool
    hidden: tuple[str, ...]

    @property
    def filter(self) -> str:
        """Return the hash of what was asked for."""
        return _hash("\0".join([self.supplier, self.category, str(self.window)]))

    @property
    def whole(self) -> Edge:
        """Return the first day, and the first one after the last."""
        return self.window.first, self.window.last + _DAY

    @property
    def edges(self) -> list[Edge]:
        """Return the stretches of days for which the totals are told."""
        first, end = self.whole
        months = pl.date_range(first, end, "1d", eager=True).dt.month_start().unique().sort()
        inside = [day for day in months if first < day < end] if self.by_month else []
        return list(pairwise([first, *inside, end]))


def judged(parts: pl.DataFrame, by: str, least: int = LEAST) -> pl.DataFrame:
    """Return one row per cell of `by`: sales (cents), households, and whether it is safe.

    `parts`: rows of customer_id (null without a card), sales in cents and the cell. A cell is
    safe with `least` households none of which makes more than half of what households spent.
    """
    each = parts.group_by(by, "customer_id").agg(pl.col("sales").sum())
    known = pl.col("customer_id").is_not_null() & (pl.col("sales") != 0)
    spent = pl.col("sales").abs().filter(known)
    cells = each.group_by(by).agg(
        pl.col("sales").sum(),
        households=known.sum().cast(pl.Int64),
        largest=spent.max() / spent.sum(),
    )
    safe = (pl.col("households") >= least) & (pl.col("largest") <= DOMINANCE)
    return cells.with_columns(safe=safe.fill_null(value=False)).drop("largest").sort(by)


def safe(parts: pl.DataFrame, least: int = LEAST) -> bool:
    """Return whether all parts together are a safe cell; nothing at all tells of nobody."""
    if parts.is_empty():
        return True
    return bool(judged(parts.with_columns(cell=pl.lit(0)), "cell", least)["safe"].item())


def hidden(parts: pl.DataFrame, by: str, least: int = LEAST) -> list[str]:
    """Return the cells not to be shown where the sum of all cells is: sorted names.

    Those that are not safe, and as many of the smallest others as it takes until what is hidden
    is safe as a sum: it can be had by subtracting what is shown from the whole.
    """
    cells = judged(parts, by, least).sort("households", by)
    away = cells.filter(~pl.col("safe"))[by].to_list()
    others = cells.filter("safe")[by].to_list()
    while others and not safe(parts.filter(pl.col(by).is_in(away)), least):
        away.append(others.pop(0))
    return sorted(away)


def rounded(*names: str, step: int) -> pl.Expr:
    """Return whole numbers rounded to the nearest step.

    >>> pl.DataFrame({"households": [22, 24]}).select(rounded("households", step=5)).rows()
    [(20,), (25,)]
    """
    return ((pl.col(*names) / step).round() * step).cast(pl.Int64)


def bought(shop: Shop, category: str, window: Period) -> pl.DataFrame:
    """Return one row per customer and product of a category: customer_id, product (the retailer's
    own number), maker (the own label being one), sales (cents).
    """
    question = (
        shop.during(window)
        .within(ids_of(shop, category))
        .group_by("customer_id", "product_id")
        .agg(sales=total("sales"))
        .join(shop.products.select(*_GOODS), on="product_id", how="left")
    )
    own = pl.when("own_label").then(pl.lit(OWN_LABEL)).otherwise("maker")
    found = fetch(question, by=["customer_id", "product_id"])
    return found.select("customer_id", "product", own.fill_null(UNKNOWN).alias("maker"), "sales")


def told(edges: list[Edge], whole: Edge) -> list[Edge]:
    """Return the stretches of days that subtraction leads to from `whole`, shortest ones only:
    two sums that begin or end on the same day tell the days between their other ends.
    """
    reached = set(whole)
    while more := {day for edge in edges if reached & set(edge) for day in edge} - reached:
        reached |= more
    return list(pairwise(sorted(reached)))


def refuse(shop: Shop, claim: Claim, least: int = LEAST, home: Path | None = None) -> None:
    """Raise NotShareable where a pack and the earlier ones tell by subtraction of too few.

    Every pack of the category counts, whoever received it, and whether or not it is still valid.
    """
    earlier = shared(home).filter(pl.col("category") == claim.category)
    if earlier.is_empty():
        return
    claims = [claim, *_claims(earlier)]
    if _clash(claim, claims):
        raise NotShareable(f"{_CLASH}; open the page again, which will show no products")
    ends = sorted({day for one in claims for edge in one.edges for day in edge})
    parts = pl.concat(
        bought(shop, claim.category, Period(first, end - _DAY)).with_columns(since=first)
        for first, end in pairwise(ends)
    )
    now = fingerprint(_between(parts, claim.whole))
    if not earlier.filter(pl.col("filter") == claim.filter, pl.col("purchases") != now).is_empty():
        raise NotShareable(_RESTATED.format(claim.window))
    for name, cell, edges in _cells(claim, claims, parts):
        for edge in told(edges, claim.whole):
            if not safe(_between(cell, edge), least):
                raise NotShareable(
                    f"with the packs shared before, this one would tell {name} from {edge[0]} to "
                    f"{edge[1] - _DAY} by subtraction, and fewer than {least} households, or one "
                    "above all, make up the difference; share the days of an earlier pack again, "
                    "or days that neither begin nor end with one"
                )


def clashes(claim: Claim, home: Path | None = None) -> bool:
    """Return whether packs that can be subtracted from this one hide other products, so that no
    product may be shown: what one of them hides could be had with the help of the other.
    """
    return _clash(claim, _claims(shared(home).filter(pl.col("category") == claim.category)))


def share(
    shop: Shop,
    claim: Claim,
    recipient: str,
    valid_until: dt.date,
    *,
    least: int = LEAST,
    home: Path | None = None,
) -> Action:
    """Return the offer to enter a pack into the ledger of shared packs, checked once more."""
    place = home or paths.home()
    parts = bought(shop, claim.category, claim.window)
    row: dict[str, Any] = {
        "supplier": claim.supplier,
        "recipient": recipient,
        "category": claim.category,
        "first": str(claim.window.first),
        "last": str(claim.window.last),
        "by_month": int(claim.by_month),
        "hidden": " ".join(claim.hidden),
        "least": least,
        "households": parts["customer_id"].drop_nulls().n_unique(),
        "valid_until": str(valid_until),
        "data": shop.version,
        "filter": claim.filter,
        "purchases": fingerprint(parts),
    }

    def done() -> str:
        with SHARED.writing(place) as journal:
            refuse(shop, claim, least, place)
            new = SHARED.put(journal, row)
        return f"Entered: shared with {recipient}" if new else f"{recipient} has this pack already"

    question = f"Has this pack been cleared for {recipient}, to be used until {valid_until}?"
    return Action(f"Share with {recipient}", question, done)


def shared(home: Path | None = None) -> pl.DataFrame:
    """Return one row per pack shared, with the columns of `SHARED`, by the hash of its filter."""
    return SHARED.read(home or paths.home())


def fingerprint(parts: pl.DataFrame) -> str:
    """Return the hash of who bought what, which changes when the days are restated."""
    keys = ["customer_id", "product"]
    whole = parts.group_by(keys).agg(pl.col("sales").sum()).sort(keys, nulls_last=True)
    return _hash(whole.write_csv())


def _claims(earlier: pl.DataFrame) -> list[Claim]:
    return [
        Claim(
            row["supplier"],
            row["category"],
            Period(dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"])),
            bool(row["by_month"]),
            tuple(row["hidden"].split()),
        )
        for row in earlier.rows(named=True)
    ]


def _cells(
    claim: Claim, claims: list[Claim], parts: pl.DataFrame
) -> Iterator[tuple[str, pl.DataFrame, list[Edge]]]:
    """Yield what packs say: its name, who bought it, and the stretches of days it is told for."""
    theirs = [one for one in claims if one.supplier == claim.supplier]
    own = parts.filter(pl.col("maker") == claim.supplier)
    rest = parts.filter(pl.col("maker") != claim.supplier)
    yield "the category", parts, [edge for one in claims for edge in one.edges]
    edges = [edge for one in theirs for edge in one.edges]
    yield from (("the supplier's sales", own, edges), ("the other makers' sales", rest, edges))
    if claim.hidden == ALL:
        return
    same = [one.whole for one in theirs if one.hidden == claim.hidden]
    yield "the hidden products", own.filter(pl.col("product").is_in(claim.hidden)), same
    shown = own.filter(~pl.col("product").is_in(claim.hidden))
    for (product,), cell in shown.partition_by("product", as_dict=True).items():
        by_product = (one for one in theirs if not {product, *ALL} & set(one.hidden))
        yield f"product {product}", cell, [one.whole for one in by_product]


def _clash(claim: Claim, claims: list[Claim]) -> bool:
    """Return whether packs within reach hide other products and one overlaps: days that only
    follow each other can be added up, but not subtracted.
    """
    theirs = [one for one in claims if one.supplier == claim.supplier and one.hidden != ALL]
    reached = {day for edge in told([one.whole for one in theirs], claim.whole) for day in edge}
    near = [one for one in theirs if reached & set(one.whole) and one != claim]
    first, end = claim.whole
    overlap = any(one.whole[0] < end and first < one.whole[1] for one in near)
    return claim.hidden != ALL and overlap and any(one.hidden != claim.hidden for one in near)


_RESTATED = (
    "the days {} were restated since this pack was shared, and the two versions would tell the "
    "difference; share other days"
)
_CLASH = "packs shared before, which can be subtracted from this one, hide other products"


def _between(parts: pl.DataFrame, edge: Edge) -> pl.DataFrame:
    return parts.filter(pl.col("since") >= edge[0], pl.col("since") < edge[1])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
