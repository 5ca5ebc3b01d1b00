"""Never buys: who does not buy a category, and has had chances enough for that to mean something.

Definition: a customer buys the category who bought more of it than was brought back in the
period. Of those who do not, only they are said never to buy it whose visits were so many that
an average buyer would hardly have shown no purchase by accident: with the buyers' common rate
of purchases per visit, the chance of none in v visits is (1 - rate) to the power of v.
"""

import polars as pl

from workbench.data.choices import LARGEST, NONE
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._category import in_category
from workbench.segments._labels import cut_points, ordered, score

SEGMENTS = {
    "Buys": "bought the category in the period, net of what was brought back",
    "Never buys": "bought none, in so many visits that this is hardly an accident",
    "Too early to say": "bought none, in too few visits to tell",
    "Not in scope": "did not buy the anchor category, where one is asked for",
}
DEFINITION = {
    "Purchase": "more of the category bought than brought back in the period, in money or pieces",
    "Buyers' rate": "receipts with the category over all receipts of its buyers in scope, as a "
    "ratio of sums; the average buyer's rate, so that a rare buyer may still look like a never",
    "Expected purchases": "the customer's receipts times the buyers' rate",
    "Chance of none": "what an average buyer with as many receipts would show by accident",
    "Enough chances": "at least the asked number of receipts, no purchase, and a chance of none "
    "under the mark; everybody else without a purchase is too early to say",
    "Anchor": "where one is asked for, only its buyers are in scope, for the rate too",
    "Movement": "the rate of the period before holds for both periods",
    "Not seen": "purchases elsewhere, by another card of the household, or of products without "
    "a category",
}
READING = (
    "Shares are of the customers of the row. By accident: what average buyers would show, who "
    "come as often"
)
_BANDS = ("Fewest visits", "Few", "Middle", "Many", "Most visits")


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    anchor: str = NONE,
    visits: int = 5,
    chance: float = 0.05,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its segment.

    Columns: customer_id, segment, visits, category_visits, expected_purchases, none_share (the
    chance of none, 0 to 1), sales, basket_value and category_sales (money). With `cuts_from`
    the buyers' rate is that of the other period. Raises ValueError for an unknown category.
    """
    measured = _scoped(shop, period, category, anchor)
    basis = measured if cuts_from is None else _scoped(shop, cuts_from, category, anchor)
    rate = buyers_rate(basis)
    return (
        measured.with_columns(
            expected_purchases=pl.col("visits") * rate, none_share=(1 - rate) ** pl.col("visits")
        )
        .with_columns(
            segment=_segment(visits, chance),
            basket_value=(pl.col("sales") / pl.col("visits")).round(0).cast(pl.Int64),
        )
        .with_columns(money("sales", "basket_value", "category_sales"))
        .select(
            *("customer_id", "segment", "visits", "category_visits", "expected_purchases"),
            *("none_share", "sales", "basket_value", "category_sales"),
        )
    )


def buyers_rate(measured: pl.DataFrame) -> float:
    """Return purchases per visit of those in scope who buy, as a ratio of sums; 0 without any."""
    buyers = measured.filter(pl.col("buys") & pl.col("in_scope"))
    purchases, visits = buyers.select(pl.col("category_visits", "visits").sum()).row(0)
    return float(purchases) / max(int(visits), 1)


def exposure(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per fifth of the customers in scope by visits: who shows no purchase.

    Columns: visits_band, visits_from, visits_to, customers, non_buyers, non_buyers_share,
    never_buys_share (said never to buy) and by_accident_share (what average buyers
    would show by accident), all shares of the band's customers.
    """
    inside = labels.filter(pl.col("segment") != "Not in scope")
    band = score(pl.col("visits"), cut_points(inside["visits"], len(_BANDS)))
    named = band.replace_strict(dict(enumerate(_BANDS, 1)), return_dtype=pl.Enum(_BANDS))
    none = pl.col("segment") != "Buys"
    return (
        inside.group_by(visits_band=named)
        .agg(
            visits_from=pl.col("visits").min(),
            visits_to=pl.col("visits").max(),
            customers=pl.len().cast(pl.Int64),
            non_buyers=none.sum().cast(pl.Int64),
            non_buyers_share=none.mean(),
            never_buys_share=(pl.col("segment") == "Never buys").mean(),
            by_accident_share=pl.col("none_share").sort().mean(),
        )
        .sort("visits_band")
    )


def candidates(shop: Shop, labels: pl.DataFrame, *, top: int = 20) -> pl.DataFrame:
    """Return one row per customer who never buys, the highest basket value first.

    Columns: customer (the source's id), visits, expected_purchases, none_share, sales,
    basket_value.
    """
    never = labels.filter(pl.col("segment") == "Never buys")
    ids = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    ranked = never.sort("basket_value", "customer_id", descending=[True, False]).head(top)
    return ranked.join(ids, on="customer_id", how="left", maintain_order="left").select(
        "customer", "visits", "expected_purchases", "none_share", "sales", "basket_value"
    )


def _scoped(shop: Shop, period: str | Period | Latest, category: str, anchor: str) -> pl.DataFrame:
    measured = in_category(shop, period, category, receipts=True)
    if anchor == NONE:
        return measured.with_columns(in_scope=pl.lit(True))
    anchored = in_category(shop, period, anchor).select("customer_id", in_scope="buys")
    return measured.join(anchored, on="customer_id", how="left", maintain_order="left")


def _segment(visits: int, chance: float) -> pl.Expr:
    enough = (pl.col("visits") >= visits) & (pl.col("none_share") < chance)
    return (
        pl.when(~pl.col("in_scope"))
        .then(pl.lit("Not in scope"))
        .when("buys")
        .then(pl.lit("Buys"))
        .when(enough)
        .then(pl.lit("Never buys"))
        .otherwise(pl.lit("Too early to say"))
        .cast(ordered(SEGMENTS))
    )
