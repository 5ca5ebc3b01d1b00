"""Value: what each customer is likely to spend in the weeks to come (customer lifetime value).

Definition: predicted net sales of the next `weeks` weeks after the period. Several ways to
predict compete on the period itself: its last weeks are held out, predicted from the weeks
before them and compared; the one with the smallest error labels the customers. Customers are
ranked by the prediction; who is expected to spend less than one average receipt is apart.
"""

import datetime as dt

import polars as pl

from workbench.data.activity import customer_days
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._forecast import METHODS, forecasts
from workbench.segments._labels import cut_points, in_order, ordered, score

SEGMENTS = {
    "Top value": "the tenth of customers expected to spend most",
    "High": "the next two tenths",
    "Middle": "the next three tenths",
    "Low": "the remaining four tenths, from one average receipt on",
    "Hardly any": "expected to spend less than one average receipt",
}
DEFINITION = {
    "Predicted spend": "net sales expected in the weeks after the period, money of that time, not "
    "discounted and not a margin",
    **METHODS,
    "Champion": "the way with the smallest error when the last weeks of the period (at most a "
    "third of it) are predicted from the weeks before them; an elaborate model is used only "
    "where it beats the plain ones",
    "Error": "WAPE: absolute errors of all customers, as a share of what they spent; bias: "
    "predicted over spent in all, less one. A customer who stayed away counts in full",
    "Segments": "cut at the predictions of the 40th, 70th and 90th percentile of customers; equal "
    "predictions get equal labels",
    "Purchases": "days with a purchase; the first seen in the period counts as the first, though "
    "the customer may have bought before",
    "Movement": "the period before sets champion, cut points and average receipt for both",
    "Whom it leaves out": "receipts without a card and customers without a receipt in the period",
}

_PLACES = {0: "Low", 4: "Middle", 7: "High", 9: "Top value"}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    weeks: int = 13,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer with a receipt in the period, with its segment.

    Columns: customer_id, segment, predicted_spend (money, of the next `weeks` weeks), visits
    (days with a purchase), sales (money, of the period). With `cuts_from`, champion and cut
    points are those of that period.
    """
    window, basis = shop.window(period), shop.window(cuts_from or period)
    days = {each: customer_days(shop, each) for each in {window, basis}}
    champion = str(_tested(days[basis], basis, weeks)["method"][0])
    measured = _predicted(days[window], window, champion, weeks)
    marks = measured if cuts_from is None else _predicted(days[basis], basis, champion, weeks)
    if marks.is_empty() and not measured.is_empty():
        raise ValueError(f"nobody bought in {cuts_from}, so it has no cut points; choose another")
    tenth = score(pl.col("predicted"), cut_points(marks["predicted"], 10)) - 1
    receipt = marks.select(pl.col("sales").sum() / pl.col("receipts").sum()).item() or 0
    named = pl.lit("Low")
    for place, name in _PLACES.items():
        named = pl.when(tenth >= place).then(pl.lit(name)).otherwise(named)
    segment = pl.when(pl.col("predicted") < receipt).then(pl.lit("Hardly any")).otherwise(named)
    return measured.select(
        "customer_id",
        segment.cast(ordered(SEGMENTS)).alias("segment"),
        money("predicted").alias("predicted_spend"),
        "visits",
        money("sales"),
    )


def backtest(shop: Shop, period: str | Period | Latest, *, weeks: int = 13) -> pl.DataFrame:
    """Return one row per way to predict, the best first: how well it did within the period.

    Columns: method, error_share (WAPE), bias_share, customers (who were predicted), weeks (held
    out: `weeks`, or a third of the period where that is less), champion. Errors are null where
    nothing was spent in the weeks held out.
    """
    window = shop.window(period)
    return _tested(customer_days(shop, window), window, weeks)


def _tested(days: pl.DataFrame, window: Period, weeks: int) -> pl.DataFrame:
    held = min(7 * weeks, max(window.days // 3, 1))
    cut = window.last - dt.timedelta(days=held)
    known = days.filter(pl.col("day") <= cut)
    actual = days.filter(pl.col("day") > cut).group_by("customer_id").agg(actual=pl.sum("sales"))
    told = forecasts(known, Period(window.first, cut), held).join(
        actual, on="customer_id", how="left", maintain_order="left"
    )
    spent = pl.col("actual").fill_null(0)
    whole = told.select(spent.sum()).item()
    gap = [(pl.col(name) - spent).alias(name) for name in METHODS]
    gaps = told.select(gap)
    table = pl.DataFrame(
        {
            "method": list(METHODS),
            "error_share": [gaps[name].abs().sum() for name in METHODS],
            "bias_share": [gaps[name].sum() for name in METHODS],
        }
    ).with_columns(pl.when(whole > 0).then(pl.col("error_share", "bias_share") / whole))
    return table.sort("error_share", nulls_last=True, maintain_order=True).with_columns(
        customers=pl.lit(told.height, dtype=pl.Int64),
        weeks=pl.lit(held / 7),
        champion=pl.int_range(pl.len()) == 0,
    )


def verdict(tested: pl.DataFrame) -> str:
    """Return in words which way to predict won the backtest, and by what."""
    if tested["error_share"].null_count():
        return f"Nothing was spent in the weeks held out, so {tested['method'][0]} is used untested"
    first, *others = tested.select("method", pl.col("error_share") * 100).rows()
    beaten = "; ".join(f"{name}: {error:.1f} %" for name, error in others)
    return f"{first[0]} predicts best, missing {first[1]:.1f} % of spend ({beaten})"


def outlook(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment: customers, predicted_spend and its share, the least and most.

    Money, of the weeks predicted; null where nobody is in a segment.
    """
    spend = pl.col("predicted_spend")
    summed = labels.group_by("segment").agg(
        customers=pl.len().cast(pl.Int64),
        predicted_spend=spend.sum(),
        least_value=spend.min(),
        most_value=spend.max(),
    )
    exact = spend.cast(pl.Float64)
    return in_order(summed, SEGMENTS).with_columns(
        pl.col("customers").fill_null(0), predicted_spend_share=exact / exact.sum()
    )


def _predicted(days: pl.DataFrame, window: Period, method: str, weeks: int) -> pl.DataFrame:
    told = forecasts(days, window, 7 * weeks, only=method)
    seen = days.group_by("customer_id").agg(
        pl.col("sales", "receipts").sum(), visits=(pl.col("receipts") > 0).sum().cast(pl.Int64)
    )
    return told.select("customer_id", predicted=pl.col(method).round(0).cast(pl.Int64)).join(
        seen, on="customer_id", validate="1:1", maintain_order="left"
    )
