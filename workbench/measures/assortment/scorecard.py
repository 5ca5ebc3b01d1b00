"""Scorecard: how a category or brand stands, against the period before, last year and target."""

import polars as pl

from workbench.data.choices import category_of
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.assortment.price_index import price_indices
from workbench.measures.assortment.scorecard_items import (
    LEVELS,
    buyers,
    card_customers,
    sold,
)
from workbench.measures.business.comparison import SAME_WEEKS, WEEKS_BEFORE, compared

NOW, BEFORE, LAST_YEAR = "Now", "Before", "Last year"
WINDOW = pl.Enum([NOW, BEFORE, LAST_YEAR])
KPIS = {
    "sales": ("Sales", "money"),
    "margin": ("Margin", "money"),
    "customers": ("Customers", "count"),
    "penetration": ("Penetration", "share"),
    "trips_per_customer": ("Trips per customer", "number"),
    "spend_per_trip": ("Spend per trip", "money"),
    "sales_share": ("Share of sales", "share"),
    "price_index": ("Price index", "number"),
    "promotion_share": ("Sold at a discount", "share"),
    "requirements_share": ("Share of requirements", "share"),
}
DEFINITION = {
    "Sales": "net of returns, with and without a card",
    "Margin": "sales less costs; empty where a cost is unknown",
    "Customers": "customers with a card who bought it",
    "Penetration": "of all customers who bought anything with a card in the same days",
    "Trips per customer": "receipts with it, of its customers with a card",
    "Spend per trip": "its sales on a receipt with it, with and without a card",
    "Share of sales": "a brand's sales of its category's; a category's sales of all the retailer's",
    "Price index": "what the products sold in both periods cost now, for the baskets of both "
    "(Fisher); 100 is the period before, and last year is on the same base",
    "Sold at a discount": "the part of its purchases that was discounted by at least 5 % of the "
    "shelf price",
    "Share of requirements": "of a brand: what its buyers spend on it, of all they spend on the "
    "category here. Of a category: what its buyers spend on it, of all they spend here",
    "Before, last year": "as many days before; the same weeks 52 weeks earlier. Empty where the "
    "data does not reach back",
    "Target": "as the file of targets states it, where its length is that of the period",
}

HEADINGS = {
    "growth_share": "Growth",
    "sales_share": "Share",
    "promotion_share": "Sold at a discount",
    "requirements_share": "Share of requirements",
}


def scorecards(
    shop: Shop,
    period: str | Period | Latest,
    *,
    by: str = "category",
    category: str | None = None,
) -> pl.DataFrame:
    """Return one row per category (or brand) and window: all scorecards at once.

    Sorted by sales now, largest first, windows in the order Now, Before, Last year; a window
    that the data does not cover has no rows, and an item not sold in another has zeros. Columns:
    category (and brand), window, and those of `KPIS`: money for sales, margin, spend_per_trip.
    By brand, `category` names the one to look at. Each window is read once by product and once
    by customer, some customers at a time, however many items there are. Raises ValueError for
    another `by` or an unknown category.
    """
    if by not in LEVELS:
        raise ValueError(f"no scorecards by {by!r}; allowed: {', '.join(LEVELS)}")
    if by == "category" and category is not None:
        raise ValueError("a category is compared with all others; name one only by brand")
    keys, windows = LEVELS[by], _windows(shop, period)
    only = None if category is None else category_of(shop, category)
    items = {name: sold(shop, days, only) for name, days in windows.items()}
    found = {}
    for name, days in windows.items():
        bought = buyers(shop, days, keys, only)
        rows = _kpis(items[name], bought, keys, card_customers(shop, days))
        prices = _prices(items.get(BEFORE), items[name], keys)
        found[name] = rows.join(prices, on=keys).with_columns(window=pl.lit(name, WINDOW))
    table = _whole(found)
    now = pl.col("sales").filter(pl.col("window") == NOW).sum().over(keys)
    ordered = table.sort(now, *keys, "window", descending=[True, *[False] * (len(keys) + 1)])
    return ordered.select(*keys, "window", *KPIS).with_columns(
        money("sales", "margin", "spend_per_trip")
    )


def _whole(windows: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return all windows, with a row of nothing sold where an item was sold in another."""
    table = pl.concat(windows.values())
    keys = [name for name in ("category", "brand") if name in table.columns]
    known = pl.DataFrame({"window": list(windows)}, {"window": WINDOW})
    grid = table.select(keys).unique().join(known, how="cross")
    whole = grid.join(table, on=[*keys, "window"], how="left")
    nothing = pl.when(pl.col("customers").is_null())
    amounts = ("sales", "margin", "customers", "penetration", "sales_share")
    return whole.with_columns(nothing.then(0).otherwise(pl.col(amounts)).name.keep())


def _windows(shop: Shop, period: str | Period | Latest) -> dict[str, Period]:
    windows = {NOW: shop.window(period)}
    for name, against in ((BEFORE, WEEKS_BEFORE), (LAST_YEAR, SAME_WEEKS)):
        try:
            windows[name] = compared(shop, period, against).before
        except NotCovered:
            continue
    return windows


def _prices(before: pl.DataFrame | None, now: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return the price index of each item; null where there is no period before."""
    items = now.select(keys).unique()
    if before is None:
        return items.with_columns(price_index=pl.lit(None, pl.Float64))
    was, goods = (
        sold.filter("merchandise").group_by(*keys, "product_id").agg(pl.col("units", "sales").sum())
        for sold in (before, now)
    )
    found = price_indices(was, goods, keys).select(*keys, price_index="fisher_index")
    return items.join(found, on=keys, how="left")


def _kpis(items: pl.DataFrame, bought: pl.DataFrame, keys: list[str], of: int) -> pl.DataFrame:
    """Return the figures of each item from its products, its buyers, and all customers (`of`)."""
    numbers = [f"{key}_number" for key in keys]
    names = ("sales", "margin", "bought", "promoted", "without_cost")
    sums = items.group_by(*keys, *numbers).agg(pl.col(names).sum())
    each = sums.join(bought, on=numbers, how="left").with_columns(pl.exclude("margin").fill_null(0))
    sales, count = pl.col("sales"), pl.col("customers")
    whole = sales.sum().over(keys[:-1]) if keys[1:] else sales.sum()
    return each.select(
        *(*keys, "customers", "sales", "trips"),
        pl.when(pl.col("without_cost") == 0).then(pl.col("margin")).alias("margin"),
        _ratio(sales, pl.col("all_trips")).round(0).cast(pl.Int64).alias("spend_per_trip"),
        _ratio(sales, whole).alias("sales_share"),
        _ratio(pl.col("promoted"), pl.col("bought")).alias("promotion_share"),
        _ratio(pl.col("own"), pl.col("theirs")).alias("requirements_share"),
        _ratio(count, pl.lit(of)).alias("penetration"),
        _ratio(pl.col("trips"), count).alias("trips_per_customer"),
    )


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def scorecard(
    cards: pl.DataFrame, targets: pl.DataFrame, *, category: str, brand: str = ""
) -> pl.DataFrame:
    """Return one row per KPI of one category or brand, in the order of `KPIS`.

    `cards`: as `scorecards` returns them; `targets`: as `scorecard_targets.targets` does.
    Columns: kpi, unit (money, count, share or number), now, before, change_share (of before),
    last_year, year_change_share, target, target_day, gap_share (of the target). What is not
    known is null. Raises ValueError for a brand that is not among the cards.
    """
    mine = cards.filter(pl.col("category") == category)
    if "brand" in cards.columns:
        mine = mine.filter(pl.col("brand") == brand)
    if mine.is_empty():
        raise ValueError(f"no scorecard of {brand or category!r} in these days")
    names = {NOW: "now", BEFORE: "before", LAST_YEAR: "last_year"}
    figures = {
        column: [_figure(mine, window, kpi) for kpi in KPIS] for window, column in names.items()
    }
    rows = {"kpi": list(KPIS), **figures}
    table = pl.DataFrame(rows, schema=_ROWS)
    brand_is = pl.col("brand") == brand
    theirs = targets.filter(pl.col("category") == category, brand_is).drop("category", "brand")
    return table.join(theirs, on="kpi", how="left", maintain_order="left").select(
        pl.col("kpi").replace_strict({kpi: said for kpi, (said, _) in KPIS.items()}),
        pl.Series("unit", [unit for _, unit in KPIS.values()]),
        "now",
        "before",
        _growth("before").alias("change_share"),
        "last_year",
        _growth("last_year").alias("year_change_share"),
        "target",
        "target_day",
        _growth("target").alias("gap_share"),
    )


_ROWS = {"kpi": pl.String, "now": pl.Float64, "before": pl.Float64, "last_year": pl.Float64}


def ranked(cards: pl.DataFrame) -> pl.DataFrame:
    """Return one row per category or brand sold now, the largest first: its KPIs, and growth.

    `cards`: as `scorecards` returns them. growth_share is the change of sales on the period
    before; null where there is none, or nothing was sold in it.
    """
    names = cards.columns[: cards.columns.index("window")]
    before = cards.filter(pl.col("window") == BEFORE).select(*names, was="sales")
    now = cards.filter(pl.col("window") == NOW, pl.col("sales") != 0).drop("window")
    both = now.join(before, on=names, how="left", maintain_order="left")
    was = pl.col("was").cast(pl.Float64)
    growth = pl.when(was > 0).then(pl.col("sales").cast(pl.Float64) / was - 1)
    return both.select(*names, "sales", growth.alias("growth_share"), *list(KPIS)[1:])


def say_scorecard(card: pl.DataFrame, name: str) -> str:
    """Return the sentence that says how sales changed, what changed most, and the targets."""
    sales, *rest = card.rows(named=True)
    if sales["change_share"] is None:
        said = "what it sold in the period before is not known, or nothing"
    else:
        most = max(rest, key=lambda row: abs(row["change_share"] or 0))
        said = f"sales {sales['change_share']:+.1%} on the period before"
        said += f"; of the other figures {most['kpi'].lower()} changed most, "
        said += f"{most['change_share'] or 0:+.1%}"
    aims = card.drop_nulls("target")
    reached = int((aims["now"] >= aims["target"]).sum())
    if aims.height:
        said += f"; {reached} of {aims.height} target{'s' if aims.height > 1 else ''} reached"
    return f"{name}: {said.replace('-', '−')}"


def _figure(mine: pl.DataFrame, window: str, kpi: str) -> float | None:
    found = mine.filter(pl.col("window") == window)[kpi].to_list()
    return None if not found or found[0] is None else float(found[0])


def _growth(since: str) -> pl.Expr:
    return pl.when(pl.col(since) > 0).then(pl.col("now") / pl.col(since) - 1)
