"""Others: which campaigns run in the same days, and whom they address."""

from pathlib import Path

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans import plan
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.data.shop import Shop


def others(days: Period, *own: str) -> list[Campaign]:
    """Return the planned campaigns that run on any of some days.

    `own` are the names of a campaign that is none of them: of its file, its code in the data.
    """
    files = [plan.read(slug) for slug in plan.names()]
    strange = [file for file in files if not {file.slug, file.code}.intersection(_named(own))]
    return [o for o in strange if o.days.first <= days.last and o.days.last >= days.first]


def elsewhere(shop: Shop, days: Period, *own: str, home: Path | None = None) -> pl.DataFrame:
    """Return one row per customer whom another campaign addresses on any of some days.

    Another campaign is one of the planner's, whose control group is not addressed, or one of
    the retailer's data; `own` is as for `others`. Column: customer_id.
    """
    drawn = [assigned(home or paths.home(), shop, other.slug) for other in others(days, *own)]
    found = [each.filter(pl.col("group") != CONTROL).select("customer_id") for each in drawn]
    if shop.has("campaigns") and shop.has("targets"):
        met = nw.col("starts") <= days.last, nw.col("ends") >= days.first
        ran = shop.table("campaigns").filter(*met, ~nw.col("campaign").is_in(_named(own)))
        ids = ran.select("campaign_id")
        reached = shop.table("targets").join(ids, on="campaign_id", how="semi")
        theirs = reached.select("customer_id").unique()
        found.append(fetch(theirs, by=["customer_id"]))
    return pl.concat([pl.DataFrame(schema={"customer_id": pl.Int64}), *found]).unique()


def _named(own: tuple[str, ...]) -> list[str]:
    return [name for name in own if name]
