"""Membership: whether a segment is a group that is there, and how many of it clearly belong."""

from types import ModuleType

import polars as pl

from workbench.segments import clusters

PERSONA, GROUP, RULE = "persona", "group of customers", "segment by rule"


def membership(segmentation: object, labels: pl.DataFrame, *, draws: int = 20) -> pl.DataFrame:
    """Return one row per segment with customers: what it may be called, and how sure it is.

    Columns: segment, kind, name, customers, inside_share (members clearly nearer to it than to
    any other) and overlap_share (how much of it is found again in `draws` resamples). A cluster
    that is found again is a persona and has a name, another one is a group of customers. A
    segment that a rule or a list makes is called by its own name; nothing is there to be found
    again, and both shares are null.
    """
    if isinstance(segmentation, ModuleType) and segmentation is clusters:
        found = clusters.portrait(labels, draws=draws)
        earned = pl.col("overlap_share").fill_null(0) >= clusters.STABLE
        kind = pl.when(earned).then(pl.lit(PERSONA)).otherwise(pl.lit(GROUP))
        columns = ("segment", "kind", "name", "customers", "inside_share", "overlap_share")
        return found.with_columns(kind=kind).select(columns)
    counted = labels.group_by("segment").agg(customers=pl.len().cast(pl.Int64)).sort("segment")
    unknown = pl.lit(None, pl.Float64)
    return counted.select(
        "segment",
        pl.lit(RULE).alias("kind"),
        pl.col("segment").cast(pl.String).alias("name"),
        "customers",
        unknown.alias("inside_share"),
        unknown.alias("overlap_share"),
    )
