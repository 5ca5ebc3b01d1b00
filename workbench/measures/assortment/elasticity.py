"""Price elasticity: of items whose price differed enough between stores and weeks to tell."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import item_facts
from workbench.measures.chance import Z95

Numbers = NDArray[np.float64]
OFTEN, STORES, CELLS, VARIED, STEPS = 0.25, 8, 200, 0.02, 50
ENOUGH = "enough"
HEADINGS = {
    "store_weeks": "Store weeks",
    "varied_share": "Prices differ by",
    "elasticity_low": "At least",
    "elasticity_high": "At most",
}
DEFINITION = {
    "Elasticity": "by how many per cent units change where the shelf price is one per cent higher: "
    "units of a store and week against its price, each store and each week having a level of its "
    "own (Poisson regression), so that season, leaflets and the size of the store are out",
    "Interval": "95 %, with stores as clusters",
    "Enough to tell": "at least 8 stores that sold the item in a quarter of the weeks, 200 store "
    "weeks, and a price that differs by 2 % (standard deviation) from what store and week explain",
    "Weeks without a sale": "count as none sold at the last price the store asked; that price is "
    "taken on trust, and a store's own discounts are not in it",
    "What it does not say": "why a store was dearer: where it raised prices since it sold "
    "well, the elasticity looks smaller than it is",
}
_SCHEMA: Any = {"product_id": pl.Int64, "stores": pl.Int64, "store_weeks": pl.Int64}
_SCHEMA |= {"varied_share": pl.Float64, "told": pl.String}
_SCHEMA |= dict.fromkeys(("elasticity", "elasticity_low", "elasticity_high"), pl.Float64)


def elasticity(shop: Shop, prices: pl.DataFrame) -> pl.DataFrame:
    """Return one row per item of `shelf_prices`, those that can be told first, by their sales.

    Columns: item, told (enough, or why not), stores, store_weeks, varied_share (how far prices
    differ from what store and week explain), elasticity, elasticity_low, elasticity_high (95 %;
    null where it cannot be told).
    """
    weeks = prices["week"].n_unique()
    often = prices.filter(pl.len().over("product_id", "store_id") >= OFTEN * weeks)
    parts = often.sort("product_id", "store_id", "week").partition_by("product_id", as_dict=True)
    rows = [[key[0], *_told(*_grids(part))] for key, part in sorted(parts.items())]
    sales = prices.group_by("product_id").agg(pl.col("sales").sum())
    found = sales.join(pl.DataFrame(rows, _SCHEMA, orient="row"), on="product_id", how="left")
    facts = item_facts(shop, found["product_id"].to_list()).select("product_id", "item")
    whole = found.join(facts, on="product_id").with_columns(
        pl.col("stores", "store_weeks").fill_null(0), pl.col("told").fill_null("too few stores")
    )
    ranked = whole.sort(pl.col("told") != ENOUGH, -pl.col("sales"), "item")
    return ranked.select("item", "told", *(n for n in _SCHEMA if n not in ("product_id", "told")))


def say_elasticity(found: pl.DataFrame) -> str:
    """Return the sentence that says of how many items it can be told."""
    told = found.filter(pl.col("told") == ENOUGH)
    if told.is_empty():
        return f"Of none of {found.height:,} items did prices differ enough to tell"
    sure = told.filter(pl.col("elasticity_high") < 0).height
    return (
        f"Of {told.height:,} of {found.height:,} items prices differed enough to tell; "
        f"{sure} of them surely sell less where they cost more"
    )


def _grids(item: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Return units and the logarithm of the price by store and week; not a number where unknown.

    A store's weeks run from its first sale to its last, at the last price where it sold none.
    """
    wide = [
        item.pivot("store_id", index="week", values=name).sort("week").drop("week")
        for name in ("units", "price")
    ]
    price = wide[1].select(pl.all().forward_fill())
    ends = wide[1].select(pl.all().backward_fill()).to_numpy().T
    log = np.log(price.to_numpy().astype(np.float64).T)
    units = np.nan_to_num(wide[0].to_numpy().astype(np.float64).T)
    return units, np.where(np.isnan(ends.astype(np.float64)), np.nan, log)


def _told(units: Numbers, log: Numbers) -> list[Any]:
    known = np.isfinite(log)
    cells, varied = int(known.sum()), float(_rest(log, known)[known].std())
    said = [len(units), cells, varied]
    if len(units) < STORES or cells < CELLS:
        return [*said, "too few stores", None, None, None]
    if varied < VARIED:
        return [*said, "prices hardly differ", None, None, None]
    fitted = poisson(units, log, known)
    return [*said, ENOUGH, *fitted] if fitted else [*said, "no stable answer", None, None, None]


def _rest(log: Numbers, known: NDArray[np.bool_]) -> Numbers:
    """Return what store and week do not explain of a grid, 0 where unknown."""
    rest = np.where(known, log, 0.0)
    for _ in range(STEPS):
        for axis in (1, 0):
            mean = rest.sum(axis, keepdims=True) / np.maximum(known.sum(axis, keepdims=True), 1)
            rest = np.where(known, rest - mean, 0.0)
    return rest


def poisson(units: Numbers, log: Numbers, known: Any) -> tuple[float, ...] | None:
    """Return the elasticity with its ends, or nothing where the steps do not settle.

    Rows are stores and columns weeks, each with a level of its own.
    """
    known = known & ((units * known).sum(1) > 0)[:, None] & ((units * known).sum(0) > 0)[None, :]
    rows, columns = known.any(1), known.any(0)
    units, on, x = (grid[rows][:, columns] for grid in (units, known, _rest(log, known)))
    units = units * on
    at = np.concatenate([np.log(units.sum(1) / on.sum(1)), np.zeros(columns.sum())])
    for _ in range(STEPS):
        level = at[: len(units), None] + np.append(0, at[len(units) : -1]) + at[-1] * x
        expected = on * np.exp(np.clip(level, -30, 30))
        score, shape = _score(units - expected, x).sum(0), _shape(expected, x)
        step = np.linalg.solve(shape, score)
        at = at + step
        if np.abs(step).max() < 1e-6:
            each = _score(units - expected, x)
            inverse = np.linalg.inv(shape)
            spread = inverse @ each.T @ each @ inverse * len(each) / (len(each) - 1)
            reach = Z95 * float(np.sqrt(spread[-1, -1]))
            return tuple(round(float(at[-1]) + end, 6) for end in (0, -reach, reach))
    return None


def _score(left: Numbers, x: Numbers) -> Numbers:
    """Return per store its part of the score: of stores, of weeks but the first, of the price."""
    return np.column_stack([np.diag(left.sum(1)), left[:, 1:], (left * x).sum(1)])


def _shape(weight: Numbers, x: Numbers) -> Numbers:
    """Return the information of the levels of stores and weeks, and of the price."""
    stores, priced = len(weight), weight * x
    shape = np.diag(np.concatenate([weight.sum(1), weight.sum(0)[1:], [(priced * x).sum()]]))
    shape[:stores, stores:-1] = weight[:, 1:]
    shape[:stores, -1], shape[stores:-1, -1] = priced.sum(1), priced.sum(0)[1:]
    return shape + np.triu(shape, 1).T + 1e-9 * np.eye(len(shape))
