"""Whether the workbench, openretailscience and pandas give the same figures, before any is timed.

Compared is what all define alike: amounts and counts, one by one and to the cent. Not compared are
segments, which each cuts by its own rule, and what only one of them tells.
"""

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal
from verbs import CATEGORY, HALF, VERBS, YEAR, opened, quarters

from workbench import measures
from workbench.data import Shop
from workbench.measures.business.headline import ALL
from workbench.segments import wallet

UNKNOWN = "(unknown)"


def compare(verb: str, home: Path, found: Path) -> int:
    """Compare a verb's figures with those of a peer in a file; return how many rows are equal.

    Raises AssertionError, with the first difference, where they are not equal.
    """
    ours, theirs = COMPARED[verb]
    mine, other = ours(opened(home, lines=False)), theirs(pl.read_parquet(found))
    assert_frame_equal(
        mine, other, check_row_order=False, check_column_order=False, check_dtypes=False
    )
    return mine.height


def _cents(name: str) -> pl.Expr:
    return (pl.col(name).cast(pl.Float64) * 100).round().cast(pl.Int64).alias("spend")


def _named(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the retailer's own numbers of customers."""
    customers = shop.tables["customers"].to_native().select("customer_id", "customer").collect()
    named = customers.cast({"customer_id": pl.Int64})
    return rows.join(named, on="customer_id").drop("customer_id")


def _our_rfm(shop: Shop) -> pl.DataFrame:
    found = VERBS["rfm"].call(shop, quarters(shop))
    columns = ("customer_id", "recency_days", _cents("sales"))
    return _named(shop, found.select(*columns, frequency="visits"))


def _their_rfm(found: pl.DataFrame) -> pl.DataFrame:
    columns = ("recency_days", "frequency", _cents("monetary"))
    return found.select(*columns, customer="customer_id")


def _our_worth(shop: Shop) -> pl.DataFrame:
    found = measures.weigh(shop, YEAR, quarters(shop)).select(
        pl.col("customers", "baskets", "sales").sum()
    )
    return found.select("customers", _cents("sales"), transactions="baskets")


def _their_worth(found: pl.DataFrame) -> pl.DataFrame:
    total = found.filter(pl.col("segment_name") == "Total")
    return total.select("customers", _cents("spend"), "transactions")


def _our_cohort(shop: Shop) -> pl.DataFrame:
    found = measures.retention(shop, YEAR).filter(pl.col("active") > 0)
    return found.select("cohort", "age", "active")


def _their_cohort(found: pl.DataFrame) -> pl.DataFrame:
    month = "min_period_shopped"
    cells = found.unpivot(index=month, variable_name="age", value_name="active")
    counted = cells.filter(pl.col("active") > 0)
    return counted.select(
        pl.col(month).cast(pl.Date).alias("cohort"), pl.col("age", "active").cast(pl.Int64)
    )


def _our_wallet(shop: Shop) -> pl.DataFrame:
    found = wallet.label(shop, YEAR, category=CATEGORY)
    spent = found.select("customer_id", _cents("category_sales"))
    return _named(shop, spent).filter(pl.col("spend") != 0)


def _their_wallet(found: pl.DataFrame) -> pl.DataFrame:
    inside = found.filter("inside").select(_cents("spend"), customer="customer_id")
    return inside.filter(pl.col("spend") != 0)


def _our_profile(shop: Shop) -> pl.DataFrame:
    found = measures.profile(shop, YEAR, quarters(shop), by="category")
    summed = found.group_by("category").agg(pl.col("sales").sum())
    return summed.select("category", _cents("sales"))


def _their_profile(found: pl.DataFrame) -> pl.DataFrame:
    category = pl.col("category").fill_null(UNKNOWN)
    summed = found.group_by(category).agg(pl.col("spend").sum())
    return summed.select("category", _cents("spend"))


def _our_pairs(shop: Shop) -> pl.DataFrame:
    found = VERBS["pairs"].call(shop, quarters(shop))
    numbers = pl.col("first", "second").str.split(" ").list.last()
    return _each_once(found.select(numbers, count="together"))


def _their_pairs(found: pl.DataFrame) -> pl.DataFrame:
    names = {"product_id_1": "first", "product_id_2": "second", "cooccurrences": "count"}
    return _each_once(found.select(*names).rename(names))


def _each_once(pairs: pl.DataFrame) -> pl.DataFrame:
    both = pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")
    return pairs.select(one=both[0], other=both[1], count="count").unique()


def _our_headline(shop: Shop) -> pl.DataFrame:
    both = measures.headline(shop, measures.compared(shop, HALF))
    whole = both.filter(pl.col("whose").cast(pl.String) == ALL).sort("first_day")
    return whole.select(_cents("sales"), transactions="visits")


def _their_headline(found: pl.DataFrame) -> pl.DataFrame:
    halves = [
        found.select(_cents(f"spend_{half}"), transactions=f"transactions_{half}")
        for half in ("p1", "p2")
    ]
    return pl.concat(halves)


COMPARED = {
    "rfm": (_our_rfm, _their_rfm),
    "worth": (_our_worth, _their_worth),
    "cohort": (_our_cohort, _their_cohort),
    "wallet": (_our_wallet, _their_wallet),
    "profile": (_our_profile, _their_profile),
    "pairs": (_our_pairs, _their_pairs),
    "headline": (_our_headline, _their_headline),
    "overview": (_our_headline, _their_headline),
}
