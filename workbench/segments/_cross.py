"""Several criteria at once: the product of two segmentations."""

from itertools import product

import polars as pl

JOINT = " and "


def cross(first: pl.DataFrame, second: pl.DataFrame, *, empty: bool = False) -> pl.DataFrame:
    """Return one row per customer with a label in both: customer_id, segment, first, second.

    `segment` is "Champions and Heavy", an Enum in the order of the first labels and, within
    each, of the second. Combinations that nobody has are dropped from it, so that two results
    may have different ones; with `empty` all are kept. A customer with only one of the two
    labels has none here.
    """
    sides = [
        labels.select("customer_id", pl.col("segment").alias(name))
        for labels, name in ((first, "first"), (second, "second"))
    ]
    both = sides[0].join(sides[1], on="customer_id", validate="1:1", maintain_order="left")
    named = both.with_columns(
        segment=pl.concat_str(pl.col("first", "second").cast(pl.String), separator=JOINT)
    )
    seen = set(named["segment"])
    order = [JOINT.join(pair) for pair in product(_labels(first), _labels(second))]
    kept = pl.Enum([name for name in order if empty or name in seen])
    return named.select("customer_id", pl.col("segment").cast(kept), "first", "second")


def _labels(labels: pl.DataFrame) -> list[str]:
    return list(labels["segment"].dtype.categories)  # type: ignore[attr-defined]
