"""Your own segmentation: a file of customers and their labels.

A list of customers is data about persons, so it lies with the data, in the folder `segments` of
the workbench's home, and not with the notebooks. `segments/tiers.csv` is called `own/tiers`.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from workbench import paths
from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import RESERVED, ordered

PREFIX = "own/"
MOST = 15
_COLUMNS = ["customer", "segment"]


@dataclass(frozen=True)
class OwnList:
    """A segmentation read from a file; `rows` has one row per customer: customer, segment."""

    SEGMENTS: dict[str, str]
    DEFINITION: dict[str, str]
    rows: pl.DataFrame
    file: str

    def label(
        self,
        shop: Shop,
        period: str | Period | Latest,  # noqa: ARG002 - a list is the same on all days
        *,
        cuts_from: str | Period | Latest | None = None,  # noqa: ARG002 - a list has no cut points
    ) -> pl.DataFrame:
        """Return one row per customer of the file whom the shop knows: customer_id, segment.

        A list is the same in every period: neither `period` nor `cuts_from` changes anything.
        Customers whom the shop does not know are left out, see `say_strangers`; ValueError
        where it knows none of them.
        """
        known = _known(shop)
        found = known.join(self.rows, on="customer", validate="1:1", maintain_order="left")
        if found.is_empty():
            theirs, ours = (frame["customer"].head(1).to_list() for frame in (self.rows, known))
            raise ValueError(
                f"{self.file}: {shop.retailer} knows none of its customers, such as {theirs}; "
                f"ids are written as the retailer delivered them, such as {ours}"
            )
        order = ordered(self.SEGMENTS)
        return found.select("customer_id", pl.col("segment").cast(order))

    def say_strangers(self, shop: Shop) -> str:
        """Say how many of the file's customers the shop does not know; empty if it knows all."""
        strangers = self.rows.join(_known(shop), on="customer", how="anti", maintain_order="left")
        if strangers.is_empty():
            return ""
        return (
            f"{shop.retailer} does not know {strangers.height:,} of the {self.rows.height:,} "
            f"customers in {self.file}, such as {strangers['customer'][0]!r}; they are left out"
        )


def names() -> list[str]:
    """Return the names of the lists there are, such as `own/tiers`."""
    return sorted(PREFIX + path.stem for path in _files())


def read(name: str) -> OwnList:
    """Return the list of that name, or raise ValueError saying what is wrong with its file.

    The file is CSV (with commas, semicolons or tabs) or Parquet with the columns customer and
    segment; segments are in the order in which the file first names them.
    """
    path = next(path for path in _files() if PREFIX + path.stem == name)
    file = f"{path.parent.name}/{path.name}"
    rows = _checked(_rows(path, file), file)
    segments = rows["segment"].unique(maintain_order=True).to_list()
    return OwnList(
        dict.fromkeys(segments, f"as {file} says"),
        {
            "List": f"{file}, {rows.height:,} customers",
            "Order of segments": "as the file first names them",
            "Movement": "a list says the same of every period, so nobody moves",
            "Whom it leaves out": "customers who are not on the list are Unlabelled; customers on "
            "the list whom the shop does not know are left out, and their number is told",
        },
        rows,
        file,
    )


def _known(shop: Shop) -> pl.DataFrame:
    return fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])


def _files() -> list[Path]:
    folder = paths.home() / "segments"
    return [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".parquet")]


def _rows(path: Path, file: str) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(path) if path.suffix == ".parquet" else _csv(path)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {str(error).splitlines()[0]}") from None
    missing = [name for name in _COLUMNS if name not in rows.columns]
    if missing:
        raise ValueError(
            f"{file} has no column {' and '.join(missing)}, only {', '.join(rows.columns)}; "
            "name its columns customer and segment"
        )
    return rows.select(pl.col(_COLUMNS).cast(pl.String).str.strip_chars())


def _csv(path: Path) -> pl.DataFrame:
    with path.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    separator = max(",;\t", key=header.count)
    return pl.read_csv(path, separator=separator, infer_schema=False)


def _checked(rows: pl.DataFrame, file: str) -> pl.DataFrame:
    """Return one row per customer, or raise ValueError naming the first value that is wrong."""
    empty = pl.any_horizontal((pl.col(_COLUMNS) == "") | pl.col(_COLUMNS).is_null())
    blank = rows.with_row_index("row", offset=2).filter(empty)
    if not blank.is_empty():
        raise ValueError(f"{file}, row {blank['row'][0]}: customer or segment is empty; fill it in")
    told = rows.unique(maintain_order=True)
    twice = told.filter(pl.col("customer").is_duplicated())
    if not twice.is_empty():
        who, labels = twice["customer"][0], twice.filter(customer=twice["customer"][0])["segment"]
        said = " and ".join(labels)
        raise ValueError(f"{file}: customer {who!r} is in {said}; a customer has one segment")
    _check_labels(told["segment"], file)
    return told


def _check_labels(labels: pl.Series, file: str) -> None:
    different = labels.unique(maintain_order=True).to_list()
    if not different:
        raise ValueError(f"{file} holds no customers; write one per row")
    if len(different) > MOST:
        raise ValueError(
            f"{file} has {len(different):,} different segments, such as {different[0]!r}; at most "
            f"{MOST} can be shown, so group them"
        )
    taken = [label for label in different if label in RESERVED]
    if taken:
        raise ValueError(f"{file}: {taken[0]!r} has a meaning of its own here; call it otherwise")
