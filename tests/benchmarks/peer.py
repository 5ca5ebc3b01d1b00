"""The same questions to openretailscience on DuckDB, by its own Python (`.venv-bench/peer`).

Its classes are used as its documentation says; where it has no class for a question, the nearest
one. `same.py` compares the figures.
"""

import argparse
from pathlib import Path
from typing import Any

import ibis
import timing
from openretailscience.analysis.cohort import CohortAnalysis
from openretailscience.analysis.product_association import ProductAssociation
from openretailscience.analysis.revenue_tree import RevenueTree
from openretailscience.segmentation.hml import HMLSegmentation
from openretailscience.segmentation.rfm import RFMSegmentation
from openretailscience.segmentation.segstats import SegTransactionStats

LAST_DAY, SECOND_HALF, FIRST = "2017-12-31", "2017-07-03", "2017-01-02"
CATEGORY, LEAST = "SOFT DRINKS", 100


def rfm(lines: Any) -> Any:
    """Recency, frequency and monetary value of each customer, with scores."""
    return RFMSegmentation(lines, current_date=LAST_DAY).df.reset_index()


def worth(lines: Any) -> Any:
    """Heavy, medium and light spenders, and what each segment is worth."""
    labels = HMLSegmentation(lines).table.select("customer_id", "segment_name")
    columns = ["customer_id", "transaction_id", "unit_spend"]
    joined = lines.select(columns).join(labels, "customer_id")
    return SegTransactionStats(joined, grouping_sets="total").df


def cohort(lines: Any) -> Any:
    """Customers by the month of their first visit and months since."""
    found = CohortAnalysis(lines, aggregation_column="customer_id").df.reset_index()
    return found.rename(columns=str)


def wallet(lines: Any) -> Any:
    """What each customer spends in a category and outside it."""
    inside = ibis.coalesce(lines.category == CATEGORY, ibis.literal(value=False))
    columns = ["customer_id", "transaction_id", "unit_spend"]
    return _by(lines.select(*columns, inside=inside), "customer_id", "inside")


def profile(lines: Any) -> Any:
    """What each customer spends in each category."""
    columns = ["customer_id", "category", "transaction_id", "unit_spend"]
    return _by(lines.select(columns), "customer_id", "category")


def pairs(lines: Any) -> Any:
    """Products that are bought together."""
    bought = lines.filter(lines.unit_quantity > 0, lines.unit_spend >= 0)
    least = {"min_occurrences": LEAST, "min_cooccurrences": LEAST}
    return ProductAssociation(bought, "product_id", "transaction_id", **least).df


def overview(lines: Any) -> Any:
    """What the change of sales from half year to half year is made of."""
    whole = lines.filter(lines.transaction_date >= FIRST)
    half = ibis.ifelse(whole.transaction_date >= SECOND_HALF, "after", "before")
    return RevenueTree(whole.mutate(half=half), "half", "before", "after").df


def _by(lines: Any, *parts: str) -> Any:
    return SegTransactionStats(lines, list(parts), grouping_sets=[parts]).df


VERBS = {
    "rfm": rfm,
    "worth": worth,
    "cohort": cohort,
    "wallet": wallet,
    "profile": profile,
    "pairs": pairs,
    "headline": overview,
    "overview": overview,
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
