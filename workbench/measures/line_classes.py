"""Classes of receipt lines: sales, returns, zero and negative prices, and what is unknown."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.checks.lines import DETAILS
from workbench.data.checks.receipts import WHO
from workbench.data.engine import fetch, money, total
from workbench.data.goods import is_merchandise
from workbench.data.shop import Shop

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
    lines = shop.lines
    each = fetch(
        lines.group_by(_class().alias("class")).agg(*_amounts()), by=["class"]
    ).with_columns(part=pl.lit(PART))
    back = _brought_back(shop).with_columns(**{"class": pl.lit(BACK), "part": pl.lit(OVERLAP)})
    cuts = [back, *(_cut(name, frame) for name, frame in _across(shop, lines).items())]
    everything = fetch(lines.select(*_amounts()), by=["lines"])
    rows = [each, *cuts, everything.with_columns(**{"class": pl.lit(ALL), "part": pl.lit("")})]
    told = {name: text for name, (_, text) in CLASSES.items()} | TREATMENTS | {ALL: ""}
    columns = ["class", "part", "lines", "baskets", "sales"]
    found = pl.concat([frame.select(columns) for frame in rows])
    return _shared(_in_order(found, list(told)), everything).with_columns(
        treatment=pl.col("class").replace_strict(told, return_dtype=pl.String)
    )


def _class() -> nw.Expr:
    """Return the class of a line; each line has exactly one."""
    named = nw.lit("Sale")
    for name, (condition, _) in CLASSES.items():
        named = nw.when(condition).then(nw.lit(name)).otherwise(named)
    return named


def _amounts() -> list[nw.Expr]:
    return [
        nw.len().alias("lines"),
        nw.col("basket_id").n_unique().alias("baskets"),
        total("sales").alias("sales"),
    ]


def _across(shop: Shop, lines: nw.LazyFrame[Any]) -> dict[str, nw.LazyFrame[Any]]:
    """Return the lines of each property that cuts across the classes."""
    products = shop.products.filter(*[nw.col(name).is_null() for name in DETAILS])
    strangers = shop.customers.filter(*[nw.col(name).is_null() for name in WHO])
    frames = (
        lines.filter(nw.col("customer_id").is_null()),
        lines.join(strangers.select("customer_id"), on="customer_id", how="semi"),
        lines.join(products.select("product_id"), on="product_id", how="semi"),
        lines.filter(~is_merchandise(shop.products)),
    )
    return dict(zip(list(TREATMENTS)[1:], frames, strict=True))


def _brought_back(shop: Shop) -> pl.DataFrame:
    """Return what receipts that only bring back come to, added up over months: one row."""
    found = []
    for month in shop.months():
        names = {"lines": "lines", "sales": "sales", "visits": "new_basket"}
        sums = {name: total(column) for name, column in names.items()}
        back = month.receipts.group_by("basket_id").agg(**sums).filter(nw.col("visits") == 0)
        whole = back.select(lines=total("lines"), baskets=nw.len(), sales=total("sales"))
        found.append(fetch(whole, by=["lines"]))
    return pl.concat(found).sum()


def _cut(name: str, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    found = fetch(frame.select(*_amounts()), by=["lines"])
    return found.with_columns(**{"class": pl.lit(name), "part": pl.lit(OVERLAP)})


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
