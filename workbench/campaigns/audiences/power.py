"""Power: the smallest effect that a control group of a given size lets one see."""

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl

from workbench.campaigns.audiences.groups import held_out
from workbench.campaigns.results.estimators import SURE_TO_SEE
from workbench.campaigns.results.windows import earlier, windows
from workbench.data.shop import Shop

SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
DEFINITION = {
    "Smallest effect seen": "an effect of this size is found in four of five campaigns (80 % "
    "power) where a false one is found in one of twenty (5 % level); smaller ones mostly are not",
    "From what": "how much the audience's spend in the days before varies between customers, so "
    "it is of this audience and this length of campaign",
    "With the past taken off": "spend in the window before tells much of what comes next; taking "
    "it off (CUPED) leaves less to chance, and so a smaller effect can be seen",
}

HEADINGS = {
    "control_share": "Left out",
    "plain_amount": "Seen plainly",
    "seen_amount": "Seen",
    "seen_share": "Of their spend",
    "offer_mean": "Offer",
    "control_mean": "Control",
    "difference": "Apart, in standard deviations",
}


def audience(
    shop: Shop, label: Callable[..., pl.DataFrame], segment: str, *, weeks: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a segment's `spend_before`, as if a campaign began after the data, and its strata.

    The segment is that of the last 26 weeks, without those of the hold-out.
    """
    labels = label(shop, "last 26 weeks").filter(pl.col("segment").cast(pl.String) == segment)
    ours = labels.cast({"customer_id": pl.Int64}).join(held_out(shop), on="customer_id", how="anti")
    starts = shop.last_day + dt.timedelta(days=1)
    before = spend_before(shop, ours, starts=starts, days=7 * weeks)
    return before, before.with_columns(segment=pl.lit(segment))


def named(offers: int) -> list[str]:
    """Return names for so many offers.

    >>> named(1), named(2)
    (['target'], ['offer A', 'offer B'])
    """
    return ["target"] if offers == 1 else [f"offer {letter}" for letter in "ABCD"[:offers]]


def spend_before(
    shop: Shop, customers: pl.DataFrame, *, starts: dt.date, days: int
) -> pl.DataFrame:
    """Return one row per customer: sales in the days before, and in as many before those.

    Columns: customer_id, sales, sales_earlier (units of money; 0 for who bought nothing). Serves
    as strata for `split` and as what `power` and `balance` look at. Raises NotCovered.
    """
    found = windows(shop, earlier(starts, days, 2))
    kept = found.select("customer_id", sales="sales_0", sales_earlier="sales_1")
    ids = customers.select(pl.col("customer_id").cast(pl.Int64)).sort("customer_id")
    return ids.join(kept, on="customer_id", how="left", maintain_order="left").with_columns(
        pl.col("sales", "sales_earlier").fill_null(0.0)
    )


def power(
    before: pl.DataFrame, *, shares: Sequence[float] = SHARES, offers: int = 1
) -> pl.DataFrame:
    """Return one row per size of the control group: the smallest effect that can be seen.

    `before` is what `spend_before` returns. Columns: control_share, control and target
    (customers; of each offer where there are several), plain_amount (smallest effect per
    customer seen in the plain difference), seen_amount (with the past taken off), seen_share (of
    the mean spend). Sizes of less than two customers are left out; no rows where spend does not
    vary, as of customers none of whom bought: what chance does to it is not known.
    """
    spread, past = (float(before[name].std() or 0) for name in ("sales", "sales_earlier"))  # type: ignore[arg-type]
    related = (
        float(before.select(pl.corr("sales", "sales_earlier")).item() or 0)
        if spread * past
        else 0.0
    )
    left = (1 - related**2) ** 0.5
    control = (pl.lit(before.height) * pl.col("control_share")).round().cast(pl.Int64)
    sizes = pl.DataFrame({"control_share": shares}).with_columns(control=control)
    target = (before.height - pl.col("control")) // offers
    plain = SURE_TO_SEE * spread * (1 / pl.col("control") + 1 / pl.col("target")).sqrt()
    told = sizes.with_columns(target=target).filter(pl.min_horizontal("control", "target") > 1)
    told = told if spread else told.clear()
    return told.with_columns(plain_amount=plain, seen_amount=plain * left).with_columns(
        seen_share=pl.col("seen_amount") / before["sales"].mean()
    )
