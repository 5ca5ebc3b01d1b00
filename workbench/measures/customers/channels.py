"""Channels: through which customers were addressed, and how they answered on each."""

import narwhals as nw
import polars as pl

from workbench.data.attributes import values
from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import ratio_of_sums, wilson
from workbench.measures.conversion import conversion
from workbench.measures.rows import told
from workbench.measures.weigh import UNLABELLED

SERVICE = "service"
PREFERRED = "preferred channel"


def channels(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment and channel that it was written to by, or said to prefer.

    Columns: segment, channel, customers and messages (0 where none was sent), opened_share,
    clicked_share (of messages) with low_share and high_share (95 % over customers, null where
    none or all was followed), preferred_share (of those of the segment who stated a channel).
    An opening that a channel never reports is null. What customers came to say to the service
    is no message.
    """
    named = told(labels)
    sent = _sent(shop, period)
    sent = sent.join(named, on="customer_id", validate="m:1", maintain_order="left")
    shares = ratio_of_sums(
        pl.col("clicked"), pl.col("messages"), "clicked_share", "low_share", "high_share"
    )
    reports = pl.col("opened").sum().over("channel") > 0
    found = sent.group_by("segment", "channel", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("customers"), pl.col("messages", "opened").sum(), *shares
    )
    opened = pl.when(reports).then(pl.col("opened") / pl.col("messages")).alias("opened_share")
    differ = pl.col("clicked_share").is_between(0, 1, closed="none")
    ends = pl.when(differ).then(pl.col("low_share", "high_share")).name.keep()
    stated = _preferred(shop, period, named)
    asked = pl.col("preferred_share").is_not_null().any().over("segment")
    preferred = pl.when(asked).then(pl.col("preferred_share").fill_null(0))
    return (
        found.with_columns(opened, ends)
        .join(stated, on=["segment", "channel"], how="full", coalesce=True)
        .with_columns(pl.col("customers", "messages").fill_null(0), preferred)
        .select(
            *("segment", "channel", "customers", "messages", "opened_share", "clicked_share"),
            *("low_share", "high_share", "preferred_share"),
        )
        .sort("segment", "channel")
    )


def answered_by_kind(
    shop: Shop, period: str | Period | Latest, labels: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per segment and kind of campaign: how it answered the coupons of that kind.

    Columns: segment, kind, campaigns, targeted (customers times campaigns), redeemers,
    conversion_share with low_share and high_share (Wilson, as if each time were another
    customer). What `conversion` says holds here too. Empty where the shop has no campaigns.
    """
    kinds = {"kind": pl.String(), "campaigns": pl.Int64(), "targeted": pl.Int64()}
    kinds |= {"redeemers": pl.Int64()}
    if not all(shop.has(table) for table in ("campaigns", "targets", "redemptions")):
        found = pl.DataFrame(schema={"segment": labels.schema["segment"], **kinds})
    else:
        named = pl.col("segment").cast(pl.String) != UNLABELLED
        rows = conversion(shop, period, labels).filter(pl.col("targeted") > 0, named)
        found = rows.group_by("segment", "kind").agg(
            pl.len().cast(pl.Int64).alias("campaigns"), pl.col("targeted", "redeemers").sum()
        )
    low, high = wilson(pl.col("redeemers"), pl.col("targeted"))
    share = pl.col("redeemers") / pl.col("targeted")
    shares = {"conversion_share": share, "low_share": low, "high_share": high}
    ordered = found.cast({"segment": labels.schema["segment"]}).sort("segment", "kind")
    return ordered.with_columns(**shares)


def _sent(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer and channel: messages, opened, clicked."""
    if not shop.has("contacts"):
        kinds = {"customer_id": pl.Int64(), "channel": pl.String(), "messages": pl.Int64()}
        return pl.DataFrame(schema={**kinds, "opened": pl.Int64(), "clicked": pl.Int64()})
    window = shop.window(period)
    counts = {
        name: (~nw.col(name).is_null()).cast(nw.Int64).sum() for name in ("opened", "clicked")
    }
    question = (
        shop.table("contacts")
        .filter(nw.col("sent").is_between(window.first, window.last))
        .filter(nw.col("channel") != SERVICE)
        .group_by("customer_id", "channel")
        .agg(messages=nw.len(), **counts)
    )
    return fetch(question, by=["customer_id", "channel"])


def _preferred(shop: Shop, period: str | Period | Latest, named: pl.DataFrame) -> pl.DataFrame:
    kinds = {"segment": named.schema["segment"], "channel": pl.String()}
    if not shop.has("attributes"):
        return pl.DataFrame(schema={**kinds, "preferred_share": pl.Float64()})
    stated = values(shop, period, PREFERRED).join(named, on="customer_id", validate="1:1")
    counted = stated.group_by("segment", pl.col("value").alias("channel")).len()
    share = pl.col("len") / pl.col("len").sum().over("segment")
    return counted.select("segment", "channel", preferred_share=share)
