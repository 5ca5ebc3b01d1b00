"""Export: the addressed customers as files for whoever sends, and the log of every such file.

Consent is looked at again on the day of the export. Others than the retailer get pseudonyms of
their own and nothing else about a person; the control group is in no file.
"""

import re
from collections.abc import Sequence

import polars as pl

from workbench import paths
from workbench.actions import Action
from workbench.campaigns.audiences.audience import ADDRESSES, audience, newest
from workbench.campaigns.audiences.groups import CONTROL, assigned
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import fetch
from workbench.data.privacy import pseudonyms, workspace_key
from workbench.data.shop import Shop
from workbench.files import checksum
from workbench.journal import OF, RETAILER, Table
from workbench.sheets import WRITERS

IN_HOUSE = "in-house"
EXPORTS = Table(
    "exports",
    {
        "retailer": RETAILER,
        "campaign": "TEXT NOT NULL",
        "recipient": "TEXT NOT NULL",
        "file": "TEXT NOT NULL",
        "day": "TEXT NOT NULL",
        "data": "TEXT NOT NULL",
        "customers": "INTEGER NOT NULL",
        "refused": "INTEGER NOT NULL",
        "consent": "TEXT NOT NULL",
        "sha256": "TEXT NOT NULL",
    },
    ("file",),
)


def export(
    shop: Shop,
    campaign: Campaign,
    *,
    recipient: str = IN_HOUSE,
    excluded: pl.DataFrame | None = None,
) -> Action:
    """Offer to write a campaign's addressed customers as CSV and Excel, and to log it.

    `recipient` is who gets the files: in-house, or the name of an agency, which gets pseudonyms
    of those who consent to sharing.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", recipient):
        raise ValueError(f"{recipient!r} names no recipient; write letters, digits and dashes")
    who = "with their addresses" if recipient == IN_HOUSE else "under pseudonyms"
    drawn = assigned(paths.home(), shop, campaign.slug).filter(pl.col("group") != CONTROL).height
    question = (
        f"Export the {drawn:,} customers drawn for {campaign.slug}, as far as they consent now, "
        f"for {recipient}, {who}? It is logged."
    )
    command = f"workbench campaign export {campaign.slug} --recipient {recipient}"
    return Action(
        "Export the audience",
        question,
        lambda: _export(shop, campaign, recipient, excluded),
        command,
    )


def exports(shop: Shop, campaign: Campaign) -> pl.DataFrame:
    """Return one row per file exported for a campaign, in order: what the log knows of it."""
    ours = f"campaign = ? AND {OF}", [campaign.slug, shop.retailer]
    return EXPORTS.read(paths.home(), *ours).drop("retailer", "campaign")


def say_exports(files: pl.DataFrame) -> str:
    """Return the sentence that says who got files: one row per file, as `exports` returns them."""
    if files.is_empty():
        return "Nothing was handed over yet"
    return f"Handed over to: {', '.join(files['recipient'].unique().sort())}"


def addressees(
    shop: Shop,
    campaign: Campaign,
    *,
    excluded: pl.DataFrame | None = None,
    purposes: Sequence[str] = (),
) -> tuple[pl.DataFrame, int]:
    """Return one row per customer drawn for an offer who may be addressed now, and the refused.

    Columns: customer_id, customer (the retailer's id), offer, preferred_channel. Raises
    ValueError before the groups are drawn.
    """
    drawn = assigned(paths.home(), shop, campaign.slug).filter(pl.col("group") != CONTROL)
    if drawn.is_empty():
        raise ValueError(
            f"nobody is drawn for {campaign.slug} yet; draw its groups first, on the page of its "
            f"audience or by `workbench campaign draw {campaign.slug}`"
        )
    found = audience(shop, campaign, drawn, excluded=excluded, purposes=purposes).customers
    ids = fetch(shop.customers.select("customer_id", "customer"), by=["customer_id"])
    offers = drawn.select("customer_id", offer=pl.col("group").cast(pl.String))
    rows = found.join(offers, on="customer_id").join(ids, on="customer_id").sort("customer_id")
    kept = rows.select("customer_id", "customer", "offer", "preferred_channel")
    return kept, drawn.height - kept.height


def _export(shop: Shop, campaign: Campaign, recipient: str, excluded: pl.DataFrame | None) -> str:
    outside, shop = recipient != IN_HOUSE, newest(shop)
    rows, refused = addressees(
        shop, campaign, excluded=excluded, purposes=("sharing",) if outside else ()
    )
    table = _outside(rows, recipient) if outside else _in_house(shop, campaign, rows)
    purposes = f"{campaign.purpose} and sharing" if outside else campaign.purpose
    facts = {
        "retailer": shop.retailer,
        "campaign": campaign.slug,
        "recipient": recipient,
        "day": str(shop.last_day),
        "data": shop.version,
        "customers": rows.height,
        "refused": refused,
        "consent": f"{purposes}, as on {shop.last_day}",
    }
    place = _written(shop, table, facts)
    said = f"{rows.height:,} customers written to {place}"
    return f"{said}; {refused:,} of those drawn refused: they may not be addressed by now"


def _written(shop: Shop, table: pl.DataFrame, facts: dict[str, object]) -> str:
    """Write the files aside, log them, and only then name them: no file without its log."""
    home = paths.home()
    folder = home / "exports" / str(facts["campaign"])
    with EXPORTS.writing(home) as journal:
        known = "SELECT COUNT(DISTINCT file) FROM exports WHERE campaign = ?"
        number = journal.execute(known, [facts["campaign"]]).fetchone()[0] // len(WRITERS) + 1
        parts = {folder / f"{facts['recipient']}-{number}.{kind}": kind for kind in WRITERS}
        for path, kind in parts.items():
            aside = path.with_name(f".{path.name}")
            WRITERS[kind](table, aside, shop.last_day)
            name = path.relative_to(home).as_posix()
            EXPORTS.put(journal, {**facts, "file": name, "sha256": checksum(aside)})
    for path in parts:
        path.with_name(f".{path.name}").replace(path)
    return " and ".join(path.relative_to(home).as_posix() for path in parts)


def _outside(rows: pl.DataFrame, recipient: str) -> pl.DataFrame:
    """Return one row per customer as others get it: in the order of the pseudonyms."""
    named = pseudonyms(rows["customer"], recipient, workspace_key(paths.home())).alias("pseudonym")
    return rows.select(named, "offer").sort("pseudonym")


def _in_house(shop: Shop, campaign: Campaign, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per customer with the address that the channel needs, where there is one."""
    told = rows.with_columns(campaign=pl.lit(campaign.slug), channel=pl.lit(campaign.channel))
    column = ADDRESSES.get(campaign.channel)
    if column and shop.has("people"):
        people = shop.table("people").select("customer_id", "first_name", column)
        found = fetch(people, by=["customer_id"])
        told = told.join(found, on="customer_id", how="left", maintain_order="left")
    return told.drop("customer_id")
