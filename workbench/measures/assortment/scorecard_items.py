"""Categories and brands as items: what each customer bought of each, and at what price."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.brands import OWN_LABEL, UNKNOWN
from workbench.data.choices import ids_of
from workbench.data.engine import fetch, total
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.measures.discounts import EDGES, given

LEVELS = {"category": ["category"], "brand": ["category", "brand"]}
CAME = (nw.col("sales") >= 0) & (nw.col("quantity") >= 0)
SUMS = ("trips", "sales", "units", "margin", "bought", "promoted")


def item_lines(shop: Shop, window: Period, category: str | None = None) -> nw.LazyFrame[Any]:
    """Return the lines of a period with their category and brand by name, and what they count.

    Added, in integer units: came (1 where something was bought), units (thousandths; 0 where no
    merchandise), bought (sales of purchases, returns left out), promoted (of them, what was
    discounted by at least 5 % of the shelf price), without_cost. A brand is named as gain and
    loss names it: by its maker, the own label being one.
    """
    maker = nw.concat_str(nw.lit("Maker "), nw.col("maker"))
    brand = nw.coalesce(maker, nw.col("brand"), nw.lit(UNKNOWN))
    own = nw.col("own_label").fill_null(False)
    names = shop.products.select(
        "product_id",
        nw.col("merchandise").fill_null(True).alias("merchandise"),
        nw.when(own).then(nw.lit(OWN_LABEL)).otherwise(brand).alias("brand"),
    )
    whole = shop.during(window)
    lines = whole.lines if category is None else whole.within(ids_of(shop, category))
    shelves = shop.categories.select("category_id", "category")
    lines = lines.join(names, on="product_id", how="left")
    lines = lines.join(shelves, on="category_id", how="left")
    filled = [nw.col(name).fill_null(UNKNOWN) for name in ("category", "brand")]
    return lines.with_columns(*filled).with_columns(**_counted())


def _counted() -> dict[str, nw.Expr]:
    sales, off, none = nw.col("sales").cast(nw.Int64), given(), nw.lit(0)
    goods = nw.col("merchandise").fill_null(True)
    cut = CAME & (off > 0) & (off * 100 >= (sales + off) * EDGES[0])
    return {
        "came": CAME.cast(nw.Int64),
        "units": nw.when(goods).then(nw.col("quantity").cast(nw.Int64)).otherwise(none),
        "bought": nw.when(CAME).then(sales).otherwise(none),
        "promoted": nw.when(cut).then(sales).otherwise(none),
        "without_cost": nw.col("margin").is_null().cast(nw.Int64),
    }


def by_customer(lines: nw.LazyFrame[Any], *keys: str) -> pl.DataFrame:
    """Return one row per item (its `keys`) and customer (null without a card).

    Columns: trips (receipts on which the item was bought), sales, margin (null where a cost is
    unknown), bought, promoted, in cents, and units in thousandths.
    """
    names = ("sales", "units", "margin", "bought", "promoted", "without_cost")
    receipts = lines.group_by(*keys, "customer_id", "basket_id").agg(
        trips=nw.col("came").max(), **{name: total(name) for name in names}
    )
    each = receipts.group_by(*keys, "customer_id").agg(
        **{name: total(name) for name in ("trips", *names)}
    )
    known = pl.when(pl.col("without_cost") == 0).then(pl.col("margin"))
    found = fetch(each, by=[*keys, "customer_id"])
    return found.with_columns(margin=known).select(*keys, "customer_id", *SUMS)


def by_product(lines: nw.LazyFrame[Any], *keys: str) -> pl.DataFrame:
    """Return one row per item and product: units in thousandths and sales in cents, net."""
    question = lines.filter(nw.col("merchandise").fill_null(True)).group_by(*keys, "product_id")
    return fetch(question.agg(units=total("units"), sales=total("sales")), by=[*keys, "product_id"])


def card_customers(shop: Shop, window: Period) -> int:
    """Return how many customers bought anything with a card in a period."""
    came = (nw.col("new_basket") > 0) & ~nw.col("customer_id").is_null()
    receipts = shop.during(window).receipts.filter(came)
    return int(fetch(receipts.select(n=nw.col("customer_id").n_unique()), by=["n"]).item())
