"""Supplier campaign: what a discount on a supplier's best sellers is forecast to sell and cost."""

import polars as pl

from workbench.campaigns.forecasts.forecast import Forecaster, forecast, next_week
from workbench.data.engine import CENTS_PER_UNIT
from workbench.data.shop import Shop
from workbench.measures.assortment.sharing import COUNT_STEP, MONEY_STEP, rounded
from workbench.measures.customers.purchases import items

HEADINGS = {
    "base_units": "Units at the shelf price",
    "units_low": "At least",
    "units_high": "At most",
    "discount_cost": "Discount to fund",
}


def supplier_campaign(
    shop: Shop, forecaster: Forecaster, products: list[int], discount: float, *, top: int = 3
) -> pl.DataFrame:
    """Return one row per product that can be forecast, the first `top` of those given.

    Columns: product, week (its Monday), discount_share, base_units, units with units_low and
    units_high (90 %), sales and discount_cost (money), all at the discount, in the leaflet.
    Units are told in steps of 5, money in steps of 10: no forecast is finer than that, and no
    figure on a supplier's page is.
    """
    offers = pl.DataFrame({"product_id": products}, schema={"product_id": pl.Int64}).with_columns(
        week=pl.lit(next_week(forecaster)),
        discount_share=pl.lit(discount),
        display=pl.lit(value=False),
        mailer=pl.lit(value=True),
    )
    told = forecast(forecaster, offers).drop_nulls("units").head(top)
    named = items(shop, "product").select(product_id="item_id", product="item")
    sales = pl.col("sales").cast(pl.Float64)
    told = told.with_columns(sales, discount_cost=sales * discount / (1 - discount))
    units = ["base_units", "units", "units_low", "units_high"]
    return told.join(named, on="product_id", how="left", maintain_order="left").select(
        *("product", "week", "discount_share"),
        rounded(*units, step=COUNT_STEP),
        *(_money(name) for name in ("sales", "discount_cost")),
    )


def _money(name: str) -> pl.Expr:
    return rounded(name, step=MONEY_STEP // CENTS_PER_UNIT).cast(pl.Decimal(38, 2))


def say_supplier_campaign(told: pl.DataFrame, buyers: pl.DataFrame) -> str:
    """Return the proposal as a sentence: what it sells and costs, and whom to address.

    `buyers`: one row per group of the category's buyers, the last those of others only.
    """
    if told.is_empty():
        return "No product that can be shown is sold often enough for a forecast"
    off, week = float(told["discount_share"][0]), told["week"][0]
    units, base = int(told["units"].sum()), int(told["base_units"].sum())
    said = (
        f"Proposal: {off:.0%} off and in the leaflet in the week of {week.day} {week:%B %Y} is "
        f"forecast to sell {units:,} units, {max(units - base, 0):,} more than at the shelf price"
    )
    households = buyers["households"][-1]
    reach = f"; {households or 0:,} households buy the category and nothing of the supplier"
    return said + (reach if households else "")
