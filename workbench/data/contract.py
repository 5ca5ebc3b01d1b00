"""What a table of the data model is made of: kinds of columns, columns, contracts.

A column has two faces. At the door it is *delivered* as text or as the file's own type under
a canonical name (`customer`, `sold_at`, `sales`); in the lake it is *stored* in the form that
makes measures exact and fast (`customer_id`, `day` and `minute`, integer cents). The kind of
a column says how one becomes the other; `workbench.door.cast` does it.
"""

from dataclasses import dataclass, field
from enum import Enum

import polars as pl


class Kind(Enum):
    """How a delivered column is stored."""

    ID = "the source's own id of this table's rows; stored as text and as an integer surrogate"
    KEY = "the id of another table's row; stored as that row's surrogate"
    TEXT = "text as delivered, without surrounding blanks; empty means unknown"
    MONEY = "an amount in the retailer's currency; stored as integer cents"
    QUANTITY = "pieces, kilograms or litres; stored as integer thousandths"
    WHOLE = "a whole number"
    RATE = "a share of one; stored as integer basis points"
    TENTHS = "a measured number, such as degrees or millimetres; stored as integer tenths"
    LATITUDE = "degrees north, -90 to 90; stored as integer millionths"
    LONGITUDE = "degrees east, -180 to 180; stored as integer millionths"
    FLAG = "yes or no"
    DAY = "a calendar day of the retailer's own zone"
    WEEK = "the Monday of a week of the retailer's own zone"
    STAMP = "a moment; stored as `day` and `minute` of the retailer's own clock"


_SMALL = ("store", "category")
_STORED = {
    Kind.TEXT: pl.String(),
    Kind.MONEY: pl.Int32(),
    Kind.QUANTITY: pl.Int32(),
    Kind.WHOLE: pl.Int32(),
    Kind.RATE: pl.Int32(),
    Kind.TENTHS: pl.Int32(),
    Kind.LATITUDE: pl.Int32(),
    Kind.LONGITUDE: pl.Int32(),
    Kind.FLAG: pl.Boolean(),
    Kind.DAY: pl.Date(),
    Kind.WEEK: pl.Date(),
}


def surrogate(name: str) -> pl.DataType:
    """Return the type of the surrogate of a store, a customer, a product ..."""
    return pl.Int16() if name in _SMALL else pl.Int32()


@dataclass(frozen=True)
class Column:
    """One delivered column; `kept` is false for what the door only needs to build others."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    kept: bool = True

    @property
    def stored(self) -> dict[str, pl.DataType]:
        """Return the stored columns, name to type, that this delivered column becomes."""
        if not self.kept:
            return {}
        if self.kind is Kind.KEY:
            return {f"{self.name}_id": surrogate(self.name)}
        if self.kind is Kind.ID:
            return {f"{self.name}_id": surrogate(self.name), self.name: pl.String()}
        if self.kind is Kind.STAMP:
            return {"day": pl.Date(), "minute": pl.Int16()}
        return {self.name: _STORED[self.kind]}


@dataclass(frozen=True)
class Contract:
    """What one table promises.

    `derived` are stored columns that the door computes; `made` tables it makes altogether. A
    `dated` table is kept by month: the column names the day that its month comes from.
    """

    table: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    derived: dict[str, tuple[pl.DataType, str]] = field(default_factory=dict)
    made: bool = False
    dated: str | None = None

    @property
    def required(self) -> list[str]:
        """Return the names of the delivered columns without which the table is refused."""
        return [column.name for column in self.columns if column.required]

    @property
    def texts(self) -> list[str]:
        """Return the names of the columns that describe a row in words."""
        return [column.name for column in self.columns if column.kind is Kind.TEXT]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Return the stored columns and their types."""
        stored = {name: dtype for name, (dtype, _) in self.derived.items()}
        for column in self.columns:
            stored |= column.stored
        if self.dated:
            stored["month"] = pl.Int32()
        return stored
