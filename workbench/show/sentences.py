"""Findings: one computed sentence per measure, the title of its chart and prose of a report."""

import datetime as dt
from typing import Any

import polars as pl

from workbench.show import columns, words

UNLABELLED, NEW, LOST = "Unlabelled", "New", "Lost"


def say_weight(worth: pl.DataFrame) -> str:
    """Say which segment is worth most beyond its number: its shares of customers and sales."""
    shares = ["customers_share", "sales_share"]
    known = _labelled(worth).drop_nulls(shares).filter(pl.col("customers_share") > 0)
    if known.is_empty():
        return "No segment has customers in this period"
    gap = pl.col("sales_share").cast(pl.Float64) - pl.col("customers_share").cast(pl.Float64)
    row = known.sort(gap, descending=True, maintain_order=True).row(0, named=True)
    customers, sales = words.share(row["customers_share"]), words.share(row["sales_share"])
    return f"{row['segment']} are {customers} of customers and {sales} of sales"


def say_grid(cells: pl.DataFrame) -> str:
    """Say which named region of the grid holds the most customers."""
    sizes = (
        cells.group_by("segment", maintain_order=True)
        .agg(pl.col("customers").sum())
        .sort("customers", descending=True, maintain_order=True)
    )
    total = cells["customers"].sum()
    if not total:
        return "No customers in this period"
    largest = sizes.row(0, named=True)
    share = words.share(largest["customers"] / total)
    count = words.some(largest["customers"], "customer")
    return f"{largest['segment']} is the largest group: {count}, {share} of all"


def say_flow(moves: pl.DataFrame) -> str:
    """Say how many customers stayed in their segment since the period before, and were lost."""
    plain = moves.with_columns(pl.col("before", "after").cast(pl.String))
    known = plain.filter(pl.col("before") != NEW)
    total = int(known["customers"].sum())
    if not total:
        return "No customers in the period before"
    stayed = int(known.filter(pl.col("before") == pl.col("after"))["customers"].sum())
    lost = int(known.filter(pl.col("after") == LOST)["customers"].sum())
    said = f"{words.share(stayed / total)} stayed in their segment"
    return f"{said}; {_were(lost)} lost" if lost else said


def say_index(profile: pl.DataFrame, segment: str) -> str:
    """Say what a segment buys more of than all customers, by the lower bound of its index."""
    item = item_column(profile)
    rows = profile.filter(pl.col("segment").cast(pl.String) == segment).drop_nulls("index_low")
    over = rows.filter(pl.col("index_low") > 100).sort(
        "index_low", descending=True, maintain_order=True
    )
    if over.is_empty():
        return f"No {columns.heading(item).lower()} stands out for {segment}"
    first = over.row(0, named=True)
    index = f"index {words.count(first['index'])}, at least {words.count(first['index_low'])}"
    return f"{first[item]} stands out for {segment}: {index}"


def say_peak(frame: pl.DataFrame, *, x: str, y: str) -> str:
    """Say where a measure is highest, and what it is there."""
    known = frame.drop_nulls([x, y])
    if known.is_empty():
        return f"No {columns.heading(y).lower()} in this period"
    peak = known.sort(y, descending=True, maintain_order=True).row(0, named=True)
    height = columns.figure(y, frame.schema[y])(peak[y])
    most = "Most" if frame.schema[y].is_integer() else "Highest"
    return f"{most} {columns.heading(y).lower()} {_where(frame, x, peak[x])}: {height}"


def say_checks(checks: pl.DataFrame) -> str:
    """Say how many data-quality checks passed, and how many need attention."""
    statuses = checks["status"].cast(pl.String).to_list()
    red, amber = statuses.count("red"), statuses.count("amber")
    if not red and not amber:
        return "All checks passed"
    faults = words.some(red, "fault") if red else "No faults"
    return f"{faults} and {words.some(amber, 'note')} in {len(statuses)} checks"


def say_arrivals(seen: pl.DataFrame, *, mark: float = 0.8) -> str:
    """Say by which week most of all customers had been seen: one row per week, seen_share."""
    reached = seen.filter(pl.col("seen_share") >= mark).head(1)
    if reached.is_empty():
        return "No customers have been seen"
    row = reached.row(0, named=True)
    end = row["week"] + dt.timedelta(days=6)
    return f"{words.share(row['seen_share'])} of all customers had been seen by {words.day(end)}"


def say_loyalty(groups: pl.DataFrame, effect: pl.DataFrame) -> str:
    """Say what loyal customers bring, and the naive difference in sales beside the matched.

    `groups`: one row per group, the loyal first; `effect`: one row per measure and method, as
    the measures of loyalty return them.
    """
    loyal = groups.row(0, named=True)
    if not loyal["customers"]:
        return "Nobody who was loyal came in this period"
    said = f"{words.share(loyal['customers_share'])} of customers are loyal and bring "
    said += f"{words.share(loyal['sales_share'])} of sales"
    naive, matched = effect.filter(pl.col("measure") == "Sales").rows(named=True)
    if naive["amount_per_customer"] is None or matched["amount_per_customer"] is None:
        return f"{said}; there is nobody alike to compare them with"
    than = "than one who had spent as much before"
    return (
        f"{said}. On average one of them spends {_more(naive['amount_per_customer'])} than "
        f"another customer, and {_surely(matched)} {than}: {_span(matched)}"
    )


def say_stakes(customers: pl.DataFrame, listed: pl.DataFrame, weeks: int) -> str:
    """Say how many of all customers will stay away for some weeks, and what of it a list holds.

    `customers`, `listed`: one row per customer, with churn_share and at_stake.
    """
    away = words.count(customers["churn_share"].sum())
    stake = customers["at_stake"].sum()
    part = float(listed["at_stake"].sum()) / float(stake) if stake else 0.0
    return (
        f"About {away} of {words.some(customers.height, 'customer')} will buy nothing for "
        f"{words.some(weeks, 'week')}, and {words.money(stake)} of usual spend is at stake; the "
        f"{words.count(listed.height)} on the list hold {words.share(part)} of it"
    )


def item_column(profile: pl.DataFrame) -> str:
    """Return the column a profile is by: the first that is neither segment nor a number."""
    for name, kind in profile.schema.items():
        if name != "segment" and not kind.is_numeric():
            return name
    raise ValueError("a profile needs a column of items, such as department; this one has none")


def _where(frame: pl.DataFrame, x: str, value: Any) -> str:
    said = columns.figure(x, frame.schema[x])(value)
    if frame.schema[x].is_temporal():
        return f"in the {x} of {said}" if x in ("week", "month") else f"on {said}"
    if frame.schema[x].is_numeric():
        return f"at {columns.heading(x).lower()} {said}"
    return f"in {said}"


def say_proposal(effect: pl.DataFrame) -> str:
    """Say what a proposal changes, what was predicted of it, and what was measured.

    `effect`: one row per move: move, items, places, predicted, measured, at_least, at_most.
    """
    return ". ".join(_proposed(row) for row in effect.rows(named=True))


def _proposed(row: dict[str, Any]) -> str:
    if not row["places"]:
        return f"{row['move']}: nothing is sure enough"
    out = row["move"] == "Take out"
    theirs = f"{row['places']:,} of {'its' if row['items'] == 1 else 'their'} places"
    where = theirs if out else words.some(row["places"], "new place")
    head = f"{row['move']} {words.some(row['items'], 'item')} in {where}"
    if row["measured"] is None:
        return f"{head}: what it is worth cannot be measured"
    told, found = (_moved(row[name], out=out) for name in ("predicted", "measured"))
    ends = [row["at_least"], row["at_most"]]
    apart = any((end >= 0) != (row["measured"] >= 0) for end in ends)
    low, high = (_moved(end, out=out) if apart else _size(end) for end in ends)
    return f"{head}: {told} by the first half, {found} by the second ({low} to {high})"


def _moved(amount: float, *, out: bool) -> str:
    """Return an amount as lost or won: a positive one is lost where items were taken out."""
    verb = "lost" if (amount >= 0) == out else "won"
    return f"{_size(amount)} {verb}"


def _more(amount: float) -> str:
    return f"{_size(amount)} {'more' if amount >= 0 else 'less'}"


def _size(amount: float) -> str:
    return words.money(abs(amount), decimals=0)


def _surely(row: dict[str, Any]) -> str:
    if row["low_amount"] > 0:
        return "more"
    return "less" if row["high_amount"] < 0 else "neither surely more nor less"


def _span(row: dict[str, Any]) -> str:
    names = ("amount_per_customer", "low_amount", "high_amount")
    found, low, high = (words.gain(row[name], decimals=0) for name in names)
    return f"{found} ({low} to {high})"


def _labelled(worth: pl.DataFrame) -> pl.DataFrame:
    return worth.filter(pl.col("segment").cast(pl.String) != UNLABELLED)


def _were(customers: int) -> str:
    return f"{words.some(customers, 'customer')} {'was' if customers == 1 else 'were'}"
