"""What comparing figures starts from: cents, names of customers and products, equal segments."""

from collections.abc import Callable
from typing import Any

import polars as pl
from verbs import VERBS, quarters

from workbench.data import Shop

FOURS = pl.Enum(["0", "1", "2", "3"])
Ours, Theirs = Callable[[Shop], pl.DataFrame], Callable[[pl.DataFrame], pl.DataFrame]
Compared = dict[str, dict[str, tuple[Ours, Theirs]]]


def both(ours: Ours, theirs: Theirs) -> dict[str, tuple[Ours, Theirs]]:
    """Return how ours are compared with those of openretailscience and of pandas alike."""
    return {"peer": (ours, theirs), "pandas": (ours, theirs)}


def asked(shop: Shop, verb: str) -> Any:
    """Return the workbench's own answer, as it is timed."""
    return VERBS[verb].call(shop, quarters(shop))


def cents(name: str, called: str = "spend") -> pl.Expr:
    """Return an amount as whole cents."""
    return (pl.col(name).cast(pl.Float64) * 100).round().cast(pl.Int64).alias(called)


def whole(name: str, called: str = "") -> pl.Expr:
    """Return a count or a ratio to six digits, so that only rounding is left out."""
    return pl.col(name).cast(pl.Float64).round(6).alias(called or name)


def named(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the retailer's own numbers of customers."""
    return _own(shop, rows, "customers", "customer")


def products(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the retailer's own numbers of products."""
    return _own(shop, rows, "products", "product")


def stores(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the retailer's own numbers of stores."""
    return _own(shop, rows, "stores", "store")


def fours(shop: Shop) -> pl.DataFrame:
    """Return the labels that the others can tell as well: four, by the customer's last digit."""
    customers = shop.tables["customers"].to_native().select("customer_id", "customer").collect()
    digit = pl.col("customer").str.tail(1).cast(pl.Int64) % 4
    numbered = customers.select(pl.col("customer_id").cast(pl.Int64), segment=digit)
    return numbered.cast({"segment": pl.String}).cast({"segment": FOURS})


def _own(shop: Shop, rows: pl.DataFrame, table: str, name: str) -> pl.DataFrame:
    key = f"{name}_id"
    names = shop.tables[table].to_native().select(pl.col(key).cast(pl.Int64), name).collect()
    return rows.cast({key: pl.Int64}).join(names, on=key).drop(key)
