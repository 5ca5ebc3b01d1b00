"""Areas: stores whose customers buy alike; their customers are a segmentation as any other."""

import math
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.profile import profile

DEFINITION = {
    "Area": "stores with like shares of the categories in the period before (k-means on the "
    "square roots of the shares), the one with the most stores first; merchandise only",
    "Small stores": "stores with fewer customers than the smallest number in either period, left "
    "out: their shares are chance",
    "Agreement": "the same stores grouped anew from the period itself: adjusted Rand index, 1 for "
    "the same areas and 0 for what chance would give",
    "Customers of an area": "those who spent the most in one of its stores in the period",
    "Index": "100 x the share of what they spent, wherever that was, over the share of what all "
    "customers spent; in the period, which did not make the areas",
    "Above, below": "where the whole 95 % interval over the area's customers is",
}
_TRUST = {
    0.6: "these areas last",
    0.3: "the areas last in part, so look at single stores before acting",
    -math.inf: "the areas do not last; plan nothing by them",
}


class Areas(NamedTuple):
    """stores: one row per store: store, segment (its area), customers, sales (money).

    customers: one row per customer of an area, customer_id and segment, as any segmentation;
    agreement: how alike the stores are grouped by the period and by the one before.
    """

    stores: pl.DataFrame
    customers: pl.DataFrame
    agreement: float


def areas(
    shop: Shop, period: str | Period | Latest, *, count: int = 2, least: int = 50, seed: int = 0
) -> Areas:
    """Return the stores with at least so many customers in both periods, in `count` areas.

    A store that sold no merchandise in one of them, such as a pump, is in none.
    Raises NotCovered where the data does not reach back as far again, ValueError where there are
    fewer stores than areas.
    """
    from sklearn.metrics import adjusted_rand_score

    window = shop.window(period)
    spent, large = _spent(shop, window), _large(_spent(shop, window.before()), least)
    known = _large(spent, least).filter(pl.col("store_id").is_in(large["store_id"].implode()))
    sold = [_sold(shop, days, known) for days in (window.before(), window)]
    for goods in sold:
        known = known.join(goods, on="store_id", how="semi", maintain_order="left")
    if known.height < count:
        raise ValueError(
            f"{known.height} stores have {least} customers in both periods, too few for {count} "
            "areas; choose a longer period, fewer customers or fewer areas"
        )
    before, now = (_grouped(goods, known, count, seed) for goods in sold)
    named = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    placed = known.with_columns(_named(before)).join(named, on="store_id", how="left")
    columns = ("store", "segment", "customers", money("sales"))
    order = ["segment", "sales", "store"]
    return Areas(
        placed.sort(order, descending=[False, True, False]).select(columns),
        _customers(spent, placed),
        float(adjusted_rand_score(before, now)),
    )


def below(
    shop: Shop, period: str | Period | Latest, found: Areas, *, by: str, base: int = 30
) -> pl.DataFrame:
    """Return one row per area and item it surely buys below its share, the surest first.

    Columns: segment, the item (any of `profile`), customers, sales_share, total_share, index and
    index_high. Items of which an interval reaches down to nothing are left out.
    """
    high = 2 * pl.col("index") - pl.col("index_low")
    told = profile(shop, period, found.customers, by=by, base=base)
    sure = told.with_columns(index_high=high).filter(pl.col("index_low") > 0, high < 100)
    columns = ("segment", by, "customers", "sales_share", "total_share", "index", "index_high")
    return sure.sort("segment", "index_high", by).select(columns)


def located(shop: Shop, found: Areas) -> pl.DataFrame:
    """Return the areas' stores with latitude and longitude in degrees, null where unknown.

    A store at 0, 0, which is in the sea, has no coordinates.
    """
    degrees = ["latitude", "longitude"]
    stores = fetch(shop.stores.select("store", *degrees), by=["store"])
    known = pl.when(pl.any_horizontal(pl.col(degrees) != 0)).then(pl.col(degrees) / 1_000_000)
    placed = stores.with_columns(known)
    return found.stores.join(placed, on="store", how="left", maintain_order="left")


def say_areas(found: Areas, area: str = "") -> str:
    """Return how many stores fall into which areas, and how far they can be relied on.

    Raises ValueError for an `area` to look at closely that is not one of them.
    """
    sizes = found.stores.group_by("segment").agg(n=pl.len()).sort("segment")
    if area and area not in sizes["segment"].to_list():
        raise ValueError(f"{area!r} has no stores; areas: {', '.join(sizes['segment'])}")
    said = ", ".join(f"{n} in {area}" for area, n in sizes.rows())
    trust = next(word for least, word in _TRUST.items() if found.agreement >= least)
    return (
        f"{found.stores.height} stores: {said}. Grouped anew from the later period they agree to "
        f"{found.agreement:.2f} (1: the same areas, 0: chance): {trust}"
    )


def _spent(shop: Shop, window: Period) -> pl.DataFrame:
    known = shop.during(window).receipts.filter(~nw.col("customer_id").is_null())
    asked = known.group_by("store_id", "customer_id").agg(sales=total("sales"))
    return fetch(asked, by=["store_id", "customer_id"]).filter(pl.col("sales") > 0)


def _large(spent: pl.DataFrame, least: int) -> pl.DataFrame:
    sizes = spent.group_by("store_id").agg(
        pl.len().cast(pl.Int64).alias("customers"), pl.col("sales").sum()
    )
    return sizes.filter(pl.col("customers") >= least).sort("store_id")


def _sold(shop: Shop, window: Period, stores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per store that sold merchandise: store_id and the sales of each category."""
    asked = (
        merchandise(shop.during(window).lines, shop.products)
        .filter(nw.col("store_id").is_in(stores["store_id"].to_list()))
        .group_by("store_id", "category_id")
        .agg(sales=total("sales"))
    )
    sold = fetch(asked, by=["store_id", "category_id"]).filter(pl.col("sales") > 0)
    return sold.pivot("category_id", index="store_id", values="sales").sort("store_id").fill_null(0)


def _grouped(sold: pl.DataFrame, stores: pl.DataFrame, count: int, seed: int) -> list[int]:
    """Return the number of each store's group, in the order of the stores (by id)."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    wide = sold.join(stores, on="store_id", how="semi", maintain_order="left")
    sales = wide.drop("store_id").to_numpy().astype(float)
    points = np.sqrt(sales / sales.sum(axis=1, keepdims=True))
    with threadpool_limits(1):
        model: Any = KMeans(count, n_init=10, random_state=seed).fit(points)
    return [int(place) for place in model.labels_]


def _named(groups: list[int]) -> pl.Series:
    sizes = (
        pl.Series("group", groups).value_counts().sort("count", "group", descending=[True, False])
    )
    names = {group: f"Area {place}" for place, group in enumerate(sizes["group"], start=1)}
    return pl.Series("segment", [names[group] for group in groups], pl.Enum(list(names.values())))


def _customers(spent: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    order = ["customer_id", "sales", "store_id"]
    ranked = spent.sort(order, descending=[False, True, False])
    most = ranked.unique("customer_id", keep="first", maintain_order=True)
    theirs = most.join(placed.select("store_id", "segment"), on="store_id", how="inner")
    return theirs.select("customer_id", "segment").sort("customer_id")
