"""Where two segmentations disagree: what each leads to expect of the same customers."""

import polars as pl

from workbench.measures.rows import told

_SIDES = ("first", "second")


def expected_by(outcomes: pl.DataFrame, first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Return one row per customer with an outcome and both labels: what each label leads to expect.

    Columns: customer_id, first and second (the segments), first_expects and second_expects (the
    mean outcome of the segment's customers), outcome. Those most disagreed about come first.
    """
    joined = outcomes
    for name, labels in zip(_SIDES, (first, second), strict=True):
        side = told(labels).rename({"segment": name})
        joined = joined.join(side, on="customer_id", validate="1:1", maintain_order="left")
    means = {f"{name}_expects": pl.col("outcome").mean().over(name) for name in _SIDES}
    gap = (pl.col("first_expects") - pl.col("second_expects")).abs()
    return (
        joined.with_columns(**means)
        .sort(gap, descending=True, maintain_order=True)
        .select("customer_id", *_SIDES, *means, "outcome")
    )


def disagreements(each: pl.DataFrame, *, base: int = 20, top: int = 8) -> pl.DataFrame:
    """Return one row per pair of segments of at least `base` customers, most disagreed about first.

    `each` is what `expected_by` returns. Columns: first, second, customers, first_expects,
    second_expects and was, the mean outcome of these customers: money each, or of 100 customers
    how many where the outcome is yes or no.
    """
    pairs = each.group_by(_SIDES, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("first_expects", "second_expects").first(),
        was=pl.col("outcome").mean(),
    )
    gap = (pl.col("first_expects") - pl.col("second_expects")).abs()
    enough = pairs.filter(pl.col("customers") >= base)
    ranked = enough.sort(gap, *_SIDES, descending=[True, False, False]).head(top)
    means = pl.col("first_expects", "second_expects", "was")
    if each["outcome"].is_in([0.0, 1.0]).all():
        return ranked.with_columns(means * 100)
    return ranked.with_columns(means.round(2).cast(pl.Decimal(38, 2)))


def say_disagreements(pairs: pl.DataFrame, first: str, second: str) -> str:
    """Return the sentence that names the customers most disagreed about, and who was right."""
    if pairs.is_empty():
        return "No group of customers is large enough to compare what the two expect of it"
    row = pairs.row(0, named=True)
    near = abs(row["first_expects"] - row["was"]) <= abs(row["second_expects"] - row["was"])
    return (
        f"{row['customers']} customers are {row['first']} by {first} and {row['second']} by "
        f"{second}: {first if near else second} was nearer to what they did"
    )
