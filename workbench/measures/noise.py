"""The noise floor: how many customers would move between segments by chance alone.

Shopping is irregular, so a customer who changed nothing may still land in another segment. The
floor is found by redrawing: each customer keeps as many receipts as it had in both periods
together, drawn with replacement from its own, and the toss of a coin deals each to one of the
two periods, on the same day counted from the period's first. What moves then, moves by chance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.data.answers import ANSWERS
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import UNCOSTED, fetch, total
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z90
from workbench.measures.migrate import LOST, NEW, paired, pairs

LEAST_DRAWS, DEALT = 19, 10_000
Label = Callable[..., pl.DataFrame]
_TAIL = 0.05
_RECEIPT = ["basket_id", "month", "customer_id", "store_id", "day", "minute"]
_AMOUNTS = ("quantity", "sales", "loyalty_discount", "match_discount", "coupon_discount")
_PAIR = ["before", "after"]


def noise_floor(
    shop: Shop,
    period: str | Period | Latest,
    label: Label,
    *,
    draws: int = 20,
    seed: int = 0,
    **choices: Any,
) -> pl.DataFrame:
    """Return one row per segment before and after, as `migrate` has them, with what chance does.

    Columns: before, after, customers_expected (mean over the draws), customers_low and
    customers_high, between which the draws leave a customer count nine times in ten.

    `label` is any segmentation's, `choices` go to it. Where it looks at receipts as a whole
    (day, amount), whole receipts are redrawn, which is fast; where it looks at what is in them,
    their lines are. Receipts outside both periods stay as they are; those without a card are
    left out. Of more than `DEALT` customers an even part is dealt and stands for all: counts grow
    with the customers, their spread with the root, and the band allows for who is in the part.
    Where there are so few receipts that a draw leaves a period without any that can be
    labelled, chance cannot be told and the figures are null. Raises ValueError for fewer than 19
    draws, which have no band of nine in ten, and NotCovered where the data does not hold both
    periods.
    """
    if draws < LEAST_DRAWS:
        raise ValueError(f"draws={draws} leave no band of nine in ten; allowed: from {LEAST_DRAWS}")
    window, some = shop.window(period), shop.sample(DEALT, seed)
    pot = _pot(some, window, label, choices)
    observed = _moves(some, window, label, choices)
    rng = np.random.default_rng(seed)
    try:
        with ANSWERS.paused():  # each draw is asked once, and long to write down
            drawn = [_moves(pot.redrawn(rng), window, label, choices) for _ in range(draws)]
    except ValueError:  # the same choices label what was observed, so it is the draw
        return _untold(observed.schema)
    return _for_all(_floor(pl.concat(drawn), draws), some.one_in)


def beyond_chance(moves: pl.DataFrame, floor: pl.DataFrame) -> pl.DataFrame:
    """Return `moves` (see `migrate`) with the floor's columns and `against_chance`.

    `against_chance` says "more" or "fewer" than chance does, or "within" its band; null where
    chance cannot be told.
    """
    compared = (
        pl.when(pl.col("customers_high").is_null())
        .then(pl.lit(None, pl.String))
        .when(pl.col("customers") > pl.col("customers_high"))
        .then(pl.lit("more"))
        .when(pl.col("customers") < pl.col("customers_low"))
        .then(pl.lit("fewer"))
        .otherwise(pl.lit("within"))
    )
    joined = moves.join(floor, on=_PAIR, how="left", validate="1:1", maintain_order="left")
    return joined.with_columns(against_chance=compared.cast(pl.Enum(["more", "within", "fewer"])))


def surprises(moves: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Return the moves that chance does not explain, furthest from its mean first.

    `moves` is what `beyond_chance` returns. Columns: before, after, customers,
    customers_expected, customers_low, customers_high, against_chance. Staying is a move too.
    """
    beyond = moves.filter(pl.col("against_chance") != "within")
    far = (pl.col("customers") - pl.col("customers_expected")).abs()
    columns = ("customers_expected", "customers_low", "customers_high", "against_chance")
    ranked = beyond.sort(far, descending=True, maintain_order=True)
    return ranked.select(*_PAIR, "customers", *columns).head(top)


def say_chance(moves: pl.DataFrame) -> str:
    """Return the sentence that sets how many moved against how many would by chance.

    `moves` is what `beyond_chance` returns; New and Lost are not counted.
    """
    plain = moves.with_columns(pl.col(_PAIR).cast(pl.String))
    known = plain.filter(pl.col("before") != NEW, pl.col("after") != LOST)
    moved = known.filter(pl.col("before") != pl.col("after"))
    if known["customers"].sum() == 0:
        return "Nobody came in both periods"
    found, chance = (moved[name].sum() for name in ("customers", "customers_expected"))
    if moved["customers_expected"].null_count():
        return f"{found:,} customers changed segment; too few receipts to tell chance from change"
    return (
        f"{found:,} customers changed segment; {chance:,.0f} would have by chance alone, "
        "without anybody changing habits"
    )


@dataclass(frozen=True)
class _Pot:
    """Receipt lines sorted by customer and receipt, and where each customer's receipts lie."""

    shop: Shop
    window: Period
    lines: pl.DataFrame
    others: pl.DataFrame
    first_line: NDArray[np.int64]
    size: NDArray[np.int64]
    own_first: NDArray[np.int64]
    own: NDArray[np.int64]

    @property
    def whole(self) -> Shop:
        return _holding(self.shop, pl.concat([self.lines, self.others]))

    def redrawn(self, rng: np.random.Generator) -> Shop:
        """Return the shop with each customer's receipts drawn anew."""
        receipts = self.own_first + (rng.random(len(self.own)) * self.own).astype(np.int64)
        after = rng.random(len(receipts)) < 0.5
        sizes = self.size[receipts]
        starts = np.repeat(self.first_line[receipts] - np.cumsum(sizes) + sizes, sizes)
        lines = self.lines[starts + np.arange(len(starts))]
        was_after = lines["day"] >= self.window.first
        shift = pl.Series(np.repeat(after, sizes)).cast(pl.Int32) - was_after.cast(pl.Int32)
        day = pl.col("day") + pl.duration(days=pl.lit(shift) * self.window.days)
        number = np.repeat(np.arange(len(receipts)), sizes) + _next(self.others)
        dated = lines.with_columns(day=day, basket_id=pl.Series(number, dtype=pl.Int64))
        return _holding(self.shop, pl.concat([dated.with_columns(_month()), self.others]))


def _pot(shop: Shop, window: Period, label: Label, choices: Mapping[str, Any]) -> _Pot:
    by_receipt = _filled(shop, window, _receipts(shop))
    try:
        with ANSWERS.paused():
            same = _told(label(by_receipt.whole, window, **choices))
    except ValueError:  # nothing to look at where receipts have no lines
        same = None
    if same is not None and same.equals(_told(label(shop, window, **choices))):
        return by_receipt
    return _filled(shop, window, _whole(shop))


def _told(labels: pl.DataFrame) -> pl.DataFrame:
    told = labels.select(pl.col("customer_id").cast(pl.Int64), pl.col("segment").cast(pl.String))
    return told.sort("customer_id")


def _receipts(shop: Shop) -> pl.DataFrame:
    """Return each receipt as one line, what came back on it as another; no products."""
    bought = (nw.col("sales") >= 0) & (nw.col("quantity") >= 0)
    unknown = UNCOSTED.cast(nw.Int64).sum()
    question = (
        shop.lines.filter(~nw.col("customer_id").is_null())
        .with_columns(bought=bought)
        .group_by(*_RECEIPT, "bought")
        .agg(*(total(name) for name in ("new_basket", *_AMOUNTS, "margin")), unknown=unknown)
    )
    whole = fetch(question, by=["customer_id", "basket_id", "bought"])
    margin = pl.when(pl.col("unknown") == 0).then(pl.col("margin"))
    nothing = {name: pl.lit(None, dtype=pl.Int64) for name in ("category_id", "product_id")}
    return _as_lines(whole.with_columns(margin=margin, **nothing))


def _whole(shop: Shop) -> pl.DataFrame:
    known = (part.lines.filter(~nw.col("customer_id").is_null()) for part in shop.parts())
    by = ["customer_id", "basket_id", "product_id"]
    return pl.concat(_as_lines(fetch(lines, by=by)) for lines in known)


def _as_lines(lines: pl.DataFrame) -> pl.DataFrame:
    kinds = CONTRACTS["lines"].schema
    summed = {*_AMOUNTS, "margin"}
    kept = [pl.col(name) if name in summed else pl.col(name).cast(kinds[name]) for name in kinds]
    return lines.select(kept)


def _filled(shop: Shop, window: Period, lines: pl.DataFrame) -> _Pot:
    inside = pl.col("day").is_between(shop.window(window.before()).first, window.last)
    drawn = lines.filter(inside)
    receipts = drawn.select("customer_id", "basket_id").with_row_index("line")
    sizes = receipts.group_by("basket_id", maintain_order=True).agg(
        pl.col("customer_id", "line").first(), size=pl.len()
    )
    place = sizes.with_row_index("place").select(
        pl.col("place").first().over("customer_id"), own=pl.len().over("customer_id")
    )
    columns = (sizes["line"], sizes["size"], place["place"], place["own"])
    arrays = [column.cast(pl.Int64).to_numpy() for column in columns]
    return _Pot(shop, window, drawn, lines.filter(~inside), *arrays)


def _month() -> pl.Expr:
    return (pl.col("day").dt.year() * 100 + pl.col("day").dt.month()).alias("month")


def _next(others: pl.DataFrame) -> int:
    return 1 + int(others.select(pl.col("basket_id").max().fill_null(0)).item())


def _holding(shop: Shop, lines: pl.DataFrame) -> Shop:
    """Return the shop with other receipt lines, and receipts, in memory."""
    columns = list(CONTRACTS["baskets"].schema)
    receipts = lines.lazy().unique("basket_id").with_columns(basket=pl.lit(None, dtype=pl.String))
    baskets = nw.from_native(receipts.select(columns))
    other = shop.with_lines(nw.from_native(lines.lazy()))
    return replace(other, tables={**other.tables, "baskets": baskets})


def _moves(shop: Shop, window: Period, label: Label, choices: Mapping[str, Any]) -> pl.DataFrame:
    earlier = window.before()
    before = label(shop, earlier, **choices)
    after = label(shop, window, cuts_from=earlier, **choices)
    return paired(before, after).group_by(_PAIR).agg(customers=pl.len().cast(pl.Int64))


def _untold(schema: pl.Schema) -> pl.DataFrame:
    """Return each pair without figures."""
    count = pl.lit(None, pl.Int64)
    expected = pl.lit(None, pl.Float64)
    return pairs(schema).select(
        *_PAIR, customers_expected=expected, customers_low=count, customers_high=count
    )


def _floor(drawn: pl.DataFrame, draws: int) -> pl.DataFrame:
    """Return each pair's mean and band; a draw in which nobody took a pair counts as 0."""
    tail = int(_TAIL * (draws + 1))
    counts = drawn.group_by(_PAIR).agg("customers")
    padded = pl.concat_list(pl.col("customers").fill_null([]), pl.lit([0] * draws))
    ranked = (
        pairs(drawn.schema)
        .join(counts, on=_PAIR, how="left", maintain_order="left")
        .with_columns(customers=padded.list.sort(descending=True).list.head(draws))
    )
    return ranked.select(
        *_PAIR,
        customers_expected=pl.col("customers").list.mean(),
        customers_low=pl.col("customers").list.get(draws - tail),
        customers_high=pl.col("customers").list.get(tail - 1),
    )


def _for_all(floor: pl.DataFrame, one_in: int) -> pl.DataFrame:
    """Return the floor of all customers, told from one in so many of them.

    Chance adds up over customers: its spread grows with the root of their number. Which customers
    are in the part is chance as well, as for any share of a sample.
    """
    if one_in == 1:
        return floor
    mean = pl.col("customers_expected")
    who = (one_in - 1) * mean * (1 - mean / mean.sum())
    low, high = (
        one_in**0.5 * ((pl.col(end) - mean) ** 2 + Z90**2 * who).sqrt()
        for end in ("customers_low", "customers_high")
    )
    return floor.with_columns(
        customers_expected=mean * one_in,
        customers_low=(mean * one_in - low).clip(0).floor().cast(pl.Int64),
        customers_high=(mean * one_in + high).ceil().cast(pl.Int64),
    )
