"""Counts of what is held together, exact and without candidates, and their lifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.measures.chance import Z95

SIZES = (1, 2, 3, 5, 8, 13, 21, 34)
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Held:
    """Which item is in which unit: an entry per unit and item (or part of it), and the names.

    It may be a block of all units; blocks have no unit in common and the same names.
    """

    unit: Counts
    item: Counts
    discounted: NDArray[np.bool_]
    names: list[str]
    sizes: Counts

    def matrix(self, chosen: NDArray[np.bool_] | None = None) -> Any:
        """Return the sparse matrix of units by items, 1 where held, of all entries or some."""
        entries = slice(None) if chosen is None else chosen
        return _ones(self.unit[entries], self.item[entries], (len(self.sizes), len(self.names)))


def sizes_of(unit: Counts, key: Counts) -> Counts:
    """Return how many different keys each unit holds.

    Units are numbered from 0 without a gap; an entry may come several times.
    """
    shape = (int(unit.max(initial=-1)) + 1, int(key.max(initial=-1)) + 1)
    sizes: Counts = np.diff(_ones(unit, key, shape).indptr).astype(np.int64)
    return sizes


def _ones(unit: Counts, item: Counts, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    places = unit.astype(np.int32), item.astype(np.int32)
    matrix = csr_array((np.ones(len(unit), dtype=np.int32), places), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def count_pairs(blocks: Iterable[Held], least: int) -> pl.DataFrame:
    """Return one row per pair that at least `least` units hold, with its measures, unordered.

    Counts of blocks add up, so that no more than one block needs to be held at a time.
    """
    sums, names = _summed(blocks)
    together, own = sums["together"], sums["own"].sum(axis=0)
    one, other = np.nonzero(np.triu(together >= least, k=1))
    rarer = own[one] <= own[other]
    first, second = np.where(rarer, one, other), np.where(rarer, other, one)
    both = together[first, second]
    frame = pl.DataFrame(
        {
            "first": np.array(names, dtype=object)[first],
            "second": np.array(names, dtype=object)[second],
            "together": both,
            "first_units": own[first],
            "second_units": own[second],
            "units": np.full(len(both), sums["inside"].sum(), dtype=np.int64),
            "alike": _expected_alike(sums["own"], sums["inside"], first, second),
            "discounted": sums["discounted"][first, second],
        },
        schema_overrides={"first": pl.String, "second": pl.String},
    )
    return measured(frame)


def _summed(blocks: Iterable[Held]) -> tuple[dict[str, Counts], list[str]]:
    """Return the counts of all blocks, and the names.

    together and discounted (units that hold each two items), own (by band of size and item),
    inside (units of each band).
    """
    sums: dict[str, Counts] = {}
    names: list[str] = []
    for held in blocks:
        names = held.names
        for name, counts in _counted(held).items():
            sums[name] = sums[name] + counts if name in sums else counts
    return sums, names


def _counted(held: Held) -> dict[str, Counts]:
    whole = held.matrix()
    band = np.searchsorted(SIZES, held.sizes, side="right")
    bands = range(len(SIZES) + 1)
    own = [np.asarray(whole[band == number].sum(axis=0)) for number in bands]
    return {
        "together": _gram(whole),
        "discounted": _gram(_all_discounted(held, whole)),
        "own": np.array(own, dtype=np.int64),
        "inside": np.bincount(band, minlength=len(bands)).astype(np.int64),
    }


def _all_discounted(held: Held, whole: Any) -> Any:
    """Return the matrix of units by items of which every part was discounted."""
    found = whole - held.matrix(~held.discounted)
    found.eliminate_zeros()
    return found


def _gram(matrix: Any) -> Counts:
    """Return how many units hold each two items, exactly."""
    counts: Counts = (matrix.T @ matrix).toarray().astype(np.int64)
    return counts


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
