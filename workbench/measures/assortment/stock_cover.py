"""Stock cover: how long stock lasts, what is idle or runs out, and what customers buy instead."""

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, money, only, total
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.gaps import named
from workbench.measures.discounts import given
from workbench.measures.profile import profile

PIECE, RATE, RISK = 1000, 10_000, 0.1
KEYS = ["product_id", "store_id"]
BY = {"store": "store", "category": "category"}
STATES = ("Runs out", "Fits", "Idle")
MORE, LESS, LIKE = "More than they buy", "Less than they buy", "As they buy"
HEADINGS = {
    "out_share": "Chance to run out",
    "idle_share": "Idle, of units",
    "stock_share": "Of the stock",
    "bought_share": "Of what they buy",
    "over_amount": "Stock above their share",
    "fits": "The stock holds",
    "value": "Value at cost",
}
DEFINITION = {
    "Stock": "what lay there at the newest count by the last day of the period",
    "Cover": "units at that count over the mean weekly units sold there in the period; none where "
    "nothing was sold",
    "Idle": "units beyond the target cover; all of them where nothing was sold",
    "Chance to run out": "that a week's demand, by chance around the mean (Poisson), takes all "
    f"before the next weekly count; at {RISK:.0%} or more the product is said to run out",
    "Value at cost": "units at the mean shelf price of the period times the cost rate; unknown "
    "where there is no cost or nothing was sold in any store",
    "What its customers buy": "shares of categories in the sales of those who spend the most in "
    "the store, wherever they buy; only of products that are counted. The 95 % interval is over "
    "customers",
    "More, less": "the category's share of the store's stock, at shelf prices, lies outside that "
    "interval; where hundreds are compared, some do by chance",
}


def stock_cover(shop: Shop, period: str | Period | Latest, *, target: int = 4) -> pl.DataFrame:
    """Return one row per product and store counted, what may run out first, then the most idle.

    Columns: store, item, category, counted (the Monday), units, weekly_units, cover_weeks (null
    where nothing was sold), out_share (chance to run out before the next count, 0 where nothing
    was sold), idle_units (beyond `target` weeks), state (of `STATES`), value and idle_value (money
    at cost, null where unknown). No row for a shop without stock.
    """
    from scipy.stats import poisson

    window = shop.window(period)
    held = _priced(shop, window)
    weekly = pl.col("quantity").clip(0) / PIECE / window.weeks
    told = held.with_columns(units=pl.col("units") / PIECE, weekly_units=weekly)
    chance = poisson.sf(np.ceil(told["units"].to_numpy()) - 1, told["weekly_units"].to_numpy())
    cost = pl.col("price") * pl.col("cost_rate") / RATE
    idle = (pl.col("units") - target * pl.col("weekly_units")).clip(0)
    sells = pl.col("weekly_units") > 0
    out = pl.when(sells).then(pl.Series("out_share", chance)).otherwise(0.0)
    state = pl.when(out >= RISK).then(pl.lit(STATES[0])).when(idle > 0).then(pl.lit(STATES[2]))
    told = told.with_columns(
        out,
        idle_units=idle,
        cover_weeks=pl.when(sells).then(pl.col("units") / pl.col("weekly_units")),
        value=(pl.col("units") * cost).round(0).cast(pl.Int64),
        idle_value=(idle * cost).round(0).cast(pl.Int64),
        state=state.otherwise(pl.lit(STATES[1])).cast(pl.Enum(STATES)),
    )
    order = ["out_share", "idle_units", "item", "store"]
    return told.sort(order, descending=[True, True, False, False]).select(
        *("store", "item", "category", "counted", "units", "weekly_units", "cover_weeks"),
        *("out_share", "idle_units", "state", money("value", "idle_value")),
    )


def cover_by(cover: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return one row per store or category of `stock_cover`, the one with most idle units first.

    Columns: products, running_out (of them), units, weekly_units, cover_weeks, idle_share (of
    units), value and idle_value (money, of what is valued), not_valued (products).
    """
    known, weekly = pl.col("value").is_not_null(), pl.col("weekly_units").sum()
    found = cover.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("products"),
        (pl.col("state") == STATES[0]).sum().cast(pl.Int64).alias("running_out"),
        pl.col("units", "weekly_units", "idle_units").sum(),
        pl.when(weekly > 0).then(pl.col("units").sum() / weekly).alias("cover_weeks"),
        (pl.col("idle_units").sum() / pl.col("units").sum()).fill_nan(None).alias("idle_share"),
        pl.when(known.any()).then(pl.col("value", "idle_value").sum()),
        (~known).sum().cast(pl.Int64).alias("not_valued"),
    )
    return found.sort("idle_units", by, descending=[True, False]).drop("idle_units")


def against_customers(shop: Shop, period: str | Period | Latest, *, base: int = 20) -> pl.DataFrame:
    """Return one row per store and category counted, the farthest from what they buy first.

    Columns: store, category, stock_share, bought_share with low_share and high_share (95 %), fits
    (more, less or as they buy) and over_amount (money at shelf prices). Categories that fewer than
    `base` of the customers bought are left out.
    """
    window = shop.window(period)
    held = _priced(shop, window).drop_nulls("price")
    amount = pl.col("units") / PIECE * pl.col("price")
    stock = held.group_by("store", "category").agg(amount=amount.sum()).sort("store", "category")
    whole = pl.col("amount").sum().over("store")
    stock = stock.with_columns(whole=whole, stock_share=pl.col("amount") / whole)
    ids = held["product_id"].unique().sort().to_list()
    counted = shop.with_lines(only(shop.tables["lines"], "product_id", ids))
    bought = profile(
        counted, window, _homes(shop, window, stock), by="category", base=base, ends=True
    )
    bought = bought.drop_nulls("share_low").select(
        pl.col("segment").cast(pl.String).alias("store"), "category",
        bought_share="sales_share", low_share="share_low", high_share="share_high",
    )  # fmt: skip
    both = bought.join(stock, on=["store", "category"], how="left")
    share, over = pl.col("stock_share"), pl.col("stock_share") - pl.col("bought_share")
    told = both.with_columns(share.fill_null(0), whole=pl.col("whole").max().over("store"))
    below = pl.when(share < pl.col("low_share")).then(pl.lit(LESS)).otherwise(pl.lit(LIKE))
    told = told.with_columns(
        fits=pl.when(share > pl.col("high_share")).then(pl.lit(MORE)).otherwise(below),
        over_amount=(over * pl.col("whole")).round(0).cast(pl.Int64),
    ).sort(pl.col("over_amount").abs(), "store", "category", descending=[True, False, False])
    return told.select(
        *("store", "category", "stock_share", "bought_share", "low_share"),
        *("high_share", "fits", money("over_amount")),
    )


def say_cover(shop: Shop, cover: pl.DataFrame) -> str:
    """Return what is idle and what may run out, or that stock is not in the data."""
    if cover.is_empty():
        return f"{shop.retailer} has delivered no counts of stock, so nothing can be told of it"
    units, idle = float(cover["units"].sum()), float(cover["idle_units"].sum())
    out = cover.filter(pl.col("state") == STATES[0]).height
    return (
        f"{idle / (units or 1):.0%} of {units:,.0f} units are beyond the target; {out:,} of "
        f"{cover.height:,} products in stores may run out before the next count"
    )


def say_against(found: pl.DataFrame) -> str:
    """Return how many categories of stores are over- and understocked for their customers."""
    if found.is_empty():
        return "Nothing that was counted was bought by enough customers to compare"
    more, less = (found.filter(pl.col("fits") == fits).height for fits in (MORE, LESS))
    return (
        f"Of {found.height:,} categories in stores, the part of the stock is surely above the part "
        f"of what the store's customers buy in {more:,}, and below it in {less:,}"
    )


def _homes(shop: Shop, window: Period, stock: pl.DataFrame) -> pl.DataFrame:
    """Return the customers (customer_id, segment) of the stores counted: where they spend most."""
    by = ["customer_id", "store"]
    lines = shop.during(window).lines.filter(~nw.col("customer_id").is_null())
    sums = lines.group_by("customer_id", "store_id").agg(sales=total("sales"))
    named = sums.join(shop.stores.select("store_id", "store"), on="store_id", how="left")
    ranked = fetch(named, by=by).sort("sales", *by, descending=[True, False, False])
    most = ranked.unique("customer_id", keep="first", maintain_order=True)
    names = stock["store"].unique().sort()
    kept = most.filter(pl.col("store").is_in(names.to_list()))
    return kept.select("customer_id", pl.col("store").cast(pl.Enum(names)).alias("segment"))


def _priced(shop: Shop, window: Period) -> pl.DataFrame:
    """Return what was counted last: units and quantity sold (thousandths), price, cost_rate."""
    if not shop.has("stock"):
        texts = dict.fromkeys(["store", "item", "category"], pl.String) | {"counted": pl.Date}
        numbers = ("product_id", "units", "quantity", "price", "cost_rate")
        return pl.DataFrame(schema=texts | dict.fromkeys(numbers, pl.Int64))
    counts = shop.table("stock").filter(nw.col("week") <= window.last)
    newest = counts.group_by(KEYS).agg(nw.col("week").max())
    last = counts.join(newest, on=[*KEYS, "week"], how="semi")
    held = fetch(merchandise(last, shop.products), by=KEYS)
    sums = {name: total(name) for name in ("quantity", "sales", "discount")}
    ids = held["product_id"].unique().sort().to_list()
    lines = only(shop.during(window).lines, "product_id", ids).with_columns(discount=given())
    sold = fetch(lines.group_by(KEYS).agg(**sums), by=KEYS)
    shelf = (pl.col("sales") + pl.col("discount")).sum() * PIECE / pl.col("quantity").sum()
    price = sold.filter(pl.col("quantity") > 0).group_by("product_id").agg(price=shelf)
    rates = pl.DataFrame(schema={"product_id": pl.Int64, "cost_rate": pl.Int64})
    if shop.has("costs"):
        rates = fetch(shop.table("costs").select(rates.columns), by=["product_id"])
    whole = (
        named(shop, held.rename({"week": "counted"}))
        .join(sold.select(*KEYS, "quantity"), on=KEYS, how="left")
        .join(price, on="product_id", how="left")
        .join(rates, on="product_id", how="left")
    )
    return whole.with_columns(pl.col("quantity").fill_null(0)).sort(KEYS)
