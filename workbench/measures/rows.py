"""The rows of a measure: every segment in its declared order, and what share of all it has."""

import polars as pl


def segments_of(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment of the labels, in their declared order: segment."""
    kind = labels.schema["segment"]
    return pl.DataFrame({"segment": kind.categories}, schema={"segment": kind})  # type: ignore[attr-defined]


def told(labels: pl.DataFrame) -> pl.DataFrame:
    """Return the labels as what a question's answer is joined to: customer_id, segment."""
    return labels.select(pl.col("customer_id").cast(pl.Int64), "segment")


def share_of(name: str) -> pl.Expr:
    """Return a column's share in its total, such as `sales_share`; null where a part is unknown.

    >>> pl.DataFrame({"sales": [1, 3]}).select(share_of("sales")).to_series().to_list()
    [0.25, 0.75]
    """
    whole = pl.col(name).sum()
    known = pl.col(name).is_not_null().all() & (whole != 0)
    return pl.when(known).then(pl.col(name) / whole).alias(f"{name}_share")
