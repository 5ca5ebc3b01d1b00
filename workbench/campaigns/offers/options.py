"""Product options: which products of a category to promote to some customers, and why each."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.forecast import (
    Forecaster,
    forecast,
    forecast_for,
    learn_forecast,
)
from workbench.campaigns.forecasts.forecast import next_week as week_to_come
from workbench.campaigns.forecasts.weeks import cost_rates
from workbench.campaigns.offers.option_goods import goods_of, lines_of
from workbench.campaigns.offers.promotions import basket_share, promotion_effect, promotions
from workbench.data.choices import category_of
from workbench.data.engine import fetch, height, money, only
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import wilson
from workbench.measures.customers.next_best import TRY, next_best

A, B, C, D, E = "A penetration", "B basket share", "C next best", "D up-sell", "E cross-sell"
OPTIONS = {
    A: "what most of the customers buy already",
    B: "what, when it was discounted, was the smallest part of their receipts: it draws a full "
    "basket instead of being bought alone",
    C: "what they have not bought, and people who buy the same things do",
    D: "dearer by a tenth or more than one of the same kind that more of them buy",
    E: "of another category, and surely oftener than usual on receipts with this one",
}
MATCH = {A: "direct", B: "direct", C: "indirect", D: "indirect", E: "indirect"}
_DEARER = 1.1
_LISTED = 20


def product_options(
    shop: Shop,
    period: str | Period | Latest,
    customers: pl.DataFrame,
    category: str,
    *,
    top: int = 3,
    options: Sequence[str] = (),
    discount: float = 0.2,
    display: bool = False,
    mailer: bool = False,
    week: dt.date | None = None,
    forecaster: Forecaster | None = None,
    promoted: str = "discount",
    base: int = 30,
) -> pl.DataFrame:
    """Return one row per option and rank: a product to promote to the customers, and why.

    `options` are names of `OPTIONS`, all by default; one for which no product has enough
    customers or receipts (`base`) has no row. Past promotions are those since the first day.

    Columns: option, rank, product_id, product, reason, match (direct: they buy the product;
    indirect), penetration (of the customers who came), basket_share (see `promotions`), price
    (mean shelf price), promo_price and unit_margin at the discount (money; null without costs),
    promotions, uplift_share, after_share (pull-forward) and category_change (cannibalisation)
    with _low and _high, maker_share (of the discounts, makers paid), units with units_low and
    units_high (the customers' 90 % forecast for `week`, by default the second to come), sales
    and margin of it, shop_units (of everybody), explanation. Raises ValueError for an unknown
    category or option, or where no forecast can be learnt.
    """
    window, wanted = shop.window(period), _wanted(options)
    goods = goods_of(shop, window, customers, category_of(shop, category))
    rankings = _rankings(shop, window, customers, goods, wanted, base)
    shares = _shares(shop, window, customers, goods, rankings, promoted, base)
    if B in wanted:
        rankings[B] = _by_share(shares)
    found = _listed(rankings, top).join(goods, on="product_id", how="left")
    found = found.join(shares.select("product_id", "basket_share"), on="product_id", how="left")
    known = _priced(_with_past(shop, window, found), shop, discount)
    learnt = forecaster or learn_forecast(shop, until=window.last)
    offers = found.select(pl.col("product_id").unique(maintain_order=True)).with_columns(
        week=pl.lit(week or week_to_come(learnt)),
        discount_share=pl.lit(discount),
        display=display,
        mailer=mailer,
    )
    whole = forecast(learnt, offers)
    said = forecast_for(whole, shop, window, customers).with_columns(shop_units=whole["units"])
    told = known.join(said.select("product_id", *_FORECAST), on="product_id", how="left")
    return told.select(*_COLUMNS, *_FORECAST).sort("option", "rank")


_FORECAST = ("units", "units_low", "units_high", "sales", "margin", "shop_units", "explanation")


_ENDS = ("", "_low", "_high")
_COLUMNS = (
    *("option", "rank", "product_id", "product", "reason", "match", "penetration"),
    *("basket_share", "price", "promo_price", "unit_margin", "promotions"),
    *(f"uplift_share{end}" for end in _ENDS),
    *(f"after_share{end}" for end in _ENDS),
    *(f"category_change{end}" for end in _ENDS),
    "maker_share",
)


def _wanted(options: Sequence[str]) -> list[str]:
    if strange := [name for name in options if name not in OPTIONS]:
        raise ValueError(f"no option is called {strange[0]!r}; there are: {', '.join(OPTIONS)}")
    return [name for name in OPTIONS if name in (options or OPTIONS)]


def _rankings(
    shop: Shop,
    window: Period,
    customers: pl.DataFrame,
    goods: pl.DataFrame,
    wanted: list[str],
    base: int,
) -> dict[str, pl.DataFrame]:
    """Return the products of each option, best first: product_id, reason."""
    ways = {
        A: lambda: _by_penetration(goods),
        C: lambda: _next_best(shop, window, customers, goods),
        D: lambda: _dearer(goods, base),
        E: lambda: _beside(shop, window, customers, goods, base),
    }
    return {name: ways[name]() for name in wanted if name in ways}


def _by_penetration(goods: pl.DataFrame) -> pl.DataFrame:
    bought = goods.filter("inside", pl.col("buyers") > 0)
    reason = pl.format("bought by {} of these customers already", "buyers")
    return _best(bought, "buyers").select("product_id", reason=reason)


def _by_share(shares: pl.DataFrame) -> pl.DataFrame:
    known = shares.filter("inside").drop_nulls("basket_share")
    percent = (100 * pl.col("basket_share")).round(1)
    told = "{} % of what was spent on {} receipts with it on promotion"
    reason = pl.format(told, percent, "receipts")
    return known.sort("basket_share", "product_id").select("product_id", reason=reason)


def _next_best(
    shop: Shop, window: Period, customers: pl.DataFrame, goods: pl.DataFrame
) -> pl.DataFrame:
    who = customers["customer_id"].cast(pl.Int64).to_list()
    offered = next_best(shop, window, level="product", top=_LISTED, among=who)
    counted = (
        offered.filter(pl.col("list") == TRY)
        .group_by(product="item")
        .agg(pl.len().cast(pl.Int64).alias("fitting"))
    )
    found = goods.filter("inside").join(counted, on="product", how="inner")
    told = "among the {} best next purchases of {} customers who have not bought it"
    reason = pl.format(told, pl.lit(_LISTED), "fitting")
    return _best(found, "fitting").select("product_id", reason=reason)


def _dearer(goods: pl.DataFrame, base: int) -> pl.DataFrame:
    """Return dearer products of the kind of one that more customers buy, the most bought first."""
    known = goods.filter(pl.col("inside"), pl.col("price") > 0, pl.col("buyers") >= base)
    usual = known.select("subcategory", own="product", cheap="price", many="buyers")
    pairs = known.join(usual, on="subcategory").filter(
        pl.col("price") >= _DEARER * pl.col("cheap"), pl.col("many") >= pl.col("buyers")
    )
    order = ["many", "buyers", "own", "product_id"]
    ordered = pairs.sort(order, descending=[True, True, False, False])
    dearer = ordered.unique("product_id", keep="first", maintain_order=True)
    more = (100 * (pl.col("price") / pl.col("cheap") - 1)).round(0).cast(pl.Int64)
    told = "{} % dearer than {}, which {} of the customers buy; {} buy this one"
    return dearer.select("product_id", reason=pl.format(told, more, "own", "many", "buyers"))


def _beside(
    shop: Shop, window: Period, customers: pl.DataFrame, goods: pl.DataFrame, base: int
) -> pl.DataFrame:
    """Return the products of other categories that are surely oftener on receipts with this one."""
    lines = lines_of(shop, window, customers).filter(nw.col("sales") >= 0, nw.col("quantity") > 0)
    within = only(lines, "product_id", goods.filter("inside")["product_id"].to_list())
    receipts = within.select("basket_id").unique()
    with_it = lines.join(receipts, on="basket_id", how="semi")
    all_, some = (
        fetch(q.group_by("product_id").agg(n=nw.len()), by=["product_id"]) for q in (lines, with_it)
    )
    every = height(lines.select("basket_id").unique())
    both = some.join(all_, on="product_id", suffix="_all").with_columns(of=pl.lit(height(receipts)))
    share = pl.col("n_all") / every
    found = both.with_columns(
        lift=pl.col("n") / pl.col("of") / share, sure=wilson(pl.col("n"), pl.col("of"))[0] / share
    )
    others = goods.filter(~pl.col("inside")).join(found, on="product_id")
    sure = others.filter(pl.col("n") >= base, pl.col("sure") > 1)
    told = "on {} of their receipts with the category, {} times as often as on all of theirs"
    reason = pl.format(told, "n", pl.col("lift").round(1))
    return _best(sure, "sure").select("product_id", reason=reason)


def _best(found: pl.DataFrame, by: str) -> pl.DataFrame:
    return found.sort(by, "product_id", descending=[True, False])


def _listed(rankings: dict[str, pl.DataFrame], top: int) -> pl.DataFrame:
    """Return one row per option and rank: option, match, rank, product_id, reason."""
    kinds = pl.Enum(list(OPTIONS))
    return pl.concat(
        ranked.head(top).select(
            pl.lit(name, kinds).alias("option"),
            (pl.int_range(pl.len()) + 1).alias("rank"),
            *("product_id", "reason"),
            pl.lit(MATCH[name]).alias("match"),
        )
        for name, ranked in rankings.items()
    )


def _shares(
    shop: Shop,
    window: Period,
    customers: pl.DataFrame,
    goods: pl.DataFrame,
    rankings: dict[str, pl.DataFrame],
    promoted: str,
    base: int,
) -> pl.DataFrame:
    """Return the basket shares of the category's products, and of those beside it."""
    beside = rankings[E]["product_id"].head(_LISTED) if E in rankings else pl.Series(dtype=pl.Int64)
    inside = pl.col("inside") | pl.col("product_id").is_in(beside.implode())
    among = goods.filter(inside)["product_id"].to_list()
    found = basket_share(shop, window, customers, among=among, promoted=promoted, base=base)
    return found.join(goods.select("product_id", "inside"), on="product_id", how="left")


def _with_past(shop: Shop, window: Period, found: pl.DataFrame) -> pl.DataFrame:
    """Return the products with what their promotions since the first day went with."""
    kinds = found["category_id"].unique().to_list()
    named = shop.products.filter(nw.col("category_id").is_in(kinds)).select("product_id")
    among = fetch(named, by=["product_id"])["product_id"].to_list()
    past = promotions(shop, Period(shop.first_day, window.last), among=among)
    effect = promotion_effect(past)
    told = found.join(effect, on="product_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("promotions").fill_null(0))


def _priced(found: pl.DataFrame, shop: Shop, discount: float) -> pl.DataFrame:
    cost = pl.col("price") * pl.col("cost_rate")
    after = pl.col("price") * (1 - discount)
    amounts = {"promo_price": after, "unit_margin": after - cost, "price": pl.col("price")}
    known = found.join(cost_rates(shop), on="product_id", how="left", maintain_order="left")
    priced = known.with_columns(**amounts)
    return priced.with_columns(pl.col(*amounts).round(0).cast(pl.Int64)).with_columns(
        money(*amounts)
    )
