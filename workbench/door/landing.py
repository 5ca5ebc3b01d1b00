"""Landing: one file's records become typed rows, and rows that cannot be read are set apart.

The file is read once, as a stream, into a Parquet file of the work folder. Each bad row goes to
quarantine with line, column, value and reason; kept and quarantined rows add up to those
delivered. A file with more than the mapping's share of such rows, or without a column that is
mapped, is refused whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from workbench.data.contract import Column, Kind
from workbench.data.contracts import CONTRACTS
from workbench.data.privacy import masked
from workbench.door import cast
from workbench.door.delivery import WRONG, Delivered, DeliveryError, Landed
from workbench.door.mapping import Mapping as DoorMapping
from workbench.door.mapping import Returns, TableSource
from workbench.door.reading import LINE, Raw

SHIFTED, RETURNED, MONEY = "(shifted)", "(returned)", "(money)"
AMOUNTS = (Kind.MONEY, Kind.QUANTITY)
AS_TEXT = (Kind.ID, Kind.KEY, Kind.TEXT)
LINES = "lines"
HALF_A_CENT = 0.005
OF_THE_DISK = "os error"


@dataclass(frozen=True)
class _Reader:
    """One file on its way: what stands in it, and how the mapping reads it."""

    file: Delivered
    source: TableSource
    zone: str
    raw: Raw

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def personal(self) -> bool:
        """Return whether it speaks of people beside the receipts: no value of it is shown."""
        table = self.file.table
        return table != LINES and any(c.name == "customer" for c in CONTRACTS[table].columns)

    @cached_property
    def types(self) -> Mapping[str, pl.DataType]:
        return dict(self.raw.frame.collect_schema())

    @cached_property
    def mapped(self) -> dict[str, Column]:
        contract = CONTRACTS[self.file.table]
        return {c.name: c for c in contract.columns if c.name in self.source.columns}

    @cached_property
    def needed(self) -> set[str]:
        """Return the columns of the file that the mapping speaks of."""
        needed = {name for source in self.source.columns.values() for name in source.needs}
        return needed | ({self.source.returns.column} if self.source.returns else set())

    def values(self) -> dict[str, pl.Expr]:
        """Return what is read of the mapped columns, each under its name in brackets."""
        read = {
            f"({name})": cast.value(
                column, self.source.columns[name], self.types, self.zone, self.source.nulls
            )
            for name, column in self.mapped.items()
        }
        if self.source.returns:
            back = marked(self.source.returns)
            for name, column in self.mapped.items():
                if column.kind in AMOUNTS:
                    amount = read[f"({name})"]
                    read[f"({name})"] = pl.when(back).then(-amount.abs()).otherwise(amount)
        return read

    def typed(self) -> dict[str, pl.Expr]:
        """Return the stored columns, from `values`; one that is not delivered is null."""
        exprs: dict[str, pl.Expr] = {}
        for column in CONTRACTS[self.file.table].columns:
            if column.name in self.mapped:
                exprs |= cast.stored(column, pl.col(f"({column.name})"))
            else:
                exprs |= _absent(column)
        return exprs

    @cached_property
    def wrong(self) -> dict[str, pl.Expr]:
        """Return whether a row's value of a column cannot be read, by column, from `values`."""
        return {
            name: cast.unread(
                column,
                self.source.columns[name],
                self.types,
                pl.col(f"({name})"),
                self.source.nulls,
            )
            for name, column in self.mapped.items()
            if self._may_be_wrong(column)
        }

    def _may_be_wrong(self, column: Column) -> bool:
        """Return whether a value can be there and not be understood, as no text can."""
        dtype = cast.delivered(self.source.columns[column.name], self.types)[1]
        return column.required or column.kind not in AS_TEXT or dtype.is_float()

    def first_wrong(self) -> pl.Expr:
        """Return the number of the first column that cannot be read, null for a good row."""
        numbers = [
            pl.when(wrong).then(pl.lit(number, dtype=pl.Int16))
            for number, wrong in enumerate(self.wrong.values())
        ]
        return pl.coalesce(numbers) if numbers else pl.lit(None, dtype=pl.Int16)

    def counted(self) -> dict[str, pl.Expr]:
        """Return what is counted beside the columns: rows on another day, marked returns."""
        counted = {}
        if self.source.returns:
            counted[RETURNED] = marked(self.source.returns)
        at = self.source.columns.get("sold_at")
        if at and at.zone and at.zone != self.zone:
            stamp = Column("sold_at", Kind.STAMP, "")
            there = cast.value(stamp, at, self.types, at.zone)
            counted[SHIFTED] = pl.col("(sold_at)").dt.date() != there.dt.date()
        return counted


def marked(returns: Returns) -> pl.Expr:
    """Return whether a row is marked as a return or cancellation."""
    value = pl.col(returns.column).cast(pl.String).str.strip_chars()
    found = value.is_in(list(returns.values))
    if returns.starts:
        found = found | value.str.starts_with(returns.starts)
    return found.fill_null(False)


def land(file: Delivered, mapping: DoorMapping, raw: Raw, work: Path) -> Landed:
    """Turn a file as read into typed rows and quarantine, or raise DeliveryError saying why not."""
    source = mapping.tables[file.table]
    reader = _Reader(file, source, mapping.zone, raw)
    _refuse_missing(reader)
    parquet = work / f"{file.table}-{file.sha256}.parquet"
    counted = reader.counted()
    rows = raw.frame.with_columns(**reader.values()).select(
        LINE, **reader.typed(), **counted, **{WRONG: reader.first_wrong()}
    )
    try:
        rows.sink_parquet(parquet)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _told(reader.name, error) from None
    sums, cents = {name: pl.col(name).sum() for name in counted}, pl.col("sales").cast(pl.Int64)
    if "sales" in reader.mapped:
        sums |= {"sales": cents.sum(), MONEY: cents.abs().sum()}
    good = pl.scan_parquet(parquet).filter(pl.col(WRONG).is_null())
    found = good.select(rows=pl.len(), **sums).collect().row(0, named=True)
    _refuse_too_many(reader, parquet, raw.delivered - found["rows"])
    quarantine = _quarantine(reader, parquet)
    if found["rows"] + quarantine.height != raw.delivered:
        raise DeliveryError(f"{reader.name} is refused: some of its rows were lost on the way")
    _refuse_too_much(reader, quarantine, found.get(MONEY) or 0)
    if raw.seen:
        raw.seen.check()
    return Landed(
        file=file,
        parquet=parquet,
        delivered=raw.delivered,
        kept=found["rows"],
        quarantine=quarantine,
        notes=raw.notes,
        unused=tuple(name for name in reader.types if name not in {LINE, *reader.needed}),
        columns=len(reader.types) - 1,
        sales_kept=found.get("sales"),
        shifted=found.get(SHIFTED) or 0,
        returned=found.get(RETURNED) or 0,
    )


def _told(name: str, error: Exception) -> Exception:
    """Return an engine's error in words: the disk's fault, or else the file's."""
    first = masked(str(error).partition("\n")[0])
    if OF_THE_DISK in first:
        return OSError(
            f"{name} could not be taken in: {first}; make room and load it again, nothing has "
            "changed"
        )
    return DeliveryError(f"{name} is refused: {first}; deliver it again")


def _refuse_missing(reader: _Reader) -> None:
    if missing := sorted(reader.needed - reader.types.keys()):
        known = ", ".join(name for name in reader.types if name != LINE)
        raise DeliveryError(f"{reader.name} has no column {missing[0]!r}; it has: {masked(known)}")


def _refuse_too_many(reader: _Reader, parquet: Path, wrong: int) -> None:
    allowed = reader.source.reject
    rows = reader.raw.delivered
    if wrong <= allowed * rows:
        return
    told = f"{wrong} of {rows} rows cannot be read"
    raise _too_many(reader, told, _quarantine(reader, parquet, most=1))


def _refuse_too_much(reader: _Reader, quarantine: pl.DataFrame, kept: int) -> None:
    """Refuse a file that would leave out more of its money, returns and all, than is allowed."""
    wrong = int(quarantine["sales"].abs().sum())
    if wrong > reader.source.reject * (kept + wrong):
        told = f"rows with {wrong / cast.CENTS:,.2f} of {(kept + wrong) / cast.CENTS:,.2f} in money"
        raise _too_many(reader, f"{told} cannot be read", quarantine)


def _too_many(reader: _Reader, told: str, quarantine: pl.DataFrame) -> DeliveryError:
    """Return the refusal of a file, with the first of its rows in quarantine."""
    first = quarantine.row(0, named=True)
    place = f"line {first['line']}" + (f", column {first['column']!r}" if first["column"] else "")
    value = "" if first["value"] is None else f"{first['value']!r} "
    return DeliveryError(
        f"{reader.name} is refused: {told}, and the mapping allows a share of "
        f"{reader.source.reject:.4g}; the first is in {place}: {value}{first['reason']}; "
        "correct the file, or in the mapping the format of that column or the share to reject"
    )


def _quarantine(reader: _Reader, parquet: Path, most: int | None = None) -> pl.DataFrame:
    """Return one row per row that is not kept, in order of line.

    What may be personal is left out of the values: the cells of a broken row may have moved. The
    delivered file, which the line leads to, still has it.
    """
    wrong = pl.scan_parquet(parquet).filter(pl.col(WRONG).is_not_null()).select(LINE).unique()
    lines = (wrong if most is None else wrong.bottom_k(most, by=LINE)).collect()
    odd = reader.raw.rejected.select(
        "line",
        column=pl.lit(None, dtype=pl.String),
        value=pl.col("value"),
        reason=pl.col("reason"),
        sales=pl.lit(None, dtype=pl.Int64),
    )
    frames = [odd, _explained(reader, lines)] if lines.height else [odd]
    hidden = pl.lit(reader.personal) | pl.col("value").str.contains("@", literal=True)
    told = pl.col("value").map_elements(masked, return_dtype=pl.String)
    shown = pl.concat(frames).with_columns(value=pl.when(~hidden).then(told))
    found = shown.sort("line", maintain_order=True)
    return found if most is None else found.head(most)


def _explained(reader: _Reader, lines: pl.DataFrame) -> pl.DataFrame:
    """Return line, column, value, reason and sales of the wrong rows of some lines."""
    rows = reader.raw.frame.join(lines.lazy(), on=LINE, how="semi")
    read = rows.with_columns(**reader.values()).with_columns(reader.first_wrong().alias(WRONG))
    money = pl.col("(sales)") if "sales" in reader.mapped else pl.lit(None)
    frames = []
    for number, name in enumerate(reader.wrong):
        column, source = reader.mapped[name], reader.source.columns[name]
        value = cast.delivered(source, reader.types, reader.source.nulls)[0].cast(pl.String)
        kind = f"{name} ({column.kind.name.lower()})"
        missing, unreadable = f"missing, and {name} needs a value", f"is not readable as {kind}"
        frames.append(
            read.filter(pl.col(WRONG) == number).select(
                line=pl.col(LINE),
                column=pl.lit(" ".join(source.names) or name),
                value=value,
                reason=pl.when(value.is_null()).then(pl.lit(missing)).otherwise(pl.lit(unreadable)),
                sales=money.cast(pl.Int64),
            )
        )
    return pl.concat(pl.collect_all(frames))


def _absent(column: Column) -> dict[str, pl.Expr]:
    if column.kind in (Kind.ID, Kind.KEY):
        return {column.name: pl.lit(None, dtype=pl.String)}
    return {name: pl.lit(None, dtype=dtype) for name, dtype in column.stored.items()}


def refuse_other_totals(landed: Sequence[Landed], source: TableSource) -> None:
    """Refuse a table whose rows or sales are not those that the mapping says must arrive."""
    cents = sum((one.sales_kept or 0) + (one.sales_quarantined or 0) for one in landed)
    arrived = {"rows": sum(one.delivered for one in landed), "sales": cents / cast.CENTS}
    for name, total in source.totals.items():
        if abs(arrived[name] - total) >= HALF_A_CENT:
            raise DeliveryError(
                f"{source.file} is refused: {arrived[name]} {name} arrived where the mapping's "
                f"totals say {total}; deliver what is missing, or correct the totals"
            )
