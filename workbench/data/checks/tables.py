"""Checks of the delivery itself and of the tables beside the receipts."""

from collections.abc import Mapping
from dataclasses import replace

import narwhals as nw
import polars as pl

from workbench.data.checks.check import Checked, Found, some
from workbench.data.checks.lines import catalogue
from workbench.data.contracts import CONTRACTS
from workbench.data.engine import fetch, height
from workbench.data.shop import Shop

MERGED = "rows merged with one of the same key"
IDS = ("products", "customers", "stores", "campaigns")
NAMED = {
    ("lines", "rows alike in every column"): "lines alike in every column",
    ("lines", "days restated"): "restated days",
    ("lines", "rows before the first day"): "lines before the first day",
    ("lines", "rows on another day by the shops' clock"): "days by another clock",
    ("promotions", MERGED): "promotions merged",
    ("coupons", MERGED): "coupons merged",
}
Findings = Mapping[tuple[str, str], Found]


def of_findings(findings: pl.DataFrame) -> Checked:
    """Return what the door found in the newest load, by name of the check.

    `findings`: one row per table and finding, with rows, of_rows and examples (text).
    """
    rows = findings.select("table", "finding", "rows", "of_rows", "examples").rows()
    found = {
        (table, finding): Found(count, max(of_rows, count), examples or "")
        for table, finding, count, of_rows, examples in rows
    }
    named = {check: found[key] for key, check in NAMED.items() if key in found}
    ids = {key: one for key, one in found.items() if key[0] in IDS}
    return named | {
        **_added("ids delivered twice", ids, MERGED),
        **_added("columns not mapped", found, "columns not mapped"),
    }


def _added(check: str, found: Findings, finding: str) -> Checked:
    """Return one finding over several tables; those where it was found are concerned."""
    each = {table: one for (table, name), one in found.items() if name == finding}
    if not each:
        return {}
    hit = {table: one for table, one in each.items() if one.count}
    told = some(f"{table}: {one.examples or one.count}" for table, one in hit.items())
    count, out_of = (sum(getattr(f, n) for f in each.values()) for n in ("count", "out_of"))
    return {check: Found(count, out_of, told, ", ".join(hit))}


def of_tables(shop: Shop) -> Checked:
    """Return what the checks of the other delivered tables found, by name of the check."""
    delivered = [name for name in shop.tables if not CONTRACTS[name].made]
    declared = [name for name in delivered if name in shop.edition.synthetic]
    count = Found(len(declared), len(delivered), some(declared), ", ".join(declared))
    found = {"declared tables": count}
    for table, check in CHECKED.items():
        if shop.has(table):
            found |= check(shop)
    return found


def _files(shop: Shop) -> Checked:
    """Return rows in quarantine, of each file as it was taken in last."""
    ledger = fetch(shop.table("files"), by=["edition", "table", "file"])
    newest = ledger.filter(pl.col("edition") == pl.col("edition").max().over("table", "file"))
    own = pl.col("table") == "lines"
    lines, others = (_refused(newest.filter(which)) for which in (own, ~own))
    return {
        "quarantined receipt lines": replace(lines, tables=None),
        "quarantined rows of other tables": others,
    }


def _refused(files: pl.DataFrame) -> Found:
    hit = files.filter(pl.col("quarantined") > 0)
    named = hit.select(pl.format("{} ({})", "file", "quarantined")).to_series()
    tables = ", ".join(hit["table"].unique().sort())
    return Found(int(files["quarantined"].sum()), int(files["rows"].sum()), some(named), tables)


def _costs(shop: Shop) -> Checked:
    known = fetch(shop.table("costs").select("product_id", "basis"), by=["product_id"])
    declared = known.filter(pl.col("basis") == "declared").height
    return {"declared costs": Found(declared, known.height)}


def _coupons(shop: Shop) -> Checked:
    coupons = fetch(shop.table("coupons"), by=["coupon", "campaign_id", "product_id"])
    each = coupons.group_by("coupon").agg(pl.col("campaign_id", "product_id").n_unique())
    shared = each.filter(pl.col("campaign_id") > 1).sort("coupon")
    widest = each.sort("product_id", "coupon", descending=[True, False]).head(1)
    products = fetch(shop.products.select(rows=nw.len()), by=["rows"]).item()
    return {
        "coupons of several campaigns": Found(shared.height, each.height, some(shared["coupon"])),
        "widest coupon": Found(int(widest["product_id"].sum()), products, some(widest["coupon"])),
    }


def _redemptions(shop: Shop) -> Checked:
    if not shop.has("targets"):
        return {}
    redeemed, key = shop.table("redemptions"), ["campaign_id", "customer_id"]
    answers = redeemed.join(shop.table("targets").select(key).unique(), on=key, how="semi")
    whole, addressed = height(redeemed), height(answers)
    return {"redemptions without an address": Found(whole - addressed, whole)}


def _campaigns(shop: Shop) -> Checked:
    campaigns = fetch(shop.table("campaigns"), by=["campaign_id"])
    starts, ends = pl.col("starts"), pl.col("ends")
    length = ends - starts + pl.duration(days=1)
    inside = (starts - length >= shop.first_day) & (ends <= shop.last_day)
    cut = campaigns.filter(~inside)
    return {"campaigns cut off": Found(cut.height, campaigns.height, some(cut["campaign"]))}


def _promotions(shop: Shop) -> Checked:
    ids = fetch(shop.table("promotions").select("product_id").unique(), by=["product_id"])
    promoted = ids.join(catalogue(shop), on="product_id")
    strange = promoted.filter(~pl.col("known"))
    found = Found(strange.height, promoted.height, some(strange["product"].sort()))
    return {"promotions of unknown products": found}


def _stock(shop: Shop) -> Checked:
    counted = fetch(shop.table("stock").select("week").unique(), by=["week"])
    days = pl.select(day=pl.date_range(shop.span.first, shop.span.last))
    weeks = days.group_by(week=pl.col("day").dt.truncate("1w")).len().filter(pl.col("len") == 7)
    missing = weeks.join(counted, on="week", how="anti")["week"].sort()
    return {"stock weeks missing": Found(missing.len(), weeks.height, some(missing))}


CHECKED = {
    "files": _files,
    "costs": _costs,
    "coupons": _coupons,
    "redemptions": _redemptions,
    "campaigns": _campaigns,
    "promotions": _promotions,
    "stock": _stock,
}
