"""How far two sets of labels of the same customers agree, beyond what chance would give."""

from collections.abc import Iterable

import polars as pl

EVERYBODY, CLEAR = "labelled in both", "with a clear label in both"


def agreement(
    first: pl.DataFrame, second: pl.DataFrame, *, unclear: Iterable[str] = ()
) -> pl.DataFrame:
    """Return two rows: agreement of all labelled in both, and of those with a clear label in both.

    `unclear` are the segments that say nothing. Columns: whom, customers, alike_share (of them),
    chance_share (alike if the two had nothing to do with each other) and kappa (agreement beyond
    chance over what is possible beyond chance: 0 none, 1 complete); null where it has no meaning.
    """
    sides = [
        labels.select("customer_id", pl.col("segment").cast(pl.String).alias(side))
        for labels, side in ((first, "first"), (second, "second"))
    ]
    both = sides[0].join(sides[1], on="customer_id", validate="1:1")
    clear = both.filter(~pl.any_horizontal(pl.col("first", "second").is_in(list(unclear))))
    return pl.concat([_row(EVERYBODY, both), _row(CLEAR, clear)])


def say_agreement(table: pl.DataFrame) -> str:
    """Say how many are labelled alike twice, and how many would be by chance."""
    row = table.row(0, named=True)
    if row["kappa"] is None and row["customers"]:
        return f"All {row['customers']:,} customers have one label: whether labels hold is not told"
    if row["kappa"] is None:
        return "Too few customers came twice to say whether labels hold"
    return (
        f"{row['alike_share']:.0%} of {row['customers']:,} customers are labelled alike both "
        f"times; {row['chance_share']:.0%} would be by chance (kappa {row['kappa']:.2f})"
    )


def _row(whom: str, both: pl.DataFrame) -> pl.DataFrame:
    shares = [
        both.group_by(segment=side).agg((pl.len() / both.height).alias(side))
        for side in ("first", "second")
    ]
    joint = shares[0].join(shares[1], on="segment").sort("segment")
    chance = (joint["first"] * joint["second"]).sum() if both.height else None
    return both.select(
        whom=pl.lit(whom),
        customers=pl.len().cast(pl.Int64),
        alike_share=(pl.col("first") == pl.col("second")).mean(),
        chance_share=pl.lit(chance, pl.Float64),
    ).with_columns(
        kappa=pl.when(pl.col("chance_share") < 1).then(
            (pl.col("alike_share") - pl.col("chance_share")) / (1 - pl.col("chance_share"))
        )
    )
