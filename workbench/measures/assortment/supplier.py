"""Supplier pack: a supplier's own products and the category's totals, and nothing else."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import narwhals as nw
import polars as pl

from workbench.data.brands import OWN_LABEL, UNKNOWN
from workbench.data.choices import category_of
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.sharing import (
    ALL,
    COUNT_STEP,
    LEAST,
    MONEY_STEP,
    Claim,
    NotShareable,
    bought,
    clashes,
    hidden,
    judged,
    refuse,
    rounded,
    safe,
    shared,
)
from workbench.measures.customers.purchases import items

RIVALS, RIVAL_SHARE = 3, 0.8
GROUPS = {
    "Loyal": "spent more than half of their category money on the supplier",
    "Shared": "bought the supplier and, for at least as much, others",
    "Others only": "bought the category and nothing of the supplier",
}
DEFINITION = {
    "Supplier": "the maker of products that are not the retailer's own label",
    "The rest": f"all other makers together, the own label among them: {RIVALS} at least, no "
    f"competitor with more than {RIVAL_SHARE:.0%} of the rest",
    "Households": f"cards that bought; to the nearest {COUNT_STEP}, in the groups of buyers to "
    "the nearest smallest number allowed",
    "Sales": "what the tills took, returns netted, to the nearest 10 of the currency",
    "Shares": "from the rounded figures, so that they tell no more than those",
    "Hidden": "a dash: fewer households than allowed, or one with more than half of the spending; "
    "and as many of the smallest others as keep the hidden sum safe from subtraction",
    "Subtraction": "what this pack tells together with the packs of the category shared before "
    "is held to the same rules; where it fails, no page is made, and no product is shown where "
    "a pack that could be subtracted hides other ones",
    **GROUPS,
}
HEADINGS = {
    "month": "From",
    "households": "Households",
    "households_share": "Share of category buyers",
    "sales_share": "Share of category sales",
    "supplier_sales": "Supplier's sales",
    "category_sales": "Category sales",
    "of_supplier_share": "Share of the supplier",
    "of_buyers_share": "Share of category buyers",
    "valid_until": "Valid until",
}


@dataclass(frozen=True)
class Pack:
    """What a supplier may see, as frames of rounded figures, and what the pack claims.

    totals: one row per party (Supplier, The rest, Category); months: one row per month, all or
    none; products: one row per product of the supplier, best first, those hidden last and by
    name; buyers: one row per group. Each says for whom and until when it is. `best` are the
    products shown, by their numbers here, best first.
    """

    claim: Claim
    recipient: str
    valid_until: dt.date
    totals: pl.DataFrame
    months: pl.DataFrame
    products: pl.DataFrame
    buyers: pl.DataFrame
    best: list[int]
    shared_before: bool


def supplier_pack(
    shop: Shop,
    period: str | Period | Latest,
    category: str,
    supplier: str = "",
    *,
    recipient: str = "",
    days: int = 90,
    least: int = LEAST,
    home: Path | None = None,
) -> Pack:
    """Return the pack of a supplier in a category; by default of the category's largest.

    It is valid for so many days after the data's last one. Raises ValueError for an unknown
    category or supplier, NotShareable where the rules forbid the pack as a whole.
    """
    window, name = shop.window(period), category_of(shop, category)
    parts = bought(shop, name, window)
    maker = _supplier(parts, supplier, name)
    side = pl.when(pl.col("maker") == maker).then(pl.lit("own")).otherwise(pl.lit("rest"))
    parts = parts.with_columns(side.alias("side"))
    _allowed(parts, maker, name, least)
    months = _months(shop, name, maker, window)
    claim = _claim(Claim(maker, name, window, _by_month(months, least), ()), parts, least, home)
    refuse(shop, claim, least, home)
    to, until = recipient or f"Maker {maker}", shop.last_day + dt.timedelta(days=days)
    mark = {"recipient": pl.lit(to), "valid_until": pl.lit(until)}
    products = _products(shop, parts.filter(side="own"), claim)
    before = shared(home).filter(filter=claim.filter, recipient=to, data=shop.version)
    return Pack(
        claim,
        to,
        until,
        totals=_totals(parts).with_columns(**mark),
        months=_trend(months, by_month=claim.by_month).with_columns(**mark),
        products=products.drop("product_id").with_columns(**mark),
        buyers=_buyers(parts, least).with_columns(**mark),
        best=products.drop_nulls("sales")["product_id"].to_list(),
        shared_before=not before.is_empty(),
    )


def say_supplier(pack: Pack) -> str:
    """Return the sentence that says what the supplier is to the category."""
    own = pack.totals.row(0, named=True)
    shown = f"{pack.products.drop_nulls('sales').height} of its {pack.products.height}"
    if pack.claim.hidden == ALL:
        shown = "because of the packs shared before, none of its"
    return (
        f"Maker {pack.claim.supplier} makes {own['sales_share']:.0%} of the sales of "
        f"{pack.claim.category} and reaches {own['households_share']:.0%} of its buyers; "
        f"{shown} products sold can be shown"
    )


def say_terms(pack: Pack) -> str:
    """Return for whom a pack is, until when, and whether it may be passed on yet."""
    day = pack.valid_until
    terms = f"For {pack.recipient}, until {day.day} {day:%B %Y}; confidential"
    if pack.shared_before:
        return f"{terms}. Entered in the ledger of shared packs."
    return f"{terms}. Draft: not to be passed on before it is entered in the ledger below."


def _supplier(parts: pl.DataFrame, asked: str, category: str) -> str:
    makers = parts.filter(~pl.col("maker").is_in([OWN_LABEL, UNKNOWN]))
    ranked = makers.group_by("maker").agg(pl.col("sales").sum())
    names = ranked.sort("sales", "maker", descending=[True, False])["maker"].to_list()
    if asked and asked not in names:
        raise ValueError(f"no maker {asked!r} sold {category}; try {', '.join(names[:5])}")
    if not names:
        raise ValueError(f"no maker of {category} is known, so there is no supplier to share with")
    return asked or str(names[0])


def _allowed(parts: pl.DataFrame, maker: str, category: str, least: int) -> None:
    cells = judged(parts, "side", least)
    rivals = parts.filter(side="rest").group_by("maker").agg(pl.col("sales").sum())
    rivals = rivals.filter(pl.col("sales") > 0)
    if cells.height < 2 or not cells["safe"].all() or not safe(parts, least):
        raise NotShareable(
            f"maker {maker} or the rest of {category} has fewer than {least} households in this "
            "period, or one above all; choose a longer period or a larger category"
        )
    others = rivals.filter(pl.col("maker") != OWN_LABEL)
    share = max(others["sales"], default=0) / max(rivals["sales"].sum(), 1)
    if rivals.height < RIVALS or share > RIVAL_SHARE:
        raise NotShareable(
            f"{category} has {rivals.height} other makers in this period, and the largest "
            f"competitor has {share:.0%} of their sales: the rest would tell a competitor's; "
            "choose a larger category"
        )


def _months(shop: Shop, category: str, maker: str, window: Period) -> pl.DataFrame:
    side = pl.when(pl.col("maker") == maker).then(pl.lit("own")).otherwise(pl.lit("rest"))
    each = [
        bought(month, category, month.span).with_columns(month=month.span.first, side=side)
        for month in shop.during(window).months()
    ]
    return pl.concat(each)


def _by_month(months: pl.DataFrame, least: int) -> bool:
    """Return whether every month can be shown, of the supplier, the rest and both."""
    cells = [*months.partition_by("month"), *months.partition_by("month", "side")]
    return all(safe(cell, least) for cell in cells)


def _claim(claim: Claim, parts: pl.DataFrame, least: int, home: Path | None) -> Claim:
    away = hidden(parts.filter(side="own"), "product", least)
    claim = replace(claim, hidden=tuple(away))
    return replace(claim, hidden=ALL) if clashes(claim, home) else claim


def _totals(parts: pl.DataFrame) -> pl.DataFrame:
    names = {"own": "Supplier", "rest": "The rest", "all": "Category"}
    whole = parts.with_columns(side=pl.lit("all"))
    cells = judged(pl.concat([parts, whole]), "side")
    order = pl.col("side").replace_strict(names, return_dtype=pl.Enum(list(names.values())))
    told = cells.select(order.alias("party"), *_told("households", "sales")).sort("party")
    shares = (pl.col("households", "sales") / pl.col("households", "sales").last()).name.suffix(
        "_share"
    )
    return told.with_columns(shares).with_columns(money("sales"))


def _trend(months: pl.DataFrame, *, by_month: bool) -> pl.DataFrame:
    own = pl.col("sales").filter(pl.col("side") == "own").sum()
    cells = months.group_by("month").agg(supplier_sales=own, category_sales=pl.col("sales").sum())
    names = ("supplier_sales", "category_sales")
    told = cells.sort("month").with_columns(rounded(*names, step=MONEY_STEP))
    told = told if by_month else told.with_columns(pl.lit(None, pl.Int64).alias(n) for n in names)
    share = pl.col("supplier_sales") / pl.col("category_sales")
    return told.with_columns(share.alias("sales_share")).with_columns(money(*names))


def _products(shop: Shop, own: pl.DataFrame, claim: Claim) -> pl.DataFrame:
    cells = judged(own, "product")
    sold = nw.col("product").is_in(cells["product"].to_list())
    goods = shop.products.filter(sold).select("product_id", "product")
    named = fetch(goods, by=["product_id"]).join(
        items(shop, "product"), left_on="product_id", right_on="item_id", how="left"
    )
    away = pl.lit(claim.hidden == ALL) | pl.col("product").is_in(claim.hidden)
    told = (
        cells.join(named, on="product", how="left")
        .with_columns(pl.when(~away).then(figure) for figure in _told("households", "sales"))
        .select("product_id", "households", "sales", product="item")
        .sort("sales", "product", descending=[True, False], nulls_last=True)
    )
    share = pl.col("sales") / (round(cells["sales"].sum() / MONEY_STEP) * MONEY_STEP)
    columns = ("product_id", "product", "households", "sales")
    return told.select(*columns, share.alias("of_supplier_share")).with_columns(money("sales"))


def _buyers(parts: pl.DataFrame, least: int) -> pl.DataFrame:
    known = parts.filter(pl.col("customer_id").is_not_null())
    own = pl.col("sales").filter(pl.col("side") == "own").sum()
    each = known.group_by("customer_id").agg(own=own, all=pl.col("sales").sum())
    loyal, some, none = GROUPS
    group = (
        pl.when(pl.col("own") * 2 > pl.col("all"))
        .then(pl.lit(loyal))
        .when(pl.col("own") > 0)
        .then(pl.lit(some))
        .otherwise(pl.lit(none))
    )
    cells = each.filter(pl.col("all") > 0).group_by(group.alias("group")).agg(households=pl.len())
    groups = pl.DataFrame({"group": list(GROUPS)})
    every = groups.join(cells, on="group", how="left", maintain_order="left")
    few = pl.col("households").fill_null(0) < least
    told = every.with_columns(
        pl.when(~few).then(rounded("households", step=least)).alias("households")
    )
    share = pl.col("households") / pl.col("households").sum()
    return told.with_columns(
        pl.col("group").cast(pl.Enum(list(GROUPS))),
        pl.when(pl.col("households").is_not_null().all()).then(share).alias("of_buyers_share"),
    )


def _told(*names: str) -> list[pl.Expr]:
    steps = {"households": COUNT_STEP, "sales": MONEY_STEP}
    return [rounded(name, step=steps[name]) for name in names]
