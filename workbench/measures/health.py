"""Data health: what the delivery is like, and what that means for the analyses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch
from workbench.data.shop import Shop
from workbench.measures.coverage import customer_days, daily

GREEN, AMBER, RED = "green", "amber", "red"
EARLY_DAYS = 30


@dataclass(frozen=True)
class Check:
    """One thing to look at: `count` of `out_of`, amber and red from these shares on."""

    name: str
    count: str
    out_of: str
    amber: float
    red: float
    meaning: str
    treatment: str


CHECKS = (
    Check(
        "Lines with a product the catalogue does not have", "unknown_product", "lines", 0.0, 0.02,
        "Sales that belong to no department or category.",
        "Kept as “(unknown)”, so totals still add up.",
    ),
    Check(
        "Lines with a product that has no category", "no_category", "lines", 0.0, 0.02,
        "Sales that belong to a department but to no category.",
        "Kept as “(unknown)” wherever a page shows categories.",
    ),
    Check(
        "Lines without a card", "no_card", "lines", 0.3, 0.7,
        "Sales nobody can be credited with.",
        "Kept apart as Unlabelled in the worth of every segmentation.",
    ),
    Check(
        "Lines with quantity zero", "zero_quantity", "lines", 0.0, 0.05,
        "Deposits, corrections, or items sold by a code.",
        "Counted in sales, harmless in units.",
    ),
    Check(
        "Lines with sales of zero", "zero_sales", "lines", 0.0, 0.05,
        "Goods given away, or paid wholly by discounts.",
        "Counted as bought: a customer who took one is a buyer.",
    ),
    Check(
        "Lines with negative sales", "negative_sales", "lines", 0.02, 0.10,
        "Returns and cancellations.",
        "Taken off before anybody is classified.",
    ),
    Check(
        "Lines where the coupon exceeds the price", "free_goods", "lines", 0.0, 0.02,
        "The customer was paid to take them: free goods.",
        "Sales are what the retailer took, makers' coupons included, so they stay positive.",
    ),
    Check(
        "Units that are not merchandise", "other_units", "units", 0.05, 1.01,
        "Fuel, postage and fees are counted in other units, and drown the rest.",
        "Kept in money; no measure counts units of them.",
    ),
    Check(
        "Lines dated another day by the shops' clock", "shifted_lines", "lines", 0.0, 1.01,
        "The source's clock is not the shops' clock: read raw, evenings fall on the next day.",
        "Days, weeks and hours are the shops' own.",
    ),
    Check(
        "Lines after the last complete day", "late_lines", "stored_lines", 0.0, 0.01,
        "Receipts of days that are not complete yet, or dated in error.",
        "Left out of every analysis until their day is complete.",
    ),
    Check(
        "Days without a receipt", "closed_days", "days", 0.0, 0.1,
        "Closed, or not delivered.",
        "Shown as gaps, never as zero.",
    ),
    Check(
        "Days in a week that is not whole", "partial_week_days", "days", 0.0, 0.1,
        "The first or last week is cut off by the delivery.",
        "“Last n weeks” takes whole weeks, Monday to Sunday, only.",
    ),
    Check(
        "Customers first seen in the first 30 days", "early_customers", "customers", 0.3, 1.01,
        "They were customers before the data starts: new in the data is not new to the shop.",
        "“New” means new since the period before, never newly won.",
    ),
    Check(
        "Customers seen on one day only", "one_day_customers", "customers", 0.05, 0.5,
        "Nothing can be said of their rhythm.",
        "They stay in every total and get the lowest frequency.",
    ),
    Check(
        "Customers without demographics", "no_demographics", "customers", 0.2, 0.9,
        "What is known of age and income speaks for the others only by analogy.",
        "Profiles by age and income state how many customers they rest on.",
    ),
    Check(
        "Promotion rows with a key that occurs twice", "merged_promotions", "promotion_rows",
        0.0, 0.01,
        "The same product, store and week with two places.",
        "Merged into one row, the more prominent place kept.",
    ),
    Check(
        "Coupon rows delivered twice", "merged_coupons", "coupon_rows", 0.0, 0.1,
        "The same campaign, coupon and product again.",
        "Merged into one row.",
    ),
    Check(
        "Coupons in several campaigns", "shared_coupons", "coupons", 0.0, 0.5,
        "A redemption does not by itself say which campaign it answers.",
        "Redemptions are counted under the campaign they name.",
    ),
    Check(
        "Products the widest coupon is good for", "widest_coupon", "products", 0.01, 1.01,
        "It is a voucher for almost anything, not an offer of a product.",
        "Kept as delivered; no measure takes it for an offer of a product.",
    ),
    Check(
        "Campaigns not wholly inside the data", "cut_campaigns", "campaigns", 0.0, 0.9,
        "They, or as many days before them, lie partly outside.",
        "Conversion counts only campaigns wholly inside the period looked at.",
    ),
)  # fmt: skip


def health(shop: Shop) -> pl.DataFrame:
    """Return one row per check that applies to the whole data, worst first.

    Columns: check, status (green, amber, red), count, out_of, share (count of out_of), meaning,
    treatment. A check whose table the retailer did not deliver is left out.
    """
    found = _counted(replace(shop, period=None))
    rows = [
        (check.name, found[check.count], found[check.out_of], check)
        for check in CHECKS
        if check.count in found and check.out_of in found
    ]
    frame = pl.DataFrame(
        [
            {
                "check": name,
                "status": _status(count / of if of else 0.0, check),
                "count": count,
                "out_of": of,
                "share": count / of if of else None,
                "meaning": check.meaning,
                "treatment": check.treatment,
            }
            for name, count, of, check in rows
        ]
    )
    worst_first = pl.Enum([RED, AMBER, GREEN])
    return frame.with_columns(pl.col("status").cast(worst_first)).sort(
        "status", "share", descending=[False, True], nulls_last=True, maintain_order=True
    )


def _status(share: float, check: Check) -> str:
    if share >= check.red:
        return RED
    return AMBER if share > check.amber else GREEN


def _counted(shop: Shop) -> Mapping[str, int]:
    counts = _of_lines(shop) | _of_days(shop) | _of_customers(shop) | _of_passport(shop)
    if shop.has("coupons"):
        counts |= _of_coupons(shop)
    if shop.has("campaigns"):
        counts |= _of_campaigns(shop)
    return counts


def _of_lines(shop: Shop) -> dict[str, int]:
    columns = ["product_id", "department", "category", "merchandise"]
    lines = shop.lines.join(shop.products.select(columns), on="product_id", how="left")
    unknown = nw.col("department").is_null()
    sales, quantity = nw.col("sales"), nw.col("quantity").cast(nw.Int64)
    merchandise = nw.when(nw.col("merchandise")).then(quantity).otherwise(0)
    flags = {
        "unknown_product": unknown,
        "no_category": ~unknown & nw.col("category").is_null(),
        "no_card": nw.col("customer_id").is_null(),
        "zero_quantity": nw.col("quantity") == 0,
        "zero_sales": sales == 0,
        "negative_sales": sales < 0,
        "free_goods": (sales >= 0) & (sales < nw.col("coupon_discount")),
    }
    found = lines.select(
        **{name: flag.cast(nw.Int64).sum() for name, flag in flags.items()},
        lines=nw.len(),
        units=quantity.sum(),
        merchandise=merchandise.sum(),
    )
    counts = fetch(found, by=["lines"]).row(0, named=True)
    units, goods = counts["units"] // 1000, counts.pop("merchandise") // 1000
    return counts | {"units": units, "other_units": units - goods}


def _of_days(shop: Shop) -> dict[str, int]:
    day = pl.col("day")
    days = daily(shop).with_columns(week=day.dt.truncate("1w"))
    whole = days.group_by("week").len().filter(pl.col("len") == 7).height
    return {
        "days": days.height,
        "closed_days": days["lines"].null_count(),
        "partial_week_days": days.height - 7 * whole,
    }


def _of_customers(shop: Shop) -> dict[str, int]:
    seen = customer_days(shop)
    early = (pl.col("first") - shop.first_day).dt.total_days() < EARLY_DAYS
    known = fetch(shop.customers.select("customer_id", "age"), by=["customer_id"]).drop_nulls()
    counts = {
        "customers": seen.height,
        "early_customers": seen.filter(early).height,
        "one_day_customers": seen.filter(pl.col("first") == pl.col("last")).height,
    }
    if known.is_empty():
        return counts
    return counts | {"no_demographics": seen.join(known, on="customer_id", how="anti").height}


def _of_passport(shop: Shop) -> dict[str, int]:
    found = {
        (row["table"], row["finding"]): (row["rows"], row["of_rows"])
        for row in fetch(shop.table("passport"), by=["table", "finding"]).iter_rows(named=True)
    }
    wanted = {
        ("lines", "rows on another day by the shops' clock"): ("shifted_lines", None),
        ("lines", "rows after the last complete day"): ("late_lines", "stored_lines"),
        ("promotions", "rows merged with one of the same key"): (
            "merged_promotions",
            "promotion_rows",
        ),
        ("coupons", "rows merged with one of the same key"): ("merged_coupons", "coupon_rows"),
    }
    return dict(_named(found, wanted))


def _named(
    found: Mapping[tuple[str, str], tuple[int, int]],
    wanted: Mapping[tuple[str, str], tuple[str, str | None]],
) -> Iterable[tuple[str, int]]:
    for finding, (count, out_of) in wanted.items():
        if finding in found:
            yield count, found[finding][0]
            if out_of:
                yield out_of, found[finding][1]


def _of_coupons(shop: Shop) -> dict[str, int]:
    coupons = fetch(shop.table("coupons"), by=["coupon", "campaign_id", "product_id"])
    each = coupons.group_by("coupon").agg(
        pl.col("campaign_id").n_unique().alias("campaigns"),
        pl.col("product_id").n_unique().alias("products"),
    )
    return {
        "coupons": each.height,
        "shared_coupons": each.filter(pl.col("campaigns") > 1).height,
        "widest_coupon": int(each.select(pl.col("products").max()).item() or 0),
        "products": fetch(shop.products.select(n=nw.len()), by=["n"]).item(),
    }


def _of_campaigns(shop: Shop) -> dict[str, int]:
    campaigns = fetch(shop.table("campaigns"), by=["campaign_id"])
    starts, ends = pl.col("starts"), pl.col("ends")
    length = ends - starts + pl.duration(days=1)
    inside = (starts - length >= shop.first_day) & (ends <= shop.last_day)
    return {"campaigns": campaigns.height, "cut_campaigns": campaigns.filter(~inside).height}
