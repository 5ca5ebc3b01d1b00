"""The trend: what each segment was worth over the last periods, and who changed segment."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import NotCovered, Shop
from workbench.measures.migrate import paired
from workbench.measures.weigh import weigh

_WORTH = (
    "customers",
    "sales",
    "margin",
    "customers_share",
    "sales_share",
    "margin_share",
    "spend_per_customer",
)


def segment_trend(
    shop: Shop,
    period: str | Period | Latest,
    label: Callable[..., pl.DataFrame],
    *,
    steps: int = 4,
    **choices: Any,
) -> pl.DataFrame:
    """Return one row per period and segment, the oldest period first, Unlabelled last.

    The last of the equally long periods is `period`, each ends the day before the next; there
    are `steps` of them, or as many as the data covers with all that the segmentation looks
    back at. The oldest sets the cut points for all, so that a segment grows only because
    customers behave differently.

    Columns: first_day, last_day, segment, customers, sales and margin (money), the share of
    each in the period's total, and spend_per_customer. Raises ValueError for fewer than one
    step and NotCovered where the data lacks days of `period` itself.
    """
    windows = _windows(shop, shop.window(period), steps)
    oldest, labels = _oldest(shop, windows, label, choices)
    later = (window for window in windows if window.first > oldest.first)
    parts = [_worth(shop, oldest, labels)]
    parts += [_worth(shop, one, label(shop, one, cuts_from=oldest, **choices)) for one in later]
    return pl.concat(parts)


def movers(shop: Shop, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return one row per customer who changed segment: customer, customer_id, before, after.

    `customer` is the retailer's own id. A customer without a label before is New, one without a
    label after is Lost.
    """
    stayed = pl.col("before").cast(pl.String) == pl.col("after").cast(pl.String)
    moved = paired(before, after).filter(~stayed).cast({"customer_id": pl.Int64})
    ids = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    named = moved.join(ids, on="customer_id", how="left", validate="1:1")
    return named.select("customer", "customer_id", "before", "after").sort("customer_id")


def _oldest(
    shop: Shop,
    windows: list[Period],
    label: Callable[..., pl.DataFrame],
    choices: dict[str, Any],
) -> tuple[Period, pl.DataFrame]:
    """Return the oldest period that can be labelled, and its labels."""
    for window in windows[:-1]:
        with suppress(NotCovered):
            return window, label(shop, window, **choices)
    return windows[-1], label(shop, windows[-1], **choices)


def _worth(shop: Shop, window: Period, labels: pl.DataFrame) -> pl.DataFrame:
    return weigh(shop, window, labels).select(
        pl.lit(window.first).alias("first_day"),
        pl.lit(window.last).alias("last_day"),
        "segment",
        *_WORTH,
    )


def _windows(shop: Shop, window: Period, steps: int) -> list[Period]:
    if steps < 1:
        raise ValueError(f"a trend of steps={steps} has no period; allowed: from 1")
    windows = [window]
    while len(windows) < steps and windows[0].before().first >= shop.first_day:
        windows.insert(0, windows[0].before())
    return windows
