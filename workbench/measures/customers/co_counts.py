"""Counts of what is held together, exact and without candidates, and their lifts."""

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
    """Which item is in which unit: an entry per unit and item (or part of it), and the names."""

    unit: Counts
    item: Counts
    discounted: NDArray[np.bool_]
    names: list[str]
    sizes: Counts

    @property
    def units(self) -> int:
        """Return how many baskets or customers bought anything."""
        return len(self.sizes)

    def matrix(self, chosen: NDArray[np.bool_] | None = None) -> Any:
        """Return the sparse matrix of units by items, 1 where held, of all entries or some."""
        entries = slice(None) if chosen is None else chosen
        return _ones(self.unit[entries], self.item[entries], (self.units, len(self.names)))


def distinct(unit: Counts, key: Counts) -> tuple[Counts, Counts]:
    """Return how many different keys each unit holds, and how many units hold each key.

    Units are numbered from 0 without a gap; an entry may come several times.
    """
    shape = (int(unit.max(initial=-1)) + 1, int(key.max(initial=-1)) + 1)
    matrix = _ones(unit, key, shape)
    sizes: Counts = np.diff(matrix.indptr).astype(np.int64)
    return sizes, np.bincount(matrix.indices, minlength=shape[1])


def _ones(unit: Counts, item: Counts, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    places = unit.astype(np.int32), item.astype(np.int32)
    matrix = csr_array((np.ones(len(unit), dtype=np.int32), places), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def count_pairs(held: Held, least: int) -> pl.DataFrame:
    """Return one row per pair that at least `least` units hold, with its measures, unordered."""
    whole = held.matrix()
    together = _gram(whole)
    own = np.asarray(whole.sum(axis=0)).astype(np.int64)
    one, other = np.nonzero(np.triu(together >= least, k=1))
    rarer = own[one] <= own[other]
    first, second = np.where(rarer, one, other), np.where(rarer, other, one)
    both = together[first, second]
    frame = pl.DataFrame(
        {
            "first": np.array(held.names, dtype=object)[first],
            "second": np.array(held.names, dtype=object)[second],
            "together": both,
            "first_units": own[first],
            "second_units": own[second],
            "units": np.full(len(both), held.units, dtype=np.int64),
            "alike": _expected_alike(held, whole, first, second),
            "discounted": _gram(_all_discounted(held, whole))[first, second],
        },
        schema_overrides={"first": pl.String, "second": pl.String},
    )
    return measured(frame)


def _all_discounted(held: Held, whole: Any) -> Any:
    """Return the matrix of units by items of which every part was discounted."""
    found = whole - held.matrix(~held.discounted)
    found.eliminate_zeros()
    return found


def _gram(matrix: Any) -> Counts:
    """Return how many units hold each two items, exactly."""
    counts: Counts = (matrix.T @ matrix).toarray().astype(np.int64)
    return counts


def _expected_alike(held: Held, whole: Any, first: Counts, second: Counts) -> NDArray[np.float64]:
    """Return how many units would hold both, were items independent in units of a size."""
    expected = np.zeros(len(first))
    band = np.searchsorted(SIZES, held.sizes, side="right")
    for number in np.unique(band):
        inside = band == number
        own = np.asarray(whole[inside].sum(axis=0)).astype(np.float64)
        expected += own[first] * own[second] / inside.sum()
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
