"""The range: what each item of a category brings, and what of it would go with the item."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import category_lines, item_facts
from workbench.measures.assortment.transfer import rate_of

ALL = "All stores"
GROUPS = {
    ALL: "every store with sales of the category",
    "Largest stores": "the stores with the largest sales in all, up to a third of them together",
    "Middle stores": "the next, up to two thirds of all sales",
    "Smallest stores": "the rest, with the last third of all sales",
}
RECENT, LOYAL = 28, 0.8


def range_sales(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per receipt and item of a category: what was bought, and on what receipt.

    Columns: customer_id (null without a card), basket_id, product_id, store_id, stores (the
    group, see `GROUPS`), day, first_day (of the item in these stores, as far back as the data
    goes), sales and basket_sales (the whole receipt), in cents. Returns are left out.
    """
    keys = ["basket_id", "product_id"]
    lines = category_lines(shop, period, category)
    columns = ("customer_id", *keys, "store_id", "day")
    found = fetch(lines.select(*columns, nw.col("sales").cast(nw.Int64)), by=keys)
    whole = shop.during(period).lines.join(
        lines.select("basket_id").unique(), on="basket_id", how="semi"
    )
    receipts = fetch(whole.group_by("basket_id").agg(basket_sales=total("sales")), by=["basket_id"])
    ever = category_lines(shop, shop.span, category).group_by("product_id", "store_id")
    first = fetch(ever.agg(first_day=nw.col("day").min()), by=["product_id", "store_id"])
    groups = _groups(shop, period)
    begun = first.join(groups, on="store_id").group_by("product_id", "stores")
    return (
        found.join(receipts, on="basket_id", how="left", maintain_order="left")
        .join(groups, on="store_id", how="left", maintain_order="left")
        .join(
            begun.agg(pl.col("first_day").min()),
            on=["product_id", "stores"], how="left", maintain_order="left",
        )
    )  # fmt: skip


def in_stores(sold: pl.DataFrame, stores: str) -> pl.DataFrame:
    """Return the sales of one group of stores; raise ValueError for a group there is not."""
    if stores not in GROUPS:
        raise ValueError(f"no stores are called {stores!r}; allowed: {', '.join(GROUPS)}")
    return sold if stores == ALL else sold.filter(pl.col("stores") == stores)


def range_items(
    shop: Shop,
    sold: pl.DataFrame,
    rates: pl.DataFrame,
    best: pl.DataFrame,
    *,
    stores: str = ALL,
    walk: float = 0.1,
) -> pl.DataFrame:
    """Return one row per item of the range, the least worth first.

    The range is what sold in the last four weeks of `sold` (see `range_sales`) in these stores.
    `rates` is what `transfer` told, `best` has the customer_id of the best customers; `walk` is
    assumed: the share of an item's exclusive buyers who take the rest of these receipts
    elsewhere when it goes.
    Columns: product_id, item, type, maker, label, weeks (since its first sale), sales, buyers,
    best_share (of its sales, to the best customers), exclusive (buyers with two or more receipts
    of the category, four fifths of whose spend in it is this item), at_risk (the rest of their
    receipts with it), lost (sales that are not transferred) with lost_at_least and lost_at_most,
    worth (lost and `walk` of at_risk). Amounts are money of the period; lost and worth are null
    where the rate is unknown.
    """
    here = in_stores(sold, stores)
    last = sold["day"].max() or dt.date.min
    recent = pl.col("day").max() > pl.lit(last) - pl.duration(days=RECENT)
    rate, low, high = rate_of(rates)
    loyal = exclusive_buyers(here)
    alone = here.join(loyal, on=["customer_id", "product_id"], how="semi")
    risk = alone.group_by("product_id").agg(
        exclusive=pl.col("customer_id").n_unique(),
        at_risk=(pl.col("basket_sales") - pl.col("sales")).sum(),
    )
    ids = best["customer_id"].to_list()
    items = here.group_by("product_id").agg(
        recent.alias("recent"),
        pl.col("sales").sum(),
        best=pl.col("sales").filter(pl.col("customer_id").is_in(ids)).sum(),
        buyers=pl.col("customer_id").drop_nulls().n_unique(),
        weeks=(pl.lit(last) - pl.col("first_day").min()).dt.total_days() // 7,
    )
    kept = items.filter("recent").join(risk, on="product_id", how="left")
    ends = {"lost": rate, "lost_at_least": high, "lost_at_most": low}
    amounts = ("sales", "at_risk", *ends, "worth")
    facts = item_facts(shop, kept["product_id"].to_list())
    return (
        kept.with_columns(pl.col("exclusive", "at_risk").fill_null(0))
        .with_columns(_cents(pl.col("sales") * (1 - _known(t))).alias(n) for n, t in ends.items())
        .with_columns(worth=pl.col("lost") + _cents(walk * pl.col("at_risk")))
        .join(facts, on="product_id")
        .sort("worth", "sales", "product_id")
        .select(
            *("product_id", "item", "type", "maker", "label", "weeks"),
            money("sales"),
            pl.col("buyers").cast(pl.Int64),
            pl.when(pl.col("sales") > 0).then(pl.col("best") / pl.col("sales")).alias("best_share"),
            pl.col("exclusive").cast(pl.Int64),
            money(*amounts[1:]),
        )
    )


def exclusive_buyers(here: pl.DataFrame) -> pl.DataFrame:
    """Return customer_id and product_id of customers who buy the category for one item."""
    twice = pl.col("basket_id").min() != pl.col("basket_id").max()
    came = here.group_by("customer_id").agg(twice.alias("twice"), all=pl.col("sales").sum())
    each = here.lazy().drop_nulls("customer_id").group_by("customer_id", "product_id")
    spent = each.agg(pl.col("sales").sum()).collect(engine="streaming")
    both = spent.join(came.filter("twice", pl.col("all") > 0), on="customer_id")
    return both.filter(pl.col("sales") / pl.col("all") >= LOYAL).select("customer_id", "product_id")


def _known(rate: float | None) -> pl.Expr:
    return pl.lit(rate, dtype=pl.Float64)


def _cents(amount: pl.Expr) -> pl.Expr:
    return amount.round(0).cast(pl.Int64)


def _groups(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per store: store_id and stores, its third of all sales."""
    question = shop.during(period).receipts.group_by("store_id").agg(sales=total("sales"))
    found = fetch(question, by=["store_id"]).with_columns(pl.col("sales").clip(0))
    ranked = found.sort("sales", "store_id", descending=[True, False])
    before = (pl.col("sales").cum_sum() - pl.col("sales")) / pl.col("sales").sum()
    third = (before * 3).floor().clip(0, 2).cast(pl.Int64)
    names = dict(enumerate(list(GROUPS)[1:]))
    return ranked.select("store_id", stores=third.replace_strict(names, return_dtype=pl.String))
