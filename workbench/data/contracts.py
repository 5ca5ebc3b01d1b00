"""The data model: every table's grain, key, columns and units.

Tables that a retailer does not deliver are absent from its lake, not empty. A table that is
kept by month has a column `month`: year and month of its day, such as 201707. Where the sample
retailer lacks one, a declared synthetic one stands in, labelled wherever it shows.
"""

import polars as pl

from workbench.data.contract import Column, Contract, Kind
from workbench.data.loads import LOADS
from workbench.data.receipts import CUSTOMER, PRODUCT, RECEIPTS, STORE

_CAMPAIGN = Column("campaign", Kind.KEY, "in which campaign", required=True)

_TABLES = (
    *RECEIPTS,
    Contract(
        "products",
        "one row per product",
        ("product_id",),
        (
            Column("product", Kind.ID, "the source's product id", required=True),
            Column("description", Kind.TEXT, "its name"),
            Column("department", Kind.TEXT, "the top of the product tree"),
            Column("category", Kind.TEXT, "the middle of the product tree"),
            Column("subcategory", Kind.TEXT, "the lowest level of the product tree"),
            Column("brand", Kind.TEXT, "the brand, or what the source says of it"),
            Column("maker", Kind.TEXT, "the manufacturer's id"),
            Column("own_label", Kind.FLAG, "whether the retailer's own brand"),
            Column("size", Kind.TEXT, "the package size as delivered"),
            Column("colour", Kind.TEXT, "its colour"),
            Column("material", Kind.TEXT, "what it is made of"),
            Column("merchandise", Kind.FLAG, "no: fuel, postage, fees; not said is yes"),
        ),
        {"category_id": (pl.Int16(), "surrogate of department and category")},
    ),
    Contract(
        "categories",
        "one row per department and category",
        ("category_id",),
        (
            Column("department", Kind.TEXT, "null where the product is unknown"),
            Column("category", Kind.TEXT, "null where the product has none"),
        ),
        {"category_id": (pl.Int16(), "surrogate")},
        made=True,
    ),
    Contract(
        "customers",
        "one row per customer (card or household), without personal data",
        ("customer_id",),
        (
            Column("customer", Kind.ID, "the source's customer id", required=True),
            Column("age", Kind.TEXT, "age band"),
            Column("income", Kind.TEXT, "income band"),
            Column("home", Kind.TEXT, "home ownership"),
            Column("marital_status", Kind.TEXT, "marital status"),
            Column("household_size", Kind.TEXT, "persons in the household"),
            Column("household_type", Kind.TEXT, "adults and children"),
            Column("children", Kind.TEXT, "number of children"),
        ),
    ),
    Contract(
        "people",
        "one row per customer: the only table with personal data",
        ("customer_id",),
        (
            CUSTOMER,
            Column("first_name", Kind.TEXT, "how to address the customer"),
            Column("email", Kind.TEXT, "e-mail address"),
            Column("phone", Kind.TEXT, "telephone number"),
            Column("birthday", Kind.DAY, "date of birth"),
        ),
    ),
    Contract(
        "stores",
        "one row per store, the web shop being one",
        ("store_id",),
        (
            Column("store", Kind.ID, "the source's store id", required=True),
            Column("retailer", Kind.TEXT, "whose store"),
            Column("channel", Kind.TEXT, "store or web"),
            Column("currency", Kind.TEXT, "ISO code of the currency it sells in"),
            Column("region", Kind.TEXT, "area"),
            Column("latitude", Kind.LATITUDE, "where it is, degrees north"),
            Column("longitude", Kind.LONGITUDE, "where it is, degrees east"),
        ),
    ),
    Contract(
        "promotions",
        "one row per product, store and week in which it was shown or advertised",
        ("product_id", "store_id", "week"),
        (
            PRODUCT,
            STORE,
            Column("week", Kind.WEEK, "the Monday of the week", required=True),
            Column("display", Kind.TEXT, "code of the place in the store; 0 is none"),
            Column("mailer", Kind.TEXT, "code of the place in the leaflet; 0 is none"),
        ),
        dated="week",
    ),
    Contract(
        "campaigns",
        "one row per campaign",
        ("campaign_id",),
        (
            Column("campaign", Kind.ID, "the source's campaign id", required=True),
            Column("kind", Kind.TEXT, "type of campaign"),
            Column("starts", Kind.DAY, "first day", required=True),
            Column("ends", Kind.DAY, "last day", required=True),
        ),
    ),
    Contract(
        "targets",
        "one row per campaign and customer it was addressed to",
        ("campaign_id", "customer_id"),
        (_CAMPAIGN, CUSTOMER),
    ),
    Contract(
        "coupons",
        "one row per campaign, coupon and product it is good for",
        ("campaign_id", "coupon", "product_id"),
        (_CAMPAIGN, Column("coupon", Kind.TEXT, "its number", required=True), PRODUCT),
    ),
    Contract(
        "redemptions",
        "one row per campaign, coupon, customer and day",
        ("campaign_id", "coupon", "customer_id", "day"),
        (
            _CAMPAIGN,
            Column("coupon", Kind.TEXT, "its number", required=True),
            CUSTOMER,
            Column("day", Kind.DAY, "when it was redeemed", required=True),
        ),
    ),
    Contract(
        "costs",
        "one row per product",
        ("product_id",),
        (
            PRODUCT,
            Column("cost_rate", Kind.RATE, "cost as a share of the shelf price", required=True),
            Column("basis", Kind.TEXT, "recorded, or declared: an assumption", required=True),
        ),
    ),
    Contract(
        "consents",
        "one row per customer, purpose and first day, a no rather than a yes; no row means no",
        ("customer_id", "purpose", "since"),
        (
            CUSTOMER,
            Column("purpose", Kind.TEXT, "marketing, profiling or sharing", required=True),
            Column("granted", Kind.FLAG, "yes or no", required=True),
            Column("since", Kind.DAY, "first day it holds", required=True),
            Column("until", Kind.DAY, "last day it holds; empty: until revoked"),
            Column("source", Kind.TEXT, "where it was given"),
        ),
    ),
    Contract(
        "contacts",
        "one row per message and what became of it",
        ("customer_id", "channel", "subject", "sent"),
        (
            CUSTOMER,
            Column("channel", Kind.TEXT, "email, sms, post, push, service", required=True),
            Column("subject", Kind.TEXT, "the campaign or topic", required=True),
            Column("sent", Kind.DAY, "when it was sent", required=True),
            Column("opened", Kind.DAY, "first day it was opened"),
            Column("clicked", Kind.DAY, "first day a link was followed"),
        ),
        dated="sent",
    ),
    Contract(
        "web_events",
        "one row per customer, minute, event and product on the web site",
        ("customer_id", "day", "minute", "event", "product_id"),
        (
            CUSTOMER,
            Column("at", Kind.STAMP, "when", required=True),
            Column("event", Kind.TEXT, "view, basket, abandon or order", required=True),
            Column("product", Kind.KEY, "of which product"),
            Column("seconds", Kind.WHOLE, "time spent"),
        ),
        dated="day",
    ),
    Contract(
        "attributes",
        "one row per customer, first day and attribute from outside (surveys, area codes)",
        ("customer_id", "attribute", "since"),
        (
            CUSTOMER,
            Column("attribute", Kind.TEXT, "which attribute", required=True),
            Column("value", Kind.TEXT, "its value", required=True),
            Column("source", Kind.TEXT, "who says so", required=True),
            Column("since", Kind.DAY, "since when"),
        ),
    ),
    Contract(
        "stock",
        "one row per product, store and week",
        ("product_id", "store_id", "week"),
        (
            PRODUCT,
            STORE,
            Column("week", Kind.WEEK, "the Monday of the week counted", required=True),
            Column("units", Kind.QUANTITY, "on hand at the week's start", required=True),
        ),
        dated="week",
    ),
    Contract(
        "weather",
        "one row per store and day",
        ("store_id", "day"),
        (
            STORE,
            Column("day", Kind.DAY, "the day", required=True),
            Column("temperature", Kind.TENTHS, "mean of the day, degrees Celsius", required=True),
            Column("rain", Kind.TENTHS, "millimetres in the day"),
        ),
        dated="day",
    ),
    *LOADS,
)
CONTRACTS = {contract.table: contract for contract in _TABLES}
DIMENSIONS = {
    column.name: contract.table
    for contract in _TABLES
    for column in contract.columns
    if column.kind is Kind.ID
}
