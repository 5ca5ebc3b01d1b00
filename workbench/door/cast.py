"""From delivered columns to stored ones: each kind of column has one reading.

Text and the file's own types are both accepted. A value that is there but cannot be read
becomes null, and `unread` counts such values, so that a file with any is refused whole.
"""

from collections.abc import Mapping

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.door.mapping import Source

CENTS = 100
THOUSANDTHS = 1000
BASIS_POINTS = 10_000
_SCALES = {Kind.MONEY: CENTS, Kind.QUANTITY: THOUSANDTHS, Kind.RATE: BASIS_POINTS}
ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


def expressions(
    column: Column, source: Source, dtype: pl.DataType, zone: str
) -> Mapping[str, pl.Expr]:
    """Return the stored columns (name to expression) that a delivered column becomes.

    A KEY stays as delivered here, under the column's own name; surrogates come later.
    """
    value = pl.col(source.name)
    if dtype == pl.String:
        value = value.str.strip_chars().replace("", None)
    if column.kind in _SCALES:
        return {column.name: _scaled(value, dtype, _SCALES[column.kind])}
    match column.kind:
        case Kind.WHOLE:
            return {column.name: _whole(value, dtype)}
        case Kind.FLAG:
            return {column.name: _flag(value, source)}
        case Kind.DAY:
            return {column.name: _moment(value, source, dtype, zone).dt.date()}
        case Kind.WEEK:
            return {column.name: _week(value, source, dtype, zone)}
        case Kind.STAMP:
            return _stamp(_moment(value, source, dtype, zone), source, zone)
        case Kind.KEY:
            return {column.name: value}
        case _:
            return {column.name: value.cast(pl.String)}


def unread(column: Column, source: Source, dtype: pl.DataType, zone: str) -> pl.Expr:
    """Return whether a value cannot be read: it is there and not understood, or is missing
    where the table needs one.
    """
    stored = next(iter(expressions(column, source, dtype, zone).values()))
    if column.required:
        return stored.is_null()
    delivered = pl.col(source.name)
    if dtype == pl.String:
        delivered = delivered.str.strip_chars().replace("", None)
    return delivered.is_not_null() & stored.is_null()


def _scaled(value: pl.Expr, dtype: pl.DataType, scale: int) -> pl.Expr:
    if dtype.is_float():
        value = pl.when(value.is_finite()).then(value)
    else:
        value = value.cast(pl.Decimal(20, 6), strict=False)
    return (value * scale).round(0).cast(pl.Int32, strict=False)


def _whole(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    number = value.cast(pl.Int32, strict=False)
    if dtype == pl.String:
        return number
    return pl.when(number == value).then(number)


def _flag(value: pl.Expr, source: Source) -> pl.Expr:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    text = value.cast(pl.String)
    if not source.yes and not source.no:
        text = text.str.to_lowercase()
        return text.replace_strict(words, default=None, return_dtype=pl.Boolean)
    words = dict.fromkeys(source.yes, True) | dict.fromkeys(source.no, False)
    rest = None if source.yes and source.no else not source.yes
    return text.replace_strict(words, default=rest, return_dtype=pl.Boolean)


def _moment(value: pl.Expr, source: Source, dtype: pl.DataType, zone: str) -> pl.Expr:
    """Return moments of the source's own clock; text without a format is read as ISO only."""
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return value.dt.convert_time_zone(source.zone or zone).dt.replace_time_zone(None)
    if dtype != pl.String:
        return value.cast(pl.Datetime("us"))
    readings = [
        value.str.to_datetime(form, time_unit="us", strict=False)
        for form in ((source.format,) if source.format else ISO)
    ]
    return pl.coalesce(readings)


def _week(value: pl.Expr, source: Source, dtype: pl.DataType, zone: str) -> pl.Expr:
    if source.weeks_from is None:
        return _moment(value, source, dtype, zone).dt.truncate("1w").dt.date()
    weeks = value.cast(pl.Int32, strict=False) - 1
    return pl.lit(source.weeks_from) + pl.duration(weeks=weeks)


def _stamp(moment: pl.Expr, source: Source, zone: str) -> dict[str, pl.Expr]:
    if source.zone and source.zone != zone:
        placed = moment.dt.replace_time_zone(source.zone, ambiguous="earliest", non_existent="null")
        moment = placed.dt.convert_time_zone(zone)
    minute = moment.dt.hour().cast(pl.Int16) * 60 + moment.dt.minute()
    return {"day": moment.dt.date(), "minute": minute}
