"""Weeks: what customers' calendar weeks come to, for questions that cut none of them.

The door keeps sums by customer and week, and by customer, category and week: half of the receipts
and a part of the lines. A week that two months share is kept in two parts, so that whole months
are made of them too.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from workbench.data.engine import UNCOSTED
from workbench.data.period import Period, begins_a_week
from workbench.data.shop import Shop

VISIT_DAY = nw.when(nw.col("new_basket") > 0).then(nw.col("day"))
"""The day of a receipt on which something was bought; null where something only came back."""


def customer_weeks(shop: Shop, *windows: Period) -> nw.LazyFrame[Any]:
    """Return what each customer's weeks in the days looked at come to, to be added up.

    One row per customer (null: no card) and part of a week. Columns: customer_id, day (of the
    first receipt), month, first_visit and last_visit (null where something only came back),
    new_basket (visits), lines, quantity, sales, goods, margin, uncosted and the discounts. Ask
    for sums, the least and the most only, of all days or of `windows` by `day`: where one of
    them cuts a week, or not all stores are looked at, receipts stand in for their weeks.
    """
    if _cut_none(shop, windows) and shop.has("customer_weeks"):
        return shop.looked_at("customer_weeks")
    return shop.receipts.with_columns(first_visit=VISIT_DAY, last_visit=VISIT_DAY)


def category_weeks(shop: Shop, *windows: Period) -> nw.LazyFrame[Any]:
    """Return what each customer's weeks come to by category, to be added up as `customer_weeks`.

    Columns: customer_id, category_id (each may be null), day (of the first line), month,
    quantity, sales, margin and uncosted (lines without a known cost).
    """
    if _cut_none(shop, windows) and shop.has("customer_category_weeks"):
        return shop.looked_at("customer_category_weeks")
    return shop.lines.with_columns(uncosted=UNCOSTED)


def _cut_none(shop: Shop, windows: Sequence[Period]) -> bool:
    """Return whether all stores are looked at, in days that begin and end with a week or month."""
    if shop.scope is not None and shop.scope.stores is not None:
        return False
    return all(
        span.ends_with_a_week and (span.first <= shop.first_day or begins_a_week(span.first))
        for span in (shop.span, *windows)
    )
