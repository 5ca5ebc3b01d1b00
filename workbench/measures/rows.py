"""The rows of a measure: every segment in its declared order, those of nobody too."""

import polars as pl


def segments_of(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment of the labels, in their declared order: segment."""
    kind = labels.schema["segment"]
    return pl.DataFrame({"segment": kind.categories}, schema={"segment": kind})  # type: ignore[attr-defined]


def told(labels: pl.DataFrame) -> pl.DataFrame:
    """Return the labels as what a question's answer is joined to: customer_id, segment."""
    return labels.select(pl.col("customer_id").cast(pl.Int64), "segment")
