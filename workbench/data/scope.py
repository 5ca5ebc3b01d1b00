"""Whose sales are added up: the stores of one retailer in one currency, and of which channel.

Receipts of several retailers and currencies may share a lake; no total may mix them. Where all
stores share both, which is nearly always, nothing is narrowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch
from workbench.data.lake import Edition

COLUMNS = ["store_id", "retailer", "currency", "channel"]


class OutOfScope(ValueError):  # noqa: N818 - reads as the fact it states
    """A retailer, currency or channel that no store has; the text says which there are."""


@dataclass(frozen=True)
class Scope:
    """The stores looked at (None: all of them), and in words those that are left out."""

    retailer: str
    currency: str
    stores: tuple[int, ...] | None = None
    left_out: str = ""


def scope_of(
    edition: Edition,
    tables: Mapping[str, nw.LazyFrame[Any]],
    retailer: str | None = None,
    currency: str | None = None,
    channel: str | None = None,
) -> Scope:
    """Return the stores looked at, of those in the table of stores; see `scope`."""
    stores = fetch(tables["stores"].select(COLUMNS), by=["store_id"])
    return scope(edition, stores, retailer=retailer, currency=currency, channel=channel)


def scope(
    edition: Edition,
    stores: pl.DataFrame,
    *,
    retailer: str | None = None,
    currency: str | None = None,
    channel: str | None = None,
) -> Scope:
    """Return the stores of a retailer and currency; by default those of the edition.

    `stores`: one row per store with store_id, retailer, currency, channel. Raises OutOfScope.
    """
    known = stores.with_columns(
        pl.col("retailer").fill_null(edition.retailer),
        pl.col("currency").fill_null(edition.currency),
    )
    asked = None if retailer == edition.retailer else retailer
    chosen = _narrowed(known, "retailer", asked, edition.retailer)
    chosen = _narrowed(chosen, "currency", currency, edition.currency)
    if channel:
        chosen = _narrowed(chosen, "channel", channel, channel)
    sold_in = chosen["currency"][0] if chosen.height else edition.currency
    named = retailer or edition.retailer
    if chosen.height == stores.height:
        return Scope(named, sold_in)
    left = known.join(chosen, on="store_id", how="anti")
    return Scope(named, sold_in, tuple(chosen["store_id"].sort()), _said(left))


def _narrowed(stores: pl.DataFrame, column: str, asked: str | None, usual: str) -> pl.DataFrame:
    there = stores[column].drop_nulls().unique().sort().to_list()
    if asked is None and len(there) == 1:
        return stores
    if asked is not None and asked not in there:
        raise OutOfScope(f"no store has the {column} {asked!r}; there are: {', '.join(there)}")
    return stores.filter(pl.col(column) == (asked or usual))


def _said(left: pl.DataFrame) -> str:
    groups = left.group_by("retailer", "currency").len().sort("retailer", "currency").rows()
    return "; ".join(
        f"{count} {'store' if count == 1 else 'stores'} of {retailer} in {currency}"
        for retailer, currency, count in groups
    )
