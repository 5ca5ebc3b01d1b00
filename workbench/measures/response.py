"""Response: how much more each segment buys of the same products when they are discounted."""

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import FINE, Shop
from workbench.measures.chance import ratio_of_sums
from workbench.measures.discounts import DEPTH, DEPTHS, EDGES, given
from workbench.measures.rows import segments_of, told

LEAST_WEEKS = 4
LEAST_PRODUCTS = 20
_SOLD = 0.8


def discount_response(
    shop: Shop, period: str | Period | Latest, labels: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per segment and depth of discount: what it bought, over a full-price week.

    Products sold in most weeks of the period, and in at least `LEAST_WEEKS` at full price, are
    looked at week by week. Columns: segment, depth, products, times (what was bought over what
    the segment buys of the same products in as many full-price weeks, at shelf prices) with
    times_low and times_high (95 %, over products), discount_share (of the shelf price of what it
    bought) and times_the_money = times x (1 - discount_share): what it paid over what it usually
    pays. Nulls under `LEAST_PRODUCTS`.
    """
    window = shop.window(period)
    weeks = _weeks(shop, window)
    each = _each(shop, window, labels, weeks)
    times = ratio_of_sums(pl.col("bought"), pl.col("usual"), "times", "times_low", "times_high")
    found = each.group_by("segment", "depth", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("products"),
        *times,
        discount_share=pl.when(pl.col("bought").sum() > 0).then(
            pl.col("saved").sum() / pl.col("bought").sum()
        ),
    )
    depths = pl.DataFrame({"depth": DEPTHS[1:]}, schema={"depth": DEPTH})
    pairs = segments_of(labels).join(depths, how="cross", maintain_order="left_right")
    table = pairs.join(found, on=["segment", "depth"], how="left", maintain_order="left")
    enough = pl.col("products") >= LEAST_PRODUCTS
    figures = pl.col("times", "times_low", "times_high", "discount_share")
    return table.with_columns(
        pl.col("products").fill_null(0), pl.when(enough).then(figures).name.keep()
    ).with_columns(times_the_money=pl.col("times") * (1 - pl.col("discount_share")))


def say_response(response: pl.DataFrame, segment: str) -> str:
    """Return the sentence that says from which discount on a segment surely buys more."""
    own = response.filter(pl.col("segment").cast(pl.String) == segment)
    if own["times"].null_count() == own.height:
        return f"{segment} buy too few products at a discount to say how they answer"
    answered = own.filter(pl.col("times_low") > 1)
    if answered.is_empty():
        return f"{segment} do not surely buy more at any discount"
    first = answered.row(0, named=True)
    return f"{segment} surely buy more from {first['depth']} on: {first['times']:.1f} times as much"


def _weeks(shop: Shop, window: Period) -> pl.DataFrame:
    """Return one row per usual product and whole week with sales, and its depth of discount."""
    off = given()
    question = (
        shop.during(window)
        .lines.filter(nw.col("sales") >= 0, nw.col("quantity") >= 0)
        .with_columns(discount=off, shelf=nw.col("sales").cast(nw.Int64) + off)
        .group_by("product_id", "day")
        .agg(discount=total("discount"), shelf=total("shelf"))
    )
    daily = fetch(question, by=["product_id", "day"]).with_columns(week=_week(window))
    whole = window.days // 7
    weekly = (
        daily.filter(pl.col("week") < whole)
        .group_by("product_id", "week")
        .agg(pl.col("discount", "shelf").sum())
    )
    share = pl.col("discount") / pl.col("shelf")
    step = pl.sum_horizontal((share >= edge / 100).cast(pl.Int64) for edge in EDGES)
    depth = step.replace_strict(dict(enumerate(DEPTHS)), return_dtype=DEPTH)
    known = weekly.filter(pl.col("shelf") > 0).with_columns(depth=depth)
    sold = pl.len().over("product_id") >= _SOLD * whole
    full = (pl.col("depth") == DEPTHS[0]).sum().over("product_id") >= LEAST_WEEKS
    return (
        known.filter(sold & full).select("product_id", "week", "depth").sort("product_id", "week")
    )


def _bought(shop: Shop, labels: pl.DataFrame, weeks: pl.DataFrame, window: Period) -> pl.DataFrame:
    """Return what segments bought of products by depth, at shelf prices, and saved: in cents."""
    off = given()
    question = (
        only(shop.lines, "product_id", weeks["product_id"].unique().sort().to_list())
        .filter(~nw.col("customer_id").is_null())
        .filter(nw.col("sales") >= 0, nw.col("quantity") >= 0)
        .with_columns(discount=off, shelf=nw.col("sales").cast(nw.Int64) + off)
        .group_by("customer_id", "product_id", "day")
        .agg(discount=total("discount"), shelf=total("shelf"))
    )
    return (
        fetch(question, by=[])
        .join(told(labels), on="customer_id", validate="m:1")
        .with_columns(week=_week(window))
        .join(weeks, on=["product_id", "week"], validate="m:1")
        .group_by("segment", "product_id", "depth")
        .agg(bought=pl.col("shelf").sum(), saved=pl.col("discount").sum())
    )


def _each(shop: Shop, window: Period, labels: pl.DataFrame, weeks: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment, product and depth: bought, saved, usual in as many weeks."""
    parts = [_bought(part, labels, weeks, window) for part in shop.during(window).parts(FINE)]
    keys = ["segment", "product_id", "depth"]
    bought = pl.concat(parts).group_by(keys).agg(pl.col("bought", "saved").sum())
    lasted = weeks.group_by("product_id", "depth", maintain_order=True).agg(weeks=pl.len())
    full = pl.col("depth") == DEPTHS[0]
    rate = bought.join(lasted.filter(full), on=["product_id", "depth"]).select(
        "segment", "product_id", rate=pl.col("bought") / pl.col("weeks")
    )
    segments = bought.select(pl.col("segment").unique())
    return (
        segments.join(lasted.filter(~full), how="cross")
        .join(rate, on=["segment", "product_id"], how="left")
        .join(bought, on=["segment", "product_id", "depth"], how="left")
        .with_columns(pl.col("rate", "bought", "saved").fill_null(0))
        .select(*keys, "bought", "saved", usual=pl.col("rate") * pl.col("weeks"))
        .filter((pl.col("usual") > 0) | (pl.col("bought") > 0))
        .sort("segment", "product_id", "depth")
    )


def _week(window: Period) -> pl.Expr:
    return (pl.col("day") - pl.lit(window.first)).dt.total_days() // 7
