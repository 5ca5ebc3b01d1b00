"""Past promotions: when products were promoted, what it went with, and what it cost whom."""

from typing import Any

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.weeks import cost_rates, product_weeks
from workbench.data.engine import fetch, money, only, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z95, ratio_of_sums
from workbench.measures.discounts import given

DEPTH, PLAIN, AFTER, AROUND, LONGEST, SOLD = 0.1, 4, 2, 8, 8, 0.8
SHOWN = pl.col("display") | pl.col("mailer")
CUT = (pl.col("discount_share") >= DEPTH) & (pl.col("units") > 0)
PROMOTED: dict[str, Any] = {
    "any": CUT | SHOWN,
    "discount": CUT,
    "shown": SHOWN,
    "both": CUT & SHOWN,
}
DEFINITION = {
    "Promotion": "a stretch of weeks in which a product sold at a discount of at least 10 %, or "
    "was shown (display or leaflet in at least a quarter of the stores)",
    "Baseline": "the mean units of the product's weeks without promotion up to 8 weeks before and "
    "after, the two weeks after a promotion left out. Unknown with under 4 such weeks, for "
    "products sold in fewer than four fifths of the weeks, and for promotions of more than 8 "
    "weeks, which are rather prices",
    "Uplift": "units sold in the promotion less the baseline of as many weeks; the 95 % interval "
    "is of the weeks' own variation",
    "Pull-forward": "units less the baseline in the two weeks after: below nothing where shoppers "
    "had stored the product",
    "Cannibalisation": "what the rest of the category sold in the promotion's weeks less what it "
    "sells in the weeks of the baseline; what else was promoted then is in it, so read it "
    "with its interval",
    "Extra margin": "the margin of the uplift and what follows it, less the discount given on the "
    "baseline, which would have been sold anyway; cannibalisation is not in it",
    "Basket share": "of the receipts with the product at a discount, the product's part of what "
    "was spent: a ratio of sums. Low is good, the product comes with a full basket; near 100 % "
    "people came for it alone. Cheap products have low shares whatever they draw",
}


def promotions(
    shop: Shop,
    period: str | Period | Latest,
    *,
    among: list[int] | None = None,
    promoted: str = "any",
) -> pl.DataFrame:
    """Return one row per past promotion: a product and a stretch of promoted weeks.

    Columns: product_id, first_week, weeks, units, sales (money), discount_share (of the shelf
    price), display and mailer (in any of the weeks), retailer_paid and maker_paid (money: the
    discount, and makers' coupons), baseline_units (of as many weeks), uplift_units, after_units
    (of the weeks after less their baseline), category_change (money, of the rest of the
    category), each with _low and _high (95 %), and extra_margin (money). Null where there is no
    baseline, see `DEFINITION`, no free week after, or no costs. `promoted` is any, discount,
    shown or both; products may be narrowed to `among`, which is then the category.
    """
    if promoted not in PROMOTED:
        raise ValueError(f"{promoted!r} is no promotion; allowed: {', '.join(PROMOTED)}")
    panel = marked(product_weeks(shop, shop.window(period), among=among), PROMOTED[promoted])
    stretches, keys = stretches_of(panel), ["product_id", "run"]
    for part in (_after(panel), baselines(panel, stretches)):
        stretches = stretches.join(part, on=keys, how="left")
    known = stretches.join(cost_rates(shop), on="product_id", how="left")
    amounts = ("sales", "retailer_paid", "maker_paid", "extra_margin")
    changes = [f"category_change{end}" for end in ("", "_low", "_high")]
    told = _effects(known).with_columns(pl.col(*amounts, *changes).round(0).cast(pl.Int64))
    return (
        told.with_columns(money(*amounts, *changes))
        .select(*_COLUMNS, *changes, "extra_margin")
        .sort("product_id", "first_week")
    )


_COLUMNS = (
    *("product_id", "first_week", "weeks", "units", "sales", "discount_share", "display"),
    *("mailer", "retailer_paid", "maker_paid", "baseline_units"),
    *("uplift_units", "uplift_units_low", "uplift_units_high"),
    *("after_units", "after_units_low", "after_units_high"),
)


def promotion_effect(past: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product: what its past promotions went with, taken together.

    `past`: as `promotions` returns it. Columns: product_id, promotions, the uplift and what
    followed as shares of the baselines of those promotions of which it is known: uplift_share,
    after_share, and category_change (money), each with _low and _high; maker_share (of what was
    paid). Promotions are taken as independent.
    """
    measured = past.filter(pl.col("baseline_units") > 0)
    paid = pl.col("retailer_paid").sum() + pl.col("maker_paid").sum()
    found = measured.group_by("product_id", maintain_order=True).agg(
        *_shares("uplift"), *_shares("after"), *_pooled("category_change")
    )
    changes = pl.col("^category_change.*$").round(2).cast(pl.Decimal(38, 2))
    counts = past.group_by("product_id").agg(
        pl.len().cast(pl.Int64).alias("promotions"),
        maker_share=pl.when(paid > 0).then(
            pl.col("maker_paid").sum().cast(pl.Float64) / paid.cast(pl.Float64)
        ),
    )
    whole = counts.join(found.with_columns(changes), on="product_id", how="left")
    return whole.sort("product_id")


def basket_share(
    shop: Shop,
    period: str | Period | Latest,
    customers: pl.DataFrame,
    *,
    among: list[int],
    promoted: str = "discount",
    base: int = 30,
) -> pl.DataFrame:
    """Return one row per product on promotion in the customers' receipts: its share of them.

    Columns: product_id, receipts (with the product on promotion), basket_share (what was spent
    on it, of all that was spent on these receipts) with share_low and share_high (95 %, over
    receipts), basket_value (money, the mean receipt). Null under `base` receipts. `promoted`:
    discount (any discount on the line), shown (on display or in the leaflet of that store and
    week), any, or both.
    """
    if promoted not in PROMOTED:
        raise ValueError(f"{promoted!r} is no promotion; allowed: {', '.join(PROMOTED)}")
    ids = customers["customer_id"].unique().sort().to_list()
    lines = only(shop.during(period).lines, "customer_id", ids)
    lines = lines.filter(nw.col("sales") >= 0, nw.col("quantity") >= 0)
    theirs = only(lines, "product_id", among).with_columns(discount=given())
    keys = ["basket_id", "product_id", "store_id", "day"]
    asked = theirs.group_by(keys).agg(sales=total("sales"), discount=total("discount"))
    items = _on_promotion(shop, fetch(asked, by=keys), promoted, among)
    with_one = theirs.select("basket_id").unique()
    whole = lines.join(with_one, on="basket_id", how="semi").group_by("basket_id")
    spent = fetch(whole.agg(spent=total("sales")), by=["basket_id"]).filter(pl.col("spent") > 0)
    both = items.join(spent, on="basket_id").sort("product_id", "basket_id")
    shares = ratio_of_sums(
        pl.col("sales"), pl.col("spent"), "basket_share", "share_low", "share_high"
    )
    found = both.group_by("product_id", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("receipts"),
        *shares,
        basket_value=pl.col("spent").mean().round(0).cast(pl.Int64),
    )
    figures = pl.col("basket_share", "share_low", "share_high", "basket_value")
    enough = pl.when(pl.col("receipts") >= base).then(figures).name.keep()
    return found.with_columns(enough).with_columns(money("basket_value"))


def _on_promotion(shop: Shop, items: pl.DataFrame, promoted: str, among: list[int]) -> pl.DataFrame:
    """Return the lines that were on promotion: basket_id, product_id, sales."""
    cut = pl.col("discount") > 0
    if promoted == "discount" or not shop.has("promotions"):
        return items.filter(cut)
    keys = ["product_id", "store_id", "week"]
    there = (nw.col("display").fill_null("0") != "0") | (nw.col("mailer").fill_null("0") != "0")
    shown = only(shop.table("promotions").filter(there), "product_id", among)
    found = fetch(shown.select(keys).unique(), by=keys).with_columns(shown=pl.lit(value=True))
    told = items.with_columns(week=pl.col("day").dt.truncate("1w"))
    told = told.join(found, on=keys, how="left", maintain_order="left")
    seen = pl.col("shown").fill_null(value=False)
    return told.filter({"shown": seen, "any": cut | seen, "both": cut & seen}[promoted])


def marked(panel: pl.DataFrame, promoted: pl.Expr) -> pl.DataFrame:
    """Return the weeks with on (promotion), run (its number), since (weeks after its end)."""
    on = promoted.fill_null(value=False)
    begins = pl.col("on") & ~pl.col("on").shift(fill_value=False).over("product_id")
    place = pl.int_range(pl.len()).over("product_id")
    last = pl.when(pl.col("on")).then(place).forward_fill().over("product_id")
    rest = pl.col("sales").sum().over("week", "category_id") - pl.col("sales")
    marked = panel.with_columns(on=on, rest=rest)
    return marked.with_columns(
        run=begins.cast(pl.Int64).cum_sum().over("product_id"), since=place - last
    )


def stretches_of(panel: pl.DataFrame) -> pl.DataFrame:
    """Return one row per promotion of the marked weeks: what was sold, and who paid, in cents."""
    shelf = (pl.col("sales") + pl.col("discount")).sum()
    return (
        panel.filter("on")
        .group_by("product_id", "run", maintain_order=True)
        .agg(
            pl.col("week").min().alias("first_week"),
            pl.len().cast(pl.Int64).alias("weeks"),
            pl.col("units", "sales").sum(),
            pl.col("discount").sum().alias("retailer_paid"),
            pl.col("coupon").sum().alias("maker_paid"),
            pl.col("display", "mailer").any(),
            pl.col("rest").sum().alias("rest_sales"),
            pl.col("shelf").mean(),
            discount_share=pl.when(shelf > 0).then(pl.col("discount").sum() / shelf),
        )
    )


def _after(panel: pl.DataFrame) -> pl.DataFrame:
    later = panel.filter(~pl.col("on"), pl.col("since").is_between(1, AFTER))
    return later.group_by("product_id", "run", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("weeks_after"), pl.col("units").sum().alias("sold_after")
    )


def baselines(panel: pl.DataFrame, stretches: pl.DataFrame) -> pl.DataFrame:
    """Return one row per promotion: usual units of a week and the rest's sales, with variances."""
    regular = (pl.col("units") > 0).mean().over("product_id") >= SOLD
    settled = ~(pl.col("since") <= AFTER).fill_null(value=False)
    plain = panel.filter(regular, ~pl.col("on"), settled)
    around = pl.duration(weeks=AROUND)
    last = pl.col("first_week") + pl.duration(weeks=pl.col("weeks"))
    short = stretches.filter(pl.col("weeks") <= LONGEST)
    near = (
        short.select("product_id", "run", begins=pl.col("first_week") - around, ends=last + around)
        .join(plain.select("product_id", "week", "units", "rest"), on="product_id")
        .filter(pl.col("week") >= pl.col("begins"), pl.col("week") < pl.col("ends"))
        .sort("product_id", "run", "week")
    )
    found = near.group_by("product_id", "run", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("plain_weeks"),
        usual=pl.col("units").mean(),
        spread=pl.max_horizontal(pl.col("units").var(), pl.col("units").mean()),
        rest=pl.col("rest").mean(),
        rest_spread=pl.col("rest").var(),
    )
    return found.filter(pl.col("plain_weeks") >= PLAIN)


def _effects(known: pl.DataFrame) -> pl.DataFrame:
    weeks, after = pl.col("weeks"), pl.col("weeks_after")
    price = pl.col("shelf") * (1 - pl.col("discount_share").fill_null(0.0))
    extra = pl.col("uplift_units") + pl.col("after_units").fill_null(0.0)
    whole = price - pl.col("shelf") * pl.col("cost_rate")
    wasted = pl.col("baseline_units") * (pl.col("shelf") - price)
    return known.with_columns(
        *change_of("uplift_units", pl.col("units"), weeks, "usual", "spread"),
        *change_of("after_units", pl.col("sold_after"), after, "usual", "spread"),
        *change_of("category_change", pl.col("rest_sales"), weeks, "rest", "rest_spread"),
        baseline_units=pl.col("usual") * weeks,
    ).with_columns(extra_margin=extra * whole - wasted)


def change_of(name: str, found: pl.Expr, weeks: pl.Expr, usual: str, spread: str) -> list[pl.Expr]:
    """Return what was found less the usual of as many weeks, with its 95 % interval."""
    change = found - pl.col(usual) * weeks
    reach = Z95 * (pl.col(spread) * weeks * (1 + weeks / pl.col("plain_weeks"))).sqrt()
    return [
        change.alias(name),
        (change - reach).alias(f"{name}_low"),
        (change + reach).alias(f"{name}_high"),
    ]


def _pooled(name: str) -> list[pl.Expr]:
    whole = pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Float64).sum())
    half = (pl.col(f"{name}_high") - pl.col(f"{name}_low")).cast(pl.Float64) / 2
    reach = (half**2).sum().sqrt()
    return [
        whole.alias(name),
        (whole - reach).alias(f"{name}_low"),
        (whole + reach).alias(f"{name}_high"),
    ]


def _shares(name: str) -> list[pl.Expr]:
    """Return a figure and its ends as shares of the baselines where it is known."""
    known = pl.col(f"{name}_units").is_not_null()
    usual = pl.col("baseline_units").filter(known).sum()
    ends = zip(("", "_low", "_high"), _pooled(f"{name}_units"), strict=True)
    return [(each / usual).alias(f"{name}_share{end}") for end, each in ends]
