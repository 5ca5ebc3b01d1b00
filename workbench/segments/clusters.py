"""Clusters: groups of customers who shop alike, found by k-means and tested for being real.

Definition: each customer is six figures of the period (see `FIGURES`), amounts and counts on a
log scale, each standardised. K-means puts customers into at most five groups. The groups are
numbered by their sales. Whether they are more than a way to cut a cloud into pieces is tested:
found again in resamples (Jaccard), more separate than shuffled figures (silhouette), and how
many members clearly belong. Only a group that is found again gets a name.
"""

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, money, total
from workbench.data.period import Latest, Period
from workbench.data.shop import FINE, Shop
from workbench.segments import _groups
from workbench.segments._labels import ordered

MOST = 5
STABLE = 0.6
SEGMENTS = {
    f"Cluster {place}": f"the group with the {name} sales of all its members together"
    for place, name in enumerate(("greatest", "second", "third", "fourth", "fifth"), start=1)
}
FIGURES = {
    "visits": ("come often", "come rarely"),
    "basket_value": ("large baskets", "small baskets"),
    "categories_per_visit": ("many categories at once", "few categories at once"),
    "discount_share": ("buy at a discount", "pay the full price"),
    "weekend_share": ("come at weekends", "come on working days"),
    "evening_share": ("come in the evening", "come by day"),
}
DEFINITION = {
    "Visits": "receipts with a purchase; with basket value and categories on a log scale",
    "Basket value": "net sales per receipt",
    "Categories per visit": "different categories per receipt with a purchase, on average",
    "Discount": "retailer's and makers' discounts as a share of the shelf price",
    "Weekend and evening": "shares of receipts on Saturday or Sunday, and from 18:00 on, by the "
    "shops' own clock",
    "Clusters": "k-means, best of ten starts, from a seed; numbered by the sales of all members; "
    "with fewer different customers than clusters there are fewer clusters",
    "Found again": "mean over resamples of customers of the best Jaccard overlap (common members "
    "over all members); from 60 % on a cluster is named by its two strongest figures",
    "Silhouette": "how much nearer customers are to their own cluster than to the next, against "
    "the best of the same figures, each dealt anew among customers, where no groups can be",
    "Clearly inside": "customers whose own centre is at least a quarter nearer than the next",
    "Movement": "the period before sets scale, centres and numbers for both",
    "Whom it leaves out": "receipts without a card; customers who only brought something back "
    "belong to the nearest cluster but form none",
}
_LOGS = ["visits", "basket_value", "categories_per_visit"]
_NAMED = 0.5
_APART = 0.25


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    clusters: int = 4,
    seed: int = 0,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer with a receipt in the period, with its cluster.

    Columns: customer_id, segment, the figures behind it (basket_value is money), sales (money),
    and nearness, by which share the own cluster's centre is nearer than the next one's. With
    `cuts_from`, scale and centres are those of that period. Raises ValueError for more than
    five clusters or fewer than two.
    """
    if not 2 <= clusters <= MOST:
        raise ValueError(f"clusters={clusters} is out of range; allowed: 2 to {MOST}")
    measured = _measured(shop, period)
    basis = measured if cuts_from is None else _measured(shop, cuts_from)
    came = basis.filter(pl.col("visits") > 0)
    if came.is_empty() and not measured.is_empty():
        raise ValueError(f"nobody bought in {cuts_from or period}, so there is nothing to group")
    place, nearness = _placed(measured, came, clusters, seed)
    names = pl.Series(list(SEGMENTS), dtype=ordered(SEGMENTS))
    return measured.with_columns(names.gather(place).alias("segment"), nearness=nearness).select(
        "customer_id",
        "segment",
        "visits",
        money("cents_per_visit").alias("basket_value"),
        *list(FIGURES)[2:],
        money("sales"),
        "nearness",
    )


def portrait(
    labels: pl.DataFrame, *, clusters: int = 4, seed: int = 0, draws: int = 20
) -> pl.DataFrame:
    """Return one row per cluster: its size, its average figures, and whether it is to be trusted.

    `labels` is what `label` returned with the same `clusters` and `seed`. Columns: segment,
    name ("(no name)" where the cluster is not found again), customers, the means of the
    figures, inside_share, and overlap_share, the mean best Jaccard overlap in `draws`
    resamples. The overlap is null where there are fewer than two clusters.
    """
    came = _figured(labels.filter(pl.col("visits") > 0))
    points = _points(came, came)
    used = came["segment"].unique().sort()
    if len(used) < 2:
        return _means(came).with_columns(
            name=pl.lit("(no name)"), overlap_share=pl.lit(None, pl.Float64)
        )
    own = came["segment"].to_physical().rank("dense").to_numpy().astype(np.int64) - 1
    again = _groups.jaccards(points, own, clusters, draws=draws, seed=seed)
    middles = [points[own == place].mean(axis=0) for place in range(len(used))]
    names = [
        _name(middle) if jaccard >= STABLE else "(no name)"
        for middle, jaccard in zip(middles, again, strict=True)
    ]
    told = pl.DataFrame({"segment": used, "name": names, "overlap_share": again})
    return (
        _means(came)
        .join(told, on="segment", validate="1:1", maintain_order="left")
        .select("segment", "name", pl.exclude("segment", "name"))
    )


def separation(
    labels: pl.DataFrame, *, clusters: int = 4, seed: int = 0, draws: int = 5
) -> pl.DataFrame:
    """Return one row: silhouette of the clusters, and the best of `draws` shuffles (chance).

    Nulls where there are fewer than two clusters, or no more customers than clusters.
    """
    came = _figured(labels.filter(pl.col("visits") > 0))
    points, own = _points(came, came), came["segment"].to_physical().to_numpy().astype(np.int64)
    found: list[float | None] = [None, None]
    if 1 < len(np.unique(own)) < came.height:
        by_chance = _groups.chance(points, clusters, draws=draws, seed=seed)
        found = [_groups.silhouette(points, own, seed=seed), by_chance]
    columns = {"silhouette": pl.Float64, "silhouette_by_chance": pl.Float64}
    return pl.DataFrame([found], columns, orient="row").with_columns(
        customers=pl.lit(came.height, dtype=pl.Int64)
    )


def verdict(portrait: pl.DataFrame, separation: pl.DataFrame) -> str:
    """Return in words whether the clusters are to be trusted."""
    stable = portrait.filter(pl.col("overlap_share") >= STABLE).height
    own, by_chance = separation.select("silhouette", "silhouette_by_chance").row(0)
    if own is None:
        return "So few customers cannot be judged: clusters need more of them"
    apart = "more" if own > by_chance else "no more"
    blend = "; customers blend into each other" if own < _APART else ""
    return (
        f"{stable} of {portrait.height} clusters are found again in resamples; they stand {apart} "
        f"apart than shuffled figures do (silhouette {own:.2f}, by chance {by_chance:.2f}){blend}"
    )


def _placed(
    measured: pl.DataFrame, came: pl.DataFrame, clusters: int, seed: int
) -> tuple[pl.Series, pl.Series]:
    if measured.is_empty():
        return pl.Series([], dtype=pl.Int64), pl.Series([], dtype=pl.Float64)
    middles = _groups.centres(_points(came, came), clusters, seed)
    formed, _ = _groups.nearest(_points(came, came), middles)
    spent = np.bincount(formed, weights=came["sales"].to_numpy(), minlength=len(middles))
    middles = middles[np.argsort(-spent, kind="stable")]
    place, nearness = _groups.nearest(_points(measured, came), middles)
    return pl.Series(place), pl.Series(nearness)


def _points(frame: pl.DataFrame, basis: pl.DataFrame) -> _groups.Numbers:
    mean, spread = _groups.scale(_logged(basis))
    return (_logged(frame) - mean) / spread


def _logged(frame: pl.DataFrame) -> _groups.Numbers:
    scaled = frame.select(list(FIGURES)).with_columns(pl.col(_LOGS).clip(0).log1p())
    return scaled.to_numpy().astype(np.float64)


def _figured(labels: pl.DataFrame) -> pl.DataFrame:
    return labels.with_columns(pl.col("basket_value").cast(pl.Float64))


def _means(came: pl.DataFrame) -> pl.DataFrame:
    clear = (pl.col("nearness") >= _groups.CLEARLY).mean()
    averages = [pl.col(name).mean() for name in FIGURES]
    size = pl.len().cast(pl.Int64).alias("customers")
    return came.group_by("segment").agg(size, *averages, inside_share=clear).sort("segment")


def _name(middle: _groups.Numbers) -> str:
    """Return the words for the two figures furthest from the average, or that none is far."""
    strongest = np.argsort(-np.abs(middle), kind="stable")[:2]
    words = list(FIGURES.values())
    said = [words[i][0 if middle[i] > 0 else 1] for i in strongest if abs(middle[i]) >= _NAMED]
    return ", ".join(said) or "near the average"


def _measured(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per customer: the figures, sales and sales per visit in cents."""
    return pl.concat(_figures_of(part) for part in shop.during(period).parts(FINE))


def _figures_of(shop: Shop) -> pl.DataFrame:
    receipts = _receipts(shop)
    came = pl.col("receipts") > 0
    share = [
        (when & came).sum().cast(pl.Float64).alias(name)
        for name, when in (
            ("weekend_share", pl.col("day").dt.weekday() >= 6),
            ("evening_share", pl.col("minute") >= 18 * 60),
        )
    ]
    summed = receipts.group_by("customer_id").agg(
        pl.col("receipts", "sales", "discount", "shelf").sum(),
        pl.col("categories").filter(came).sum(),
        *share,
    )
    visits = pl.col("receipts").clip(1)
    return summed.sort("customer_id").select(
        "customer_id",
        "sales",
        visits="receipts",
        cents_per_visit=(pl.col("sales") / visits).round(0).cast(pl.Int64),
        basket_value=(pl.col("sales") / visits).round(0) / 100,
        categories_per_visit=pl.col("categories") / visits,
        discount_share=pl.when(pl.col("shelf") > 0)
        .then((pl.col("discount") / pl.col("shelf")).clip(0, 1))
        .otherwise(0.0),
        weekend_share=pl.col("weekend_share") / visits,
        evening_share=pl.col("evening_share") / visits,
    )


def _receipts(shop: Shop) -> pl.DataFrame:
    """Return one row per receipt with a card: when, categories, cents."""
    receipt = ["customer_id", "basket_id", "day", "minute"]
    amounts = ("sales", "loyalty_discount", "match_discount", "coupon_discount")
    question = (
        shop.lines.filter(~nw.col("customer_id").is_null())
        .group_by(*receipt, "category_id")
        .agg(total("new_basket"), *(total(name) for name in amounts))
        .with_columns(known=(~nw.col("category_id").is_null()).cast(nw.Int64))
        .group_by(*receipt)
        .agg(
            *(total(name) for name in amounts),
            receipts=total("new_basket"),
            categories=total("known"),
        )
    )
    given = pl.col("loyalty_discount") + pl.col("match_discount")
    return fetch(question, by=["customer_id", "basket_id"]).select(
        *(*receipt, "receipts", "categories", "sales"),
        discount=given + pl.col("coupon_discount"),
        shelf=given + pl.col("sales"),
    )
