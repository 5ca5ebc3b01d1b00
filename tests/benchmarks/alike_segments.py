"""Figures of segmentations that all define alike: ours, and those of the others."""

import polars as pl
from alike import Compared, asked, both, cents, named
from verbs import CATEGORY, YEAR, quarters

from workbench import measures
from workbench.data import Shop
from workbench.segments import wallet

NET = ("New category buyers", "Lost category buyers")


def _our_rfm(shop: Shop) -> pl.DataFrame:
    columns = ("customer_id", "recency_days", cents("sales"))
    return named(shop, asked(shop, "rfm").select(*columns, frequency="visits"))


def _their_rfm(found: pl.DataFrame) -> pl.DataFrame:
    columns = ("recency_days", "frequency", cents("monetary"))
    return found.select(*columns, customer="customer_id")


def _our_spenders(shop: Shop) -> pl.DataFrame:
    return named(shop, asked(shop, "big spenders").select("customer_id", cents("sales")))


def _their_spenders(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(cents("unit_spend"), customer="customer_id")


def _our_worth(shop: Shop) -> pl.DataFrame:
    found = measures.weigh(shop, YEAR, quarters(shop)).select(
        pl.col("customers", "baskets", "sales").sum()
    )
    return found.select("customers", cents("sales"), transactions="baskets")


def _their_worth(found: pl.DataFrame) -> pl.DataFrame:
    total = found.filter(pl.col("segment_name") == "Total")
    return total.select("customers", cents("spend"), "transactions")


def _our_value(shop: Shop) -> pl.DataFrame:
    return named(shop, asked(shop, "value").select("customer_id", "visits", cents("sales")))


def _their_value(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("visits", cents("spend"), customer="customer_id")


def _our_spend_variation(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "spend variation")
    amounts = cents("sales_before", "before"), cents("sales", "after")
    spent = named(shop, found.select("customer_id", *amounts))
    return spent.filter((pl.col("before") > 0) | (pl.col("after") > 0))


def _their_spend_variation(found: pl.DataFrame) -> pl.DataFrame:
    amounts = cents("unit_spend_p1", "before"), cents("unit_spend_p2", "after")
    spent = found.select(*amounts, customer="customer_id")
    return spent.filter((pl.col("before") > 0) | (pl.col("after") > 0))


def _our_frequency_variation(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "frequency variation")
    return named(shop, found.select("customer_id", before="visits_before", after="visits"))


def _their_frequency_variation(found: pl.DataFrame) -> pl.DataFrame:
    names = {"before": "transaction_id_p1", "after": "transaction_id_p2"}
    return found.select(customer="customer_id", **names)


def _our_frequency_cohort(shop: Shop) -> pl.DataFrame:
    return named(shop, asked(shop, "frequency cohort").select("customer_id", "visits"))


def _their_frequency_cohort(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(customer="customer_id", visits="purchase_count")


def _our_never_buy(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "never buy")
    amounts = cents("sales"), cents("category_sales", "inside")
    columns = ("customer_id", "visits", "category_visits", pl.col("segment").cast(pl.String))
    return named(shop, found.select(*columns, *amounts))


def _their_never_buy(found: pl.DataFrame) -> pl.DataFrame:
    amounts = cents("spend"), cents("category_spend", "inside")
    columns = ("visits", "category_visits", "segment")
    return found.select(*columns, *amounts, customer="customer_id")


def _our_wallet(shop: Shop) -> pl.DataFrame:
    found = wallet.label(shop, YEAR, category=CATEGORY)
    spent = found.select("customer_id", cents("category_sales"))
    return named(shop, spent).filter(pl.col("spend") != 0)


def _their_wallet(found: pl.DataFrame) -> pl.DataFrame:
    inside = found.filter("inside").select(cents("spend"), customer="customer_id")
    return inside.filter(pl.col("spend") != 0)


def _our_switching(shop: Shop) -> pl.DataFrame:
    names = ("brand_before", "brand_after", "category_before", "category_after")
    found = asked(shop, "switching").select("customer_id", *(cents(name, name) for name in names))
    return named(shop, found).filter(pl.col("category_after") > 0)


def _their_switching(found: pl.DataFrame) -> pl.DataFrame:
    brand = {"brand_before": "focus_p1", "brand_after": "focus_p2"}
    rest = {"category_before": "comparison_p1", "category_after": "comparison_p2"}
    all_ = found.with_columns(
        pl.col(other) + pl.col(own)
        for other, own in zip(rest.values(), brand.values(), strict=True)
    )
    names = (brand | rest).items()
    told = all_.select(*(cents(name, ours) for ours, name in names), customer="customer_id")
    return told.filter(pl.col("category_after") > 0)


def _our_gain_loss(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "gain and loss")
    change = dict(found.select("source", cents("change")).rows())
    new, lost = (change[name] for name in NET)
    return pl.DataFrame({"new": [new], "lost": [lost], "change": [sum(change.values())]})


def _their_gain_loss(found: pl.DataFrame) -> pl.DataFrame:
    change = found.with_columns(change=pl.col("focus_p2") - pl.col("focus_p1"))
    return change.select(cents(name, name) for name in ("new", "lost", "change"))


def _our_lifecycle(shop: Shop) -> pl.DataFrame:
    found = asked(shop, "lifecycle")
    stage = pl.col("segment").cast(pl.String)
    return named(shop, found.select("customer_id", "visits", cents("sales"), stage))


def _their_lifecycle(found: pl.DataFrame) -> pl.DataFrame:
    return found.select("visits", cents("spend"), "segment", customer="customer_id")


def _our_quarter(shop: Shop) -> pl.DataFrame:
    return _our_lifecycle(shop).select("customer", "spend").filter(pl.col("spend") > 0)


def _their_quarter(found: pl.DataFrame) -> pl.DataFrame:
    spent = found.select(cents("unit_spend_p2"), customer="customer_id")
    return spent.filter(pl.col("spend") > 0)


COMPARED: Compared = {
    "rfm": both(_our_rfm, _their_rfm),
    "big spenders": both(_our_spenders, _their_spenders),
    "worth": both(_our_worth, _their_worth),
    "value": {"pandas": (_our_value, _their_value)},
    "spend variation": both(_our_spend_variation, _their_spend_variation),
    "frequency variation": both(_our_frequency_variation, _their_frequency_variation),
    "frequency cohort": both(_our_frequency_cohort, _their_frequency_cohort),
    "never buy": {"pandas": (_our_never_buy, _their_never_buy)},
    "wallet": both(_our_wallet, _their_wallet),
    "switching": both(_our_switching, _their_switching),
    "gain and loss": both(_our_gain_loss, _their_gain_loss),
    "lifecycle": {
        "peer": (_our_quarter, _their_quarter),
        "pandas": (_our_lifecycle, _their_lifecycle),
    },
}
