"""Behavioural traits: how a customer shops, each trait a share over a stated threshold.

Definition: every trait is a share between 0 and 1 of the customer's own weeks or spend in the
period, and a customer shows it from its threshold on. A customer may show several; the label is
the strongest, the one whose share exceeds its threshold by the largest factor.
"""

import narwhals as nw
import polars as pl

from workbench.data.activity import customer_days
from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import FINE, Shop
from workbench.segments._labels import ordered

SEGMENTS = {
    "Frequent": "comes in nearly every week",
    "Brand loyalist": "keeps to one brand in most categories bought repeatedly",
    "Product-specific": "spends much of the money on one category",
    "Seasonal": "spends most of the money in a quarter of the weeks",
    "Impulse": "spends much on discounted goods of categories hardly ever bought",
    "Bargain hunter": "spends most of the money on goods with a discount",
    "No strong trait": "is under every threshold, or has too few visits to tell",
}
TRAITS = {
    "Frequent": "weeks_share",
    "Brand loyalist": "top_brand_share",
    "Product-specific": "top_category_share",
    "Seasonal": "peak_share",
    "Impulse": "impulse_share",
    "Bargain hunter": "discount_share",
}
DEFINITION = {
    "Share of weeks": "weeks with a visit over the weeks of the period",
    "Share of top brand": "in categories bought at least three times: spend on each category's "
    "largest brand (the maker, or the own label) over the spend on those categories; goods of "
    "no known brand are left out",
    "Share of top category": "spend on the largest category over all spend",
    "Share of peak": "spend in the customer's best quarter of the weeks over all spend; a peak of "
    "the customer, not yet proof of a season",
    "Share of impulse": "spend on discounted goods of categories that are on at most one in twenty "
    "of the customer's own receipts, over all spend; a stand-in, intent is not in the data",
    "Share of discount": "spend on receipt lines that carry a retailer's discount, over all spend",
    "Returns": "netted per category, brand and week; what nets to nothing or less is left out of "
    "every share; no more of a category counts as discounted than is left of it",
    "Thresholds": "choices, shown with the result; with other thresholds the groups differ",
    "Strongest": "the largest ratio of share to threshold; of equal ratios the first in order",
    "Too few visits": "under the asked number of receipts no trait is said",
}
THRESHOLDS = {
    "Frequent": 0.9,
    "Brand loyalist": 0.85,
    "Product-specific": 0.3,
    "Seasonal": 0.85,
    "Impulse": 0.15,
    "Bargain hunter": 0.65,
}
_RARE, _REPEATED, _PEAK = 0.05, 3, 0.25


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    thresholds: dict[str, float] | None = None,
    visits: int = 8,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - thresholds are fixed
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period: its strongest trait.

    Columns: customer_id, segment, traits (how many it shows), visits, sales (money), and the
    shares of `TRAITS`, null where there is nothing to divide by. `thresholds` replaces some of
    `THRESHOLDS`. `cuts_from` is ignored: no threshold depends on a distribution.
    """
    return traits(shop, period, thresholds=thresholds, visits=visits).drop(
        *(flag_of(name) for name in TRAITS)
    )


def traits(
    shop: Shop,
    period: str | Period | Latest,
    *,
    thresholds: dict[str, float] | None = None,
    visits: int = 8,
) -> pl.DataFrame:
    """Return the frame of `label` with a flag for each trait, so that overlaps can be counted.

    Raises ValueError for a threshold of no trait.
    """
    marks = THRESHOLDS | (thresholds or {})
    if strange := sorted(marks.keys() - THRESHOLDS.keys()):
        raise ValueError(f"{strange[0]!r} is no trait; allowed: {', '.join(THRESHOLDS)}")
    shown = {name: pl.col(TRAITS[name]) / marks[name] for name in TRAITS}
    enough = pl.col("visits") >= visits
    flags = {
        flag_of(name): (enough & (ratio >= 1)).fill_null(value=False)
        for name, ratio in shown.items()
    }
    strongest = pl.max_horizontal(*shown.values())
    first = pl.coalesce(
        pl.when(flags[flag_of(name)] & (ratio == strongest)).then(pl.lit(name))
        for name, ratio in shown.items()
    )
    segment = first.fill_null("No strong trait").cast(ordered(SEGMENTS))
    return (
        _shares(shop, period)
        .with_columns(segment=segment, **flags)
        .with_columns(money("sales"), traits=pl.sum_horizontal(*flags).cast(pl.Int64))
        .select("customer_id", "segment", "traits", "visits", "sales", *TRAITS.values(), *flags)
    )


def overlaps(shown: pl.DataFrame, *, thresholds: dict[str, float] | None = None) -> pl.DataFrame:
    """Return one row per trait: customers who show it, and of them the share showing each other.

    Columns: trait, threshold_share, customers, customers_share (of all), alone_share (of its
    customers, who show no other), and one `<trait>_share` per trait. Null where nobody shows it.
    """
    marks = THRESHOLDS | (thresholds or {})
    rows = [_overlap(shown.filter(flag_of(name)), name, shown.height) for name in TRAITS]
    marked = pl.Series("threshold_share", [marks[name] for name in TRAITS], dtype=pl.Float64)
    return pl.concat(rows).insert_column(1, marked)


def flag_of(trait: str) -> str:
    """Return the name of a trait's flag: `brand_loyalist`."""
    return trait.lower().replace(" ", "_").replace("-", "_")


def _overlap(mine: pl.DataFrame, name: str, everybody: int) -> pl.DataFrame:
    others = [pl.col(flag_of(other)).mean().alias(f"{flag_of(other)}_share") for other in TRAITS]
    return mine.select(
        pl.lit(name).alias("trait"),
        pl.len().cast(pl.Int64).alias("customers"),
        (pl.len() / max(everybody, 1)).alias("customers_share"),
        (pl.col("traits") == 1).mean().alias("alone_share"),
        *others,
    )


def _shares(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    window = shop.window(period)
    return pl.concat(_shares_of(part, window) for part in shop.parts(FINE))


def _shares_of(shop: Shop, window: Period) -> pl.DataFrame:
    bought = _by_category(shop, window)
    weekly = _by_week(shop, window)
    weeks = max(1, -(-window.days // 7))
    whole = weekly.group_by("customer_id").agg(pl.col("sales", "visits").sum())
    parts = (_weeks(weekly, weeks), _categories(bought, whole), _brands(bought))
    for part in parts:
        whole = whole.join(part, on="customer_id", how="left", validate="1:1")
    return whole.filter(pl.col("visits") > 0).sort("customer_id")


def _weeks(weekly: pl.DataFrame, weeks: int) -> pl.DataFrame:
    spent = pl.col("sales").filter(pl.col("sales") > 0)
    best = spent.top_k(max(1, round(weeks * _PEAK)))
    return weekly.group_by("customer_id").agg(
        weeks_share=(pl.col("visits") > 0).sum() / weeks, peak_share=_ratio(best.sum(), spent.sum())
    )


def _categories(bought: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    each = (
        bought.group_by("customer_id", "category_id")
        .agg(pl.col("sales", "discounted").sum(), pl.col("trips").first())
        .filter(pl.col("sales") > 0)
        .with_columns(discounted=pl.min_horizontal("discounted", "sales").clip(0))
        .join(whole.select("customer_id", "visits"), on="customer_id")
    )
    rare = pl.col("trips") <= _RARE * pl.col("visits")
    impulse = pl.col("discounted").filter(rare).sum()
    spent = pl.col("sales").sum()
    return each.group_by("customer_id").agg(
        top_category_share=_ratio(pl.col("sales").max(), spent),
        impulse_share=_ratio(impulse, spent),
        discount_share=_ratio(pl.col("discounted").sum(), spent),
    )


def _brands(bought: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("brand").is_not_null() & (pl.col("sales") > 0)
    repeated = bought.filter(known & (pl.col("trips") >= _REPEATED))
    return (
        repeated.group_by("customer_id", "category_id")
        .agg(pl.col("sales").sum(), top=pl.col("sales").max())
        .group_by("customer_id")
        .agg(top_brand_share=_ratio(pl.col("top").sum(), pl.col("sales").sum()))
    )


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _by_week(shop: Shop, window: Period) -> pl.DataFrame:
    week = (pl.col("day") - window.first).dt.total_days() // 7
    daily = customer_days(shop, window).rename({"receipts": "visits"})
    return daily.group_by("customer_id", week=week).agg(pl.col("sales", "visits").sum())


def _by_category(shop: Shop, window: Period) -> pl.DataFrame:
    """Return one row per customer, category and brand: spend, discounted spend, and the trips
    (receipts with a purchase) to the category.
    """
    lines = shop.during(window).lines.filter(~nw.col("customer_id").is_null())
    by = ["customer_id", "category_id"]
    cut = (nw.col("loyalty_discount") > 0) | (nw.col("match_discount") > 0)
    own = nw.col("own_label").fill_null(False)
    makers = shop.products.select(
        "product_id", brand=nw.when(own).then(nw.lit("own")).otherwise(nw.col("maker"))
    )
    spent = nw.col("sales").cast(nw.Int64)
    sums = (
        lines.join(makers, on="product_id", how="left")
        .group_by(*by, "brand")
        .agg(
            sales=total("sales"),
            discounted=nw.when(cut).then(spent).otherwise(nw.lit(0)).sum(),
        )
    )
    trips = nw.col("basket_id").n_unique()
    counted = lines.filter(nw.col("sales") > 0).group_by(by).agg(trips=trips)
    return fetch(sums, by=[]).join(fetch(counted, by=[]), on=by, how="left")
