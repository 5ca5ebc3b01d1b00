"""Counts of what is held together, exact and without candidates, and their lifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.measures.chance import Z95

SIZES = (1, 2, 3, 5, 8, 13, 21, 34)
STRIPES = 4
ROOM = 2**21
MOST_UNITS = 2**18  # counted at a time: less than ROOM, and what the processor's cache holds
Counts = NDArray[np.int64]
_BOTH = ("together", "discounted")


@dataclass(frozen=True)
class Held:
    """Which item is in which unit: an entry per unit and item (or part of it), and the names.

    `sizes` has how many different things each unit holds, 0 for numbers that are no unit. It may
    be a block of all units; blocks have no unit in common and the same names.
    """

    unit: Counts
    item: Counts
    discounted: NDArray[np.bool_]
    names: list[str]
    sizes: Counts

    def matrix(self) -> Any:
        """Return the sparse matrix of units by items: 1 where held, and `ROOM` more at a discount.

        An item of several parts is at a discount if all of them are.
        """
        shape = (len(self.sizes), len(self.names))
        matrix = _sparse(self.unit, self.item, shape, np.where(self.discounted, 1, ROOM))
        matrix.data = np.where(matrix.data >= ROOM, 1, 1 + ROOM)
        return matrix


def sizes_of(unit: Counts, key: Counts) -> Counts:
    """Return how many different keys each unit holds; an entry may come several times."""
    shape = (int(unit.max(initial=-1)) + 1, int(key.max(initial=-1)) + 1)
    sizes: Counts = np.diff(_sparse(unit, key, shape, np.ones_like(unit)).indptr).astype(np.int64)
    return sizes


def _sparse(row: Counts, column: Counts, shape: tuple[int, int], values: Counts) -> Any:
    """Return entries as a sparse matrix by rows; those of one place are added up."""
    from scipy.sparse import csr_array

    places = row.astype(np.int32), column.astype(np.int32)
    matrix = csr_array((values, places), shape=shape)
    matrix.sum_duplicates()
    return matrix


def count_pairs(blocks: Iterable[Held], least: int) -> pl.DataFrame:
    """Return one row per pair that at least `least` units hold, with its measures, unordered.

    Counts of blocks add up, so that no more than one block needs to be held at a time.
    """
    sums, names = _summed(blocks)
    together, own = sums["together"], sums["own"].sum(axis=0)
    one, other = np.nonzero(np.triu(together >= least, k=1))
    both = together[one, other]
    rarer = own[one] <= own[other]
    first, second = np.where(rarer, one, other), np.where(rarer, other, one)
    frame = pl.DataFrame(
        {
            "first": np.array(names, dtype=object)[first],
            "second": np.array(names, dtype=object)[second],
            "together": both,
            "first_units": own[first],
            "second_units": own[second],
            "units": np.full(len(both), sums["inside"].sum(), dtype=np.int64),
            "alike": _expected_alike(sums["own"], sums["inside"], first, second),
            "discounted": sums["discounted"][one, other],
        },
        schema_overrides={"first": pl.String, "second": pl.String},
    )
    return measured(frame)


def _summed(blocks: Iterable[Held]) -> tuple[dict[str, Counts], list[str]]:
    """Return the counts of all blocks, and the names.

    together and discounted (units that hold each two items, the lower number first), own (by band
    of size and item), inside (units of each band).
    """
    sums: dict[str, Counts] = {}
    names: list[str] = []
    for held in blocks:
        names = held.names
        if not sums:
            sums = {name: np.zeros((len(names), len(names)), np.int64) for name in _BOTH}
        matrix = held.matrix()
        for first in range(0, len(held.sizes), MOST_UNITS):
            _add_pairs(matrix[first : first + MOST_UNITS], *(sums[name] for name in _BOTH))
        for name, counts in _by_band(held, matrix).items():
            sums[name] = sums[name] + counts if name in sums else counts
    return sums, names


def _add_pairs(matrix: Any, together: Counts, discounted: Counts) -> None:
    """Add how many units hold each two items, and how many both at a discount, exactly.

    In the product of the matrix with itself both come at once: its entries are the units with
    both, `ROOM` times those with one of them at a discount, and `ROOM` squared times those with
    both so. It is made in stripes, each from its own items on: the other half would be the same.
    """
    items = matrix.T.tocsr()
    width = max(1, -(-len(together) // STRIPES))
    for first in range(0, len(together), width):
        product = (items[first : first + width] @ matrix).toarray()
        stripe = slice(first, first + width), slice(first, None)
        together[stripe] += product % ROOM
        discounted[stripe] += product // ROOM**2
        matrix = matrix[:, width:]


def _by_band(held: Held, matrix: Any) -> dict[str, Counts]:
    """Return the units of each band of sizes, and those of each band that hold an item."""
    band = np.searchsorted(SIZES, held.sizes, side="right")
    shape = (len(SIZES) + 1, len(held.names))
    place = np.repeat(band, np.diff(matrix.indptr)) * shape[1] + matrix.indices
    inside = np.bincount(band, minlength=shape[0])
    inside[0] = 0
    return {
        "own": np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64),
        "inside": inside.astype(np.int64),
    }


def _expected_alike(
    own: Counts, inside: Counts, first: Counts, second: Counts
) -> NDArray[np.float64]:
    """Return how many units would hold both, were items independent in units of a size."""
    expected = np.zeros(len(first))
    for of_band, units in zip(own.astype(np.float64), inside, strict=True):
        if units:
            expected += of_band[first] * of_band[second] / units
    return expected


def measured(frame: pl.DataFrame) -> pl.DataFrame:
    """Return counted pairs with shares, lift and its interval (delta method on its logarithm)."""
    both, units = pl.col("together"), pl.col("units")
    lift = both * units / (pl.col("first_units") * pl.col("second_units"))
    spread = (
        1 / both - 1 / pl.col("first_units") - 1 / pl.col("second_units") - 1 / units
        + 2 * lift / units
    ).clip(0).sqrt()  # fmt: skip
    return frame.select(
        *("first", "second", "together", "first_units", "second_units", "units"),
        support_share=both / units,
        confidence_share=both / pl.col("first_units"),
        reverse_share=both / pl.col("second_units"),
        lift=lift,
        lift_low=lift * (-Z95 * spread).exp(),
        lift_high=lift * (Z95 * spread).exp(),
        alike_lift=both / pl.col("alike"),
        discounted_share=pl.col("discounted") / both,
    )
