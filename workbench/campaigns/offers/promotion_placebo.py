"""Placebo promotions: ordinary weeks measured as promotions, which should show no effect."""

import polars as pl

from workbench.campaigns.forecasts.weeks import product_weeks
from workbench.campaigns.offers.promotion_impact import products_of
from workbench.campaigns.offers.promotions import (
    AFTER,
    PROMOTED,
    baselines,
    change_of,
    marked,
    stretches_of,
)
from workbench.data.choices import LARGEST, category_of
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop


def placebo_promotions(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    promoted: str = "discount",
    seed: int = 0,
) -> pl.DataFrame:
    """Return one row per product: a week without promotion, measured as if it had had one.

    Columns: product_id, first_week, baseline_units, uplift_units with _low and _high. The week is
    drawn from those not promoted; promoted weeks and those right after them are left out.
    """
    among = products_of(shop, category_of(shop, category))
    panel = marked(product_weeks(shop, shop.window(period), among=among), PROMOTED[promoted])
    plain = panel.filter(~pl.col("on"), ~(pl.col("since") <= AFTER).fill_null(value=False))
    lots = plain.sort("product_id", "week").with_columns(lot=pl.int_range(pl.len()).shuffle(seed))
    fake = lots.with_columns(drawn=pl.col("lot") == pl.col("lot").min().over("product_id"))
    again = marked(fake.drop("on", "run", "since", "rest"), pl.col("drawn"))
    stretches = stretches_of(again)
    known = stretches.join(baselines(again, stretches), on=["product_id", "run"], how="inner")
    change = change_of("uplift_units", pl.col("units"), pl.col("weeks"), "usual", "spread")
    names = [f"uplift_units{end}" for end in ("", "_low", "_high")]
    usual = (pl.col("usual") * pl.col("weeks")).alias("baseline_units")
    found = known.with_columns(change).select("product_id", "first_week", usual, *names)
    return found.sort("product_id")


def say_placebo(placebos: pl.DataFrame) -> str:
    """Return the sentence that says whether weeks without promotion show an effect."""
    if placebos.is_empty():
        return "No product has weeks enough without promotion to try the method on"
    low, high, uplift = (pl.col(f"uplift_units{end}") for end in ("_low", "_high", ""))
    out = placebos.filter((low > 0) | (high < 0)).height
    usual, more = pl.col("baseline_units").sum(), uplift.sum()
    reach = (((high - low) / 2) ** 2).sum().sqrt()
    shares = placebos.select(a=more / usual, b=(more - reach) / usual, c=(more + reach) / usual)
    found, least, most = (f"{share:+.0%}" for share in shares.row(0))
    return (
        f"Of {placebos.height:,} ordinary weeks measured as promotions, {out:,} "
        f"({out / placebos.height:.0%}; chance alone makes 5%) seem to have an effect; "
        f"together they sold {found} of their baseline ({least} to {most})"
    ).replace("-", "−")
