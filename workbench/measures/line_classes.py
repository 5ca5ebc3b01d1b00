"""Classes of receipt lines: sales, returns, zero and negative prices, and what is unknown."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.checks.lines import DETAILS
from workbench.data.checks.receipts import WHO
from workbench.data.engine import fetch, fetch_together, money, only, total
from workbench.data.goods import is_merchandise
from workbench.data.shop import Shop

_SUMS = ("lines", "baskets", "sales")
_SALES, _QUANTITY = nw.col("sales"), nw.col("quantity")
ALL, PART, OVERLAP = "All lines", "adds up to all", "counted above too"
CLASSES = {
    "Sale": (
        (_SALES > 0) & (_QUANTITY > 0),
        "Counted in everything.",
    ),
    "Sale without a quantity": (
        (_SALES > 0) & (_QUANTITY == 0),
        "Counted as bought and in sales; adds no units.",
    ),
    "Zero price": (
        (_SALES == 0) & (_QUANTITY >= 0),
        "Counted as bought: a visit, units, no sales.",
    ),
    "Return": (
        (_SALES <= 0) & (_QUANTITY < 0),
        "Taken off sales, margin and units; by itself no visit, no basket and no purchase.",
    ),
    "Negative price": (
        (_SALES < 0) & (_QUANTITY >= 0),
        "A correction: taken off sales and margin; by itself no visit and no basket.",
    ),
    "Money for goods given back": (
        (_SALES > 0) & (_QUANTITY < 0),
        "Signs that contradict: added to sales as delivered; by itself no visit and no basket.",
    ),
}
BACK = "On a receipt that only brings back"
TREATMENTS = {
    BACK: "A return or a cancelled receipt: taken off sales, never a visit or a basket.",
    "Without a card": "In every total of the retailer, as Unlabelled; in no segment.",
    "Of a customer without details": (
        "In every segment and total; profiles by age and income say how many they rest on."
    ),
    "Of a product the catalogue lacks": "In every total; its category is “(unknown)”.",
    "Not merchandise": "In sales and margin; left out of wallets, and of every count of units.",
}


def line_classes(shop: Shop) -> pl.DataFrame:
    """Return one row per class of receipt lines, then one per property that cuts across them.

    Columns: class, part (whether the row is part of all lines, or counted above too), lines,
    baskets (receipts with at least one such line, those that only bring back included), sales
    (money, net), lines_share and sales_share (of all lines and sales), treatment: what measures
    do with such lines. The classes add up to all lines and all sales; the last row is all.
    """
    months = [_of_month(month) for month in shop.months()]
    each, receipts = (_added(found) for found in zip(*months, strict=True))
    back, everything = receipts.filter(key=1), receipts.select(pl.col(_SUMS).sum())
    cuts = {name: fetch(cut, by=["lines"]) for name, cut in _across(shop).items()}
    names = pl.col("key").replace_strict(dict(enumerate(CLASSES)), return_dtype=pl.String)
    rows = [
        _called(names, PART, each),
        *(_called(pl.lit(name), OVERLAP, cut) for name, cut in ({BACK: back} | cuts).items()),
        _called(pl.lit(ALL), "", everything),
    ]
    told = {name: text for name, (_, text) in CLASSES.items()} | TREATMENTS | {ALL: ""}
    return _shared(_in_order(pl.concat(rows), list(told)), everything).with_columns(
        treatment=pl.col("class").replace_strict(told, return_dtype=pl.String)
    )


def _of_month(shop: Shop) -> list[pl.DataFrame]:
    """Return what a month's classes come to, by number, and its receipts, by whether all is back.

    Both from one look at the lines: those of a receipt are mostly of one class.
    """
    count = len(CLASSES)
    place = nw.lit(0)
    for number, (condition, _) in enumerate(CLASSES.values()):
        place = nw.when(condition).then(nw.lit(number)).otherwise(place)
    lines = shop.lines.with_columns(key=nw.col("basket_id") * count + place)
    sums = {"sales": total("sales"), "visits": total("new_basket")}
    in_class = lines.group_by("key").agg(
        basket_id=nw.col("basket_id").max(), lines=nw.len(), **sums
    )
    whole = in_class.group_by("basket_id").agg(
        **{name: total(name) for name in ("lines", "sales", "visits")}
    )
    questions = (
        in_class.with_columns(key=nw.col("key") % count),
        whole.with_columns(key=(nw.col("visits") == 0).cast(nw.Int64)),
    )
    counted = {"lines": total("lines"), "baskets": nw.len(), "sales": total("sales")}
    return fetch_together(*((asked.group_by("key").agg(**counted), ["key"]) for asked in questions))


def _across(shop: Shop) -> dict[str, nw.LazyFrame[Any]]:
    """Ask what the lines of each property come to that cuts across the classes."""
    unlisted = shop.products.filter(*[nw.col(name).is_null() for name in DETAILS])
    strangers = shop.customers.filter(*[nw.col(name).is_null() for name in WHO])
    unlisted_ids = fetch(unlisted.select("product_id"), by=["product_id"])["product_id"]
    theirs = shop.receipts.join(strangers.select("customer_id"), on="customer_id", how="semi")
    baskets, sales = nw.col("basket_id").n_unique().alias("baskets"), total("sales")
    lines, of_receipts = nw.len().alias("lines"), total("lines")
    asked = (
        shop.receipts.filter(nw.col("customer_id").is_null()).select(of_receipts, baskets, sales),
        theirs.select(of_receipts, baskets, sales),
        only(shop.lines, "product_id", unlisted_ids.to_list()).select(lines, baskets, sales),
        shop.lines.filter(~is_merchandise(shop.products)).select(lines, baskets, sales),
    )
    return dict(zip(list(TREATMENTS)[1:], asked, strict=True))


def _added(months: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums of all months by key: no receipt is in two of them."""
    return pl.concat(months).group_by("key").agg(pl.col(_SUMS).sum()).sort("key")


def _called(name: pl.Expr, part: str, found: pl.DataFrame) -> pl.DataFrame:
    return found.select(name.alias("class"), pl.lit(part).alias("part"), *_SUMS)


def _in_order(found: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the classes in their order, those without a line too."""
    whole = pl.DataFrame({"class": names}).join(
        found, on="class", how="left", maintain_order="left"
    )
    return whole.with_columns(
        pl.col("part").fill_null(PART), pl.col("lines", "baskets", "sales").fill_null(0)
    )


def _shared(found: pl.DataFrame, everything: pl.DataFrame) -> pl.DataFrame:
    lines, sales = everything["lines"].item(), everything["sales"].item()
    return found.with_columns(
        lines_share=pl.col("lines") / (lines or None),
        sales_share=pl.col("sales") / (sales or None),
    ).select("class", "part", "lines", "baskets", money("sales"), "lines_share", "sales_share")
