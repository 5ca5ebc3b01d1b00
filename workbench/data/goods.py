"""Merchandise: every product but fuel, postage and fees, whose units are not pieces like others."""

from typing import Any

import narwhals as nw

from workbench.data.engine import fetch, only


def merchandise(lines: nw.LazyFrame[Any], products: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the rows whose product_id is merchandise, as a product that is not listed is."""
    return only(lines, "product_id", _others(products), how="anti")


def is_merchandise(products: nw.LazyFrame[Any]) -> nw.Expr:
    """Return whether a row's product_id is merchandise, for sums of both kinds."""
    return ~nw.col("product_id").is_in(_others(products))


def _others(products: nw.LazyFrame[Any]) -> list[int]:
    others = products.filter(~nw.col("merchandise")).select("product_id")
    return fetch(others, by=["product_id"])["product_id"].to_list()
