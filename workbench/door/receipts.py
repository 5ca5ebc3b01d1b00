"""Receipt lines on their way into the lake, one month at a time: merged, costed, sorted.

The natural key of a line is its receipt (store, day and receipt number) and product. Rows of one
file with the same key and card add up, as a till that scans a thing twice means it; a row of a
later file replaces those of earlier ones. The layout is made for measures: inside a month lines
are sorted by customer, day, basket and product, and the first line of each basket carries
`new_basket` = 1, so that baskets are counted by a sum. A receipt that only brings things back is
no basket; a line without a card on a receipt that has one belongs to that card.

Four more tables hold the same: `receipts` what each receipt comes to, which is a tenth of the
rows; `customer_weeks` and `customer_category_weeks` what weeks come to, for periods of weeks or
months; and `category_lines` the lines in the order of categories, so that a question about one
category reads a part of them. They are written with the lines, so they cannot disagree.
"""

from collections.abc import Callable

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.data.receipts import ADDED
from workbench.door.cast import BASIS_POINTS
from workbench.door.parts import FILE, OLD

RECEIPT = ["day", "store_id", "basket"]
BASKET = ["customer_id", *RECEIPT]
LINE = [*RECEIPT, "product_id"]
DISCOUNTS = ["loyalty_discount", "match_discount", "coupon_discount"]
AMOUNTS = ["quantity", "sales", *DISCOUNTS]
COLUMNS = [*BASKET, "product_id", "minute", *AMOUNTS]
MOST_BASKETS = 1_000_000_000


def stored(lines: pl.LazyFrame, baskets: pl.LazyFrame) -> pl.LazyFrame:
    """Return lines of the lake with their receipt numbers, as they are merged."""
    numbers = baskets.select("basket_id", "basket")
    return lines.join(numbers, on="basket_id", how="left").select(COLUMNS)


def added(month: pl.DataFrame) -> pl.DataFrame:
    """Return one row per file, card, receipt and product, amounts (Int64) added up.

    `month` has the columns of COLUMNS and FILE, the number of the file. A card is taken from what
    is delivered only: a stored line may have lost its own because its customer was erased.
    """
    delivered = pl.when(pl.col(FILE) != OLD).then("customer_id")
    card = pl.col("customer_id").fill_null(delivered.max().over(RECEIPT))
    amounts = pl.col(AMOUNTS).cast(pl.Int64).fill_null(0).sum()
    key = [FILE, *BASKET, "product_id"]
    return month.with_columns(card).group_by(key).agg(pl.col("minute").max(), amounts)


def latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the latest file that speaks of their receipt and product."""
    if rows[FILE].n_unique() > 1:
        rows = rows.filter(pl.col(FILE) == pl.col(FILE).max().over(LINE))
    return rows.select(COLUMNS)


def laid_out(
    month: pl.DataFrame, products: pl.DataFrame, number: int, before: int = 0
) -> pl.DataFrame:
    """Return a month's merged lines in the lake's order, costed, with numbered baskets.

    `products` holds product_id, category_id, merchandise and cost_rate (basis points, null where
    unknown); `number` is the month, such as 201707, of which `before` baskets are laid out already.
    """
    before += number * MOST_BASKETS
    costed = month.join(products, on="product_id", how="left", validate="m:1")
    ordered = costed.sort([*BASKET, "product_id"], nulls_last=True)
    basket_id = pl.struct(BASKET).rle_id().cast(pl.Int64) + before + 1
    first = pl.col("basket_id") != pl.col("basket_id").shift(1, fill_value=before)
    bought = (pl.col("sales") >= 0) & (pl.col("quantity") >= 0)
    return ordered.with_columns(
        basket_id=basket_id, margin=_margin(), month=pl.lit(number, dtype=pl.Int32)
    ).with_columns(
        first=first,
        new_basket=(first & bought.any().over("basket_id")).cast(pl.Int8),
        minute=pl.col("minute").max().over("basket_id"),
    )


def lines(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `lines` of a month that is laid out."""
    return _typed(month, "lines")


def baskets(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `baskets` of a month that is laid out."""
    return _typed(month.filter("first"), "baskets")


def sums(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `receipts` of a month that is laid out."""
    each = month.group_by("basket_id", maintain_order=True).agg(
        pl.col("customer_id", "store_id", "day", "minute", "month").first(),
        pl.col("new_basket").sum(),
        pl.col(ADDED).cast(pl.Int64).sum(),
        lines=pl.len(),
        goods=pl.col("sales").cast(pl.Int64).filter(pl.col("merchandise").fill_null(True)).sum(),
        uncosted=pl.col("margin").null_count(),
    )
    return _typed(each, "receipts")


def customer_weeks(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `customer_weeks` of a month that is laid out."""
    visit = pl.when(pl.col("new_basket") > 0).then("day")
    return weeks_of("customer_weeks", sums(month).with_columns(first_visit=visit, last_visit=visit))


def customer_category_weeks(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `customer_category_weeks` of a month that is laid out."""
    unknown = pl.col("margin").is_null().cast(pl.Int64)
    return weeks_of("customer_category_weeks", month.with_columns(uncosted=unknown))


def weeks_of(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per key of a table by week, in order; rows may be sums of a part already."""
    least = {"day": pl.col("day").min(), "first_visit": pl.col("first_visit").min()}
    most = {"last_visit": pl.col("last_visit").max()}
    schema, by = CONTRACTS[table].schema, CONTRACTS[table].key[:-1]
    each = {
        name: (least | most).get(name, pl.col(name).cast(pl.Int64).sum())
        for name in schema
        if name not in (*by, "month")
    }
    week = pl.col("day").dt.truncate("1w").alias("week")
    found = rows.group_by(*by, week, pl.col("month")).agg(**each)
    return _typed(found.sort(ORDER[table], nulls_last=True), table)


def by_category(month: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the lake's `category_lines` of a month that is laid out."""
    ordered = month.sort("category_id", nulls_last=True, maintain_order=True)
    return _typed(ordered, "category_lines")


def restated(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return one row per day that was stored and changed: lines and sales before and after."""
    amounts = pl.col(AMOUNTS).cast(pl.Int64)
    before, after = before.select(COLUMNS).with_columns(amounts), after.select(COLUMNS)
    changed = pl.concat(
        one.join(other, on=COLUMNS, how="anti", nulls_equal=True).select("day")
        for one, other in ((before, after), (after, before))
    ).unique()
    was, now = (daily(lines.lazy()).collect() for lines in (before, after))
    return beside(was.join(changed, on="day", how="semi"), now)


def daily(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per day: how many lines, and their sales."""
    sales = pl.col("sales").cast(pl.Int64).sum()
    return lines.group_by("day").agg(pl.len().cast(pl.Int64).alias("lines"), sales)


def beside(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return days as they were with what they are now, which is nothing where they are gone."""
    both = was.join(now, on="day", how="left", suffix="_after").fill_null(0)
    return both.rename({"lines": "lines_before", "sales": "sales_before"}).sort("day")


def _typed(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    schema = CONTRACTS[table].schema
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _margin() -> pl.Expr:
    shelf = pl.sum_horizontal("sales", "loyalty_discount", "match_discount")
    size = (shelf.abs() * pl.col("cost_rate") + BASIS_POINTS // 2) // BASIS_POINTS
    return pl.col("sales") - size * shelf.sign()


MADE: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "lines": lines,
    "baskets": baskets,
    "receipts": sums,
    "category_lines": by_category,
    "customer_weeks": customer_weeks,
    "customer_category_weeks": customer_category_weeks,
}
"""The tables that a month of receipts makes, each from the month as it is laid out."""

WEEKS = ("customer_weeks", "customer_category_weeks")
"""Those of them that add up days, which are to be added up again where days were apart."""

ORDER = {
    "lines": ["customer_id", "basket_id", "product_id"],
    "baskets": ["customer_id", "basket_id"],
    "receipts": ["customer_id", "basket_id"],
    "category_lines": ["category_id", "customer_id", "basket_id", "product_id"],
    "customer_weeks": ["customer_id", "day"],
    "customer_category_weeks": ["customer_id", "category_id", "day"],
}
"""The order that each of them has; inside a customer baskets are numbered by day."""
