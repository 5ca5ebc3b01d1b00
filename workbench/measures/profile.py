"""Profile: what a segment buys more, or less, than the whole shop; when, and who it is."""

from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.customer_sums import customer_sums
from workbench.data.engine import fetch, money, numbered, weekday
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.data.weeks import category_weeks
from workbench.measures.chance import Z95
from workbench.measures.demographics import COLUMNS, TRAITS, demographics
from workbench.measures.rows import segments_of, told

ITEMS = {
    "department": ("categories", "category_id"),
    "category": ("categories", "category_id"),
    "subcategory": ("products", "product_id"),
    "brand": ("products", "product_id"),
    "size": ("products", "product_id"),
    "colour": ("products", "product_id"),
    "material": ("products", "product_id"),
    "own_label": ("products", "product_id"),
    "store": ("stores", "store_id"),
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TIMES = {"weekday": list(WEEKDAYS), "hour": [f"{hour:02d}:00" for hour in range(24)]}
BY = {name: name.replace("_", " ") for name in (*ITEMS, *TIMES, *TRAITS)}
_LABELS = {"true": "Own label", "false": "Other brands"}
ENDS = ("share_low", "share_high")
_KEPT = (pl.col("sales") > 0) | (pl.col("quantity") > 0)


def profile(
    shop: Shop,
    period: str | Period | Latest,
    labels: pl.DataFrame,
    *,
    by: str = "department",
    base: int = 30,
    ends: bool = False,
) -> pl.DataFrame:
    """Return one row per segment and item it bought, by any name in `BY`.

    Items are products (department, category, subcategory, brand, size, colour, material,
    own_label), stores, times (weekday, hour of the shops' own clock) or traits of the customers
    themselves (age, income ...; counted in customers instead of money, see
    `workbench.measures.demographics`).

    Columns: segment, the item, customers (of the segment, who bought it and did not bring it
    all back), penetration (of the segment's customers), sales (money), sales_share (of the
    segment's sales), total_share (of all card customers' sales), index = 100 x sales_share /
    total_share, index_low, the lower end of its 95 % interval over customers, and
    penetration_index; with `ends`, but for traits, share_low and share_high of sales_share too.
    The total includes the segment.

    The bounds are null, and the item not to be ranked, where fewer than `base` of the segment's
    customers bought it. Items without a name are kept as "(unknown)". Raises ValueError for
    another `by`.
    """
    if by not in BY:
        raise ValueError(f"cannot profile by {by!r}; allowed: {', '.join(BY)}")
    if by in TRAITS:
        return demographics(shop, period, labels, by=by, base=base)
    named, whole = [], []
    for part in shop.during(period).parts():
        of_segment, of_item = _sums(_bought(part, by), labels)
        whole.append((_all(of_segment), _all(of_item, "number")))
        named.append((of_segment.drop_nulls("segment"), of_item.drop_nulls("segment")))
    of_all = {"total_share": "sales_share", "total_penetration": "penetration"}
    enough = pl.when(pl.col("customers") >= base)
    return (
        _shares(named)
        .join(_shares(whole).select("number", **of_all), on="number", validate="m:1")
        .join(_names(shop, by), on="number", validate="m:1")
        .with_columns(
            index=_per_hundred("sales_share", "total_share"),
            index_low=enough.then(_per_hundred("share_low", "total_share")),
            share_low=enough.then(pl.col("share_low")),
            share_high=enough.then(pl.col("share_high")),
            penetration_index=_per_hundred("penetration", "total_penetration"),
        )
        .with_columns(money("sales"))
        .select("segment", by, *COLUMNS, *(ENDS if ends else ()))
        .sort("segment", by)
    )


def _per_hundred(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(100 * pl.col(part) / pl.col(whole))


def _bought(shop: Shop, by: str) -> pl.DataFrame:
    """Return one row per customer and number of an item, in their order, with sales, quantity."""
    numbers: nw.LazyFrame[Any] | int
    if by in TIMES:
        key, numbers = by, len(TIMES[by])
        place = nw.col("minute") // 60 if by == "hour" else weekday("day")
        rows = shop.receipts.with_columns(place.alias(by))
    else:
        key, numbers = ITEMS[by][1], _numbered(shop, by).drop(by)
        rows = category_weeks(shop) if key == "category_id" else shop.lines
    return customer_sums(shop, rows, key, numbers, "sales", "quantity")


def _numbered(shop: Shop, by: str) -> nw.LazyFrame[Any]:
    """Return the ids of what is profiled with the least id of the same name; null without one."""
    table, key = ITEMS[by]
    return numbered(shop.table(table).select(key, by), key, by)


def _names(shop: Shop, by: str) -> pl.DataFrame:
    """Return one row per number: its name, 0 being what has none."""
    if by in TIMES:
        names = pl.Series(by, TIMES[by], pl.Enum(TIMES[by])).to_frame()
        return names.with_columns(number=pl.int_range(pl.len()))
    known = fetch(_numbered(shop, by).select("number", by).unique(), by=["number"])
    text = pl.col(by).cast(pl.String)
    named = known.select("number", text.replace(_LABELS) if by == "own_label" else text)
    nameless = pl.DataFrame({"number": [0], by: ["(unknown)"]})
    return pl.concat([nameless, named.drop_nulls()])


def _sums(bought: pl.DataFrame, labels: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the sums of some customers: by segment, and by segment and item."""
    spent = bought.group_by("customer_id", maintain_order=True).agg(spend=pl.col("sales").sum())
    customers = spent.join(
        told(labels), on="customer_id", how="left", validate="m:1", maintain_order="left"
    )
    spend = pl.col("spend").cast(pl.Int128)
    of_segment = customers.group_by("segment").agg(
        members=pl.len().cast(pl.Int64),
        spend_sum=pl.col("spend").sum(),
        spend_squares=(spend * spend).sum(),
    )
    return of_segment, _by_item(bought, customers)


def _by_item(bought: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment and number: customers, sales, squares, products.

    Squares and products are added up in the order of the rows and then whole numbers, so that
    they are the same every time, in whatever order those of parts and segments are added.
    """
    who = bought["customer_id"].rle_id().to_numpy()
    number, sales = (bought[name].to_numpy() for name in ("number", "sales"))
    names, width = segments_of(customers), int(number.max(initial=0)) + 1
    segment = pl.col("segment").to_physical().cast(pl.Int64).fill_null(-1) + 1
    place = customers.select(segment * width).to_series().to_numpy()[who] + number
    weights = {
        "customers": bought.select(_KEPT).to_series().cast(pl.Int64).to_numpy(),
        "sales": sales,
        "squares": np.square(sales, dtype=np.float64),
        "products": sales * customers["spend"].cast(pl.Float64).to_numpy()[who],
    }
    found = np.bincount(place).nonzero()[0]
    sums = {name: np.bincount(place, weight)[found] for name, weight in weights.items()}
    named = pl.Series(found // width - 1).replace(-1, None)
    return pl.DataFrame(
        {"segment": names["segment"].gather(named), "number": found % width, **sums},
        schema_overrides={"customers": pl.Int64, "sales": pl.Int64},
    ).with_columns(pl.col("squares", "products").cast(pl.Int128))


def _all(of_segments: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return the sums of all customers, those in no segment too."""
    whole = of_segments.with_columns(segment=pl.lit("all"))
    return whole.group_by("segment", *by).agg(pl.exclude("segment", *by).sum())


def _shares(parts: list[tuple[pl.DataFrame, pl.DataFrame]]) -> pl.DataFrame:
    """Return one row per segment and item; ends of its share by the delta method."""
    segments: pl.DataFrame = pl.concat([of_segment for of_segment, _ in parts])
    items: pl.DataFrame = pl.concat([of_item for _, of_item in parts])
    exact = pl.col("^(spend_)?squares|products$").cast(pl.Float64)
    sums = segments.group_by("segment").agg(pl.exclude("segment").sum()).with_columns(exact)
    found = (
        items.group_by("segment", "number")
        .agg(pl.exclude("segment", "number").sum())
        .with_columns(exact)
    )
    size, share = pl.col("members"), pl.col("sales_share")
    spread = pl.col("squares") - 2 * share * pl.col("products") + share**2 * pl.col("spend_squares")
    error = (spread.clip(0) * size / (size - 1)).sqrt() / pl.col("spend_sum")
    return (
        found.join(sums, on="segment", validate="m:1")
        .with_columns(
            sales_share=pl.col("sales") / pl.col("spend_sum"),
            penetration=pl.col("customers") / size,
        )
        .with_columns(
            share_low=pl.when(size > 1).then((share - Z95 * error).clip(0)),
            share_high=pl.when(size > 1).then(share + Z95 * error),
        )
    )
