"""Personas: what surely sets a group of customers apart, and what to say to it, where and when."""

from typing import NamedTuple

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch, total, weekday
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.business.times import by_hour
from workbench.measures.chance import ratio_of_sums, wilson
from workbench.measures.customers.channels import answered_by_kind, channels
from workbench.measures.demographics import TRAITS, demographics
from workbench.measures.discounts import discount_depth, full_price, given
from workbench.measures.profile import profile
from workbench.measures.rows import segments_of, told

MANNERS = {
    "visits": ("members", "come often", "come rarely"),
    "sales": ("visits", "have large baskets", "have small baskets"),
    "discount": ("shelf", "buy at a discount", "pay the full price"),
    "coupons": ("shelf", "use makers' coupons", "use few of makers' coupons"),
    "weekend": ("visits", "come at weekends", "come on working days"),
    "evening": ("visits", "come in the evening", "come by day"),
}
DEFINITION = {
    "Persona": "a cluster that is found again in resamples (mean overlap of at least 60 %); it "
    "stands for its members, and describes no person. Another cluster is a group of customers, "
    "and what a rule or a list makes is a segment by rule",
    "Clearly belong": "members whose own centre is at least a quarter nearer than the next one",
    "Trait": "a figure of the group over that of all card customers, times 100, the group "
    "included. Only traits whose whole 95 % interval lies above or below 100 are told; of as many "
    "as are compared, one in twenty would lie there by chance",
    "Manners": "visits per customer; sales per visit; discounts and makers' coupons as shares of "
    "the shelf price; shares of visits on Saturday and Sunday, and from 18:00 on. Clusters are "
    "made from most of these, so that they describe a cluster and prove nothing of it",
    "Age, income ...": "of customers of whom it is known only; whom it is known of is no random "
    "sample. A segment that is made from a trait shows it again",
    "Categories": "of merchandise: share of the group's money, over that of all card customers, "
    "ranked by the lower end of the interval; penetration is how many of the group bought it",
    "Channels": "messages sent in the period; opened and followed are shares of messages, the "
    "interval is over customers. Openings that a channel cannot report are left empty",
    "Preferred": "the channel stated in a survey, of those who stated one",
    "Campaigns": "coupon campaigns by kind: those addressed who redeemed, of those addressed, by "
    "the group they were in before. Redeeming is an answer, not an effect",
}


class Persona(NamedTuple):
    """The tables behind a persona's page; each function that makes one says its columns."""

    traits: pl.DataFrame
    categories: pl.DataFrame
    hours: pl.DataFrame
    depths: pl.DataFrame
    prices: pl.DataFrame
    channels: pl.DataFrame
    campaigns: pl.DataFrame


def persona(
    shop: Shop,
    period: str | Period | Latest,
    labels: pl.DataFrame,
    segment: str,
    *,
    before: pl.DataFrame,
    base: int = 30,
) -> Persona:
    """Return what is known of every segment, and when the customers of one segment come.

    `before` labels the period before, for how campaigns were answered. Figures that fewer than
    `base` customers support are not ranked. Raises ValueError for a segment without customers.
    """
    members = labels.filter(pl.col("segment").cast(pl.String) == segment)["customer_id"]
    if members.is_empty():
        raise ValueError(f"nobody is in {segment!r} in {period}; choose another segment or period")
    return Persona(
        traits(shop, period, labels, base=base),
        _goods(shop, profile(shop, period, labels, by="category", base=base)),
        by_hour(shop, period, customers=members),
        discount_depth(shop, period, labels),
        full_price(shop, period, labels),
        channels(shop, period, labels),
        answered_by_kind(shop, period, before),
    )


def traits(
    shop: Shop, period: str | Period | Latest, labels: pl.DataFrame, *, base: int = 30
) -> pl.DataFrame:
    """Return one row per segment and trait that surely sets it apart, the surest first.

    Columns: segment, trait (in words), customers (with it; of the segment for manners), index
    (100: as all card customers), index_low and index_high (95 %), compared (how many figures of
    the segment were looked at).
    """
    parts = [_described(demographics(shop, period, labels, by=by, base=base), by) for by in TRAITS]
    known = pl.concat([_manners(shop, period, labels, base), *parts]).drop_nulls()
    over, under = pl.col("index_low") > 100, pl.col("index_high") < 100
    surely = pl.max_horizontal(pl.col("index_low") / 100, 100 / pl.col("index_high"))
    words = pl.when(over).then("trait").otherwise("lack")
    order = ["segment", "sure", "trait"]
    return (
        known.with_columns(compared=pl.len().over("segment").cast(pl.Int64), sure=surely)
        .filter(over | under)
        .with_columns(words.alias("trait"))
        .sort(order, descending=[False, True, False])
        .select("segment", "trait", "customers", "index", "index_low", "index_high", "compared")
    )


def side_by_side(
    worth: pl.DataFrame, members: pl.DataFrame, told: Persona, *, top: int = 2
) -> pl.DataFrame:
    """Return one row per segment with customers: what it is, its worth, and its first traits.

    `worth` is what `weigh` returned, `members` has segment, kind, name, inside_share and
    overlap_share. Columns: segment, kind, name, customers, customers_share, sales_share,
    spend_per_customer (money), inside_share, overlap_share, typical, categories.
    """
    kind = members.schema["segment"]
    sure = told.categories.filter(pl.col("index_low") > 100)
    ranked = sure.sort("segment", "index_low", descending=[False, True])
    first = [
        frame.group_by("segment", maintain_order=True).agg(pl.col(name).head(top).str.join(", "))
        for frame, name in ((told.traits, "trait"), (ranked, "category"))
    ]
    names = worth.with_columns(pl.col("segment").cast(pl.String))
    known = names.filter(pl.col("segment").is_in(kind.categories)).cast({"segment": kind})  # type: ignore[attr-defined]
    table = members.drop("customers").join(known, on="segment", maintain_order="left")
    for frame in first:
        table = table.join(frame, on="segment", how="left", maintain_order="left")
    figures = ("customers", "customers_share", "sales_share", "spend_per_customer")
    return table.select(
        *("segment", "kind", "name", *figures, "inside_share", "overlap_share"),
        typical="trait",
        categories="category",
    )


def _goods(shop: Shop, categories: pl.DataFrame) -> pl.DataFrame:
    """Leave out categories of which nothing is merchandise, such as fuel: nobody offers them."""
    named = shop.products.join(shop.categories, on="category_id", how="inner")
    goods = named.filter(nw.col("merchandise")).select("category").unique()
    offered = fetch(goods, by=["category"])["category"]
    return categories.filter(pl.col("category").is_in(offered.implode()))


def _described(found: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return a profile by a trait as traits; the upper end is Wilson's, as the lower one is."""
    said = pl.format(f"{by.replace('_', ' ')}: {{}}", by)
    size = pl.col("customers") / pl.col("penetration")
    _, high = wilson(pl.col("customers"), size)
    known = pl.col("index_low").is_not_null()
    return found.select(
        *("segment", said.alias("trait"), pl.format("seldom {}", said).alias("lack"), "customers"),
        *("index", "index_low"),
        pl.when(known).then(100 * high / pl.col("total_share")).alias("index_high"),
    )


def _manners(
    shop: Shop, period: str | Period | Latest, labels: pl.DataFrame, base: int
) -> pl.DataFrame:
    each = _customers(shop, period)
    named = each.join(told(labels), on="customer_id", validate="1:1").sort("customer_id")
    every = segments_of(labels)
    rows = [
        named.group_by("segment", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("customers"),
            *ratio_of_sums(pl.col(part), pl.col(whole), "index", "index_low", "index_high"),
            some=_some(part, whole),
        )
        .with_columns(pl.when("some").then(pl.col("^index.*$")).name.keep())
        .drop("some")
        .with_columns(
            pl.col("^index.*$") * 100 * each[whole].sum() / (each[part].sum() or None),
            trait=pl.lit(more),
            lack=pl.lit(less),
        )
        for part, (whole, more, less) in MANNERS.items()
    ]
    found = every.join(pl.concat(rows), on="segment", maintain_order="left")
    enough = pl.when(pl.col("customers") >= base).then(pl.col("^index.*$")).name.keep()
    columns = ["segment", "trait", "lack", "customers", "index", "index_low", "index_high"]
    return found.with_columns(enough).select(columns)


def _some(part: str, whole: str) -> pl.Expr:
    """Return whether there is a part, and not the whole: of neither an interval can be told."""
    there = pl.col(part).sum() > 0
    return there if whole == "members" else there & (pl.col(part).sum() != pl.col(whole).sum())


def _customers(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per card customer: sums behind the manners, cents and visits."""
    off = given()
    new = nw.col("new_basket").cast(nw.Int64)
    coupons = nw.col("coupon_discount").fill_null(0).cast(nw.Int64)
    late, weekend = nw.col("minute") >= 18 * 60, weekday("day") >= 5
    question = (
        shop.during(period)
        .receipts.filter(~nw.col("customer_id").is_null())
        .with_columns(
            discount=off,
            coupons=coupons,
            weekend=nw.when(weekend).then(new).otherwise(0),
            evening=nw.when(late).then(new).otherwise(0),
        )
        .group_by("customer_id")
        .agg(
            *(total(name) for name in ("sales", "discount", "coupons", "weekend", "evening")),
            visits=total("new_basket"),
        )
    )
    shelf = pl.col("sales") + pl.col("discount")
    found = fetch(question, by=["customer_id"]).filter(pl.col("visits") > 0)
    return found.with_columns(shelf=shelf, members=pl.lit(1))
