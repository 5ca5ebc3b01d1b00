"""Conversion: how each segment answered the campaigns it was addressed with."""

import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.weigh import UNLABELLED

_CAMPAIGN = ["campaign_id", "campaign", "kind", "starts", "ends"]


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
    told = labels.select(
        pl.col("customer_id").cast(pl.Int64), pl.col("segment").cast(pl.String).cast(order)
    )
    window = shop.window(period)
    ran = _ran(shop, window)
    rows = ran.join(pl.DataFrame({"segment": segments}, schema={"segment": order}), how="cross")
    answers = (
        _answers(shop, window)
        .join(told, on="customer_id", how="left", validate="m:1")
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
