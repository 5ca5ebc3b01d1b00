"""What segmentations over time share: when a customer was first and last seen, and how much
they bought in each of several windows, in one question."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.activity import inside
from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.data.weeks import customer_weeks


def seen(shop: Shop, **windows: Period) -> pl.DataFrame:
    """Return one row per card customer who came by the last day of the windows.

    Columns: customer_id, first_day and last_day of a visit (from the first day of the data on),
    and for each window visits_<name> (receipts on which something was bought) and sales_<name>
    (net, integer cents). A return is no visit.
    """
    until = max(window.last for window in windows.values())
    weeks = customer_weeks(shop.during(Period(shop.first_day, until)), *windows.values())
    question = (
        weeks.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id")
        .agg(
            first_day=nw.col("first_visit").min(),
            last_day=nw.col("last_visit").max(),
            **{f"visits_{name}": inside("new_basket", days) for name, days in windows.items()},
            **{f"sales_{name}": inside("sales", days) for name, days in windows.items()},
        )
    )
    return fetch(question, by=["customer_id"]).drop_nulls("last_day")


def days_known(shop: Shop, until: dt.date) -> int:
    """Return how many days of data there are before a day: how far back "never" reaches."""
    return (until - shop.first_day).days
