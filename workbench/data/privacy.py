"""Consents, pseudonyms for those who receive data, and texts without what is personal.

A consent is one decision of one customer on one purpose, from a day on. The decisions are a
history: on any day the latest one that has begun counts, and no decision means no.
Pseudonyms are keyed hashes: without the key of the workspace nobody leads one back to a
customer, and two recipients cannot match theirs.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from workbench.data.engine import fetch
from workbench.data.shop import Shop

PURPOSES = ("marketing", "profiling", "sharing")
KEY_BYTES = 32
DIGEST_BYTES = 16
HIDDEN = "•••"
_YEAR, _CLOCK = r"(?:19|20)\d\d", r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
_DATE = rf"{_YEAR}[-/.]?[01]\d[-/.]?[0-3]\d|[0-3]?\d[-/.][0-3]?\d[-/.]{_YEAR}"
_DAY = rf"(?<!\d)(?:{_DATE})(?!\d){_CLOCK}"
_AMOUNT = r"(?<!\d)(?:\d{1,9}\.\d\d?|\d{1,3}\.\d{5,6})(?![\d.])"  # or a latitude
_NUMBER = r"[+(]?\d(?:[ ().\-/]{0,3}\d){6,}"  # of a card, a telephone, an account
_ADDRESS = r"[^\s,;|\"'<>@]+@[^\s,;|\"'<>@]+"
_PERSONAL = re.compile(f"{_DAY}|{_AMOUNT}|(?P<personal>{_ADDRESS}|{_NUMBER})")


def consented(shop: Shop, purpose: str, day: date | None = None) -> nw.LazyFrame[Any]:
    """Return one row per customer (`customer_id`) whose consent to the purpose holds on the day.

    The latest decision that has begun counts; it has to be a yes that has not ended (`until` is
    its last day). The day is the shop's last day where none is given. Raises ValueError for an
    unknown purpose and for a shop without consents.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"purpose {purpose!r} is unknown; allowed: {', '.join(PURPOSES)}")
    day = day or shop.last_day
    decisions = _decisions(shop, day).filter(nw.col("purpose") == purpose)
    return decisions.filter(_holds(day)).select("customer_id")


def consents_of(shop: Shop, day: date | None = None) -> pl.DataFrame:
    """Return how the customers have decided by the day: one row per purpose, counts of customers.

    `granted`, `refused` (never said yes) and `ended` (a yes revoked or expired) add up to
    `asked`; with `unknown` (no decision yet, which means no) to `customers`, all of the shop's.
    """
    day = day or shop.last_day
    holds, once = _holds(day), nw.col("ever_granted")
    states = {"asked": nw.lit(True), "granted": holds, "refused": ~once, "ended": once & ~holds}
    counts = {name: state.cast(nw.Int64) for name, state in states.items()}
    decided = _decisions(shop, day).with_columns(**counts).group_by("purpose")
    found = fetch(decided.agg(nw.col(*counts).sum()), by=["purpose"])
    customers = fetch(shop.customers.select(customers=nw.len()), by=["customers"])
    purposes = pl.select(purpose=pl.Series(PURPOSES), customers=pl.lit(customers.item(), pl.Int64))
    counted = purposes.join(found, on="purpose", how="left", maintain_order="left")
    return counted.with_columns(pl.col(*counts).fill_null(0)).with_columns(
        unknown=pl.col("customers") - pl.col("asked")
    )


def workspace_key(home: Path) -> bytes:
    """Return the secret key of a workspace, made at the first call in `home/private/key`.

    Only the owner of the file can read it. Whoever has it can lead pseudonyms back to customers;
    without it, those already given out can no longer be repeated.
    """
    path = home / "private" / "key"
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"{path} is not a key: it holds {len(key)} bytes instead of {KEY_BYTES}; put back a "
            "copy of it, or remove it for a new one, which gives every customer new pseudonyms"
        )
    return key


def pseudonyms(ids: pl.Series, recipient: str, key: bytes) -> pl.Series:
    """Return the pseudonyms of ids for one recipient: 32 hexadecimal digits; null stays null.

    The same id and recipient always give the same pseudonym under the same workspace key.

    >>> pseudonyms(pl.Series("customer", ["0012"]), "maker", b"key").to_list()
    ['93375d1f71e271d748a16b9f0578f6fe']
    """
    if not recipient.strip():
        raise ValueError("a pseudonym needs the name of its recipient, such as the supplier's")
    return digests(ids, derived(key, f"recipient {recipient}"))


def derived(key: bytes, use: str) -> bytes:
    """Return the key of one use of the workspace key; those of two uses tell nothing apart."""
    return hmac.digest(key, use.encode(), hashlib.sha256)


def digests(values: pl.Series, key: bytes) -> pl.Series:
    """Return the keyed hash (HMAC-SHA256, cut to 16 bytes) of each text as hexadecimal digits."""
    hashed = [
        None if value is None else hmac.digest(key, value.encode(), hashlib.sha256)
        for value in values.cast(pl.String)
    ]
    texts = [None if digest is None else digest[:DIGEST_BYTES].hex() for digest in hashed]
    return pl.Series(values.name, texts, dtype=pl.String)


def masked(text: str) -> str:
    """Return a text from a retailer's file without what may lead to a person.

    E-mail addresses, and numbers of seven digits or more in whatever groups: they may be those
    of a card or a telephone. Days, amounts and places on a map stay as they are.

    >>> masked("4,ann@shop.example,2026-02-30 09:00:00,+49 171 2345678,1.50")
    '4,•••,2026-02-30 09:00:00,•••,1.50'
    >>> masked("north,-90.000001,555.1234")
    'north,-90.000001,•••'
    """
    return _PERSONAL.sub(lambda found: HIDDEN if found["personal"] else found[0], text)


def _holds(day: date) -> nw.Expr:
    return nw.col("granted") & (nw.col("until").is_null() | (nw.col("until") >= nw.lit(day)))


def _decisions(shop: Shop, day: date) -> nw.LazyFrame[Any]:
    """Return one row per customer and purpose: the latest decision begun by the day.

    `ever_granted` says whether any decision so far was a yes.
    """
    who = ["customer_id", "purpose"]
    begun = shop.table("consents").filter(nw.col("since") <= nw.lit(day))
    yes = nw.col("granted").cast(nw.Int64).max() > 0
    latest = begun.group_by(who).agg(nw.col("since").max(), ever_granted=yes)
    return begun.join(latest, on=[*who, "since"], how="inner")


def _make_key(path: Path) -> None:
    """Write a new key aside and link it into place, unless somebody else was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="new-") as aside:
        aside.write(secrets.token_bytes(KEY_BYTES))
        aside.flush()
        os.fsync(aside.fileno())
        try:
            os.link(aside.name, path)
        except FileExistsError:
            return
