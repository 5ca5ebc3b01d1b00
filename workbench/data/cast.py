"""From delivered columns to stored ones: each kind of column has one reading.

Text and the file's own types are both accepted. A value that is there but cannot be read
becomes null, and `unread` counts such values, so that a file with any is refused whole.
"""

from collections.abc import Mapping

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.data.mapping import Source

CENTS = 100
THOUSANDTHS = 1000
BASIS_POINTS = 10_000


def expressions(
    column: Column, source: Source, dtype: pl.DataType, zone: str
) -> Mapping[str, pl.Expr]:
    """Return the stored columns (name to expression) that a delivered column becomes.

    An ID or KEY stays text here, under the column's own name; surrogates come later.
    """
    value = pl.col(source.name)
    if dtype == pl.String:
        value = value.str.strip_chars().replace("", None)
    match column.kind:
        case Kind.MONEY:
            return {column.name: _scaled(value, dtype, CENTS)}
        case Kind.QUANTITY:
            return {column.name: _scaled(value, dtype, THOUSANDTHS)}
        case Kind.RATE:
            return {column.name: _scaled(value, dtype, BASIS_POINTS)}
        case Kind.WHOLE:
            return {column.name: value.cast(pl.Int32, strict=False)}
        case Kind.FLAG:
            return {column.name: _flag(value, source)}
        case Kind.DAY:
            return {column.name: _moment(value, source, dtype).dt.date()}
        case Kind.WEEK:
            return {column.name: _week(value, source, dtype)}
        case Kind.STAMP:
            return _stamp(_moment(value, source, dtype), source, zone)
        case _:
            return {column.name: value.cast(pl.String)}


def unread(column: Column, source: Source, dtype: pl.DataType, zone: str) -> pl.Expr:
    """Return the number of values that are there but could not be read."""
    delivered = pl.col(source.name)
    if dtype == pl.String:
        delivered = delivered.str.strip_chars().replace("", None)
    stored = next(iter(expressions(column, source, dtype, zone).values()))
    return (delivered.is_not_null() & stored.is_null()).sum()


def _scaled(value: pl.Expr, dtype: pl.DataType, scale: int) -> pl.Expr:
    if dtype.is_float():
        value = pl.when(value.is_finite()).then(value)
    else:
        value = value.cast(pl.Decimal(20, 6), strict=False)
    return (value * scale).round(0).cast(pl.Int32, strict=False)


def _flag(value: pl.Expr, source: Source) -> pl.Expr:
    text = value.cast(pl.String)
    if source.yes:
        return text.is_in(source.yes).fill_null(False)  # noqa: FBT003 - polars takes the value so
    if source.no:
        return text.is_in(source.no).not_().fill_null(True)  # noqa: FBT003
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def _moment(value: pl.Expr, source: Source, dtype: pl.DataType) -> pl.Expr:
    if dtype != pl.String:
        return value.cast(pl.Datetime("us"))
    return value.str.to_datetime(source.format, time_unit="us", strict=False)


def _week(value: pl.Expr, source: Source, dtype: pl.DataType) -> pl.Expr:
    if source.weeks_from is None:
        return _moment(value, source, dtype).dt.truncate("1w").dt.date()
    weeks = value.cast(pl.Int32, strict=False) - 1
    return pl.lit(source.weeks_from) + pl.duration(weeks=weeks)


def _stamp(moment: pl.Expr, source: Source, zone: str) -> dict[str, pl.Expr]:
    if source.zone and source.zone != zone:
        placed = moment.dt.replace_time_zone(source.zone, ambiguous="earliest", non_existent="null")
        moment = placed.dt.convert_time_zone(zone)
    minute = moment.dt.hour().cast(pl.Int16) * 60 + moment.dt.minute()
    return {"day": moment.dt.date(), "minute": minute}
