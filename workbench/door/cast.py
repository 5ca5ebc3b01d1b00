"""From delivered columns to stored ones: each kind of column has one reading.

Text and the file's own types are both accepted. A value that is there but cannot be read
becomes null, and `unread` tells such values, so that their rows go to quarantine.
"""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.door.mapping import Source

CENTS = 100
THOUSANDTHS = 1000
BASIS_POINTS = 10_000
MILLIONTHS = 1_000_000
_SCALES = {Kind.MONEY: CENTS, Kind.QUANTITY: THOUSANDTHS, Kind.RATE: BASIS_POINTS, Kind.TENTHS: 10}
_SCALES |= dict.fromkeys((Kind.LATITUDE, Kind.LONGITUDE), MILLIONTHS)
_FURTHEST = {Kind.LATITUDE: 90 * MILLIONTHS, Kind.LONGITUDE: 180 * MILLIONTHS}
_FINE = 10_000
_EXACT = 2**53  # the largest whole number that a float tells from the next
_ZONED = re.compile(r"%:{0,3}z|%#z|%\+")
FIRST_YEAR = 1900
_CURRENCY = r"(?:\p{Sc}|[A-Z]{3})?\s*"
_MIDNIGHT = "00:00:00"
Types = Mapping[str, pl.DataType]


def value(
    column: Column, source: Source, types: Types, zone: str, nulls: Sequence[str] = ()
) -> pl.Expr:
    """Return a delivered column's values in our terms, null where they cannot be read.

    `types` are those of the file's columns. A stamp is a moment by the shops' clock; a key stays
    as delivered, surrogates come later.
    """
    given, dtype = delivered(source, types, nulls)
    if column.kind in _SCALES:
        scale, number = _SCALES[column.kind], _number(given, dtype, source)
        if source.times:
            pieces = _number(pl.col(source.times), types[source.times], source)
            scaled = _product(number, pieces, source, scale)
        else:
            scaled = _scaled(number, source, scale)
        read = (scaled * source.sign).cast(pl.Int32, strict=False)
        furthest = _FURTHEST.get(column.kind)
        return read if furthest is None else pl.when(read.abs() <= furthest).then(read)
    match column.kind:
        case Kind.WHOLE:
            return _whole(given, dtype)
        case Kind.FLAG:
            return _flag(given, source)
        case Kind.DAY:
            return _moment(given, source, dtype, zone).dt.date()
        case Kind.WEEK:
            return _week(given, source, dtype, zone)
        case Kind.STAMP:
            return _placed(_moment(given, source, dtype, zone), source, zone)
        case Kind.KEY:
            return _id(given, dtype)
        case Kind.ID:
            return _id(given, dtype).cast(pl.String)
        case _:
            return given.cast(pl.String)


def stored(column: Column, read: pl.Expr) -> Mapping[str, pl.Expr]:
    """Return the stored columns, name to expression, of a column's values as `value` reads them."""
    if column.kind is Kind.STAMP:
        minute = read.dt.hour().cast(pl.Int16) * 60 + read.dt.minute()
        return {"day": read.dt.date(), "minute": minute}
    return {column.name: read}


def delivered(
    source: Source, types: Types, nulls: Sequence[str] = ()
) -> tuple[pl.Expr, pl.DataType]:
    """Return a column's values as delivered, and their type; blanks and `nulls` are null."""
    if source.always is not None:
        return pl.lit(source.always), pl.String()
    if len(source.names) > 1:
        joined = pl.concat_str([pl.col(n).cast(pl.String) for n in source.names], separator=" ")
        return joined.str.strip_chars(), pl.String()
    found, dtype = pl.col(source.names[0]), types[source.names[0]]
    if dtype == pl.String:
        found = found.str.strip_chars()
        found = pl.when(~found.is_in(["", *nulls])).then(found)
    return found, dtype


def unread(
    column: Column, source: Source, types: Types, read: pl.Expr, nulls: Sequence[str] = ()
) -> pl.Expr:
    """Return whether a value, as it was `read`, is there and not understood, or is missing where
    the table needs one.
    """
    if column.required:
        return read.is_null()
    return read.is_null() & delivered(source, types, nulls)[0].is_not_null()


def _number(value: pl.Expr, dtype: pl.DataType, source: Source) -> pl.Expr:
    """Return a decimal number of six places, null where there is none to be read."""
    if dtype.is_float():
        value = pl.when(value.is_finite()).then(value)
    elif dtype == pl.String and (source.decimal or source.thousands):
        value = _written(value, source)
    return value.cast(pl.Decimal(20, 6), strict=False)


def _scaled(number: pl.Expr, source: Source, scale: int) -> pl.Expr:
    if source.unit != 1:
        return (number.cast(pl.Float64) * (scale * source.unit)).round(0)
    return (number * scale).round(0).cast(pl.Int64, strict=False)


def _product(price: pl.Expr, pieces: pl.Expr, source: Source, scale: int) -> pl.Expr:
    """Return price times pieces in steps of the scale, halves rounded away from zero."""
    each = (price * _FINE).round(0).cast(pl.Int64, strict=False)
    many = (pieces * THOUSANDTHS).round(0).cast(pl.Int64, strict=False)
    product, one = each * many, _FINE * THOUSANDTHS // scale
    if source.unit != 1:
        return (product.cast(pl.Float64) * (source.unit / one)).round(0)
    return (product.abs() + one // 2) // one * product.sign()


def _written(value: pl.Expr, source: Source) -> pl.Expr:
    """Return plain digits for a number as people write it: 1.234,50 € or (2,50) or 2,50-."""
    decimal = re.escape(source.decimal or ".")
    group = re.escape(source.thousands) if source.thousands else None
    whole = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    parts = value.str.extract_groups(
        rf"^(?<open>\()?{_CURRENCY}(?<minus>[-+\x{{2212}}])?\s*{_CURRENCY}(?<whole>{whole})"
        rf"(?:{decimal}(?<part>[0-9]+))?\s*{_CURRENCY}(?<after>-)?\)?$"
    ).struct
    digits = parts.field("whole")
    if source.thousands:
        digits = digits.str.replace_all(source.thousands, "", literal=True)
    number = pl.concat_str(digits, pl.lit("."), parts.field("part").fill_null("0"))
    negative = (
        parts.field("open").is_not_null()
        | parts.field("after").is_not_null()
        | (parts.field("minus").fill_null("+") != "+")
    )
    return pl.when(negative).then(pl.concat_str(pl.lit("-"), number)).otherwise(number)


def _whole(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    number = value.cast(pl.Int32, strict=False)
    if dtype == pl.String:
        return number
    return pl.when(number == value).then(number)


def _id(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return ids as delivered; floats, which pandas makes of numbers with gaps, as whole ones."""
    if not dtype.is_float():
        return value
    number = value.cast(pl.Int64, strict=False)
    return pl.when((number == value) & (value.abs() < _EXACT)).then(number)


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
    zoned = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    if dtype == pl.String:
        if not source.format:
            return _iso(value)
        zoned = _ZONED.search(source.format) is not None
        value = value.str.to_datetime(source.format, time_unit="us", strict=False)
    if zoned:
        value = value.dt.convert_time_zone(source.zone or zone).dt.replace_time_zone(None)
    return value.cast(pl.Datetime("us"))


def _iso(value: pl.Expr) -> pl.Expr:
    """Return moments written like 2026-01-05, 2026-01-05 09:30 or 2026-01-05T09:30:00.5."""
    clock = value.str.slice(11, len(_MIDNIGHT))
    rest = pl.lit(_MIDNIGHT).str.slice(clock.str.len_chars())
    whole = pl.concat_str(value.str.head(10), pl.lit(" "), clock, rest)
    fits = value.str.slice(10, 1).is_in(["", " ", "T"])
    fits &= value.str.slice(19).str.contains(r"^(\.[0-9]+)?$")
    read = whole.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return pl.when(fits & (read.dt.year() >= FIRST_YEAR)).then(read)


def _week(value: pl.Expr, source: Source, dtype: pl.DataType, zone: str) -> pl.Expr:
    if source.weeks_from is None:
        return _moment(value, source, dtype, zone).dt.truncate("1w").dt.date()
    weeks = value.cast(pl.Int32, strict=False) - 1
    return pl.lit(source.weeks_from) + pl.duration(weeks=weeks)


def _placed(moment: pl.Expr, source: Source, zone: str) -> pl.Expr:
    """Return moments of the source's clock by the shops' clock."""
    if source.zone and source.zone != zone:
        placed = moment.dt.replace_time_zone(source.zone, ambiguous="earliest", non_existent="null")
        moment = placed.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return moment
