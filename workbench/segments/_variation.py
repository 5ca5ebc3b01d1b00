"""What basket and frequency variation share: two equal windows, a ratio, and its bands.

Each customer's figure (visits, or the average basket) in the period is set against the same in
the equally long period before. Presence comes first: who was absent in one of the two has no
ratio, and is a newcomer, revived or gone.
"""

import datetime as dt

import polars as pl

from workbench.data.activity import activity
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.spans import by_span
from workbench.data.weeks import customer_weeks
from workbench.segments._labels import in_order, ordered

UP, DOWN = 1.2, 0.8
SEGMENTS = {
    "Up": "the figure rose by more than a fifth",
    "Stable": "the figure changed by a fifth at most, up or down",
    "Down": "the figure fell by more than a fifth",
    "Newcomers": "came in the period for the first time in the data",
    "Revived": "stayed away in the period before, came earlier, and came again",
    "Too few visits": "came in both periods, too rarely for a ratio to mean anything",
    "Gone": "came in the period before and not in this one",
}
DEFINITION = {
    "Bands": "Up is a ratio above 1.2, Down below 0.8, Stable from 0.8 to 1.2, both included",
    "Windows": "the period and the equally long one that ends the day before it",
    "Newcomers, Revived, Gone": "by presence: absent before, and seen earlier or never; present "
    "before and absent now. Newcomers are new in the data, not necessarily to the shop",
    "Season": "two neighbouring windows are different seasons: everybody buys more before "
    "Christmas. Against all customers, the ratio is divided by that of all card customers, so "
    "that Up means more than the season; the same weeks of last year would be better still",
    "Expected rebound": "extremes fall back by themselves: who was Down mostly recovers, and who "
    "was Up mostly sinks, with nothing done about it. The table shows what the customers of each "
    "state one period earlier did next; a campaign is measured against that, not against no change",
    "Visit": "a receipt on which something was bought; a return is no visit, and is off the sales",
    "Movement": "the bands are fixed; the period before is compared with the one before it",
    "Whom it leaves out": "receipts without a card, and who came in neither of the two periods",
}


def compare(
    shop: Shop,
    period: str | Period | Latest,
    *,
    ratio: pl.Expr,
    enough: pl.Expr,
    against_all: bool,
) -> pl.DataFrame:
    """Return one row per customer who came in the period or the one before, with its state.

    `ratio` and `enough` are over visits_before, visits_now, sales_before and sales_now. With
    `against_all` the ratio is divided by the ratio of all these customers together.

    Columns: customer_id, segment, change (the ratio; null without one), visits_before, visits,
    sales_before, sales (money). Raises NotCovered where the data lacks the period before.
    """
    both = _bought(shop, shop.window(period))
    basis = both.select(pl.col("^(visits|sales)_.*$").sum()).select(ratio).item()
    change = ratio / (basis if against_all else 1)
    state = _state(enough, change).cast(ordered(SEGMENTS))
    return both.with_columns(segment=state).select(
        "customer_id",
        "segment",
        pl.when(pl.col("segment").is_in(["Up", "Stable", "Down"])).then(change).alias("change"),
        "visits_before",
        pl.col("visits_now").alias("visits"),
        money("sales_before"),
        money("sales_now").alias("sales"),
    )


def rebound(
    shop: Shop, period: str | Period | Latest, earlier: pl.DataFrame, name: str, figure: pl.Expr
) -> pl.DataFrame:
    """Return one row per state: what its customers of one period earlier did next.

    `earlier` holds the labels of the period before; `figure`, called `name`, is a state's over
    its customers and the sums of their visits and sales (cents).

    Columns: segment, customers, <name>_two_before, <name>_before (in the period of the label),
    <name>_next (in this one), expected_change_share (next over before, less one); null where
    there is nothing to divide by.
    """
    cents = (pl.col("sales_before", "sales") * 100).cast(pl.Int64)
    came = activity(shop, period).select("customer_id", visits_next="baskets", sales_next="sales")
    sums = (
        earlier.with_columns(cents)
        .join(came, on="customer_id", how="left", validate="1:1")
        .group_by("segment")
        .agg(pl.len().cast(pl.Int64).alias("customers"), pl.col("^(visits|sales).*$").sum())
    )
    steps = {f"{name}_two_before": "_before", f"{name}_before": "", f"{name}_next": "_next"}
    figures = [
        sums.select(
            "segment", customers="customers", visits=f"visits{end}", sales=f"sales{end}"
        ).select("segment", figure.alias(step))
        for step, end in steps.items()
    ]
    table = in_order(sums.select("segment", "customers"), SEGMENTS)
    for part in figures:
        table = table.join(part, on="segment", how="left", maintain_order="left")
    before, after = pl.col(f"{name}_before"), pl.col(f"{name}_next")
    expected = pl.when(before > 0).then(after / before - 1)
    return table.with_columns(pl.col("customers").fill_null(0), expected_change_share=expected)


def states(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per state: customers, their share of all, and sales before and now (money)."""
    found = labels.group_by("segment").agg(
        customers=pl.len().cast(pl.Int64),
        customers_share=pl.len() / labels.height,
        sales_before=pl.col("sales_before").sum(),
        sales_now=pl.col("sales").sum(),
    )
    return in_order(found, SEGMENTS).with_columns(pl.exclude("segment").fill_null(0))


def say_states(table: pl.DataFrame) -> str:
    """Return the sentence that says how many customers went up, went down and stayed away."""
    count = dict(table.select("segment", "customers").rows())
    return f"{count['Up']:,} went up and {count['Down']:,} down; {count['Gone']:,} stayed away"


def say_rebound(table: pl.DataFrame) -> str:
    """Return the sentence that says what those who were Down or Up did next, by themselves."""
    change = dict(table.select("segment", "expected_change_share").rows())
    count = dict(table.select("segment", "customers").rows())
    nobody = [state for state in ("Up", "Down") if not count[state]]
    if nobody:
        who = " or ".join(nobody)
        return f"Nobody was {who} one period earlier, so no rebound can be expected."
    unknown = [state for state in ("Up", "Down") if change[state] is None]
    if unknown:
        who = " or ".join(unknown)
        return (
            f"Those who were {who} one period earlier bought nothing to compare, before or next, "
            "so no rebound can be told."
        )
    return (
        f"Customers who were Down one period earlier changed by {change['Down']:+.0%} in the next, "
        f"those who were Up by {change['Up']:+.0%}: expect as much from doing no more than usual."
    )


def _bought(shop: Shop, window: Period) -> pl.DataFrame:
    """Return one row per customer who came in the window or the one before: visits and sales.

    Columns: customer_id, and of each of earlier (all days before both), before and now:
    visits_<span> and sales_<span> (cents).
    """
    before = shop.window(window.before())
    spans = {"before": before, "now": window}
    if before.first > shop.first_day:
        spans["earlier"] = Period(shop.first_day, before.first - dt.timedelta(days=1))
    until = shop.during(Period(shop.first_day, window.last))
    weeks = customer_weeks(until, *spans.values())
    found = by_span(until, weeks, spans, visits="new_basket", sales="sales")
    came = (pl.col("visits_before") > 0) | (pl.col("visits_now") > 0)
    never = [] if "earlier" in spans else [pl.lit(0).alias("visits_earlier")]
    return found.filter(came).with_columns(never)


def _state(enough: pl.Expr, change: pl.Expr) -> pl.Expr:
    name = {state: pl.lit(state) for state in SEGMENTS}
    return (
        pl.when(pl.col("visits_now") == 0)
        .then(name["Gone"])
        .when((pl.col("visits_before") == 0) & (pl.col("visits_earlier") > 0))
        .then(name["Revived"])
        .when(pl.col("visits_before") == 0)
        .then(name["Newcomers"])
        .when(~enough)
        .then(name["Too few visits"])
        .when(change > UP)
        .then(name["Up"])
        .when(change < DOWN)
        .then(name["Down"])
        .otherwise(name["Stable"])
    )
