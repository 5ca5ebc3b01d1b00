"""Pairs: what is bought together, counted exactly, ranked by what is sure."""

from difflib import get_close_matches
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.customers.co_counts import Counts, Held, count_pairs, sizes_of
from workbench.measures.discounts import given

LEVELS = {"category": ("categories", "category_id"), "product": ("products", "product_id")}
UNITS = {"basket": "basket_id", "customer": "customer_id"}
MOST = 2000
DEFINITION = {
    "Together": "baskets (or customers) with both; what was only brought back is not counted",
    "Support": "those with both, of all baskets (or card customers) with anything bought",
    "Confidence": "of those with the first, the share that has the second",
    "Lift": "those with both, over as many as there would be if the two had nothing to do with "
    "each other; 1 is chance",
    "Lift, at least and at most": "95 % interval of the logarithm of the lift. Pairs are ranked by "
    "its lower end, since the highest lifts are those of rare pairs. It takes baskets as "
    "independent, which those of one customer are not quite",
    "Lift in alike baskets": "the same among baskets with about as many different items: large "
    "baskets hold everything, which alone lifts every pair above 1",
    "Both discounted": "of baskets with both, the share in which the retailer gave a discount on "
    "both: high where a promotion made the pair",
    "Rare items": "items and pairs under the least count are left out before anything is counted",
}


def pairs(
    shop: Shop,
    period: str | Period | Latest,
    *,
    level: str = "category",
    unit: str = "basket",
    least: int = 50,
) -> pl.DataFrame:
    """Return one row per pair bought together at least `least` times, the surest first.

    `level` is category or product, `unit` basket or customer (with a card). `first` is the rarer
    of the two. The `MOST` most frequent items with at least `least` units are counted. Names
    that several share are one item, items without a name none.

    Columns: first, second, together (units with both), first_units, second_units, units (all),
    support_share, confidence_share (of the first's, those with the second), reverse_share (of
    the second's, those with the first), lift, lift_low, lift_high (95 %), alike_lift (among
    units of about as many items), discounted_share (both at a discount; null for customers).
    Raises ValueError for another level or unit, or a least under 1.
    """
    _known("level", level, LEVELS)
    _known("unit", unit, UNITS)
    if least < 1:
        raise ValueError(f"least={least} lets in pairs nobody bought; allowed: from 1")
    inside, key = shop.during(period), UNITS[unit]
    blocks = inside.months() if unit == "basket" else inside.parts()
    items = _frequent(inside, level, key, least)
    counted = count_pairs((_held(block, level, key, items) for block in blocks), least)
    if unit == "customer":
        counted = counted.with_columns(discounted_share=pl.lit(None, dtype=pl.Float64))
    ranked = ["lift_low", "together", "first", "second"]
    return counted.sort(ranked, descending=[True, True, False, False])


def surest(pairs: pl.DataFrame, *, top: int = 12) -> pl.DataFrame:
    """Return the first `top` of what `pairs` returns, with `pair`: both names in one."""
    both = pl.concat_str("first", "second", separator=" + ").alias("pair")
    return pairs.head(top).select(both, pl.all())


def with_anchor(pairs: pl.DataFrame, anchor: str = "", *, top: int = 12) -> pl.DataFrame:
    """Return what else is bought with an item, the surest first: one row per other item.

    `pairs` is what `pairs` returns; no anchor means the most frequent item. Columns: anchor,
    item, together, confidence_share (of the anchor's units, those with the item), item_share
    (of all units), lift, lift_low, lift_high, alike_lift, discounted_share. Empty where there
    is no pair at all; raises ValueError for an anchor without one.
    """
    chosen = _anchor(pairs, anchor)
    first = pl.col("first") == chosen
    found = pairs.filter(first | (pl.col("second") == chosen))
    confidence = pl.when(first).then("confidence_share").otherwise("reverse_share")
    other = pl.when(first).then("second_units").otherwise("first_units")
    return found.select(
        pl.lit(chosen).alias("anchor"),
        pl.when(first).then("second").otherwise("first").alias("item"),
        "together",
        confidence.alias("confidence_share"),
        (other / pl.col("units")).alias("item_share"),
        *("lift", "lift_low", "lift_high", "alike_lift", "discounted_share"),
    ).head(top)


def say_pairs(pairs: pl.DataFrame, unit: str) -> str:
    """Return the sentence that names the surest pair."""
    if pairs.is_empty():
        return f"No two items are in enough of the same {unit}s"
    best = pairs.row(0, named=True)
    if best["lift_low"] <= 1:
        return f"No two items are surely in more of the same {unit}s than by chance"
    return (
        f"{best['first']} and {best['second']} go together most surely: "
        f"{_percent(best['confidence_share'])} of {unit}s with the first have the second, "
        f"at least {best['lift_low']:.1f} times as many as by chance"
    )


def say_anchor(others: pl.DataFrame, unit: str) -> str:
    """Return the sentence that says what goes with the anchor most surely."""
    if others.is_empty():
        return f"No two items are in enough of the same {unit}s"
    best = others.row(0, named=True)
    return (
        f"Of {unit}s with {best['anchor']}, {_percent(best['confidence_share'])} have "
        f"{best['item']}; of all {unit}s, {_percent(best['item_share'])}"
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}"


def _anchor(pairs: pl.DataFrame, anchor: str) -> str:
    """Return the item asked for, or the most frequent one."""
    if pairs.is_empty():
        return anchor
    if not anchor:
        return str(pairs.sort("second_units", "second", descending=[True, False])["second"][0])
    names = sorted({*pairs["first"], *pairs["second"]})
    if anchor in names:
        return anchor
    meant = " or ".join(map(repr, get_close_matches(anchor, names, n=3, cutoff=0.3) or names[:3]))
    raise ValueError(f"{anchor!r} has no pair that is frequent enough; did you mean {meant}?")


def _known(what: str, value: str, allowed: dict[str, Any]) -> None:
    if value not in allowed:
        raise ValueError(f"no {what} is called {value!r}; allowed: {', '.join(allowed)}")


def _held(shop: Shop, level: str, unit: str, items: pl.DataFrame) -> Held:
    """Ask which items are in which units of a block."""
    key = LEVELS[level][1]
    full = (given() <= 0).cast(nw.Int64)
    question = _bought(shop, unit).with_columns(full=full).select(unit, key, "full")
    entries = fetch(question, by=[])
    place = _numbered(entries[unit])
    code = entries[key].fill_null(-1).to_numpy() + 1
    number = np.full(max(code.max(initial=0), items[key].max() or 0) + 2, -1)
    number[items[key].to_numpy() + 1] = items["number"].to_numpy()
    item = number[code]
    kept = item >= 0
    said = items.unique("number").sort("number")["name"].to_list()
    discounted = (entries["full"] == 0).to_numpy()
    sizes = np.bincount(place) if _once(key, unit) else sizes_of(place, code)
    return Held(place[kept], item[kept], discounted[kept], said, sizes)


def _numbered(ids: pl.Series) -> Counts:
    """Return ids as numbers from 0: as they are, counted from the least, where few are missing."""
    least, most = int(ids.min() or 0), int(ids.max() or 0)  # type: ignore[arg-type]
    near = most - least < 4 * len(ids)
    numbers: Counts = (ids - least if near else ids.rank("dense").cast(pl.Int64) - 1).to_numpy()
    return numbers


def _bought(shop: Shop, unit: str) -> nw.LazyFrame[Any]:
    kept = (nw.col("quantity") > 0) & (nw.col("sales") >= 0)
    return shop.lines.filter(kept, ~nw.col(unit).is_null())


def _frequent(shop: Shop, level: str, unit: str, least: int) -> pl.DataFrame:
    """Return one row per id of an item that may be frequent: the id, its name, its number."""
    table, key = LEVELS[level]
    named = fetch(_names(shop, table, level), by=[key]).drop_nulls("name")
    if named["name"].n_unique() > MOST:
        counted = fetch(_units(shop, key, unit), by=[key])
        known = named.join(counted, on=key)
        sums = known.group_by("name").agg(pl.col("units").sum()).filter(pl.col("units") >= least)
        most = sums.sort("units", "name", descending=[True, False]).head(MOST)
        named = known.join(most.select("name"), on="name", how="semi")
    number = pl.col("name").rank("dense").cast(pl.Int64) - 1
    return named.sort(key).select(key, "name", number.alias("number"))


def _units(shop: Shop, key: str, unit: str) -> nw.LazyFrame[Any]:
    """Ask how many units hold each item."""
    bought = _bought(shop, unit)
    if not _once(key, unit):
        bought = bought.select(unit, key).unique()
    return bought.group_by(key).agg(units=nw.len())


def _once(key: str, unit: str) -> bool:
    """Return whether a unit has an item in one line: a basket has a product in one."""
    return (key, unit) == ("product_id", "basket_id")


def _names(shop: Shop, table: str, level: str) -> nw.LazyFrame[Any]:
    if level == "category":
        return shop.table(table).select("category_id", name=nw.col("category"))
    return shop.table(table).select(
        "product_id",
        name=nw.concat_str("description", "product", separator=" ", ignore_nulls=True),
    )
