"""Conversion: how each segment answered the campaigns it was addressed with."""

import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import wilson
from workbench.measures.rows import segments_of, told
from workbench.measures.weigh import UNLABELLED

_CAMPAIGN = ["campaign_id", "campaign", "kind", "starts", "ends"]
_TABLES = ("campaigns", "targets", "redemptions")


def conversion(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per campaign and segment in its declared order, Unlabelled last.

    Campaigns are those that start and end inside the period. Columns: campaign, kind, starts,
    ends, segment, targeted (customers of the segment it was addressed to), redeemers (those of
    them who redeemed at least one of its coupons by the period's last day), redemptions (how
    many they redeemed) and conversion_share = redeemers / targeted. Who redeemed without having
    been addressed is not counted. Where nobody was addressed nothing can be said: nulls.

    A label made from the same days knows the answer already; to compare segments fairly label
    a period that ends before the campaigns start. Redeeming is not an effect: who redeems might
    have bought anyway. Raises ValueError where the shop has no campaigns, targets or redemptions.
    """
    segments = [*labels["segment"].dtype.categories, UNLABELLED]  # type: ignore[attr-defined]
    order = pl.Enum(segments)
    named = told(labels).cast({"segment": order})
    window = shop.window(period)
    ran = _ran(shop, window)
    every = pl.DataFrame({"segment": segments}, schema={"segment": order})
    rows = ran.join(every, how="cross", maintain_order="left_right")
    answers = (
        _answers(shop, window)
        .join(named, on="customer_id", how="left", validate="m:1")
        .group_by("campaign_id", pl.col("segment").fill_null(UNLABELLED))
        .agg(
            targeted=pl.len().cast(pl.Int64),
            redeemers=(pl.col("redeemed") > 0).sum().cast(pl.Int64),
            redemptions=pl.col("redeemed").sum(),
        )
    )
    return (
        rows.join(answers, on=["campaign_id", "segment"], how="left", maintain_order="left")
        .with_columns(
            pl.col("targeted").fill_null(0),
            conversion_share=pl.col("redeemers") / pl.col("targeted"),
        )
        .drop("campaign_id")
    )


def answered(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment in its declared order: how it answered all campaigns together.

    Campaigns are those that start and end inside the period. Columns: segment, customers
    (addressed at least once), contacts (customers times campaigns), redeemers (customers who
    redeemed a coupon of a campaign addressed to them), conversion_share = redeemers / customers
    and low_share and high_share, its Wilson 95 % interval over customers. Nulls where nobody was
    addressed, or where the shop has no campaigns.

    What `conversion` says of labels and effects holds here too; and who is addressed more often
    has more chances to answer.
    """
    found = addressed(shop, period).join(told(labels), on="customer_id", validate="1:1")
    summed = found.group_by("segment").agg(
        customers=pl.len().cast(pl.Int64),
        contacts=pl.col("contacts").sum(),
        redeemers=pl.col("redeemed").sum().cast(pl.Int64),
    )
    low, high = wilson(pl.col("redeemers"), pl.col("customers"))
    table = segments_of(labels).join(summed, on="segment", how="left", maintain_order="left")
    return table.with_columns(
        pl.col("customers", "contacts").fill_null(0),
        conversion_share=pl.col("redeemers") / pl.col("customers"),
        low_share=low,
        high_share=high,
    )


def say_answered(answers: pl.DataFrame) -> str:
    """Return the sentence that says which segment answered most, and whether that is sure."""
    known = answers.drop_nulls("conversion_share")
    if known.is_empty():
        return "Nobody was addressed by a campaign of this period"
    best, *rest = known.sort("conversion_share", descending=True).rows(named=True)
    said = f"{best['segment']} answered most: {best['conversion_share']:.0%} of those addressed"
    if all(best["low_share"] > other["high_share"] for other in rest):
        return said
    return f"{said}; not surely more than every other segment"


def addressed(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer whom a campaign inside the period was addressed to.

    Columns: customer_id, contacts (campaigns), redeemed (whether any of their coupons was, by
    the period's last day), by id. Nobody where the shop has no campaigns, targets or redemptions.
    """
    if not all(shop.has(table) for table in _TABLES):
        kinds = {"customer_id": pl.Int64(), "contacts": pl.Int64(), "redeemed": pl.Boolean()}
        return pl.DataFrame(schema=kinds)
    window = shop.window(period)
    ran = _ran(shop, window).select("campaign_id")
    inside = _answers(shop, window).join(ran, on="campaign_id", how="semi")
    each = inside.group_by("customer_id").agg(
        contacts=pl.len().cast(pl.Int64), redeemed=(pl.col("redeemed") > 0).any()
    )
    return each.sort("customer_id")


def _ran(shop: Shop, window: Period) -> pl.DataFrame:
    campaigns = fetch(shop.table("campaigns").select(_CAMPAIGN), by=["campaign_id"])
    inside = (pl.col("starts") >= window.first) & (pl.col("ends") <= window.last)
    return campaigns.filter(inside).sort("starts", "ends", "campaign_id")


def _answers(shop: Shop, window: Period) -> pl.DataFrame:
    """Return one row per campaign and customer addressed: how many coupons were redeemed."""
    pair = ["campaign_id", "customer_id"]
    targets = fetch(shop.table("targets").select(pair).unique(), by=pair)
    redemptions = fetch(shop.table("redemptions").select(*pair, "day"), by=[*pair, "day"])
    counted = redemptions.filter(pl.col("day") <= window.last).group_by(pair)
    redeemed = counted.agg(redeemed=pl.len().cast(pl.Int64))
    return targets.join(redeemed, on=pair, how="left").with_columns(pl.col("redeemed").fill_null(0))
