"""Geo-demographic: customers by the kind of place they live in, from outside codes.

Definition: the value of the attribute `neighbourhood` that holds on the period's last day. It
says what the customer's surroundings are like, not what the customer is like.
"""

import polars as pl

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments import _attributes
from workbench.segments._attributes import OTHER, UNKNOWN, reach

__all__ = ["ATTRIBUTE", "DEFINITION", "SEGMENTS", "label", "reach", "say_reach"]

ATTRIBUTE = "neighbourhood"
SEGMENTS = {
    "City centre": "lives where most people have no garden and shops are near",
    "Suburb": "lives in a residential quarter of a city",
    "Small town": "lives in a town of its own",
    "Countryside": "lives outside towns",
    OTHER: "has a code that is none of these",
    UNKNOWN: "has no code",
}
DEFINITION = {
    "Attribute": "neighbourhood, from the table of outside attributes: the last value said by the "
    "period's last day, capitals aside",
    "Where codes differ": "a provider's own codes are written as one of these names when they are "
    "loaded; what is not is Other, and named on the page",
    "Not from purchases": "receipts say where somebody shops, not where somebody lives, and the "
    "areas of stores are each retailer's own names, not kinds of place; a profile by store shows "
    "them as what they are",
    "A place is not a person": "the code describes a neighbourhood; customers who live there "
    "differ from each other more than neighbourhoods do (ecological fallacy)",
    "Movement": "a customer moves by moving house, if the code is delivered again with its day, "
    "and otherwise only by coming or staying away",
    "Not for decisions about persons": "where somebody lives can stand for origin or wealth; do "
    "not let it decide who gets an offer",
    "Whom it leaves out": "receipts without a card and customers without a visit in the period",
}


def label(
    shop: Shop,
    period: str | Period | Latest,
    *,
    cuts_from: str | Period | Latest | None = None,  # noqa: ARG001 - codes are not cut
) -> pl.DataFrame:
    """Return one row per customer with a visit in the period, with its kind of neighbourhood.

    Columns: customer_id, segment, value and since (as told, null without), visits, sales
    (money). `cuts_from` is ignored: nothing is cut. Raises ValueError without attributes.
    """
    return _attributes.by_value(shop, period, ATTRIBUTE, SEGMENTS)


def say_reach(labels: pl.DataFrame) -> str:
    """Say of how many customers the neighbourhood is known, and which values are Other."""
    return _attributes.say_reach(labels, ATTRIBUTE)
