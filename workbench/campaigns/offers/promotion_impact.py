"""Promotion impact: what each past promotion brought, whom, and whether to repeat it."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.weeks import cost_rates, product_weeks
from workbench.campaigns.offers.promotions import (
    PROMOTED,
    baselines,
    change_of,
    marked,
    promotions,
    stretches_of,
)
from workbench.data.choices import LARGEST, category_of
from workbench.data.engine import fetch, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.scorecard_items import item_lines
from workbench.measures.customers.purchases import items

BACK = 13
REPEAT, STOP, UNSURE = "Repeat", "Stop", "Unsure"
DEFINITION = {
    "Halo": "what receipts with the product held of other categories in the promotion's weeks, "
    "less the same in as many weeks of the baseline: at most, since some of these visits would "
    "have been made anyway. It is not in the return",
    "Who bought": "customers with a card who bought in the promotion: of this brand within the 13 "
    "weeks before (existing), of the category only (new to the brand), or neither (new to the "
    "category). Empty where the data does not reach back 13 weeks",
    "Return": "the retailer's: extra margin, after the discount on what would have been sold "
    "anyway, over all discount the retailer gave. Makers' coupons are reimbursed, and no cost; "
    "what a maker gains is not known, for want of the maker's costs",
    "Return's interval": "95 %, of the uplift and of the weeks after; nothing is allowed for the "
    "declared cost, nor for weeks that differ in more than the promotion",
    "Verdict": "Repeat, where all of the interval is above nothing; Stop, where all of it is "
    "below; of a product, its promotions taken together",
    "Placebo": "a week of a product drawn from those without promotion, measured as if it had "
    "been one, by the weeks around it: it should show no effect",
}

EFFECTS = (
    *("product", "first_week", "weeks", "discount_share", "baseline_units", "uplift_units"),
    *("uplift_units_low", "uplift_units_high", "after_units", "category_change", "halo_change"),
)
RETURNS = (
    *("product", "first_week", "customers", "existing_share", "new_to_brand_share"),
    *("new_to_category_share", "retailer_paid", "maker_paid", "extra_margin", "return_share"),
    "verdict",
)
HEADINGS = {
    "first_week": "From",
    "discount_share": "Discount",
    "baseline_units": "Baseline, units",
    "uplift_units": "Uplift, units",
    "uplift_units_low": "At least",
    "uplift_units_high": "At most",
    "after_units": "Weeks after, units",
    "category_change": "Rest of category",
    "halo_change": "Halo, at most",
    "existing_share": "Existing",
    "new_to_brand_share": "New to brand",
    "new_to_category_share": "New to category",
    "retailer_paid": "Retailer gave",
    "maker_paid": "Makers gave",
    "return_share": "Return",
    "return_low_share": "Return, at least",
    "return_high_share": "Return, at most",
}


def promotion_impact(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    promoted: str = "discount",
) -> pl.DataFrame:
    """Return one row per past promotion of a category's products, by first week and product.

    Columns: product (its name), those of `promotions` (but product_id), halo_change with _low
    and _high (money), customers (with a card) with existing_share, new_to_brand_share and
    new_to_category_share, extra_margin_low and extra_margin_high (money), return_share with its
    ends return_low_share and return_high_share (extra margin over the discount given), verdict.
    `DEFINITION` says what is null. Raises ValueError for an unknown category or promotion.
    """
    window, name = shop.window(period), category_of(shop, category)
    among = products_of(shop, name)
    past = promotions(shop, window, among=among, promoted=promoted)
    keys = ["product_id", "first_week"]
    told = past.join(_halo(shop, window, among, promoted), on=keys, how="left")
    told = told.join(_buyers(shop, window, name, past), on=keys, how="left")
    told = told.join(cost_rates(shop), on="product_id", how="left")
    named = items(shop, "product").rename({"item_id": "product_id", "item": "product"})
    whole = _returns(told.with_columns(_reach())).join(named, on="product_id", how="left")
    rest = pl.exclude("product", "product_id", "cost_rate", "reach")
    return whole.sort("first_week", "product").select("product", rest)


def products_of(shop: Shop, category: str) -> list[int]:
    """Return the numbers of a category's products."""
    shelves = shop.categories.filter(nw.col("category") == category).select("category_id")
    named = shop.products.join(shelves, on="category_id", how="inner").select("product_id")
    return fetch(named, by=["product_id"])["product_id"].to_list()


def _halo(shop: Shop, window: Period, among: list[int], promoted: str) -> pl.DataFrame:
    """Return one row per promotion: the rest of its receipts, less the usual, in cents."""
    panel = marked(product_weeks(shop, window, among=among), PROMOTED[promoted])
    beside = panel.join(_beside(shop, window, among), on=["product_id", "week"], how="left")
    beside = beside.with_columns(rest=pl.col("beside").fill_null(0)).sort("product_id", "week")
    stretches = stretches_of(beside)
    known = stretches.join(baselines(beside, stretches), on=["product_id", "run"], how="left")
    change = change_of("halo_change", pl.col("rest_sales"), pl.col("weeks"), "rest", "rest_spread")
    names = [f"halo_change{end}" for end in ("", "_low", "_high")]
    found = known.with_columns(change).select("product_id", "first_week", *names)
    return found.with_columns(pl.col(names).round(0).cast(pl.Int64)).with_columns(money(*names))


def _beside(shop: Shop, window: Period, among: list[int]) -> pl.DataFrame:
    """Return one row per product and week: sales of other categories on receipts with it."""
    lines = shop.during(window).lines.filter(nw.col("sales") >= 0)
    keys = ["product_id", "basket_id", "day"]
    theirs = only(lines.filter(nw.col("quantity") > 0), "product_id", among)
    other = only(lines, "product_id", among, "anti").group_by("basket_id")
    receipts = (
        theirs.select(keys)
        .unique()
        .join(other.agg(beside=total("sales")), on="basket_id", how="inner")
    )
    question = receipts.group_by("product_id", "day").agg(beside=total("beside"))
    week = pl.col("day").dt.truncate("1w").alias("week")
    found = fetch(question, by=["product_id", "day"])
    return found.group_by("product_id", week).agg(pl.col("beside").sum())


def _buyers(shop: Shop, window: Period, category: str, past: pl.DataFrame) -> pl.DataFrame:
    """Return one row per promotion: its customers, and which of them had bought before."""
    reach = Period(max(window.first - dt.timedelta(weeks=BACK), shop.first_day), window.last)
    keys = ["customer_id", "product_id", "brand", "day"]
    lines = item_lines(shop, reach, category)
    kept = lines.filter(nw.col("came") == 1, ~nw.col("customer_id").is_null())
    bought = fetch(kept.select(keys).unique(), by=keys).sort("day", *keys[:3])
    ends = pl.col("first_week") + pl.duration(weeks=pl.col("weeks"))
    within = pl.col("day").is_between(pl.col("first_week"), ends, closed="left")
    runs = past.select("product_id", "first_week", "weeks")
    each = runs.join(bought, on="product_id").filter(within).drop("day").unique()
    each = each.with_columns(eve=pl.col("first_week") - pl.duration(days=1))
    each = each.sort("eve", "product_id", "customer_id")
    for name, by in _KNOWN.items():
        lately = bought.select(*by, pl.col("day").alias(name)).unique(maintain_order=True)
        each = each.join_asof(
            lately, left_on="eve", right_on=name, by=by, check_sortedness=False
        ).with_columns((pl.col(name) >= _since()).fill_null(value=False))
    brand, shelf = pl.col("of_brand"), pl.col("of_category")
    kinds = {"existing": brand, "new_to_brand": shelf & ~brand, "new_to_category": ~shelf}
    seen = pl.when(_since().first() >= reach.first)
    return each.group_by("product_id", "first_week").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        *(seen.then(kind.mean()).alias(f"{name}_share") for name, kind in kinds.items()),
    )


_KNOWN = {"of_brand": ["customer_id", "brand"], "of_category": ["customer_id"]}


def _since() -> pl.Expr:
    return pl.col("first_week") - pl.duration(weeks=BACK)


def _reach() -> pl.Expr:
    """Return half the interval of the extra margin.

    What is uncertain of the uplift is what would have sold without the promotion, which costs a
    unit's margin at the shelf price; of the weeks after, their units, at the promotion's price.
    """
    sales, given = (pl.col(name).cast(pl.Float64) for name in ("sales", "retailer_paid"))
    cost = (sales + given) * pl.col("cost_rate")
    units = pl.when(pl.col("units") > 0).then(pl.col("units"))
    parts = [
        (pl.col(f"{name}_high") - pl.col(f"{name}_low")).fill_null(0) / 2 * margin / units
        for name, margin in (("uplift_units", sales + given - cost), ("after_units", sales - cost))
    ]
    return (parts[0] ** 2 + parts[1] ** 2).sqrt().alias("reach")


def _returns(told: pl.DataFrame) -> pl.DataFrame:
    """Return the extra margin's interval, the return on what the retailer gave, the verdict."""
    margin, reach = pl.col("extra_margin").cast(pl.Float64), pl.col("reach")
    paid = pl.col("retailer_paid").cast(pl.Float64)
    ends = {"extra_margin_low": margin - reach, "extra_margin_high": margin + reach}
    shares = {"": margin, "low_": margin - reach, "high_": margin + reach}
    per_paid = [
        pl.when(paid > 0).then(end / paid).alias(f"return_{name}share")
        for name, end in shares.items()
    ]
    exact = [end.round(2).cast(pl.Decimal(38, 2)).alias(name) for name, end in ends.items()]
    return told.with_columns(*per_paid, *exact).with_columns(_verdict())


def _verdict() -> pl.Expr:
    return (
        pl.when(pl.col("return_low_share") > 0)
        .then(pl.lit(REPEAT))
        .when(pl.col("return_high_share") < 0)
        .then(pl.lit(STOP))
        .otherwise(pl.lit(UNSURE))
        .alias("verdict")
    )


def advice(past: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product with a return: its promotions taken together, best first.

    `past`: as `promotion_impact` returns it. Columns: product, promotions (with a return),
    retailer_paid and extra_margin (money), return_share with return_low_share and
    return_high_share, verdict. Promotions
    are taken as independent. Sorted by verdict, then by what they brought.
    """
    known = past.drop_nulls("return_share").with_columns(
        reach=(pl.col("extra_margin_high") - pl.col("extra_margin_low")).cast(pl.Float64) / 2
    )
    found = known.group_by("product", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("promotions"),
        pl.col("retailer_paid", "extra_margin").sum(),
        (pl.col("reach") ** 2).sum().sqrt().alias("reach"),
    )
    order = pl.col("verdict").replace_strict({REPEAT: 0, UNSURE: 1, STOP: 2})
    told = _returns(found).sort(order, "extra_margin", "product", descending=[False, True, False])
    return told.drop("reach", "extra_margin_low", "extra_margin_high")


def calendar(past: pl.DataFrame) -> pl.DataFrame:
    """Return one row per week from the first promotion to the last: how many products had one.

    Columns: week (its Monday), products, displayed and in_leaflet (of them).
    """
    if past.is_empty():
        return pl.DataFrame(schema={"week": pl.Date} | dict.fromkeys(_COUNTS, pl.Int64))
    days = pl.date_ranges(
        "first_week", pl.col("first_week") + pl.duration(weeks=pl.col("weeks") - 1), "1w"
    )
    each = past.select("product", "display", "mailer", week=days).explode("week")
    counts = (pl.len(), pl.col("display").sum(), pl.col("mailer").sum())
    named = [count.cast(pl.Int64).alias(name) for count, name in zip(counts, _COUNTS, strict=True)]
    found = each.group_by("week").agg(named)
    first, last = pl.col("week").min(), pl.col("week").max()
    weeks = each.select(week=pl.date_range(first, last, "1w"))
    whole = weeks.join(found, on="week", how="left", maintain_order="left")
    return whole.with_columns(pl.col(_COUNTS).fill_null(0))


_COUNTS = ("products", "displayed", "in_leaflet")


def say_impact(past: pl.DataFrame, products: pl.DataFrame, currency: str) -> str:
    """Return the sentence that says what to repeat and to stop: promotions, and their `advice`."""
    if products.is_empty():
        return "No promotion of these days has weeks enough around it to tell what it brought"
    counts = [(products["verdict"] == verdict).sum() for verdict in (REPEAT, STOP, UNSURE)]
    given, extra = (float(products[name].sum()) for name in ("retailer_paid", "extra_margin"))
    said = f"Of {products.height:,} products, {counts[0]:,} to repeat, {counts[1]:,} to stop, "
    said += f"{counts[2]:,} unsure. {products['promotions'].sum():,} of {past.height:,} "
    said += "promotions have weeks enough around them: their discounts cost the retailer "
    said += f"{given:,.0f} {currency}, and extra margin came to "
    return said + f"{extra:,.0f} {currency}".replace("-", "−")
