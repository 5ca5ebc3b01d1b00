"""The lines of one category, and what its items are called: what range and price start from."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.choices import category_of, ids_of
from workbench.data.engine import fetch, only
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

TYPES = {"type": "product type", "size": "size", "maker": "maker", "label": "own label or brand"}


def category_lines(shop: Shop, period: str | Period | Latest, category: str) -> nw.LazyFrame[Any]:
    """Return the receipt lines of a category on which something was bought.

    Names that several departments share are one category. Raises ValueError for an unknown one.
    """
    inside = shop.during(period).within(ids_of(shop, category_of(shop, category)))
    return inside.filter(nw.col("quantity") > 0, nw.col("sales") >= 0)


def item_facts(shop: Shop, ids: list[int]) -> pl.DataFrame:
    """Return one row per product: product_id, item (its name), type, size, maker, label.

    The name holds what is known of description, size and maker, and the source's own number.
    """
    wanted = only(shop.products, "product_id", ids)
    found = fetch(wanted.drop("category_id", strict=False), by=["product_id"])
    texts = ("description", "subcategory", "size", "maker", "brand", "product", "own_label")
    for name in set(texts) - set(found.columns):
        found = found.with_columns(
            pl.lit(None, pl.Boolean if "own" in name else pl.String).alias(name)
        )
    own = pl.col("own_label").fill_null(value=False)
    maker = pl.coalesce(pl.format("maker {}", "maker"), "brand")
    by = pl.when(own).then(pl.lit("own label")).otherwise(maker)
    said = pl.concat_str("description", "size", separator=" ", ignore_nulls=True)
    named = pl.concat_str(said.replace("", None), by, separator=", ", ignore_nulls=True)
    return found.select(
        "product_id",
        item=pl.concat_str(
            named.replace("", None), pl.format("({})", "product"), separator=" ", ignore_nulls=True
        ),
        type=pl.coalesce("subcategory", "description", pl.lit("(unknown)")),
        size=pl.col("size").fill_null("(unknown)"),
        maker=maker.fill_null("(unknown)"),
        label=pl.when(own).then(pl.lit("own label")).otherwise(pl.lit("brand")),
    )
