"""Discounts: how much of what each segment buys is discounted, and how deeply."""

import narwhals as nw
import polars as pl

from workbench.data.customer_sums import customer_sums
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import ratio_of_sums
from workbench.measures.rows import segments_of, told

EDGES = (5, 15, 25, 40)
DEPTHS = ("Full price", "5 to 15 %", "15 to 25 %", "25 to 40 %", "40 % and more")
DEPTH = pl.Enum(DEPTHS)
DEFINITION = {
    "Discount": "what the retailer gave off the shelf price, for the card or on top of a coupon; "
    "makers' coupons are theirs and not counted",
    "Shelf price": "what was taken plus the retailer's discount",
    "Full price": "a discount of less than 5 %, which is rounding and clearance",
    "Purchases": "returns are left out, since what they were discounted by is not known",
    "Response": "of products sold in at least four fifths of the period's weeks, and in at least "
    "four weeks at full price: what a segment bought of them in weeks of a discount, over what it "
    "buys in a full-price week, both at shelf prices. The depth of a week is that of all its sales "
    "of the product",
    "Times the money": "the response less the discount: under 1, the segment pays less for these "
    "products than without a discount",
    "Interval": "95 %, over customers for shares and over products for responses",
    "What it does not say": "displays and leaflets come with discounts, and some of what is bought "
    "at a discount is stored and not bought later: the response is of that week, to all of it",
}


def given() -> nw.Expr:
    """Return what the retailer gave off a line, in cents."""
    match = nw.col("match_discount").fill_null(0)
    return (nw.col("loyalty_discount").fill_null(0) + match).cast(nw.Int64)


def discount_depth(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment and depth of discount, in order: what was bought at it.

    Columns: segment, depth, sales (money), sales_share (of the segment's), total_share (of all
    labelled customers'), discount (money). A segment that bought nothing has null shares.
    """
    bought = _bought(shop, period, labels)
    found = bought.group_by("segment", "depth").agg(pl.col("sales", "discount").sum())
    depths = pl.DataFrame({"depth": DEPTHS}, schema={"depth": DEPTH})
    cells = segments_of(labels).join(depths, how="cross", maintain_order="left_right")
    whole = cells.join(found, on=["segment", "depth"], how="left", maintain_order="left")
    filled = whole.with_columns(pl.col("sales", "discount").fill_null(0))
    spent, all_spent = pl.col("sales").sum().over("segment"), pl.col("sales").sum()
    at_depth = pl.col("sales").sum().over("depth")
    return filled.select(
        "segment",
        "depth",
        money("sales"),
        pl.when(spent > 0).then(pl.col("sales") / spent).alias("sales_share"),
        pl.when(all_spent > 0).then(at_depth / all_spent).alias("total_share"),
        money("discount"),
    )


def full_price(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment in its declared order: how much it buys without a discount.

    Columns: segment, customers (who bought), full_price_share (of the segment's purchases) with
    low_share and high_share, discount_share (of the shelf price of all it bought) and
    discount_per_customer (money). Nulls for nobody; an interval takes two customers.
    """
    at_full = pl.when(pl.col("depth") == DEPTHS[0]).then(pl.col("sales")).otherwise(0)
    each = _bought(shop, period, labels).group_by("segment", "customer_id")
    customers = each.agg(pl.col("sales", "discount").sum(), full=at_full.sum())
    ordered = customers.sort("segment", "customer_id")
    found = ordered.group_by("segment", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("customers"),
        *ratio_of_sums(
            pl.col("full"), pl.col("sales"), "full_price_share", "low_share", "high_share"
        ),
        discount_share=pl.col("discount").sum() / (pl.col("discount") + pl.col("sales")).sum(),
        discount_per_customer=pl.col("discount").mean().round(0).cast(pl.Int64),
    )
    table = segments_of(labels).join(found, on="segment", how="left", maintain_order="left")
    return table.with_columns(pl.col("customers").fill_null(0), money("discount_per_customer"))


def say_full_price(table: pl.DataFrame) -> str:
    """Return the sentence that says which segments buy least and most without a discount."""
    known = table.drop_nulls("low_share").sort("full_price_share")
    if known.height < 2:
        return "No two segments bought enough to compare their discounts"
    least, most = known.row(0, named=True), known.row(-1, named=True)
    said = (
        f"{least['segment']}: {least['full_price_share']:.0%} bought at full price, "
        f"{most['segment']}: {most['full_price_share']:.0%}"
    )
    sure = least["high_share"] < most["low_share"]
    return said if sure else f"{said}; no more than chance could make"


def _bought(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per labelled customer and depth: sales and discount, in cents."""
    sales, off = nw.col("sales").cast(nw.Int64), given()
    reached = ((off * 100 >= (sales + off) * edge).cast(nw.Int64) for edge in EDGES)
    step = sum(reached, nw.lit(0))
    window = shop.during(period)
    bought = (
        window.lines.filter(nw.col("sales") + off > 0)
        .filter(nw.col("sales") >= 0, nw.col("quantity") >= 0)
        .with_columns(step=step, discount=off)
    )
    return (
        customer_sums(window, bought, "step", len(DEPTHS), "sales", "discount")
        .join(told(labels), on="customer_id", validate="m:1")
        .with_columns(
            depth=pl.col("number").replace_strict(dict(enumerate(DEPTHS)), return_dtype=DEPTH)
        )
    )
