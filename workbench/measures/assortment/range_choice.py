"""Choosing a range: what goes when places are few, what it costs, whom it hurts, what to add."""

from collections import Counter

import polars as pl

from workbench.data.engine import known_sum, money
from workbench.data.shop import Shop
from workbench.measures.assortment.range_items import ALL, RECENT, exclusive_buyers, in_stores
from workbench.measures.assortment.range_lines import item_facts
from workbench.measures.assortment.transfer import rate_of

GOES = "worth least"
REASONS = {
    "new": "new: too young to be judged",
    "type": "the last of its product type",
    "maker": "the least that its maker has been promised",
    "label": "the least share of the own label",
    "stays": "worth more than what goes",
    "goes": GOES,
}
OWN = "own label"
STORES_ELSEWHERE, RECEIPTS_ELSEWHERE = 3, 20
HEADINGS = {
    "best_share": "To heavy customers",
    "exclusive": "Exclusive buyers",
    "touched": "Buy what goes",
    "touched_share": "Of all",
    "sales_share": "Of their spend",
    "stranded": "Lose their one item",
    "elsewhere": "Stores elsewhere",
}
DEFINITION = {
    "Range": "items of the category that sold in the last four weeks of the period in the stores",
    "Lost": "an item's sales less what is transferred, the pooled rate of all items. The interval "
    "is that of the rate: for many items together it is as wide as for one",
    "Exclusive buyers": "who bought the category on two or more receipts, and spent four fifths of "
    "it or more on this item",
    "At risk": "the rest of the receipts on which they bought it; whether they would walk away is "
    "not in the data, so the share that does is assumed",
    "Worth": "what is lost, and the assumed share of what is at risk",
    "Choice": "the item of least worth goes first, unless a rule keeps it, until the places do. As "
    "the last item of a type stays, what goes has something to go to, and its worth does not "
    "depend on the order",
    "To add": "items outside the range of these stores that other stores sell: their share of the "
    "category there, at the size of the category here, of which what is not transferred is new",
    "Amounts": "sales of the period, not margin; no cost of placing or clearing an item is in them",
}


def choose(
    items: pl.DataFrame,
    *,
    places: int,
    young: int = 13,
    own_label: float = 0.0,
    maker_least: int = 0,
) -> pl.DataFrame:
    """Return the items with proposal (delist or keep) and reason, the least worth first.

    `items`: see `range_items`. Items go until `places` are left; those sold for fewer than
    `young` weeks stay, as do the last of a type, `maker_least` of each maker, and own label up
    to the share `own_label` of the places. Where the rules keep more than that, more stay.
    """
    counts = {name: Counter(items[name]) for name in ("type", "maker", "label")}
    own_least = own_label * min(places, items.height)
    left, reasons = items.height, []
    for row in items.rows(named=True):
        reason = "stays"
        if left > places:
            least = {"type": 1, "maker": maker_least, "label": own_least * (row["label"] == OWN)}
            kept = [name for name, few in least.items() if counts[name][row[name]] - 1 < few]
            reason = "new" if row["weeks"] < young else kept[0] if kept else "goes"
        if reason == "goes":
            left -= 1
            for name, count in counts.items():
                count[row[name]] -= 1
        reasons.append(REASONS[reason])
    proposal = pl.when(pl.col("reason") == GOES).then(pl.lit("delist")).otherwise(pl.lit("keep"))
    return items.with_columns(reason=pl.Series(reasons, dtype=pl.String)).with_columns(
        proposal=proposal
    )


def range_effect(chosen: pl.DataFrame) -> pl.DataFrame:
    """Return one row: what the delisted items bring, and what would be lost with them.

    Columns: items, delisted, sales (of the delisted), lost with lost_at_least and lost_at_most,
    at_risk (money of the period), lost_share (of the sales of all these items) with low_share
    and high_share.
    """
    gone = chosen.filter(pl.col("proposal") == "delist")
    amounts = known_sum("sales", "lost", "lost_at_least", "lost_at_most", "at_risk")
    shares = {"lost": "lost_share", "lost_at_least": "low_share", "lost_at_most": "high_share"}
    whole = float(chosen["sales"].sum()) or None
    found = gone.select(
        pl.lit(chosen.height).cast(pl.Int64).alias("items"),
        pl.len().cast(pl.Int64).alias("delisted"),
        *amounts,
    )
    of_all = {new: pl.col(name).cast(pl.Float64) / whole for name, new in shares.items()}
    return found.with_columns(**of_all)


def say_effect(effect: pl.DataFrame) -> str:
    """Return the sentence that says what goes and what would be lost."""
    row = effect.row(0, named=True)
    if not row["items"]:
        return "No item of the category was sold in these stores lately"
    if not row["delisted"]:
        return f"All {row['items']:,} items have their place: nothing goes"
    share = "an unknown part" if row["lost"] is None else f"{row['lost_share']:.2%}"
    return (
        f"{row['delisted']:,} of {row['items']:,} items go; {share} of what these bring would "
        f"be lost with them ({row['low_share'] or 0:.2%} to {row['high_share'] or 0:.2%})"
    )


def by_reason(chosen: pl.DataFrame) -> pl.DataFrame:
    """Return one row per reason: reason, items, and their sales, lost and worth (money)."""
    amounts = known_sum("sales", "lost", "worth")
    found = chosen.group_by("reason").agg(pl.len().cast(pl.Int64).alias("items"), *amounts)
    return found.sort("items", "reason", descending=[True, False])


def hurt(
    sold: pl.DataFrame, chosen: pl.DataFrame, labels: pl.DataFrame, *, stores: str = ALL
) -> pl.DataFrame:
    """Return one row per segment: whom the delisted items are missing.

    `labels`: one row per customer with its segment. Columns: segment, customers (who bought the
    category), touched (who bought an item that goes) and touched_share, sales_share (of their
    spend in the category, on items that go), stranded (exclusive buyers of an item that goes).
    """
    here = in_stores(sold, stores).join(labels.select("customer_id", "segment"), on="customer_id")
    gone = chosen.filter(pl.col("proposal") == "delist")["product_id"].to_list()
    goes = pl.col("product_id").is_in(gone)
    lone = exclusive_buyers(here).filter(goes).select("customer_id").with_columns(lone=True)
    each = here.group_by("segment", "customer_id").agg(
        pl.col("sales").sum(), gone=pl.col("sales").filter(goes).sum(), touched=goes.any()
    )
    whole = each.join(lone, on="customer_id", how="left")
    found = whole.group_by("segment").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("touched").sum().cast(pl.Int64),
        touched_share=pl.col("touched").mean(),
        sales_share=pl.when(pl.col("sales").sum() > 0).then(
            pl.col("gone").sum() / pl.col("sales").sum()
        ),
        stranded=pl.col("lone").fill_null(value=False).sum().cast(pl.Int64),
    )
    return found.sort("segment")


def say_added(added: pl.DataFrame) -> str:
    """Return the sentence that says what could be added."""
    if added.is_empty():
        return "Nothing that other stores sell often is missing here"
    best = added.row(0, named=True)
    are = f" and {added.height - 1} more are" if added.height > 1 else " is"
    return f"{best['item']}{are} sold elsewhere, not here"


def to_add(
    shop: Shop,
    sold: pl.DataFrame,
    rates: pl.DataFrame,
    *,
    stores: str = ALL,
) -> pl.DataFrame:
    """Return one row per item that other stores sell and these do not, the best first.

    Columns: item, elsewhere (stores that sell it), expected (sales here, money of the period)
    and extra (not taken from others here), with extra_at_least and extra_at_most. Only items of
    three or more stores and twenty receipts elsewhere, and sold there in the last 28 days.
    """
    here, there = in_stores(sold, stores), sold.filter(pl.col("stores") != stores)
    lately = pl.col("day").max().over("product_id") > pl.lit(sold["day"].max()) - pl.duration(
        days=RECENT
    )
    strange = ~pl.col("product_id").is_in(here["product_id"].unique().to_list())
    new = there.filter(strange & lately)
    at = there.group_by("store_id").agg(category=pl.col("sales").sum())
    each = new.group_by("product_id", "store_id").agg(pl.col("sales").sum(), receipts=pl.len())
    found = (
        each.join(at, on="store_id")
        .group_by("product_id")
        .agg(pl.col("sales", "category", "receipts").sum(), elsewhere=pl.len().cast(pl.Int64))
    )
    enough = (pl.col("elsewhere") >= STORES_ELSEWHERE) & (pl.col("receipts") >= RECEIPTS_ELSEWHERE)
    rate, low, high = rate_of(rates)
    expected = pl.col("sales") / pl.col("category") * int(here["sales"].sum())
    ends = {"expected": 0.0, "extra": rate, "extra_at_least": high, "extra_at_most": low}
    amounts = {
        name: (expected * (1 - pl.lit(t, dtype=pl.Float64))).round(0).cast(pl.Int64)
        for name, t in ends.items()
    }
    told = (
        found.filter(enough)
        .with_columns(**amounts)
        .sort("expected", "product_id", descending=[True, False])
    )
    named = told.join(
        item_facts(shop, told["product_id"].to_list()), on="product_id", maintain_order="left"
    )
    return named.select("item", "elsewhere", money(*ends))
