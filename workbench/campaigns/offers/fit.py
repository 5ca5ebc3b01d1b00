"""Category fit: which categories are best to promote to some customers, from three sides."""

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.customer_sums import customer_sums
from workbench.data.cuts import cut_points, score
from workbench.data.engine import fetch, money
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.categories import category_names, category_numbers
from workbench.measures.profile import profile

PEERS, LEAST, TENTH = 10, 30, 0.9
HEADINGS = {
    "penetration_rank": "By penetration",
    "wallet": "Share of wallet",
    "wallet_rank": "By wallet",
    "index_rank": "By index",
    "shop_rank": "In the shop",
}
DEFINITION = {
    "Penetration": "customers of the segment who bought the category and did not bring it all "
    "back, of those of them who bought anything in the period",
    "Share of wallet": "the internal share: their sales in the category over their sales of all "
    "merchandise here, a ratio of sums; fuel, postage and fees are left out. If one category "
    "grows, the shares of the others fall",
    "Index": "100 x their share of wallet over that of all card customers, who include them",
    "Index, at least": "the lower end of its 95 % interval over customers; empty under the least "
    "number of buyers. Ranked by it, since the highest indices are those of rare categories",
    "In the shop": "the rank of the category in the sales to all card customers, among all that "
    "they bought",
    "Special": "surely above average, and better placed here than in the shop's own list",
    "Headroom": "what is missing to the 90th percentile of peers, buyers or not, whose sales of "
    "all merchandise are similar (bands of equal size, of 30 customers or more): an upper bound "
    "of what could be won, since some simply need less",
}


def category_fit(
    shop: Shop, period: str | Period | Latest, customers: pl.DataFrame, *, base: int = 30
) -> pl.DataFrame:
    """Return one row per category that the customers bought, by the three rankings of its fit.

    `customers` has a column customer_id. Columns: category, department, customers (who bought
    it), penetration, penetration_rank, sales (money), wallet (of their sales of merchandise),
    wallet_rank, index with index_low, index_rank (by the lower bound; null under `base` buyers),
    shop_rank (by sales to all card customers), special, headroom (money), see `DEFINITION`.
    The surest index first. Raises ValueError for customers who bought nothing in the period.
    """
    goods = shop.with_lines(merchandise(shop.tables["lines"], shop.products))
    labels = customers.select("customer_id", segment=pl.lit("in", pl.Enum(["in"]))).unique()
    found = profile(goods, period, labels, by="category", base=base).filter(pl.col("sales") > 0)
    if found.is_empty():
        raise ValueError("none of the customers bought anything in the period; choose others")
    ranks = {"penetration_rank": "penetration", "wallet_rank": "sales", "index_rank": "index_low"}
    ranked = found.with_columns(
        *(_rank(column).alias(name) for name, column in ranks.items()),
        wallet=pl.col("sales_share"),
    )
    special = (pl.col("index_low") > 100) & (pl.col("wallet_rank") < pl.col("shop_rank"))
    whole = (
        ranked.join(_departments(shop), on="category", how="left")
        .join(_in_shop(shop, goods, period, customers), on="category", how="left")
        .with_columns(special=special.fill_null(value=False))
    )
    order = ["index_low", "wallet", "category"]
    return whole.select(_COLUMNS).sort(order, descending=[True, True, False], nulls_last=True)


_COLUMNS = [
    *("category", "department", "customers", "penetration", "penetration_rank", "sales", "wallet"),
    *("wallet_rank", "index", "index_low", "index_rank", "shop_rank", "special", "headroom"),
]


def say_fit(fit: pl.DataFrame, *, top: int = 10) -> str:
    """Return the sentence that says what is special about the customers apart from the best
    sellers.
    """
    shared = fit.filter(pl.col("wallet_rank") <= top, pl.col("shop_rank") <= top).height
    least = min(top, fit.height)
    usual = f"{shared} of their {least} largest categories are among the shop's own"
    special = fit.filter("special")["category"].head(3).to_list()
    if not special:
        return f"{usual}; nothing is surely special about these customers"
    return f"{usual}; what is special about them is rather {', '.join(special)}"


def as_profile(fit: pl.DataFrame, segment: str) -> pl.DataFrame:
    """Return the fit as a profile: one row per segment and category, for the chart of indices."""
    return fit.select(
        pl.lit(segment).alias("segment"),
        *("category", "customers", "penetration", "index", "index_low"),
        sales_share="wallet",
    )


def _rank(column: str) -> pl.Expr:
    return pl.col(column).rank("min", descending=True).cast(pl.Int64)


def _departments(shop: Shop) -> pl.DataFrame:
    """Return one row per category name: its department, or that it has several."""
    named = fetch(shop.categories.select("category", "department"), by=["category"])
    several = pl.col("department").n_unique() > 1
    one = pl.when(several).then(pl.lit("(several)")).otherwise(pl.col("department").first())
    return named.group_by("category").agg(department=one)


def _in_shop(
    shop: Shop, goods: Shop, period: str | Period | Latest, customers: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per category: shop_rank, and headroom (money) of the customers who came."""
    spent = pl.concat(_spent(part) for part in goods.during(period).parts())
    bands = _peers(shop, spent, period, customers).partition_by("band")
    rooms = pl.concat(_room(spent, peers) for peers in bands)
    room = rooms.group_by("number").agg(pl.col("headroom").sum())
    sold = spent.group_by("number").agg(pl.col("sales").sum())
    whole = sold.with_columns(shop_rank=_rank("sales")).join(room, on="number", how="left")
    nameless = pl.DataFrame({"number": [0], "category": ["(unknown)"]})
    names = pl.concat([category_names(shop), nameless])
    return whole.join(names, on="number").select("category", "shop_rank", money("headroom"))


def _peers(
    shop: Shop, spent: pl.DataFrame, period: str | Period | Latest, customers: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per customer who came: band (of those with like sales), member."""
    all_goods = spent.group_by("customer_id").agg(goods=pl.col("sales").sum())
    came = shoppers(shop, period).select("customer_id")
    each = came.join(all_goods, on="customer_id", how="left").fill_null(0)
    bands = cut_points(each["goods"], max(1, min(PEERS, each.height // LEAST)))
    members = customers["customer_id"].cast(pl.Int64).implode()
    return each.select(
        "customer_id",
        score(pl.col("goods"), bands).alias("band"),
        member=pl.col("customer_id").is_in(members),
    )


def _room(spent: pl.DataFrame, peers: pl.DataFrame) -> pl.DataFrame:
    """Return one row per number of a category: headroom of a band's members, in cents."""
    theirs = spent.join(peers.select("customer_id", "member"), on="customer_id")
    members, last = peers["member"].sum(), peers.height - 1
    place = last - pl.lit(TENTH * last).round().cast(pl.Int64)
    best = pl.col("sales").sort(descending=True).get(place, null_on_oob=True)
    wallets = theirs.group_by("number").agg(wallet=best.fill_null(0).clip(0))
    bought = theirs.filter("member").join(wallets, on="number")
    used = pl.min_horizontal(pl.col("sales").clip(0), "wallet").sum()
    taken = bought.group_by("number").agg(used=used)
    room = pl.col("wallet") * members - pl.col("used").fill_null(0)
    return wallets.join(taken, on="number", how="left").select("number", headroom=room)


def _spent(goods: Shop) -> pl.DataFrame:
    """Return one row per customer and number of a category: net sales in cents."""
    numbers = category_numbers(goods).drop("category")
    return customer_sums(goods, goods.lines, "category_id", numbers, "sales")
