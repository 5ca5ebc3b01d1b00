"""Big spenders: heavy, medium and light customers by what they spent, by three standards.

Definition: customers who came in the period, ordered by net sales. The standards cut that order
at different shares of customers (`STANDARDS`); a cut is a value, so that equal spend always has
an equal label and a part may come out smaller than its share. Only 1/19/30/50 has Outliers.
"""

from decimal import Decimal

import polars as pl

from workbench.data.activity import shoppers
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import cut_points, ordered

SEGMENTS = {
    "Outliers": "the top 1 % of customers by spend, only in the standard 1/19/30/50",
    "Heavy": "the next by spend: down to the top 20 %, or the top 30 % in 30/40/30",
    "Medium": "the middle: down to the top half, or to the top 70 % in 30/40/30",
    "Light": "the rest: the lower half, or the lowest 30 % in 30/40/30",
}
STANDARDS = {
    "20/30/50": {"Heavy": 20, "Medium": 50},
    "1/19/30/50": {"Outliers": 1, "Heavy": 20, "Medium": 50},
    "30/40/30": {"Heavy": 30, "Medium": 70},
}
DEFINITION = {
    "Spend": "net sales in the period, returns taken off, whatever the number of visits",
    "Standards": "20/30/50: top 20 % Heavy, next 30 % Medium, last 50 % Light. 1/19/30/50: the "
    "same with the top 1 % apart as Outliers. 30/40/30: three, four and three tenths of customers",
    "Why it matters": "the three are all in use and give different customers the same name: say "
    "which one when you quote a figure",
    "Cuts": "by value: equal spend has an equal label, so realised sizes may fall short",
    "Classes A to E": "customers in order of spend, parted where they have brought in each fifth "
    "of all card sales",
    "Basket tiers": "spend over visits, in tiers of a fixed width; fixed amounts drift with prices",
    "Movement": "the period before sets the cuts for both",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}
_CLASSES, _TIERS = ("A", "B", "C", "D", "E"), 5
_TOPS, _QUOTED = (1, 5, 10, 20, 30, 50), 0.2


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    standard: str = "20/30/50",
    cuts_from: str | Period | Latest | None = None,
) -> pl.DataFrame:
    """Return one row per customer who came in the period, with its segment.

    Columns: customer_id, segment, visits, sales and basket_value (money). With `cuts_from`, the
    amounts that part the segments are those of that period. Raises ValueError for a standard
    that is not in `STANDARDS`.
    """
    spent = shoppers(shop, period)
    basis = spent if cuts_from is None else shoppers(shop, cuts_from)
    if basis.is_empty() and not spent.is_empty():
        raise ValueError(f"nobody bought in {cuts_from}, so it has no cut points; choose another")
    segment = _segment(basis["sales"], standard)
    basket = (pl.col("sales") / pl.col("visits")).round(0).cast(pl.Int64)
    return spent.with_columns(segment=segment, basket_value=basket).select(
        "customer_id", "segment", "visits", money("sales", "basket_value")
    )


def concentration(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per top percentage of customers by spend: who they are and what they bought.

    Columns: top_share, customers (rounded down), sales (money), sales_share (of these customers'
    sales; null where they sum to nothing).
    """
    spend = labels["sales"].sort(descending=True)
    sizes = [len(spend) * top // 100 for top in _TOPS]
    rows = pl.DataFrame(
        {
            "top_share": [top / 100 for top in _TOPS],
            "customers": sizes,
            "sales": [spend.head(size).sum() for size in sizes],
        },
        schema_overrides={"sales": pl.Decimal(38, 2)},
    )
    return rows.with_columns(_part("sales", spend.sum()))


def say_top(labels: pl.DataFrame) -> str:
    """Return the sentence that says what the top 20 % of customers by spend bring in."""
    row = concentration(labels).filter(pl.col("top_share") == _QUOTED).row(0, named=True)
    share = row["sales_share"]
    if share is None:
        return "Nobody bought anything in this period."
    if not row["customers"]:
        return f"{labels.height:,} customers are too few to have a top {_QUOTED:.0%}."
    return (
        f"The top {_QUOTED:.0%} of customers by spend bring in {share:.1%} of what card customers "
        "buy here; the proverbial 80% from a fifth is a rule of thumb, not a measurement."
    )


def classes(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per class, A to E: the customers who bring in each fifth of card sales.

    Columns: class, customers, customers_share, sales (money), sales_share, spend_from (the least
    spend in the class, money; null for an empty class). Equal spend is in one class.
    """
    cents = labels.with_columns(cents=(pl.col("sales") * 100).cast(pl.Int64))
    levels = cents.group_by("cents").agg(level=pl.col("cents").sum())
    above = pl.col("level").cum_sum() - pl.col("level")
    fifth = above * len(_CLASSES) // max(cents["cents"].sum(), 1)
    steps = levels.sort("cents", descending=True).with_columns(
        step=fifth.clip(0, len(_CLASSES) - 1)
    )
    found = cents.join(steps, on="cents", validate="m:1")
    return _summed(found, pl.Series("class", _CLASSES, dtype=pl.Enum(_CLASSES)))


def say_classes(classes: pl.DataFrame) -> str:
    """Return the sentence that says how few and how many customers bring in a fifth of sales."""
    first, last = classes["customers"][0], classes["customers"][-1]
    return f"{first:,} customers bring in the first fifth of card sales, {last:,} the last"


def tiers(labels: pl.DataFrame, *, width: int = 20) -> pl.DataFrame:
    """Return one row per tier of the average basket, each `width` wide, the last one open.

    Columns: tier, customers, customers_share, sales (money), sales_share, spend_from (money).
    """
    edges = [width * step for step in range(_TIERS)]
    bounds = [f"{low} to under {low + width}" for low in edges[:-1]] + [f"{edges[-1]} or more"]
    step = (pl.col("basket_value").cast(pl.Float64) / width).floor().cast(pl.Int64)
    found = labels.with_columns(step=step.clip(0, _TIERS - 1))
    return _summed(found, pl.Series("tier", bounds, dtype=pl.Enum(bounds)))


def _segment(basis: pl.Series, standard: str) -> pl.Expr:
    if standard not in STANDARDS:
        raise ValueError(f"{standard!r} is no standard here; allowed: {', '.join(STANDARDS)}")
    cuts = cut_points(basis, 100)
    found = pl.lit("Light")
    for name, top in reversed(STANDARDS[standard].items()):
        above = pl.col("sales") > cuts[99 - top] if cuts else pl.lit(value=False)
        found = pl.when(above).then(pl.lit(name)).otherwise(found)
    return found.cast(ordered(SEGMENTS))


def _summed(found: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    summed = found.group_by("step").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("sales").sum(),
        spend_from=pl.col("sales").min(),
    )
    steps = names.to_frame().with_columns(step=pl.int_range(pl.len(), dtype=pl.Int64))
    table = steps.join(summed, on="step", how="left", maintain_order="left")
    filled = table.with_columns(pl.col("customers", "sales").fill_null(0)).with_columns(
        _part("customers", found.height), _part("sales", found["sales"].sum())
    )
    order = ("customers", "customers_share", "sales", "sales_share", "spend_from")
    return filled.select(names.name, *order)


def _part(name: str, whole: float | Decimal) -> pl.Expr:
    share = pl.col(name).cast(pl.Float64) / (float(whole) or None)
    return share.alias(f"{name}_share")
