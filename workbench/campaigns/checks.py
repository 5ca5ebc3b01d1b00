"""Checks of a planned campaign: what would go wrong, told before it does."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.campaigns import plan
from workbench.campaigns.audience import Audience
from workbench.campaigns.groups import assigned
from workbench.campaigns.mechanics import MECHANICS
from workbench.campaigns.plan import Campaign
from workbench.campaigns.power import SHARES, power, spend_before
from workbench.campaigns.weeks import PIECE
from workbench.data.checks.check import AMBER, GREEN, RED, some
from workbench.data.engine import fetch, total
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
_SCHEMA = {
    "check": pl.String,
    "status": pl.String,
    "count": pl.Int64,
    "out_of": pl.Int64,
    "meaning": pl.String,
    "treatment": pl.String,
}
Row = tuple[str, str, int | None, int | None, str, str]


def check_plan(
    shop: Shop,
    campaign: Campaign,
    found: Audience,
    forecasts: pl.DataFrame,
    expects: Mapping[str, Any],
) -> pl.DataFrame:
    """Return one row per check: check, status (green, amber, red), count, out_of, share, meaning,
    treatment (the way out).

    `found` and `forecasts` are what `audience` and `forecast_of` return, `expects` what `totals`
    expects.
    """
    rows = [
        *_products(shop, campaign, forecasts),
        _stock(shop, forecasts),
        _margin(campaign, forecasts),
        _consent(found),
        _overlap(shop, campaign, found),
        _effect(campaign, expects, power_of(shop, campaign, found)),
        _budget(campaign, expects),
        _worth(expects),
        _days(shop, campaign),
    ]
    frame = pl.DataFrame(rows, _SCHEMA, orient="row")
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


def _products(shop: Shop, campaign: Campaign, forecasts: pl.DataFrame) -> Iterator[Row]:
    asked = nw.col("product").is_in(list(campaign.products))
    known = fetch(shop.products.filter(asked).select("product"), by=["product"])["product"]
    strange = [product for product in campaign.products if product not in set(known)]
    status, of = RED if strange else GREEN, len(campaign.products)
    said = f"unknown here: {some(strange)}" if strange else "the shop knows them all"
    yield "Products known", status, len(strange), of, said, "write ids as the retailer does"
    rare = forecasts.filter(pl.col("units").is_null())["product_id"].n_unique()
    meaning = (
        "sold too rarely for a forecast, and left out of the totals" if rare else "all forecast"
    )
    yield "Forecast", AMBER if rare else GREEN, rare, of, meaning, "choose products sold every week"


def _stock(shop: Shop, forecasts: pl.DataFrame) -> Row:
    """Compare what lies in all stores at the newest count with what those addressed will buy."""
    name, way = "In stock", "order more, or choose another product"
    wanted = forecasts.group_by("product_id").agg(pl.col("units").sum())
    if not shop.has("stock"):
        return name, AMBER, None, None, "stock is not in the data, so nobody knows", way
    weeks = shop.table("stock").filter(nw.col("week") <= shop.last_day)
    newest = weeks.group_by("product_id", "store_id").agg(nw.col("week").max())
    now = weeks.join(newest, on=["product_id", "store_id", "week"], how="semi")
    held = fetch(now.group_by("product_id").agg(held=total("units")), by=["product_id"])
    both = wanted.join(held, on="product_id", how="left")
    short = both.filter(pl.col("held") / PIECE < pl.col("units")).height
    unknown = both["held"].null_count()
    if short:
        return name, RED, short, both.height, "less in all stores than the forecast sells", way
    said = "never counted in the data, so nobody knows" if unknown else "enough at the newest count"
    return name, AMBER if unknown else GREEN, unknown, both.height, said, way


def _margin(campaign: Campaign, forecasts: pl.DataFrame) -> Row:
    """Tell whether a piece costs the retailer money after the part of the discount it pays."""
    name, way = "Margin of a piece", "give less, or let the supplier pay more of it"
    depth = MECHANICS[campaign.mechanic].depth(campaign.terms) * campaign.pays.get("retailer", 0)
    each = forecasts.unique("product_id").select(pl.col("unit_margin") - depth * pl.col("price"))
    left = each["unit_margin"]
    lost, unknown = int((left < 0).sum()), left.null_count()
    if lost:
        return name, RED, lost, len(left), "sold below cost, after what others pay", way
    said = "the cost is unknown" if unknown else "stays positive, after what others pay"
    return name, AMBER if unknown else GREEN, unknown, len(left), said, way


def _consent(found: Audience) -> Row:
    asked = found.steps.filter(pl.col("step").str.starts_with("Consent"))
    refused, of = int(asked["left_out"].sum()), int(found.steps["customers"][0])
    status = RED if found.customers.is_empty() else AMBER if refused > of / 2 else GREEN
    said = "nobody may be addressed" if status == RED else "are left out, having not consented"
    return "Consent", status, refused, of, said, "another channel, or ask for consent"


def _overlap(shop: Shop, campaign: Campaign, found: Audience) -> Row:
    """Count who of the audience is addressed by another campaign in the same days."""
    inside = campaign.days
    others = [plan.read(slug) for slug in plan.names() if slug != campaign.slug]
    met = [o for o in others if o.days.first <= inside.last and o.days.last >= inside.first]
    drawn = [assigned(paths.home(), shop, other.slug).select("customer_id") for other in met]
    if shop.has("campaigns") and shop.has("targets"):
        ran = shop.table("campaigns").filter(
            nw.col("starts") <= inside.last,
            nw.col("ends") >= inside.first,
            nw.col("campaign") != campaign.code,
        )
        ids = shop.table("targets").join(ran, on="campaign_id", how="semi").select("customer_id")
        drawn.append(fetch(ids.unique(), by=["customer_id"]))
    theirs = pl.concat([frame.cast(pl.Int64) for frame in drawn]) if drawn else None
    both = (
        0 if theirs is None else found.customers.join(theirs, on="customer_id", how="semi").height
    )
    alike = [o.slug for o in met if set(o.products) & set(campaign.products)]
    said = "are addressed by another campaign in the same days"
    said += f"; the same products are in {some(alike)}" if alike else ""
    status = AMBER if both or alike else GREEN
    return "Overlap", status, both, found.customers.height, said, "other days, or exclude them"


def _effect(campaign: Campaign, expects: Mapping[str, Any], curve: pl.DataFrame) -> Row:
    name, way = (
        "Large enough to see",
        "more customers, a longer campaign, or a larger control group",
    )
    told, more = expects["customers"], expects["more_sales"][0]
    planned = curve.filter(pl.col("control_share") == campaign.control)["seen_amount"]
    if planned.is_empty() or not told:
        return name, AMBER, None, None, "too few customers to tell", way
    each, seen = more / told, planned[0]
    said = f"{each:,.2f} more per customer expected, and effects from {seen:,.2f} are seen"
    return name, GREEN if each >= seen else AMBER, None, None, said, way


def _budget(campaign: Campaign, expects: Mapping[str, Any]) -> Row:
    name, way = "Budget", "set a budget, give less, or address fewer"
    spent = expects["discount"][2] + expects["messages"][2]
    if not campaign.budget:
        return name, AMBER, None, None, f"none is set; it may cost up to {spent:,.2f}", way
    status = RED if spent > campaign.budget else GREEN
    return name, status, None, None, f"{campaign.budget:,.2f}; it may cost up to {spent:,.2f}", way


def _worth(expects: Mapping[str, Any]) -> Row:
    name, way = (
        "Pays for the retailer",
        "give less, choose a product with more margin, share the cost",
    )
    value, low, _ = expects["roi"]
    if value is None:
        return name, AMBER, None, None, "cannot be told: a cost is unknown, or nothing is paid", way
    if value < 0:
        return name, AMBER, None, None, "is expected to cost the retailer more than it brings", way
    said = "surely, by the forecast" if low > 0 else "is expected to, but not surely"
    return name, GREEN, None, None, said, way


def _days(shop: Shop, campaign: Campaign) -> Row:
    days, name = campaign.days, "Days"
    if campaign.mechanic == "flash sale" and days.days > FLASH_DAYS:
        return name, RED, days.days, None, "too long for a flash sale", f"{FLASH_DAYS} days at most"
    if days.first <= shop.last_day:
        said = f"has begun: the data is complete to {shop.last_day}"
        return name, AMBER, days.days, None, said, "plan days to come"
    return name, GREEN, days.days, None, "all to come", ""
