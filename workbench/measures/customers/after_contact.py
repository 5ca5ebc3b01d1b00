"""After a contact: what customers spend before and after they turned to the service."""

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z95
from workbench.measures.customers.feedback import service
from workbench.measures.customers.habits import visits

TURNED, ALIKE, DIFFERENCE = "Turned to the service", "Alike others", "Difference"
BANDS = 5
Numbers = NDArray[np.float64]


def after_contact(shop: Shop, period: str | Period | Latest, *, weeks: int = 8) -> pl.DataFrame:
    """Return three rows: who turned to the service, others alike before, and the difference.

    Columns: group, customers, before_amount and after_amount (money per customer in `weeks`
    weeks before and after the week of the first contact), change_amount with low_amount and
    high_amount (95 % over those who turned to the service; null for the others). Contacts
    without as many weeks on both sides are left out, as is who has nobody alike; all is null
    where fewer than two are left.
    """
    window = shop.window(period)
    first = max(shop.first_day, window.first - dt.timedelta(weeks=weeks))
    last = min(shop.last_day, window.last + dt.timedelta(weeks=weeks + 1))
    span = Period(first, last)
    contacts = service(shop, span)
    spent, who = _weekly(shop, span, contacts)
    begun = contacts.filter(pl.col("sent").is_between(window.first, window.last))
    at = begun.group_by("customer_id").agg(_week(span, "sent").min().alias("week"))
    whole = span.days // 7
    told = who.join(at, on="customer_id").filter(
        pl.col("week").is_between(weeks, whole - weeks - 1)
    )
    before, after = _around(spent, told["place"].to_numpy(), told["week"].to_numpy(), weeks)
    others = spent[who.filter(~pl.col("spoke"))["place"].to_numpy()]
    was, became = _expected(others, told["week"].to_numpy(), before, weeks)
    known = ~np.isnan(was)
    return _table(*(figures[known] for figures in (before, after, was, became)))


def say_after(table: pl.DataFrame) -> str:
    """Return the sentence that says whether spend changed otherwise than that of alike others."""
    turned, alike, difference = table.rows(named=True)
    if difference["low_amount"] is None:
        return "Too few customers turned to the service to say what became of them"
    moved = (
        f"Who turned to the service spends {_moved(turned)} afterwards, others alike before "
        f"{_moved(alike)}"
    )
    if difference["low_amount"] > 0 or difference["high_amount"] < 0:
        return f"{moved}: more than chance could make"
    return f"{moved}: no more than chance could make"


def _moved(row: dict[str, float]) -> str:
    change, before = float(row["change_amount"]), float(row["before_amount"])
    more = "less" if change < 0 else "more"
    if before <= 0:
        return f"{abs(change):,.2f} {more} per customer"
    if abs(change) < 0.005 * before:
        return "as much"
    return f"{abs(change / before):.0%} {more}"


def _week(span: Period, name: str) -> pl.Expr:
    return (pl.col(name) - pl.lit(span.first)).dt.total_days() // 7


def _weekly(shop: Shop, span: Period, contacts: pl.DataFrame) -> tuple[Numbers, pl.DataFrame]:
    """Return running sums of cents by customer and week, and who is in which row."""
    days = visits(shop, span).with_columns(week=_week(span, "day"))
    who = days.select("customer_id").unique().sort("customer_id").with_row_index("place")
    spoke = pl.col("customer_id").is_in(contacts["customer_id"].unique().to_list())
    who = who.with_columns(spoke=spoke)
    placed = days.join(who, on="customer_id")
    sums = np.zeros((who.height, span.days // 7 + 2))
    cell = placed["place"].to_numpy(), placed["week"].to_numpy() + 1
    np.add.at(sums, cell, placed["sales"].to_numpy())
    return sums.cumsum(axis=1), who


def _around(
    sums: Numbers, rows: NDArray[np.int64], at: NDArray[np.int64], weeks: int
) -> tuple[Numbers, Numbers]:
    """Return what was spent in the weeks before each week and in those after it."""
    before = sums[rows, at] - sums[rows, at - weeks]
    return before, sums[rows, at + 1 + weeks] - sums[rows, at + 1]


def _expected(
    others: Numbers, at: NDArray[np.int64], before: Numbers, weeks: int
) -> tuple[Numbers, Numbers]:
    """Return what others in the same band of spend before spent in the same weeks, on average."""
    was, became = np.full(len(at), np.nan), np.full(len(at), np.nan)
    edges = np.quantile(before, np.arange(1, BANDS) / BANDS) if len(at) else np.zeros(BANDS - 1)
    every = np.arange(len(others))
    for week in np.unique(at):
        then, later = _around(others, every, np.full(len(others), week), weeks)
        band, mine = np.searchsorted(edges, then), np.flatnonzero(at == week)
        size = np.bincount(band, minlength=BANDS).astype(float)
        size[size == 0] = np.nan
        own = np.searchsorted(edges, before[mine])
        was[mine] = (np.bincount(band, then, BANDS) / size)[own]
        became[mine] = (np.bincount(band, later, BANDS) / size)[own]
    return was, became


def _table(before: Numbers, after: Numbers, was: Numbers, became: Numbers) -> pl.DataFrame:
    change, usual = after - before, became - was
    parts = {
        TURNED: (before, after, change),
        ALIKE: (was, became, usual),
        DIFFERENCE: (before - was, after - became, change - usual),
    }
    amounts = ["before_amount", "after_amount", "change_amount", "low_amount", "high_amount"]
    kinds = {"group": pl.Enum(list(parts)), "customers": pl.Int64()}
    rows = [(name, len(before), *_ends(*figures)) for name, figures in parts.items()]
    table = pl.DataFrame(rows, {**kinds, **dict.fromkeys(amounts, pl.Int64())}, orient="row")
    sure = pl.when(pl.col("group") != ALIKE).then(pl.col("low_amount", "high_amount"))
    return table.with_columns(sure.name.keep()).with_columns(money(*amounts))


def _ends(before: Numbers, after: Numbers, change: Numbers) -> list[int | None]:
    if len(change) < 2:
        return [None] * 5
    mean, reach = change.mean(), Z95 * change.std(ddof=1) / np.sqrt(len(change))
    ends = (before.mean(), after.mean(), mean, mean - reach, mean + reach)
    return [round(float(end)) for end in ends]
