"""The data model of receipts: their lines, and the tables that are made of the lines.

The door writes them all from a month's lines at once, so that they cannot disagree.
"""

from dataclasses import replace

import polars as pl

from workbench.data.contract import Column, Contract, Kind

ADDED = ("quantity", "sales", "margin", "loyalty_discount", "match_discount", "coupon_discount")

CUSTOMER = Column("customer", Kind.KEY, "who", required=True)
PRODUCT = Column("product", Kind.KEY, "what", required=True)
STORE = Column("store", Kind.KEY, "where", required=True)

_LINES = Contract(
    "lines",
    "one row per receipt (basket) and product",
    ("basket_id", "product_id"),
    (
        Column("basket", Kind.TEXT, "the receipt's own number", required=True, kept=False),
        Column("customer", Kind.KEY, "whose card; empty without a card"),
        PRODUCT,
        Column("store", Kind.KEY, "where, the web shop being a store"),
        Column("sold_at", Kind.STAMP, "when the receipt was closed", required=True),
        Column("quantity", Kind.QUANTITY, "how much", required=True),
        Column("sales", Kind.MONEY, "takings, makers' coupons included", required=True),
        Column("loyalty_discount", Kind.MONEY, "given for the card, by the retailer"),
        Column("match_discount", Kind.MONEY, "given by the retailer on top of a coupon"),
        Column("coupon_discount", Kind.MONEY, "a maker's coupon, reimbursed: not a cost"),
    ),
    {
        "basket_id": (pl.Int64(), "surrogate of card, day, store and receipt number"),
        "new_basket": (pl.Int8(), "1 on the first line of a basket where something was bought"),
        "category_id": (pl.Int16(), "the product's category"),
        "margin": (pl.Int32(), "sales less cost, cents; null where costs are unknown"),
    },
    dated="day",
)

_RECEIPT = {
    "basket_id": (pl.Int64(), "surrogate"),
    "day": (pl.Date(), "the business day"),
    "minute": (pl.Int16(), "minute of that day, the shop's clock"),
}
_GOODS = (pl.Int64(), "cents of what is merchandise")
_WITHOUT_COST = "lines without a known cost; margin is of the others"
_SUMS = dict.fromkeys(ADDED, (pl.Int64(), "the sum over its lines"))

RECEIPTS = (
    _LINES,
    Contract(
        "baskets",
        "one row per receipt",
        ("basket_id",),
        (Column("basket", Kind.TEXT, "the receipt's own number"), CUSTOMER, STORE),
        _RECEIPT,
        made=True,
        dated="day",
    ),
    Contract(
        "receipts",
        "one row per receipt: what its lines add up to",
        ("basket_id",),
        (CUSTOMER, STORE),
        {
            **_RECEIPT,
            "new_basket": (pl.Int8(), "1 where something was bought, 0 where only brought back"),
            "lines": (pl.Int32(), "its lines"),
            "goods": _GOODS,
            "uncosted": (pl.Int32(), _WITHOUT_COST),
            **_SUMS,
        },
        made=True,
        dated="day",
    ),
    replace(
        _LINES,
        table="category_lines",
        grain="one row per receipt (basket) and product: the lines in the order of categories",
        made=True,
    ),
    Contract(
        "customer_weeks",
        "one row per customer and week, cut where a month ends: what its receipts add up to",
        ("customer_id", "day"),
        (CUSTOMER,),
        {
            "day": (pl.Date(), "the day of the first receipt"),
            "first_visit": (pl.Date(), "the first day on which something was bought"),
            "last_visit": (pl.Date(), "the last such day"),
            "new_basket": (pl.Int64(), "receipts on which something was bought"),
            "lines": (pl.Int64(), "receipt lines"),
            "goods": _GOODS,
            "uncosted": (pl.Int64(), _WITHOUT_COST),
            **_SUMS,
        },
        made=True,
        dated="day",
    ),
    Contract(
        "customer_category_weeks",
        "one row per customer, category and week, cut where a month ends: the sums of its lines",
        ("customer_id", "category_id", "day"),
        (CUSTOMER,),
        {
            "category_id": (pl.Int16(), "the products' category"),
            "day": (pl.Date(), "the day of the first line"),
            "uncosted": (pl.Int64(), _WITHOUT_COST),
            **{name: _SUMS[name] for name in ("quantity", "sales", "margin")},
        },
        made=True,
        dated="day",
    ),
)
MADE_OF_LINES = tuple(one.table for one in RECEIPTS if one.made and one.table != "baskets")
"""The tables that hold nothing but what the lines hold, in other orders and sums."""
