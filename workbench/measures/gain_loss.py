"""Gain and loss: from where a brand's change in sales came, and to which brands it went."""

import polars as pl

from workbench.data.brands import brand_changes, brand_of, households
from workbench.data.choices import LARGEST
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

PARTS = {
    "New category buyers": "bought the category now, and not in the period before",
    "Lost category buyers": "bought it in the period before, and not now",
    "Increased buying": "buy more of the category, beyond what was switched",
    "Decreased buying": "buy less of the category, beyond what was switched",
    "Returns only": "bought in neither period, net of what was brought back",
    "Without a card": "sales that no customer can be followed through",
}
_FINE = 1_000_000  # parts of a cent, in which allocations are summed exactly


def gain_loss(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    brand: str = "",
    between: str = "brand",
    before: Period | None = None,
) -> pl.DataFrame:
    """Return one row per source of a brand's change in net sales since the period before.

    The period before, where none is given, is equally long and ends the day before.

    Columns: source, kind (Category or Switching), change (money). The sources are those of
    `PARTS`, then every other brand of the category: what was switched from it (positive) or to
    it (negative), the largest amount first. They add up to the brand's change, to the cent.

    What a customer who bought the category in both periods moved between brands is the smaller
    of what the growing brands gained and the shrinking ones lost; it is allocated to brands in
    proportion to their changes. Without a `brand` the largest is taken; with
    `between` as "item" brands are single products. Raises ValueError for an unknown category or
    brand, NotCovered where the data does not reach back.
    """
    changes = brand_changes(shop, period, category, between, before)
    focus = brand_of(shop, category, brand, between)
    each = households(changes, focus).with_columns(
        change=pl.col("focus_after") - pl.col("focus_before")
    )
    parts = pl.concat([_category(each), _between(changes, each, focus)])
    return _to_the_cent(parts, int(each["change"].sum())).select("source", "kind", money("change"))


def _category(each: pl.DataFrame) -> pl.DataFrame:
    rest = pl.col("change") * _FINE - _switched()
    found = each.group_by(source=_source(rest)).agg(fine=rest.sum())
    named = pl.DataFrame({"source": list(PARTS)}, schema={"source": pl.String})
    return named.join(found, on="source", how="left", maintain_order="left").select(
        "source", pl.lit("Category").alias("kind"), pl.col("fine").fill_null(0)
    )


def _between(changes: pl.DataFrame, each: pl.DataFrame, focus: str) -> pl.DataFrame:
    """Return what was switched with each other brand: its share of the opposite change."""
    own = pl.col("after") - pl.col("before")
    opposite = (
        pl.when(pl.col("change") > 0).then(-own / pl.col("losses")).otherwise(own / pl.col("gains"))
    )
    part = pl.when(opposite > 0).then(_switched() * opposite).otherwise(0.0)
    return (
        changes.filter(pl.col("brand") != focus)
        .join(each.filter(pl.col("switched") > 0), on="customer_id", how="left")
        .group_by(source="brand")
        .agg(fine=part.fill_null(0.0).round().cast(pl.Int64).sum())
        .sort(pl.col("fine").abs(), "source", descending=[True, False])
        .select("source", pl.lit("Switching").alias("kind"), "fine")
    )


def _switched() -> pl.Expr:
    """Return how much of a customer's change of the brand was switched, in parts of a cent."""
    change = pl.col("change")
    side = pl.when(change > 0).then("gains").otherwise("losses")
    moved = (change * _FINE).cast(pl.Float64) * (pl.col("switched") / side)
    return pl.when(side > 0).then(moved).otherwise(0.0).round().cast(pl.Int64)


def _source(rest: pl.Expr) -> pl.Expr:
    bought_before, bought_after = pl.col("category_before") > 0, pl.col("category_after") > 0
    new, lost, more, less, back, cash = (pl.lit(name) for name in PARTS)
    return (
        pl.when(pl.col("customer_id").is_null())
        .then(cash)
        .when(~bought_before & ~bought_after)
        .then(back)
        .when(~bought_before)
        .then(new)
        .when(~bought_after)
        .then(lost)
        .when(rest > 0)
        .then(more)
        .otherwise(less)
    )


def _to_the_cent(parts: pl.DataFrame, observed: int) -> pl.DataFrame:
    """Round down to cents and give the cents left over to those that lost most by it."""
    cut = parts.with_columns(change=pl.col("fine") // _FINE, left=pl.col("fine") % _FINE)
    over = observed - int(cut["change"].sum())
    first = pl.col("left").rank("ordinal", descending=True) <= over
    return cut.with_columns(change=pl.col("change") + first.cast(pl.Int64))
