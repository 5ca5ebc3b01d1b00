"""Shelf prices: what a unit costs in which store and week, how stores differ, what changes did."""

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import category_lines, item_facts
from workbench.measures.chance import Z95
from workbench.measures.discounts import given

SAME, PEERS, NEAR = 0.01, 3, 0.75
BY = {"store": "store_id", "item": "product_id"}
HEADINGS = {
    "week": "From the week of",
    "price_share": "Price change",
    "discount_before_share": "Discounted before",
    "discount_after_share": "Discounted after",
    "change_share": "Change of receipts",
}
DEFINITION = {
    "Shelf price": "of a unit, before any discount: takings and the retailer's discount, over the "
    "quantity, of an item in a store and week. Not known where the item did not sell",
    "Gap": "the shelf price against the median of all stores with the item in the same week, of "
    "which there are three or more; prices within 1 % are the same",
    "Interval of a gap": "95 %, over the items compared of a store, or the stores of an item",
    "Price change": "an item's median price over its stores moved by the least share, having been "
    "within 1 % in the weeks before, and staying within 1 % in the weeks after",
    "What happened next": "receipts with the item after the change over those before, against the "
    "same of the rest of the category, so that season and traffic are out. The 95 % interval is "
    "that of counts alone: discounts and displays at the same time are not in it",
}


def shelf_prices(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per item of a category, store and week in which it sold.

    Columns: product_id, store_id, week (its Monday), receipts, units (pieces, or the measure
    sold by), sales and discount (given by the retailer; cents), price (of a unit, in cents).
    """
    keys = ["product_id", "store_id", "day"]
    lines = category_lines(shop, period, category).with_columns(discount=given())
    sums = {name: total(name) for name in ("quantity", "sales", "discount")}
    found = fetch(lines.group_by(keys).agg(receipts=nw.len(), **sums), by=keys)
    week = pl.col("day").dt.truncate("1w").alias("week")
    both = found.group_by(*keys[:2], week).agg(pl.col("receipts", *sums).sum())
    return (
        both.select(
            *("product_id", "store_id", "week", "receipts", "sales", "discount"),
            units=pl.col("quantity") / 1000,
            price=(pl.col("sales") + pl.col("discount")) * 1000 / pl.col("quantity"),
        )
        .filter(pl.col("price") > 0)
        .sort("product_id", "store_id", "week")
    )


def price_gaps(
    shop: Shop, prices: pl.DataFrame, by: str = "store", *, base: int = 20
) -> pl.DataFrame:
    """Return one row per store or item: how its shelf prices differ from the median of stores.

    Columns: store or item, compared (items of a store, stores of an item; at least `base`),
    gap_share (their mean) with low_share and high_share (95 % over them), other_share (of store
    weeks, at another price than the median). The dearest store is first, and the item that
    differs most often. Raises ValueError for anything but store and item.
    """
    if by not in BY:
        raise ValueError(f"cannot compare prices by {by!r}; allowed: {', '.join(BY)}")
    each = (
        _gaps(prices)
        .group_by("store_id", "product_id", maintain_order=True)
        .agg(pl.col("gap").mean(), weeks=pl.len(), other=(pl.col("gap").abs() > SAME).sum())
    )
    reach = Z95 * pl.col("gap").std() / pl.len().sqrt()
    found = each.group_by(BY[by], maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("compared"),
        gap_share=pl.col("gap").mean(),
        low_share=pl.col("gap").mean() - reach,
        high_share=pl.col("gap").mean() + reach,
        other_share=pl.col("other").sum() / pl.col("weeks").sum(),
    )
    kept = found.filter(pl.col("compared") >= base)
    stores = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    names = stores if by == "store" else item_facts(shop, kept["product_id"].to_list())
    ranked = kept.join(names, on=BY[by]).select(by, *found.columns[1:])
    first = "gap_share" if by == "store" else "other_share"
    return ranked.sort(first, by, descending=[True, False])


def price_changes(
    shop: Shop, prices: pl.DataFrame, *, least: float = 0.03, weeks: int = 4
) -> pl.DataFrame:
    """Return one row per change of an item's shelf price, and what came next.

    A change is of at least the share `least`, between `weeks` steady weeks before and after.
    Columns: item, week (the first at the new price), price_before and price_after (money),
    price_share (the change), discount_before_share and discount_after_share (of the shelf
    price), receipts_before, receipts_after, change_share (of receipts, against the rest of the
    category) with low_share and high_share (95 %); null without receipts.
    """
    amounts = ("receipts", "sales", "discount")
    by = prices.group_by("product_id", "week")
    each = by.agg(pl.col("price").median(), *(pl.col(name).sum() for name in amounts))
    each = each.sort("product_id", "week")
    moved = (pl.col("price") / pl.col("price").shift().over("product_id") - 1).abs() >= least
    span = pl.duration(weeks=weeks)
    starts = each.filter(moved).select("product_id", start="week")
    weekly = each.group_by("week").agg(whole=pl.col("receipts").sum())
    items, whole = starts.join(each, on="product_id"), starts.join(weekly, how="cross")
    sides = [
        _side(items, whole, chosen, name).filter(pl.col("known") >= NEAR * weeks).drop("known")
        for name, chosen in (
            ("before", pl.col("week").is_between(pl.col("start") - span, "start", closed="left")),
            ("after", pl.col("week").is_between("start", pl.col("start") + span, closed="left")),
        )
    ]
    both = sides[0].join(sides[1], on=["product_id", "start"])
    went = pl.col("price_after") / pl.col("price_before") - 1
    facts = item_facts(shop, both["product_id"].to_list()).select("product_id", "item")
    told = both.with_columns(price_share=went, **_compared()).filter(
        pl.col("price_share").abs() >= least
    )
    amounts_of = ("price_before", "price_after")
    return told.join(facts, on="product_id").sort(
        "receipts_before", "start", "item", descending=[True, False, False]
    ).select(
        "item", pl.col("start").alias("week"), money(*amounts_of), "price_share",
        "discount_before_share", "discount_after_share", "receipts_before", "receipts_after",
        "change_share", "low_share", "high_share",
    )  # fmt: skip


def say_gaps(prices: pl.DataFrame, category: str) -> str:
    """Return the sentence that says how often stores ask another price."""
    gaps = _gaps(prices)
    if gaps.is_empty():
        return "No item sold in three stores in one week: there is nothing to compare"
    other = float((gaps["gap"].abs() > SAME).sum()) / gaps.height
    off = f"more than {SAME:.0%} off the median of the stores in that week"
    return f"{category}: {other:.1%} of prices were {off}"


def say_changes(changes: pl.DataFrame) -> str:
    """Return the sentence that says how many changes there were, and what can be told of them."""
    if changes.is_empty():
        return "No shelf price moved and stayed"
    fell, rose = (
        changes.filter(sure).height for sure in (pl.col("high_share") < 0, pl.col("low_share") > 0)
    )
    return (
        f"{changes.height:,} times a shelf price moved and stayed; receipts surely fell after "
        f"{fell} of these changes and surely rose after {rose}"
    )


def _gaps(prices: pl.DataFrame) -> pl.DataFrame:
    peers = ["product_id", "week"]
    compared = prices.filter(pl.len().over(peers) >= PEERS)
    return compared.with_columns(gap=pl.col("price") / pl.col("price").median().over(peers) - 1)


def _side(items: pl.DataFrame, whole: pl.DataFrame, chosen: pl.Expr, name: str) -> pl.DataFrame:
    """Return what was before or after a change where the price was steady, in how many weeks.

    The rest of the category is that of all weeks, also of those in which the item did not sell.
    """
    keys = ["product_id", "start"]
    shelf = pl.col("sales").sum() + pl.col("discount").sum()
    off = (pl.col("price") / pl.col("price").median() - 1).abs().max()
    found = (
        items.filter(chosen)
        .group_by(keys)
        .agg(
            pl.len().alias("known"),
            off.alias("off"),
            pl.col("price").median().round(0).cast(pl.Int64).alias(f"price_{name}"),
            (pl.col("discount").sum() / shelf).alias(f"discount_{name}_share"),
            pl.col("receipts").sum().alias(f"receipts_{name}"),
        )
    )
    every = whole.filter(chosen).group_by(keys).agg(pl.col("whole").sum())
    rest = (pl.col("whole") - pl.col(f"receipts_{name}")).alias(f"rest_{name}")
    steady = found.filter(pl.col("off") <= SAME).drop("off")
    return steady.join(every, on=keys).with_columns(rest).drop("whole")


def _compared() -> dict[str, pl.Expr]:
    counts = [
        pl.col(f"{what}_{side}") for what in ("receipts", "rest") for side in ("before", "after")
    ]
    before, after, rest_before, rest_after = (pl.when(count > 0).then(count) for count in counts)
    ratio = (after / before) / (rest_after / rest_before)
    reach = Z95 * (1 / before + 1 / after + 1 / rest_before + 1 / rest_after).sqrt()
    ends = {"change_share": 0, "low_share": -1, "high_share": 1}
    return {name: ratio * (sign * reach).exp() - 1 for name, sign in ends.items()}
