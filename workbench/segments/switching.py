"""Switching: what each customer did to a brand, compared with the period before.

Definition: in one category, each customer's net sales of the focus brand are compared with
those of the equally long period before. What the customer bought more or less of the brand
while other brands moved the opposite way was switched; the rest is more or less buying of the
category, or the customer is new to it or lost to it.
"""

import polars as pl

from workbench.data.activity import visitors
from workbench.data.brands import RIVALS as RIVALS
from workbench.data.brands import brand_changes, brand_of, households
from workbench.data.choices import LARGEST
from workbench.data.engine import money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import ordered

SEGMENTS = {
    "Switched in": "buys more of the brand, mostly at the cost of other brands",
    "Increased": "buys more of the brand, mostly by buying more of the category",
    "New category buyer": "bought the brand now, and nothing of the category before",
    "Stable": "buys about as much of the brand as before",
    "Decreased": "buys less of the brand, mostly by buying less of the category",
    "Switched out": "buys less of the brand, mostly to the benefit of other brands",
    "Lost category buyer": "bought the brand before, and nothing of the category now",
    "Not a buyer": "bought none of the brand in either period",
}
DEFINITION = {
    "Brand": "the maker's number, the finest name of a brand in the data; the retailer's own label "
    "is one brand",
    "Item": "where items are compared, a single product stands for the brand",
    "Buyer": "net sales above nothing; who only brought something back is no buyer",
    "Periods": "equally long, one after the other: a season may look like switching",
    "Switched": "of a customer who bought the category in both periods: the smaller of what "
    "growing brands gained and shrinking brands lost, allocated in proportion to the changes",
    "Switched in and out": "at least half of the change of the brand was switched; otherwise "
    "increased or decreased",
    "Band of the stable": "a change within the band of the larger of both periods' sales of the "
    "brand",
    "In money": "sales, not pieces: a price change looks like more or less buying",
    "Not told apart": "a brand that was not on the shelf looks like one that was left",
    "Gain and loss": "all customers and all brands, lost ones and sales without a card too; the "
    "sources add up to the brand's change to the cent",
    "Whom it leaves out": "the groups hold customers with a visit in the period; those lost to the "
    "shop altogether are only in the gain and loss",
}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    category: str = LARGEST,
    brand: str = "",
    between: str = "brand",
    band: float = 0.2,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - marks are fixed
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its segment.

    Columns: customer_id, segment, visits, brand_before, brand_after, category_before and
    category_after (money), switched_share (of the brand's change; null without a change).
    With `between` as "item" brands are single products. `cuts_from` is ignored: no mark depends
    on a distribution. Raises NotCovered where the data
    does not reach back, ValueError for an unknown category or brand.
    """
    changes = brand_changes(shop, period, category, between)
    each = households(changes, brand_of(shop, category, brand, between))
    names = {"focus_before": "brand_before", "focus_after": "brand_after"}
    return (
        visitors(shop, period)
        .join(each, on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.exclude("customer_id", "visits").fill_null(0))
        .with_columns(switched_share=_switched_share())
        .with_columns(segment=_segment(band))
        .rename(names)
        .with_columns(money(*names.values(), "category_before", "category_after"))
        .select(
            *("customer_id", "segment", "visits", "brand_before", "brand_after"),
            *("category_before", "category_after", "switched_share"),
        )
    )


def _switched_share() -> pl.Expr:
    change = pl.col("focus_after") - pl.col("focus_before")
    side = pl.when(change > 0).then("gains").otherwise("losses")
    return pl.when(change != 0).then(pl.col("switched") / side)


def _segment(band: float) -> pl.Expr:
    before, after = pl.col("focus_before"), pl.col("focus_after")
    change = after - before
    mostly = pl.col("switched_share") >= 0.5
    return (
        pl.when((before <= 0) & (after <= 0))
        .then(pl.lit("Not a buyer"))
        .when((before <= 0) & (pl.col("category_before") <= 0))
        .then(pl.lit("New category buyer"))
        .when((after <= 0) & (pl.col("category_after") <= 0))
        .then(pl.lit("Lost category buyer"))
        .when(change.abs() <= band * pl.max_horizontal(before, after))
        .then(pl.lit("Stable"))
        .when(change > 0)
        .then(pl.when(mostly).then(pl.lit("Switched in")).otherwise(pl.lit("Increased")))
        .otherwise(pl.when(mostly).then(pl.lit("Switched out")).otherwise(pl.lit("Decreased")))
        .cast(ordered(SEGMENTS))
    )
