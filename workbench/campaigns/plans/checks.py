"""Checks of a planned campaign: what would go wrong, told before it does."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from workbench.campaigns.audiences.audience import Audience
from workbench.campaigns.audiences.power import SHARES, power, spend_before
from workbench.campaigns.forecasts.weeks import PIECE
from workbench.campaigns.plans.mechanics import MECHANICS
from workbench.campaigns.plans.others import elsewhere, others
from workbench.campaigns.plans.plan import Campaign
from workbench.data.checks.check import AMBER, GREEN, RED, some
from workbench.data.engine import fetch, total
from workbench.data.period import written
from workbench.data.shop import NotCovered, Shop

FLASH_DAYS = 3
HEADINGS = {
    "discount_share": "Of the discount",
    "cost_low": "At least",
    "cost_high": "At most",
    "control_share": "Held out",
    "control": "Customers held out",
    "target": "Customers addressed",
    "seen_amount": "Smallest effect seen",
    "seen_share": "Of what they spend",
}
CHECKS = {
    "Products known": "write ids as the retailer does",
    "Forecast": "choose products that are sold every week",
    "In stock": "order more, or choose another product",
    "Margin of a piece": "give less, or let the supplier pay more of it",
    "Consent": "another channel, or ask for consent",
    "Overlap": "other days, or exclude them",
    "Large enough to see": "more customers, more days, or a larger control group",
    "Budget": "set a budget, give less, or address fewer",
    "Pays for the retailer": "give less, choose a product with more margin, share the cost",
    "Days": f"plan days to come, for a flash sale {FLASH_DAYS} at most",
}
Row = tuple[str, int | None, int | None, str]
Expects = Mapping[str, Any]


def check_plan(
    shop: Shop,
    campaign: Campaign,
    found: Audience,
    forecasts: pl.DataFrame,
    expects: Expects,
) -> pl.DataFrame:
    """Return one row per check: check, status (green, amber, red), count, out_of, share, meaning,
    treatment (the way out).

    `found` and `forecasts` are what `audience` and `forecast_of` return, `expects` what `totals`
    expects.
    """
    found_out = [
        _products(shop, campaign),
        _forecast(forecasts),
        _stock(shop, forecasts),
        _margin(campaign, forecasts),
        _consent(found),
        _overlap(shop, campaign, found),
        _effect(campaign, expects, power_of(shop, campaign, found), shop.currency),
        _budget(campaign, expects),
        _worth(expects),
        _days(shop, campaign),
    ]
    rows = [(*pair, *row) for pair, row in zip(CHECKS.items(), found_out, strict=True)]
    texts, counts = ["check", "treatment", "status", "meaning"], ["count", "out_of"]
    names = [*texts[:3], *counts, texts[3]]
    kinds = dict.fromkeys(texts, pl.String) | dict.fromkeys(counts, pl.Int64)
    frame = pl.DataFrame(rows, {name: kinds[name] for name in names}, orient="row")
    return frame.with_columns(share=pl.col("count") / pl.col("out_of"))


def power_of(shop: Shop, campaign: Campaign, found: Audience) -> pl.DataFrame:
    """Return the smallest effects seen by size of the control group, the planned size first.

    Spend is that of the last days of the data before the campaign, as many as it has; there are
    no rows where the data does not reach back that far.
    """
    after = min(campaign.days.first, shop.last_day + dt.timedelta(days=1))
    try:
        before = spend_before(shop, found.customers, starts=after, days=campaign.days.days)
    except NotCovered:
        return power(pl.DataFrame(schema={"sales": pl.Float64, "sales_earlier": pl.Float64}))
    shares = (campaign.control, *(share for share in SHARES if share != campaign.control))
    return power(before, shares=shares, offers=len(campaign.offers))


def say_plan(checked: pl.DataFrame) -> str:
    """Return the sentence that says whether a campaign can go ahead as it is planned."""
    names = {
        status: checked.filter(pl.col("status") == status)["check"].to_list()
        for status in (RED, AMBER)
    }
    if names[RED]:
        return f"Not yet: {', '.join(names[RED]).lower()}"
    if names[AMBER]:
        return f"It can go ahead; think of: {', '.join(names[AMBER]).lower()}"
    return "It can go ahead: nothing stands in its way"


def _products(shop: Shop, campaign: Campaign) -> Row:
    asked = nw.col("product").is_in(list(campaign.products))
    known = fetch(shop.products.filter(asked).select("product"), by=["product"])["product"]
    strange, of = sorted(set(campaign.products) - set(known)), len(campaign.products)
    if strange:
        return RED, len(strange), of, f"unknown here: {some(strange)}"
    return GREEN, 0, of, "the shop knows them all"


def _forecast(forecasts: pl.DataFrame) -> Row:
    rare = forecasts.filter(pl.col("units").is_null())["product_id"].n_unique()
    of = forecasts["product_id"].n_unique()
    if rare:
        return AMBER, rare, of, "sold too rarely for a forecast, and left out of the totals"
    return GREEN, 0, of, "all are forecast"


def _stock(shop: Shop, forecasts: pl.DataFrame) -> Row:
    """Compare what lies in all stores at the newest count with what those addressed will buy."""
    wanted = forecasts.group_by("product_id").agg(pl.col("units").sum())
    if not shop.has("stock"):
        return AMBER, None, None, "stock is not in the data, so nobody knows"
    weeks = shop.table("stock").filter(nw.col("week") <= shop.last_day)
    newest = weeks.group_by("product_id", "store_id").agg(nw.col("week").max())
    now = weeks.join(newest, on=["product_id", "store_id", "week"], how="semi")
    held = fetch(now.group_by("product_id").agg(held=total("units")), by=["product_id"])
    both = wanted.join(held, on="product_id", how="left")
    short = both.filter(pl.col("held") / PIECE < pl.col("units")).height
    return _worst(
        *(short, "less in all stores than the forecast sells"),
        *(both["held"].null_count(), "never counted in the data, so nobody knows"),
        *(both.height, "enough at the newest count"),
    )


def _margin(campaign: Campaign, forecasts: pl.DataFrame) -> Row:
    """Tell whether a piece costs the retailer money after the part of the discount it pays."""
    depth = MECHANICS[campaign.mechanic].depth(campaign.terms) * campaign.pays.get("retailer", 0)
    each = forecasts.unique("product_id").select(pl.col("unit_margin") - depth * pl.col("price"))
    left = each["unit_margin"]
    return _worst(
        *(int((left < 0).sum()), "sold below cost, after what others pay"),
        *(left.null_count(), "the cost is unknown"),
        *(len(left), "stays positive, after what others pay"),
    )


def _worst(bad: int, worse: str, unknown: int, unsure: str, of: int, good: str) -> Row:
    """Return red for what is wrong, or amber for what is unknown, or green."""
    if bad:
        return RED, bad, of, worse
    return (AMBER, unknown, of, unsure) if unknown else (GREEN, 0, of, good)


def _consent(found: Audience) -> Row:
    asked = found.steps.filter(pl.col("step").str.starts_with("Consent"))
    refused, of = int(asked["left_out"].sum()), int(found.steps["customers"][0])
    if found.customers.is_empty():
        return RED, refused, of, "nobody may be addressed"
    status = AMBER if refused > of / 2 else GREEN
    return status, refused, of, "are left out, having not consented"


def _overlap(shop: Shop, campaign: Campaign, found: Audience) -> Row:
    """Count who of the audience is addressed by another campaign in the same days."""
    own = campaign.slug, campaign.code
    theirs = elsewhere(shop, campaign.days, *own)
    both = found.customers.join(theirs, on="customer_id", how="semi").height
    met = others(campaign.days, *own)
    alike = [o.slug for o in met if set(o.products) & set(campaign.products)]
    said = "are addressed by another campaign in the same days"
    said += f"; the same products are in {some(alike)}" if alike else ""
    return AMBER if both or alike else GREEN, both, found.customers.height, said


def _effect(campaign: Campaign, expects: Expects, curve: pl.DataFrame, money: str) -> Row:
    planned = curve.filter(pl.col("control_share") == campaign.control)["seen_amount"]
    if planned.is_empty() or not expects["customers"]:
        return AMBER, None, None, "too few customers, or too little spend before, to tell"
    each, seen = expects["more_sales"][0] / expects["customers"], planned[0]
    said = f"{each:,.2f} {money} more per customer expected; effects from {seen:,.2f} are seen"
    return GREEN if each >= seen else AMBER, None, None, said


def _budget(campaign: Campaign, expects: Expects) -> Row:
    spent = expects["discount"][2] + expects["messages"][2]
    said = f"it may cost up to {spent:,.2f}"
    if not campaign.budget:
        return AMBER, None, None, f"none is set; {said}"
    status = RED if spent > campaign.budget else GREEN
    return status, None, None, f"{campaign.budget:,.2f}; {said}"


def _worth(expects: Expects) -> Row:
    value, low, _ = expects["roi"]
    if value is None:
        return AMBER, None, None, "cannot be told: a cost is unknown, or nothing is paid"
    if value < 0:
        return AMBER, None, None, "is expected to cost the retailer more than it brings"
    return GREEN, None, None, "surely" if low > 0 else "is expected to, but not surely"


def _days(shop: Shop, campaign: Campaign) -> Row:
    days = campaign.days
    if campaign.mechanic == "flash sale" and days.days > FLASH_DAYS:
        return RED, days.days, None, "too long for a flash sale"
    if days.first <= shop.last_day:
        return (
            AMBER,
            days.days,
            None,
            f"has begun: the data is complete to {written(shop.last_day)}",
        )
    return GREEN, days.days, None, "all to come"
