"""Key value items: the items that many customers know the price of, by a rank of several parts."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import ROOM, fetch, packed, total, unpacked
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import item_facts
from workbench.measures.customers.purchases import items
from workbench.measures.discounts import given

PARTS = {
    "customers": "how many customers with a card bought it",
    "frequency": "how often each of them did",
    "receipts": "on how many receipts it was",
    "lead": "its share of its category's sales",
    "steady": "how evenly it sells over the weeks (variation of receipts between weeks, lowest "
    "first): what is bought in one season is soon forgotten",
    "full_price": "how little of its shelf price was discounted: what is often on offer has no "
    "price to know",
}
HEADINGS = {
    "score_share": "Score",
    "lead_share": "Of its category",
    "variation_share": "Variation of weeks",
    "discount_share": "Discounted",
}
DEFINITION = {
    "Key value items": "the first of all merchandise by a composite rank, the mean of six parts",
    **{name.replace("_", " ").capitalize(): meaning for name, meaning in PARTS.items()},
    "Part": "the share of items that rank below, equal ones alike; 100 % is the first",
    "Items ranked": "those with the least number of buyers, sold in at least half of the weeks",
    "What is not in it": "elasticity, which can be told of few items, and the prices that "
    "competitors ask; the composite weighs all parts alike, which is a choice",
}


def key_items(shop: Shop, period: str | Period | Latest, *, base: int = 50) -> pl.DataFrame:
    """Return one row per item with `base` buyers or more, the first by its composite rank first.

    Columns: item, category, score_share (the mean of the parts), one column per part of `PARTS`
    named `<part>_rank_share`, buyers, receipts, receipts_per_buyer, lead_share (of the
    category's sales), variation_share (of receipts between weeks, over their mean) and
    discount_share (of the shelf price).
    """
    looked_at = shop.during(period)
    weeks = pl.concat(_weeks(month) for month in looked_at.months())
    found = _weekly(weeks).join(_bought(looked_at), on="product_id")
    kept = found.filter(pl.col("buyers") >= base).with_columns(
        receipts_per_buyer=pl.col("own") / pl.col("buyers")
    )
    score = pl.mean_horizontal(f"{name}_rank_share" for name in PARTS)
    named = item_facts(shop, kept["product_id"].to_list())
    shelves = items(shop, "category").select(category_id="item_id", category="item")
    ranked = kept.with_columns(**_ranks()).with_columns(score_share=score)
    whole = ranked.join(named, on="product_id").join(shelves, on="category_id", how="left")
    return whole.sort("score_share", "item", descending=[True, False]).select(
        *("item", "category", "score_share", *(f"{name}_rank_share" for name in PARTS)),
        *(
            "buyers",
            "receipts",
            "receipts_per_buyer",
            "lead_share",
            "variation_share",
            "discount_share",
        ),
    )


def say_key(ranked: pl.DataFrame) -> str:
    """Return the sentence that names the first key value items."""
    if ranked.is_empty():
        return "No item has enough buyers to be ranked"
    names = "; ".join(ranked["item"].head(3).to_list())
    return f"Of {ranked.height:,} items the first key value items are: {names}"


def _goods(shop: Shop) -> nw.LazyFrame[Any]:
    """Return the lines of merchandise that was bought, with its discount."""
    lines = shop.lines.filter(nw.col("quantity") > 0, nw.col("sales") >= 0)
    return merchandise(lines, shop.products).with_columns(discount=given())


def _bought(shop: Shop) -> pl.DataFrame:
    """Return one row per product: buyers, and own: their receipts with it; part by part."""
    found = []
    for part in shop.parts():
        bought = _goods(part).with_columns(packed=packed("customer_id", "product_id"))
        pairs = bought.group_by("packed").agg(receipts=nw.len())
        each = (
            pairs.with_columns(product_id=nw.col("packed") % ROOM)
            .group_by("product_id")
            .agg(buyers=nw.len(), own=total("receipts"))
        )
        found.append(fetch(each, by=["product_id"]))
    return pl.concat(found).group_by("product_id").agg(pl.col("buyers", "own").sum())


def _weeks(month: Shop) -> pl.DataFrame:
    """Return one row per item and week, or part of one, of a month: receipts, sales, discount.

    Category, product and the week's place in the month are grouped by as one number.
    """
    days = pl.date_range(month.span.first, month.span.last, eager=True)
    weeks = days.dt.truncate("1w").unique().sort()
    later = [(nw.col("day") >= week).cast(nw.Int64) for week in weeks[1:]]
    place = nw.sum_horizontal(nw.lit(0), *later)
    item = packed("category_id", "product_id")
    lines = _goods(month).with_columns(packed=item * len(weeks) + place)
    sums = {"receipts": nw.len(), "sales": total("sales"), "discount": total("discount")}
    found = fetch(lines.group_by("packed").agg(**sums), by=[])
    week = pl.lit(weeks).gather(pl.col("packed") % len(weeks)).alias("week")
    apart = found.select(pl.col("packed") // len(weeks), week, *sums)
    return apart.select(*unpacked("category_id", "product_id"), "week", *sums)


def _weekly(parts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per item: receipts, lead_share, variation_share and discount_share."""
    weekly = parts.group_by("product_id", "category_id", "week").agg(
        pl.col("receipts", "sales", "discount").sum()
    )
    weeks = weekly["week"].n_unique()
    mean = pl.col("receipts").sum() / weeks
    spread = ((pl.col("receipts") ** 2).sum() / weeks - mean**2).clip(0).sqrt()
    shelf = (pl.col("sales") + pl.col("discount")).sum()
    found = weekly.group_by("product_id", "category_id").agg(
        pl.col("receipts", "sales").sum(),
        sold=pl.len(),
        variation_share=spread / mean,
        discount_share=pl.when(shelf > 0).then(pl.col("discount").sum() / shelf),
    )
    whole = pl.col("sales").sum().over("category_id")
    lead = pl.when(whole > 0).then(pl.col("sales") / whole)
    return found.with_columns(lead_share=lead).filter(pl.col("sold") >= weeks / 2)


def _ranks() -> dict[str, pl.Expr]:
    rising = {
        "customers": pl.col("buyers"),
        "frequency": pl.col("receipts_per_buyer"),
        "receipts": pl.col("receipts"),
        "lead": pl.col("lead_share"),
        "steady": -pl.col("variation_share"),
        "full_price": -pl.col("discount_share"),
    }
    return {
        f"{name}_rank_share": (value.rank("average") - 1) / (pl.len() - 1).clip(1)
        for name, value in rising.items()
    }
