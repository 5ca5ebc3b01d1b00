"""Checks of receipt lines and their products: one pass over the lines, summed by product."""

import narwhals as nw
import polars as pl

from workbench.data.checks.check import Checked, Found, some
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import fetch, total
from workbench.data.shop import Shop

DETAILS = CONTRACTS["products"].texts
DOUBLINGS, MOST_DOUBLINGS, PRICED_OFTEN = 5, 31, 10

_SALES, _QUANTITY = nw.col("sales"), nw.col("quantity")
_SURCHARGES = [nw.col(f"{name}_discount") < 0 for name in ("loyalty", "match", "coupon")]
FLAGS = {
    "no card": nw.col("customer_id").is_null(),
    "quantity zero": _QUANTITY == 0,
    "sales zero": _SALES == 0,
    "negative sales": _SALES < 0,
    "wrong signs": ((_SALES > 0) & (_QUANTITY < 0)) | ((_SALES < 0) & (_QUANTITY > 0)),
    "free goods": (_SALES >= 0) & (nw.col("coupon_discount") > _SALES),
    "discounts with the wrong sign": (_SALES > 0)
    & nw.any_horizontal(*_SURCHARGES, ignore_nulls=True),
    "sales without a cost": nw.col("margin").is_null(),
    "sold below cost": (_SALES > 0) & (nw.col("margin") < 0),
}


def of_lines(shop: Shop) -> Checked:
    """Return what the checks of lines and of products found, by name of the check."""
    sold, products = _sold(shop), catalogue(shop)
    each = products.join(sold, on="product_id", how="left", validate="1:1")
    each = each.with_columns(pl.col("lines", *FLAGS, "quantity").fill_null(0))
    lines = int(each["lines"].sum())
    found = {name: Found(int(each[name].sum()), lines, _most(each, name)) for name in FLAGS}
    found["no card"] = Found(found["no card"].count, lines)
    known_cost = lines - found["sales without a cost"].count
    below = found["sold below cost"]
    found["sold below cost"] = Found(below.count, known_cost, below.examples)
    return found | _of_tree(each, lines) | _of_products(each) | _prices(shop, each)


def catalogue(shop: Shop) -> pl.DataFrame:
    """Return one row per product, with `known`: whether anything was delivered about it."""
    columns = ["product_id", "product", "own_label", "merchandise", *DETAILS]
    products = fetch(shop.products.select(columns), by=["product_id"])
    return products.with_columns(known=pl.any_horizontal(pl.col(DETAILS).is_not_null()))


def _sold(shop: Shop) -> pl.DataFrame:
    """Return one row per product sold: its lines, those with each flag, and its quantity."""
    flags = {name: flag.cast(nw.Int64).sum() for name, flag in FLAGS.items()}
    question = shop.lines.group_by("product_id").agg(
        lines=nw.len(), quantity=total("quantity"), **flags
    )
    return fetch(question, by=["product_id"])


def _of_tree(each: pl.DataFrame, lines: int) -> Checked:
    unknown, bare = ~pl.col("known"), pl.col("known") & pl.col("category").is_null()
    if not each["known"].any():
        return {"no categories": Found(lines, lines)}
    found = {"unknown products": _lines_of(each, unknown, lines)}
    if each["category"].null_count() == each.height:
        return found | {"no categories": Found(lines, lines)}
    return found | {"products without a category": _lines_of(each, bare, lines)}


def _lines_of(each: pl.DataFrame, which: pl.Expr, lines: int) -> Found:
    chosen = each.filter(which)
    return Found(int(chosen["lines"].sum()), lines, _most(chosen, "lines"))


def _of_products(each: pl.DataFrame) -> Checked:
    sold, known = pl.col("lines") > 0, each.filter("known")
    named = known.drop_nulls("description")
    alike = named.filter(pl.col("description").is_duplicated())
    unmarked = each.filter(sold & pl.col("own_label").is_null())
    goods = each.filter(pl.col("merchandise").fill_null(True))
    units, merchandise = (int(frame["quantity"].sum()) // 1000 for frame in (each, goods))
    others = each.filter(~pl.col("merchandise") & sold)
    descriptions = alike["description"].unique().sort()
    return {
        "products never sold": Found(known.filter(~sold).height, known.height),
        "products of one description": Found(alike.height, named.height, some(descriptions)),
        "own label unknown": Found(unmarked.height, each.filter(sold).height),
        "units that are not merchandise": Found(
            max(units - merchandise, 0), max(units, 0), _most(others, "quantity", counted=False)
        ),
    }


def _prices(shop: Shop, each: pl.DataFrame) -> Checked:
    """Return lines far above their product's usual price: DOUBLINGS above that of half its lines.

    Prices are counted in steps of twice the price, so that a product has a few counts, however
    many prices it was sold at.
    """
    goods = each.filter(pl.col("merchandise").fill_null(True)).select("product_id", "product")
    counted = pl.concat(_priced(month) for month in shop.months())
    points = counted.group_by("product_id", "step").agg(pl.col("lines").sum())
    points = points.join(goods, on="product_id").sort("product_id", "step")
    run, whole = pl.col("lines").cum_sum(), pl.col("lines").sum()
    usual = pl.col("step").filter(2 * run >= whole).first()
    points = points.with_columns(usual=usual.over("product_id"), sold=whole.over("product_id"))
    far = points.filter(
        pl.col("step") >= pl.col("usual") + DOUBLINGS, pl.col("sold") >= PRICED_OFTEN
    )
    by_product = far.group_by("product").agg(pl.col("lines").sum())
    count, out_of = int(far["lines"].sum()), int(points["lines"].sum())
    return {"extreme prices": Found(count, out_of, _most(by_product, "lines"))}


def _priced(shop: Shop) -> pl.DataFrame:
    """Return one row per product and step of its price: lines sold at it."""
    price = (_SALES.cast(nw.Int64) * 1000) // _QUANTITY.cast(nw.Int64)
    priced = shop.lines.filter(_SALES > 0, _QUANTITY > 0).select("product_id", price=price)
    steps = [(nw.col("price") >= 2**power).cast(nw.Int8) for power in range(1, MOST_DOUBLINGS)]
    stepped = priced.with_columns(step=nw.sum_horizontal(*steps))
    counted = stepped.group_by("product_id", "step").agg(lines=nw.len())
    return fetch(counted, by=["product_id", "step"])


def _most(each: pl.DataFrame, name: str, *, counted: bool = True) -> str:
    """Return the products with the most of a count, as examples."""
    rows = each.filter(pl.col(name) > 0).sort(name, "product", descending=[True, False])
    told = pl.format("{} ({})", "product", name) if counted else pl.col("product")
    return some(rows.head(6).select(told).to_series())
