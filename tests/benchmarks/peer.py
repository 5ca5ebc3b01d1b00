"""The same questions to openretailscience on DuckDB, by its own Python (`.venv-bench/peer`).

Its classes are used as its documentation says; where it has no class for a question, the nearest
one. `same.py` compares the figures.
"""

import argparse
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import timing
from openretailscience.analysis.cohort import CohortAnalysis
from openretailscience.analysis.composite_rank import CompositeRank
from openretailscience.analysis.cross_shop import CrossShop
from openretailscience.analysis.customer import (
    DaysBetweenPurchases,
    PurchasesPerCustomer,
    TransactionChurn,
)
from openretailscience.analysis.customer_decision_hierarchy import CustomerDecisionHierarchy
from openretailscience.analysis.gain_loss import GainLoss
from openretailscience.analysis.product_association import ProductAssociation
from openretailscience.analysis.revenue_tree import RevenueTree
from openretailscience.experimental.clv import CLVStats
from openretailscience.experimental.metrics.distribution.pct_of_stores import PctOfStores
from openretailscience.segmentation.hml import HMLSegmentation
from openretailscience.segmentation.nlr import NLRSegmentation
from openretailscience.segmentation.rfm import RFMSegmentation
from openretailscience.segmentation.segstats import SegTransactionStats
from openretailscience.segmentation.threshold import ThresholdSegmentation

LAST_DAY, FIRST = "2017-12-31", "2017-01-02"
SECOND_HALF, QUARTER, QUARTER_BEFORE = "2017-07-03", "2017-10-02", "2017-07-03"
CATEGORY, OTHER, BRAND, LEAST = "SOFT DRINKS", "BAG SNACKS", "Private", 100
NO_GOODS = ["FUEL", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG"]
VISITS = ["customer_id", "transaction_id", "unit_spend"]
BASE, TOP = 50, 40


def rfm(lines: Any) -> Any:
    """Recency, frequency and monetary value of each customer, with scores."""
    return RFMSegmentation(lines, current_date=LAST_DAY).df.reset_index()


def worth(lines: Any) -> Any:
    """Heavy, medium and light spenders, and what each segment is worth."""
    labels = HMLSegmentation(lines).table.select("customer_id", "segment_name")
    joined = lines.select(VISITS).join(labels, "customer_id")
    return SegTransactionStats(joined, grouping_sets="total").df


def weigh(lines: Any) -> Any:
    """What segments that are known are worth."""
    columns = lines.select(*VISITS, "unit_cost", segment=_segment(lines))
    return _by(columns, "segment", cost=("unit_cost", "sum"))


def big_spenders(lines: Any) -> Any:
    """Outliers, heavy, medium and light spenders."""
    names = ["Light", "Medium", "Heavy", "Outliers"]
    return ThresholdSegmentation(lines, [0.5, 0.8, 0.99, 1], names).df.reset_index()


def repeats(lines: Any) -> Any:
    """How often, until when and for how long each customer bought; it has no model of them."""
    return CLVStats(lines).df


def spend_variation(lines: Any) -> Any:
    """Who is new, lapsed and repeating, with what each spent in both half years."""
    return NLRSegmentation(_halves(lines), "half", "p1", "p2").df.reset_index()


def frequency_variation(lines: Any) -> Any:
    """The same, with how often each came."""
    counted = {"value_col": "transaction_id", "agg_func": "nunique"}
    return NLRSegmentation(_halves(lines), "half", "p1", "p2", **counted).df.reset_index()


def frequency_cohort(lines: Any) -> Any:
    """How often each customer came."""
    return PurchasesPerCustomer(lines).df.reset_index()


def cohort(lines: Any) -> Any:
    """Customers by the month of their first visit and months since."""
    found = CohortAnalysis(lines, aggregation_column="customer_id").df.reset_index()
    return found.rename(columns=str)


def wallet(lines: Any) -> Any:
    """What each customer spends in a category and outside it."""
    inside = ibis.coalesce(lines.category == CATEGORY, ibis.literal(value=False))
    return _by(lines.select(*VISITS, inside=inside), "customer_id", "inside")


def profile(lines: Any) -> Any:
    """What each customer spends in each category."""
    return _by(lines.select(*VISITS, "category"), "customer_id", "category")


def switching(lines: Any) -> Any:
    """What each customer did to a brand, and what of it other brands gave or took."""
    return _gain_loss(lines).gain_loss_df.reset_index().astype({"customer_id": str})


def gain_and_loss(lines: Any) -> Any:
    """From where a brand's change in sales came."""
    return _gain_loss(lines).gain_loss_table_df


def lapsed(lines: Any) -> Any:
    """What share of customers stayed away for four weeks after their first, second ... day."""
    quarter = lines.filter(lines.transaction_date >= QUARTER)
    return TransactionChurn(quarter, churn_period=28).df.reset_index()


def habits(lines: Any) -> Any:
    """How many days there are between each customer's purchases."""
    quarter = lines.filter(lines.transaction_date >= QUARTER)
    return DaysBetweenPurchases(quarter).df.reset_index()


def crossing(lines: Any) -> Any:
    """Who buys one category, the other, both or none, and what they spend."""
    bought = lines.filter((lines.unit_quantity > 0) | (lines.unit_spend > 0))
    found = CrossShop(bought, "category", CATEGORY, OTHER)
    return found.cross_shop_table_df.drop(columns="groups")


def pairs(lines: Any) -> Any:
    """Products that are bought together."""
    bought = lines.filter(lines.unit_quantity > 0, lines.unit_spend >= 0)
    least = {"min_occurrences": LEAST, "min_cooccurrences": LEAST}
    return ProductAssociation(bought, "product_id", "transaction_id", **least).df


def overview(lines: Any) -> Any:
    """What the change of sales from half year to half year is made of."""
    return RevenueTree(_halves(lines), "half", "p1", "p2").df


def diagnosis(lines: Any) -> Any:
    """The same of one category."""
    return overview(lines.filter(lines.category == CATEGORY))


def times(lines: Any) -> Any:
    """When people shop, by weekday and hour."""
    at = lines.transaction_date
    when = {"weekday": at.day_of_week.index(), "hour": at.hour()}
    return _by(lines.select("transaction_id", "unit_spend", **when), *when)


def scorecards(lines: Any) -> Any:
    """How each category stands against the quarter before."""
    both = lines.filter(lines.transaction_date >= QUARTER_BEFORE)
    window = ibis.ifelse(both.transaction_date >= QUARTER, "Now", "Before")
    columns = both.select(*VISITS, "category", "unit_quantity", "unit_cost", window=window)
    return _by(columns, "category", "window", cost=("unit_cost", "sum"))


def loyalty(lines: Any) -> Any:
    """What loyal customers bring and what they are given, beside the others."""
    columns = lines.select(*VISITS, "unit_cost", "discount", loyal=_segment(lines) == 0)
    sums = {"cost": ("unit_cost", "sum"), "discount": ("discount", "sum")}
    return _by(columns, "loyal", **sums)


def discounts(lines: Any) -> Any:
    """What each segment buys at which depth of discount."""
    depth = lines.discount / (lines.unit_spend + lines.discount).nullif(0)
    step = depth.bucket([0, 0.05, 0.15, 0.25, 0.4], include_over=True)
    columns = lines.select(*VISITS, "discount", segment=_segment(lines), depth=step)
    return _by(columns, "segment", "depth", discount=("discount", "sum"))


def lifecycle(lines: Any) -> Any:
    """Who is new, lapsed and repeating: in a quarter, and ever before."""
    now = ibis.ifelse(lines.transaction_date >= QUARTER, "p2", "p1")
    return NLRSegmentation(lines.mutate(quarter=now), "quarter", "p1", "p2").df.reset_index()


def hierarchy(lines: Any) -> Any:
    """How far apart each two of a category's largest items are, by Yule's Q."""
    days, inside = lines.transaction_date >= SECOND_HALF, lines.category == CATEGORY
    bought = lines.filter(days, inside, lines.unit_quantity > 0)
    buyers = bought.group_by("product_id").agg(buyers=bought.customer_id.nunique())
    largest = buyers.order_by(ibis.desc("buyers")).limit(TOP).select("product_id")
    held = bought.semi_join(largest, "product_id")
    frame = held.select("customer_id", "transaction_id", "product_id").execute()
    found = CustomerDecisionHierarchy(frame, "product_id")
    return pd.DataFrame(found.distances).rename(columns=str)


def reach(lines: Any) -> Any:
    """In what share of stores each item of a category sells."""
    days, inside = lines.transaction_date >= SECOND_HALF, lines.category == CATEGORY
    return PctOfStores(lines.filter(days, inside, lines.unit_quantity > 0)).df


def key_items(lines: Any) -> Any:
    """The items whose price many customers know, by a rank of several parts."""
    other = ibis.coalesce(lines.category.isin(NO_GOODS), ibis.literal(value=False))
    bought = lines.filter(lines.unit_quantity > 0, ~other)
    weeks = bought.transaction_date.truncate("W").nunique()
    items = bought.group_by("product_id", "category").agg(
        buyers=bought.customer_id.nunique(),
        receipts=bought.count(),
        spend=bought.unit_spend.sum(),
        discount=bought.discount.sum(),
        weeks=weeks,
    )
    often = items.weeks >= bought.aggregate(weeks=weeks).weeks.as_scalar() / 2
    kept = items.mutate(
        each=items.receipts / items.buyers,
        lead=items.spend / items.spend.sum().over(ibis.window(group_by="category")),
        given=items.discount / (items.spend + items.discount),
    ).filter(items.buyers >= BASE, often)
    best = [(name, "desc") for name in ("buyers", "each", "receipts", "lead")]
    return CompositeRank(kept, [*best, ("given", "asc")], "mean").df


def _by(lines: Any, *parts: str, **more: tuple[str, str]) -> Any:
    return SegTransactionStats(lines, list(parts), extra_aggs=more, grouping_sets=[parts]).df


def _segment(lines: Any) -> Any:
    return lines.customer_id.right(1).cast("int64") % 4


def _halves(lines: Any) -> Any:
    whole = lines.filter(lines.transaction_date >= FIRST)
    return whole.mutate(half=ibis.ifelse(whole.transaction_date >= SECOND_HALF, "p2", "p1"))


def _gain_loss(lines: Any) -> Any:
    columns = ["customer_id", "brand", "unit_spend", "half"]
    frame = _halves(lines.filter(lines.category == CATEGORY)).select(columns).execute()
    own, late = frame["brand"] == BRAND, frame["half"] == "p2"
    return GainLoss(frame, ~late, late, own, BRAND, ~own, "other brands")


VERBS = {
    "rfm": rfm,
    "worth": worth,
    "weigh": weigh,
    "big spenders": big_spenders,
    "repeats": repeats,
    "spend variation": spend_variation,
    "frequency variation": frequency_variation,
    "frequency cohort": frequency_cohort,
    "cohort": cohort,
    "wallet": wallet,
    "profile": profile,
    "switching": switching,
    "gain and loss": gain_and_loss,
    "lapsed": lapsed,
    "habits": habits,
    "crossing": crossing,
    "pairs": pairs,
    "headline": overview,
    "overview": overview,
    "times": times,
    "diagnosis": diagnosis,
    "scorecards": scorecards,
    "loyalty": loyalty,
    "discounts": discounts,
    "lifecycle": lifecycle,
    "hierarchy": hierarchy,
    "reach": reach,
    "key items": key_items,
}


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("home", type=Path)
    asked.add_argument("verb", choices=VERBS)
    asked.add_argument("--repeats", type=int, default=0)
    asked.add_argument("--result", default="")
    given = asked.parse_args()
    table = ibis.read_parquet(str(given.home / "plain" / "*.parquet"))
    timing.report(lambda _: VERBS[given.verb](table), given.repeats, given.result)
