"""The decision hierarchy: which items of a category serve the same need, told from who buys what.

Two items that the same customers buy, but not on the same receipt, stand in for each other.
"""

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.data.engine import fetch
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.assortment.range_lines import TYPES, category_lines, item_facts
from workbench.measures.chance import Z95
from workbench.measures.customers.co_counts import SIZES, Held, count_pairs

Numbers = NDArray[np.float64]
LEAST = 2
DEFINITION = {
    "Items": "those of the category that most customers bought; returns are not counted",
    "Q (Yule)": "of customers who never had both on one receipt: those with both or neither, times "
    "each other, against those with one or the other. 100 %: whoever buys one buys the other; "
    "0: one says nothing of the other; below: they part the customers",
    "As often": "customers are compared with those who bought the category about as often, "
    "(Mantel and Haenszel): whoever buys much buys everything, which alone lifts every pair",
    "Interval": "95 %, of the logarithm of the odds ratio (Robins, Breslow and Greenland). Pairs "
    "are ranked by its surer end",
    "Tree": "items joined by the mean Q between their branches (average linkage); a need is a "
    "branch of the tree that is cut into as many as asked for",
    "What parts the customers": "the mean Q of pairs that are alike in type, size, maker or label, "
    "less that of the others; chance: the upper end (95 %) where these are dealt out at random",
    "Bought side by side": "on the same receipts more often than chance among receipts with "
    "something of the category: complements, or one flavour of each",
    "What it does not say": "who buys both has shown that either will do at times, not that one "
    "would be taken for the other; an item that stores lack cannot be bought",
}


class Hierarchy(NamedTuple):
    """What `hierarchy` returns: four frames, each described there."""

    items: pl.DataFrame
    joins: pl.DataFrame
    pairs: pl.DataFrame
    parts: pl.DataFrame


def hierarchy(
    shop: Shop,
    period: str | Period | Latest,
    category: str,
    *,
    top: int = 40,
    needs: int = 6,
    seed: int = 0,
    draws: int = 1000,
) -> Hierarchy:
    """Return how the `top` items of a category by buyers stand in for each other.

    `items`: one row per item in the order of the tree: place, item, need (A, B ...), buyers,
    product_id, type, size, maker, label.
    `joins`: one row per join of two branches: first_place and second_place (of the branches in
    the tree), first_q, second_q (at which they were joined, 1 for an item) and q.
    `pairs`: one row per two items, the surest stand-ins first: first, second, buyers (of both,
    never on one receipt), q_share, low_share, high_share, together (receipts with both), lift,
    lift_low, lift_high (see `pairs`, among receipts of the category).
    `parts`: one row per trait: trait, alike_share and other_share (mean Q of pairs alike in it,
    and of the others), difference_share and chance_share; null where all or no pairs are alike.
    Raises ValueError for fewer than two items with two buyers, or an unknown category.
    """
    bought = _bought(shop, period, category)
    buyers = bought.group_by("product_id").agg(
        pl.col("customer_id").n_unique().cast(pl.Int64).alias("buyers")
    )
    ranked = buyers.sort("buyers", "product_id", descending=[True, False])
    frequent = ranked.filter(pl.col("buyers") >= LEAST).head(top)
    if frequent.height < LEAST:
        raise ValueError(f"{category} has fewer than two items that two customers bought")
    facts = item_facts(shop, frequent["product_id"].to_list())
    items = frequent.join(facts, on="product_id", maintain_order="left")
    q, low, high, both = _alike(bought, items)
    order, joins, need = _tree(q, needs)
    pairs = _pairs(items, bought, q, low, high, both)
    placed = items[order].with_columns(
        place=pl.int_range(pl.len()), need=pl.Series(need, dtype=pl.String)
    )
    columns = ("place", "item", "need", "buyers", "product_id", *TYPES)
    return Hierarchy(placed.select(columns), joins, pairs, _parts(items, q, seed, draws))


def needs(items: pl.DataFrame) -> pl.DataFrame:
    """Return one row per need of a hierarchy's items, in order, and what most of it is.

    Columns: need, items, type, maker and size (the most frequent), own_label_share (of items).
    """
    most = [pl.col(name).mode().sort().first() for name in ("type", "maker", "size")]
    own = (pl.col("label") == "own label").mean().alias("own_label_share")
    count = pl.len().cast(pl.Int64).alias("items")
    return items.group_by("need", maintain_order=True).agg(count, *most, own)


def stand_ins_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that surely stand in for each other: Q above 0, no more often together."""
    return pairs.filter(pl.col("low_share") > 0, ~(pl.col("lift_low") > 1).fill_null(value=False))


def complements(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that are surely bought side by side, the surest first."""
    ranked = pairs.filter(pl.col("lift_low") > 1)
    return ranked.sort("lift_low", "first", "second", descending=[True, False, False])


def say_parts(parts: pl.DataFrame) -> str:
    """Return the sentence that says what customers decide by first."""
    sure = parts.filter(pl.col("difference_share") > pl.col("chance_share"))
    if sure.is_empty():
        return "Neither type, size, maker nor label parts the customers more than chance would"
    best = sure.row(0, named=True)
    return (
        f"Customers keep to one {best['trait']} most: items alike in it have a Q of "
        f"{best['alike_share']:.0%}, others {best['other_share']:.0%}"
    )


def _bought(shop: Shop, period: str | Period | Latest, category: str) -> pl.DataFrame:
    """Return one row per receipt and item of customers with a card."""
    question = category_lines(shop, period, category).filter(~nw.col("customer_id").is_null())
    keys = ["customer_id", "basket_id", "product_id"]
    return fetch(question.select(keys), by=keys)


def _held(bought: pl.DataFrame, items: pl.DataFrame, unit: str) -> Held:
    """Return which of the items is in which unit; a unit's size are its receipts, or its items."""
    size = pl.col("basket_id" if unit == "customer_id" else "product_id").n_unique()
    units = bought.group_by(unit).agg(size=size).sort(unit).with_row_index("unit")
    numbered = items.select("product_id", "item").with_row_index("number")
    entries = (
        bought.select(unit, "product_id")
        .unique()
        .join(numbered, on="product_id")
        .join(units, on=unit)
    ).sort("unit", "number")
    place, item = (entries[name].cast(pl.Int64).to_numpy() for name in ("unit", "number"))
    full = np.ones(entries.height, dtype=np.bool_)
    return Held(place, item, full, items["item"].to_list(), units["size"].cast(pl.Int64).to_numpy())


def _alike(bought: pl.DataFrame, items: pl.DataFrame) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return Q of each two items with its ends, and the customers with both, never at once."""
    held, size = _held(bought, items, "customer_id"), items.height
    whole, at_once = held.matrix().sign(), _at_once(bought, items)
    bands = np.searchsorted(SIZES, held.sizes, side="right")
    sums = np.zeros((5, size, size))
    apart = np.zeros((size, size))
    for band in np.unique(bands):
        inside = bands == band
        both = (whole[inside].T @ whole[inside]).toarray().astype(np.float64)
        own, once = np.diag(both), np.zeros((size, size))
        pairs = at_once[inside[at_once[:, 0]]]
        np.add.at(once, (pairs[:, 1], pairs[:, 2]), 1)
        once += once.T
        n = np.maximum(inside.sum() - once, 1)
        with_both, one, other = both - once, own[:, None] - both, own[None, :] - both
        neither = inside.sum() - own[:, None] - own[None, :] + both
        like, unlike = with_both * neither / n, one * other / n
        p, crossed = (with_both + neither) / n, (one + other) / n
        sums += [like, unlike, p * like, p * unlike + crossed * like, crossed * unlike]
        apart += with_both
    return (*_odds(sums), apart)


def _odds(sums: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return Q and its 95 % interval from the sums over bands; Q is 0 where nothing is known."""
    like, unlike, first, middle, last = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = first / (2 * like**2) + middle / (2 * like * unlike) + last / (2 * unlike**2)
        ratio = np.log(like / unlike)
        ends = [np.tanh((ratio + sign * Z95 * np.sqrt(spread)) / 2) for sign in (-1, 1)]
        q = np.nan_to_num((like - unlike) / (like + unlike))
    return q, *(np.where(np.isfinite(end), end, np.nan) for end in ends)


def _at_once(bought: pl.DataFrame, items: pl.DataFrame) -> NDArray[np.int64]:
    """Return one row per customer and two items it had on one receipt: their numbers."""
    customers = bought.select("customer_id").unique().sort("customer_id").with_row_index("unit")
    numbered = items.select("product_id").with_row_index("number")
    known = bought.join(numbered, on="product_id").join(customers, on="customer_id")
    each = known.select("unit", "basket_id", "number")
    both = each.join(each, on=["unit", "basket_id"]).filter(
        pl.col("number") < pl.col("number_right")
    )
    found = both.select("unit", "number", "number_right").unique().cast(pl.Int64)
    return found.to_numpy().reshape(-1, 3)


def _tree(q: Numbers, needs: int) -> tuple[list[int], pl.DataFrame, list[str]]:
    """Return the items' order, the joins of branches, and the need of each place."""
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = 1 - (q + q.T) / 2
    np.fill_diagonal(distance, 0)
    links = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    order = [int(leaf) for leaf in leaves_list(links)]
    place = {float(leaf): float(at) for at, leaf in enumerate(order)}
    height = dict.fromkeys(place, 1.0)
    rows = []
    for number, (first, second, far, _) in enumerate(links, start=len(q)):
        rows.append([place[first], place[second], height[first], height[second], 1 - far])
        place[number], height[number] = (place[first] + place[second]) / 2, 1 - far
    names = ("first_place", "second_place", "first_q", "second_q", "q")
    groups = fcluster(links, needs, "maxclust")[order]
    seen = list(dict.fromkeys(groups.tolist()))
    joins = pl.DataFrame(rows, dict.fromkeys(names, pl.Float64), orient="row")
    return order, joins, [chr(ord("A") + seen.index(group)) for group in groups.tolist()]


def _pairs(items: pl.DataFrame, bought: pl.DataFrame, *measured: Numbers) -> pl.DataFrame:
    one, other = np.triu_indices(items.height, k=1)
    names = np.array(items["item"].to_list(), dtype=object)
    q, low, high, both = (values[one, other] for values in measured)
    told = pl.DataFrame({"first": names[one], "second": names[other], "buyers": both}, _PAIRS)
    told = told.with_columns(
        q_share=pl.Series(q), low_share=pl.Series(low), high_share=pl.Series(high)
    )
    lifts = ("together", "lift", "lift_low", "lift_high")
    found = count_pairs([_held(bought, items, "basket_id")], 1).select(
        pl.min_horizontal("first", "second").alias("a"),
        pl.max_horizontal("first", "second").alias("b"),
        *lifts,
    )
    ends = [pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")]
    whole = told.fill_nan(None).join(found, left_on=ends, right_on=["a", "b"], how="left")
    kept = whole.select(*told.columns, pl.col("together", "lift").fill_null(0), *lifts[2:])
    ranked = ["low_share", "first", "second"]
    return kept.sort(ranked, descending=[True, False, False], nulls_last=True)


_PAIRS: Any = {"first": pl.String, "second": pl.String, "buyers": pl.Int64}


def _parts(items: pl.DataFrame, q: Numbers, seed: int, draws: int) -> pl.DataFrame:
    """Return how much more alike items are that share a trait, and what chance would make."""
    one, other = np.triu_indices(len(q), k=1)
    dealt = np.array([np.random.default_rng((seed, n)).permutation(len(q)) for n in range(draws)])
    rows: list[list[Any]] = []
    for name, trait in TYPES.items():
        codes = items[name].rank("dense").to_numpy()
        same = codes[one] == codes[other]
        if same.all() or not same.any():
            rows.append([trait, None, None, None, None])
            continue
        alike, apart = q[one, other][same].mean(), q[one, other][~same].mean()
        chance = [
            _difference(q[one, other], codes[deal][one] == codes[deal][other]) for deal in dealt
        ]
        rows.append([trait, alike, apart, alike - apart, float(np.quantile(chance, 0.95))])
    names = ("alike_share", "other_share", "difference_share", "chance_share")
    schema: Any = {"trait": pl.String} | dict.fromkeys(names, pl.Float64)
    found = pl.DataFrame(rows, schema, orient="row")
    return found.sort("difference_share", descending=True, nulls_last=True, maintain_order=True)


def _difference(q: Numbers, same: NDArray[np.bool_]) -> float:
    return float(q[same].mean() - q[~same].mean())
