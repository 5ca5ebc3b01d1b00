"""Alike: what buyers of a customer's own items buy as well, and the customer does not yet."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

HELD = pl.col("customer_id", "item_id").cast(pl.Int32)  # of many rows: as narrow as on disk
_RANGE, _BLOCK = 1500, 5000


class _Range(NamedTuple):
    ids: NDArray[np.int64]
    near: NDArray[np.float32]
    shared: NDArray[np.float32]
    buyers: NDArray[np.float32]


def alike(
    bought: list[pl.DataFrame], k: int, support: int, among: Sequence[int] | None = None
) -> pl.DataFrame:
    """Return one row per customer and item to try: rank, score, because (own item), shared.

    `bought` has the customers in parts, which are looked at one after the other.
    """
    span = _range(bought, support)
    listed = [pl.DataFrame(schema=_TRIED)]
    for part in bought:
        who, matrix = _matrix(narrowed(part, among), span.ids)
        listed += [
            _listed(matrix[start : start + _BLOCK], who[start : start + _BLOCK], span, k)
            for start in range(0, len(who), _BLOCK)
        ]
    return pl.concat(listed)


def _matrix(bought: pl.DataFrame, ids: NDArray[np.int64]) -> tuple[pl.Series, Any]:
    """Return the customers who bought any of the items (sorted), and 1 where they bought it."""
    from scipy.sparse import csr_matrix

    place = pl.DataFrame({"item_id": ids}).with_row_index("column")
    kept = bought.cast(pl.Int64).join(place, on="item_id").sort("customer_id", "column")
    who = kept["customer_id"].unique().sort()
    places = who.search_sorted(kept["customer_id"]).to_numpy(), kept["column"].to_numpy()
    ones = np.ones(kept.height, dtype=np.float32)
    return who, csr_matrix((ones, places), shape=(len(who), len(ids)))


_TRIED: dict[str, Any] = {
    "customer_id": pl.Int64,
    "rank": pl.Int64,
    "item_id": pl.Int64,
    "score": pl.Float64,
    "because": pl.Int64,
    "shared": pl.Float64,
}


def _range(bought: list[pl.DataFrame], support: int) -> _Range:
    """Return the items with enough buyers, the cosines between them, and their common buyers."""
    sold = best_sellers(*bought).filter(pl.col("score") >= support).head(_RANGE)
    ids = sold["item_id"].cast(pl.Int64).sort().to_numpy()
    shared = np.zeros((len(ids), len(ids)), dtype=np.float32)
    for part in bought:
        _, matrix = _matrix(part, ids)
        shared += (matrix.T @ matrix).toarray()
    buyers = np.maximum(shared.diagonal().copy(), 1)
    near = shared / np.sqrt(np.outer(buyers, buyers))
    np.fill_diagonal(near, 0)
    return _Range(ids, near, shared, buyers)


def _listed(matrix: Any, who: pl.Series, span: _Range, k: int) -> pl.DataFrame:
    owned = np.asarray(matrix.todense()) > 0
    score = np.where(owned, -1.0, (matrix @ span.near).round(4))
    most = min(k, len(span.ids))
    order = np.argsort(-score, axis=1, kind="stable")[:, :most]
    found = []
    for rank in range(most):
        item = order[:, rank]
        why = np.where(owned, span.near[item], -1.0).argmax(axis=1)
        shared = span.shared[why, item] / span.buyers[why]
        worth = np.take_along_axis(score, order[:, [rank]], axis=1)[:, 0]
        ranks = np.full(len(who), rank + 1)
        told = (who, ranks, span.ids[item], worth, span.ids[why], shared)
        found.append(pl.DataFrame(dict(zip(_TRIED, told, strict=True)), schema_overrides=_TRIED))
    return pl.concat([pl.DataFrame(schema=_TRIED), *found]).filter(pl.col("score") > 0)


def best_sellers(*known: pl.DataFrame) -> pl.DataFrame:
    """Return one row per item: score, the customers who bought it; the most first."""
    counts = pl.concat(part.group_by("item_id").agg(score=pl.len()) for part in known)
    sold = counts.group_by("item_id").agg(pl.col("score").sum().cast(pl.Float64))
    return sold.sort("score", "item_id", descending=[True, False])


def narrowed(bought: pl.DataFrame, among: Sequence[int] | None) -> pl.DataFrame:
    """Return the rows of all customers, or of those `among` (numbers)."""
    return bought if among is None else bought.filter(pl.col("customer_id").is_in(among))
