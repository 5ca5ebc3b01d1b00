"""Share of wallet: how much of what a customer could spend on a category is spent here.

Definition: the internal share is the category's part of the customer's spend on merchandise
here; it says what else is in the basket, not what is bought elsewhere. The realistic share is
the customer's category spend over what the best tenth of peers spend on it, peers being
customers with a similar total spend; the money that is missing to them is the headroom.
"""

import polars as pl

from workbench.data.choices import LARGEST
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._category import in_category
from workbench.segments._labels import cut_points, ordered, score

SEGMENTS = {
    "High share": "the third of the category's buyers with the highest share",
    "Middle": "the middle third of the buyers",
    "Low": "the third of the buyers with the lowest share",
    "None": "did not buy the category in the period, net of what was brought back",
}
SHARES = {
    "realistic": "category spend over that of the best tenth of customers with similar spend",
    "internal": "category spend over the customer's own spend on merchandise here",
}
DEFINITION = {
    "Internal share": "net category sales over the customer's net sales of merchandise here; fuel, "
    "postage and fees are left out. If one category grows, the shares of the others fall",
    "Realistic wallet": "the 90th percentile of category sales among peers, buyers or not",
    "Peers": "customers in the same band of total merchandise sales; bands hold about as many "
    "customers each, and at least 30",
    "Realistic share": "net category sales over the realistic wallet; above 100 % for the tenth "
    "that sets it",
    "Headroom": "the realistic wallet less the category sales, not below nothing: an upper bound "
    "of what could be won, since peers may simply need more",
    "Segments of buyers": "thirds by the chosen share, cut by value; who buys where the best tenth "
    "of peers buy none is in the highest",
    "Shares of groups": "ratios of sums, not means of the customers' shares",
    "Not known": "what is bought elsewhere: no share here is a market share",
    "Movement": "peers, wallets and cut points of the period before hold for both periods",
}
_LEAST = 30
_THIRDS = ("Low", "Middle", "High share")


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    share: str = "realistic",
    peers: int = 10,
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its segment.

    Columns: customer_id, segment, visits, peer_band (1 spends least in all), sales (of
    merchandise), category_sales, realistic_wallet and headroom (money), internal_wallet_share
    and realistic_wallet_share (fractions; null where there is nothing to divide by). With
    `cuts_from`, peers and cut points are those of that period. Raises ValueError for an unknown
    category or share.
    """
    if share not in SHARES:
        raise ValueError(f"no share is called {share!r}; there are: {', '.join(SHARES)}")
    measured = in_category(shop, period, category, goods=True)
    basis = measured
    if cuts_from is not None:
        basis = in_category(shop, cuts_from, category, goods=True)
    bands = cut_points(basis["goods"], max(1, min(peers, basis.height // _LEAST)))
    wallets = _wallets(basis, bands)
    chosen = f"{share}_wallet_share"
    cuts = cut_points(_shares(basis, bands, wallets).filter("buys")[chosen].drop_nulls(), 3)
    return (
        _shares(measured, bands, wallets)
        .with_columns(_segment(chosen, cuts), pl.col("goods").alias("sales"))
        .with_columns(money("sales", "category_sales", "realistic_wallet", "headroom"))
        .select(
            *("customer_id", "segment", "visits", "peer_band", "sales", "category_sales"),
            *("realistic_wallet", "headroom", "internal_wallet_share", "realistic_wallet_share"),
        )
    )


def headroom(labels: pl.DataFrame, *, by: str = "segment") -> pl.DataFrame:
    """Return one row per segment or peer band: spend, wallet and headroom, as sums.

    Columns: `by`, customers, buyers, category_sales, realistic_wallet, headroom (money),
    internal_wallet_share and realistic_wallet_share (ratios of sums).
    """
    spent = pl.col("category_sales")
    summed = labels.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("customers"),
        (pl.col("segment") != "None").sum().cast(pl.Int64).alias("buyers"),
        pl.col("category_sales", "realistic_wallet", "headroom", "sales").sum(),
    )
    return (
        summed.sort(by)
        .with_columns(
            _ratio(spent, "sales").alias("internal_wallet_share"),
            _ratio(spent, "realistic_wallet").alias("realistic_wallet_share"),
        )
        .drop("sales")
    )


def _wallets(basis: pl.DataFrame, bands: list[float]) -> pl.DataFrame:
    best = pl.col("category_sales").quantile(0.9, interpolation="nearest")
    return basis.group_by(_band(bands)).agg(realistic_wallet=best.clip(0).cast(pl.Int64))


def _shares(measured: pl.DataFrame, bands: list[float], wallets: pl.DataFrame) -> pl.DataFrame:
    spent = pl.col("category_sales")
    return (
        measured.with_columns(_band(bands))
        .join(wallets, on="peer_band", how="left", maintain_order="left")
        .with_columns(
            headroom=(pl.col("realistic_wallet") - spent.clip(0)).clip(0),
            internal_wallet_share=_ratio(spent, "goods"),
            realistic_wallet_share=_ratio(spent, "realistic_wallet"),
        )
    )


def _band(bands: list[float]) -> pl.Expr:
    return score(pl.col("goods"), bands).alias("peer_band")


def _segment(chosen: str, cuts: list[float]) -> pl.Expr:
    share = pl.col(chosen)
    place = pl.when(share.is_null()).then(len(_THIRDS)).otherwise(score(share, cuts))
    third = place.replace_strict(dict(enumerate(_THIRDS, 1)), return_dtype=pl.String)
    named = pl.when("buys").then(third).otherwise(pl.lit("None"))
    return named.cast(ordered(SEGMENTS)).alias("segment")


def _ratio(part: pl.Expr, whole: str) -> pl.Expr:
    whole_ = pl.col(whole)
    return pl.when(whole_ > 0).then(part.cast(pl.Float64) / whole_.cast(pl.Float64))
