"""Totals: what a planned campaign is expected to sell, to gain and to cost, and whom it costs that.

Units come from the forecast of the products, narrowed to the customers addressed. The discount
is given on what would have sold anyway, too. What the addressed buy before and after instead, or
of other products, is not taken off.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.forecast import Forecaster, forecast, forecast_for
from workbench.campaigns.plans.keys import CHANNELS
from workbench.campaigns.plans.mechanics import MECHANICS, Reach
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import CENTS_PER_UNIT, fetch, money
from workbench.data.shop import Shop
from workbench.measures.chance import wilson

ENDS = ("", "_low", "_high")
FIGURES = {
    "without": "Sales without the campaign",
    "sales": "Sales, before the discount",
    "more_sales": "More sales",
    "more_margin": "More margin, at shelf prices",
    "discount": "Discount given",
    "messages": "Messages",
}
DEFINITION = {
    "More sales": "units forecast under the offer less units forecast at the shelf price, times "
    "the shelf price, for the customers addressed, as if all took notice; a voucher or gift works "
    "on the share of them who used a coupon of past campaigns; where there were none, on all of "
    "them, and the interval reaches down to nobody",
    "Discount given": "the mechanic's formula, on all units sold, also on those that would have "
    "been bought anyway; a voucher or gift once per customer at most",
    "ROI": "(more margin at shelf prices - what the retailer pays) / what the retailer pays; the "
    "margin of other payers is not known, so theirs is not told",
    "Intervals": "all products at the lower or upper end of their 90 % forecast at once: wider "
    "than 90 %",
    "Messages": "the retailer's, "
    + ", ".join(f"{name} {cost:g}" for name, (_, cost) in CHANNELS.items())
    + " each: an assumption",
}
Span = tuple[float | None, float | None, float | None]
_FIGURE = {"figure": pl.String, "expected": pl.Float64, "low": pl.Float64, "high": pl.Float64}
_PAYER = {
    "payer": pl.String,
    "discount_share": pl.Float64,
    **dict.fromkeys(["cost", "cost_low", "cost_high"], pl.Int64),
}


class Totals(NamedTuple):
    """What a campaign comes to, money in units with two decimals.

    `figures`: one row per figure of `FIGURES`: figure, expected, low, high. `payers`: one row per
    payer, the retailer first: payer, discount_share, cost with cost_low and cost_high; the parts
    add up to the discount to the cent, and the messages are the retailer's. `expects`: what the
    campaign's file keeps, each figure as expected, low, high; nulls where it is unknown.
    """

    figures: pl.DataFrame
    payers: pl.DataFrame
    expects: dict[str, Any]


def forecast_of(
    shop: Shop, campaign: Campaign, learnt: Forecaster, customers: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per product and week of a campaign: what the customers addressed will buy.

    Columns as of `forecast_for` without sales and margin, for the campaign's days in that week and
    those not held out. Added: price (the shelf price) and unit_margin (at that price), in units of
    money, whoever buys it; unit_margin is null without costs.
    """
    asked = nw.col("product").is_in(list(campaign.products))
    named = fetch(shop.products.filter(asked).select("product_id"), by=["product_id"])
    depth = min(MECHANICS[campaign.mechanic].depth(campaign.terms), 0.9)
    days = pl.select(week=pl.date_range(campaign.days.first, campaign.days.last).dt.truncate("1w"))
    weeks = days.group_by("week").agg(days=pl.len())
    offers = (
        named.join(weeks, how="cross")
        .sort("product_id", "week")
        .with_columns(discount_share=pl.lit(depth), display=False, mailer=False)
    )
    sales, margin = (pl.col(name).cast(pl.Float64) for name in ("sales", "margin"))
    price = sales / pl.col("units") / (1 - depth)
    unit_margin = price - (sales - margin) / pl.col("units")
    whole = forecast(learnt, offers).with_columns(price=price, unit_margin=unit_margin)
    told = forecast_for(whole, shop, campaign.period, customers).drop("sales", "margin")
    part = pl.col("days") / 7 * (1 - campaign.control)
    return told.with_columns(pl.col("base_units", "units", "units_low", "units_high") * part)


def used_share(shop: Shop) -> tuple[float, float, float]:
    """Return the share of those addressed by past campaigns who used a coupon, and its interval.

    Where there were none it may be everybody or nobody: 1, and 0 to 1.
    """
    nothing = (1.0, 0.0, 1.0)
    if not (shop.has("targets") and shop.has("redemptions")):
        return nothing
    pair = ["campaign_id", "customer_id"]
    asked, used = (
        fetch(shop.table(name).select(pair).unique(), by=pair)
        for name in ("targets", "redemptions")
    )
    if asked.is_empty():
        return nothing
    counted = asked.join(used.with_columns(used=1), on=pair, how="left")
    n, of = pl.col("used").sum(), pl.len()
    low, high = wilson(n, of)
    return counted.select(n / of, low.alias("low"), high.alias("high")).row(0)


def totals(shop: Shop, campaign: Campaign, forecasts: pl.DataFrame, customers: int) -> Totals:
    """Return what a campaign comes to, from the forecast of its products.

    `forecasts` is what `forecast_of` returns; `customers` may be addressed, control included.
    Products without a forecast are left out.
    """
    told = round(customers * (1 - campaign.control))
    uses = used_share(shop) if MECHANICS[campaign.mechanic].personal else (1.0, 1.0, 1.0)
    known = forecasts.drop_nulls("units")
    cases = [_case(campaign, known, end, use, told) for end, use in zip(ENDS, uses, strict=True)]
    spans = {key: _span([case[key] for case in cases]) for key in cases[0]}
    rows = [(said, *spans[key]) for key, said in FIGURES.items()]
    figures = pl.DataFrame(rows, _FIGURE, orient="row")
    expects = {key: [None if end is None else round(end, 2) for end in spans[key]] for key in spans}
    return Totals(
        _in_money(figures, "expected", "low", "high"),
        payers_of(campaign.pays, spans),
        {"made_on": str(shop.last_day), "data": shop.version, "customers": told, **expects},
    )


def payers_of(pays: Mapping[str, float], expects: Mapping[str, Any]) -> pl.DataFrame:
    """Return who pays what of a plan, as `Totals` has it; no rows without an expectation."""
    if "discount" not in expects:
        return pl.DataFrame(schema=_PAYER)
    ends = [shared(round(100 * end), {"retailer": 0.0, **pays}) for end in expects["discount"]]
    sent = [round(100 * end) for end in expects["messages"]]
    rows = []
    for payer in ends[0]:
        own = payer == "retailer"
        costs = [end[payer] + own * cost for end, cost in zip(ends, sent, strict=True)]
        rows.append((payer, pays.get(payer, 0.0), *costs))
    return pl.DataFrame(rows, _PAYER, orient="row").with_columns(money(*list(_PAYER)[2:]))


def shared(cents: int, pays: Mapping[str, float]) -> dict[str, int]:
    """Return each payer's part of an amount in cents; the parts add up to it exactly.

    >>> shared(100, {"retailer": 1 / 3, "supplier": 2 / 3})
    {'retailer': 33, 'supplier': 67}
    """
    parts = {payer: int(cents * share) for payer, share in pays.items()}
    last = sorted(pays, key=lambda payer: cents * pays[payer] - parts[payer], reverse=True)
    for payer in last[: cents - sum(parts.values())]:
        parts[payer] += 1
    return parts


def _case(
    campaign: Campaign, known: pl.DataFrame, end: str, use: float, told: int
) -> dict[str, float | None]:
    """Return the figures at one end of the forecasts: 90 % low, 90 % high, or expected."""
    mechanic, price = MECHANICS[campaign.mechanic], pl.col("price")
    more = (pl.col(f"units{end}") - pl.col("base_units")) * use
    units, without, more_sales, margin, unknown, orders = known.select(
        (pl.col("base_units") + more).sum(),
        (pl.col("base_units") * price).sum().alias("without"),
        (more * price).sum().alias("more_sales"),
        (more * pl.col("unit_margin")).sum().alias("margin"),
        pl.col("unit_margin").is_null().sum().alias("unknown"),
        (pl.col(f"units{end}") * use).sum().alias("orders"),
    ).row(0)
    sales = without + more_sales
    users = min(orders, told * use)
    reach = Reach(units, sales / units if units else 0.0, users, orders)
    discount = mechanic.given(campaign.terms, reach)
    messages = told * CHANNELS[campaign.channel][1]
    retailer = discount * campaign.pays.get("retailer", 0) + messages
    gained = None if unknown else margin
    roi = None if gained is None or retailer <= 0 else (gained - retailer) / retailer
    named = {"without": without, "sales": sales, "more_sales": more_sales, "more_margin": gained}
    costs = {"discount": discount, "messages": messages, "retailer": retailer}
    return {**named, **costs, "roi": roi, "units": units}


def _span(values: list[float | None]) -> Span:
    """Return the expected value, the least and the most; nothing where one is unknown."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return (None, None, None)
    return (known[0], min(known), max(known))


def _in_money(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    cents = (pl.col(names) * CENTS_PER_UNIT).round(0).cast(pl.Int64)
    return frame.with_columns(cents).with_columns(money(*names))
