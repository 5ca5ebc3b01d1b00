"""Figures of categories, products and stores that all define alike: ours, and the others'."""

import polars as pl
from alike import Compared, asked, both, cents, named, products, stores, whole
from verbs import CATEGORY, HALF

from workbench.data import Shop
from workbench.measures.assortment import diagnosis, range_items

NUMBER = r"\((\d+)\)$"
HALVES = ("p1", "p2")


def _our_diagnosis(shop: Shop) -> pl.DataFrame:
    sold = diagnosis.open_case(shop, HALF, category=CATEGORY).sold
    buyers = pl.col("customer_id").filter(pl.col("trips") > 0).n_unique()
    sums = sold.group_by("now").agg(pl.col("trips", "units", "sales").sum(), customers=buyers)
    units = pl.col("units") / 1000
    return sums.select("now", "customers", transactions="trips", units=units, spend="sales")


def _their_diagnosis(found: pl.DataFrame) -> pl.DataFrame:
    names = ("customers", "transactions", "units")
    halves = [
        found.select(
            now=pl.lit(place),
            **{name: f"{name}_{half}" for name in names},
            spend=cents(f"spend_{half}"),
        )
        for place, half in enumerate(HALVES)
    ]
    return pl.concat(halves)


def _our_scorecards(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "scorecards").filter(pl.col("customers") > 0)
    trips = (pl.col("customers") * pl.col("trips_per_customer")).round().cast(pl.Int64)
    sums = found.with_columns(transactions=trips, cost=pl.col("sales") - pl.col("margin"))
    window = pl.col("window").cast(pl.String)
    amounts = cents("sales"), cents("cost", "cost")
    return sums.select("category", window, "customers", "transactions", *amounts)


def _their_scorecards(found: pl.DataFrame) -> pl.DataFrame:
    category = pl.col("category").fill_null("(unknown)")
    amounts = cents("spend"), cents("cost", "cost")
    return found.select(category, "window", "customers", "transactions", *amounts)


def _our_range(shop: Shop) -> pl.DataFrame:
    found = stores(shop, products(shop, named(shop, asked(shop, "range"))))
    columns = ("customer", "product", "store", "day", "first_day")
    return found.select(*columns, "basket_sales", spend="sales")


def _their_range(found: pl.DataFrame) -> pl.DataFrame:
    days = pl.col("day", "first_day").cast(pl.Date)
    names = {"customer": "customer_id", "product": "product_id", "store": "store_id"}
    amounts = cents("unit_spend"), cents("basket_spend", "basket_sales")
    return found.select(days, *amounts, **names)


def _our_hierarchy(shop: Shop) -> pl.DataFrame:
    numbers = pl.col("first", "second").str.extract(NUMBER)
    found = asked(shop, "hierarchy").select(numbers, pl.col("buyers").cast(pl.Int64))
    return _each_once(found)


def _their_hierarchy(found: pl.DataFrame) -> pl.DataFrame:
    names = {"product_id_1": "first", "product_id_2": "second"}
    return _each_once(found.rename(names).select("first", "second", "buyers"))


def _each_once(pairs: pl.DataFrame) -> pl.DataFrame:
    ends = pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")
    some = pairs.filter(pl.col("buyers") > 0)
    return some.select(one=ends[0], other=ends[1], buyers="buyers")


def _our_distribution(shop: Shop) -> pl.DataFrame:
    sold = range_items.range_sales(shop, HALF, CATEGORY)
    return products(shop, sold.group_by("product_id").agg(stores=pl.col("store_id").n_unique()))


def _their_distribution(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("stores", product="product_id")


def _our_reach(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "reach")
    number = pl.col("item").str.extract(NUMBER)
    return found.select("stores", whole("weighted_share", "weighted"), product=number)


def _their_reach(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("stores", whole("weighted"), product="product_id")


def _our_prices(shop: Shop) -> pl.DataFrame:
    found = stores(shop, products(shop, asked(shop, "prices"))).filter(pl.col("sales") > 0)
    columns = ("product", "store", "week", "receipts", whole("units"))
    return found.select(*columns, spend="sales")


def _their_prices(found: pl.DataFrame) -> pl.DataFrame:
    columns = (pl.col("week").cast(pl.Date), "receipts", whole("units"), cents("unit_spend"))
    found = found.rename({"spend": "unit_spend"}).filter(pl.col("unit_spend") > 0)
    return found.select(*columns, product="product_id", store="store_id")


def _our_classes(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "line classes").filter(pl.col("lines") > 0)
    told = ~pl.col("class").is_in(["Of a customer without details"])
    return found.filter(told).select("class", "lines", "baskets", cents("sales"))


def _their_classes(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("lines") > 0).select("class", "lines", "baskets", cents("spend"))


def _our_key_items(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "key items")
    return found.select("buyers", "receipts", product=pl.col("item").str.extract(NUMBER))


def _their_key_items(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("buyers", "receipts", product="product_id")


COMPARED: Compared = {
    "diagnosis": both(_our_diagnosis, _their_diagnosis),
    "scorecards": both(_our_scorecards, _their_scorecards),
    "range": {"pandas": (_our_range, _their_range)},
    "hierarchy": {"pandas": (_our_hierarchy, _their_hierarchy)},
    "distribution": {"pandas": (_our_distribution, _their_distribution)},
    "reach": {
        "peer": (lambda shop: _our_reach(shop).drop("weighted"), _their_distribution),
        "pandas": (_our_reach, _their_reach),
    },
    "prices": {"pandas": (_our_prices, _their_prices)},
    "line classes": {"pandas": (_our_classes, _their_classes)},
    "key items": both(_our_key_items, _their_key_items),
}
