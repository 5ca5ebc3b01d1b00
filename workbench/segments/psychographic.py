"""Psychographic: customers by the lifestyle they stated, and whether they would recommend us.

Definition: the value of the attribute `lifestyle`, asked in a survey, that holds on the
period's last day. Who was not asked is Unknown, which is a group of its own and not left out.
What receipts reveal of a lifestyle is a segmentation of its own, `lifestyle`.
"""

import polars as pl

from workbench.data.attributes import values
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments import _attributes
from workbench.segments._attributes import OTHER, UNKNOWN, reach

__all__ = ["ATTRIBUTE", "DEFINITION", "SEGMENTS", "label", "reach", "say_reach"]

ATTRIBUTE, RECOMMEND = "lifestyle", "would recommend"
SEGMENTS = {
    "Health": "says to eat and live with health in mind",
    "Family table": "says to cook and eat together",
    "Convenience": "says to want it quick and easy",
    "Thrift": "says to look at the price first",
    OTHER: "gave an answer that is none of these",
    UNKNOWN: "was not asked, or did not answer",
}
DEFINITION = {
    "Lifestyle": "the attribute lifestyle, from the table of outside attributes: the last value "
    "said by the period's last day, capitals aside",
    "Where answers differ": "a survey's own answers are written as one of these names when they "
    "are loaded; what is not is Other, and named on the page",
    "Stated, not observed": "people say what they would like to be; whether they buy accordingly "
    "is what the page compares",
    "Would recommend": "0 to 10; promoters say 9 or 10, detractors 0 to 6. The net score is "
    "promoters less detractors in 100 who answered, its interval 95 % over customers; it is left "
    "empty where fewer than ten of a group answered",
    "Those who were not asked": "shown as a group, Unknown; those who answer surveys are not like "
    "the others",
    "Not from purchases": "the notebook lifestyle reads themes of life from receipts instead; that "
    "explains purchases partly by construction, so the two are kept apart",
    "Movement": "a customer moves by answering anew, and otherwise only by coming or staying away",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - answers are not cut
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its stated lifestyle.

    Columns: customer_id, segment, value and since (as told, null without), recommend (0 to 10,
    null where not asked), visits, sales (money). `cuts_from` is ignored: nothing is cut. Raises
    ValueError without attributes.
    """
    labels = _attributes.by_value(shop, period, ATTRIBUTE, SEGMENTS)
    answers = values(shop, period, RECOMMEND).select(
        "customer_id", recommend=pl.col("value").cast(pl.Int64, strict=False)
    )
    known = answers.filter(pl.col("recommend").is_between(0, 10))
    joined = labels.join(known, on="customer_id", how="left", maintain_order="left")
    return joined.select("customer_id", "segment", "value", "since", "recommend", "visits", "sales")


def say_reach(labels: pl.DataFrame) -> str:
    """Say of how many customers the lifestyle is known, and which values are Other."""
    return _attributes.say_reach(labels, ATTRIBUTE)
