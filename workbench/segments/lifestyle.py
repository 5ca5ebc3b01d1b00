"""Lifestyle from purchases: customers who surely spend more on one theme of life than others do.

Definition: products are placed in themes by words in their names (see `THEMES`). A customer's
score for a theme is its share of the customer's own placed spend over its share of everybody's;
for Thrift, the share of goods at a discount or of the own label in all the customer's spend.
The label is the theme whose score is surely highest and surely above one, by the lower end of
its interval over the customer's own receipts. It is a lens on purchases, chosen by us.
"""

import datetime as dt
from math import inf

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import FINE, Shop
from workbench.segments._labels import ordered
from workbench.segments._themes import ELSEWHERE, THEMES, UNPLACED, flag_of, goods

THRIFT, NONE = "Thrift", "No clear lifestyle"
SEGMENTS = {
    "Family": "goods for babies and children",
    "Health": "fruit, salad, yogurt, organic and dietary goods",
    "Cooking from scratch": "raw meat and vegetables, eggs, flour, spices, oil",
    "Convenience": "what is ready or nearly: pizza, deli, soup, frozen meals",
    "Indulgence": "sweets, snacks, ice cream, beer and wine, flowers",
    THRIFT: "goods at a discount, and of the own label",
    NONE: "no theme is surely above average, or there are too few receipts to tell",
}
DEFINITION = {
    "A lens, not a survey": "the themes and their words are a choice, made before looking at "
    "customers. A lifestyle read from purchases explains purchases partly by construction: "
    "that Family buys diapers is no finding, what else it buys may be one",
    "Words": "; ".join(f"{name}: {', '.join(words)}" for name, words in THEMES.items())
    + f". Never placed: {', '.join(ELSEWHERE)}",
    "Placing": "a whole word in department, category, subcategory or description; of several "
    "themes the first as written here. The page says what share of spend could be placed",
    "Thrifty goods": "of the retailer's own label, or with a retailer's discount on the line, "
    "whatever their theme; their share is of all the customer's spend on merchandise",
    "Score": "the customer's share of a theme over that of all customers with a card; 1 is average",
    "Surely": "the lower end of the 95 % interval of a ratio of sums over the customer's receipts",
    "Rare themes": "a theme with little of everybody's spend can reach a higher score than a large "
    "one, so Family outranks Cooking and Thrift where several are surely above 1",
    "Enough receipts": "at least the asked number of receipts with placed goods; for Thrift with "
    "any merchandise",
    "Returns": "netted per receipt",
    "Stable": "labels of the two halves of the period, for customers who came in both; kappa is "
    "agreement beyond chance: 0 none, 1 complete",
    "Movement": "everybody's shares of the period before hold for both",
    "Whom it leaves out": "receipts without a card",
}
PLACED = [*THEMES, THRIFT]
_WHOLE = dict.fromkeys(THEMES, "placed") | {THRIFT: "goods"}
_Z95 = 1.96


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    receipts: int = 8,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its lifestyle.

    Columns: customer_id, segment, visits, placed_receipts, sales (of merchandise) and
    placed_sales (money), and for each theme its share (`family_share`, of the placed spend;
    for thrift of all merchandise) and the lower end of its score (`family_low`, 1 is average;
    null under the asked `receipts`). With `cuts_from` the average is that of the other period.
    """
    measured = _measured(shop, period)
    average = _average(measured if cuts_from is None else _measured(shop, cuts_from))
    enough = {name: pl.col(f"{_WHOLE[name]}_receipts") >= receipts for name in PLACED}
    lows = {_low(name): pl.when(enough[name]).then(_bound(name) / average[name]) for name in PLACED}
    return (
        measured.filter(pl.col("visits") > 0)
        .with_columns(**lows, **{_share(name): _ratio(name) for name in PLACED})
        .with_columns(_segment())
        .with_columns(money("goods").alias("sales"), money("placed").alias("placed_sales"))
        .select(
            *("customer_id", "segment", "visits", "placed_receipts", "sales", "placed_sales"),
            *(column(name) for name in PLACED for column in (_share, _low)),
        )
    )


def halves(
    shop: Shop, period: str | Period | Latest, *, receipts: int = 8
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the labels of the two halves of the period, each by its own average.

    One day has no second half, so nobody is labelled in it.
    """
    window = shop.window(period)
    if window.days == 1:
        whole = label(shop, window, receipts=receipts)
        return whole, whole.clear()
    middle = window.first + (window.last - window.first) / 2
    parts = Period(window.first, middle), Period(middle + dt.timedelta(days=1), window.last)
    first, second = (label(shop, part, receipts=receipts) for part in parts)
    return first, second


def coverage(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per theme, and one for what is not placed: everybody's spend in it.

    Columns: theme, sales (money, merchandise bought with a card), sales_share, mostly (its
    three largest categories). Thrift is no theme of products, and is not among them.
    """
    by = ["theme", "category"]
    question = goods(shop, period).group_by(*by).agg(sales=total("goods"))
    spent = fetch(question, by=by).sort("sales", "category", descending=[True, False])
    order = pl.Enum([*THEMES, UNPLACED])
    return (
        spent.group_by(pl.col("theme").cast(order), maintain_order=True)
        .agg(pl.col("sales").sum(), mostly=pl.col("category").drop_nulls().head(3).str.join(", "))
        .with_columns(money("sales"), sales_share=pl.col("sales") / pl.col("sales").sum())
        .sort("theme")
        .select("theme", "sales", "sales_share", "mostly")
    )


def say_coverage(table: pl.DataFrame) -> str:
    """Say which share of the spend the lens could place."""
    if table.is_empty():
        return "Nobody bought merchandise with a card."
    outside = table.filter(pl.col("theme") == UNPLACED)["sales_share"].sum()
    return (
        f"{1 - outside:.0%} of what card customers spend on merchandise could be placed in a "
        "theme; the rest has none of the words, and says nothing here."
    )


def _measured(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per card customer: what it spent by theme, and how that varies.

    Columns, in cents: goods, placed and each theme, as sums over the customer's receipts of the
    amount, of its square (`_squared`) and of its product with the whole (`_crossed`).
    """
    return pl.concat(_sums(part, period) for part in shop.parts(FINE))


def _sums(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    cut = (nw.col("loyalty_discount") > 0) | (nw.col("match_discount") > 0)
    thrifty = cut | nw.col("own_label").fill_null(False)
    inside = {name: nw.col("theme") == name for name in THEMES} | {THRIFT: thrifty}
    per_receipt = (
        goods(shop, period)
        .group_by("customer_id", "basket_id")
        .agg(
            visits=total("new_basket"),
            goods=total("goods"),
            placed=_only(nw.col("theme") != UNPLACED),
            **{name: _only(where) for name, where in inside.items()},
        )
        .with_columns(nw.col("goods", "placed", *PLACED).cast(nw.Int64))
    )
    sums = ["visits", "goods", "placed", *PLACED]
    squared = ["goods", "placed", *PLACED]
    question = (
        per_receipt.with_columns(
            goods_receipts=(nw.col("goods") > 0).cast(nw.Int64),
            placed_receipts=(nw.col("placed") > 0).cast(nw.Int64),
            **{f"{name}_squared": nw.col(name) * nw.col(name) for name in squared},
            **{f"{name}_crossed": nw.col(name) * nw.col(_WHOLE[name]) for name in PLACED},
        )
        .group_by("customer_id")
        .agg(
            nw.col("goods_receipts", "placed_receipts", *sums).sum(),
            *(nw.col(f"{name}_squared").sum() for name in squared),
            *(nw.col(f"{name}_crossed").sum() for name in PLACED),
        )
    )
    return fetch(question, by=["customer_id"])


def _only(where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.col("goods")).otherwise(nw.lit(0)).sum()


def _average(measured: pl.DataFrame) -> dict[str, float]:
    """Return each theme's share of everybody's spend; infinite where nobody spent on it."""
    whole = measured.select(pl.col("goods", "placed", *PLACED).sum()).row(0, named=True)
    return {
        name: whole[name] / whole[_WHOLE[name]] if whole[name] > 0 < whole[_WHOLE[name]] else inf
        for name in PLACED
    }


def _ratio(name: str) -> pl.Expr:
    whole = pl.col(_WHOLE[name])
    return pl.when(whole > 0).then(pl.col(name) / whole)


def _bound(name: str) -> pl.Expr:
    """Return the lower end of a customer's share: delta method over its receipts."""
    share, whole, n = _ratio(name), pl.col(_WHOLE[name]), pl.col(f"{_WHOLE[name]}_receipts")
    squares = (
        pl.col(f"{name}_squared")
        - 2 * share * pl.col(f"{name}_crossed")
        + share**2 * pl.col(f"{_WHOLE[name]}_squared")
    )
    variance = squares.clip(0) * n / (n - 1) / whole.cast(pl.Float64) ** 2
    return pl.when(n > 1).then(share - _Z95 * variance.sqrt())


def _segment() -> pl.Expr:
    surest = pl.max_horizontal(_low(name) for name in PLACED)
    first = pl.coalesce(
        pl.when((pl.col(_low(name)) == surest) & (surest > 1)).then(pl.lit(name)) for name in PLACED
    )
    return first.fill_null(NONE).cast(ordered(SEGMENTS)).alias("segment")


def _share(name: str) -> str:
    return f"{flag_of(name)}_share"


def _low(name: str) -> str:
    return f"{flag_of(name)}_low"
