"""Retention: of the customers first seen in a month, who came again in the months after."""

import datetime as dt

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, packed, unpacked
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import customer_weeks


def retention(
    shop: Shop, period: str | Period | Latest, *, settle: int = 3, drop: bool = False
) -> pl.DataFrame:
    """Return one row per cohort and month of age: how many of the cohort came in that month.

    A cohort is the month of a customer's first visit in the data, which is looked at from its
    first day to the last day of the period, wherever the period begins. The first `settle`
    cohorts are left-truncated, since most of their customers came before the data did: they are
    marked, or with `drop` left out. Only whole months are counted: one that is cut by the first
    or the last day looked at makes neither a cohort nor a cell.

    Columns: cohort (first day of its month), age (months since, 0 the first), customers (the
    cohort's size), active and retention_share (of the cohort's size), truncated. A month that is
    not over yet, or not in the data, is null and not zero.
    """
    known = shop.during(Period(shop.first_day, shop.window(period).last))
    months = _whole_months(known.span)
    visits = _months_of_visits(known).with_columns(cohort=pl.col("at").min().over("customer_id"))
    cells = visits.group_by("cohort", age=pl.col("at") - pl.col("cohort")).agg(
        active=pl.len().cast(pl.Int64)
    )
    sizes = cells.filter(pl.col("age") == 0).select("cohort", customers="active")
    frame = pl.DataFrame({"cohort": months}, schema={"cohort": pl.Int64})
    ages = pl.DataFrame({"age": range(len(months))}, schema={"age": pl.Int64})
    truncated = pl.col("cohort") < (months[0] if months else 0) + settle
    observed = pl.col("cohort") + pl.col("age") <= (months[-1] if months else 0)
    return (
        frame.join(ages, how="cross")
        .join(sizes, on="cohort", how="left")
        .join(cells, on=["cohort", "age"], how="left")
        .with_columns(pl.col("customers").fill_null(0), truncated=truncated)
        .with_columns(active=pl.when(observed).then(pl.col("active").fill_null(0)))
        .with_columns(cohort=_month("cohort"), retention_share=_share())
        .filter(~pl.col("truncated") if drop else pl.lit(value=True))
        .select("cohort", "age", "customers", "active", "retention_share", "truncated")
        .sort("cohort", "age")
    )


def say_retention(table: pl.DataFrame, *, age: int = 3) -> str:
    """Return the sentence that says how many of those who really joined still came later."""
    known = table.filter(
        ~pl.col("truncated") & (pl.col("age") == age) & pl.col("active").is_not_null()
    )
    came, joined = known.select(pl.col("active", "customers").sum()).row(0)
    if not joined:
        return f"No cohort whose first visit was seen is {age} months old yet"
    return f"{came / joined:.0%} of {joined:,} who joined came again {age} months later"


def _months_of_visits(shop: Shop) -> pl.DataFrame:
    """Return one row per customer and month with a visit, counted from year 0 (`at`)."""
    came = customer_weeks(shop).filter(nw.col("new_basket") > 0, ~nw.col("customer_id").is_null())
    found = fetch(came.select(packed=packed("customer_id", "month")).unique(), by=["packed"])
    at = pl.col("month") // 100 * 12 + pl.col("month") % 100 - 1
    return found.select(unpacked("customer_id", "month")).select("customer_id", at=at)


def _whole_months(span: Period) -> list[int]:
    """Return the months that lie wholly inside, counted from year 0."""
    first, after = _number(span.first), _number(span.last + dt.timedelta(days=1))
    return list(range(first + (span.first.day > 1), after))


def _number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _month(name: str) -> pl.Expr:
    return pl.date(pl.col(name) // 12, pl.col(name) % 12 + 1, 1)


def _share() -> pl.Expr:
    return pl.when(pl.col("customers") > 0).then(pl.col("active") / pl.col("customers"))
